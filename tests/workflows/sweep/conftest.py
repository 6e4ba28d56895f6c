from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from neuro_bpdl.workflows.sweep.spec import SweepSpec

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="session")
def small_sweep() -> SweepSpec:
    """Four runs of a second or less."""
    return SweepSpec(
        base={"data": "digits", "layers": [8], "training": {"epochs": 3, "limit": 60}},
        grid={"plasticity.learning_rate": [0.05, 0.1]}, seeds=[0, 1],
    )  # fmt: skip


@pytest.fixture(scope="session")
def client() -> Iterator[Any]:
    """A real cluster of two worker processes."""
    from neuro_bpdl.workflows.sweep.cluster import connected

    with connected(workers=2) as client:
        yield client
