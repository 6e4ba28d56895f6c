"""neuro-bpdl train"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import INTERRUPTED, emit, label_of, note, progress_bar
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import RunSpec

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE.toml", show_default=False,
                 help="Read the spec from a file; options on the command line win."),
]  # fmt: skip
Resume = Annotated[
    Path | None,
    typer.Option("--resume", metavar="RUN", show_default=False,
                 help="Continue a run to the same bytes as an uninterrupted one; --epochs makes it longer."),
]  # fmt: skip
Out = Annotated[
    Path | None, typer.Option("--out", metavar="RUN", show_default=False, help="New folder.", rich_help_panel=o.OUTPUT)
]
Layers = Annotated[
    str | None, typer.Option("--layers", metavar="200,64", show_default=False, help="Hidden layers from below.")
]
ActivationName = Annotated[
    str | None,
    typer.Option("--activation", metavar="NAME", show_default=False,
                 help="hard-sigmoid, sigmoid, softplus, tanh, clipped-relu, pwl-sigmoid or pwl-softplus; or one for "
                      "each layer, visible first."),
]  # fmt: skip
Epochs = Annotated[int | None, typer.Option("--epochs", metavar="E", show_default=False, rich_help_panel=o.LEARNING)]
Seed = Annotated[int | None, typer.Option("--seed", metavar="S", show_default=False, rich_help_panel=o.LEARNING)]
Batch = Annotated[
    int | None,
    typer.Option("--batch", metavar="B", show_default=False, rich_help_panel=o.LEARNING,
                 help="Images that share one update; 1 is what a chip does."),
]  # fmt: skip
Rate = Annotated[
    float | None,
    typer.Option("--learning-rate", show_default=False, rich_help_panel=o.LEARNING,
                 help="0.1 unless given, and 0.02 where an update sees one image."),
]  # fmt: skip
Noise = Annotated[
    float | None,
    typer.Option("--noise", show_default=False, rich_help_panel=o.LEARNING,
                 help="Standard deviation of the corruption that synapses see."),
]  # fmt: skip
TargetName = Annotated[
    str | None,
    typer.Option("--target", metavar="loihi2", show_default=False, rich_help_panel=o.ENGINE,
                 help="Refuse to train what this chip or board could not hold."),
]  # fmt: skip


def train_command(
    data: o.Data = None,
    layers: Layers = None,
    out: Out = None,
    config: Config = None,
    resume: Resume = None,
    limit: o.Limit = None,
    activation: ActivationName = None,
    epochs: Epochs = None,
    batch: Batch = None,
    learning_rate: Rate = None,
    noise: Noise = None,
    seed: Seed = None,
    steps: o.Steps = None,
    delta: o.Delta = None,
    alpha: o.Alpha = None,
    backend: o.Backend = None,
    model: o.Model = None,
    arithmetic: o.Arithmetic = None,
    rounding: o.Rounding = None,
    target: TargetName = None,
    as_json: o.Json = False,
) -> None:
    """Learn images without labels, by dW = S_pre · dV_post/dt.

    Under one seed every backend sees the same images in the same order and starts from the same weights.

    Examples:

      neuro-bpdl train --out first                          (mnist-mini, layers 200,64, eager, 10 epochs)

      neuro-bpdl train --data digits --layers 32,12 --backend lava --out small

      neuro-bpdl train --arithmetic fixed --epochs 2 --out chip     (Loihi's integers, one image at a time)

      neuro-bpdl train --resume first --epochs 30
    """
    given = {
        "data": data, "layers": o.layer_sizes(layers), "limit": limit, "activation": o.activation_names(activation),
        "epochs": epochs, "batch": batch, "learning_rate": learning_rate, "noise": noise, "seed": seed,
        "steps": steps, "delta": delta, "alpha": alpha, "backend": backend, "model": model,
        "arithmetic": arithmetic, "rounding": rounding, "target": target,
    }  # fmt: skip
    if resume is not None:
        _refuse_with_resume({**given, "out": out, "config": config})
        result = continue_run(resume, epochs)
    else:
        spec = o.run_spec(config, given)
        result = start_run(spec, out or default_out(spec))
    emit(result, as_json, "Trained", _rows(result))


def start_run(spec: RunSpec, out: Path) -> dict[str, Any]:
    """Train a new run; the last metrics and where it is."""
    from neuro_bpdl.data import load
    from neuro_bpdl.training.fixed_point import quantised_settings, setting_rows
    from neuro_bpdl.training.trainer import train

    dataset = load(spec.data)
    require_target(spec, dataset.pixels)
    quantised = quantised_settings(spec, dataset.pixels)
    remarks = [
        f"{name}: {value} on the chip for {requested} ({form})"
        for name, requested, value, form in (setting_rows(quantised) if quantised else ())
    ]
    images = len(dataset.x_train) if spec.training.limit is None else spec.training.limit
    total = images // spec.training.batch * spec.training.batch * spec.training.epochs
    with progress_bar("train", total) as done:
        return _watched(out, lambda watch: train(spec, dataset, out, watch), done, remarks)


def continue_run(path: Path, epochs: int | None) -> dict[str, Any]:
    """Continue a run; the last metrics and where it is."""
    from neuro_bpdl.training.run_dir import RunDir
    from neuro_bpdl.training.trainer import resume

    run = RunDir.open(path)
    dataset, before = run.dataset(), run.checkpoint().progress
    batch, total = run.config.spec.training.batch, epochs or run.config.spec.training.epochs
    with progress_bar("train", len(dataset.x_train) // batch * batch * total, start=before.images) as done:
        return _watched(path, lambda watch: resume(run, dataset, epochs=epochs, observer=watch), done)


def require_target(spec: RunSpec, visible: int) -> None:
    """Refuse what ``spec.target`` cannot hold, all violations at once."""
    if spec.target is None:
        return
    from neuro_bpdl.hardware.rules import check_run, require_fit

    require_fit(check_run(spec, visible, spec.target), spec.target)


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
        note(
            f"epoch {metrics['epoch']}: reconstruction {metrics['reconstruction_mse'] / mean:.3f}, from the top "
            f"{metrics['deep_reconstruction_mse'] / mean:.3f} (mean image 1), "
            f"log p {metrics['objective_start']['total']:.1f} to {metrics['objective_end']['total']:.1f}"
        )


def _watched(out: Path, work: Any, done: Any, remarks: list[str] | None = None) -> dict[str, Any]:
    from neuro_bpdl.training.fixed_point import clipped_per_image, quantised_settings

    try:
        run = work(_Watch(done, remarks or []))
    except KeyboardInterrupt:
        if out.is_dir():
            note(f"interrupted; continue with: neuro-bpdl train --resume {out}")
        raise typer.Exit(INTERRUPTED) from None
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


def _rows(result: dict[str, Any]) -> dict[str, Any]:
    mean = result["mean_image_mse"]
    return {
        "run": result["run"],
        "computed by": label_of(result),
        "epochs, images presented": f"{result['epoch']}, {result['images']}",
        f"reconstruction error ({result['measured_images']} {result['split']} images)":
            f"{result['reconstruction_mse']:.5f} = {result['reconstruction_mse'] / mean:.3f} of the mean image's",
        "the same from the top layer":
            f"{result['deep_reconstruction_mse']:.5f} = {result['deep_reconstruction_mse'] / mean:.3f}",
        **_fixed_rows(result),
        "next": f"neuro-bpdl evaluate {result['run']}",
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
