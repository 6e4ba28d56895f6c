"""neuro-bpdl generate"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import emit, label_of

Count = Annotated[int, typer.Option("--n", metavar="N", help="How many images.")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE.npz", help="Arrays; a PNG of them goes beside it.",
                                   rich_help_panel=o.OUTPUT)]  # fmt: skip
Rounds = Annotated[int | None, typer.Option("--rounds", metavar="N", show_default="the recipe's; else 3",
                                            rich_help_panel=o.INFERENCE,
                                            help="Times {infer; x = g_1(h_1)} after the first image.")]  # fmt: skip
SampleSeed = Annotated[int | None, typer.Option("--seed", metavar="N", show_default="the run's",
                                                help="Another draw; the run's seed by default.")]  # fmt: skip
ToldLabel = Annotated[int | None, typer.Option("--label", metavar="N", show_default="none", help="Images of one class: "
                      "its label stays clamped (a run of --recipe joint).")]  # fmt: skip
PriorName = Annotated[str, typer.Option("--prior", metavar="gaussian|mixture", help="The paper's prior, or a mixture "
                                        "of Gaussians fitted to the training images' top layer.")]  # fmt: skip


def generate_command(
    run: o.RunArgument,
    n: Count = 100,
    out: Out = Path("samples.npz"),
    rounds: Rounds = None,
    seed: SampleSeed = None,
    prior: PriorName = "gaussian",
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
    """Draw images: the top layer from its prior, down, then infer and redraw as the run's
    recipe says (α = 0.3, 3 rounds unless it does).

    The file holds "directed" (before the rounds), "generated" (after them) and "top".

    Examples:

      neuro-bpdl generate first --n 100 --out samples.npz

      neuro-bpdl generate first --n 25 --rounds 10 --seed 7 --out more.npz --json

      neuro-bpdl generate both --label 7 --prior mixture            (a run of train --recipe joint)
    """
    from neuro_bpdl.generation.pictures import sample_grid
    from neuro_bpdl.generation.samples import generate
    from neuro_bpdl.generation.saving import require_npz, save_arrays
    from neuro_bpdl.plotting.images import png
    from neuro_bpdl.training.run_dir import RunDir

    trained, path = RunDir.open(run), require_npz(out)
    spec = trained.config.spec
    engine = o.engine_spec(
        spec.engine, {"backend": backend, "model": model, "arithmetic": arithmetic, "rounding": rounding,
                      "code": code, "window": window},
    )
    way = spec.generation.inference(spec.inference)
    inference = o.inference_spec(way, {"steps": steps, "delta": delta, "alpha": alpha})
    samples = generate(
        trained, n, seed=seed, rounds=rounds, inference=inference, engine=engine,
        prior=prior, label=label,  # type: ignore[arg-type]
    )  # fmt: skip
    picture = save_arrays(path, samples.arrays(), png(sample_grid(samples, trained.config.data.image_shape)))
    result = {"out": str(path), "picture": str(picture), **samples.to_dict()}
    rows = {"computed by": label_of(result), "images": n, "arrays": path, "picture": picture}
    emit(result, as_json, "Generated", rows)
