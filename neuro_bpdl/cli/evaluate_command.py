"""neuro-bpdl evaluate"""

from __future__ import annotations

from typing import Any

from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import emit, label_of, progress_bar
from neuro_bpdl.spec import InferenceSpec


def evaluate_command(
    run: o.RunArgument,
    data: o.Data = None,
    limit: o.Limit = None,
    steps: o.Steps = None,
    delta: o.Delta = None,
    alpha: o.Alpha = None,
    backend: o.Backend = None,
    model: o.Model = None,
    arithmetic: o.Arithmetic = None,
    rounding: o.Rounding = None,
    as_json: o.Json = False,
) -> None:
    """Errors on test images beside the mean image's and PCA's, and the objective over inference.

    Data, engine and inference are the run's own unless given; α follows from the trained variances (--alpha variance).

    Examples:

      neuro-bpdl evaluate first

      neuro-bpdl evaluate first --data mnist --limit 1000 --backend theory --json
    """
    from neuro_bpdl.data import load
    from neuro_bpdl.training.evaluation import evaluate, evaluation_inference, first_images
    from neuro_bpdl.training.run_dir import RunDir

    trained = RunDir.open(run)
    spec = trained.config.spec
    engine = o.engine_spec(
        spec.engine, {"backend": backend, "model": model, "arithmetic": arithmetic, "rounding": rounding}
    )
    inference = o.inference_spec(evaluation_inference(trained), {"steps": steps, "delta": delta, "alpha": alpha})
    dataset = load(data or spec.data)
    with progress_bar("evaluate", len(first_images(dataset.test, limit))) as done:
        result = evaluate(trained, dataset, engine=engine, inference=inference, limit=limit, progress=done).to_dict()
    emit(result, as_json, "Evaluation", evaluation_rows(result))


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
