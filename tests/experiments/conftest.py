"""Experiments at a size that takes a second."""

from __future__ import annotations

import pytest

from neuro_bpdl.experiments import settings as presets
from neuro_bpdl.experiments.settings import Settings
from neuro_bpdl.recipes import compose


def shrunk(plan: presets.Plan, epochs: int = 2) -> presets.Plan:
    """The quick plan with 784-24-10 units, 400 training images of mnist-mini and a few epochs."""
    given = {("layers",): (24, 10), ("training", "epochs"): epochs, ("training", "homeostasis"): 100,
             ("training", "validation"): 3600}  # fmt: skip
    if plan.run.engine.arithmetic == "fixed":  # few inputs have coarser weights, and so faster literals
        given |= {("plasticity", "learning_rate"): 0.002, ("plasticity", "feedforward_rate"): 0.001}
    return plan.model_copy(update={"run": compose(plan.run.model_dump(), given)})


@pytest.fixture(scope="session")
def tiny() -> Settings:
    """mnist-mini with 400 training images."""
    quick = presets.quick()
    return quick.model_copy(update={
        "sigma_images": 50, "test_images": 60, "samples": 100, "choosing_samples": 50,
        "chain_steps": 6, "chains": 8, "spike_ms": 100_000, "plans": tuple(shrunk(plan) for plan in quick.plans),
    })  # fmt: skip
