"""neuro-bpdl control train, evaluate, watch"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from neuro_bpdl.cli.options import ENGINE, LEARNING, OUTPUT, Json
from neuro_bpdl.cli.output import emit, finished, note
from neuro_bpdl.errors import InvalidInput

T = TypeVar("T")
control_app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode="rich",
    help="Agents that act in gymnasium's environments and learn by the same rule, with V̇ written from reward.\n\n"
         "Examples:\n\n  neuro-bpdl control train CartPole-v1 --seeds 5 --out pole",
)  # fmt: skip

Environment = Annotated[
    str | None,
    typer.Argument(metavar="[ENVIRONMENT]", help="An id of gymnasium, e.g. CartPole-v1.", show_default="--resume's"),
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a control run.", show_default=False)]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="RUN", show_default="runs/ENVIRONMENT", help="New folder.", rich_help_panel=OUTPUT),
]
Resume = Annotated[
    Path | None,
    typer.Option("--resume", metavar="RUN", show_default="none",
                 help="Go on with a run that was cut, to the same bytes as an uninterrupted one."),
]  # fmt: skip
Arithmetic = Annotated[
    str | None, typer.Option("--arithmetic", metavar="float|fixed", show_default="fixed", rich_help_panel=ENGINE,
                             help="fixed: Loihi's integers.")
]  # fmt: skip
Backend = Annotated[
    str | None, typer.Option("--backend", metavar="eager|lava", show_default="eager", rich_help_panel=ENGINE,
                             help="eager: this process. lava: agent and environment as Lava processes.")
]  # fmt: skip
Model = Annotated[
    str | None, typer.Option("--model", metavar="fused|composed", show_default="fused", rich_help_panel=ENGINE,
                             help="lava only. composed: stock LearningDense, seconds per hundred decisions.")
]  # fmt: skip
Rounding = Annotated[
    str | None,
    typer.Option(
        "--rounding",
        metavar="per-synapse|shared",
        show_default="per-synapse",
        rich_help_panel=ENGINE,
        help="shared: one draw for a matrix, as stock Lava.",
    ),
]
Episodes = Annotated[
    int | None,
    typer.Option("--episodes", metavar="N", show_default="150, or as known for it", rich_help_panel=LEARNING,
                 help="Episodes of training."),
]
Seed = Annotated[
    int | None, typer.Option("--seed", metavar="N", show_default="0", rich_help_panel=LEARNING, help="First seed.")
]
Seeds = Annotated[
    int, typer.Option("--seeds", metavar="N", min=1, max=1000, rich_help_panel=LEARNING,
                      help="So many seeds, one after the other.")
]
Cells = Annotated[
    int | None,
    typer.Option("--cells", metavar="N", show_default="as known for it, or 10", help="N × N for a pair of variables."),
]
Hidden = Annotated[
    int | None,
    typer.Option("--hidden", metavar="N", show_default="0", help="Units of a learned layer above the cells."),
]
Sharpness = Annotated[
    int | None,
    typer.Option("--sharpness", metavar="N", show_default="0, or as known for it",
                 help="The noise of choices is 2^N times smaller."),
]  # fmt: skip
Ranges = Annotated[
    str | None, typer.Option("--ranges", metavar="space|learned", show_default="as known for it, or space",
                             help="Where place cells lie: the space's bounds, or what a random policy sees.")
]  # fmt: skip
RewardScale = Annotated[
    float | None, typer.Option("--reward-scale", metavar="X", show_default="1", help="Rewards times X lie in -1 … 1.")
]
TestEpisodes = Annotated[int, typer.Option("--episodes", metavar="N", min=1, max=100_000, help="Test episodes.")]
Target = Annotated[str, typer.Option("--target", metavar="TARGET", help="loihi1, loihi2 or FILE.toml.")]
TestSeed = Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**31 - 1, help="Where they start.")]
OneSeed = Annotated[
    int | None, typer.Option("--agent", metavar="N", show_default="the run's first", help="The agent of this seed.")
]
Chip = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="New folder.")]
Picture = Annotated[Path, typer.Option("--out", metavar="FILE.gif", help="Where the picture goes.")]


@control_app.command("train")
def train(
    environment: Environment = None,
    out: Out = None,
    resume: Resume = None,
    episodes: Episodes = None,
    seed: Seed = None,
    seeds: Seeds = 1,
    arithmetic: Arithmetic = None,
    backend: Backend = None,
    model: Model = None,
    rounding: Rounding = None,
    cells: Cells = None,
    sharpness: Sharpness = None,
    ranges: Ranges = None,
    hidden: Hidden = None,
    reward_scale: RewardScale = None,
    as_json: Json = False,
) -> None:
    """Train an actor-critic on place cells, for one seed or several.

    Examples:

      neuro-bpdl control train CartPole-v1 --arithmetic fixed --seeds 5 --out pole

      neuro-bpdl control train Acrobot-v1 --backend lava --episodes 200 --out acrobot

      neuro-bpdl control train --resume pole
    """
    from neuro_bpdl.control.environments import make
    from neuro_bpdl.control.run_dir import ControlRun
    from neuro_bpdl.control.spec import spec_for

    given = {
        "episodes": episodes, "seed": seed, "arithmetic": arithmetic, "backend": backend, "model": model,
        "rounding": rounding, "cells": cells, "ranges": ranges, "hidden": hidden,
        "sharpness": sharpness,
        "reward_scale": reward_scale,
    }  # fmt: skip
    chosen = {name: value for name, value in given.items() if value is not None}
    if resume is not None:
        if environment is not None or out is not None or chosen:
            raise InvalidInput("--resume", str(resume), "nothing beside it", "a run goes on with its own settings")
        with ControlRun.open(resume).locked() as run:
            result = finished(run, "control", _teller())
        _report(result, run.path, as_json)
        return
    if environment is None:
        raise InvalidInput("ENVIRONMENT", None, "an id of gymnasium", "e.g. neuro-bpdl control train CartPole-v1")
    spec = _named(lambda: spec_for(environment, **chosen))
    make(environment).close()
    with ControlRun.creating(out or _free_name(environment), spec, seeds) as run:
        result = finished(run, "control", _teller())
    _report(result, run.path, as_json)


@control_app.command("evaluate")
def evaluate(run: Run, episodes: TestEpisodes = 100, seed: TestSeed = 1 << 20, as_json: Json = False) -> None:
    """Play test episodes without noise and without learning.

    Examples:

      neuro-bpdl control evaluate pole --episodes 100
    """
    from neuro_bpdl.control.run_dir import ControlRun

    opened = ControlRun.open(run)
    spec = opened.config.spec
    means = {}
    for number in opened.config.seeds:
        returns = opened.agent(number).evaluate(episodes, seed)
        means[str(number)] = {"mean": float(returns.mean()), "lowest": float(returns.min())}
    result = {"environment": spec.environment, "arithmetic": spec.arithmetic, "trained_on": spec.backend,
              "test_episodes": episodes, "test_seed": seed, "returns": means}  # fmt: skip
    rows = {"environment": f"{spec.environment}, {spec.arithmetic}, trained on {spec.backend}",
            "test episodes": f"{episodes}, seed {seed}, no noise"}  # fmt: skip
    rows |= {f"agent {key}": f"mean {value['mean']:.1f}, lowest {value['lowest']:.1f}" for key, value in means.items()}
    emit(result, as_json, "Evaluated", rows)


@control_app.command("watch")
def watch(
    run: Run, out: Picture = Path("episode.gif"), agent: OneSeed = None, seed: TestSeed = 1 << 20, as_json: Json = False
) -> None:
    """Render one episode without noise to an animated picture.

    Examples:

      neuro-bpdl control watch pole --out pole.gif
    """
    from neuro_bpdl.control.run_dir import ControlRun
    from neuro_bpdl.control.watching import frames_of, gif
    from neuro_bpdl.files.folders import require_new

    require_new(out, "--out")
    opened = ControlRun.open(run)
    number = _chosen(opened, agent)
    frames, total = frames_of(opened.agent(number), seed)
    gif(frames, out)
    result = {"out": str(out), "agent": number, "seed": seed, "steps": len(frames), "return": total}
    emit(result, as_json, "Watched", {"picture": out, "agent": number, "steps": len(frames), "return": total})


@control_app.command("map")
def map_(run: Run, target: Target = "loihi2", as_json: Json = False) -> None:
    """What the run's first agent needs on a chip, and what a decision would cost: modelled, not measured.

    Examples:

      neuro-bpdl control map pole --target loihi2
    """
    from neuro_bpdl.control.cost import active_cells, decision_cost
    from neuro_bpdl.control.run_dir import ControlRun

    opened = ControlRun.open(run)
    agent = opened.agent(opened.config.seeds[0])
    if not agent.kernel.integers:
        raise InvalidInput("RUN", str(run), "an agent in integers", "train it with --arithmetic fixed")
    cost = decision_cost(agent.kernel, target)
    rows = {
        "target": f"{cost.target} ({cost.label})", "cores": cost.cores, "cells active": active_cells(agent.kernel),
        "synaptic operations, updates": f"{cost.counts.synaptic_operations:g}, {cost.counts.learning_updates:g}",
        "dynamic energy, modelled": f"{1e9 * cost.energy:.0f} nJ a decision with its update",
        "time, modelled": f"{1e6 * cost.time:.0f} µs in {cost.counts.time_steps:g} time steps",
        "no public number": ", ".join(cost.unknown) or "none",
    }  # fmt: skip
    rows |= {f"lacks {number}": text for number, text in enumerate(cost.violations, start=1)}
    emit(cost.to_dict(), as_json, "Mapped", rows)


@control_app.command("export")
def export(
    run: Run, out: Chip, target: Target = "loihi2", agent: OneSeed = None, as_json: Json = False
) -> None:
    """Write an agent's integers, rules and schedule for a chip, to rebuild it from to the bit. Nothing runs on a chip.

    Examples:

      neuro-bpdl control export pole --target loihi2 --out chip
    """
    from neuro_bpdl.control.run_dir import ControlRun

    opened = ControlRun.open(run)
    number = _chosen(opened, agent)
    result = opened.export(number, out, target)
    rows = {
        "written": out, "agent": f"seed {number}, {result['environment']}", "target": target,
        "time steps a decision": result["time_steps"], "status": result["note"],
        "missing for a chip": "; ".join(result["missing_for_a_chip"]),
        "load it with": f"neuro_bpdl.control.exporting.load_agent_export({str(out)!r}).rebuild()",
    }  # fmt: skip
    emit(result, as_json, "Exported", rows)


def _chosen(run: Any, agent: int | None) -> int:
    """The seed that was asked for, or the first."""
    number = run.config.seeds[0] if agent is None else agent
    if number not in run.config.seeds:
        raise InvalidInput("--agent", number, "a seed of the run: " + ", ".join(map(str, run.config.seeds)))
    return int(number)


def _named(make: Callable[[], T]) -> T:
    """An error in a field of the spec is one in its option."""
    try:
        return make()
    except InvalidInput as error:
        field = error.argument.removeprefix("ControlSpec.").split(".")[0]
        option = field if field == "environment" else f"--{field.replace('_', '-')}"
        raise InvalidInput(option, error.value, error.allowed, error.mend) from None


def _teller() -> Any:
    """One line on stderr for every 25 episodes of a seed."""
    last: list[float] = []

    def told(seed: int, episode: Any) -> None:
        last.append(episode.total)
        if (episode.number + 1) % 25 == 0:
            note(f"seed {seed}: episode {episode.number + 1}, mean of the last 25 returns {sum(last[-25:]) / 25:.1f}")

    return told


def _report(result: dict[str, Any], path: Path, as_json: bool) -> None:
    label = " ".join(str(result[key]) for key in ("backend", "model", "arithmetic", "rounding"))
    rows = {"run": path, "environment": result["environment"], "computed by": label, "episodes": result["episodes"]}
    for seed, run in result["runs"].items():
        solved = "no goal is known" if run["goal"] is None else (
            f"solved at {run['solved_at']}" if run["solved_at"] else f"not solved ({run['goal']:g})")  # fmt: skip
        rows[f"seed {seed}"] = f"{solved}, mean of the last 100 returns {run['last_100']:.1f}"
    emit({**result, "run": str(path)}, as_json, "Trained", rows)


def _free_name(environment: str) -> Path:
    """runs/NAME, or runs/NAME-2 …"""
    name = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in environment)
    paths = (Path("runs") / (name if number == 1 else f"{name}-{number}") for number in range(1, 10_000))
    return next(path for path in paths if not path.exists())
