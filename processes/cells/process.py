"""The population that stands for the environment's state; it keeps x_{t−1} and sends it once more for learning."""

from __future__ import annotations

from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.magma.core.process.process import AbstractProcess

from neuro_bpdl.engines.lava.shared import SharedArray


class Cells(AbstractProcess):  # type: ignore[misc]
    """Sends x_t (SENSE), x_{t−1} (LEARN) and x_t again (RECALL); silent else.

    Parameters
    ----------
    old : SharedArray, (n,) int32
        x_{t−1}; lives there.

    Ports
    -----
    observation_in : (n + 2,)
        Once per decision.
    payload_out : (n,)
        At every time step.
    outcome_out : (2,)
        Reward and end, once per decision.
    """

    def __init__(self, *, old: SharedArray, name: str = "cells") -> None:
        super().__init__(old=old, name=name)
        n = old.array.size
        self.observation_in, self.payload_out = InPort(shape=(n + 2,)), OutPort(shape=(n,))
        self.outcome_out = OutPort(shape=(2,))
