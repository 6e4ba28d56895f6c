"""From a row of the table of phase operations to instructions of the neuron that it belongs to."""

from __future__ import annotations

from collections.abc import Callable

from neuro_bpdl.description.operations import (
    FALLING,
    HELD,
    NOISY,
    OF_HELD,
    OF_STATE,
    RISING,
    STATE,
    Op,
    Row,
    current_of,
    operations,
)
from neuro_bpdl.description.projections import Way
from neuro_bpdl.kernels.fixed.curves import MAX_SLOPE_SHIFT
from neuro_bpdl.kernels.fixed.layer import FixedLayer
from neuro_bpdl.kernels.fixed.rounding import swing_number
from neuro_bpdl.kernels.layer import CLEARING
from neuro_bpdl.neuron.instructions import Routine, in_multiples, scaled
from neuro_bpdl.neuron.registers import ACCUMULATOR, BRANCH, SENT, SUMMED
from neuro_bpdl.numbers import widths

BITS = widths.SOMA_FRACTION_BITS
HALF = 1 << (BITS - 1)
PAYLOADS, SLOPES, COUNTS = "payloads", "slope_shifts", "count_states"


class Lowering:
    """The instructions of one population's rows.

    Parameters
    ----------
    layer : FixedLayer
        Its integers: steps, tables, offsets.
    """

    def __init__(self, layer: FixedLayer) -> None:
        self._layer, self._projections = layer, layer.program.description.projections
        self._of: dict[Op, Callable[[int, int], Routine]] = {
            Op.LOAD: self._load, Op.HOLD: self._hold, Op.ADOPT: self._adopt, Op.FILL: self._fill,
            Op.SCORE: self._score, Op.PULL: self._pull, Op.MOVE: self._move, Op.CORRUPT: self._corrupt,
            Op.SWING: self._swing, Op.SEND: self._send, Op.LEARN: self._learn, Op.TURN: self._turn,
            Op.READ: self._read, Op.FORGET: self._forget,
        }  # fmt: skip
        program = layer.program
        self._changes, self._begun = program.code.changes, set[tuple[int, int]]()
        rows = (row for step in operations(program) for row in step if row.op is Op.SEND)
        self._used = sorted({(row.subject, current_of(row)) for row in rows})

    def __call__(self, row: Row) -> Routine:
        """The instructions of a row."""
        return self._of[row.op](row.subject, row.argument)

    def _branch(self, projection: int) -> str:
        return BRANCH[self._projections[projection].way]

    def _rate(self, projection: int, register: str, current: int = OF_STATE) -> Routine:
        """register = φ of what has arrived."""
        matrix = self._layer.scheme.matrices[projection]
        arrived, added = self._arrived(projection, current)
        return [*added, ["add", "t", arrived, matrix.offset], ["shr", "t", "t", matrix.shift],
                ["look", register, PAYLOADS, "t"]]  # fmt: skip

    def _arrived(self, projection: int, current: int) -> tuple[str, Routine]:
        """A register with a branch's current, and how changes come into it."""
        accumulator = ACCUMULATOR.format(self._branch(projection))
        if not self._changes:
            return accumulator, []
        register = SUMMED[self._projections[projection].way, current]
        return register, [["add", register, register, accumulator]]

    def _forget(self, population: int, _: int) -> Routine:
        self._begun.clear()
        sent = [SENT[self._projections[i].way, current] for i, current in self._used
                if self._projections[i].source == population]
        summed = [SUMMED[self._projections[i].way, current] for i, current in self._used
                  if self._projections[i].target == population]
        return [["mov", register, 0] for register in (*sent, *summed)]

    def _load(self, population: int, column: int) -> Routine:
        if population not in self._layer.program.free:
            return [["feed", "t", column], ["shl", "soma", "t", BITS]]
        return [["feed", "t", column], ["less", "missing", "t", 0], ["sub", "u", -1, "t"],
                ["pick", "t", "missing", "u", "t"], ["shl", "soma", "t", BITS]]  # fmt: skip

    def _hold(self, projection: int, _: int) -> Routine:
        return self._rate(projection, self._branch(projection))

    def _adopt(self, projection: int, _: int) -> Routine:
        return [["shl", "soma", self._branch(projection), BITS]]

    def _fill(self, projection: int, _: int) -> Routine:
        return [["shl", "t", self._branch(projection), BITS], ["pick", "soma", "missing", "t", "soma"]]

    def _score(self, projection: int, _: int) -> Routine:
        upward = self._projections[projection].way is Way.UP
        step = self._layer.scheme.delta.pair if upward else (1, self._layer.nudge)
        return [*self._rate(projection, "t", OF_HELD), ["sub", "t", self._branch(projection), "t"],
                ["shl", "t", "t", BITS], *scaled("drive", "t", *step)]  # fmt: skip

    def _pull(self, projection: int, _: int) -> Routine:
        step = scaled("drive", "t", *self._layer.scheme.alpha[self._layer.index - 1].pair)
        return [["shl", "t", self._branch(projection), BITS], ["sub", "t", "t", "soma"], *step] if step else []

    def _move(self, *_: int) -> Routine:
        return [["add", "soma", "soma", "drive"], ["max", "soma", "soma", 0],
                ["min", "soma", "soma", widths.SOMA_MAX], ["mov", "drive", 0]]  # fmt: skip

    def _corrupt(self, *_: int) -> Routine:
        if self._layer.is_top and self._layer.plasticity.top_noise == "bernoulli":
            drawn: Routine = [["count", "t", "soma"], ["look", "t", COUNTS, "t"]]
        else:
            drawn = [["noise", "t"], ["add", "t", "t", "soma"], ["max", "t", "t", self._layer.lowest],
                     ["min", "t", "t", widths.SOMA_MAX]]  # fmt: skip
        return [*drawn, ["add", "t", "t", HALF], ["shr", "noisy", "t", BITS]]

    def _swing(self, projection: int, argument: int) -> Routine:
        """V̇ = 2^nudge (h − prediction) in payloads; times φ′ where it is gated; in the literal's multiples."""
        branch, drop = self._branch(projection), BITS - self._layer.nudge
        predicted: Routine = [["mov", "t", branch]] if argument == HELD else self._rate(projection, "t")
        moved: Routine = [["shl", "v", "t", BITS], ["sub", "v", "soma", "v"], ["add", "v", "v", 1 << (drop - 1)],
                          ["shr", "v", "v", drop]]  # fmt: skip
        return [*predicted, *moved, *self._written(projection), ["sign", f"{branch}_swing", "u", "v"],
                ["write", self._projections[projection].name, f"{branch}_swing"]]  # fmt: skip

    def _written(self, projection: int) -> Routine:
        """u = |v| rounded; t is the prediction, which says where on φ it was."""
        bits, number = self._layer.scheme.literals[projection].swing_bits, self._number(projection)
        if self._layer.gated:
            rounded: Routine = [
                ["look", "s", SLOPES, "t"], ["less", "c", "s", 0], ["max", "s", "s", 0],
                ["dither", "r", number, bits + MAX_SLOPE_SHIFT], ["sub", "u", MAX_SLOPE_SHIFT, "s"],
                ["shr", "r", "r", "u"], ["abs", "u", "v"], ["add", "u", "u", "r"], ["shr", "u", "u", "s"],
                ["pick", "u", "c", 0, "u"],
            ]  # fmt: skip
        else:
            rounded = [["abs", "u", "v"], *self._dithered("u", number, bits)]
        return [*rounded, ["min", "u", "u", widths.TRACE_MAX], *in_multiples("u", bits)]

    def _number(self, projection: int) -> int:
        described = self._projections[projection]
        return swing_number(described.pair, described.way is Way.DOWN)

    @staticmethod
    def _dithered(register: str, number: int, bits: int) -> Routine:
        return [["dither", "r", number, bits], ["add", register, register, "r"]] if bits else []

    def _turn(self, projection: int, sign: int) -> Routine:
        """V̇ of an apical branch: ± what the basal one holds."""
        bits, swing = self._layer.scheme.literals[projection].swing_bits, f"{self._branch(projection)}_swing"
        turned: Routine = [["mov", swing, "u"] if sign > 0 else ["sub", swing, 0, "u"]]
        return [["mov", "u", "basal"], *self._dithered("u", self._number(projection), bits),
                ["min", "u", "u", widths.TRACE_MAX], *in_multiples("u", bits), *turned,
                ["write", self._projections[projection].name, swing]]  # fmt: skip

    def _read(self, projection: int, _: int) -> Routine:
        arrived, added = self._arrived(projection, OF_STATE)
        return [*added, ["max", "soma", arrived, -widths.NET_MAX], ["min", "soma", "soma", widths.NET_MAX]]

    def _send(self, projection: int, argument: int) -> Routine:
        register, made = self._message(argument)
        described, loud = self._projections[projection], self._layer.loud
        if not self._changes:
            return [*made, ["send", described.name, register, loud]]
        place = projection, current_of(Row(Op.SEND, projection, argument))
        last = SENT[described.way, place[1]]
        loud = 0 if place in self._begun else loud  # the always-on unit never changes
        self._begun.add(place)
        return [*made, ["sub", "u", register, last], ["mov", last, register], ["send", described.name, "u", loud]]

    def _message(self, argument: int) -> tuple[str, Routine]:
        """A register with the payload, and how it comes there."""
        if argument == STATE:
            return "t", [["add", "t", "soma", HALF], ["shr", "t", "t", BITS]]
        return ("noisy", []) if argument == NOISY else (self._branch(argument), [])

    def _learn(self, projection: int, argument: int) -> Routine:
        """What the synapses' traces hold: no trace has a sign."""
        name = self._projections[projection].name
        if argument in (RISING, FALLING):
            made: Routine = [] if argument == RISING else [["sub", "t", 0, "basal_swing"]]
            return [*made, ["max", "t", "t" if made else "basal_swing", 0], ["send", name, "t", 0]]
        register, made = self._message(argument)
        lowest = CLEARING if self._layer.program.once else 0
        return [*made, ["max", "t", register, lowest], ["send", name, "t", self._layer.quiet]]
