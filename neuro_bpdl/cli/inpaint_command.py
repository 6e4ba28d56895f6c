"""neuro-bpdl inpaint"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import emit, label_of, progress_bar
from neuro_bpdl.errors import InvalidInput

Missing = Annotated[float, typer.Option("--missing", metavar="X", help="Share of the pixels to hide.")]
Kind = Annotated[str, typer.Option("--kind", metavar="random|left|right|top|bottom", help="Which pixels to hide.")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE.npz", help="Arrays; a PNG of them goes beside it.",
                                   rich_help_panel=o.OUTPUT)]  # fmt: skip
MaskSeed = Annotated[int | None, typer.Option("--seed", metavar="N", show_default="the run's",
                                              help="Hide other pixels; the run's seed by default.")]  # fmt: skip
Chains = Annotated[int, typer.Option("--chains", metavar="N", help="Chains for each image, from draws of the prior "
                                     "that fit the known pixels; 1 starts at the mean image.")]  # fmt: skip
ToldLabel = Annotated[str | None, typer.Option("--label", metavar="N", show_default="none", help="Tell a class besides "
                      "the known pixels; own: each image's (a run of --recipe joint).")]  # fmt: skip
PriorName = Annotated[str, typer.Option("--prior", metavar="mixture|gaussian|codes", help="What several chains draw "
                                        "from: a mixture of Gaussians, the paper's prior, or the codes of the images "
                                        "that were learned.")]  # fmt: skip


def inpaint_command(
    run: o.RunArgument,
    data: o.Data = None,
    missing: Missing = 0.5,
    kind: Kind = "random",
    limit: o.Limit = None,
    out: Out = Path("inpaint.npz"),
    seed: MaskSeed = None,
    chains: Chains = 1,
    prior: PriorName = "mixture",
    label: ToldLabel = None,
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
    """Hide pixels of test images and infer them, the others clamped.

    Compared on the hidden pixels with the mean image (where they start) and with one pass up and down.

    Examples:

      neuro-bpdl inpaint first --missing 0.5 --out inpaint.npz

      neuro-bpdl inpaint first --kind left --steps 60 --out half.npz --json

      neuro-bpdl inpaint first --kind left --chains 32          (several answers, weighted, and where they differ)

      neuro-bpdl inpaint both --kind left --label own           (half an image and its label; of --recipe joint)
    """
    from neuro_bpdl.data import load
    from neuro_bpdl.generation.inpainting import inpaint, inpainting_inference
    from neuro_bpdl.generation.pictures import inpainting_rows
    from neuro_bpdl.generation.saving import require_npz, save_arrays
    from neuro_bpdl.plotting.images import png
    from neuro_bpdl.training.evaluation import first_images
    from neuro_bpdl.training.run_dir import RunDir

    trained, path = RunDir.open(run), require_npz(out)
    spec = trained.config.spec
    engine = o.engine_spec(
        spec.engine, {"backend": backend, "model": model, "arithmetic": arithmetic, "rounding": rounding,
                      "code": code, "window": window},
    )
    defaults = inpainting_inference(spec.inference, chains)
    inference = o.inference_spec(defaults, {"steps": steps, "delta": delta, "alpha": alpha})
    dataset = load(data or trained.data)
    with progress_bar("inpaint", len(first_images(dataset.test, limit))) as done:
        filled = inpaint(
            trained, dataset, missing, kind=kind, limit=limit, seed=seed,  # type: ignore[arg-type]
            inference=inference, engine=engine, chains=chains, prior=prior,  # type: ignore[arg-type]
            label=_hint(label), progress=done,
        )  # fmt: skip
    shape = dataset.image_shape
    picture = save_arrays(path, filled.arrays(shape), png(inpainting_rows(filled, shape)))
    result = {"out": str(path), "picture": str(picture), **filled.to_dict()}
    emit(result, as_json, "Inpainted", inpainting_table(result))


def _hint(text: str | None) -> Any:
    """"7" as 7; "own" as it is."""
    if text is None or text == "own":
        return text
    try:
        return int(text)
    except ValueError:
        raise InvalidInput("--label", text, "own, or the number of a class") from None


def inpainting_table(result: dict[str, Any]) -> dict[str, Any]:
    """The error and what it has to beat."""
    return {
        "computed by": label_of(result),
        "test images": result["images"],
        **({"chains": f"{result['chains']} from the {result['prior']} prior"} if result["chains"] > 1 else {}),
        "hidden": f"{result['missing']:.0%} of the pixels, {result['kind']}",
        "error on hidden pixels": f"{result['missing_pixel_mse']:.5f}",
        "mean image": f"{result['mean_image_mse']:.5f}",
        "one pass": f"{result['one_pass_mse']:.5f}",
        **({} if result.get("label") is None else {"told besides": f"label {result['label']}"}),
        "arrays": result["out"],
        "picture": result["picture"],
    }
