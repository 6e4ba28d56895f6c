"""What a chip's programmer needs of an agent besides its weights: schedule, populations, rules, noise, widths."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from neuro_bpdl.control import hidden, kernel
from neuro_bpdl.kernels.fixed import actor_critic as top
from neuro_bpdl.kernels.fixed import bandit
from neuro_bpdl.kernels.fixed import hidden_actor_critic as deep
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.literal import WEIGHT_RULE, Literal

CARRY = {"phase": "carry", "does": "synapses carry what their tags hold beyond half a weight unit", "sends": []}


def described(agent: kernel.ActorCriticKernel) -> dict[str, Any]:
    """Everything that follows from the spec and the sizes; a loader compares it with its own."""
    deep_one = isinstance(agent, hidden.HiddenKernel)
    return {
        "schedule": _deep_schedule() if deep_one else _schedule(),
        "populations": _populations(agent),
        "projections": _deep_projections(agent) if deep_one else _projections(agent),
        "td_error": _td_error(agent, deep_one),
        "choice": {
            "rule": "argmax_k (A_k + (noise_table[draw] << noise_shift)), drawn twice: the winner acts, then its twin",
            "noise_table": top.noise_table().tolist(),
            "noise_shift": _noise_shifts(agent),
        },
        "widths": {
            "payload_bits": widths.PAYLOAD_BITS, "weight_min": widths.WEIGHT_MIN, "weight_max": widths.WEIGHT_MAX,
            "tag_magnitude_bits": widths.TAG_BITS, "tag_fraction_bits": widths.CARRY_BITS,
            "trace_bits": widths.TRACE_BITS, "accumulator_bits": widths.ACCUMULATOR_BITS,
        },
    }  # fmt: skip


def _step(phase: str, does: str, *sends: str) -> dict[str, Any]:
    return {"phase": phase, "does": does, "sends": list(sends)}


def _schedule() -> dict[str, Any]:
    learns = "value unit writes delta, winner +delta, twin -delta as y1 - y2; synapses learn from what is sent"
    steps = [_step("sense", "x_t leaves the cells", "cells"), _step("learn", learns, "cells, x of the last decision"),
             *[CARRY] * widths.CARRY_STEPS, _step("recall", "x_t once more", "cells"),
             _step("act", "the winner and its twin are drawn")]  # fmt: skip
    return {"time_steps": top.PERIOD, "steps": steps}


def _deep_schedule() -> dict[str, Any]:
    learns = "delta as without a hidden layer, sent down; hidden units write V̇ = G V̇; all but G learns, and G from V̇+"
    steps = [
        _step("sense", "x_t leaves the cells", "cells"), _step("relay", "hidden units take it", "hidden"),
        _step("judge", "delta", "units, V̇ through G"),
        _step("learn", learns, "cells and hidden, of the last decision", "units, V̇+ while apical compartments rise"),
        *[CARRY] * widths.CARRY_STEPS, _step("fall", "G learns from V̇-", "units, V̇- while apical compartments fall"),
        *[CARRY] * widths.CARRY_STEPS, _step("recall", "x_t once more", "cells"),
        _step("relay", "hidden units take it", "hidden"), _step("act", "the winner and its twin are drawn"),
    ]  # fmt: skip
    return {"time_steps": deep.PERIOD, "steps": steps}


def _populations(agent: kernel.ActorCriticKernel) -> list[dict[str, Any]]:
    found = [{"name": "cells", "units": agent.size}]
    if agent.spec.hidden:
        found.append({"name": "hidden", "units": agent.spec.hidden, "payload_shift": bandit.HIDDEN_SHIFT,
                      "always_on_below": bandit.LOUD, "always_on": bandit.QUIET})  # fmt: skip
    return [*found, {"name": "value", "units": 1}, {"name": "actions", "units": agent.actions}]


def _td_error(agent: kernel.ActorCriticKernel, deep_one: bool) -> dict[str, Any]:
    spec = agent.spec
    return {
        "rule": "(r << reward_shift >> gamma_shift) + A - (A >> gamma_shift) - A of the last decision; A is 0 after an "
                "end, r is signed with 127 for 1",
        "gamma_shift": spec.gamma_shift, "reward_shift": deep.REWARD_BITS if deep_one else top.REWARD_BITS,
        "written": "delta * 2^gain / 128, rounded stochastically to a multiple of 2^swing_bits",
        "gain": deep.WRITTEN_GAIN if deep_one else kernel.GAIN,
    }  # fmt: skip


def _noise_shifts(agent: kernel.ActorCriticKernel) -> int | list[int]:
    """With a hidden layer one for every level of the rates."""
    if not agent.spec.hidden:
        return kernel.ACTOR_UNIT - agent.spec.sharpness
    return [hidden.noise_shift(agent.spec, level) for level in range(hidden.LEVELS)]


def _projections(agent: kernel.ActorCriticKernel) -> list[dict[str, Any]]:
    actor, critic = kernel.literals(agent.spec)
    return [_projection("actor", "cells", "actions", actor, kernel.ACTOR_UNIT),
            _projection("critic", "cells", "value", critic, kernel.CRITIC_UNIT)]  # fmt: skip


def _deep_projections(agent: kernel.ActorCriticKernel) -> list[dict[str, Any]]:
    """With every level of the rates, and the decision from which it holds."""
    levels = [hidden.literals(agent.spec, level) for level in range(hidden.LEVELS)]
    ends = {
        "first": ("cells", "hidden", 2, widths.UNIT_EXPONENT), "actor": ("hidden", "actions", 0, deep.ACTOR_UNIT),
        "critic": ("hidden", "value", 1, deep.CRITIC_UNIT), "down_actor": ("actions", "hidden", 0, deep.ACTOR_UNIT),
        "down_critic": ("value", "hidden", 1, deep.CRITIC_UNIT),
    }  # fmt: skip
    found = []
    for name, (pre, post, which, unit) in ends.items():
        rates = [{"from_decision": k * agent.spec.halving, **_rule(level[which])} for k, level in enumerate(levels)]
        found.append({**_projection(name, pre, post, levels[0][which], unit), "levels": rates})
    return found


def _projection(name: str, pre: str, post: str, literal: Literal, unit: int) -> dict[str, Any]:
    return {"name": name, "pre": pre, "post": post, "weight_unit_exponent": unit, **_rule(literal)}


def _rule(literal: Literal) -> dict[str, Any]:
    return {
        "rule": {"weight": WEIGHT_RULE, "tag": literal.tag_rule},
        "literal": {**asdict(literal), "swing_bits": literal.swing_bits},
    }
