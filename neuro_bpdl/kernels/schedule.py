"""The phase schedule of one presentation: which compartments act at which time step.

Signals take one time step from layer to layer. A *step* says what layers do
with the currents that have just arrived; a layer sends only what the next
step will use, so nothing is broadcast in vain.

=========  ====================================================================
LOAD       the fed layer takes its values from outside
SETTLE     layer k: h_k = f_k(h_{k−1})
DESCEND    layer k: h_k = g_{k+1}(h_{k+1}); the visible layer's known pixels stay
REFLECT    all: p_l = f_l(h_{l−1}) and r_l = g_{l+1}(h_{l+1}) have arrived; send r_l up
UPDATE     all: q_l = f_l(r_{l−1}) has arrived; h_l += δ(p_l − q_l) + α(r_l − h_l)
CORRUPT    all: draw h̃_l and send it both ways
LEARN      all: V̇ = h_l − prediction from h̃; send h̃ again, synapses learn
REST       nobody sends; what synapses have learned settles
=========  ====================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property


class Phase(Enum):
    """What happens at a time step."""

    LOAD = "load"
    SETTLE = "settle"
    DESCEND = "descend"
    REFLECT = "reflect"
    UPDATE = "update"
    CORRUPT = "corrupt"
    LEARN = "learn"
    REST = "rest"


@dataclass(frozen=True)
class Step:
    """A phase, and the one layer that acts in it (None: all of them)."""

    phase: Phase
    layer: int | None = None

    def involves(self, layer: int) -> bool:
        """Whether ``layer`` acts in this step."""
        return self.layer is None or self.layer == layer


@dataclass(frozen=True)
class Program:
    """The steps of one presentation.

    Attributes
    ----------
    depth : int
        L.
    steps : tuple of Step
    feed : int
        The layer that LOAD fills: 0 for images, L for samples of the prior.
    clamped : bool
        The visible layer does not move between LOAD (or DESCEND) and the next
        one, so layer 1 holds its basal prediction and the image is sent once.
    records : tuple of int
        Positions after which the state is worth recording.
    """

    depth: int
    steps: tuple[Step, ...]
    feed: int = 0
    clamped: bool = True
    records: tuple[int, ...] = ()

    def __len__(self) -> int:
        """Time steps of one presentation."""
        return len(self.steps)

    @property
    def learns(self) -> bool:
        """Whether synapses change in this program."""
        return any(step.phase is Phase.LEARN for step in self.steps)

    @cached_property
    def sends_up(self) -> tuple[tuple[bool, ...], ...]:
        """[position][layer]: whether the layer sends through F of the layer above."""
        return self._sends(self._wants_up, range(self.depth))

    @cached_property
    def sends_down(self) -> tuple[tuple[bool, ...], ...]:
        """[position][layer]: whether the layer sends through its own G."""
        return self._sends(self._wants_down, range(1, self.depth + 1))

    def _sends(self, wants, sources: range) -> tuple[tuple[bool, ...], ...]:  # type: ignore[no-untyped-def]
        following = (*self.steps[1:], None)
        return tuple(
            tuple(
                layer in sources and (now.phase is Phase.LEARN or (then is not None and wants(then, layer)))
                for layer in range(self.depth + 1)
            )
            for now, then in zip(self.steps, following, strict=True)
        )

    def _wants_up(self, step: Step, source: int) -> bool:
        if step.phase is Phase.SETTLE:
            return step.layer == source + 1
        if step.phase is Phase.REFLECT:
            return source > 0 or not self.clamped
        return step.phase in (Phase.UPDATE, Phase.LEARN)

    def _wants_down(self, step: Step, source: int) -> bool:
        if step.phase is Phase.DESCEND:
            return step.layer == source - 1
        return step.phase in (Phase.REFLECT, Phase.LEARN)


def _settle(depth: int) -> list[Step]:
    return [Step(Phase.SETTLE, layer) for layer in range(1, depth + 1)]


def _cycles(n: int) -> list[Step]:
    return [Step(Phase.REFLECT), Step(Phase.UPDATE)] * n


def _states(start: int, n: int) -> tuple[int, ...]:
    """Positions of the settled state and of the state after each of n updates."""
    return tuple(start + 2 * k for k in range(n + 1))


def training_program(depth: int, n: int, *, rest: int = 0) -> Program:
    """Infer in n steps, learn, rest: 1 + L + 2n + 2 + ``rest`` time steps."""
    steps = [Step(Phase.LOAD, 0), *_settle(depth), *_cycles(n), Step(Phase.CORRUPT), Step(Phase.LEARN)]
    steps += [Step(Phase.REST)] * rest
    return Program(depth, tuple(steps))


def inference_program(depth: int, n: int, *, clamped: bool = True) -> Program:
    """Infer in n steps, then write g_1(h_1) into the visible layer.

    Records the feedforward state, the state after every step, and the end.
    ``clamped=False`` lets missing pixels move (inpainting).
    """
    steps = [Step(Phase.LOAD, 0), *_settle(depth), *_cycles(n), Step(Phase.DESCEND, 0)]
    return Program(depth, tuple(steps), clamped=clamped, records=(*_states(depth, n), len(steps) - 1))


def generation_program(depth: int, n: int, rounds: int) -> Program:
    """GENERATE: map a top sample down, then ``rounds`` × {infer in n steps; x ← g_1(h_1)}.

    Records the directed image and the image after every round.
    """
    steps = [Step(Phase.LOAD, depth), *(Step(Phase.DESCEND, layer) for layer in range(depth - 1, -1, -1))]
    records = [len(steps) - 1]
    for _ in range(rounds):
        steps += [*_settle(depth), *_cycles(n), Step(Phase.DESCEND, 0)]
        records.append(len(steps) - 1)
    return Program(depth, tuple(steps), feed=depth, records=tuple(records))
