"""The network as a scikit-learn estimator: fit, transform, inverse_transform, score, sample, inpaint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from neuro_bpdl.data.streams import require_count
from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.engines.registry import simulator_of
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.estimator_input import Range, as_dataset, checked, seed_of
from neuro_bpdl.generation.inpainting import inpainting_inference
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.theory.objective import objective
from neuro_bpdl.theory.sampling import sample_top
from neuro_bpdl.training.checkpoint import Checkpoint
from neuro_bpdl.training.loop import epochs as trained_epochs
from neuro_bpdl.training.loop import start
from neuro_bpdl.training.metrics import checked_line
from neuro_bpdl.training.prior import fit_end
from neuro_bpdl.training.run_dir import RunConfig, RunDir, creating
from neuro_bpdl.training.steps_from_data import settled

Array = NDArray[Any]
GIVEN: tuple[tuple[str, ...], ...] = (  # where a parameter of the constructor goes in a RunSpec
    ("layers",), ("activation",), ("engine", "backend"), ("engine", "model"), ("engine", "arithmetic"),
    ("engine", "threads"),
    ("training", "epochs"), ("training", "batch"), ("plasticity", "learning_rate"), ("plasticity", "noise"),
    ("inference", "steps"), ("inference", "delta"), ("inference", "alpha"),
)  # fmt: skip
LEAST = 2  # images: one has no variance


class GenerativeNetwork(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A deep generative network that learns with dW ∝ S_pre · dV_post/dt.

    Images are values in [0, 1], as for scikit-learn's BernoulliRBM. Others, such
    as bytes, are scaled by the smallest and the largest value of the fit, one
    range for all pixels, and what comes out as an image is scaled back.

    Parameters
    ----------
    layers : tuple of int, optional
        Hidden layer sizes, from the visible layer up; (200, 64) unless a recipe says otherwise.
    recipe : str, optional
        Where all settings start (`neuro_bpdl.recipes`); what is given besides overrides single fields.
    activation, backend, model, arithmetic, threads, epochs, batch, learning_rate, noise, steps, delta, alpha
        Fields of `RunSpec` and its parts. What is None has the recipe's value
        or the default that the command line has too; a batch that nobody
        chose is at most the number of images.
    random_state : int, RandomState, Generator or None
        Weights, order and noise follow from it.
    warm_start : bool
        `fit` goes on from the last one for ``epochs`` more.
    verbose : int
        Above 0 every epoch prints a line.

    Attributes
    ----------
    spec_ : RunSpec
        All settings of the fit.
    parameters_ : Parameters
        Weights, variances and the fitted top prior.
    mean_image_ : (pixels,)
        In [0, 1].
    data_range_ : Range
        What was scaled to [0, 1].
    history_ : list of dict
        A measurement before the first epoch and after each: the lines of a run's metrics.jsonl.
    n_iter_ : int
        Epochs learned.
    label_ : str
        Backend, arithmetic and seed of the fit.
    n_features_in_ : int
    feature_names_in_ : (pixels,)
        Where X had names.
    """

    def __init__(
        self,
        layers: tuple[int, ...] | None = None,
        *,
        recipe: str | None = None,
        activation: str | tuple[str, ...] | None = None,
        backend: str | None = None,
        model: str | None = None,
        arithmetic: str | None = None,
        threads: int | None = None,
        epochs: int | None = None,
        batch: int | None = None,
        learning_rate: float | tuple[float, ...] | None = None,
        noise: float | None = None,
        steps: int | None = None,
        delta: float | None = None,
        alpha: float | tuple[float, ...] | None = None,
        random_state: Any = 0,
        warm_start: bool = False,
        verbose: int = 0,
    ) -> None:
        self.layers = layers
        self.recipe = recipe
        self.activation = activation
        self.backend = backend
        self.model = model
        self.arithmetic = arithmetic
        self.threads = threads
        self.epochs = epochs
        self.batch = batch
        self.learning_rate = learning_rate
        self.noise = noise
        self.steps = steps
        self.delta = delta
        self.alpha = alpha
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose

    def fit(self, X: Array, y: object = None) -> GenerativeNetwork:
        """Learn from images X (n, pixels); y is ignored.

        Raises
        ------
        InvalidInput
            X is not 2-D, not finite or smaller than the batch that was chosen; parameters that no spec allows.
        Diverged
            Training did.
        """
        if self.warm_start and hasattr(self, "parameters_"):
            given = self._given(X, LEAST)
            return self._learn(given, self._spec(len(given)).training.epochs)
        images = checked(self, X, reset=True, least=LEAST)
        spec, self.data_range_ = self._spec(len(images)), Range.of(images)
        if self.recipe is not None and self.layers is None:
            read_recipe(self.recipe).require_pixels(images.shape[1], "X")
        return self._begin(spec, self._scaled(images))._learn(images, spec.training.epochs)

    def partial_fit(self, X: Array, y: object = None) -> GenerativeNetwork:
        """Present images X once; the top prior is fitted to them anew. Rates do not fall.

        The first call sets the scale of the images: give it all values there are.
        """
        if hasattr(self, "parameters_"):
            return self._learn(self._given(X, LEAST), 1)
        images = checked(self, X, reset=True, least=LEAST)
        spec, self.data_range_ = self._spec(len(images), ("training", "falling")), Range.of(images)
        return self._begin(spec, self._scaled(images))._learn(images, 1)

    def transform(self, X: Array) -> Array:
        """The inferred top layer h_L of images X, (n, n_L)."""
        check_is_fitted(self, "parameters_")
        given = self._given(X)
        return self._fitted().infer(self._scaled(given)).h[-1].astype(given.dtype)

    def inverse_transform(self, H: Array) -> Array:
        """Images from top-layer states H (n, n_L), mapped down through the generative maps."""
        simulator = self._fitted()
        states = _numbers("H", H)
        return self.data_range_.restored(simulator.generate(states, self.spec_.inference, rounds=0)[0])

    def reconstruct(self, X: Array) -> Array:
        """g_1(h_1) of the inferred h_1, (n, pixels)."""
        check_is_fitted(self, "parameters_")
        given = self._given(X)
        reconstruction = np.asarray(self._fitted().infer(self._scaled(given)).reconstruction)
        return self.data_range_.restored(reconstruction).astype(given.dtype)

    def score(self, X: Array, y: object = None) -> float:
        """Mean log p(x, h) at the inferred state, flat top prior, in nats; higher is better."""
        check_is_fitted(self, "parameters_")
        images = self._scaled(self._given(X))
        return float(objective(self.parameters_, self._fitted().infer(images).h).total.mean())

    def sample(self, n: int = 1, *, rounds: int | None = None, seed: int = 0) -> Array:
        """n images by GENERATE (Algorithm 2), (n, pixels); ``rounds`` as in the recipe, 0 gives directed samples."""
        simulator = self._fitted()
        require_count("n", n, 1)
        top = sample_top(self.parameters_, n, stream(seed, Stream.TOP_SAMPLE))
        way = self.spec_.generation
        images = simulator.generate(top, way.inference(self.spec_.inference), way.rounds if rounds is None else rounds)
        return self.data_range_.restored(np.asarray(images[-1]))

    def inpaint(self, X: Array) -> Array:
        """Images with every NaN pixel inferred from the known ones, (n, pixels).

        Missing pixels start at the mean image of the fit.
        """
        check_is_fitted(self, "parameters_")
        given = checked(self, X, reset=False, missing=True)
        missing = np.isnan(given)
        begin = np.where(missing, self.mean_image_, self._scaled(given))
        way = inpainting_inference(self.spec_.inference)
        return self.data_range_.restored(self._fitted().inpaint(begin, missing, way)[-1]).astype(given.dtype)

    def save(self, out: str | Path) -> None:
        """Write the fitted network as a new run folder, which every command reads; see `load`.

        Raises
        ------
        CheckpointError
            ``out`` exists or cannot be written.
        InvalidInput
            The images were scaled: a run folder's are in [0, 1].
        """
        check_is_fitted(self, "parameters_")
        if not self.data_range_.is_unit:
            raise InvalidInput("X of fit", f"values {self.data_range_.low:g} to {self.data_range_.high:g}",
                               "values in [0, 1] for a run folder", "scale them before fit, or pickle")  # fmt: skip
        with creating(out, self._config) as run:
            run.write_metrics(self.history_)
            run.save(self._checkpoint())
            run.publish()

    @classmethod
    def load(cls, run: str | Path) -> GenerativeNetwork:
        """The network of a run folder, of `save` or of ``neuro-bpdl train``.

        Raises
        ------
        CheckpointError
            Not a run, or one that cannot be read or has not ended.
        """
        folder = RunDir.open(run)
        spec, checkpoint = _without_labels(folder.config.spec), folder.checkpoint()
        given = {place[-1]: _field(spec, place) for place in GIVEN}
        network = cls(**given, random_state=spec.training.seed)
        network.n_features_in_, network.data_range_ = folder.config.network.sizes[0], Range()
        network._config, network._progress = folder.config, checkpoint.progress
        network.mean_image_, network.history_ = checkpoint.mean_image, folder.metrics()
        return network._end(spec, checkpoint)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return int(self.parameters_.network.sizes[-1])

    def _spec(self, images: int, *off: tuple[str, ...]) -> RunSpec:
        """The recipe, or the defaults, with what was given; raises InvalidInput on what no spec allows."""
        given = {place: getattr(self, place[-1]) for place in GIVEN if getattr(self, place[-1]) is not None}
        base = {} if self.recipe is None else {**read_recipe(self.recipe).fields}
        # who gives images has chosen them: none are kept for validation
        fixed = {("training", "seed"): seed_of(self.random_state), ("training", "validation"): 0, ("data",): "array"}
        spec = _without_labels(compose(base, {**given, **fixed, **dict.fromkeys(off, False)}))
        if self.batch is None and images < spec.training.batch:
            return compose(base, {**given, **fixed, **dict.fromkeys(off, False), ("training", "batch"): images})
        return spec

    def _begin(self, spec: RunSpec, images: Array) -> GenerativeNetwork:
        """Fresh weights; what nobody chose follows from the images."""
        spec = settled(spec, images)
        if len(images) < spec.training.batch:
            allowed = f"at least one batch of {spec.training.batch} images"
            raise InvalidInput("X", images.shape, allowed, "give a smaller batch")
        dataset, checkpoint = as_dataset(images), start(spec, images)
        self._config, self._progress = RunConfig.of(spec, dataset), checkpoint.progress
        self.spec_, self.parameters_, self.mean_image_ = spec, checkpoint.params, checkpoint.mean_image
        self.history_ = [checked_line(spec, dataset, checkpoint)]
        return self

    def _learn(self, given: Array, epochs: int) -> GenerativeNetwork:
        """``epochs`` more on these images."""
        images = self._scaled(given)
        total = self._progress.epoch + epochs
        training = self.spec_.training.model_copy(update={"epochs": total})
        spec = self.spec_.model_copy(update={"training": training})
        if len(images) < training.batch:
            raise InvalidInput("X", images.shape, f"at least one batch of {training.batch} images", "give more at once")
        dataset, checkpoint = as_dataset(images), self._checkpoint()
        for epoch in trained_epochs(spec, images, checkpoint):
            checkpoint = epoch.checkpoint
            self._tell(spec, checked_line(spec, dataset, checkpoint, epoch.seconds, epoch.images))
        self._config = RunConfig.of(spec, dataset)
        fit_end(spec, checkpoint.params, images)
        return self._end(spec, checkpoint)

    def _end(self, spec: RunSpec, checkpoint: Checkpoint) -> GenerativeNetwork:
        self.spec_, self.parameters_, self._progress = spec, checkpoint.params, checkpoint.progress
        self.n_iter_ = checkpoint.progress.epoch
        self.label_ = str(self._fitted().label)
        return self

    def _tell(self, spec: RunSpec, line: dict[str, Any]) -> None:
        self.history_.append(line)
        if self.verbose:
            share = line["reconstruction_mse"] / max(line["mean_image_mse"], 1e-12)
            print(f"[{type(self).__name__}] epoch {line['epoch']} of {spec.training.epochs}: reconstruction "
                  f"{share:.3f} of the mean image's error", flush=True)  # fmt: skip

    def _checkpoint(self) -> Checkpoint:
        return Checkpoint(self.parameters_.copy(), self.mean_image_, self._progress, self.spec_.training.seed)

    def _fitted(self) -> Simulator:
        check_is_fitted(self, "parameters_")
        return simulator_of(self.spec_, self.parameters_)

    def _given(self, X: Any, least: int = 1) -> Array:
        return checked(self, X, reset=False, least=least)

    def _scaled(self, given: Array) -> Array:
        return self.data_range_.scaled(given).astype(np.float64)


def _field(spec: RunSpec, place: tuple[str, ...]) -> Any:
    found: Any = spec
    for name in place:
        found = getattr(found, name)
    return found


def _numbers(name: str, given: Any) -> Array:
    """Real numbers as float64; nothing is dropped, as numpy drops an imaginary part."""
    try:
        array = np.asarray(given)
        if array.dtype.kind not in "cSUmM" and not hasattr(given, "toarray"):
            return array.astype(np.float64, copy=False)
        kind = str(array.dtype) if array.dtype.kind != "O" else type(given).__name__
    except (TypeError, ValueError, OverflowError):
        kind = type(given).__name__
    raise InvalidInput(name, kind, "a dense array of real numbers", "convert it (toarray, astype)")


def _without_labels(spec: RunSpec) -> RunSpec:
    if spec.labels is not None:
        raise InvalidInput("recipe or run", "with labels", "one of images alone", "SpikingClassifier learns labels")
    return spec
