"""Everything once: train on a chip's terms, look at what was learned, compare, map, report."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.spec import EngineSpec, RunSpec

if TYPE_CHECKING:
    from neuro_bpdl.agreement.results import Agreement
    from neuro_bpdl.generation.judging import Judged
    from neuro_bpdl.report.costs import RunCosts
    from neuro_bpdl.report.material import Material
    from neuro_bpdl.report.page import Section
    from neuro_bpdl.training.evaluation import Evaluation
    from neuro_bpdl.training.run_dir import RunDir

COMPARED_IMAGES, JUDGED_SAMPLES = 50, 1000
BESIDE = {"chip-quick": "generative-quick", "digits-chip": "digits-quick", "chip": "generative"}
FLOAT = EngineSpec(backend="theory", precision="float32")
Say = Callable[[str], None]


class Trainer(Protocol):
    """Trains a spec into a new folder, in whatever way shows progress; returns the result's last metrics."""

    def __call__(self, spec: RunSpec, out: Path) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Demo:
    """What the demo found; every part says what computed it."""

    run: RunDir
    training: dict[str, Any]
    material: Material
    judged: Judged
    beside: Evaluation
    engines: list[str]
    agreement: Agreement
    costs: RunCosts
    report: Path

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "run": str(self.run.path), "report": str(self.report), "training": self.training,
            "evaluation": self.material.evaluation.to_dict(), "samples": self.judged.to_dict(),
            "inpainting": self.material.inpainting.to_dict(), "float_beside": self.beside.to_dict(),
            "agreement": {
                "engines": self.engines, "holds": self.agreement.holds, "missed": len(self.agreement.missed())
            },
            "hardware": self.costs.to_dict(),
        }  # fmt: skip


def demonstrate(spec: RunSpec, beside: RunSpec, out: Path, train: Trainer, say: Say) -> Demo:
    """The whole chain into the new folder ``out``; stages are said in the order in which they run.

    Parameters
    ----------
    spec : RunSpec
        What is trained; it keeps validation images.
    beside : RunSpec
        The same in floating point, trained into ``out``/float.
    """
    from neuro_bpdl.report.costs import run_costs
    from neuro_bpdl.report.material import gather
    from neuro_bpdl.training.evaluation import evaluate
    from neuro_bpdl.training.run_dir import RunDir

    stage = _Stages(say, 6)
    stage(f"training {_about(spec)}")
    training = train(spec, out)
    run = RunDir.open(out)
    stage(f"the same network in float beside it: {_about(beside)}")
    train(beside, out / "float")
    stage("evaluating, generating, filling in")
    material = gather(run, run.dataset())
    floating = evaluate(RunDir.open(out / "float"), run.dataset(), limit=material.evaluation.measurement.images)
    _save_images(run, material)
    judged = _judged(run, stage)
    engines = engines_installed(say)
    stage(f"comparing {', '.join(engines)} with theory, step by step")
    agreement = _agreement(run, engines)
    stage("mapping it on Loihi 2 (a model: nothing runs on a chip), and writing the report")
    costs = run_costs(run)
    report = _report(run, material, agreement, costs, floating)
    return Demo(run, training, material, judged, floating, engines, agreement, costs, report)


def float_beside(recipe: str, spec: RunSpec) -> RunSpec:
    """The recipe's counterpart in float, as long and with the same images as ``spec``; or the spec itself in float."""
    same: dict[tuple[str, ...], Any] = {
        ("data",): spec.data, ("layers",): spec.layers,
        ("training", "seed"): spec.training.seed, ("training", "limit"): spec.training.limit,
    }  # fmt: skip
    if recipe in BESIDE:
        if spec.training.epochs != read_recipe(recipe).spec.training.epochs:
            same["training", "epochs"] = spec.training.epochs
        return compose(read_recipe(BESIDE[recipe]).fields, same)
    return spec.model_copy(update={"engine": FLOAT})


def engines_installed(say: Say) -> list[str]:
    """What can be compared with theory; says what is not installed."""
    engines = ["eager"]
    for name, package, extra in (("lava", "lava.magma", "lava-nc==0.10.0, see README"), ("nengo", "nengo", "nengo")):
        if _installed(package):
            engines.append(name)
        else:
            say(f"{name} is left out of the comparison: not installed (it needs {extra})")
    return engines


class _Stages:
    """Numbers what is said."""

    def __init__(self, say: Say, of: int) -> None:
        self._say, self._of, self._number = say, of, 0

    def __call__(self, what: str) -> None:
        self._number += 1
        self._say(f"[{self._number}/{self._of}] {what}")


def _about(spec: RunSpec) -> str:
    engine = spec.engine
    model = f" {engine.model}" if engine.backend == "lava" else ""
    sizes = "-".join(map(str, spec.layers))
    return f"{sizes} on {spec.data}, {engine.backend}{model} {engine.number}, {spec.training.epochs} epochs"


def _judged(run: RunDir, stage: _Stages) -> Judged:
    from neuro_bpdl.generation.judging import judge

    data = run.dataset()
    n = min(JUDGED_SAMPLES, len(run.matching(data).train_rows))
    stage(f"judging {n} samples beside real images: Parzen windows and a classifier")
    return judge(run, data, n)


def _save_images(run: RunDir, material: Material) -> None:
    from neuro_bpdl.generation.pictures import inpainting_rows, sample_grid
    from neuro_bpdl.generation.saving import save_arrays
    from neuro_bpdl.plotting.images import png

    shape, inpainting = material.image_shape, material.inpainting
    save_arrays(run.path / "inpaint.npz", inpainting.arrays(shape), png(inpainting_rows(inpainting, shape)))
    if material.samples is not None:
        save_arrays(run.path / "samples.npz", material.samples.arrays(), png(sample_grid(material.samples, shape)))


def _report(
    run: RunDir, material: Material, agreement: Agreement, costs: RunCosts, floating: Evaluation
) -> Path:
    from neuro_bpdl.report.agreement import agreement_section
    from neuro_bpdl.report.build import write_report
    from neuro_bpdl.report.hardware import mapping_section

    sections = [
        _beside_section(material.evaluation, floating), agreement_section(agreement, material.image_shape),
        mapping_section(run, costs=costs),
    ]  # fmt: skip
    return write_report(run, material, sections)


def _beside_section(fixed: Evaluation, floating: Evaluation) -> Section:
    from neuro_bpdl.report.engines import engines_section

    remark = "Two trainings of the same network on the same images: one image at a time in integers, and in float."
    return engines_section("Float beside fixed", [("fixed", fixed), ("float", floating)], remark)


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def _agreement(run: RunDir, engines: list[str]) -> Agreement:
    from neuro_bpdl.workflows.interactive import compare

    return compare(run.path, engines, [run.config.spec.engine.arithmetic], images=COMPARED_IMAGES)
