"""neuro-bpdl evaluate"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import emit, label_of, progress_bar
from neuro_bpdl.spec import EngineSpec, InferenceSpec

if TYPE_CHECKING:
    from neuro_bpdl.training.run_dir import RunDir

Drawn = Annotated[
    int | None,
    typer.Option("--samples", metavar="N", show_default="none",
                 help="Judge N samples too: Parzen log-likelihood of the test images, and a classifier, beside real "
                      "images. The paper has 10000. Needs a run with --validation."),
]  # fmt: skip


def evaluate_command(
    run: o.RunArgument,
    data: o.Data = None,
    limit: o.Limit = None,
    samples: Drawn = None,
    steps: o.Steps = None,
    delta: o.Delta = None,
    alpha: o.Alpha = None,
    backend: o.Backend = None,
    model: o.Model = None,
    arithmetic: o.Arithmetic = None,
    rounding: o.Rounding = None,
    code: o.MessageCode = None,
    window: o.Window = None,
    as_json: o.Json = False,
) -> None:
    """Errors on test images beside the mean image's and PCA's, and the objective over inference.

    A run with labels: accuracy, error by class, what is taken for what, and calibration; one that learned images and
    labels: both.

    Data, engine and inference are the run's own unless given; α follows from the trained variances (--alpha variance).

    Examples:

      neuro-bpdl evaluate first

      neuro-bpdl evaluate chip --samples 1000                 (a run of train --recipe chip-quick)

      neuro-bpdl evaluate first --data mnist --limit 1000 --backend theory --json
    """
    from neuro_bpdl.cli.classify_command import answer_rows, refuse_for_labels
    from neuro_bpdl.data import load
    from neuro_bpdl.training.answers import judge_answers
    from neuro_bpdl.training.evaluation import evaluate, evaluation_inference, first_images
    from neuro_bpdl.training.run_dir import RunDir

    trained = RunDir.open(run)
    spec = trained.config.spec
    engine = o.engine_spec(
        spec.engine, {"backend": backend, "model": model, "arithmetic": arithmetic, "rounding": rounding,
                      "code": code, "window": window},
    )
    if spec.labels is not None and not spec.joint:
        refuse_for_labels({"--samples": samples, "--steps": steps, "--delta": delta, "--alpha": alpha})
        found = judge_answers(trained, load(data or trained.data), engine=engine, limit=limit).to_dict()
        emit(found, as_json, "Evaluation", answer_rows(found))
        return
    inference = o.inference_spec(evaluation_inference(trained), {"steps": steps, "delta": delta, "alpha": alpha})
    dataset = load(data or trained.data)
    with progress_bar("evaluate", len(first_images(dataset.test, limit))) as done:
        result = evaluate(trained, dataset, engine=engine, inference=inference, limit=limit, progress=done).to_dict()
    judged = None if samples is None else _judged(trained, samples, engine)
    rows = evaluation_rows(result) | ({} if judged is None else sample_rows(judged))
    if spec.joint:
        found = judge_answers(trained, dataset, engine=engine, limit=limit).to_dict()
        result, rows = found | result, rows | answer_rows(found)
    emit(result | ({} if judged is None else {"samples": judged}), as_json, "Evaluation", rows)


def _judged(run: RunDir, n: int, engine: EngineSpec) -> dict[str, Any]:
    from neuro_bpdl.generation.judging import judge

    return judge(run, run.dataset(), n, engine=engine).to_dict()


def sample_rows(judged: dict[str, Any]) -> dict[str, Any]:
    """A row for each way to draw images, and for real ones."""
    about = f"{judged['samples']} images, by {label_of(judged)}"
    rows = {"samples": f"{about}; Parzen nats of {judged['test_images']} test images ± standard error"}
    named = {"GENERATE": f"GENERATE, {judged['rounds']} rounds"}
    for name, found in judged["rows"].items():
        rows[named.get(name, name)] = (
            f"{found['parzen_nats']:.1f} ± {found['parzen_standard_error']:.1f} (σ = {found['parzen_sigma']:.3f}); "
            f"{found['classes_covered']} classes, a classifier's confidence {found['confidence']:.2f}"
        )
    return rows


def evaluation_rows(result: dict[str, Any]) -> dict[str, Any]:
    """What a reader wants to know first."""
    mean, total = result["baselines"]["mean_image_mse"], result["objective"]["total"]
    layers = result["units"]
    return {
        "computed by": label_of(result),
        "inference": _inference(result["inference"]),
        "test images": result["images"],
        "reconstruction error": _share(result["reconstruction_mse"], mean),
        "from the top layer": _share(result["deep_reconstruction_mse"], mean),
        "PCA, as many components": _share(result["baselines"]["pca_mse"], mean),
        "mean image": f"{mean:.5f}",
        "objective over inference": f"{total[0]:.1f} to {total[-1]:.1f} nats per image",
        "dead units": ", ".join(f"{u['dead']} of {u['size']}" for u in layers),
        "saturated units": ", ".join(f"{u['saturated']} of {u['size']}" for u in layers),
    }


def _inference(fields: dict[str, Any]) -> str:
    spec = InferenceSpec(**fields)
    return f"{spec.steps} steps, δ = {spec.delta:g}, α = {spec.alpha_text}"


def _share(mse: float, mean: float) -> str:
    return f"{mse:.5f} = {mse / mean:.3f} of the mean image's"
