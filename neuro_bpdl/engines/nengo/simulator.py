"""The Nengo engine behind the surface that all engines share (`neuro_bpdl.engines.protocol`)."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.nengo.axons import NEURONS
from neuro_bpdl.engines.nengo.session import Session
from neuro_bpdl.engines.nengo.stage import Phase
from neuro_bpdl.engines.nengo.taught_session import TaughtSession
from neuro_bpdl.engines.nengo.timing import MAX_RATE, Timing
from neuro_bpdl.engines.protocol import Label, Progress, require_no_labels
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.numbers.variance import floored
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import ENGINES, InferenceSpec, PlasticitySpec
from neuro_bpdl.spec.capabilities import capabilities_of
from neuro_bpdl.spec.engine import require_inference
from neuro_bpdl.spec.plasticity import BERNOULLI_DRAWS
from neuro_bpdl.theory.climb import resolved
from neuro_bpdl.theory.inference import Inference

Array = NDArray[Any]
SPIKE_READING = 4
"""Windows over which a spiking network's reconstruction is averaged before it is read."""


class NengoSimulator:
    """The network in continuous time on Nengo.

    Parameters
    ----------
    params : Parameters
        Where the weights start; copied.
    batch : int
        Images per update; they are replicas that share one weight matrix.
    neurons : "rate", "poisson", "regular" or "lif"
        What the axons send.
    dt : float, optional
        Nengo's time step in seconds; a whole fraction of the window.
    window : float, optional
        τ in seconds: the duration of one inference step, and for spikes the
        time over which they are averaged. Default 0.1.
    max_rate : float
        Spikes per second of an activity of 1.
    replicas : int
        Most images presented at once by `infer`, `generate` and `inpaint`.
    learning : "phases", "onset" or "free"
        When synapses learn: in a phase of their own after inference (what all
        engines do), during inference from the image's onset on, or always,
        in continuous time without any phase (an experiment).

    Raises
    ------
    InvalidInput
        Sequential order or Langevin noise, which only theory has; unknown
        neurons, or LIF ones for pixels whose corruption has a sign; labels
        with spiking ones; a network that does not fit in memory.
    """

    def __init__(
        self,
        params: Parameters,
        inference: InferenceSpec,
        plasticity: PlasticitySpec,
        *,
        batch: int = 1,
        seed: int = 0,
        neurons: str = "rate",
        dt: float | None = None,
        window: float | None = None,
        max_rate: float = MAX_RATE,
        replicas: int = 100,
        learning: str = "phases",
    ) -> None:
        if learning not in LEARNING_MODES:
            raise InvalidInput("learning", learning, ", ".join(LEARNING_MODES))
        if neurons not in NEURONS:
            raise InvalidInput("neurons", neurons, ", ".join(NEURONS))
        if params.network.labels is not None:
            capabilities_of("nengo", neurons).require("network", "with labels", "one without", "learning with labels",
                                                      lambda one: one.labels)  # fmt: skip
        if not max_rate > 0:
            raise InvalidInput("max_rate", max_rate, "a number of spikes per second above 0")
        if neurons == "lif" and not plasticity.clip_visible:
            raise InvalidInput("plasticity.clip_visible", False, "True with LIF neurons, which send no negative rate",
                               "use rate, poisson or regular ones")
        self._params = params.astype(np.float64)
        self._inference, self._plasticity = self._checked(inference), plasticity
        self._batch, self._seed, self._replicas = batch, seed, replicas
        self._neurons, self._max_rate, self._learning = neurons, max_rate, learning
        self.timing = Timing.of(neurons, dt, window, max_rate)
        self._sessions: dict[tuple[int, bool], Session] = {}
        self.label = Label("nengo", neurons, "float", "", seed)

    def learn(self, images: Array, order: NDArray[np.int64], first: int, progress: Progress | None = None) -> None:
        """See `Simulator.learn`: S_pre · dV_post/dt on every synapse while the somas pull (phases A and B)."""
        for i in range(0, len(order), self._batch):
            chosen = np.asarray(images[order[i : i + self._batch]], dtype=np.float64)
            self._present(chosen, first + i // self._batch)
            if progress is not None:
                progress(i + len(chosen))

    def infer(
        self,
        images: Array,
        inference: InferenceSpec | None = None,
        *,
        missing: NDArray[np.bool_] | None = None,
        record: bool = False,
    ) -> Inference:
        """See `Simulator.infer`. A spiking network's h are its somas' potentials."""
        require_no_labels(self._params)
        blocks = [
            self._infer_block(block, self._checked(inference), hidden, record)
            for block, hidden in self._blocks(images, missing)
        ]
        return _joined(blocks, len(images))

    def generate(self, top: Array, inference: InferenceSpec, rounds: int) -> list[Array]:
        """See `Simulator.generate`."""
        require_no_labels(self._params)
        blocks = [self._generate_block(block, self._checked(inference), rounds) for block, _ in self._blocks(top, None)]
        return [np.concatenate(images)[: len(top)] for images in zip(*blocks, strict=True)]

    def inpaint(self, images: Array, missing: NDArray[np.bool_], inference: InferenceSpec | None = None) -> list[Array]:
        """See `Simulator.inpaint`."""
        result = self.infer(images, inference, missing=missing, record=True)
        return [*(state[0] for state in result.history), np.where(missing, result.reconstruction, images)]  # type: ignore[arg-type]

    def feedforward(self, images: Array) -> list[Array]:
        """See `Simulator.feedforward`."""
        self._params.network.teacher  # noqa: B018 (refuses a network without labels)
        states = [self._taught(len(rows), learning=False).feedforward(rows) for rows, _ in self._blocks(images, None)]
        return [np.concatenate(layer)[: len(images)] for layer in zip(*states, strict=True)]

    def classify(self, images: Array) -> Array:
        """See `Simulator.classify`."""
        return self.feedforward(images)[-1]

    def parameters(self) -> Parameters:
        """See `Simulator.parameters`."""
        return self._params.copy()

    def _checked(self, inference: InferenceSpec | None) -> InferenceSpec:
        """The spec to use, with numbers for α."""
        spec = inference or self._inference
        require_inference(ENGINES["nengo"], spec)
        return resolved(spec, self._params)

    def _session(self, replicas: int, *, learning: bool) -> Session:
        """A built network of this size, with the present weights."""
        key = (replicas, learning)
        if key not in self._sessions:
            kind = Session if self._params.network.labels is None else TaughtSession
            self._sessions[key] = kind(
                self._params, self.timing, replicas=replicas, neurons=self._neurons, max_rate=self._max_rate,
                seed=self._seed, plasticity=self._plasticity if learning else None,
            )  # fmt: skip
        self._sessions[key].load(self._params)
        return self._sessions[key]

    def _taught(self, replicas: int, *, learning: bool) -> TaughtSession:
        return cast(TaughtSession, self._session(replicas, learning=learning))

    def _blocks(self, rows: Array, missing: NDArray[np.bool_] | None) -> list[tuple[Array, NDArray[np.bool_] | None]]:
        """Rows in blocks of one size; the last one is filled up with copies of its last row."""
        size = min(self._replicas, len(rows))
        blocks: list[tuple[Array, NDArray[np.bool_] | None]] = []
        for i in range(0, len(rows), size):
            index = np.minimum(np.arange(i, i + size), len(rows) - 1)
            blocks.append((np.asarray(rows, dtype=np.float64)[index], None if missing is None else missing[index]))
        return blocks

    def _infer_block(
        self, images: Array, spec: InferenceSpec, missing: NDArray[np.bool_] | None, record: bool
    ) -> Inference:
        session = self._session(len(images), learning=False)
        session.use(spec)
        session.stage.missing = None
        session.settle(images)
        session.stage.missing = None if missing is None else np.ravel(missing).astype(np.float64)
        history = [session.state()] if record else []
        for _ in range(spec.steps):
            session.run(Phase.INFER, self.timing.tau)
            if record:
                history.append(session.state())
        return Inference(session.state(), history, self._reconstruction(session))

    def _reconstruction(self, session: Session) -> Array:
        """g_1(h_1) with the somas at rest; spikes are averaged in the pixels' somas."""
        if self.timing.synapse is None:
            session.run(Phase.REST, self.timing.dt)
            return session.read(session.parts.apical[0])
        session.run(Phase.EMIT, SPIKE_READING * self.timing.tau)
        return session.state()[0]

    def _generate_block(self, top: Array, spec: InferenceSpec, rounds: int) -> list[Array]:
        session = self._session(len(top), learning=False)
        session.use(spec)
        session.stage.missing = None
        session.descend(top)
        images = [session.state()[0]]
        for _ in range(rounds):
            session.settle(None)
            session.run(Phase.INFER, spec.steps * self.timing.tau)
            session.run(Phase.EMIT, self.timing.dt if self.timing.synapse is None else SPIKE_READING * self.timing.tau)
            images.append(session.state()[0])
        return images

    def _present(self, images: Array, presentation: int) -> None:
        """One minibatch: one update of the running network's weights."""
        if self._params.network.labels is not None:
            pixels = self._params.network.sizes[0]
            taught = self._taught(len(images), learning=True)
            taught.teach(images[:, :pixels], images[:, pixels:])
            taught.store(self._params)
            return
        session = self._session(len(images), learning=True)
        session.use(self._inference)
        session.stage.missing = None
        inferred, predicted = _LEARN[self._learning](self, session, images, presentation)
        session.store(self._params)
        self._follow_variance(inferred, predicted, presentation)

    def _learn_by_phases(self, session: Session, images: Array, presentation: int) -> tuple[list[Array], list[Array]]:
        """Infer; predict from corrupted activity; swing."""
        session.settle(images)
        session.run(Phase.INFER, self._inference.steps * self.timing.tau)
        inferred = session.state()
        session.stage.noise = [self._noise(layer, h, presentation) for layer, h in enumerate(inferred)]
        session.run(Phase.PREDICT, self.timing.swing)
        predicted = session.apical_membranes()
        session.run(Phase.SWING, self.timing.swing)
        session.run(Phase.REST, self.timing.dt)  # Nengo applies the last weight change in the next step
        return inferred, predicted

    def _learn_from_onset(self, session: Session, images: Array, _: int) -> tuple[list[Array], list[Array]]:
        """Predict at the image's onset; from there on infer and learn at once, without corruption."""
        session.settle(images)
        session.run(Phase.REST, self.timing.swing)
        predicted = session.apical_membranes()
        session.run(Phase.INFER_AND_SWING, self._inference.steps * self.timing.tau)
        session.run(Phase.REST, self.timing.dt)
        return session.state(), predicted

    def _learn_freely(self, session: Session, images: Array, _: int) -> tuple[list[Array], list[Array]]:
        """Change the image and let time pass: nothing is reset, nothing is gated."""
        session.stage.image = np.ravel(images)
        session.run(Phase.FREE, self._inference.steps * self.timing.tau)
        return session.state(), [session.read(session.parts.apical[layer]) for layer in range(session.depth)]

    def _noise(self, layer: int, h: Array, presentation: int) -> Array:
        """What is added to h_l so that the axons send h̃_l; drawn from the stream all engines use."""
        rng = stream(self._seed, Stream.CORRUPTION, layer, presentation)
        if self._plasticity.top_noise == "bernoulli" and layer == self._params.network.depth:
            return np.ravel((rng.random((BERNOULLI_DRAWS, *h.shape)) < h).mean(axis=0) - h)
        return np.ravel(self._plasticity.noise_of(layer) * rng.standard_normal(h.shape))

    def _follow_variance(self, inferred: list[Array], predicted: list[Array], presentation: int) -> None:
        """σ²_l follows the mean squared swing of the apical compartments (not a synapse's job)."""
        squared = np.array([np.mean((h - v) ** 2) for h, v in zip(inferred, predicted, strict=False)])
        gain = self._plasticity.variance_gain(len(inferred[0]), presentation)
        variance = self._params.variance
        variance[:] = floored(variance + gain * (squared - variance))


_LEARN = {
    "phases": NengoSimulator._learn_by_phases,
    "onset": NengoSimulator._learn_from_onset,
    "free": NengoSimulator._learn_freely,
}
LEARNING_MODES = tuple(_LEARN)


def _joined(blocks: list[Inference], count: int) -> Inference:
    """Blocks of images one below the other, without the rows that filled up the last one."""

    def join(states: list[list[Array]]) -> list[Array]:
        return [np.concatenate(layer)[:count] for layer in zip(*states, strict=True)]

    history = [join(list(states)) for states in zip(*(block.history for block in blocks), strict=True)]
    reconstruction = np.concatenate([block.reconstruction for block in blocks])[:count]
    return Inference(join([block.h for block in blocks]), history, reconstruction)
