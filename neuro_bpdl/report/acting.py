"""The report of a control run: the learning curve over seeds, the policy over the state space, an episode in frames."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.cost import decision_cost
from neuro_bpdl.control.landscape import Landscape, landscapes
from neuro_bpdl.control.measure import GOALS, WINDOW, running_mean, solved_at
from neuro_bpdl.control.run_dir import ControlRun
from neuro_bpdl.control.watching import frames_of
from neuro_bpdl.errors import InvalidInput, MissingDependency
from neuro_bpdl.plotting import figures
from neuro_bpdl.plotting.charts import Chart, Curve, draw, to_svg
from neuro_bpdl.report.page import Section, counted, figure, key_numbers, note, page, pixels, table
from neuro_bpdl.report.seeded import cut, median_curve, what_was_run
from neuro_bpdl.training.checkpoint import write_atomically

Array = NDArray[Any]
REPORT = "report.html"
TESTS, WATCHED, SHOWN_FRAMES, WIDTH = 100, 1 << 20, 8, 220  # episodes, start of the one that is shown; pixels
TARGET = "loihi2"


@dataclass(frozen=True)
class Acted:
    """What the page shows.

    Attributes
    ----------
    agents : seed → agent
    tests : seed → (TESTS,) returns without noise and without learning
    """

    run: ControlRun
    agents: dict[int, ActorCritic]
    tests: dict[int, Array]

    @property
    def goal(self) -> float | None:
        """The mean of 100 returns at which the task counts as solved."""
        return GOALS.get(self.run.config.spec.environment)


def write_control_report(run: ControlRun, env: Any = None, tests: int = TESTS) -> Path:
    """Write RUN/report.html, one self-contained file.

    Parameters
    ----------
    env : gymnasium.Env, optional
        Where gymnasium does not know the environment by its name.
    tests : int
        Episodes without noise, per seed.

    Raises
    ------
    CheckpointError
        A seed's agent is missing: the training was cut.
    BadFile, InvalidInput, EnvironmentFailed, NotWritten
    """
    for seed in run.config.seeds:
        if not run.file(seed).exists():
            raise cut(run, seed)
    agents = {seed: run.agent(seed, env) for seed in run.config.seeds}
    acted = Acted(run, agents, {seed: agent.evaluate(tests) for seed, agent in agents.items()})
    lead = (
        "An agent that learned from rewards, each synapse by dW = S_pre · V̇, where a value unit's swing and the reward "
        f"write V̇. Computed by {run.computed_by}."
    )
    sections = [_curve(acted), _seeds(acted), _policy(acted), _episode(acted, env), _hardware(acted)]
    title, path = f"{run.config.spec.environment}, {counted(len(agents), 'agent')}", run.path / REPORT
    write_atomically(path, page(title, lead, _head(acted), [*sections, what_was_run(run)]).encode())
    return path


def _head(acted: Acted) -> str:
    goal, returns = acted.goal, [agent.returns for agent in acted.agents.values()]
    last = [float(np.mean(one[-WINDOW:])) for one in returns]
    means = [float(test.mean()) for test in acted.tests.values()]
    tested = counted(len(next(iter(acted.tests.values()))), "test episode")
    numbers = [
        (f"{np.median(means):.1f}", f"median over seeds of the mean return of {tested} without noise"),
        (f"{np.median(last):.1f}", f"median over seeds of the last {WINDOW} training returns, noise included"),
    ]
    if goal is not None:
        solved = sum(solved_at(one, goal) is not None for one in returns)
        numbers.insert(0, (f"{solved} of {len(returns)}", f"agents reached a mean of {goal:g} over {WINDOW} episodes"))
    return key_numbers(numbers)


def _curve(acted: Acted) -> Section:
    """As far as every seed has come."""
    runs = [agent.returns for agent in acted.agents.values()]
    common = min(len(one) for one in runs)
    smooth = np.stack([running_mean(one[:common]) for one in runs])
    curves = [median_curve("median over seeds", list(range(1, common + 1)), smooth)]
    if acted.goal is not None:
        curves.append(Curve("goal", [1, common], [acted.goal] * 2, floor=True))
    svg = draw([Chart("Learning", "episode", "return, mean of the last 20", curves)])
    shaded = f" The band reaches from the worst to the best of {counted(len(runs), 'seed')}." if len(runs) > 1 else ""
    return Section("Learning", figure(svg, f"Training returns, noise included.{shaded}"))


def _seeds(acted: Acted) -> Section:
    rows = []
    for seed, agent in acted.agents.items():
        reached = None if acted.goal is None else solved_at(agent.returns, acted.goal)
        test = acted.tests[seed]
        rows.append((str(seed), counted(len(agent.returns), "episode"), "–" if reached is None else str(reached),
                     float(np.mean(agent.returns[-WINDOW:])), float(test.mean()), float(test.min())))  # fmt: skip
    head = ("seed", "trained", "solved at", f"last {WINDOW} returns", "test mean", "test lowest")
    return Section("Every seed", table(rows, head))


def _policy(acted: Acted) -> Section:
    seed, agent = next(iter(acted.agents.items()))
    found = landscapes(agent)
    if not found:
        return Section("Policy", note("Observations are images or single numbers: there is no plane to draw."))
    svgs = "".join(_drawn(one, agent.kernel.actions) for one in found)
    caption = f"Agent of seed {seed}. Left: value, where a reward of 1 for ever is 1. Right: the action without noise."
    others = " All other variables are in the middle of their ranges." if len(found) > 1 else ""
    return Section("Policy", figure(f'<div class="pair">{svgs}</div>', caption + others))


def _drawn(one: Landscape, actions: int) -> str:
    canvas = figures.blank(5.6, 2.7)
    canvas.set_layout_engine("none")  # one layout for all of them: finding it anew takes a second each
    axes = canvas.subplots(1, 2)
    canvas.subplots_adjust(left=0.13, right=0.98, top=0.9, bottom=0.19, wspace=0.42)
    extent = (*one.extent[0], *one.extent[1])
    shown: dict[str, Any] = {"origin": "lower", "extent": extent, "aspect": "auto", "cmap": "viridis"}
    axes[0].imshow(one.value, **shown)
    axes[1].imshow(one.action, vmin=0, vmax=max(actions - 1, 1), **shown)
    titles = f"value, {one.value.min():.2f} to {one.value.max():.2f}", f"action, 0 to {actions - 1}, the last one light"
    for axis, title in zip(axes, titles, strict=True):
        figures.label(axis, one.names[0], one.names[1], title)
    return to_svg(canvas, f"Value and action over {one.names[0]} and {one.names[1]}")


def _episode(acted: Acted, env: Any) -> Section:
    agent = next(iter(acted.agents.values()))
    try:
        frames, total = frames_of(agent, WATCHED, env)
    except (InvalidInput, MissingDependency) as error:
        return Section("An episode", note(f"No pictures: {error}"))
    chosen = np.linspace(0, len(frames) - 1, min(SHOWN_FRAMES, len(frames))).astype(int)
    pictures = "".join(
        f"<div>{pixels(_small(frames[k]), f'Step {k} of the episode', WIDTH)}{note(f'step {k}')}</div>" for k in chosen
    )
    caption = f"One episode without noise: {counted(len(frames), 'step')}, return {total:g}."
    return Section("An episode", figure(f'<div class="pair">{pictures}</div>', caption))


def _small(frame: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    picture, content = Image.fromarray(frame), io.BytesIO()
    height = round(WIDTH * picture.height / picture.width)
    picture.resize((WIDTH, height)).convert("P", colors=32).save(content, "PNG")
    return content.getvalue()


def _hardware(acted: Acted) -> Section:
    agent = next(iter(acted.agents.values()))
    if not agent.kernel.integers:
        return Section("Hardware", note("A float agent has no form on a chip: train with --arithmetic fixed."))
    cost = decision_cost(agent.kernel, TARGET)
    rows = [
        ("Cores", str(cost.cores)), ("Synaptic operations", f"{cost.counts.synaptic_operations:g}"),
        ("Learning updates", f"{cost.counts.learning_updates:g}"), ("Time steps", f"{cost.counts.time_steps:g}"),
        ("Time, modelled", f"{1e6 * cost.time:.0f} µs"), ("Dynamic energy, modelled", f"{1e9 * cost.energy:.0f} nJ"),
    ]  # fmt: skip
    told = f"A decision with its update on {cost.label}: counts times constants. Nothing was run on a chip."
    return Section("Hardware", table(rows) + note(told))
