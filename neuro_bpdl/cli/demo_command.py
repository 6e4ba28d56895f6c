"""neuro-bpdl demo: everything once, on Lava's CPU simulator."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.evaluate_command import evaluation_rows
from neuro_bpdl.cli.inpaint_command import inpainting_table
from neuro_bpdl.cli.output import emit, label_of, note
from neuro_bpdl.cli.train_command import start_run
from neuro_bpdl.errors import CheckpointError
from neuro_bpdl.spec import RunSpec

if TYPE_CHECKING:
    from neuro_bpdl.agreement.results import Agreement
    from neuro_bpdl.report.material import Material
    from neuro_bpdl.report.page import Section
    from neuro_bpdl.training.evaluation import Evaluation
    from neuro_bpdl.training.run_dir import RunDir

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="RUN", show_default=False, rich_help_panel=o.OUTPUT,
                 help="New folder; runs/demo, or runs/demo-2 and so on, unless given."),
]  # fmt: skip
Data = Annotated[str, typer.Option("--data", metavar="D", help="mnist-mini, digits, mnist or FILE.npz.")]
Layers = Annotated[str, typer.Option("--layers", metavar="N,…", help="Hidden layers from below.")]
Epochs = Annotated[
    int | None,
    typer.Option("--epochs", metavar="E", show_default=False, help="2 in fixed point, 10 in float unless given."),
]  # fmt: skip
Seed = Annotated[int, typer.Option("--seed", metavar="S")]
Backend = Annotated[str, typer.Option("--backend", metavar="lava|eager|theory", rich_help_panel=o.ENGINE)]
Arithmetic = Annotated[str, typer.Option("--arithmetic", metavar="float|fixed", rich_help_panel=o.ENGINE)]


COMPARED_IMAGES = 50
EPOCHS = {"fixed": 2, "float": 10}  # one image per update in fixed point, so fewer epochs make as many updates


def demo_command(
    out: Out = None,
    data: Data = "mnist-mini",
    layers: Layers = "200,64",
    epochs: Epochs = None,
    limit: o.Limit = None,
    seed: Seed = 0,
    backend: Backend = "lava",
    arithmetic: Arithmetic = "fixed",
    as_json: o.Json = False,
) -> None:
    """Train, evaluate, generate, inpaint, compare and report: everything once, on Lava's CPU simulator.

    In Loihi's fixed point, with the same training in float beside it (in RUN/float).

    Examples:

      neuro-bpdl demo

      neuro-bpdl demo --data digits --layers 32,12 --epochs 20        (seconds)
    """
    began = time.perf_counter()
    given = {
        "data": data, "layers": o.layer_sizes(layers), "limit": limit, "seed": seed,
        "epochs": EPOCHS.get(arithmetic) if epochs is None else epochs,
        "backend": backend, "arithmetic": arithmetic,
    }  # fmt: skip
    path = out or next_free(Path("runs", "demo"))
    result = demonstrate(o.run_spec(None, given), path)
    result["seconds"] = round(time.perf_counter() - began, 1)
    emit(result, as_json, "neuro-bpdl demo", _rows(result))


def demonstrate(spec: RunSpec, out: Path) -> dict[str, Any]:
    """The whole chain into the new folder ``out``; every result with its label."""
    from neuro_bpdl.agreement.page import agreement_section
    from neuro_bpdl.report.build import write_report
    from neuro_bpdl.report.costs import run_costs
    from neuro_bpdl.report.hardware import mapping_section
    from neuro_bpdl.report.material import gather
    from neuro_bpdl.training.run_dir import RunDir

    training = _train(spec, out)
    run = RunDir.open(out)
    note("evaluating, generating and inpainting")
    material = gather(run, run.dataset())
    _save_images(run, material)
    engines = engines_installed()
    note(f"comparing {', '.join(engines)} with theory; writing the report")
    agreement = _agreement(run, engines)
    beside = _float_beside(run, material) if spec.engine.arithmetic == "fixed" else None
    costs = run_costs(run)
    sections = [agreement_section(agreement, material.image_shape), mapping_section(run, costs=costs)]
    if beside is not None:
        sections.insert(0, _beside_section(material.evaluation, beside))
    report = write_report(run, material, sections)
    return {
        "run": str(out), "report": str(report), "training": training,
        "evaluation": material.evaluation.to_dict(), "inpainting": material.inpainting.to_dict(),
        "samples": material.samples.to_dict() if material.samples else None,
        "float_beside": None if beside is None else beside.to_dict(),
        "agreement": {"engines": engines, "holds": agreement.holds, "missed": len(agreement.missed())},
        "hardware": costs.to_dict(),
    }  # fmt: skip


def _train(spec: RunSpec, out: Path) -> dict[str, Any]:
    engine = f"{spec.engine.backend} {spec.engine.arithmetic}"
    note(f"training {'-'.join(map(str, spec.layers))} on {spec.data}, {engine}, {spec.training.epochs} epochs")
    return start_run(spec, out)


def _float_beside(run: RunDir, material: Material) -> Evaluation:
    """The same training in float: same images, order, start and settings; in RUN/float."""
    from neuro_bpdl.training.evaluation import evaluate
    from neuro_bpdl.training.run_dir import RunDir

    spec = run.config.spec
    engine = spec.engine.model_copy(update={"arithmetic": "float"})
    _train(spec.model_copy(update={"engine": engine}), run.path / "float")
    return evaluate(RunDir.open(run.path / "float"), run.dataset(), limit=material.evaluation.measurement.images)


def _beside_section(fixed: Evaluation, floating: Evaluation) -> Section:
    from neuro_bpdl.report.engines import engines_section

    remark = "Two trainings with the same images in the same order, the same start and settings, by two arithmetics."
    return engines_section("Float beside fixed", [("fixed", fixed), ("float", floating)], remark)


def next_free(path: Path) -> Path:
    """``path``, or the first of path-2, path-3, … that does not exist."""
    if not path.exists():
        return path
    for number in range(2, 10_000):
        candidate = path.with_name(f"{path.name}-{number}")
        if not candidate.exists():
            return candidate
    raise CheckpointError(f"--out: got {str(path)!r}, of which 10000 exist, allowed: a new folder; remove some")


def _save_images(run: RunDir, material: Material) -> None:
    from neuro_bpdl.generation.pictures import inpainting_rows, png, sample_grid
    from neuro_bpdl.generation.saving import save_arrays

    shape, inpainting = material.image_shape, material.inpainting
    save_arrays(run.path / "inpaint.npz", inpainting.arrays(shape), png(inpainting_rows(inpainting, shape)))
    if material.samples is not None:
        save_arrays(run.path / "samples.npz", material.samples.arrays(), png(sample_grid(material.samples, shape)))


def engines_installed() -> list[str]:
    """What the demo compares with theory; says on stderr what is not installed."""
    engines = ["eager"]
    for name, package, extra in (("lava", "lava.magma", "lava-nc==0.10.0, Python 3.10"), ("nengo", "nengo", "nengo")):
        if _installed(package):
            engines.append(name)
        else:
            note(f"{name} is left out of the comparison: not installed (it needs {extra})")
    return engines


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def _agreement(run: RunDir, engines: list[str], images: int = COMPARED_IMAGES) -> Agreement:
    from neuro_bpdl.agreement.compare import compare_engines
    from neuro_bpdl.agreement.engines import engines_of

    spec, checkpoint = run.config.spec, run.checkpoint()
    built = engines_of(engines, [spec.engine.arithmetic], spec.inference, spec.plasticity, checkpoint.seed)
    x = run.dataset().test[:images]
    return compare_engines(built, checkpoint.params, x, spec.inference, spec.plasticity, seed=checkpoint.seed)


def _rows(result: dict[str, Any]) -> dict[str, Any]:
    evaluation, hidden = result["evaluation"], result["inpainting"]
    inpainted = inpainting_table({**hidden, "out": "", "picture": ""})
    rows = {"learned by": label_of(result["training"]), **evaluation_rows(evaluation)}
    if result["float_beside"] is not None:
        beside = evaluation_rows(result["float_beside"])
        rows["the same in float"] = f"{beside['reconstruction error']}; from the top {beside['from the top layer']}"
    for name in ("error on hidden pixels", "mean image", "one pass"):
        rows[f"inpainting: {name}"] = inpainted[name]
    agreement = result["agreement"]
    verdict = "every tolerance kept" if agreement["holds"] else f"{agreement['missed']} tolerances missed"
    rows["agreement with theory"] = f"{', '.join(agreement['engines'])}: {verdict}"
    return {**rows, "time": f"{result['seconds']} s", "report": result["report"]}
