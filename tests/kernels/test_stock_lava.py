"""Currents, weights and tags equal Lava's stock LearningDense, bit for bit, at every time step."""

import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from lava.magma.core.learning.constants import GradedSpikeCfg
from lava.magma.core.learning.learning_rule import Loihi3FLearningRule
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.proc.dense.process import LearningDense
from lava.proc.io.sink import RingBuffer as Sink
from lava.proc.io.source import RingBuffer as Source

from neuro_bpdl.kernels.fixed import carry as carrying
from neuro_bpdl.kernels.fixed import currents, learning
from neuro_bpdl.kernels.fixed.matrix import loud_on, quiet_on
from neuro_bpdl.kernels.fixed.rounding import LAVA_RULE_SEED, SharedDraws, decayed
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.literal import WEIGHT_RULE, literal

STEPS = 1002
NO_TRACE_DECAY = 10**17
PERIOD = 6  # one learning step, then the tag's carry


def signals(seed, pre, post, kind):
    """Payloads at every step, the bias unit's last, V̇ at learning steps: (STEPS, pre) and (STEPS, post)."""
    rng = np.random.default_rng(seed)
    payload = rng.integers(0, 128, (STEPS, pre))
    if kind == "sparse":
        payload[rng.random(payload.shape) < 0.8] = 0
        payload[rng.random(STEPS) < 0.3] = 0
    if kind == "saturated":
        payload = rng.choice([0, 1, 127], payload.shape)
    swing = rng.integers(-127, 128, (STEPS, post))
    if kind == "saturated":
        swing = rng.choice([-127, 127], swing.shape, p=[0.2, 0.8])
    if kind == "sparse":
        swing[rng.random(swing.shape) < 0.5] = 0
    learns = np.arange(STEPS) % PERIOD == 0
    swing[~learns] = 0
    payload[:, -1] = np.where(learns, quiet_on(1.0), loud_on(1.0))  # the bias unit: wider than 7 bits and a sign
    return payload.astype(np.int32), swing.astype(np.int32)


def stock(matrix, rule, payload, swing, coincident):
    """Weights and tags after every step, and the currents, from Lava's runtime."""
    dense = LearningDense(
        weights=matrix[0].T.astype(int),
        tag_1=matrix[1].T.astype(int),
        learning_rule=Loihi3FLearningRule(
            dw=WEIGHT_RULE, dt=rule.tag_rule, x1_tau=NO_TRACE_DECAY, x2_tau=1, t_epoch=1, rng_seed=LAVA_RULE_SEED
        ),
        num_message_bits=widths.MESSAGE_BITS,
        num_weight_bits=widths.WEIGHT_BITS + 1,
        graded_spike_cfg=GradedSpikeCfg.OVERWRITE,
    )
    bap = coincident & (np.random.default_rng(9).random(swing.shape) < 0.3)
    inputs = {
        "s_in": payload, "s_in_bap": bap, "s_in_y1": np.maximum(swing, 0),
        "s_in_y2": np.maximum(-swing, 0), "s_in_y3": 0 * swing,
    }
    for port, values in inputs.items():
        Source(data=values.T).s_out.connect(getattr(dense, port))
    sink = Sink(shape=(swing.shape[1],), buffer=STEPS)
    dense.a_out.connect(sink.a_in)
    states = []
    try:
        for _ in range(STEPS):
            dense.run(condition=RunSteps(1), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
            states.append((dense.weights.get(), dense.tag_1.get()))
        return states, sink.data.get().T
    finally:
        dense.stop()


def ours(matrix, rule, payload, swing):
    """The same from the kernels' compiled loops under shared rounding."""
    draws, states, sent = SharedDraws(), [], []
    out = np.zeros(swing.shape[1], np.int32)
    scratch = np.empty(payload.shape[1], np.int32)
    for step in range(STEPS):
        sent.append(out.copy())  # Dense delivers one step late
        currents.currents(matrix[0], payload[step], scratch, out)
        time_step = step + 1
        draw = int(draws.weight(time_step) * learning.SPAN)
        if swing[step].any():
            effective = decayed(swing[step], draws.trace(time_step))
            learning.learn(matrix, payload[step], effective, rule.mantissa, rule.left_shift, draw, 0, 0, time_step)
        else:
            carrying.carry(matrix, np.ones(payload.shape[1], bool), draw, 0, 0, time_step)
        states.append((matrix[0].T.copy(), matrix[1].T.copy()))
    return states, np.array(sent)


@pytest.mark.parametrize(
    ("seed", "kind", "rate", "coincident"),
    [(0, "dense", 0.015, False), (1, "sparse", 0.06, False), (2, "saturated", 0.5, False), (3, "dense", 0.003, True)],
)
def test_equals_stock_learning_dense_at_every_step(seed, kind, rate, coincident):
    pre, post = 7, 5
    rng = np.random.default_rng(seed)
    weights, tags = (rng.integers(-limit, limit, (pre, post)) for limit in (256, widths.CARRY_THRESHOLD))
    matrix = np.stack((weights, tags)).astype(np.int16)
    rule = literal("W", rate, unit_exponent=7)
    payload, swing = signals(seed, pre, post, kind)
    swing[0] = 0  # the first steps carry what the start left in the tags
    expected, currents = stock(matrix.copy(), rule, payload, swing, coincident)
    found, sent = ours(matrix.copy(), rule, payload, swing)
    np.testing.assert_array_equal(sent, currents)
    for step, (a, b) in enumerate(zip(found, expected, strict=True)):
        np.testing.assert_array_equal(a[0], b[0], err_msg=f"weights after step {step + 1}")
        np.testing.assert_array_equal(a[1], b[1], err_msg=f"tags after step {step + 1}")
    assert len({w.tobytes() for w, _ in expected}) > STEPS // (2 * PERIOD)  # learning went on to the end
