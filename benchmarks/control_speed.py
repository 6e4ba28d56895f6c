"""Microseconds per decision, eager and on Lava fused, beside gymnasium's own step: the fastest tenth of one run.

    python benchmarks/control_speed.py [CartPole-v1]
"""

from __future__ import annotations

import sys
import time

import gymnasium
import numpy as np

import neuro_bpdl.processes  # noqa: F401
from neuro_bpdl.control.actor_critic import ActorCritic

EPISODES, DECISIONS, BLOCK = 60, 20_000, 10
SHARE = 10  # percent: what a core does that nobody else wants


def main(environment: str) -> None:
    """Print both over short blocks of decisions, seed 0, fixed point, and their ratio."""
    agent = ActorCritic(environment, seed=0).learn(EPISODES)
    world, plain = agent.world(EPISODES, 10**6), gymnasium.make(environment, disable_env_checker=True)
    plain.reset(seed=0)
    whole, step = [], []
    for _ in range(DECISIONS // BLOCK):
        began = time.perf_counter()
        for _ in range(BLOCK):
            world.answer(agent.kernel.act(world.message))
        between = time.perf_counter()
        for k in range(BLOCK):
            _, _, terminated, truncated, _ = plain.step(k % agent.kernel.actions)
            if terminated or truncated:
                plain.reset()
        whole.append((between - began) / BLOCK)
        step.append((time.perf_counter() - between) / BLOCK)
    eager, alone = 1e6 * float(np.percentile(whole, SHARE)), 1e6 * float(np.percentile(step, SHARE))
    print(
        f"{environment}, fixed, seed 0, eager: {eager:.1f} us a decision with the environment's step, {alone:.1f} us "
        f"the step alone: the agent {(eager - alone) / alone:.2f} steps, together {eager / alone:.2f}"
    )
    _on_lava(environment, alone)


def _on_lava(environment: str, alone: float) -> None:
    agent, marks = ActorCritic(environment, seed=0, backend="lava"), []

    def callback(agent: ActorCritic, episode: object) -> None:
        marks.append((time.perf_counter(), sum(agent.returns)))

    agent.learn(EPISODES, callback)
    marks.clear()
    before = len(agent.returns)
    agent.learn(EPISODES, callback)
    steps = sum(abs(total) for total in agent.returns[before + 1 :])
    seconds = marks[-1][0] - marks[0][0]
    print(f"{environment}, fixed, seed 0, Lava fused: {1e6 * seconds / steps:.1f} us a decision, "
          f"{1e6 * seconds / steps / alone:.2f} steps of the environment (CartPole: one return, one step)")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "CartPole-v1")
