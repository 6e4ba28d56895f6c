"""Spikes of two populations in Lava, and three learning rules that see them: what figure 1 measures.

Presynaptic units send independent Poisson spikes. Postsynaptic potentials
follow noise currents (time constant ~17 ms, smoothed over 3 ms) and are read
by three stock learning connections at once:

- three factors: the neuron writes V̇ = y1 − y2, dw = x0·y1 − x0·y2 (Eq 1);
- two traces of the postsynaptic spikes, a fast and a slow one of equal area;
- one trace and the synaptic tag, which keeps the trace of the epoch before.

The weights start at 0 and act on nothing, so that every synapse is a pair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.lava.availability import require_lava
from neuro_bpdl.engines.lava.shared import SharedArray

Array = NDArray[Any]
DT_MS, TAU_MS, SMOOTHING_MS = 1.0, 17.0, 3.0
LEAK_UNIT = 4096
UNIT = 160 * 64.0  # one standard deviation of V; its V̇ of about 0.14 a step is then 22 in y1 and y2
GAIN = 1.0
LITERAL = 2.0**-3  # of the three-factor rule
STALL_LIMIT = 60.0
FAST, SLOW = (40, 4), (11, 16)  # impulse and time constant: areas 180.8 and 181.6
WEIGHT_MAX = 255
TAG_IMPULSE, TAG_TAU, TAG_EPOCH = 16, 10, 4


@dataclass(frozen=True)
class Rule:
    """One connection: its sum-of-products rules and the traces they read.

    ``scale`` is what one unit of weight stands for in the units of
    `theory.stdp`: V̇ in standard deviations per ms for the rule that sees V̇,
    and for the others a trace of postsynaptic spikes.
    """

    name: str
    dw: str
    factors: int
    epoch: int = 1
    dt: str | None = None
    traces: tuple[tuple[int, int], ...] = ()
    scale: float = 1.0


RULES = (
    Rule("S_pre·V̇", "2^-3*x0*y1-2^-3*x0*y2", 3, scale=64 / UNIT / LITERAL),
    Rule("two traces", "2^-3*x0*y1-2^-3*x0*y2", 2, traces=(FAST, SLOW),
         scale=(1 - np.exp(-DT_MS / FAST[1])) / FAST[0] / LITERAL),
    Rule("tag", "2^-1*x0*y1-2^-1*x0*t", 2, epoch=TAG_EPOCH, dt="u0*y1-u0*t", traces=((TAG_IMPULSE, TAG_TAU),),
         scale=2.0 / TAG_IMPULSE),
)  # fmt: skip


@dataclass(frozen=True)
class SpikeRecord:
    """One run in one arithmetic.

    Attributes
    ----------
    pre : (steps, pre) bool, post : (steps, post) bool
    voltage : (steps, post)
        V in standard deviations.
    weights : rule's name → (epochs, post, pre)
        After every learning epoch, in Lava's units.
    """

    arithmetic: str
    pre: Array
    post: Array
    voltage: Array
    weights: dict[str, Array]

    def saturated(self, rule: Rule) -> float:
        """Share of the weights that ever stood at the end of their 8 bits; such a ΔW would be too small."""
        return float((np.abs(self.weights[rule.name]) >= WEIGHT_MAX).any(axis=0).mean())

    def change(self, rule: Rule) -> Array:
        """ΔW (steps, post, pre) of the epoch that a time step belongs to, in units of ``rule.scale``."""
        before = np.concatenate([np.zeros_like(self.weights[rule.name][:1]), self.weights[rule.name][:-1]])
        change = (self.weights[rule.name].astype(np.float32) - before) * np.float32(rule.scale)
        return np.repeat(change, rule.epoch, axis=0)


def record_spikes(
    steps: int, *, pre: int = 16, post: int = 64, rate_hz: float = 20.0, seed: int = 0,
    arithmetic: Literal["float", "fixed"] = "float", on_poll: Callable[[], object] | None = None,
) -> SpikeRecord:  # fmt: skip
    """Run ``pre`` × ``post`` pairs for ``steps`` ms in Lava's CPU simulator.

    ``steps`` is rounded up to whole learning epochs.

    Raises
    ------
    MissingDependency
        Lava is not installed.
    SimulationError
        A process failed.
    """
    require_lava()
    from lava.proc.io.source import RingBuffer

    from neuro_bpdl.engines.lava.run_config import select
    from neuro_bpdl.engines.lava.supervisor import LavaRun
    from neuro_bpdl.processes.membrane.process import Membrane

    steps = -(-steps // TAG_EPOCH) * TAG_EPOCH
    rng, rate = np.random.default_rng(seed), rate_hz * DT_MS / 1000
    spikes, leaks = rng.random((steps, pre)) < rate, _leaks()
    potentials, fired = SharedArray((steps, post)), SharedArray((steps, post), bool)
    axons, noise = RingBuffer(data=spikes.T.astype(int)), RingBuffer(data=_currents(rng, leaks, (post, steps)))
    membrane = Membrane(
        n=post, decay_u=leaks[0], decay_v=leaks[1], unit=UNIT, rate=rate, gain=GAIN, seed=seed + 1,
        potentials=potentials, spikes=fired,
    )  # fmt: skip
    noise.s_out.connect(membrane.a_in)
    histories = {rule.name: _connect(rule, axons, membrane, (steps, post, pre)) for rule in RULES}
    with LavaRun(membrane, select("composed", arithmetic), timeout=STALL_LIMIT, on_poll=on_poll) as run:
        run.steps(steps)
    weights = {name: history.array.copy() for name, history in histories.items()}
    return SpikeRecord(arithmetic, spikes, fired.array.copy(), potentials.array / UNIT, weights)


def _connect(rule: Rule, axons: Any, membrane: Any, shape: tuple[int, int, int]) -> SharedArray:
    """A learning connection from the axons to the membranes; where its weights will be."""
    from lava.magma.core.learning.learning_rule import Loihi2FLearningRule, Loihi3FLearningRule

    from neuro_bpdl.processes.recorder.process import RecordedDense

    steps, post, pre = shape
    common = {"dw": rule.dw, "dt": rule.dt, "x1_impulse": 0, "x1_tau": 1, "x2_tau": 1, "t_epoch": rule.epoch}
    traces = {f"y{k}_{part}": value for k, trace in enumerate(rule.traces, start=1)
              for part, value in zip(("impulse", "tau"), trace, strict=True)}  # fmt: skip
    learning = Loihi3FLearningRule(**common) if rule.factors == 3 else Loihi2FLearningRule(**common, **traces)
    history = SharedArray((steps // rule.epoch, post, pre), np.float32)
    dense = RecordedDense(
        weights=np.zeros((post, pre)), learning_rule=learning, history=history, name=rule.name.replace(" ", "_")
    )
    axons.s_out.connect(dense.s_in)
    membrane.bap_out.connect(dense.s_in_bap)
    if rule.factors == 3:
        for signal in ("y1", "y2", "y3"):
            getattr(membrane, f"{signal}_out").connect(getattr(dense, f"s_in_{signal}"))
    return history


def _leaks() -> tuple[int, int]:
    return tuple(round(LEAK_UNIT * (1 - np.exp(-DT_MS / tau))) for tau in (TAU_MS, SMOOTHING_MS))  # type: ignore[return-value]


def _currents(rng: np.random.Generator, leaks: tuple[int, int], shape: tuple[int, int]) -> Array:
    """White noise, as integers, that gives V a standard deviation of `UNIT`."""
    from scipy.signal import lfilter

    (u, v), impulse = (leak / LEAK_UNIT for leak in leaks), np.zeros(1000)
    impulse[0] = 1
    response = lfilter([v], [1, v - 1], lfilter([1], [1, u - 1], impulse))
    return np.rint(rng.standard_normal(shape) * UNIT / np.sqrt((response**2).sum())).astype(int)
