"""This package's actor-critic on place cells (docs/reward.md, recipe A), with the settings of `control train`."""

from __future__ import annotations

import sys
import time
from importlib.metadata import version

import numpy as np

from neuro_bpdl.control.actor_critic import ActorCritic


def main(data: str, out: str, seed: int, arithmetic: str) -> None:
    """Learn until the goal is reached or the interactions are used, then test."""
    d, times = np.load(data), []
    environment, window = str(d["environment"]), int(d["window"])
    ActorCritic(environment, seed=seed, arithmetic=arithmetic).learn(1)  # compiles, or loads what was compiled
    began = time.process_time()
    agent = ActorCritic(environment, seed=seed, arithmetic=arithmetic)

    def ended(agent: ActorCritic, _: object) -> bool:
        times.append(time.process_time() - began)
        last = agent.returns[-window:]
        solved = len(last) == window and np.mean(last) >= float(d["goal"])
        return not solved and sum(agent.returns) < int(d["interactions"])

    agent.learn(10**6, ended)
    about = f"neuro-bpdl {version('neuro-bpdl')} control, {arithmetic}, eager"
    np.savez(out, returns=agent.returns, times=times, tested=agent.evaluate(100), about=about)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
