"""The value unit and the units that choose: V̇ from reward, the winner and its twin."""

from __future__ import annotations

from typing import Any

from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.magma.core.process.process import AbstractProcess

from neuro_bpdl.engines.lava.shared import SharedArray

SIGNALS = ("bap", "y1", "y2", "y3")


class Chooser(AbstractProcess):  # type: ignore[misc]
    """Compartments of an actor-critic; on a chip this is the neuron's microcode and a broadcast of δ.

    Parameters
    ----------
    actions : int
    constants : see `kernels.fixed.actor_critic.decide`
    memory : SharedArray
        What is kept between two decisions; lives there.

    Ports
    -----
    actor_in, critic_in : (actions,), (1,)
        Currents.
    outcome_in : (2,)
        Reward and end.
    action_out : (1,)
    {actor,critic}_{bap,y1,y2,y3}_out
        V̇ of either group, zero but at LEARN.
    """

    def __init__(self, *, actions: int, constants: Any, memory: SharedArray, name: str = "chooser") -> None:
        super().__init__(actions=actions, constants=constants, memory=memory, name=name)
        self.outcome_in, self.action_out = InPort(shape=(2,)), OutPort(shape=(1,))
        for group, size in (("actor", actions), ("critic", 1)):
            setattr(self, f"{group}_in", InPort(shape=(size,)))
            for signal in SIGNALS:
                setattr(self, f"{group}_{signal}_out", OutPort(shape=(size,)))
