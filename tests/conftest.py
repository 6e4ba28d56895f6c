"""Settings of all tests."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# As `make test` has it: Lava's many processes share the machine. Read by BLAS when numpy is imported.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

# Before any test imports Lava by itself: from Python 3.11 on that needs our help.
import neuro_bpdl.engines.lava  # noqa: F401

sys.path.insert(0, str(Path(__file__).parent))
pytest_plugins = ["leftovers"]

# Machines are shared and noisy: how long an example took says nothing about whether it is right. The same examples in
# every run: what is green stays green until the code changes. Others: pytest --hypothesis-profile=explore.
settings.register_profile("neuro-bpdl", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("neuro-bpdl")

# A shell starts a background job with SIGINT ignored, and children inherit that: tests of Ctrl-C would hang.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(config: Any, val: object, argname: str) -> str | None:
    """Bytes are named after their argument: an archive's bytes hold the second in which they were made.

    Workers collect by themselves, and a name that differs between them ends the whole run.
    """
    return argname if isinstance(val, bytes) else None


def pytest_sessionstart(session: pytest.Session) -> None:
    """Several workers find the loops compiled: each would compile them for itself, in the middle of a test."""
    if session.config.getoption("numprocesses", None):
        for kind in ("fixed", "float"):
            code = f"from neuro_bpdl.kernels.{kind}.warm_up import warm_up; warm_up()"
            subprocess.run([sys.executable, "-c", code], check=True)
