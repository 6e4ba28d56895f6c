from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA

from neuro_bpdl.data import Dataset
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec, RunSpec
from neuro_bpdl.theory.climb import weighted
from neuro_bpdl.theory.maps import feedback_pass, g
from neuro_bpdl.theory.objective import objective
from neuro_bpdl.training import measure as measuring
from neuro_bpdl.training.baselines import mean_image_mse, pca_mse
from neuro_bpdl.training.evaluation import evaluate
from neuro_bpdl.training.measure import measure
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.trainer import train

KEYS = {
    "reconstruction_mse", "deep_reconstruction_mse", "objective", "baselines", "backend", "arithmetic", "seed", "data"
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, small: RunSpec, digits: Dataset) -> RunDir:
    return train(small, digits, tmp_path / "run")


def test_keys_and_labels(run: RunDir, digits: Dataset) -> None:
    result = evaluate(run, digits).to_dict()
    assert result.keys() >= KEYS
    assert result["objective"].keys() == {"total", "reconstruction", "latent"}
    assert result["baselines"].keys() == {"mean_image_mse", "pca_mse"}
    assert all(len(values) == run.config.spec.inference.steps + 1 for values in result["objective"].values())
    assert (result["backend"], result["arithmetic"], result["seed"], result["data"]) == ("eager", "float", 3, "digits")


def test_numbers_are_those_of_theory(run: RunDir, digits: Dataset) -> None:
    result = evaluate(run, digits, limit=50).to_dict()
    params, x = run.checkpoint().params, digits.test[:50]
    inference = InferenceSpec(alpha=weighted(params, InferenceSpec().delta).prior)
    theory = make_simulator(EngineSpec(backend="theory"), params, inference, PlasticitySpec())
    inferred = theory.infer(x, record=True)
    terms = [objective(params, h) for h in inferred.history]
    assert result["reconstruction_mse"] == pytest.approx(np.mean((g(params, 1, inferred.h[1]) - x) ** 2), rel=1e-9)
    deep = feedback_pass(params, 2, inferred.h[2])
    assert result["deep_reconstruction_mse"] == pytest.approx(np.mean((deep - x) ** 2), rel=1e-9)
    assert result["objective"]["latent"] == pytest.approx([t.latent.mean() for t in terms], rel=1e-9)
    assert result["objective"]["total"] == pytest.approx([t.total.mean() for t in terms], rel=1e-9)


def test_alpha_follows_from_the_variances_unless_given_or_not_there(run: RunDir, digits: Dataset) -> None:
    checkpoint = run.checkpoint()
    weights = weighted(checkpoint.params, 0.1).prior
    assert evaluate(run, digits, limit=5).inference == InferenceSpec(alpha=weights) and weights[0] > 0.001
    assert evaluate(run, digits, limit=5, inference=InferenceSpec(alpha=0.2)).inference.alpha == 0.2
    checkpoint.params.recognition_variance = None  # as an old checkpoint has it
    run.save(checkpoint)
    assert evaluate(run, digits, limit=5).inference == run.config.spec.inference
    with pytest.raises(InvalidInput, match=r"inference.alpha: got 'variance'.*train --resume RUN"):
        evaluate(run, digits, limit=5, inference=InferenceSpec(alpha="variance"))


def test_chunks_change_nothing(run: RunDir, digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = evaluate(run, digits).to_dict()
    monkeypatch.setattr(measuring.chunks, "__defaults__", (7,))
    parts = evaluate(run, digits).to_dict()
    assert parts["reconstruction_mse"] == pytest.approx(whole["reconstruction_mse"], rel=1e-12)
    assert parts["objective"]["total"] == pytest.approx(whole["objective"]["total"], rel=1e-12)


def test_baselines_against_scikit_learn(digits: Dataset) -> None:
    train_images, x = digits.x_train, digits.test
    pca = PCA(6, svd_solver="full").fit(train_images.astype(float))
    expected = np.mean((pca.inverse_transform(pca.transform(x)) - x) ** 2)
    assert pca_mse(train_images, x, (3, 6))[1] == pytest.approx(expected, rel=1e-6)
    mean = train_images.mean(axis=0, dtype=float)
    assert mean_image_mse(x, mean) == pytest.approx(np.mean((x - mean) ** 2), rel=1e-6)


def test_baselines_are_fitted_on_the_images_that_were_learned(run: RunDir, digits: Dataset) -> None:
    learned = digits.x_train[:200]
    expected = np.mean((digits.test - learned.mean(axis=0, dtype=float)) ** 2)
    assert evaluate(run, digits).baselines["mean_image_mse"] == pytest.approx(expected, rel=1e-6)


def test_dead_and_saturated_units_are_counted() -> None:
    network = NetworkSpec.of((4, 5))
    params: Parameters = initial_parameters(network, 0)
    params.F[0][:], params.b[0][:] = 0.0, [-10, -10, 10, 0, 0]
    params.G[0][:] = 0.0
    simulator = make_simulator(EngineSpec(backend="theory"), params, InferenceSpec(), PlasticitySpec())
    units = measure(simulator, np.random.default_rng(0).random((9, 4)), InferenceSpec(alpha=0)).units[0]
    assert units.dead.tolist() == [True, True, False, False, False]
    assert units.saturated.tolist() == [False, False, True, False, False]


def test_refusals(run: RunDir, digits: Dataset) -> None:
    with pytest.raises(InvalidInput, match="--limit"):
        evaluate(run, digits, limit=10_000)
    with pytest.raises(InvalidInput, match=r"data\.x_test"):
        evaluate(run, replace(digits, test_rows=None))
    with pytest.raises(InvalidInput, match="--data"):
        evaluate(run, replace(digits, image_shape=(5, 5)), limit=3)
