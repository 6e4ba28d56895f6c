"""The options that several commands share, and how they become specs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from neuro_bpdl.cli import completing
from neuro_bpdl.cli.suiting import suited
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.files.toml_file import toml_value
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.spec import ACTIVATIONS, EngineSpec, InferenceSpec, RunSpec

ENGINE, LEARNING, INFERENCE, OUTPUT = "What computes", "Learning", "Inference", "Output"

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a training run.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout and nothing else.", rich_help_panel=OUTPUT)]
Data = Annotated[
    str | None,
    typer.Option(
        "--data", metavar="DATA", show_default="the run's; of a new one mnist-mini",
        help="mnist-mini, digits, mnist, fashion, faces, events or FILE.npz with x_train and perhaps x_test, y_train, "
             "y_test.",
        autocompletion=completing.data,
    ),
]  # fmt: skip
Backend = Annotated[
    str | None,
    typer.Option("--backend", metavar="theory|eager|lava|nengo", show_default="the run's; of a new one eager",
                 rich_help_panel=ENGINE,
                 help="theory: the paper's equations. eager: the chip's phases in this process. lava: Lava's CPU "
                      "simulator. nengo: an independent model on Nengo.",
                 autocompletion=completing.backend),
]  # fmt: skip
Model = Annotated[
    str | None,
    typer.Option("--model", metavar="NAME", show_default="the run's; else the first that the backend has",
                 rich_help_panel=ENGINE,
                 help="lava: fused, one fast process, or composed, stock Lava parts, what a chip would run. nengo: "
                      "rate, poisson, regular or lif neurons.",
                 autocompletion=completing.model),
]  # fmt: skip
Arithmetic = Annotated[
    str | None,
    typer.Option("--arithmetic", metavar="float|fixed", show_default="the run's; of a new one float",
                 rich_help_panel=ENGINE,
                 help="fixed: Loihi's integers, one image at a time.",
                 autocompletion=completing.arithmetic),
]  # fmt: skip
Rounding = Annotated[
    str | None,
    typer.Option("--rounding", metavar="per-synapse|shared", show_default="the run's; of a new one per-synapse",
                 rich_help_panel=ENGINE,
                 help="fixed only. shared: one draw for a whole matrix, as stock Lava does.",
                 autocompletion=completing.rounding),
]  # fmt: skip
MessageCode = Annotated[
    str | None,
    typer.Option("--code", metavar="graded|regular|stochastic", rich_help_panel=ENGINE,
                 show_default="the run's; of a new one graded",
                 help="fixed only. graded: payloads. Else binary spikes for --window time steps, counted."),
]  # fmt: skip
Window = Annotated[
    int | None,
    typer.Option("--window", metavar="N", show_default="31", rich_help_panel=ENGINE,
                 help="Time steps of a message of spikes."),
]  # fmt: skip
Sends = Annotated[
    str | None,
    typer.Option("--sends", metavar="whole|changes", rich_help_panel=ENGINE,
                 show_default="the run's; of a new one whole",
                 help="fixed only. changes: a unit sends the difference to what it last sent; the receiver adds."),
]  # fmt: skip
Threads = Annotated[
    int | None,
    typer.Option("--threads", metavar="N", rich_help_panel=ENGINE, show_default="the run's; of a new one 1",
                 help="fixed only, with a batch: threads that share its images. Results do not depend on it."),
]  # fmt: skip
Steps = Annotated[
    int | None,
    typer.Option("--steps", metavar="N", show_default="the run's; of a new one 15",
                 rich_help_panel=INFERENCE, help="Inference steps."),
]
Delta = Annotated[
    float | None,
    typer.Option("--delta", metavar="X", show_default="the run's; of a new one 0.1",
                 rich_help_panel=INFERENCE, help="δ, the size of a step."),
]
Alpha = Annotated[
    str | None,
    typer.Option("--alpha", metavar="X", show_default="the run's; of a new one 0.001; evaluate: variance",
                 rich_help_panel=INFERENCE,
                 help="α, the top-down weight: a number, one for each hidden layer (0.1,0), or variance: what the "
                      "trained network's own variances say."),
]  # fmt: skip
Limit = Annotated[
    int | None, typer.Option("--limit", metavar="N", show_default="all", help="Use the first N images only.")
]

# where an option of the command line goes in a RunSpec
FIELDS: dict[str, tuple[str, ...]] = {
    "data": ("data",), "layers": ("layers",), "activation": ("activation",), "target": ("target",),
    "backend": ("engine", "backend"), "model": ("engine", "model"),
    "arithmetic": ("engine", "arithmetic"), "rounding": ("engine", "rounding"),
    "code": ("engine", "code"), "window": ("engine", "window"), "sends": ("engine", "sends"),
    "threads": ("engine", "threads"),
    "epochs": ("training", "epochs"), "batch": ("training", "batch"),
    "limit": ("training", "limit"), "seed": ("training", "seed"), "validation": ("training", "validation"),
    "steps": ("inference", "steps"), "delta": ("inference", "delta"), "alpha": ("inference", "alpha"),
    "learning_rate": ("plasticity", "learning_rate"), "noise": ("plasticity", "noise"),
}  # fmt: skip
SECTIONS: dict[str, tuple[str, ...]] = {
    "RunSpec": (), "EngineSpec": ("engine",), "TrainingSpec": ("training",),
    "InferenceSpec": ("inference",), "PlasticitySpec": ("plasticity",), "GenerationSpec": ("generation",),
}  # fmt: skip
T = TypeVar("T")


def run_spec(
    config: Path | None, given: dict[str, Any], recipe: str | None = None, settings: Sequence[str] = ()
) -> RunSpec:
    """The spec of a recipe or a config file (or the defaults) with what the command line gave on top.

    What nobody chose follows from the target where it leaves no choice (`suiting`).

    Parameters
    ----------
    settings : FIELD=VALUE texts
        Any field by its place in the spec, the value as in TOML: ``plasticity.derivative=true``.

    Raises
    ------
    InvalidInput
        Named after the option when the value came from one.
    """
    if config is not None and recipe is not None:
        raise InvalidInput("--recipe", recipe, "a recipe or --config, not both", "leave one of them out")
    base: dict[str, Any] = {}
    if config is not None:
        base = RunSpec.from_toml(config).model_dump(exclude_unset=True)
    elif recipe is not None:
        base = read_recipe(recipe).fields
    chosen = _chosen(given)
    places = {FIELDS[option]: value for option, value in chosen.items()}
    for place, value in map(_setting, settings):
        if place in places:
            raise InvalidInput("--set", ".".join(place), "every field once", "it is given twice: leave one out")
        places[place] = value
    places |= suited(chosen.get("target"), base, places)
    return _named(lambda: compose(base, places), chosen)


def _setting(text: str) -> tuple[tuple[str, ...], Any]:
    """"training.epochs=5" as (("training", "epochs"), 5)."""
    name, equals, value = text.partition("=")
    place = tuple(part.strip() for part in name.split("."))
    if not equals or not all(place) or len(place) > 2:
        raise InvalidInput("--set", text, "FIELD=VALUE", "try --set plasticity.derivative=true")
    return place, toml_value(value.strip())


def engine_spec(base: EngineSpec, given: dict[str, Any]) -> EngineSpec:
    """``base`` with the engine options that were given; see `EngineSpec.changed`."""
    chosen = {option: value for option, value in given.items() if value is not None}
    return _named(lambda: base.changed(**chosen), chosen)


def inference_spec(base: InferenceSpec, given: dict[str, Any]) -> InferenceSpec:
    """``base`` with the inference options that were given."""
    chosen = _chosen(given)
    return _named(lambda: InferenceSpec(**{**base.model_dump(), **chosen}), chosen)


def _chosen(given: dict[str, Any]) -> dict[str, Any]:
    """The options that were given; several α as numbers."""
    chosen = {option: value for option, value in given.items() if value is not None}
    text = chosen.get("alpha")
    if isinstance(text, str) and "," in text:
        chosen["alpha"] = tuple(part.strip() for part in text.split(","))
    return chosen


def layer_sizes(text: str | None) -> tuple[int, ...] | None:
    """"200,64" as (200, 64)."""
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InvalidInput(
            "--layers", text, "whole numbers separated by commas, from the lowest hidden layer up", "try 200,64"
        ) from None


def activation_names(text: str | None) -> str | tuple[str, ...] | None:
    """"softplus" as it is; "sigmoid,softplus,sigmoid" as one name per layer."""
    if text is None:
        return None
    names = tuple(part.strip() for part in text.split(","))
    for name in names:
        if name not in ACTIVATIONS:
            raise InvalidInput("--activation", name, ", ".join(ACTIVATIONS))
    return names[0] if len(names) == 1 else names


def _named(build: Callable[[], T], chosen: dict[str, Any]) -> T:
    """``build()``; an error in a field that an option gave is named after the option."""
    try:
        return build()
    except InvalidInput as error:
        owner, *place = error.argument.split(".")
        path = (*SECTIONS.get(owner, ()), *place)
        for option in chosen:
            if path[: len(FIELDS[option])] == FIELDS[option]:
                name = "--" + option.replace("_", "-")
                raise InvalidInput(name, error.value, error.allowed, error.mend) from None
        raise
