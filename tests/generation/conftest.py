from __future__ import annotations

import pytest

from neuro_bpdl.data import load
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.trainer import train


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """64-32-10 on 1000 digits, 8 epochs."""
    spec = RunSpec(data="digits", layers=(32, 10), training={"epochs": 8, "limit": 1000, "batch": 10, "seed": 5})
    return train(spec, load("digits"), tmp_path_factory.mktemp("trained") / "run")
