"""Several chains for missing pixels: what their weights mean, on every engine, and what they gain."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from neuro_bpdl.data import load
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.generation.chains import FIT_VARIANCE, fill, nearest_draws
from neuro_bpdl.generation.engine import opened
from neuro_bpdl.generation.inpainting import _bank, inpaint
from neuro_bpdl.generation.pictures import inpainting_rows
from neuro_bpdl.generation.samples import generate
from neuro_bpdl.spec import EngineSpec, InferenceSpec
from neuro_bpdl.training.evaluation import training_images
from neuro_bpdl.training.run_dir import RunDir

RNG = np.random.default_rng(7)


class Mirror:
    """An engine whose state is the image it starts from: chains differ by their starts alone."""

    def infer(self, images: Any, inference: Any, *, missing: Any = None) -> Any:
        return SimpleNamespace(h=[images, images], reconstruction=images)

    def generate(self, top: Any, inference: Any, rounds: int) -> list[Any]:
        return [0.9 * top]


def test_nearest_draws_are_those_that_a_plain_search_finds() -> None:
    x, bank, missing = RNG.random((130, 20)), RNG.random((50, 20)), RNG.random((130, 20)) < 0.5
    found = nearest_draws(x, missing, bank, 4)
    for row in range(130):
        known = ~missing[row]
        distance = ((bank[:, known] - x[row, known]) ** 2).sum(axis=1)
        assert found[row].tolist() == np.argsort(distance)[:4].tolist()


def test_mean_and_spread_are_weighted_by_the_tops_fit() -> None:
    x, bank, missing = RNG.random((3, 10)), RNG.random((6, 10)), np.tile(np.arange(10) < 5, (3, 1))
    found = fill(Mirror(), x, missing, bank, InferenceSpec(), 6)  # type: ignore[arg-type]
    for row in range(3):
        starts = [np.where(missing[row], one, x[row]) for one in bank[nearest_draws(x, missing, bank, 6)[row]]]
        misfit = np.array([(((0.9 * one - x[row]) ** 2)[5:]).sum() for one in starts])
        weights = np.exp(-misfit / (2 * FIT_VARIANCE))
        np.testing.assert_allclose(found.weights[:, row], weights / weights.sum(), rtol=1e-9)
        mean = np.average(starts, axis=0, weights=weights)
        np.testing.assert_allclose(found.filled[row], mean, rtol=1e-9)
        spread = np.sqrt(np.average((np.array(starts) - mean) ** 2, axis=0, weights=weights))
        np.testing.assert_allclose(found.spread[row], spread, atol=1e-12)
    assert (found.spread[~missing] == 0).all() and (found.filled[~missing] == x[~missing]).all()


def test_a_missing_half_gains_by_chains(trained: RunDir) -> None:
    one = inpaint(trained, load("digits"), kind="left")
    several = inpaint(trained, load("digits"), kind="left", chains=8)
    assert several.missing_pixel_mse < 0.95 * one.missing_pixel_mse
    assert several.chains == 8 and several.to_dict()["prior"] == "mixture"
    assert np.array_equal(several.inpainted[~several.missing], several.original[~several.missing].astype(float))
    # where the chains differ more, the error is larger
    missing, error = several.missing, (several.inpainted - several.original) ** 2
    spread = several.spread
    assert spread is not None
    doubtful = spread > np.median(spread[missing])
    assert error[missing & doubtful].mean() > error[missing & ~doubtful].mean()
    rows = [inpainting_rows(result, (8, 8)).shape[0] for result in (one, several)]
    assert rows[1] > rows[0] and several.arrays((8, 8))["spread"].shape == several.arrays((8, 8))["original"].shape


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    "engine",
    [EngineSpec(), EngineSpec(arithmetic="fixed"), EngineSpec(backend="theory"), EngineSpec(backend="lava"),
     EngineSpec(backend="lava", arithmetic="fixed")],
    ids=lambda engine: f"{engine.backend}-{engine.arithmetic}",
)  # fmt: skip
def test_every_engine_fills_by_chains(trained: RunDir, engine: EngineSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine.backend == "lava":
        pytest.importorskip("lava")
    monkeypatch.setattr("neuro_bpdl.generation.inpainting.DRAWS", 300)
    monkeypatch.setattr("neuro_bpdl.generation.prior.MIXTURE_IMAGES", 200)
    result = inpaint(trained, load("digits"), kind="top", chains=2, limit=20, engine=engine)
    assert result.missing_pixel_mse < result.mean_image_mse
    if engine.backend == "lava":
        eager = inpaint(trained, load("digits"), kind="top", chains=2, limit=20,
                        engine=EngineSpec(arithmetic=engine.arithmetic))  # fmt: skip
        np.testing.assert_array_equal(result.inpainted, eager.inpainted)


def test_the_papers_prior_is_a_choice(trained: RunDir) -> None:
    result = inpaint(trained, load("digits"), kind="left", chains=4, prior="gaussian", limit=50)
    assert result.prior == "gaussian" and result.missing_pixel_mse < result.mean_image_mse


def test_codes_of_what_was_learned_are_a_choice(trained: RunDir) -> None:
    """They start nearer to the image than draws of a density that was fitted to them."""
    mixture, codes = (inpaint(trained, load("digits"), kind="left", chains=8, prior=prior)  # type: ignore[arg-type]
                      for prior in ("mixture", "codes"))  # fmt: skip
    assert codes.to_dict()["prior"] == "codes"
    assert codes.missing_pixel_mse < mixture.missing_pixel_mse


def test_every_code_is_another_images(trained: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bank is g(h_L) of the images in their order, and has no more of them than there are draws of a prior."""
    data = load("digits")
    monkeypatch.setattr("neuro_bpdl.generation.inpainting.DRAWS", 30)
    inference = trained.config.spec.inference
    with opened(trained) as engine:
        bank = _bank("codes", engine, training_images(trained, data), inference, inference, 0)
        top = engine.simulator.infer(data.x_train[:30], inference).h[-1]
        np.testing.assert_allclose(bank, engine.simulator.generate(top, inference, rounds=0)[0], atol=1e-6)


def test_no_more_chains_than_codes(trained: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neuro_bpdl.generation.inpainting.training_images", lambda *_: load("digits").x_train[:20])
    assert inpaint(trained, load("digits"), kind="left", chains=20, prior="codes", limit=5).chains == 20
    with pytest.raises(InvalidInput, match=r"--chains.*at most 20"):
        inpaint(trained, load("digits"), kind="left", chains=21, prior="codes", limit=5)


@pytest.mark.parametrize(("given", "named"), [({"chains": 0}, "--chains"), ({"chains": 1001}, "--chains"),
                                              ({"chains": 2, "prior": "flat"}, "--prior")])  # fmt: skip
def test_bad_choices(trained: RunDir, given: dict[str, Any], named: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=named):
        inpaint(trained, load("digits"), limit=20, **given)


def test_a_mixture_draws_images_nearer_to_real_ones(trained: RunDir) -> None:
    real = load("digits").x_train[:1000]

    def distance(prior: Any) -> float:
        drawn = generate(trained, 200, seed=3, prior=prior).directed.reshape(200, -1)
        return float(np.sqrt(((drawn[:, None] - real) ** 2).sum(axis=2)).min(axis=1).mean())

    assert distance("mixture") < distance("gaussian")
    assert generate(trained, 4, prior="mixture").to_dict()["prior"] == "mixture"
    with pytest.raises(InvalidInput, match="--prior"):
        generate(trained, 4, prior="flat")  # type: ignore[arg-type]
