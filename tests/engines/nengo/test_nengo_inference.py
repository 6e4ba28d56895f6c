"""The rate network against the theory engine: exact at dt = τ, the continuum as dt → 0."""

import numpy as np
import pytest

pytest.importorskip("nengo")

from neuro_bpdl.engines.nengo import NengoSimulator
from neuro_bpdl.engines.theory import TheorySimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import ACTIVATIONS, InferenceSpec, NetworkSpec, PlasticitySpec

TAU = 0.1
INFERENCE, PLASTICITY, ALPHAS = InferenceSpec(alpha=0.2), PlasticitySpec(), (0.2, 0.05, 0.1)
DEPTHS = [(12, 7), (12, 9, 5), (12, 9, 7, 4)]
SIZES = (12, 9, 5)


def pair(sizes=SIZES, activation="hard-sigmoid", seed=0, **options):
    params = initial_parameters(NetworkSpec.of(sizes, activation), seed)
    inference = InferenceSpec(alpha=ALPHAS[: len(sizes) - 1])
    return TheorySimulator(params, inference, PLASTICITY), NengoSimulator(params, inference, PLASTICITY, **options)


def images(count=6, size=12, seed=0):
    return np.random.default_rng(seed).random((count, size))


def largest(a, b):
    return max(float(np.abs(u - v).max()) for u, v in zip(a, b, strict=True))


@pytest.mark.parametrize("sizes", DEPTHS, ids=len)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_time_step_of_tau_is_algorithm_2(sizes, seed):
    theory, nengo = pair(sizes, seed=seed, dt=TAU)
    expected, found = theory.infer(images(), record=True), nengo.infer(images(), record=True)
    assert len(found.history) == INFERENCE.steps + 1
    for before, after in zip(expected.history, found.history, strict=True):
        assert largest(before, after) < 1e-12
    assert largest([expected.reconstruction], [found.reconstruction]) < 1e-12
    assert largest([expected.h[1]], [expected.history[0][1]]) > 1e-3  # inference moved at all


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_has_a_neuron(activation):
    theory, nengo = pair(activation=activation, dt=TAU)
    assert largest(theory.infer(images()).h, nengo.infer(images()).h) < 1e-12


def test_converges_to_continuous_time():
    continuum = pair()[0].infer(images(), InferenceSpec(steps=15 * 256, delta=0.1 / 256, alpha=0.2 / 256)).h
    errors = [largest(continuum, pair(dt=dt)[1].infer(images()).h) for dt in (TAU, TAU / 2, TAU / 4, TAU / 8)]
    ratios = np.divide(errors[:-1], errors[1:])
    assert np.all(ratios > 1.8)  # first order in dt: a half every time


def test_generation_and_inpainting_at_tau():
    theory, nengo = pair(dt=TAU)
    missing = images(seed=3) < 0.5
    for expected, found in zip(theory.inpaint(images(), missing), nengo.inpaint(images(), missing), strict=True):
        assert np.allclose(expected, found, atol=1e-12)
    top = images(4, SIZES[-1], seed=4)
    expected, found = theory.generate(top, INFERENCE, 3), nengo.generate(top, INFERENCE, 3)
    assert len(expected) == len(found) == 4
    assert largest(expected, found) < 1e-12


def test_blocks_of_images_do_not_see_each_other():
    whole, blocks = pair(dt=TAU)[1], pair(dt=TAU, replicas=4)[1]
    assert largest(whole.infer(images(6)).h, blocks.infer(images(6)).h) < 1e-12
    assert blocks.infer(images(6)).h[0].shape == (6, 12)


def test_the_same_simulator_forgets_the_image_before():
    nengo = pair()[1]
    first = nengo.infer(images())
    nengo.infer(images(seed=9))
    assert largest(first.h, nengo.infer(images()).h) == 0.0


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"neurons": "izhikevich"}, "neurons"),
        ({"dt": 0.03}, "dt"),
        ({"dt": -0.1}, "dt"),
        ({"window": 0.0}, "window"),
        ({"max_rate": 0.0}, "max_rate"),
    ],
)
def test_refuses_and_names(options, argument):
    with pytest.raises(InvalidInput) as caught:
        pair(**options)
    assert caught.value.argument == argument
    assert "\n" not in str(caught.value)


def test_refuses_what_only_theory_has():
    params = initial_parameters(NetworkSpec.of(SIZES), 0)
    for inference in (InferenceSpec(order="sequential"), InferenceSpec(langevin=0.1)):
        with pytest.raises(InvalidInput, match="theory"):
            NengoSimulator(params, inference, PLASTICITY)
        with pytest.raises(InvalidInput, match="theory"):
            NengoSimulator(params, INFERENCE, PLASTICITY).infer(images(), inference)
