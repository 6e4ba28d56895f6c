"""The options that several commands share, and how they become specs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import ACTIVATIONS, EngineSpec, InferenceSpec, RunSpec

ENGINE, LEARNING, INFERENCE, OUTPUT = "What computes", "Learning", "Inference", "Output"

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a training run.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout and nothing else.", rich_help_panel=OUTPUT)]
Data = Annotated[
    str | None,
    typer.Option(
        "--data", metavar="D", show_default=False,
        help="mnist-mini, digits, mnist or FILE.npz with x_train and perhaps x_test, y_train, y_test.",
    ),
]  # fmt: skip
Backend = Annotated[
    str | None,
    typer.Option("--backend", metavar="theory|eager|lava", show_default=False, rich_help_panel=ENGINE,
                 help="theory: the paper's equations. eager: the chip's phases in this process. lava: Lava's CPU "
                      "simulator."),
]  # fmt: skip
Model = Annotated[
    str | None,
    typer.Option("--model", metavar="fused|composed", show_default=False, rich_help_panel=ENGINE,
                 help="lava only. fused: one fast process. composed: stock Lava parts, what a chip would run."),
]  # fmt: skip
Arithmetic = Annotated[
    str | None,
    typer.Option("--arithmetic", metavar="float|fixed", show_default=False, rich_help_panel=ENGINE,
                 help="fixed: Loihi's integers, one image at a time."),
]  # fmt: skip
Rounding = Annotated[
    str | None,
    typer.Option("--rounding", metavar="per-synapse|shared", show_default=False, rich_help_panel=ENGINE,
                 help="fixed only. shared: one draw for a whole matrix, as stock Lava does."),
]  # fmt: skip
Steps = Annotated[
    int | None,
    typer.Option("--steps", metavar="N", show_default=False, rich_help_panel=INFERENCE, help="Inference steps."),
]
Delta = Annotated[
    float | None,
    typer.Option("--delta", metavar="δ", show_default=False, rich_help_panel=INFERENCE, help="Size of a step."),
]
Alpha = Annotated[
    str | None,
    typer.Option("--alpha", metavar="α", show_default=False, rich_help_panel=INFERENCE,
                 help="Top-down weight: a number, one for each hidden layer (0.1,0), or variance: what the trained "
                      "network's own variances say."),
]  # fmt: skip
Limit = Annotated[
    int | None, typer.Option("--limit", metavar="N", show_default=False, help="Use the first N images only.")
]

# where an option of the command line goes in a RunSpec
FIELDS: dict[str, tuple[str, ...]] = {
    "data": ("data",), "layers": ("layers",), "activation": ("activation",), "target": ("target",),
    "backend": ("engine", "backend"), "model": ("engine", "model"),
    "arithmetic": ("engine", "arithmetic"), "rounding": ("engine", "rounding"),
    "epochs": ("training", "epochs"), "batch": ("training", "batch"),
    "limit": ("training", "limit"), "seed": ("training", "seed"),
    "steps": ("inference", "steps"), "delta": ("inference", "delta"), "alpha": ("inference", "alpha"),
    "learning_rate": ("plasticity", "learning_rate"), "noise": ("plasticity", "noise"),
}  # fmt: skip
SECTIONS: dict[str, tuple[str, ...]] = {
    "RunSpec": (), "EngineSpec": ("engine",), "TrainingSpec": ("training",),
    "InferenceSpec": ("inference",), "PlasticitySpec": ("plasticity",),
}  # fmt: skip
# One image per update: 0.1 is too large a step there. Measured on mnist-mini, 784-200-64, one epoch, fixed:
# error from h_1 0.101 of the mean image's with 0.02, 0.108 with 0.05; after two epochs 0.33 with 0.1.
ONLINE_RATE = 0.02
T = TypeVar("T")


def run_spec(config: Path | None, given: dict[str, Any]) -> RunSpec:
    """The spec of a config file (or the defaults) with what the command line gave on top.

    What nobody chose follows the engine: one that learns one image at a time
    gets the batch 1, and a batch of 1 the learning rate `ONLINE_RATE`.

    Raises
    ------
    InvalidInput
        Named after the option when the value came from one.
    """
    base = RunSpec() if config is None else RunSpec.from_toml(config)
    fields = base.model_dump(exclude_unset=True)
    chosen = _chosen(given)
    for option, value in chosen.items():
        _put(fields, FIELDS[option], value)
    engine = _named(lambda: EngineSpec(**fields.get("engine", {})), chosen)
    if online(engine) and "batch" not in fields.get("training", {}):
        _put(fields, FIELDS["batch"], 1)
    if fields.get("training", {}).get("batch") == 1 and "learning_rate" not in fields.get("plasticity", {}):
        _put(fields, FIELDS["learning_rate"], ONLINE_RATE)
    return _named(lambda: RunSpec(**fields), chosen)


def online(engine: EngineSpec) -> bool:
    """Whether an engine learns one image at a time, as a chip does."""
    return engine.arithmetic == "fixed" or (engine.backend == "lava" and engine.model == "composed")


def engine_spec(base: EngineSpec, given: dict[str, Any]) -> EngineSpec:
    """``base`` with the engine options that were given."""
    chosen = {option: value for option, value in given.items() if value is not None}
    return _named(lambda: EngineSpec(**{**base.model_dump(), **chosen}), chosen)


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


def _put(fields: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        fields[key] = dict(fields.get(key, {}))
        fields = fields[key]
    fields[path[-1]] = value


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
