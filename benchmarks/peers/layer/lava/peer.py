"""Stock Lava on its CPU simulator: RingBuffer, LearningDense with a two-factor rule, LIF; float or fixed point.

Fixed: weights of 8 bits, traces of 7, rounded stochastically with one draw per step for a whole matrix. Float: float64,
and weights are not clipped at the upper end, which Lava's float model does not know. In both a coincident pair is
learned from in both ways.
"""

from __future__ import annotations

import neuro_bpdl.processes  # noqa: F401  # isort: skip (before lava: from Python 3.11 on one of its modules needs help)

import resource
import sys
import time

import numpy as np
from lava.magma.core.learning.learning_rule import Loihi2FLearningRule
from lava.proc.dense.process import LearningDense
from lava.proc.io.sink import RingBuffer as Sink
from lava.proc.io.source import RingBuffer as Source
from lava.proc.lif.process import LIF
from lava.utils.weightutils import SignMode

from neuro_bpdl.engines.lava.run_config import select
from neuro_bpdl.engines.lava.supervisor import LavaRun

PLUS, MINUS, LITERAL, RULE_SEED = 16, 20, "2^-4", 1  # impulses of the traces, 1 and 1.25 of the rule's 2^4


def main(data: str, out: str, seed: int, variant: str) -> None:
    """Build, run, save."""
    del seed  # its generators have seeds of their own
    d, began = np.load(data), time.perf_counter()
    spikes, post, fixed = d["spikes"], d["weights"].shape[1], variant == "fixed"
    tau = float(d["tau"])
    rule = Loihi2FLearningRule(
        dw=f"{LITERAL}*y0*x1-{LITERAL}*x0*y1", x1_impulse=PLUS, x1_tau=tau, y1_impulse=MINUS, y1_tau=tau, x2_tau=1,
        t_epoch=1, rng_seed=RULE_SEED)  # fmt: skip
    number = int if fixed else float
    source = Source(data=spikes.T.astype(int))
    plastic = LearningDense(weights=d["weights"].T.astype(number), learning_rule=rule, sign_mode=SignMode.EXCITATORY,
                            name="plastic")  # fmt: skip
    decay = 1 - np.exp(-1 / tau)
    neurons = LIF(shape=(post,), vth=number(d["threshold"]), du=4095 if fixed else 1.0,
                  dv=round(4096 * decay) if fixed else decay)  # fmt: skip
    sink = Sink(shape=(post,), buffer=len(spikes))
    source.s_out.connect(plastic.s_in)
    plastic.a_out.connect(neurons.a_in)
    neurons.s_out.connect(plastic.s_in_bap)
    neurons.s_out.connect(sink.a_in)
    with LavaRun(neurons, select("composed", variant), timeout=600) as run:
        build, began = time.perf_counter() - began, time.perf_counter()
        run.steps(len(spikes))
        seconds = time.perf_counter() - began
        weights, fired = plastic.weights.get().T, int(sink.data.get().sum())
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    kind = "fixed point" if fixed else "float64"
    np.savez(out, build=build, seconds=seconds, cpu=used.ru_utime + used.ru_stime, weights=weights, fired=fired,
             about=f"Lava 0.10.0, stock LearningDense, {kind}")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
