"""The actor-critic as one Lava process, with a fused and a composed model."""

from __future__ import annotations

from typing import Any

from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.magma.core.process.process import AbstractProcess

from neuro_bpdl.engines.lava.shared import SharedArray


class Agent(AbstractProcess):  # type: ignore[misc]
    """Place cells, a value unit and one unit per action.

    Parameters
    ----------
    kernel : ActorCriticKernel
        Where it starts.
    tensors : name → SharedArray
        Where its weights and memory are while it runs.
    lost : SharedArray, (2,) int64

    Ports
    -----
    observation_in : (size + 2,)
        Rates or payloads, reward, end.
    action_out : (1,)
    """

    def __init__(self, *, kernel: Any, tensors: dict[str, SharedArray], lost: SharedArray, name: str = "agent") -> None:
        super().__init__(kernel=kernel, tensors=tensors, lost=lost, name=name)
        self.observation_in, self.action_out = InPort(shape=(kernel.size + 2,)), OutPort(shape=(1,))
