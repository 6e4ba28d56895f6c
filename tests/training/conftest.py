from __future__ import annotations

import pytest

from neuro_bpdl.data import Dataset, load
from neuro_bpdl.spec import RunSpec


@pytest.fixture(scope="session")
def digits() -> Dataset:
    return load("digits")


@pytest.fixture
def small() -> RunSpec:
    """A run of a second: 64-16-6 on 200 digits."""
    return RunSpec(data="digits", layers=(16, 6), training={"epochs": 3, "limit": 200, "batch": 10, "seed": 3})
