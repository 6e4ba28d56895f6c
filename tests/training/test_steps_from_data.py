"""What a training takes from its images, and that it then learns them whatever they are."""

from __future__ import annotations

import numpy as np
import pytest

from neuro_bpdl.data import Dataset
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.recipes import compose
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec, RunSpec
from neuro_bpdl.theory.initialisation import standardise
from neuro_bpdl.theory.maps import feedforward_pass, g
from neuro_bpdl.training.loop import epochs, start
from neuro_bpdl.training.steps_from_data import (
    LARGEST_RATE,
    batch_for,
    ground_of,
    presynaptic_power,
    rates_for,
    settled,
    start_from,
    step_of,
    visible_noise_for,
)

NETWORKS = [NetworkSpec.of((64, 20, 8)), NetworkSpec.of((64, 20, 8), ("pwl-sigmoid", "softplus", "tanh"))]


def defaults(**engine: str) -> RunSpec:
    given = {("training", "epochs"): 3, ("layers",): (24, 10)}
    return compose({}, {**given, **{("engine", name): value for name, value in engine.items()}})


def error_of(spec: RunSpec, images: np.ndarray, test: np.ndarray) -> float:
    """Reconstruction from h_1 after training, over the mean image's."""
    spec = settled(spec, images)
    checkpoint = start(spec, images)
    for epoch in epochs(spec, images, checkpoint):
        checkpoint = epoch.checkpoint
    simulator = make_simulator(spec.engine, checkpoint.params, spec.inference, spec.plasticity)
    drawn = simulator.infer(test).reconstruction
    return float(((drawn - test) ** 2).mean() / ((images.mean(axis=0) - test) ** 2).mean())


def test_a_spec_that_leaves_nothing_to_the_images_is_itself(digits: Dataset) -> None:
    for spec in (RunSpec(), compose({}, {("plasticity", "learning_rate"): (0.1, 0.2)})):
        assert settled(spec, digits.x_train) == spec


def test_what_is_settled_is_numbers_and_stays(digits: Dataset) -> None:
    spec = settled(defaults(), digits.x_train)
    assert spec.training.ground == "dark" and spec.training.batch == batch_for(len(digits.x_train))
    assert len(spec.plasticity.rates_up(2)) == len(spec.plasticity.rates_down(2)) == 2
    assert settled(spec, digits.x_train[::-1]) == spec


def test_the_rate_is_the_step_over_what_arrives(digits: Dataset) -> None:
    x, plasticity = np.repeat(digits.x_train[:200], 4, axis=1), PlasticitySpec(learning_rate="auto", noise=0.0)
    params = initial_parameters(NetworkSpec.of((256, 20, 8)), 0)
    powers = presynaptic_power(params, x, plasticity)
    assert powers[0] == pytest.approx(1 + (x.astype(float) ** 2).sum(axis=1).mean())
    found = rates_for(params, x, plasticity, batch=1)
    for rates, part in ((found.rates_up(2), powers[:2]), (found.rates_down(2), powers[1:])):
        np.testing.assert_allclose(rates, np.minimum(step_of(1) / np.array(part), LARGEST_RATE), rtol=1e-3)
    assert found.rates_up(2)[0] < LARGEST_RATE == found.rates_down(2)[1]


def test_brighter_and_larger_images_get_shorter_steps(digits: Dataset) -> None:
    x = digits.x_train[:200]
    wide = np.repeat(x, 4, axis=1)
    narrow_rate, wide_rate = (settled(defaults(), images).plasticity.rates_up(2)[0] for images in (x, wide))
    assert narrow_rate / wide_rate == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize("network", NETWORKS)
def test_compartments_start_at_the_mean_of_their_layer(network: NetworkSpec, digits: Dataset) -> None:
    params, x = initial_parameters(network, 0), digits.x_train[:300].astype(float)
    start_from(params, x)
    h = [layer.mean(axis=0) for layer in feedforward_pass(params, x)]
    for layer in range(network.depth):
        drawn = g(params, layer + 1, h[layer + 1][None])[0]
        assert np.abs(drawn - h[layer]).max() <= 0.0401  # pixels that are always black start inside the range
        np.testing.assert_array_equal(g(params, layer + 1, h[layer + 1][None] + 0.1)[0], drawn)


def test_few_images_leave_recognition_blind_to_what_none_has_shown(digits: Dataset) -> None:
    """Net inputs of those images stay standard; what they have in common, and what they never do, moves nothing."""
    params, x = initial_parameters(NETWORKS[0], 0), digits.x_train[:12].astype(float)
    start_from(params, x)
    below = feedforward_pass(params, x)
    for layer, states in enumerate(below[:2]):
        net = states @ params.F[layer].T + params.b[layer]
        np.testing.assert_allclose([net.mean(axis=0), net.std(axis=0)], np.full((2, net.shape[1]), [[0], [1.5]]),
                                   atol=1e-6)  # fmt: skip
        differences = np.linalg.svd(states - states.mean(axis=0))[2]
        assert np.abs(params.F[layer] @ differences[:11].T).max() > 0.1
        assert np.abs(params.F[layer] @ differences[11:].T).max() < 1e-9


def test_more_images_than_pixels_leave_every_weight_its_start(digits: Dataset) -> None:
    started, standard = (initial_parameters(NETWORKS[0], 0) for _ in range(2))
    x = digits.x_train[:300].astype(float)
    start_from(started, x)
    standardise(standard, x)
    for ours, theirs in zip((*started.F, *started.b), (*standard.F, *standard.b), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def images_of(components: int, noise: float, pixels: int = 64, n: int = 400) -> np.ndarray:
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal((n, components)) @ rng.standard_normal((components, pixels))
    return 0.5 + 0.1 * drawn + noise * rng.standard_normal((n, pixels))


@pytest.mark.parametrize("n", [400, 50])  # more images than pixels, and fewer
def test_noise_of_pixels_is_what_as_many_components_as_units_leave(n: int) -> None:
    assert visible_noise_for(images_of(8, 0.03, n=n), 8, 0.07) == pytest.approx(0.03 * (1 - 8 / min(64, n)) ** 0.5, 0.1)
    assert visible_noise_for(images_of(8, 0.03, n=n), 4, 0.07) == 0.07  # what components hold is more


@pytest.mark.parametrize("images", [np.ones((1, 5)), np.zeros((30, 50)), images_of(4, 0.0)], ids=["one", "black", "4"])
def test_noise_of_pixels_is_no_less_than_rounding(images: np.ndarray) -> None:
    assert visible_noise_for(images, 16, 0.07) == pytest.approx(1 / 127 / 12**0.5, rel=0.02)


def test_a_chosen_noise_is_that_of_pixels_too(digits: Dataset) -> None:
    spec = settled(compose({}, {("plasticity", "noise"): 0.2}), digits.x_train)
    assert [spec.plasticity.noise_of(layer) for layer in (0, 1)] == [0.2, 0.2]
    found = settled(compose({}, {("plasticity", "visible_noise"): "auto"}), digits.x_train).plasticity
    assert found.visible_noise == found.noise == 0.07


@pytest.mark.parametrize("engine", [{}, {"arithmetic": "fixed"}])
def test_learns_smooth_pictures(engine: dict[str, str]) -> None:
    """Whose components are mostly smaller than a noise that digits do not feel."""
    images = blurred(700)
    given = {("training", "epochs"): 4, ("layers",): (48, 20), **{("engine", name): engine[name] for name in engine}}
    assert error_of(compose({}, given), images[:600], images[600:]) < 0.018


def blurred(n: int) -> np.ndarray:
    """(n, 256) three wide bumps each."""
    rng, grid = np.random.default_rng(0), np.arange(16)
    at, width = rng.uniform(2, 13, (n, 3, 2, 1, 1)), rng.uniform(2, 4, (n, 3, 1, 1))
    distance = (grid[:, None] - at[:, :, 0]) ** 2 + (grid - at[:, :, 1]) ** 2
    return np.clip(0.6 * np.exp(-distance / (2 * width**2)).sum(axis=1), 0, 1).reshape(n, -1)


@pytest.mark.parametrize(("shift", "ground"), [(0.0, "dark"), (1.0, "bright")])
def test_ground(digits: Dataset, shift: float, ground: str) -> None:
    assert ground_of(np.abs(shift - digits.x_train)) == ground


def test_fewer_images_share_an_update_where_there_are_few() -> None:
    assert [batch_for(n) for n in (1, 80, 1437, 60_000)] == [1, 1, 7, 20]


@pytest.mark.parametrize("engine", [{"backend": "theory"}, {}, {"arithmetic": "fixed"}])
def test_learns_black_on_white_as_white_on_black(digits: Dataset, engine: dict[str, str]) -> None:
    x, test = digits.x_train[:600].astype(np.float64), digits.test[:100].astype(np.float64)
    upright, inverted = error_of(defaults(**engine), x, test), error_of(defaults(**engine), 1 - x, 1 - test)
    assert upright < 0.6
    assert inverted == pytest.approx(upright, rel=0.02)


def test_on_a_bright_ground_every_image_is_handed_out_as_it_came(digits: Dataset) -> None:
    x = digits.x_train[:5].astype(np.float64)
    dark = initial_parameters(NetworkSpec.of((64, 12, 6)), 1)
    bright = initial_parameters(NetworkSpec.of((64, 12, 6)).model_copy(update={"ground": "bright"}), 1)
    inference, missing = InferenceSpec(steps=3), np.arange(64) % 2 == np.zeros((5, 1))
    one, other = (make_simulator(EngineSpec(), params, inference, PlasticitySpec()) for params in (dark, bright))
    top = one.infer(1 - x).h[-1]
    np.testing.assert_array_equal(other.infer(x).h[-1], top)
    np.testing.assert_array_equal(other.infer(x).reconstruction, 1 - one.infer(1 - x).reconstruction)
    for a, b in zip(one.generate(top, inference, 2), other.generate(top, inference, 2), strict=True):
        np.testing.assert_array_equal(b, 1 - a)
    for a, b in zip(one.inpaint(1 - x, missing), other.inpaint(x, missing), strict=True):
        np.testing.assert_array_equal(b, 1 - a)


def test_what_follows_from_images_is_no_number_before() -> None:
    with pytest.raises(InvalidInput, match=r"plasticity.visible_noise: got 'auto', allowed: a number here"):
        PlasticitySpec(visible_noise="auto").noise_of(0)
    with pytest.raises(InvalidInput, match=r"PlasticitySpec.visible_noise: got -1, allowed: a number from 0 to 10, or"):
        PlasticitySpec(visible_noise=-1)
    with pytest.raises(InvalidInput, match=r"plasticity.learning_rate: got 'auto', allowed: numbers here"):
        PlasticitySpec(learning_rate="auto").rates_up(2)


def test_a_dark_ground_is_not_written() -> None:
    network = NetworkSpec.of((4, 3))
    assert "ground" not in network.model_dump(mode="json")
    bright = network.model_copy(update={"ground": "bright"})
    assert NetworkSpec(**bright.model_dump()) == bright != network
