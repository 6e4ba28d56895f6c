"""The agent with a hidden layer: cells of single variables, H units that learn what to tell actor and critic."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.control.kernel import ActorCriticKernel
from neuro_bpdl.control.spec import ControlSpec
from neuro_bpdl.kernels.fixed import actor_critic as top
from neuro_bpdl.kernels.fixed import hidden_actor_critic as fixed
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.literal import Literal, literal, smallest_rate
from neuro_bpdl.numbers.streams import Stream, stream

Array = NDArray[Any]
HIGH = 4.0  # what the largest hidden payload stands for
# The actor's updates with a value that is still wrong are what undoes a good policy, so its rate falls fastest, and
# with it the noise that calls for updates; the value goes on learning (docs/reward.md).
LEVELS = 8
MOST_HALVED = 6, 4  # of the actor's and of the hidden layer's rate
MOST_CALMED = 3
SPREAD, BIAS, DOWN = 0.7, 0.5, 3  # of the first weights, of biases, and of G in weight units


class HiddenKernel(ActorCriticKernel):
    """See `ActorCriticKernel`; in integers, eager or fused."""

    def _made(self) -> tuple[dict[str, Array], Array]:
        spec, size, actions, units = self.spec, self.size, self.actions, self.spec.hidden
        draws, back = stream(spec.seed, Stream.INITIAL_F), stream(spec.seed, Stream.INITIAL_G)
        weights = np.vstack((SPREAD * draws.standard_normal((size, units)), draws.uniform(-BIAS, BIAS, (1, units))))
        down = back.integers(-DOWN, DOWN + 1, (actions + 1, units)).astype(np.int16)
        self._levels = [_constants(spec, level) for level in range(LEVELS)]
        return {
            "first": _stored(weights), "actor": np.zeros((2, units + 1, actions), np.int16),
            "critic": np.zeros((2, units + 1, 1), np.int16),
            "down_actor": np.stack((down[:-1], np.zeros_like(down[:-1]))),
            "down_critic": np.stack((down[-1:], np.zeros_like(down[-1:]))),
            "old": np.zeros(size + 1, np.int32), "old_hidden": np.zeros(units + 1, np.int32),
            "memory": np.zeros(top.MEMORY, np.int64),
        }, self._levels[0]  # fmt: skip

    def act(self, message: Array) -> int:
        """See `ActorCriticKernel.act`."""
        t = self.tensors
        level = min(int(t["memory"][top.DECISION]) // self.spec.halving, LEVELS - 1)
        return int(
            fixed.decide(t["first"], t["actor"], t["critic"], t["down_actor"], t["down_critic"], t["old"],
                         t["old_hidden"], t["memory"], message, self._levels[level], self._table, self.lost)
        )  # fmt: skip

    def greedy(self, message: Array) -> int:
        """The policy without its noise."""
        return int(self._inputs(message)[0].argmax())

    def value(self, message: Array) -> float:
        """V(s), where a reward of 1 in every step for ever is 1."""
        return float(self._inputs(message)[1][0]) / (127 << fixed.REWARD_BITS)

    def _inputs(self, message: Array) -> tuple[Array, Array]:
        inputs, value = np.empty(self.actions, np.int32), np.empty(1, np.int32)
        fixed.top_inputs(self.tensors["first"], self.tensors["actor"], self.tensors["critic"], message, inputs, value)
        return inputs, value


def literals(spec: ControlSpec, level: int = 0) -> tuple[Literal, Literal, Literal]:
    """The rates of actor, critic and hidden layer at a level; raises InvalidInput where none is near the first."""
    high = 2.0**-fixed.GAIN
    actor, hidden = (2.0 ** -min(level, most) for most in MOST_HALVED)
    return (
        _fallen("actor", spec.actor_rate, actor, unit_exponent=fixed.ACTOR_UNIT, high_pre=HIGH, high_post=high),
        _fallen("critic", spec.critic_rate, 2.0 ** -(level / 2), unit_exponent=fixed.CRITIC_UNIT, high_pre=HIGH,
                high_post=high),
        _fallen("hidden", spec.hidden_rate, hidden, unit_exponent=widths.UNIT_EXPONENT,
                high_post=HIGH * 2.0**-fixed.HIDDEN_GAIN),
    )  # fmt: skip


def _fallen(name: str, rate: float, share: float, **units: Any) -> Literal:
    """A share of a rate, but no less than the smallest that a literal gives."""
    return literal(name, max(share * rate, min(rate, smallest_rate(**units))), **units)


def noise_shift(spec: ControlSpec, level: int) -> int:
    """A net input of 1 is 127·2^6 at the units, and so is the noise at first; then half of it every two levels."""
    return fixed.ACTOR_UNIT - 2 - spec.sharpness - min(level // 2, MOST_CALMED)


def _constants(spec: ControlSpec, level: int) -> Array:
    rules = [(rule.mantissa, rule.left_shift, rule.swing_bits) for rule in literals(spec, level)]
    gains = fixed.WRITTEN_GAIN, fixed.WRITTEN_GAIN
    return np.array([spec.gamma_shift, spec.seed, noise_shift(spec, level), *gains, *rules[0], *rules[1], *rules[2]],
                    np.int64)  # fmt: skip


def _stored(weights: Array) -> Array:
    """(2, pre + 1, post) int16: weights and what is left of them in tags."""
    total = np.rint(weights * 2.0**widths.UNIT_EXPONENT * widths.CARRY).astype(np.int64)
    whole = np.clip((total + widths.CARRY_THRESHOLD) >> widths.CARRY_BITS, widths.WEIGHT_MIN, widths.WEIGHT_MAX)
    rest = np.clip(total - (whole << widths.CARRY_BITS), -widths.CARRY_THRESHOLD, widths.CARRY_THRESHOLD)
    return np.stack((whole, rest)).astype(np.int16)
