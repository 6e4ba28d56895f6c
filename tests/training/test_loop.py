"""The loop that all trainings share: homeostasis, falling rates, number type, any engine."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest

from neuro_bpdl.data import Dataset, load, presentation_order
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.theory.initialisation import NET_INPUT, standardise
from neuro_bpdl.theory.learning import present
from neuro_bpdl.training import loop
from neuro_bpdl.training.loop import epochs, plasticity_of, start
from neuro_bpdl.training.split import measured_part, training_part, validation_images

ENGINES = {
    "theory": {"backend": "theory", "precision": "float64"},
    "theory float32": {"backend": "theory", "precision": "float32"},
    "eager float": {"backend": "eager", "precision": "float64"},
    "eager float32": {"backend": "eager", "precision": "float32"},
    "eager fixed": {"backend": "eager", "arithmetic": "fixed"},
}


def spec(engine: str = "theory", **training: Any) -> RunSpec:
    given = {("engine", name): value for name, value in ENGINES[engine].items()}
    given |= {("training", name): value for name, value in {"epochs": 2, "homeostasis": 60, **training}.items()}
    recipe = "digits-chip" if engine == "eager fixed" else "digits-quick"
    return compose(read_recipe(recipe).fields, given)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("digits").limit(130)


def same(a: Parameters, b: Parameters) -> bool:
    pairs = zip((*a.F, *a.b, *a.G, *a.c, a.variance), (*b.F, *b.b, *b.G, *b.c, b.variance), strict=True)
    return all(np.array_equal(x, y) and x.dtype == y.dtype for x, y in pairs)


def test_homeostasis_is_what_it_says(digits: Dataset) -> None:
    """By hand: the paper's presentations, with standard net inputs at the start, every 60 images, and at the end."""
    chosen = spec(batch=20, epochs=1)
    by_hand = initial_parameters(chosen.network(64), 0)
    standardise(by_hand, digits.x_train)
    order = presentation_order(130, 0, 1, 0)[:120]
    plasticity = plasticity_of(chosen, by_hand, 0)
    for number, rows in enumerate(order.reshape(-1, 20)):
        x = digits.x_train[rows].astype(float)
        present(by_hand, x, chosen.inference, plasticity, seed=0, presentation=number)
        if number in (2, 5):
            standardise(by_hand, digits.x_train)
    (done,) = epochs(chosen, digits.x_train, start(chosen, digits.x_train))
    assert same(done.checkpoint.params, by_hand)
    assert done.checkpoint.progress.presentations == 6


def test_homeostasis_gives_every_unit_its_net_input(digits: Dataset) -> None:
    images, params = digits.x_train, start(spec(), digits.x_train).params
    for layer, below in ((1, images), (2, params.transfers[1].value(images @ params.F[0].T + params.b[0]))):
        net = below @ params.F[layer - 1].T + params.b[layer - 1]
        mean, spread = NET_INPUT[params.network.activations[layer]]
        np.testing.assert_allclose(net.mean(axis=0), mean, atol=1e-3)
        np.testing.assert_allclose(net.std(axis=0), spread, rtol=1e-3)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_interrupted_training_ends_with_the_same_parameters(engine: str, digits: Dataset) -> None:
    chosen = spec(engine)
    whole = list(epochs(chosen, digits.x_train, start(chosen, digits.x_train)))
    (first,) = islice(epochs(chosen, digits.x_train, start(chosen, digits.x_train)), 1)
    (second,) = epochs(chosen, digits.x_train, first.checkpoint)
    assert same(whole[-1].checkpoint.params, second.checkpoint.params)
    assert whole[-1].checkpoint.params.dtype == np.dtype(chosen.engine.precision)
    assert (whole[-1].saturations is not None) == (chosen.engine.arithmetic == "fixed")


@pytest.mark.parametrize(
    ("engine", "theory", "tolerance"), [("eager float", "theory", 1e-9), ("eager float32", "theory float32", 1e-4)]
)
def test_engines_agree_with_theory_in_the_same_numbers(
    engine: str, theory: str, tolerance: float, digits: Dataset
) -> None:
    a, b = (next(epochs(one, digits.x_train, start(one, digits.x_train))) for one in (spec(engine), spec(theory)))
    np.testing.assert_allclose(a.checkpoint.params.F[0], b.checkpoint.params.F[0], atol=tolerance)
    np.testing.assert_allclose(a.checkpoint.params.G[1], b.checkpoint.params.G[1], atol=tolerance)


def test_clipped_numbers_are_counted_over_all_blocks(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks: list[Any] = []

    def spied(*arguments: Any) -> Any:
        learned, _ = learn(*arguments)
        blocks.append([{"kind": len(blocks) + layer} for layer in range(3)])
        return learned, blocks[-1]

    learn = loop._learn
    monkeypatch.setattr(loop, "_learn", spied)
    chosen = spec("eager fixed", epochs=1, homeostasis=50)
    (done,) = epochs(chosen, digits.x_train, start(chosen, digits.x_train))
    assert len(blocks) == 3  # 50, 50 and 30 images
    assert done.saturations == [{"kind": 0 + 1 + 2 + 3 * layer} for layer in range(3)]


def test_what_is_told_counts_from_the_start_of_training(digits: Dataset) -> None:
    said: list[int] = []
    chosen = spec(batch=20)
    list(epochs(chosen, digits.x_train, start(chosen, digits.x_train), said.append))
    assert said == list(range(20, 241, 20))


def test_rates_fall_to_nothing_after_the_last_epoch(digits: Dataset) -> None:
    falling, params = spec(epochs=4, falling=True), start(spec(), digits.x_train).params
    first, third = plasticity_of(falling, params, 0), plasticity_of(falling, params, 2)
    assert first == falling.plasticity
    assert third.rates_up(2) == pytest.approx(np.array(first.rates_up(2)) / 2)
    assert third.rates_down(2) == pytest.approx(np.array(first.rates_down(2)) / 2)
    assert plasticity_of(spec(falling=False), params, 1) == spec().plasticity


def test_the_last_images_are_for_validation_and_the_first_for_training(digits: Dataset) -> None:
    training = spec(validation=30, limit=50).training
    part = training_part(digits, training)
    np.testing.assert_array_equal(part.x_train, digits.x_train[:50])
    np.testing.assert_array_equal(validation_images(digits, training), digits.x_train[100:])
    split, measured = measured_part(digits, training)
    assert split == "validation" and len(measured) == 30
    assert measured_part(digits, spec(validation=0).training)[0] == "test"


def test_no_images_left_to_learn_from(digits: Dataset) -> None:
    with pytest.raises(InvalidInput, match=r"--validation: got 129, allowed: at most 128 of the 130"):
        training_part(digits, spec(validation=129).training)


@pytest.mark.parametrize("engine", [{"arithmetic": "fixed"}, {"backend": "lava", "model": "composed"}])
def test_float32_only_where_an_engine_has_it(engine: dict[str, str]) -> None:
    from neuro_bpdl.spec import EngineSpec

    with pytest.raises(InvalidInput, match=r"EngineSpec.precision: got 'float32', allowed: float64"):
        EngineSpec(precision="float32", **engine)  # type: ignore[arg-type]
