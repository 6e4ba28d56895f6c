"""What is said when Lava or a chip is missing, and that importing Lava harms nothing."""

import importlib.util
import logging
import subprocess
import sys
from collections import namedtuple

import pytest

from neuro_bpdl.backends.lava import availability
from neuro_bpdl.errors import MissingDependency

Version = namedtuple("Version", "major minor micro")
needs_lava = pytest.mark.skipif(importlib.util.find_spec("lava") is None, reason="Lava runs on Python 3.10 only")


def message_without_lava(monkeypatch, version):
    monkeypatch.setitem(sys.modules, "lava", None)
    for name in [name for name in sys.modules if name.startswith("lava.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(availability.sys, "version_info", version)
    monkeypatch.setattr(availability.platform, "python_version", lambda: ".".join(map(str, version)))
    with pytest.raises(MissingDependency) as caught:
        availability.require_lava()
    return str(caught.value)


def test_missing_lava_on_its_python(monkeypatch):
    text = message_without_lava(monkeypatch, Version(3, 10, 13))
    assert "lava" in text and "pip install lava-nc==0.10.0" in text and "3.10.13" in text and "\n" not in text


def test_missing_lava_on_another_python(monkeypatch):
    text = message_without_lava(monkeypatch, Version(3, 12, 4))
    assert "needs Python 3.10" in text and "Python 3.12.4" in text and "backend" in text and "\n" not in text


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
@pytest.mark.timeout(60)
@pytest.mark.parametrize("method", ["fork", "spawn", None])
def test_program_keeps_its_start_method_and_lava_runs(method):
    """Lava's own import fails after ``set_start_method`` and after the first mp.Queue()."""
    code = f"""
import multiprocessing
if {method!r}: multiprocessing.set_start_method({method!r}); multiprocessing.Queue()
from neuro_bpdl.backends.lava.run_config import select
from neuro_bpdl.backends.lava.supervisor import LavaRun
from lava.proc.lif.process import LIF
with LavaRun(LIF(shape=(2,)), select()) as run:
    run.steps(3)
assert multiprocessing.get_start_method(allow_none=True) == {method!r}
print("ran")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)
    assert done.stdout == "ran\n", done.stderr


def test_duplicate_log_handlers_go_and_others_stay():
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    stream, layout = sys.stderr, logging.Formatter("%(message)s of this test")
    added = [logging.StreamHandler(stream) for _ in range(4)]
    added[3].setLevel(logging.CRITICAL)
    try:
        for handler in added:
            handler.setFormatter(layout)
            root.addHandler(handler)
        assert availability.remove_duplicate_log_handlers() >= 2
        assert [handler in root.handlers for handler in added] == [True, False, False, True]
    finally:
        root.handlers[:] = before
