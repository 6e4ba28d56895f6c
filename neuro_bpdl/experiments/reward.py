"""Reward: agents over seeds beside their baselines, and labels from rewards alone.

Control seeds start at 200: none of them was used for choosing a setting (0 to 14 were).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.bandit import Bandit, BanditSpec
from neuro_bpdl.control.baselines import Perceptron, Player, Sarsa, Scaled, play
from neuro_bpdl.control.landscape import landscapes
from neuro_bpdl.control.measure import running_mean, summary
from neuro_bpdl.control.watching import frames_of
from neuro_bpdl.control.world import World
from neuro_bpdl.plotting import figures

if TYPE_CHECKING:
    from neuro_bpdl.experiments.registry import Bench

FIRST_SEED = 200
OURS: dict[str, dict[str, Any]] = {
    "fixed": {"arithmetic": "fixed"}, "float": {"arithmetic": "float"}, "fixed, hidden layer": {"hidden": 400}
}  # fmt: skip
FIXED, FLOAT, HIDDEN = OURS
SARSA, ADAM = "SARSA(0), same cells", "backpropagation, Adam"
# The network's inputs are the observation's variables, which in Acrobot are no angles.
TASKS = {
    "CartPole-v1": {FIXED: 300, FLOAT: 300, SARSA: 300, ADAM: 300, HIDDEN: 400},  # episodes
    "Acrobot-v1": {FIXED: 200, FLOAT: 200, SARSA: 200},
    "MountainCar-v0": {FIXED: 500, FLOAT: 500, SARSA: 500, ADAM: 500},
}  # fmt: skip
QUICK_EPISODES, QUICK_SEEDS, SEEDS, TESTS, QUICK_TESTS = 150, 2, 5, 100, 10
SHOWN_FRAMES, POLE = 8, 5  # of the pairs of CartPole's variables the last one: the pole's
Curves = dict[str, dict[str, list[list[float]]]]


def run(bench: Bench, out: Path) -> dict[str, Any]:
    """Every task with every method, then the bandit on the bench's data."""
    quick = bench.settings.data == "mnist-mini"
    seeds = range(FIRST_SEED, FIRST_SEED + (QUICK_SEEDS if quick else SEEDS))
    result: dict[str, Any] = {"control": {}, "seeds": list(seeds), "backend": "eager"}
    curves: Curves = {}
    shown: ActorCritic | None = None
    for environment, methods in TASKS.items():
        curves[environment], result["control"][environment] = {}, {}
        for method, episodes in methods.items():
            count, runs = min(episodes, QUICK_EPISODES) if quick else episodes, []
            for seed in seeds:
                line, returns, agent = line_of(environment, method, count, seed, QUICK_TESTS if quick else TESTS)
                runs.append(line)
                shown = shown or agent
                curves[environment].setdefault(method, []).append(returns)
                bench.say(f"reward: {environment}, {method}, seed {seed}: {line}")
            result["control"][environment][method] = runs
    result["bandit"] = _bandits(bench, quick)
    assert shown is not None
    _draw(curves, result["bandit"], shown, out / "figure.png")
    return result


def line_of(
    environment: str, method: str, episodes: int, seed: int, tests: int = TESTS, **other: Any
) -> tuple[dict[str, Any], list[float], ActorCritic | None]:
    """What one seed adds to the table, its training returns, and the agent where it is one of ours.

    ``other`` are fields of `ControlSpec` that differ from the method's.
    """
    returns, agent = _learned(environment, method, episodes, seed, other)
    line = summary(environment, returns)
    if agent is not None:
        line["test_mean"] = float(agent.evaluate(tests).mean())
    return line, returns, agent


def _learned(
    environment: str, method: str, episodes: int, seed: int, other: dict[str, Any]
) -> tuple[list[float], ActorCritic | None]:
    """Training returns, and the agent where it is one of ours."""
    if method in OURS:
        agent = ActorCritic(environment, seed=seed, **OURS[method] | other).learn(episodes)
        return agent.returns, agent
    agent, returns = ActorCritic(environment, arithmetic="float", seed=seed), []
    gamma, actions = 1 - 2.0**-agent.spec.gamma_shift, agent.kernel.actions
    encoder: Any = agent.encoder
    player: Player
    if method == SARSA:
        player = Sarsa(encoder.size, actions, gamma=gamma, seed=seed)
    else:
        assert not isinstance(agent.spec.ranges, str)
        encoder = Scaled(agent.spec.ranges)
        player = Perceptron(encoder.size, actions, gamma=gamma, seed=seed)
    world = World(agent.env, encoder, seed=seed, first=0, last=episodes, scale=1.0, integers=False,
                  ended=lambda episode: returns.append(episode.total))  # fmt: skip
    play(player, world)
    return returns, None


def _bandits(bench: Bench, quick: bool) -> dict[str, Any]:
    """Test accuracy after every pass, by teacher and seed; integers, eager."""
    found: dict[str, Any] = {"data": bench.settings.data, "arithmetic": "fixed", "backend": "eager"}
    for teacher, seeds in (("reward", bench.settings.seeds), ("label", bench.settings.seeds[:1])):
        found[teacher] = {}
        for seed in seeds:
            spec = BanditSpec(data=bench.settings.data, teacher=teacher, seed=seed, passes=2 if quick else 5)
            agent = Bandit(spec, bench.dataset)
            for _ in range(spec.passes):
                agent.learn()
            found[teacher][str(seed)] = [line["test_accuracy"] for line in agent.passes]
            bench.say(f"reward: bandit, teacher {teacher}, seed {seed}: {found[teacher][str(seed)]}")
    return found


def _draw(curves: Curves, bandit: dict[str, Any], agent: ActorCritic, path: Path) -> None:
    figure, axes = figures.panels(2, 4)
    for axis, (environment, methods) in zip(axes[0], curves.items(), strict=False):
        for colour, (method, runs) in zip(figures.COLOURS, methods.items(), strict=False):
            smooth = np.stack([running_mean(returns) for returns in runs])
            episodes = np.arange(1, smooth.shape[1] + 1)
            axis.plot(episodes, np.median(smooth, axis=0), color=colour, label=method)
            axis.fill_between(episodes, smooth.min(axis=0), smooth.max(axis=0), color=colour, alpha=0.15, linewidth=0)
        figures.label(axis, "episode", "return, mean of 20", f"{environment}: median and range over seeds")
        axis.legend(frameon=False, fontsize=8)
    for colour, teacher in zip(figures.COLOURS, ("reward", "label"), strict=False):
        for seed, accuracies in bandit[teacher].items():
            axes[0][3].plot(range(1, len(accuracies) + 1), 100 * np.array(accuracies), "o-", color=colour,
                            label=teacher if seed == next(iter(bandit[teacher])) else None)  # fmt: skip
    figures.label(axes[0][3], "pass", "test accuracy, %", f"{bandit['data']}: taught by rewards, and by labels")
    axes[0][3].legend(frameon=False, fontsize=8)
    _states(axes[1], agent)
    figures.save(figure, path)


def _states(axes: Any, agent: ActorCritic) -> None:
    """Value and policy over the pole's angle and velocity with the cart at rest in the middle, and an episode."""
    found = landscapes(agent)[POLE]
    extent = (*found.extent[0], *found.extent[1])
    for axis, picture, title in ((axes[0], found.value, "value"), (axes[1], found.action, "action: left, right")):
        axis.imshow(picture, origin="lower", extent=extent, aspect="auto", cmap="viridis")
        figures.label(axis, *found.names, title)
    frames, total = frames_of(agent, FIRST_SEED)
    chosen = [frames[k][::3, ::3] for k in np.linspace(0, len(frames) - 1, SHOWN_FRAMES).astype(int)]
    half = SHOWN_FRAMES // 2
    for axis, row in zip(axes[2:], (chosen[:half], chosen[half:]), strict=True):
        axis.imshow(np.vstack([np.hstack(row[:2]), np.hstack(row[2:])]))
        axis.set_axis_off()
    axes[2].set_title(f"an episode without noise, return {total:.0f}: its first half", fontsize=10)
    axes[3].set_title("its second half", fontsize=10)
