"""One layer as a Lava process: basal, apical and soma compartments with V̇ ports."""

from __future__ import annotations

from typing import Any

from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.magma.core.process.process import AbstractProcess

from neuro_bpdl.backends.lava.mailbox import Mailbox
from neuro_bpdl.kernels.schedule import Program

COMPARTMENTS = ("basal", "apical")
LEARNING_SIGNALS = ("bap", "y1", "y2", "y3")


class Layer(AbstractProcess):  # type: ignore[misc]
    """Layer ``index`` with n units of three compartments each.

    Parameters
    ----------
    n, index : int
    kernel : LayerKernel
        The compartments' dynamics.
    program : Program
    first : int
        Number of the first presentation.
    gains : (float, float)
        Factors from V̇ to y1, y2 for the basal and the apical compartment: the
        part of the learning rate that no literal of the rule expresses.
    mailbox : Mailbox

    Ports
    -----
    basal_in, apical_in : (n,)
        Currents through F from below and through G from above.
    feed_in : (1, n)
        Values for LOAD; only the fed layer's is connected.
    up_out, down_out : (n + 1,)
        Graded spikes; the last unit is the always-on bias unit.
    {basal,apical}_{bap,y1,y2,y3}_out : (n,)
        y1 = V̇⁺ and y2 = V̇⁻ for the synapses on that compartment; the
        back-propagating action potential and y3 stay silent.
    """

    def __init__(
        self,
        *,
        n: int,
        index: int,
        kernel: Any,
        program: Program,
        first: int,
        gains: tuple[float, float],
        mailbox: Mailbox,
        name: str,
    ) -> None:
        super().__init__(
            n=n, index=index, kernel=kernel, program=program, first=first, gains=gains, mailbox=mailbox, name=name
        )
        self.basal_in, self.apical_in = InPort(shape=(n,)), InPort(shape=(n,))
        self.feed_in = InPort(shape=(1, n))
        self.up_out, self.down_out = OutPort(shape=(n + 1,)), OutPort(shape=(n + 1,))
        for compartment in COMPARTMENTS:
            for signal in LEARNING_SIGNALS:
                setattr(self, f"{compartment}_{signal}_out", OutPort(shape=(n,)))
