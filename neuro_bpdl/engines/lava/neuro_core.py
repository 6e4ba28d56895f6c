"""A `Layer` on a neuro core: allocated from a neuron document, where Intel's extension of Lava is installed.

The extension is not public. What is used of it here is what public users' code shows: the model's base class, port
and variable types, ``allocate(net)``, the calls that allocate microcoded neurons and output axons, and ``connect``.
A chip's own instructions are not public either: who has them translates a document's program and gives the file.
Nothing here has been run on a chip.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neuro_bpdl.engines.lava.availability import require_chip
from neuro_bpdl.errors import InvalidInput, MissingDependency
from neuro_bpdl.numbers.widths import MESSAGE_BITS

INPUTS = {"basal_in": 24, "apical_in": 24}
OUTPUTS = {"up_out": "source", "down_out": "source"}
UNCONNECTED = (
    "y1, y2 of both branches: how a neuron's program writes a synapse's post traces on a chip is not public",
    "image_in, feed_in: images come through an embedded processor",
    "the always-on unit behind the last neuron: a neuron of its own, which sends constants",
)


@dataclass(frozen=True)
class Microcode:
    """A neuron document, and each population's program in a chip's own instructions.

    Attributes
    ----------
    document : mapping
        neuron.json of an export.
    files : {population: path}
        Translations of ``routines``, for every population of the document.

    Raises
    ------
    InvalidInput
        A population without a file, or a file that is not there.
    """

    document: Mapping[str, Any]
    files: Mapping[str, Path]

    def __post_init__(self) -> None:
        for population in self.document["populations"]:
            name = population["name"]
            found = self.files.get(name)
            if found is None or not Path(found).is_file():
                raise InvalidInput(f"microcode of {name}", found, "a file with its program in a chip's instructions",
                                   "translate its routines in neuron.json")  # fmt: skip

    @property
    def message_bits(self) -> int:
        """Of what neurons send: more where they send changes."""
        return int(self.document.get("message_bits", MESSAGE_BITS))

    def of(self, index: int) -> tuple[Mapping[str, Any], str]:
        """A population's part of the document, and its file."""
        population = self.document["populations"][index]
        return population, str(self.files[population["name"]])

    def leaving(self, index: int) -> dict[str, str]:
        """Port → projection that leaves a population."""
        name = self.document["populations"][index]["name"]
        numbers = {one["name"]: one["number"] for one in self.document["populations"]}
        return {
            "up_out" if numbers[one["target"]] > index else "down_out": one["name"]
            for one in self.document["projections"] if one["source"] == name
        }  # fmt: skip


def layer_model(microcode: Microcode) -> type:
    """A process model of `Layer` for Loihi 2's neuro cores, to be named in a run configuration.

    Raises
    ------
    MissingDependency
        Intel's extension (or Lava) is not installed, or has other names than public code shows.
    """
    require_chip()
    try:
        from lava.magma.core.model.nc.model import AbstractNcProcessModel
        from lava.magma.core.model.nc.ports import NcInPort, NcOutPort
        from lava.magma.core.model.nc.type import LavaNcType
    except ImportError as error:
        raise MissingDependency(f"lava-loihi: installed, but {error}; only its public names are known here") from error
    from lava.magma.core.decorator import implements, requires, tag
    from lava.magma.core.resources import Loihi2NeuroCore
    from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

    from neuro_bpdl.processes.layer.process import Layer

    def allocate(self: Any, net: Any) -> None:
        allocate_layer(self, net, microcode)

    ports = {name: LavaNcType(NcInPort, np.int32, precision=bits) for name, bits in INPUTS.items()}
    ports |= {name: LavaNcType(NcOutPort, np.int32, precision=microcode.message_bits) for name in OUTPUTS}
    model = type("NcLayer", (AbstractNcProcessModel,), {**ports, "allocate": allocate, "__module__": __name__})
    made: type = implements(proc=Layer, protocol=LoihiProtocol)(requires(Loihi2NeuroCore)(tag("fixed_pt")(model)))
    return made


def allocate_layer(model: Any, net: Any, microcode: Microcode) -> None:
    """Neurons with the document's registers, axons for what leaves, and connections between them.

    Parameters
    ----------
    model : instance of `layer_model`
        Has the process's ``proc_params`` and its ports.
    net : the extension's
        What its compiler hands to ``allocate``.
    """
    index = model.proc_params["index"]
    population, file = microcode.of(index)
    shape = (population["units"],)
    kept = {name: 0 for name, register in population["registers"].items() if register["kept"]}
    program = net.neurons_cfg.allocate_ucode(shape=(1,), ucode=file)
    neurons = net.neurons.allocate_ucode(shape=shape, **kept)
    neurons.connect(program)
    for name in population["accumulators"]:
        getattr(model, name).connect(neurons)
    for port in microcode.leaving(index):
        axons = net.ax_out.allocate(shape=shape, num_message_bits=microcode.message_bits)
        neurons.connect(axons)
        axons.connect(getattr(model, port))
