"""What is said when Lava or a chip is missing, and that importing Lava harms nothing."""

import importlib.util
import logging
import subprocess
import sys
from collections import namedtuple

import pytest

from neuro_bpdl.engines.lava import availability
from neuro_bpdl.errors import MissingDependency

Version = namedtuple("Version", "major minor micro")
needs_lava = pytest.mark.skipif(importlib.util.find_spec("lava") is None, reason="Lava is not installed")


def message_without_lava(monkeypatch, version):
    monkeypatch.setitem(sys.modules, "lava", None)
    for name in [name for name in sys.modules if name.startswith("lava.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(availability.sys, "version_info", version)
    monkeypatch.setattr(availability.platform, "python_version", lambda: ".".join(map(str, version)))
    with pytest.raises(MissingDependency) as caught:
        availability.require_lava()
    return str(caught.value)


@pytest.mark.parametrize(
    ("version", "command"),
    [
        (Version(3, 10, 13), "pip install lava-nc==0.10.0"),
        (Version(3, 11, 7), "pip install --no-deps --ignore-requires-python lava-nc==0.10.0"),
        (Version(3, 13, 0), "pip install --no-deps --ignore-requires-python lava-nc==0.10.0"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_missing_lava_where_it_works(monkeypatch, version, command):
    text = message_without_lava(monkeypatch, version)
    assert command in text and ".".join(map(str, version)) in text and "\n" not in text


def test_missing_lava_on_an_untried_python(monkeypatch):
    text = message_without_lava(monkeypatch, Version(3, 14, 0))
    assert "Python 3.10 to 3.13" in text and "Python 3.14.0" in text and "backend" in text and "\n" not in text


@needs_lava
def test_import_that_fails_is_explained(monkeypatch):
    monkeypatch.delitem(sys.modules, availability._SETS_START_METHOD, raising=False)

    def refuse(name):
        raise ValueError("mutable default\nfor field byte_encoder")

    monkeypatch.setattr(availability.importlib, "import_module", refuse)
    with pytest.raises(MissingDependency, match=r"ValueError: mutable default for field byte_encoder"):
        availability.require_lava()


@needs_lava
def test_chip_is_refused_without_the_extension():
    with pytest.raises(MissingDependency) as caught:
        availability.require_chip()
    text = str(caught.value)
    assert "Lava extension for Loihi" in text and "INRC" in text and "has been run on a chip" in text
    assert "\n" not in text


@needs_lava
def test_chip_is_accepted_with_the_extension(monkeypatch):
    from lava.utils import loihi

    monkeypatch.setattr(loihi, "is_installed", lambda: True)
    availability.require_chip()


@needs_lava
@pytest.mark.parametrize("method", ["fork", "spawn", None])
def test_program_keeps_its_start_method_and_lava_runs(method):
    """Lava's own import fails after ``set_start_method`` and after the first mp.Queue()."""
    code = f"""
import multiprocessing
if {method!r}: multiprocessing.set_start_method({method!r}); multiprocessing.Queue()
from neuro_bpdl.engines.lava.run_config import select
from neuro_bpdl.engines.lava.supervisor import LavaRun
from lava.proc.lif.process import LIF
with LavaRun(LIF(shape=(2,)), select()) as run:
    run.steps(3)
assert multiprocessing.get_start_method(allow_none=True) == {method!r}
print("ran")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "ran\n", done.stderr


@pytest.mark.parametrize("name", [None, "lava.magma.compiler.compiler"])
def test_duplicate_log_handlers_go_and_others_stay(name):
    logger, before = logging.getLogger(name), list(logging.getLogger(name).handlers)
    stream, layout = sys.stderr, logging.Formatter("%(message)s of this test")
    added = [logging.StreamHandler(stream) for _ in range(4)]
    added[3].setLevel(logging.CRITICAL)
    try:
        for handler in added:
            handler.setFormatter(layout)
            logger.addHandler(handler)
        assert availability.remove_duplicate_log_handlers() >= 2
        assert [handler in logger.handlers for handler in added] == [True, False, False, True]
    finally:
        logger.handlers[:] = before
