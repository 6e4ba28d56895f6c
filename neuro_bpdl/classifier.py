"""The network with labels as a scikit-learn classifier: fit, predict, predict_proba, decision_function."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.estimator_input import Range, checked, seed_of
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.answers import probabilities
from neuro_bpdl.training.divergence import require_finite
from neuro_bpdl.training.labelled import labelled
from neuro_bpdl.training.loop import epochs as trained_epochs
from neuro_bpdl.training.loop import start

Array = NDArray[Any]
RECIPE = "labels"
FLOAT_RATE = 0.3  # of a minibatch of 20, where the recipe's rate is for one image at a time


class SpikingClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Learns labels with dW ∝ S_pre · dV_post/dt: a clamped top, a nudge of the hidden layer, no backpropagation.

    Images are values in [0, 1]. Others, such as bytes, are scaled by the
    smallest and the largest value of the fit, one range for all pixels.

    Parameters
    ----------
    hidden : int
        Units of the hidden layer.
    arithmetic : "float" or "fixed"
        "fixed" learns in Loihi's integers, one image at a time.
    backend, model : str
        What computes: see `EngineSpec`.
    epochs : int
    batch : int, optional
        Images that share an update: 20 (or as many as there are) in float, 1 in fixed point unless given.
    learning_rate : float, optional
        0.3 for a float minibatch and the recipe's 0.0115 for one image at a time unless given.
    shift : int
        Images are moved by up to so many pixels in each epoch.
    random_state : int, RandomState, Generator or None

    Attributes
    ----------
    classes_ : (C,)
        The labels seen in fit, sorted.
    parameters_ : Parameters
    spec_ : RunSpec
        All settings of the fit.
    label_ : str
        Backend, arithmetic and seed of the fit.
    data_range_ : Range
        Values for black and white.
    n_features_in_ : int
    """

    def __init__(
        self,
        hidden: int = 200,
        *,
        arithmetic: str = "float",
        backend: str = "eager",
        model: str = "fused",
        epochs: int = 10,
        batch: int | None = None,
        learning_rate: float | None = None,
        shift: int = 0,
        random_state: int = 0,
    ) -> None:
        self.hidden = hidden
        self.arithmetic = arithmetic
        self.backend = backend
        self.model = model
        self.epochs = epochs
        self.batch = batch
        self.learning_rate = learning_rate
        self.shift = shift
        self.random_state = random_state

    def fit(self, X: Array, y: Array, sample_weight: object = None) -> SpikingClassifier:
        """Learn images X (n, pixels) with labels y (n,) of any type.

        Raises
        ------
        InvalidInput
            X is not 2-D, not finite, or smaller than the batch that was chosen; y
            has another length, a missing value or one class only; weights are given.
        """
        if sample_weight is not None:
            raise InvalidInput("sample_weight", "weights", "None", "an event has one size: show an image more often")
        images = checked(self, X, reset=True)
        self.data_range_ = Range.of(images)
        images, known = self.data_range_.scaled(images), _labels(y, len(images))
        self.classes_, codes = np.unique(known, return_inverse=True)
        if len(self.classes_) < 2:
            raise InvalidInput("y", "one class only", "two classes or more", "there is nothing to tell apart")
        spec = self._spec(len(self.classes_), len(images))
        if len(images) < spec.training.batch:
            raise InvalidInput("X", images.shape, f"a batch of {spec.training.batch} images", "give a smaller batch")
        rows = labelled(spec, images, codes)
        checkpoint = start(spec, rows)
        for epoch in trained_epochs(spec, rows, checkpoint):
            checkpoint = epoch.checkpoint
            require_finite(checkpoint.params, spec, checkpoint.progress.epoch)
        self.spec_, self.parameters_ = spec, checkpoint.params
        engine = " ".join((spec.engine.backend, spec.engine.model, spec.engine.arithmetic))
        self.label_ = f"{engine}, seed {spec.training.seed}"
        return self

    def decision_function(self, X: Array) -> Array:
        """Net inputs of the label population, (n, C); for two classes their difference, (n,)."""
        net = self._net(X)
        return net if net.shape[1] > 2 else net[:, 1] - net[:, 0]

    def predict(self, X: Array) -> Array:
        """The label with the largest net input, (n,)."""
        best = self._net(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def predict_proba(self, X: Array) -> Array:
        """Softmax of the net inputs, (n, C): see `training.answers.probabilities`."""
        return probabilities(self._net(X))

    def _net(self, X: Array) -> Array:
        check_is_fitted(self, "parameters_")
        spec = self.spec_
        images = self.data_range_.scaled(checked(self, X, reset=False))
        simulator = make_simulator(
            spec.engine, self.parameters_, spec.inference, spec.plasticity, seed=spec.training.seed
        )
        return np.asarray(simulator.classify(images))

    def _spec(self, classes: int, images: int) -> RunSpec:
        online = self.arithmetic == "fixed" or self.model == "composed"
        recipe, rate = read_recipe(RECIPE), self.learning_rate
        if rate is None and not online:
            rate = FLOAT_RATE
        given: dict[tuple[str, ...], Any] = {
            ("layers",): (self.hidden, classes), ("engine", "arithmetic"): self.arithmetic,
            ("engine", "backend"): self.backend, ("engine", "model"): self.model,
            ("training", "epochs"): self.epochs, ("training", "seed"): seed_of(self.random_state),
            ("training", "batch"): self.batch or (1 if online else min(20, images)), ("training", "shift"): self.shift,
            ("training", "validation"): 0,
        }  # fmt: skip
        if rate is not None:
            given |= {("plasticity", "learning_rate"): rate, ("plasticity", "feedforward_rate"): rate}
        return compose(recipe.fields, given)


def _labels(y: Any, n_images: int) -> Array:
    if y is None:
        raise InvalidInput("y", None, "a label for each image", "requires y to be passed, but the target y is None")
    try:
        known = column_or_1d(y, warn=True)
        check_classification_targets(known)
    except ValueError as error:
        raise InvalidInput("y", type(y).__name__, "a label for each image", " ".join(str(error).split())) from None
    if len(known) != n_images:
        raise InvalidInput("y", known.shape, f"{n_images} labels, one for each image")
    return np.asarray(known)
