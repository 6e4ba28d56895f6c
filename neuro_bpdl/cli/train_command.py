"""neuro-bpdl train"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from neuro_bpdl.cli import completing
from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import emit, label_of, note, progress_bar
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.files.folders import quoted
from neuro_bpdl.recipes import read_recipe
from neuro_bpdl.spec import RunSpec

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE.toml", show_default="none",
                 help="Read the spec from a file; options on the command line win."),
]  # fmt: skip
RecipeName = Annotated[
    str | None,
    typer.Option("--recipe", metavar="NAME", show_default="none",
                 help="Start from a recipe (neuro-bpdl recipes lists them); other options override single fields.",
                 autocompletion=completing.recipe),
]  # fmt: skip
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", show_default="none", rich_help_panel=o.LEARNING,
                 help="Any field of the spec, as in a recipe: --set training.homeostasis=500. Can be given again."),
]  # fmt: skip
Resume = Annotated[
    Path | None,
    typer.Option("--resume", metavar="RUN", show_default="none",
                 help="Continue a run to the same bytes as an uninterrupted one; --epochs makes it longer."),
]  # fmt: skip
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="RUN", show_default="runs/DATA-LAYERS-BACKEND-sSEED", rich_help_panel=o.OUTPUT,
                 help="New folder."),
]  # fmt: skip
Layers = Annotated[
    str | None, typer.Option("--layers", metavar="N,…", show_default="200,64",
                             help="Units of the hidden layers, from below.")
]
ActivationName = Annotated[
    str | None,
    typer.Option("--activation", metavar="NAME", show_default="hard-sigmoid",
                 help="hard-sigmoid, sigmoid, softplus, tanh, clipped-relu, pwl-sigmoid or pwl-softplus; or one for "
                      "each layer, visible first."),
]  # fmt: skip
Epochs = Annotated[
    int | None,
    typer.Option("--epochs", metavar="N", show_default="10", rich_help_panel=o.LEARNING,
                 help="Times that every image is seen."),
]  # fmt: skip
Seed = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", show_default="0", rich_help_panel=o.LEARNING,
                 help="Of the weights, the order of images and the noise."),
]  # fmt: skip
Batch = Annotated[
    int | None,
    typer.Option("--batch", metavar="N", rich_help_panel=o.LEARNING,
                 show_default="up to 20, follows from the images; in fixed point 1",
                 help="Images that share one update; 1 is what a chip does."),
]  # fmt: skip
Rate = Annotated[
    float | None,
    typer.Option("--learning-rate", metavar="X", rich_help_panel=o.LEARNING,
                 show_default="follows from the images", help="Size of an update, for all layers."),
]  # fmt: skip
Noise = Annotated[
    float | None,
    typer.Option("--noise", metavar="X", rich_help_panel=o.LEARNING,
                 show_default="0.07; where a learning rate is chosen 0.1",
                 help="Standard deviation of the corruption that synapses see; unless given, pixels of smooth images "
                      "have less."),
]  # fmt: skip
Validation = Annotated[
    int | None,
    typer.Option("--validation", metavar="N", show_default="none", rich_help_panel=o.LEARNING,
                 help="Keep the last N training images from training and measure every epoch on them."),
]  # fmt: skip
TargetName = Annotated[
    str | None,
    typer.Option("--target", metavar="TARGET", show_default="none", rich_help_panel=o.ENGINE,
                 help="Refuse to train what this chip or board could not hold.",
                 autocompletion=completing.target),
]  # fmt: skip


def train_command(
    data: o.Data = None,
    layers: Layers = None,
    out: Out = None,
    recipe: RecipeName = None,
    config: Config = None,
    resume: Resume = None,
    limit: o.Limit = None,
    activation: ActivationName = None,
    epochs: Epochs = None,
    batch: Batch = None,
    learning_rate: Rate = None,
    noise: Noise = None,
    validation: Validation = None,
    seed: Seed = None,
    settings: Settings = None,
    steps: o.Steps = None,
    delta: o.Delta = None,
    alpha: o.Alpha = None,
    backend: o.Backend = None,
    model: o.Model = None,
    arithmetic: o.Arithmetic = None,
    rounding: o.Rounding = None,
    code: o.MessageCode = None,
    window: o.Window = None,
    sends: o.Sends = None,
    threads: o.Threads = None,
    target: TargetName = None,
    as_json: o.Json = False,
) -> None:
    """Learn images, without labels or (recipe labels) with them, by dW = S_pre · dV_post/dt.

    Under one seed every backend sees the same images in the same order and starts from the same weights.

    Examples:

      neuro-bpdl train --out first                          (mnist-mini, layers 200,64, eager, 10 epochs)

      neuro-bpdl train --data digits --layers 32,12 --backend lava --out small

      neuro-bpdl train --arithmetic fixed --epochs 2 --out chip     (Loihi's integers, one image at a time)

      neuro-bpdl train --recipe chip-quick --backend lava --out chip

      neuro-bpdl train --recipe labels-quick --out digits                  (with labels)

      neuro-bpdl train --recipe generative --seed 1 --set training.epochs=5 --out mine

      neuro-bpdl train --resume first --epochs 30
    """
    given = {
        "data": data, "layers": o.layer_sizes(layers), "limit": limit, "activation": o.activation_names(activation),
        "epochs": epochs, "batch": batch, "learning_rate": learning_rate, "noise": noise, "seed": seed,
        "steps": steps, "delta": delta, "alpha": alpha, "backend": backend, "model": model,
        "arithmetic": arithmetic, "rounding": rounding, "code": code, "window": window, "sends": sends,
        "threads": threads,
        "target": target, "validation": validation,
    }  # fmt: skip
    if resume is not None:
        _refuse_with_resume({**given, "out": out, "config": config, "recipe": recipe, "set": settings or None})
        result = continue_run(resume, epochs)
    else:
        spec = o.run_spec(config, given, recipe, settings or ())
        result = start_run(spec, out or default_out(spec), None if layers else recipe)
    emit(result, as_json, "Trained", _rows(result))


def start_run(spec: RunSpec, out: Path, recipe: str | None = None) -> dict[str, Any]:
    """Train a new run; the last metrics and where it is.

    Parameters
    ----------
    recipe : str, optional
        Whose layers the spec has: they are for images of one size.
    """
    from neuro_bpdl.data import load
    from neuro_bpdl.training.few_labels import images_in_all
    from neuro_bpdl.training.fixed_point import quantised_settings, setting_rows
    from neuro_bpdl.training.split import training_part
    from neuro_bpdl.training.steps_from_data import settled
    from neuro_bpdl.training.trainer import train

    dataset = load(spec.data)
    if recipe is not None:
        read_recipe(recipe).require_pixels(dataset.pixels, dataset.name)
    images = training_part(dataset, spec.training).train_rows
    spec = settled(spec, images)
    require_target(spec, dataset.pixels)
    quantised = quantised_settings(spec, dataset.pixels)
    remarks = [
        f"{name}: {value} on the chip for {requested} ({form})"
        for name, requested, value, form in (setting_rows(quantised) if quantised else ())
    ] + target_remarks(spec)
    with progress_bar("train", images_in_all(spec, len(images))) as done:
        return _watched(out, lambda watch: train(spec, dataset, out, watch), done, remarks)


def continue_run(path: Path, epochs: int | None) -> dict[str, Any]:
    """Continue a run; the last metrics and where it is."""
    from neuro_bpdl.training.few_labels import images_in_all
    from neuro_bpdl.training.run_dir import RunDir
    from neuro_bpdl.training.trainer import resume

    run = RunDir.open(path)
    dataset, before = run.dataset(), run.checkpoint().progress
    spec, images = run.config.spec, len(run.matching(dataset).train_rows)
    training = spec.training.model_copy(update={"epochs": epochs or spec.training.epochs})
    total = images_in_all(spec.model_copy(update={"training": training}), images)
    with progress_bar("train", total, start=before.images) as done:
        return _watched(path, lambda watch: resume(run, dataset, epochs=epochs, observer=watch), done)


def require_target(spec: RunSpec, visible: int) -> None:
    """Refuse what ``spec.target`` cannot hold, all violations at once."""
    if spec.target is None:
        return
    from neuro_bpdl.hardware.rules import check_run, require_fit

    require_fit(check_run(spec, visible, spec.target), spec.target)


def target_remarks(spec: RunSpec) -> list[str]:
    """What ``spec.target`` takes but does not do itself."""
    if spec.target is None:
        return []
    from neuro_bpdl.hardware.caveats import caveats
    from neuro_bpdl.hardware.target import load_target

    return caveats(load_target(spec.target), spec.engine)


def default_out(spec: RunSpec) -> Path:
    """runs/DATA-LAYERS-BACKEND-sSEED."""
    layers = "-".join(str(size) for size in spec.layers)
    return Path("runs", f"{Path(spec.data).stem}-{layers}-{spec.engine.backend}-s{spec.training.seed}")


class _Watch:
    """Tells the bar, and one line per epoch on stderr; ``remarks`` go before the first, when nothing was refused."""

    def __init__(self, done: Any, remarks: list[str]) -> None:
        self._done, self._remarks = done, remarks

    def images_done(self, done: int, total: int) -> None:
        self._done(done)

    def epoch_done(self, metrics: dict[str, Any]) -> None:
        for remark in self._remarks:
            note(remark)
        self._remarks, mean = [], metrics["mean_image_mse"]
        if "accuracy" in metrics:
            note(f"epoch {metrics['epoch']}: {_known(metrics)}")
            return
        note(
            f"epoch {metrics['epoch']}: reconstruction {metrics['reconstruction_mse'] / mean:.3f}, from the top "
            f"{metrics['deep_reconstruction_mse'] / mean:.3f} (mean image 1), "
            f"log p {metrics['objective_start']['total']:.1f} to {metrics['objective_end']['total']:.1f}"
        )


def _watched(out: Path, work: Any, done: Any, remarks: list[str] | None = None) -> dict[str, Any]:
    from neuro_bpdl.training.fixed_point import clipped_per_image, quantised_settings

    try:
        run = work(_Watch(done, remarks or []))
    except KeyboardInterrupt as stop:
        if out.is_dir():
            stop.args = (f"interrupted; continue with: neuro-bpdl train --resume {quoted(out)}",)
        raise
    spec, lines = run.config.spec, run.metrics()
    return {
        "run": str(out), **lines[-1], "epochs": spec.training.epochs,
        "clipped_per_image": clipped_per_image(lines),
        "quantised": quantised_settings(spec, run.config.network.sizes[0]),
    }  # fmt: skip


def _refuse_with_resume(given: dict[str, Any]) -> None:
    for name, value in given.items():
        if value is not None and name != "epochs":
            option = "--" + name.replace("_", "-")
            raise InvalidInput(option, str(value), "only --epochs with --resume", f"leave {option} out")


def _known(metrics: dict[str, Any]) -> str:
    return f"{100 * metrics['accuracy']:.2f} % of {metrics['measured_images']} {metrics['split']} images"


def _error_rows(result: dict[str, Any]) -> dict[str, Any]:
    mean = result["mean_image_mse"]
    return {
        f"reconstruction error ({result['measured_images']} {result['split']} images)":
            f"{result['reconstruction_mse']:.5f} = {result['reconstruction_mse'] / mean:.3f} of the mean image's",
        "the same from the top layer":
            f"{result['deep_reconstruction_mse']:.5f} = {result['deep_reconstruction_mse'] / mean:.3f}",
    }  # fmt: skip


def _rows(result: dict[str, Any]) -> dict[str, Any]:
    from neuro_bpdl.training.verdict import Verdict

    return {
        "run": result["run"],
        "computed by": label_of(result),
        "epochs, images presented": f"{result['epoch']}, {result['images']}",
        **({"known": _known(result)} if "accuracy" in result else _error_rows(result)),
        **_fixed_rows(result),
        **({"verdict": str(Verdict(**result["verdict"]))} if "verdict" in result else {}),
        "next": f"neuro-bpdl evaluate {quoted(result['run'])}",
    }


def _fixed_rows(result: dict[str, Any]) -> dict[str, Any]:
    """Settings as the chip has them, and what did not fit, layer by layer; nothing in float."""
    from neuro_bpdl.training.fixed_point import NOT_COUNTED, setting_rows

    if result["quantised"] is None:
        return {}
    rows = {name: f"{value} for {requested}" for name, requested, value, _ in setting_rows(result["quantised"])}
    if result["clipped_per_image"] is None:
        return {**rows, "clipped numbers": NOT_COUNTED}
    for layer, kinds in enumerate(result["clipped_per_image"]):
        rows[f"clipped per image, layer {layer}"] = ", ".join(f"{kind} {n:.3g}" for kind, n in kinds.items())
    return rows
