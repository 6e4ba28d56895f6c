"""A neuron document beside the kernel that it was made from: presentation by presentation, bit for bit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.operations import Op, operations
from neuro_bpdl.description.program import Program
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.neuron.interpreter import Machine
from neuro_bpdl.neuron.registers import BRANCH

Array = NDArray[Any]


def machine_of(kernel: FixedNetwork, document: Mapping[str, Any]) -> Machine:
    """The document with the kernel's weights and tags as they are now."""
    named = zip(kernel.projections, kernel.weights, strict=True)
    return Machine(document, {one.name: (matrix[0], matrix[1]) for one, matrix in named})


def replay(
    kernel: FixedNetwork, document: Mapping[str, Any], feeds: Iterable[Array], first: int = 0
) -> Iterator[list[str]]:
    """Present every feed to both; yields what differs: registers, weights and tags by name, [] where all is equal.

    Parameters
    ----------
    kernel : FixedNetwork
        One replica. Its weights change where it learns.
    document : mapping
        Of `document.neuron_document`.
    feeds : of (feed size,) payloads
    first : int
        Number of the first presentation.
    """
    machine = machine_of(kernel, document)
    for presentation, feed in enumerate(feeds, first):
        kernel.present(presentation, feed[None])
        machine.present(presentation, feed)
        yield differences(kernel, machine)


def differences(kernel: FixedNetwork, machine: Machine) -> list[str]:
    """Names of what a kernel and a machine hold differently after a presentation."""
    expected = dict(_registers(kernel))
    found = {f"{name}.{register}": values for name, population in machine.populations.items()
             for register, values in population.registers.items() if f"{name}.{register}" in expected}  # fmt: skip
    for described, matrix in zip(kernel.projections, kernel.weights, strict=True):
        expected |= {f"{described.name}.weights": matrix[0], f"{described.name}.tags": matrix[1]}
        synapses = machine.synapses[described.name]
        found |= {f"{described.name}.weights": synapses.weights, f"{described.name}.tags": synapses.tags}
    return [name for name, values in found.items() if not np.array_equal(values, expected[name])]


def _registers(kernel: FixedNetwork) -> Iterator[tuple[str, Array]]:
    program, state = kernel.program, kernel.state
    for layer in kernel.layers:
        name = program.description.populations[layer.index].name
        yield f"{name}.soma", layer.soma[0]
        yield f"{name}.noisy", layer.noisy[0]
        for projection, described in layer.incoming.items():
            branch = BRANCH[described.way]
            yield f"{name}.{branch}", layer.held[projection][0]
            if _swings(program, projection):
                yield f"{name}.{branch}_swing", state.of_projection(state.current, projection)[0]


def _swings(program: Program, projection: int) -> bool:
    ends = (row for step in operations(program) for row in step if row.subject == projection)
    return any(row.op in (Op.SWING, Op.TURN) for row in ends)
