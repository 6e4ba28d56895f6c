"""Stable-Baselines3: PPO with its own defaults; PPO, A2C and DQN with the settings that rl-baselines3-zoo has for it.

Those settings come with a number of interactions, over which PPO's rates fall to 0: it is not given more. Several
environments at once: their episodes are counted in the order in which they end. Testing is deterministic.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import stable_baselines3 as sb3
import torch
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy

# algorithm, environments at once, interactions (None: the common file's), settings
VARIANTS: dict[str, tuple[Any, int, int | None, dict[str, Any]]] = {
    "ppo": (sb3.PPO, 1, None, {}),
    "ppo-zoo": (sb3.PPO, 8, 100_000, {
        "n_steps": 32, "batch_size": 256, "gae_lambda": 0.8, "gamma": 0.98, "n_epochs": 20, "ent_coef": 0.0,
        "learning_rate": lambda left: 0.001 * left, "clip_range": lambda left: 0.2 * left}),
    "a2c-zoo": (sb3.A2C, 8, None, {"ent_coef": 0.0}),
    "dqn-zoo": (sb3.DQN, 1, 200_000, {
        "learning_rate": 2.5e-4, "batch_size": 512, "buffer_size": 100_000, "learning_starts": 0, "gamma": 0.99,
        "target_update_interval": 5000, "train_freq": 16, "gradient_steps": 4, "exploration_fraction": 0.06,
        "exploration_final_eps": 0.11}),
}  # fmt: skip


class Watch(BaseCallback):
    """Keeps every episode's return and when it ended; stops at the goal."""

    def __init__(self, window: int, goal: float) -> None:
        super().__init__()
        self.returns: list[float] = []
        self.times: list[float] = []
        self.began, self._window, self._goal = 0.0, window, goal

    def _on_step(self) -> bool:
        for info in self.locals["infos"]:
            if "episode" in info:
                self.returns.append(float(info["episode"]["r"]))
                self.times.append(time.process_time() - self.began)
        last = self.returns[-self._window :]
        return len(last) < self._window or float(np.mean(last)) < self._goal


def main(data: str, out: str, seed: int, variant: str) -> None:
    """Learn until the goal is reached or the interactions are used, then test."""
    torch.set_num_threads(1)
    d = np.load(data)
    algorithm, together, interactions, settings = VARIANTS[variant]
    environments = make_vec_env(str(d["environment"]), n_envs=together, seed=seed)
    agent = algorithm("MlpPolicy", environments, seed=seed, device="cpu", **settings)
    watch = Watch(int(d["window"]), float(d["goal"]))
    watch.began = time.process_time()
    agent.learn(interactions or int(d["interactions"]), callback=watch)
    fresh = make_vec_env(str(d["environment"]), n_envs=1, seed=1 << 20)
    tested, _ = evaluate_policy(agent, fresh, n_eval_episodes=100, return_episode_rewards=True)
    about = f"Stable-Baselines3 {sb3.__version__}, {variant}, PyTorch {torch.__version__}"
    np.savez(out, returns=watch.returns, times=watch.times, tested=tested, about=about)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
