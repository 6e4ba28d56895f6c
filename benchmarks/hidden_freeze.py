"""What undoes a good policy above a learned hidden layer: from one agent, learning goes on with a part of it frozen.

    python benchmarks/hidden_freeze.py [SEED ...]

CartPole-v1, fixed point, eager, rates that do not fall: 200 episodes, then 200 more from the same agent for every part.
A part is frozen by putting its tensors back after every decision. Printed: the mean of the last 100 training returns,
and the critic's rate times |h|², the share of an error that one update takes away (beyond 2 it grows).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.hidden import HIGH

EPISODES, LAST = 200, 100
RATES = {"actor_rate": 0.2, "critic_rate": 0.02, "halving": 10**12, "gamma_shift": 7}
PARTS = {
    "nothing": (), "actor": ("actor",), "critic": ("critic",), "hidden layer": ("first",),
    "feedback": ("down_actor", "down_critic"), "all but the critic": ("actor", "first", "down_actor", "down_critic"),
}  # fmt: skip


def freeze(agent: ActorCritic, names: tuple[str, ...]) -> None:
    """Put these tensors back after every decision."""
    act, kept = agent.kernel.act, {name: agent.kernel.tensors[name].copy() for name in names}

    def acting(message: np.ndarray) -> int:
        action = act(message)
        for name, array in kept.items():
            agent.kernel.tensors[name][...] = array
        return action

    agent.kernel.act = acting


def gain(agent: ActorCritic) -> float:
    """The critic's rate times |h|² at the last decision."""
    hidden = agent.kernel.tensors["old_hidden"] * HIGH / 127
    return float(agent.spec.critic_rate * (hidden @ hidden))


def main(seeds: list[int]) -> None:
    """Print a line per seed and part."""
    for seed in seeds:
        agent, gains = ActorCritic("CartPole-v1", seed=seed, hidden=100, **RATES), []
        agent.learn(EPISODES, lambda agent, _, gains=gains: gains.append(gain(agent)))
        mean = np.mean(agent.returns[-LAST:])
        print(f"seed {seed}: last {LAST} of {EPISODES}: {mean:.0f}; critic's rate times |h|^2: "
              f"median {np.median(gains):.2f}, largest {max(gains):.2f}", flush=True)  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "agent.safetensors"
            agent.save(path)
            for part, names in PARTS.items():
                again = ActorCritic.load(path)
                freeze(again, names)
                again.learn(EPISODES)
                print(f"seed {seed}: {part} frozen: {np.mean(again.returns[-LAST:]):.0f}", flush=True)


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or [1, 5])
