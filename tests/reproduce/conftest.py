"""Experiments at a size that takes a second."""

from __future__ import annotations

import pytest

from neuro_bpdl.reproduce import settings as presets
from neuro_bpdl.reproduce.settings import Settings
from neuro_bpdl.spec import RunSpec, TrainingSpec


def shrunk(plan: presets.Plan, epochs: int = 2) -> presets.Plan:
    """The quick plan with 784-24-10 units and a few epochs."""
    fields = plan.run.model_dump()
    batch = plan.run.training.batch
    fields.update(layers=(24, 10), training=TrainingSpec(epochs=epochs, batch=batch))
    if plan.run.engine.arithmetic == "fixed":  # few inputs have coarser weights, and so faster literals
        fields["plasticity"].update(learning_rate=0.002, feedforward_rate=0.001)
    return plan.model_copy(update={"run": RunSpec(**fields), "homeostasis": 100 // batch})


@pytest.fixture(scope="session")
def tiny() -> Settings:
    """mnist-mini with 400 training images."""
    quick = presets.quick()
    return quick.model_copy(update={
        "validation": 3600, "sigma_images": 50, "test_images": 60, "samples": 100, "choosing_samples": 50,
        "chain_steps": 6, "chains": 8, "spike_ms": 100_000, "plans": tuple(shrunk(plan) for plan in quick.plans),
    })  # fmt: skip
