"""neuro-bpdl classify"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import emit, label_of
from neuro_bpdl.errors import InvalidInput

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE.npz", show_default="none", rich_help_panel=o.OUTPUT,
                 help="Write labels and probabilities, one row an image."),
]  # fmt: skip
SHOWN = 20


def classify_command(
    run: o.RunArgument,
    data: o.Data = None,
    out: Out = None,
    limit: o.Limit = None,
    backend: o.Backend = None,
    model: o.Model = None,
    arithmetic: o.Arithmetic = None,
    rounding: o.Rounding = None,
    as_json: o.Json = False,
) -> None:
    """Say what test images show: the label that a run with labels gives each.

    Examples:

      neuro-bpdl classify digits

      neuro-bpdl classify digits --data mine.npz --out answers.npz
    """
    from neuro_bpdl.data import load
    from neuro_bpdl.files.npz_file import write_npz
    from neuro_bpdl.generation.saving import require_npz
    from neuro_bpdl.training.answers import answers, probabilities
    from neuro_bpdl.training.evaluation import first_images
    from neuro_bpdl.training.run_dir import RunDir, require_pixels

    if out is not None:
        require_npz(out)
    trained = RunDir.open(run)
    engine = o.engine_spec(
        trained.config.spec.engine,
        {"backend": backend, "model": model, "arithmetic": arithmetic, "rounding": rounding},
    )
    dataset = load(data or trained.data)
    require_pixels(trained, dataset)
    net, label = answers(trained, first_images(dataset.test, limit), engine=engine)
    chances = probabilities(net)
    if out is not None:
        write_npz(out, {"labels": net.argmax(axis=1), "probabilities": chances})
    result = {"labels": net.argmax(axis=1).tolist(), "confidence": chances.max(axis=1).tolist(),
              "out": None if out is None else str(out), **label.to_dict(), "data": dataset.name}  # fmt: skip
    emit(result, as_json, "Labels", _rows(result))


def _rows(result: dict[str, Any]) -> dict[str, Any]:
    labels = result["labels"]
    more = f" … of {len(labels)}" if len(labels) > SHOWN else ""
    return {
        "computed by": label_of(result),
        "labels": " ".join(str(label) for label in labels[:SHOWN]) + more,
        "least sure of": f"image {min(range(len(labels)), key=lambda i: result['confidence'][i])}",
        **({} if result["out"] is None else {"written": result["out"]}),
    }


def answer_rows(result: dict[str, Any]) -> dict[str, Any]:
    """What a reader of an evaluation with labels wants to know first."""
    errors = [("–" if e is None else f"{100 * e:.1f}") for e in result["error_by_class"]]
    confusion = result["confusion"]
    wide = len(str(max(max(row) for row in confusion)))
    table = {
        f"{truth} taken for 0 … {len(confusion) - 1}": " ".join(f"{n:{wide}d}" for n in row)
        for truth, row in enumerate(confusion)
    }
    return {
        "computed by": label_of(result),
        "test images": result["images"],
        "accuracy": f"{100 * result['accuracy']:.2f} %",
        "error by class, %": " ".join(errors),
        "calibration": f"confidence is off by {100 * result['calibration_error']:.1f} points on the average",
        **table,
    }


def refuse_for_labels(given: dict[str, Any]) -> None:
    """Refuse options that mean nothing for a run with labels."""
    for option, value in given.items():
        if value is not None:
            raise InvalidInput(option, value, "nothing for a run with labels", f"leave {option} out")
