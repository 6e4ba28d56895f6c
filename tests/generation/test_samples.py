from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neuro_bpdl.errors import CheckpointError, InvalidInput
from neuro_bpdl.generation.samples import generate
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.spec import EngineSpec
from neuro_bpdl.theory import sampling
from neuro_bpdl.training.run_dir import RunDir


def test_samples_are_theorys(trained: RunDir) -> None:
    samples = generate(trained, 7)
    params = trained.checkpoint().params
    top = sampling.sample_top(params, 7, stream(5, Stream.TOP_SAMPLE))
    spec = trained.config.spec.inference.model_copy(update={"alpha": 0.3})
    expected = sampling.generate(params, top, spec, rounds=3)
    np.testing.assert_allclose(samples.top, top)
    np.testing.assert_allclose(samples.directed.reshape(7, -1), expected[0], atol=1e-9)
    np.testing.assert_allclose(samples.generated.reshape(7, -1), expected[-1], atol=1e-9)


@pytest.mark.parametrize("backend", ["theory", "eager"])
def test_engines_draw_the_same_and_say_who_they_are(trained: RunDir, backend: str) -> None:
    samples = generate(trained, 5, engine=EngineSpec(backend=backend))
    assert samples.generated.shape == (5, 8, 8) and samples.top.shape == (5, 10)
    np.testing.assert_allclose(samples.generated, generate(trained, 5).generated, atol=1e-9)
    assert samples.to_dict()["backend"] == backend and samples.to_dict()["data"] == "digits"


def test_the_seed_chooses_the_draw_and_more_samples_begin_alike(trained: RunDir) -> None:
    assert np.array_equal(generate(trained, 4).top, generate(trained, 9).top[:4])
    assert not np.array_equal(generate(trained, 4, seed=6).top, generate(trained, 4).top)


def test_samples_vary_and_stay_in_range(trained: RunDir) -> None:
    images = generate(trained, 50).generated
    assert images.min() >= 0 and images.max() <= 1 and images.std(axis=0).mean() > 0.05


@pytest.mark.parametrize(("n", "rounds", "named"), [(0, 3, "--n"), (-1, 3, "--n"), (3, -1, "--rounds")])
def test_odd_counts_are_refused(trained: RunDir, n: int, rounds: int, named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        generate(trained, n, rounds=rounds)


def test_a_run_without_a_prior_is_refused(trained: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = trained.checkpoint()
    checkpoint.params.prior_mean = checkpoint.params.prior_variance = None
    monkeypatch.setattr(RunDir, "checkpoint", lambda _: replace(checkpoint))
    with pytest.raises(CheckpointError, match="--resume"):
        generate(trained, 3)
