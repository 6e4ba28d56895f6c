"""The network as a scikit-learn estimator: fit, transform, inverse_transform, score, sample, inpaint."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from neuro_bpdl.backends.factory import make_simulator
from neuro_bpdl.data.order import presentation_order
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.streams import Stream, stream
from neuro_bpdl.theory.climb import RECOGNITION_IMAGES, fit_recognition
from neuro_bpdl.theory.objective import objective
from neuro_bpdl.theory.sampling import GENERATE_ALPHA, GENERATE_ROUNDS, fit_prior, sample_top

Array = NDArray[Any]


class GenerativeNetwork(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A deep generative network that learns with dW ∝ S_pre · dV_post/dt.

    Parameters
    ----------
    layers : tuple of int
        Hidden layer sizes, from the visible layer up.
    activation : str or tuple of str
        See `neuro_bpdl.spec.ACTIVATIONS`.
    backend, model, arithmetic : str
        What computes: see `EngineSpec`.
    epochs, batch : int
    learning_rate, noise : float
        See `PlasticitySpec`.
    steps, delta, alpha
        Inference: see `InferenceSpec`.
    random_state : int

    Attributes
    ----------
    parameters_ : Parameters
        Weights, variances and the fitted top prior.
    mean_image_ : (pixels,)
    label_ : str
        Backend, arithmetic and seed of the fit.
    n_features_in_ : int
    """

    def __init__(
        self,
        layers: tuple[int, ...] = (200, 64),
        *,
        activation: str | tuple[str, ...] = "hard-sigmoid",
        backend: str = "eager",
        model: str = "fused",
        arithmetic: str = "float",
        epochs: int = 10,
        batch: int = 20,
        learning_rate: float = 0.1,
        noise: float = 0.1,
        steps: int = 15,
        delta: float = 0.1,
        alpha: float | tuple[float, ...] = 0.001,
        random_state: int = 0,
    ) -> None:
        self.layers = layers
        self.activation = activation
        self.backend = backend
        self.model = model
        self.arithmetic = arithmetic
        self.epochs = epochs
        self.batch = batch
        self.learning_rate = learning_rate
        self.noise = noise
        self.steps = steps
        self.delta = delta
        self.alpha = alpha
        self.random_state = random_state

    def fit(self, X: Array, y: object = None) -> GenerativeNetwork:
        """Learn from images X (n, pixels) in [0, 1]; y is ignored.

        Raises
        ------
        InvalidInput
            X is not 2-D, not finite, outside [0, 1], or smaller than one batch.
        """
        images = self._images(X)
        if len(images) < self.batch:
            raise InvalidInput("X", images.shape, f"at least one batch of {self.batch} images", "give a smaller batch")
        self.n_features_in_ = images.shape[1]
        network = NetworkSpec.of((images.shape[1], *self.layers), self.activation)
        simulator = self._simulator(initial_parameters(network, self.random_state))
        per_epoch = len(images) // self.batch
        for epoch in range(self.epochs):
            order = presentation_order(len(images), epoch, 1, self.random_state)[: per_epoch * self.batch]
            simulator.learn(images, order, first=epoch * per_epoch)
        self.label_ = str(simulator.label)
        self.parameters_ = simulator.parameters()
        self.mean_image_ = images.mean(axis=0)
        fit_prior(self.parameters_, simulator.infer(images).h[-1])
        fit_recognition(self.parameters_, images[:RECOGNITION_IMAGES], self._plasticity(), self.random_state)
        return self

    def transform(self, X: Array) -> Array:
        """The inferred top layer h_L of images X, (n, n_L)."""
        return self._fitted().infer(self._images(X)).h[-1]

    def inverse_transform(self, H: Array) -> Array:
        """Images from top-layer states H (n, n_L), mapped down through the generative maps."""
        return self._fitted().generate(np.asarray(H, dtype=np.float64), self._inference(), rounds=0)[0]

    def reconstruct(self, X: Array) -> Array:
        """g_1(h_1) of the inferred h_1, (n, pixels)."""
        reconstruction = self._fitted().infer(self._images(X)).reconstruction
        return np.asarray(reconstruction)

    def score(self, X: Array, y: object = None) -> float:
        """Mean log p(x, h) at the inferred state, flat top prior, in nats; higher is better."""
        images = self._images(X)
        simulator = self._fitted()
        return float(objective(self.parameters_, simulator.infer(images).h).total.mean())

    def sample(self, n: int = 1, *, rounds: int = GENERATE_ROUNDS, seed: int = 0) -> Array:
        """n images by GENERATE (Algorithm 2); ``rounds=0`` gives directed samples. (n, pixels)."""
        simulator = self._fitted()
        top = sample_top(self.parameters_, n, stream(seed, Stream.TOP_SAMPLE))
        spec = self._inference().model_copy(update={"alpha": GENERATE_ALPHA})
        return simulator.generate(top, spec, rounds)[-1]

    def inpaint(self, X: Array) -> Array:
        """Images with every NaN pixel inferred from the known ones, (n, pixels).

        Missing pixels start at the mean image of the fit.
        """
        images = np.asarray(X, dtype=np.float64)
        missing = np.isnan(images)
        simulator = self._fitted()
        start = self._images(np.where(missing, self.mean_image_, images))
        return simulator.inpaint(start, missing)[-1]

    def _inference(self) -> InferenceSpec:
        return InferenceSpec(steps=self.steps, delta=self.delta, alpha=self.alpha)

    def _plasticity(self) -> PlasticitySpec:
        return PlasticitySpec(learning_rate=self.learning_rate, noise=self.noise)

    def _simulator(self, params: Parameters) -> Any:
        engine = EngineSpec(backend=self.backend, model=self.model, arithmetic=self.arithmetic)
        return make_simulator(
            engine, params, self._inference(), self._plasticity(), batch=self.batch, seed=self.random_state
        )

    def _fitted(self) -> Any:
        check_is_fitted(self, "parameters_")
        return self._simulator(self.parameters_)

    def _images(self, X: Array) -> Array:
        images = np.asarray(X, dtype=np.float64)
        expected = getattr(self, "n_features_in_", None)
        if images.ndim != 2 or len(images) == 0:
            raise InvalidInput("X", images.shape, "a 2-D array (images, pixels)", "reshape it")
        if not np.isfinite(images).all() or images.min() < 0 or images.max() > 1:
            raise InvalidInput("X", f"values {images.min()} to {images.max()}", "finite values in [0, 1]", "scale them")
        if expected is not None and images.shape[1] != expected:
            raise InvalidInput("X", images.shape, f"{expected} pixels per image, as in fit")
        return images
