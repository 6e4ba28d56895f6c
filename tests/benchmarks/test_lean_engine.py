"""The benchmark's silence: a threshold of 0 changes nothing, a higher one what is sent and learned."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

FOLDER = Path(__file__).parents[2] / "benchmarks"
IMAGES = np.random.default_rng(0).random((6, 10))


@pytest.fixture
def lean(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(FOLDER))
    yield __import__("lean_engine").LeanSimulator
    sys.modules.pop("lean_engine", None)


def learned(make, *, noise: float = 0.1, **options):  # type: ignore[no-untyped-def]
    params = initial_parameters(NetworkSpec.of((10, 6, 4)), 0)
    plasticity = PlasticitySpec(learning_rate=0.02, noise=noise)
    simulator = make(params, InferenceSpec(steps=3), plasticity, EngineSpec(arithmetic="fixed"), **options)
    simulator.learn(IMAGES, np.arange(6), 0)
    return simulator


def test_a_threshold_of_nothing_leaves_learning_alone(lean) -> None:  # type: ignore[no-untyped-def]
    plain, lax = learned(EagerSimulator), learned(lean, threshold=0)
    for one, other in zip(plain.parameters().F, lax.parameters().F, strict=True):
        np.testing.assert_array_equal(one, other)
    assert plain.counts == lax.counts


def test_a_threshold_silences_and_changes_what_is_learned(lean) -> None:  # type: ignore[no-untyped-def]
    loud, quiet = learned(EagerSimulator), learned(lean, threshold=60)
    assert quiet.counts.spikes < loud.counts.spikes
    assert quiet.counts.learning_updates < loud.counts.learning_updates
    assert not np.array_equal(loud.parameters().F[0], quiet.parameters().F[0])


def test_only_bias_units_are_louder_than_the_largest_payload(lean) -> None:  # type: ignore[no-untyped-def]
    counts = learned(lean, threshold=127).counts
    program_messages = 1 + 1 + 3 + 3 * 2 + 2 * 3 + 2 * 4  # bias units: LOAD, SETTLE, SETTLE, REFLECT, UPDATE, learning
    assert counts.spikes == program_messages
