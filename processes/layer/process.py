"""One layer as a Lava process: basal, apical and soma compartments with V̇ ports."""

from __future__ import annotations

from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.process.variable import Var

from neuro_bpdl.description.program import Program
from neuro_bpdl.description.projections import Way
from neuro_bpdl.engines.lava.mailbox import Mailbox
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.layer import LayerKernel
from neuro_bpdl.kernels.standalone import standalone_program
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

BRANCHES = {Way.UP: "basal", Way.DOWN: "apical"}
LEARNING_SIGNALS = ("bap", "y1", "y2", "y3")


class Layer(AbstractProcess):  # type: ignore[misc]
    """n units of three compartments each, at one place of a chain of layers.

    A layer stands alone: ``Layer(shape=(20,))`` is the top layer over 20 units. Its arithmetic is the run
    configuration's tag, "floating_pt" or "fixed_pt".

    Parameters
    ----------
    shape : (n,)
    activation : str, or one for each layer of the chain
        A name in `neuro_bpdl.spec.ACTIVATIONS`.
    index : int
        Place in the chain, from 0 (visible).
    sizes : tuple of int, optional
        Units of all layers of the chain; (n, n) unless given.
    inference, plasticity : specs
        How somas move, and what corrupts them for learning.
    seed : int
        Of the corruption.
    compartment : subclass of FloatLayer or FixedLayer, optional
        Dynamics of one's own, e.g. with another ``predict``.
    gains : {projection: float}, optional
        Factors from V̇ to y1, y2 of every branch: the part of a learning
        rate that no literal of the rule expresses; 1 unless given.
    kernel, program, first, mailbox : optional
        A layer of a `Network`: its kernel, phases, number of the first
        presentation, and where it leaves what it records.

    Raises
    ------
    InvalidInput
        A shape that is no (n,), or another than ``sizes[index]`` says.

    Vars
    ----
    soma, basal, apical : (n,)
        h_l, and the predictions p_l and r_l that the branches hold.
    basal_swing, apical_swing : (n,)
        V̇ as it was last written.

    Ports
    -----
    basal_in, apical_in : (n,)
        Currents through F from below and through G from above.
    told_in : (n,)
        The current of a second basal branch, from labels that are a child of this layer.
    image_in : (n,)
        What LOAD takes at the first time step of a presentation; received at every time step, as stock sources send.
    feed_in : (1, n)
        The same, received at the first time step alone; used where it is connected, for fed layers only.
    up_out, down_out : (n + 1,)
        Graded spikes; the last unit is the always-on bias unit.
    told_out : (n + 1,)
        The same, to labels that are a child of this layer.
    {basal,apical}_{bap,y1,y2,y3}_out : (n,)
        y1 = V̇⁺ and y2 = V̇⁻ for the synapses on that compartment; the
        back-propagating action potential and y3 stay silent.
    """

    _runtime = None  # Lava's destructor asks for it, also when a constructor has refused its arguments

    def __init__(
        self,
        *,
        shape: tuple[int],
        activation: str | tuple[str, ...] = "hard-sigmoid",
        index: int = 1,
        sizes: tuple[int, ...] | None = None,
        inference: InferenceSpec | None = None,
        plasticity: PlasticitySpec | None = None,
        seed: int = 0,
        compartment: type[LayerKernel] | None = None,
        gains: dict[int, float] | None = None,
        kernel: LayerKernel | None = None,
        program: Program | None = None,
        first: int = 0,
        mailbox: Mailbox | None = None,
        name: str | None = None,
    ) -> None:
        n = _units(shape)
        inference = inference or InferenceSpec()
        network = None if kernel is not None else _chain(n, index, sizes, activation)
        if program is None:
            if network is None:
                raise InvalidInput("Layer.program", None, "the program that kernel= runs", "give both or neither")
            program = standalone_program(network, inference.steps)
        self.period = len(program)
        super().__init__(
            n=n, index=index, network=network, inference=inference, plasticity=plasticity or PlasticitySpec(),
            seed=seed, compartment=compartment, kernel=kernel, program=program, first=first, gains=gains or {},
            mailbox=mailbox, name=name or f"layer_{index}",
        )  # fmt: skip
        self.basal_in, self.apical_in, self.told_in = (InPort(shape=(n,)) for _ in range(3))
        self.feed_in, self.image_in = InPort(shape=(1, n)), InPort(shape=(n,))
        self.up_out, self.down_out, self.told_out = (OutPort(shape=(n + 1,)) for _ in range(3))
        self.soma = Var(shape=(n,), init=0)
        for branch in BRANCHES.values():
            setattr(self, branch, Var(shape=(n,), init=0))
            setattr(self, f"{branch}_swing", Var(shape=(n,), init=0))
            for signal in LEARNING_SIGNALS:
                setattr(self, f"{branch}_{signal}_out", OutPort(shape=(n,)))


def _units(shape: tuple[int]) -> int:
    if not isinstance(shape, tuple) or len(shape) != 1 or shape[0] < 1:
        raise InvalidInput("Layer.shape", shape, "(n,) with n units", "a layer has one dimension")
    return int(shape[0])


def _chain(n: int, index: int, sizes: tuple[int, ...] | None, activation: str | tuple[str, ...]) -> NetworkSpec:
    sizes = (n, n) if sizes is None else tuple(sizes)
    if not 0 <= index < len(sizes) or sizes[index] != n:
        raise InvalidInput(
            "Layer.sizes", sizes, f"sizes of all layers, with {n} (shape) at place {index} (index)",
            "give index= and sizes= of the whole chain",
        )  # fmt: skip
    return NetworkSpec.of(sizes, activation)
