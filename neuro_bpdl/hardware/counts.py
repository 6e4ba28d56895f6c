"""Events of one presentation from sizes alone; engines count the same events while they run.

Both walk the same `Program`, so with every unit sending they are equal;
`neuro_bpdl.kernels.events` defines what is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.operations import Op, current_of, operations, sends
from neuro_bpdl.description.phases import LEARNING
from neuro_bpdl.description.program import Program, classification_program, inference_program
from neuro_bpdl.description.projections import Way
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.events import Counts
from neuro_bpdl.kernels.factory import learning_program
from neuro_bpdl.spec import GRADED, Code, EngineSpec, InferenceSpec, NetworkSpec


@dataclass(frozen=True)
class Step:
    """One time step: messages that every layer sends up and down, and whether synapses learn where they arrive.

    ``visits``: whether the learning engine's epoch ends with it, so that it may have to look at every synapse.
    """

    up: tuple[float, ...]
    down: tuple[float, ...]
    learns: bool
    visits: bool = True

    def sent(self, source: int, post: int) -> float:
        """Messages from one layer to a neighbour."""
        return (self.up if post > source else self.down)[source]

    def counts(self, sizes: Sequence[int]) -> Counts:
        """The step's events, wherever the neurons are."""
        last = len(sizes) - 1
        operations = sum(self.up[layer] * sizes[layer + 1] for layer in range(last))
        operations += sum(self.down[layer] * sizes[layer - 1] for layer in range(1, last + 1))
        return Counts(operations, operations if self.learns else 0, sum(sizes), sum(self.up) + sum(self.down), 1)


def presentation_steps(network: NetworkSpec, inference: InferenceSpec, learning: bool, *,
                       activity: float | Sequence[float] = 1.0, bias_unit: bool = True,
                       arithmetic: Literal["float", "fixed"] = "fixed", code: Code = GRADED,
                       learning_epoch: Literal["step", "presentation"] = "step") -> tuple[Step, ...]:
    """Every time step of one presentation, from sizes; parameters as `presentation_counts`.

    With spikes for a ``code``, every unit that sends does so at every time
    step of a message: the upper bound. Postsynaptic spikes that tell V̇ are no
    messages, and what they evaluate is not counted. Where changes are sent,
    every unit's but the always-on one's changes: the upper bound again.
    Of images and labels in one network an image's event, then its label's.
    """
    if network.labels is not None and network.generates:
        return _of_both(network, inference, learning, activity=activity, bias_unit=bias_unit, arithmetic=arithmetic,
                        code=code, learning_epoch=learning_epoch)  # fmt: skip
    engine = EngineSpec(arithmetic=arithmetic, learning_epoch=learning_epoch)
    program = (learning_program(engine, network, inference.steps) if learning
               else classification_program(describe(network)) if network.labels
               else inference_program(describe(network), inference.steps)).sending(code)
    senders, all_of_them = _senders(network, activity), _senders(network, 1.0)
    described = program.description.projections

    def sending(step: Sequence[int], way: Way, senders: list[float], loud: frozenset[int]) -> tuple[float, ...]:
        counts = [0.0] * len(senders)
        for projection in (i for i in step if described[i].way is way):
            source = described[projection].source
            counts[source] = senders[source] + (bias_unit and projection in loud)
        return tuple(counts)

    steps = []
    for sent, loud, now, speaks in zip(sends(program), _loud(program), program.moments, program.speaks, strict=True):
        learns = now.phase in LEARNING
        clears = all_of_them if learns and program.once else senders  # silent units clear their traces
        up, down = (sending(sent if speaks else (), way, clears, loud) for way in (Way.UP, Way.DOWN))
        steps.append(Step(up, down, learns, visits=learns or not program.once))
    return tuple(steps)


def _of_both(network: NetworkSpec, inference: InferenceSpec, learning: bool, **options: Any) -> tuple[Step, ...]:
    """An image, inferred or learned, and its label, read or learned; labels are silent in the first."""
    below, activity = len(network.images.sizes), options["activity"]
    seen = activity if isinstance(activity, (int, float)) else activity[:below]
    images = presentation_steps(network.images, inference, learning, **{**options, "activity": seen})
    labels = presentation_steps(network.taught, inference, learning, **options)
    return (*(replace(step, up=(*step.up, 0.0), down=(*step.down, 0.0)) for step in images), *labels)


def _loud(program: Program) -> list[frozenset[int]]:
    """Per time step, the projections through which the always-on unit sends: its changes are of the first message."""
    begun, found = set[tuple[int, int]](), []
    for rows in operations(program):
        loud = set()
        for row in rows:
            place = row.subject, current_of(row)
            if row.op is Op.FORGET:
                begun.clear()
            elif row.op is Op.LEARN or (row.op is Op.SEND and place not in begun):
                loud.add(row.subject)
            if row.op is Op.SEND and program.code.changes:
                begun.add(place)
        found.append(frozenset(loud))
    return found


def presentation_counts(network: NetworkSpec, inference: InferenceSpec, learning: bool, *,
                        activity: float | Sequence[float] = 1.0, bias_unit: bool = True,
                        arithmetic: Literal["float", "fixed"] = "fixed") -> Counts:
    """Events of one presentation, from sizes.

    Parameters
    ----------
    network, inference
        Sizes n_0 … n_L and the number of inference steps N.
    learning : bool
        `learning_program`, else `inference_program`, or `classification_program` where there are labels.
    activity : float or sequence of L + 1 floats
        Fraction of a layer's units that send when the layer sends, in [0, 1];
        1 is the upper bound.
    bias_unit : bool
        Whether every projection has an always-on unit.
    arithmetic : {"fixed", "float"}
        A chip's, whose synapses rest after learning, or the float engines'.

    Raises
    ------
    InvalidInput
        ``activity`` is outside [0, 1] or has the wrong length.
    """
    steps = presentation_steps(network, inference, learning, activity=activity, bias_unit=bias_unit,
                               arithmetic=arithmetic)
    return sum((step.counts(network.sizes) for step in steps), Counts())


def _senders(network: NetworkSpec, activity: float | Sequence[float]) -> list[float]:
    count = len(network.sizes)
    parts = [float(activity)] * count if isinstance(activity, (int, float)) else [float(part) for part in activity]
    if len(parts) != count or not all(0 <= part <= 1 for part in parts):
        raise InvalidInput("activity", activity, f"a fraction in [0, 1], or {count} of them, one per layer")
    return [part * size for part, size in zip(parts, network.sizes, strict=True)]


def every_synapse_evaluated(network: NetworkSpec, counts: Counts, visits: int | None = None) -> Counts:
    """``counts`` of learning if the learning engine evaluates every synapse, biases included, at every time step.

    Or ``visits`` times a presentation. The fixed-point rule carries tags into weights by terms in u0, true at
    every epoch of one time step. Stock Lava evaluates them everywhere; whether
    a chip pays for it is not known, so this is the upper bound.
    """
    sizes = network.sizes
    synapses = sum((below + 1) * above + (above + 1) * below for below, above in pairwise(sizes))
    return replace(counts, learning_updates=synapses * (counts.time_steps if visits is None else visits))
