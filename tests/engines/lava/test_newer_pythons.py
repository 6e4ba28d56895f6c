"""The one module of Lava that Python 3.11 and newer refuse, and how it is let in."""

import dataclasses
import importlib.util
import subprocess
import sys

import pytest

from neuro_bpdl.engines.lava import newer_pythons

needs_lava = pytest.mark.skipif(importlib.util.find_spec("lava") is None, reason="Lava is not installed")
newer = pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 imports Lava as it is")


def python(code: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@needs_lava
@newer
def test_lava_alone_is_refused_by_this_python():
    """When this fails, Lava has a release that needs no help: the hook can go."""
    done = python("import lava.magma.compiler.var_model")
    assert done.returncode != 0 and "mutable default" in done.stderr


@needs_lava
@pytest.mark.parametrize(
    "ours", ["neuro_bpdl.processes", "neuro_bpdl.engines.lava", "neuro_bpdl.engines.lava.availability"]
)
def test_after_any_import_of_ours_lava_is_imported_and_nothing_stays(ours):
    code = f"""
import dataclasses, sys
stock, finders = dataclasses.dataclass, list(sys.meta_path)
import {ours}
assert not any(name.split(".")[0] == "lava" for name in sys.modules)
assert dataclasses.dataclass is stock
from lava.proc.lif.process import LIF
from lava.magma.compiler.var_model import LoihiVarModel
assert dataclasses.dataclass is stock and sys.meta_path == finders
print("imported")
"""
    done = python(code)
    assert done.stdout == "imported\n", done.stderr


@needs_lava
@newer
def test_a_first_import_that_failed_can_be_repeated():
    code = """
try: import lava.magma.compiler.var_model
except ValueError: print("refused")
import neuro_bpdl.engines.lava
import lava.magma.compiler.var_model
print("imported")
"""
    assert python(code).stdout == "refused\nimported\n"


def test_only_that_modules_dataclasses_become_hashable():
    def made(module: str, **options) -> type:
        return dataclasses.dataclass(type("Made", (), {"__module__": module}), **options)

    stock = dataclasses.dataclass
    with newer_pythons._hashable_dataclasses_in("the.one"):
        assert made("the.one").__hash__ is not None
        assert made("another").__hash__ is None
        assert dataclasses.dataclass(order=True)(type("Made", (), {"__module__": "the.one"})).__hash__ is not None
    assert dataclasses.dataclass is stock and made("the.one").__hash__ is None
