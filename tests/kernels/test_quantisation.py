"""What fixed point makes of settings: steps, literals, units of weights; and what it refuses."""

import numpy as np
import pytest

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.kernels.fixed import learning, soma
from neuro_bpdl.kernels.fixed.matrix import learning_unit_exponent
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.literal import literal
from neuro_bpdl.numbers.steps import check_soma_width, quantized_step
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

REFUSALS = [
    ({"activation": "softplus"}, {}, {}, "activation of layer 0: got 'softplus', allowed: hard-sigmoid or clipped"),
    ({}, {"alpha": 1e-6}, {}, "inference.alpha: got 1e-06, allowed: 0 or at least 6.1e-05 in fixed point; use"),
    ({}, {"delta": 1e-6}, {}, "inference.delta: got 1e-06, allowed: 0 or at least 6.1e-05 in fixed point; use"),
    ({}, {}, {"learning_rate": 1e-6}, "learning rate of F_1: got 1e-06, allowed: .* use 0.0"),
    ({}, {}, {"feedforward_rate": 0.06, "learning_rate": 99}, "learning rate of G_1: .* in fixed point; use [0-9.]+$"),
    ({}, {}, {"learning_rate": (0.1, 1e-6)}, "learning rate of F_2: got 1e-06, allowed: .* use 0.0"),
]


@pytest.mark.parametrize(("network", "inference", "plasticity", "message"), REFUSALS)
def test_refused_before_the_run_in_one_line(network, inference, plasticity, message):
    params = initial_parameters(NetworkSpec.of((300, 200, 100), network.get("activation", "hard-sigmoid")), 0)
    engine = EngineSpec(backend="eager", arithmetic="fixed")
    with pytest.raises(InvalidInput, match=message) as refusal:
        make_network(
            engine, params, InferenceSpec(steps=2, **inference), PlasticitySpec(**plasticity),
            learning_program(engine, params.network, 2), batch=1, seed=0,
        )
    assert "\n" not in str(refusal.value)


def test_a_soma_beyond_24_bits_is_refused_with_the_fraction_that_fits():
    check_soma_width(1, 1)
    with pytest.raises(InvalidInput, match=r"soma state: .* at most 8388607 .24 bits.; use 14 fraction bits"):
        check_soma_width(1, 1, fraction_bits=16)


@pytest.mark.parametrize("value", [1.0, 0.5, 0.1, 0.01, 0.001, 2**-14])
def test_steps_are_near_what_was_asked(value):
    step = quantized_step("delta", value)
    assert step.value == pytest.approx(value, rel=0.05)
    change = np.arange(-127, 128, dtype=np.int32)[None]
    unit = 1 << widths.SOMA_FRACTION_BITS
    expected = np.floor(np.abs(change) * unit * step.value + 0.5) * np.sign(change)
    np.testing.assert_array_equal(soma.stepped_all(change * unit, *step.pair), expected)
    drive = np.full(change.size, 7, np.int32)
    soma.score(change[0], np.zeros_like(drive), *step.pair, drive)
    np.testing.assert_array_equal(drive - 7, expected[0])


@pytest.mark.parametrize("rate", [0.001, 0.015, 0.06, 0.4])
def test_the_literal_gives_the_rate_it_states(rate):
    """One learning step of full activity and V̇ = 1/2 moves a weight by rate / 2."""
    rule = literal("W", rate, unit_exponent=7)
    assert rule.rate == pytest.approx(rate, rel=0.23)
    total, repeats = 0.0, 400
    for k in range(repeats):
        matrix = np.zeros((2, 1, 50), np.int16)
        swing = np.full(50, 8 if rate > 0.1 else 64, np.int32)
        learning.learn(matrix, np.array([126], np.int32), swing, rule.mantissa, rule.left_shift, -1, 1, 1, k)
        total += (matrix[0] + matrix[1] / widths.CARRY).mean() * 2.0**-7 / (swing[0] / 127) / (126 / 127)
    assert total / repeats == pytest.approx(rule.rate, rel=0.02)


@pytest.mark.parametrize(("fan_in", "high", "exponent"), [(784, 1.0, 7), (1000, 4.0, 8), (100, 1.0, 6), (32, 1.0, 6)])
def test_the_weight_unit_follows_fan_in_and_the_range_of_activity(fan_in, high, exponent):
    assert learning_unit_exponent(fan_in, high) == exponent
