"""For notebooks and scripts: train, open, look at and compare runs, in objects that show themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from neuro_bpdl.agreement.compare import compare_engines
from neuro_bpdl.agreement.engines import engines_of
from neuro_bpdl.agreement.results import Agreement
from neuro_bpdl.data import Dataset, load
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.estimator import GIVEN
from neuro_bpdl.files.folders import next_free
from neuro_bpdl.generation.inpainting import Inpainting, inpaint
from neuro_bpdl.generation.samples import Samples, generate
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.report.build import write_report
from neuro_bpdl.report.labelled import write_labelled_report
from neuro_bpdl.training.evaluation import Evaluation, evaluate
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.trainer import train as train_into
from neuro_bpdl.workflows.progress import Bar
from neuro_bpdl.workflows.shown import Plots, run_html

PLACES = {place[-1]: place for place in (*GIVEN, ("training", "seed"), ("training", "limit"), ("engine", "rounding"))}
COMPARED_IMAGES = 50


class Run:
    """A run's folder, for people.

    Attributes
    ----------
    folder : RunDir
    plot : Plots
        What the report shows, one picture at a time: ``run.plot.learning()``.
    """

    def __init__(self, folder: RunDir) -> None:
        self.folder, self.plot = folder, Plots(folder)

    @property
    def path(self) -> Path:
        """The folder."""
        return self.folder.path

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """One line per epoch, epoch 0 first: errors, the objective, units."""
        return self.folder.metrics()

    @property
    def parameters(self) -> Parameters:
        """Weights, variances and prior of the last checkpoint."""
        return self.folder.checkpoint().params

    def data(self) -> Dataset:
        """The data it learned from."""
        return self.folder.dataset()

    def evaluate(self, data: Dataset | str | None = None, **options: Any) -> Evaluation:
        """See `training.evaluation.evaluate`; its own data by default."""
        return evaluate(self.folder, _dataset(data) if data is not None else self.data(), **options)

    def sample(self, n: int = 25, **options: Any) -> Samples:
        """Images nobody has drawn; see `generation.samples.generate`."""
        return generate(self.folder, n, **options)

    def inpaint(self, fraction: float = 0.5, **options: Any) -> Inpainting:
        """Test images with hidden pixels, filled in; see `generation.inpainting.inpaint`."""
        return inpaint(self.folder, self.data(), fraction, **options)

    def report(self) -> Path:
        """Write report.html, in it the network to play with."""
        if self.folder.config.spec.labels is not None:
            return write_labelled_report(self.folder, self.data())[0]
        return write_report(self.folder)

    def __repr__(self) -> str:
        spec, lines = self.folder.config.spec, self.metrics
        sizes = "-".join(map(str, self.folder.config.network.sizes))
        epoch = lines[-1]["epoch"] if lines else 0
        engine, training = spec.engine, spec.training
        return (
            f"<Run {str(self.path)!r}: {sizes} on {self.folder.config.data.name}, {engine.backend} {engine.number}, "
            f"epoch {epoch} of {training.epochs}, seed {training.seed}>"
        )

    def _repr_html_(self) -> str:
        return run_html(repr(self), self.metrics)


def train(
    data: Dataset | str = "mnist-mini",
    *,
    recipe: str | None = None,
    out: str | Path | None = None,
    progress: bool = True,
    **settings: Any,
) -> Run:
    """Learn images without labels into a new folder.

    Parameters
    ----------
    data : Dataset or str
        "digits", "mnist-mini", "mnist", "FILE.npz", or what `load` returned.
    recipe : str, optional
        Where the settings start; ``neuro-bpdl recipes`` lists them.
    out : path, optional
        A new folder; runs/DATA, or runs/DATA-2 and so on, unless given.
    progress : bool
        Show a bar, and the error after every epoch.
    settings
        Single fields, named as on the command line: layers, epochs, batch, learning_rate, noise, seed, limit, steps,
        delta, alpha, activation, backend, model, arithmetic, rounding.

    Raises
    ------
    InvalidInput
        A setting that is unknown or out of range; besides what `training.trainer.train` raises.
    """
    dataset = _dataset(data)
    for name in settings.keys() - PLACES.keys():
        raise InvalidInput("train", name, ", ".join(sorted(PLACES)), "see neuro_bpdl.spec.RunSpec for all fields")
    base: dict[str, Any] = {}
    if recipe is not None:
        chosen = read_recipe(recipe)
        if "layers" not in settings:
            chosen.require_pixels(dataset.pixels, dataset.name)
        base = chosen.fields
    given = {PLACES[name]: value for name, value in settings.items() if value is not None}
    spec = compose(base, {**given, ("data",): data if isinstance(data, str) else dataset.name})
    folder = Path(out) if out is not None else next_free(Path("runs", Path(dataset.name).stem))
    with Bar(f"train {dataset.name}", shown=progress) as bar:
        return Run(train_into(spec, dataset, folder, bar))


def open_run(path: str | Path) -> Run:
    """A run that `train` or the command line has made; raises CheckpointError when there is none."""
    return Run(RunDir.open(path))


def compare(
    run: Run | str | Path,
    backends: Sequence[str] = ("theory", "eager"),
    arithmetic: Sequence[str] = ("float", "fixed"),
    *,
    images: int = COMPARED_IMAGES,
) -> Agreement:
    """The run's weights on several engines, held to theory; as ``neuro-bpdl compare``.

    Parameters
    ----------
    backends : names
        "theory", "eager", "lava", "lava-composed", "nengo", …

    Raises
    ------
    InvalidInput, MissingDependency
        As `agreement.engines.engines_of`.
    """
    folder = run.folder if isinstance(run, Run) else RunDir.open(run)
    spec, checkpoint = folder.config.spec, folder.checkpoint()
    built = engines_of(backends, arithmetic, spec.inference, spec.plasticity, checkpoint.seed)
    dataset = folder.dataset()
    x, labels = dataset.test[:images], dataset.labels("test")[:images] if spec.labels else None
    return compare_engines(
        built, checkpoint.params, x, spec.inference, spec.plasticity, seed=checkpoint.seed, labels=labels
    )


def _dataset(data: Dataset | str) -> Dataset:
    return data if isinstance(data, Dataset) else load(data)
