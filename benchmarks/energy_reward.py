"""Returns against modelled energy and messages of a decision: actor-critics with more or fewer cells, and hidden units.

    python benchmarks/energy_reward.py [--cells 4,5,6,8,10,14] [--hidden 50,100,400] [--seeds 200,201,202]

CartPole-v1, integers, rounding per synapse, eager engine; settings of the environment's recipe else. 300 episodes (400
with a hidden layer, whose cells lie along single variables). A decision with its update costs what `control map` says:
counts times published constants, dynamic energy on one core of Loihi 2; nothing is run on a chip. *Until solved*: the
decisions until the mean of the last 100 training returns first reaches 475, each at that price.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.cost import decision_cost
from neuro_bpdl.control.measure import summary

ENVIRONMENT, TARGET, TESTS = "CartPole-v1", "loihi2", 100
EPISODES = {False: 300, True: 400}  # without, and with a hidden layer


def main() -> None:
    """Train and print one JSON line per agent and seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", default="4,5,6,8,10,14")
    parser.add_argument("--hidden", default="50,100,400")
    parser.add_argument("--seeds", default="200,201,202")
    given = parser.parse_args()
    agents = [{"cells": int(count)} for count in given.cells.split(",") if count]
    agents += [{"hidden": int(count)} for count in given.hidden.split(",") if count]
    for agent in agents:
        for seed in map(int, given.seeds.split(",")):
            print(json.dumps(measured(seed, agent)), flush=True)


def measured(seed: int, given: dict[str, int]) -> dict[str, Any]:
    """Play and learn; returns, and what a decision costs at the end."""
    agent = ActorCritic(ENVIRONMENT, seed=seed, **given)
    agent.learn(EPISODES[agent.spec.hidden > 0])
    cost, found = decision_cost(agent.kernel, TARGET), summary(ENVIRONMENT, agent.returns)
    solved = found["solved_at"]
    decisions = None if solved is None else int(np.sum(agent.returns[:solved]))  # a step upright is worth 1
    return {
        "environment": ENVIRONMENT, "seed": seed, "cells": agent.kernel.size, "hidden": agent.spec.hidden,
        "arithmetic": agent.spec.arithmetic, "backend": agent.spec.backend, "solved_at": solved,
        "last_100": found["last_100"], "test_mean": float(agent.evaluate(TESTS).mean()),
        "messages": cost.counts.spikes, "synaptic_operations": cost.counts.synaptic_operations,
        "learning_updates": cost.counts.learning_updates, "time_steps": cost.counts.time_steps,
        "energy_uJ": 1e6 * cost.energy, "time_us": 1e6 * cost.time, "decisions_until_solved": decisions,
        "until_solved_mJ": None if decisions is None else 1e3 * cost.energy * decisions, "constants": cost.label,
    }  # fmt: skip


if __name__ == "__main__":
    main()
