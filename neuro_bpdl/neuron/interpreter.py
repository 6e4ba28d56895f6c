"""Runs a neuron document: it reads the document, weights and what comes from outside, and nothing else.

Every register is checked against its width at every instruction, every accumulator at every time step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import SimulationError
from neuro_bpdl.neuron.draws import Rounding, hashed, philox
from neuro_bpdl.neuron.synapses import Synapses

Array = NDArray[Any]
_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "mov": lambda a: a, "add": np.add, "sub": np.subtract, "mul": np.multiply, "abs": np.abs,
    "min": np.minimum, "max": np.maximum, "shl": np.left_shift, "shr": np.right_shift,
    "sign": lambda a, b: np.where(np.less(b, 0), np.negative(a), a),
    "less": np.less, "pick": np.where,
}  # fmt: skip


class Population:
    """The neurons of one population: registers by name, (units,) int64 each."""

    def __init__(self, document: Mapping[str, Any], seed: int) -> None:
        self.document, self._seed, self._units = document, seed, document["units"]
        self.registers = {name: np.zeros(self._units, np.int64) for name in document["registers"]}
        self.inputs = {name: np.zeros(self._units, np.int64) for name in document["accumulators"]}
        self._of_projection = {one["projection"]: name for name, one in document["accumulators"].items()}
        self._tables = {name: np.array(table, np.int64) for name, table in document["tables"].items()}
        self._limits = {name: _range(one) for part in ("registers", "accumulators")
                        for name, one in document[part].items()}  # fmt: skip
        self.sent: dict[str, Array] = {}
        self.written: dict[str, Array] = {}

    def step(self, position: int, presentation: int, feed: Array) -> None:
        """One time step: the instructions of its routine, one after the other."""
        self.sent, self.written = {}, {}
        for name, first, *rest in self.document["routines"][self.document["steps"][position]]:
            if name == "send":
                payload = self._value(rest[0])
                self.sent[first] = np.append(payload, rest[1])
            elif name == "write":
                self.written[first] = self._value(rest[0])
            else:
                self._set(first, self._result(name, rest, presentation, feed))

    def receive(self, currents: Mapping[str, Array]) -> None:
        """Accumulators for the next time step, from the currents of projections; 0 where none arrive."""
        for projection, name in self._of_projection.items():
            current = currents.get(projection)
            self.inputs[name] = np.zeros(self._units, np.int64) if current is None else current
            self._require(name, self.inputs[name])

    def _result(self, name: str, rest: list[Any], presentation: int, feed: Array) -> Any:
        if name in _ARITHMETIC:
            return _ARITHMETIC[name](*map(self._value, rest))
        if name == "look":
            table = self._tables[rest[0]]
            return table[np.clip(self._value(rest[1]), 0, len(table) - 1)]
        if name == "feed":
            return feed[rest[0] : rest[0] + self._units]
        return self._random(name, rest, presentation)

    def _random(self, name: str, rest: list[Any], presentation: int) -> Array:
        if name == "dither":
            number, bits = rest
            drawn = hashed(self._seed, number, presentation, np.arange(1), np.arange(self._units))[0]
            return (drawn >> np.uint32(32 - bits)).astype(np.int64)
        noise = self.document["noise"]
        generator = philox(self._seed, noise["stream"], presentation)
        if name == "noise":
            normal = generator.standard_normal(self._units).astype(np.float32)
            return np.rint(normal * np.float32(noise["gaussian"]["spread"])).astype(np.int64)
        if name == "count":
            uniform = generator.random((noise["count"]["draws"], self._units))
            return (uniform < self._value(rest[0]) / noise["count"]["one"]).sum(axis=0)
        raise SimulationError(f"neuron program: {name!r} is no instruction")

    def _value(self, operand: Any) -> Any:
        if not isinstance(operand, str):
            return operand
        return self.registers[operand] if operand in self.registers else self.inputs[operand]

    def _set(self, register: str, value: Any) -> None:
        whole = np.broadcast_to(value, self._units).astype(np.int64)
        self._require(register, whole)
        self.registers[register] = whole

    def _require(self, name: str, value: Array) -> None:
        low, high = self._limits[name]
        if value.min() < low or value.max() > high:
            raise SimulationError(f"{self.document['name']}.{name}: {value.min()} to {value.max()} does not fit into "
                                  f"{low} to {high}")  # fmt: skip


def _range(register: Mapping[str, Any]) -> tuple[int, int]:
    bits = register["bits"]
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if register["signed"] else (0, (1 << bits) - 1)


class Machine:
    """A network of neuron programs.

    Parameters
    ----------
    document : mapping
        Of `document.neuron_document`, or read from an export's neuron.json.
    weights : {projection: ((pre + 1, post), (pre + 1, post))}
        Weights and tags.

    Raises
    ------
    SimulationError
        While it runs: a register or accumulator that does not hold what it is given, or an unknown instruction.
    """

    def __init__(self, document: Mapping[str, Any], weights: Mapping[str, tuple[Array, Array]]) -> None:
        self._document, seed = document, document["randomness"]["seed"]
        self.populations = {one["name"]: Population(one, seed) for one in document["populations"]}
        self.synapses = {
            one["name"]: Synapses(document["synapses"], one["rule"], *weights[one["name"]])
            for one in document["projections"]
        }
        self._epoch = document["synapses"]["epoch"]
        fraction = document["synapses"]["accumulator"]["fraction_bits"]
        self._rounding = Rounding(document["randomness"], fraction, self._epoch)
        self._arrived: dict[str, Array] = {}

    def present(self, presentation: int, feed: Array) -> None:
        """All time steps of one presentation.

        Parameters
        ----------
        presentation : int
            From 0; selects what is random.
        feed : (feed size,) integers
            Payloads.
        """
        for position in range(self._document["time_steps"]):
            self._step(position, presentation, feed)

    def _step(self, position: int, presentation: int, feed: Array) -> None:
        sent, written = dict[str, Array](), dict[str, Array]()
        for population in self.populations.values():
            population.step(position, presentation, feed)
            sent |= population.sent
            written |= population.written
        currents = {name: self.synapses[name].currents(payload) for name, payload in sent.items()}
        time_step = presentation * self._document["time_steps"] + position + 1
        for name, payload in sent.items():  # what a unit sent last is what its trace shows
            before = self._arrived.get(name, np.zeros_like(payload))
            self._arrived[name] = np.where(payload != 0, payload, before)
        if time_step % self._epoch == 0:
            for projection in self._document["projections"]:
                name = projection["name"]
                self._learn(projection, self._arrived.get(name), written.get(name), time_step)
            self._arrived = {}
        for population in self.populations.values():
            population.receive(currents)

    def _learn(self, projection: Mapping[str, Any], payload: Array | None, swing: Array | None, time_step: int) -> None:
        synapses = self.synapses[projection["name"]]
        traces = None
        if swing is not None:
            traces = tuple(self._rounding.decayed(np.maximum(part, 0), time_step) for part in (swing, -swing))
        draws = partial(self._rounding.of_synapses, projection["hash_number"], time_step, synapses.weights.shape)
        synapses.step(payload, traces, draws)  # type: ignore[arg-type]
