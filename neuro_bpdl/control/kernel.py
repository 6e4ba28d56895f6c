"""One agent, whatever its arithmetic: what the eager loop and the fused Lava process both call."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.control.spec import ControlSpec
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.fixed import actor_critic as fixed
from neuro_bpdl.kernels.fixed.learning import PER_SYNAPSE, SPAN
from neuro_bpdl.kernels.fixed.rounding import SharedDraws
from neuro_bpdl.kernels.float import actor_critic as floating
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.literal import Literal, literal

Array = NDArray[Any]
ACTOR_UNIT, CRITIC_UNIT = 6, 7  # a weight of 1 stands for 2^-u
MOST_INPUTS = 2**31 // (widths.PAYLOAD_MAX * 2**widths.WEIGHT_BITS)
GAIN = 2  # δ is written times 2^2: most of it is small


class ActorCriticKernel:
    """Weights, x_{t−1} and the memory between two decisions.

    Parameters
    ----------
    spec : ControlSpec
    size, actions : int

    Attributes
    ----------
    tensors : name → array
        Everything that changes: actor, critic, old, memory. Changed in place.
    lost : (2,) int64
        Saturated tags and weights; stays 0 in float.
    """

    def __init__(self, spec: ControlSpec, size: int, actions: int) -> None:
        self.spec, self.size, self.actions = spec, size, actions
        self.lost = np.zeros(2, np.int64)
        self.integers = spec.arithmetic == "fixed"
        self._table = fixed.noise_table() if self.integers else fixed.noise_table() / 2.0**spec.sharpness
        if self.integers and size > MOST_INPUTS:
            raise InvalidInput("observation space", f"{size} inputs", f"at most {MOST_INPUTS}: sums of 31 bits",
                               "make the pictures smaller (gymnasium.wrappers.ResizeObservation)")  # fmt: skip
        self.tensors, self._constants = self._made()
        self._shared = SharedDraws() if self.integers and spec.rounding == "shared" else None
        self._draws, self._trace = np.full(1 + widths.CARRY_STEPS, PER_SYNAPSE, np.int64), -1.0

    def _made(self) -> tuple[dict[str, Array], Array]:
        """The tensors of an agent that has learned nothing, and its kernel's constants."""
        spec, size, actions = self.spec, self.size, self.actions
        if self.integers:
            return {
                "actor": np.zeros((2, size, actions), np.int16), "critic": np.zeros((2, size, 1), np.int16),
                "old": np.zeros(size, np.int32), "memory": np.zeros(fixed.MEMORY, np.int64),
            }, _constants(spec)  # fmt: skip
        return {
            "actor": np.zeros((size, actions)), "critic": np.zeros((size, 1)),
            "old": np.zeros(size), "memory": np.zeros(fixed.MEMORY),
        }, np.array([1 - 2.0**-spec.gamma_shift, spec.seed, spec.actor_rate, spec.critic_rate])  # fmt: skip

    @property
    def constants(self) -> Array:
        """See `kernels.fixed.actor_critic.decide`."""
        return self._constants

    def act(self, message: Array) -> int:
        """Learn from the state that was left, then choose; ``message`` as `World` gives it."""
        t = self.tensors
        if not self.integers:
            return int(floating.decide(t["actor"], t["critic"], t["old"], t["memory"], message, self._constants,
                                       self._table))  # fmt: skip
        if self._shared is not None:
            self._draw_shared(int(t["memory"][fixed.DECISION]))
        return int(
            fixed.decide(t["actor"], t["critic"], t["old"], t["memory"], message, self._constants, self._table,
                         self._draws, self._trace, self.lost)
        )  # fmt: skip

    def greedy(self, message: Array) -> int:
        """The policy without its noise."""
        return int((fixed if self.integers else floating).greedy(self.tensors["actor"], message))

    def value(self, message: Array) -> float:
        """V(s), where a reward of 1 in every step for ever is 1."""
        if self.integers:
            return float(fixed.current(self.tensors["critic"][0], message, 0)) / (127 << CRITIC_UNIT)
        return float(floating.net_input(self.tensors["critic"], message, 0))

    def adopt(self, tensors: dict[str, Array]) -> None:
        """Go on from these; shapes and types are the kernel's."""
        for name, array in self.tensors.items():
            array[...] = tensors[name]

    def live_in(self, tensors: dict[str, Array], lost: Array) -> None:
        """Work on these arrays, which hold the same, from now on."""
        self.tensors, self.lost = tensors, lost

    def _draw_shared(self, decision: int) -> None:
        assert self._shared is not None
        at = decision * fixed.PERIOD + fixed.LEARN + 1
        self._draws[:] = [int(self._shared.weight(at + k) * SPAN) for k in range(self._draws.size)]
        self._trace = self._shared.trace(at)


def literals(spec: ControlSpec) -> tuple[Literal, Literal]:
    """The actor's and the critic's learning rate as literals; raises InvalidInput where none is near."""
    high = 2.0**-GAIN  # the δ that the largest y stands for
    return (
        literal("actor", spec.actor_rate, unit_exponent=ACTOR_UNIT, high_post=high),
        literal("critic", spec.critic_rate, unit_exponent=CRITIC_UNIT, high_post=high),
    )


def _constants(spec: ControlSpec) -> Array:
    actor, critic = literals(spec)
    rules = [(rule.mantissa, rule.left_shift, rule.swing_bits) for rule in (actor, critic)]
    noise_unit = ACTOR_UNIT - spec.sharpness
    return np.array([spec.gamma_shift, spec.seed, noise_unit, GAIN, GAIN, *rules[0], *rules[1]], np.int64)


def actions_of(env: Any) -> int:
    """The number of actions.

    Raises
    ------
    InvalidInput
        Continuous or composed actions.
    """
    from gymnasium import spaces

    if not isinstance(env.action_space, spaces.Discrete):
        raise InvalidInput(
            "action space", str(env.action_space), "Discrete: the agent chooses one of a few actions",
            "wrap the environment so that a number chooses the action (gymnasium.ActionWrapper)",
        )  # fmt: skip
    return int(env.action_space.n)
