"""Programs: the phases of one presentation, for learning, inference and generation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from neuro_bpdl.description.network import Description
from neuro_bpdl.description.phases import LEARNING, Phase, Step
from neuro_bpdl.spec import GRADED, Code

PAIR_SILENT = 1  # time steps before the first presynaptic spike's, so that the last spike of CORRUPT is forgotten
PAIR_MOMENTS = 3  # where V̇ is told in spikes: before, at and after every presynaptic spike
PAIR_SPIKE = 1  # the one among them at which it comes


@dataclass(frozen=True)
class Program:
    """The steps of one presentation.

    Attributes
    ----------
    description : Description
    steps : tuple of Step
    feeds : tuple of int
        The populations that LOAD fills; a row of the feed holds their values one after the other.
    clamped : tuple of int
        Populations that keep what they were given until LOAD or DESCEND
        changes it: they send it once, and who receives it holds the prediction.
    free : tuple of int
        Fed populations whose missing units follow their apical prediction.
    taught : bool
        The clamped top teaches: hidden layers follow the mirrored score alone,
        G_{l+1} [p and r] instead of F_l, and learn in RISE and FALL (`theory.teaching`).
    records : tuple of int
        Positions among the steps after which the state is worth recording.
    once : bool
        Synapses apply their rules once a presentation, at its last time step, LEARN.
    code : Code
        How populations send: with spikes a step takes as many time steps as
        its messages have, and acts in the first of them.
    """

    description: Description
    steps: tuple[Step, ...]
    feeds: tuple[int, ...] = (0,)
    clamped: tuple[int, ...] = (0,)
    free: tuple[int, ...] = ()
    records: tuple[int, ...] = ()
    taught: bool = False
    once: bool = False
    code: Code = GRADED

    def __len__(self) -> int:
        """Time steps of one presentation."""
        return len(self.moments)

    def sending(self, code: Code) -> Program:
        """The same program with messages in another code."""
        return replace(self, code=code)

    @cached_property
    def durations(self) -> tuple[int, ...]:
        """Time steps of every step: those in which nobody sends take one."""
        silent = [step.phase is Phase.REST for step in self.steps]
        silent[-1] = self.steps[-1].phase not in LEARNING
        lasts = [1 if quiet else self.code.window for quiet in silent]
        if self.code.paired:
            learns = [step.phase is Phase.LEARN for step in self.steps]
            lasts = [PAIR_SILENT + PAIR_MOMENTS * one if learn else one
                     for one, learn in zip(lasts, learns, strict=True)]  # fmt: skip
        return tuple(lasts)

    @cached_property
    def speaks(self) -> tuple[bool, ...]:
        """Whether units may send, for every time step: around a presynaptic spike only V̇ is told."""
        return tuple(
            not (self.code.paired and step.phase is Phase.LEARN)
            or (at >= PAIR_SILENT and (at - PAIR_SILENT) % PAIR_MOMENTS == PAIR_SPIKE)
            for step, duration in zip(self.steps, self.durations, strict=True) for at in range(duration)
        )  # fmt: skip

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The time step at which every step acts."""
        return tuple(sum(self.durations[:k]) for k in range(len(self.steps)))

    @cached_property
    def moments(self) -> tuple[Step, ...]:
        """The step of every time step."""
        return tuple(step for step, duration in zip(self.steps, self.durations, strict=True) for _ in range(duration))

    @cached_property
    def recorded(self) -> tuple[int, ...]:
        """Time steps after whose action the state is worth recording."""
        return tuple(self.starts[k] for k in self.records)

    @property
    def depth(self) -> int:
        """L."""
        return self.description.depth

    @property
    def learns(self) -> bool:
        """Whether synapses change in this program."""
        return any(step.phase in LEARNING for step in self.steps)

    @property
    def corrupts(self) -> bool:
        """Whether activity is corrupted in this program."""
        return any(step.phase is Phase.CORRUPT for step in self.steps)

    @property
    def read(self) -> int | None:
        """The population whose net input is read, if any."""
        return next((step.layer for step in self.steps if step.phase is Phase.READ), None)

    def nudges(self, population: int) -> bool:
        """Whether a teacher moves a population."""
        return self.taught and population not in self.clamped

    def columns(self, population: int) -> slice:
        """Where a fed population's values are in a row of the feed."""
        sizes, at = self.description.sizes, self.feeds.index(population)
        start = sum(sizes[fed] for fed in self.feeds[:at])
        return slice(start, start + sizes[population])

    @property
    def feed_size(self) -> int:
        """Values in a row of the feed."""
        return sum(self.description.sizes[fed] for fed in self.feeds)


def _settle(depth: int) -> list[Step]:
    return [Step(Phase.SETTLE, layer) for layer in range(1, depth + 1)]


def _cycles(n: int) -> list[Step]:
    return [Step(Phase.REFLECT), Step(Phase.UPDATE)] * n


def _states(start: int, n: int) -> tuple[int, ...]:
    """Positions of the settled state and of the state after each of n updates."""
    return tuple(start + 2 * k for k in range(n + 1))


def training_program(description: Description, n: int, *, rest: int = 0, once: bool = False) -> Program:
    """Infer in n steps, learn, rest: 1 + L + 2n + 2 + ``rest`` time steps; see `Program.once`."""
    steps = [Step(Phase.LOAD), *_settle(description.depth), *_cycles(n), Step(Phase.CORRUPT), Step(Phase.LEARN)]
    return Program(description, (*steps, *[Step(Phase.REST)] * rest), once=once)


def taught_program(description: Description, *, rest: int = 0) -> Program:
    """Clamp image and label, nudge the layers between in L − 1 steps, learn in two moments, each followed by a rest.

    L + 2 (L − 1) + 2 (1 + ``rest``) time steps; a row of the feed is an image and a label.
    """
    depth, resting = description.depth, [Step(Phase.REST)] * rest
    steps = [Step(Phase.LOAD), *_settle(depth - 1), *_cycles(depth - 1)]
    steps += [Step(Phase.RISE), *resting, Step(Phase.FALL), *resting]
    return Program(description, tuple(steps), feeds=(0, depth), clamped=(0, depth), taught=True)


def classification_program(description: Description) -> Program:
    """The image runs up, and the label population's net input is read: L + 1 time steps."""
    depth = description.depth
    steps = (Step(Phase.LOAD), *_settle(depth - 1), Step(Phase.READ, depth))
    return Program(description, steps, records=(len(steps) - 1,))


def inference_program(description: Description, n: int, *, clamped: bool = True) -> Program:
    """Infer in n steps, then write g_1(h_1) into the visible layer; a label child stays clamped.

    Records the feedforward state, the state after every step, and the end.
    ``clamped=False`` lets missing pixels move (inpainting).
    """
    depth = description.depth
    steps = (Step(Phase.LOAD), *_settle(depth), *_cycles(n), Step(Phase.DESCEND, 0))
    records = (*_states(depth, n), len(steps) - 1)
    observed, free = description.observed, () if clamped else (0,)
    return Program(description, steps, observed, tuple(i for i in observed if i not in free), free, records)


def generation_program(description: Description, n: int, rounds: int) -> Program:
    """GENERATE: map a top sample down, then ``rounds`` × {infer in n steps; x ← g_1(h_1)}.

    Records the directed image and the image after every round. A label child stays clamped.
    """
    depth = description.depth
    steps = [Step(Phase.LOAD), *(Step(Phase.DESCEND, layer) for layer in range(depth - 1, -1, -1))]
    records = [len(steps) - 1]
    for _ in range(rounds):
        steps += [*_settle(depth), *_cycles(n), Step(Phase.DESCEND, 0)]
        records.append(len(steps) - 1)
    observed = description.observed
    return Program(description, tuple(steps), (depth, *observed[1:]), observed, records=tuple(records))
