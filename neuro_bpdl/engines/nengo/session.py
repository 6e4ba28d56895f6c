"""One built network in one Nengo simulator, stepped phase by phase."""

from __future__ import annotations

from typing import Any

import nengo
import numpy as np
from nengo.builder import Model
from numpy.typing import NDArray

from neuro_bpdl.engines.nengo.memory import check_memory
from neuro_bpdl.engines.nengo.network import Populations, build_network
from neuro_bpdl.engines.nengo.stage import Phase, Stage
from neuro_bpdl.engines.nengo.timing import Timing
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec

Array = NDArray[Any]


class Session:
    """A `nengo.Simulator` for a fixed number of images side by side.

    Parameters
    ----------
    plasticity : PlasticitySpec, optional
        Given, the session can learn.

    Raises
    ------
    InvalidInput
        The network does not fit in memory.
    """

    def __init__(
        self, params: Parameters, timing: Timing, *, replicas: int, neurons: str, max_rate: float, seed: int,
        plasticity: PlasticitySpec | None = None,
    ) -> None:  # fmt: skip
        check_memory(params.network, replicas, learning=plasticity is not None)
        self.sizes, self.replicas, self.stage = params.network.sizes, replicas, self._stage(params, timing)
        self.stage.noise = [np.zeros(replicas * n) for n in self.sizes]
        self.parts: Populations = self._build(
            params, self.stage, replicas=replicas, neurons=neurons, max_rate=max_rate, plasticity=plasticity, seed=seed
        )
        # A model of our own has no decoder cache: nothing here is solved for decoders, and Nengo's cache would write
        # into the user's home, and on some machines log an error with a traceback about it.
        self.simulator = nengo.Simulator(
            self.parts.network, model=Model(dt=timing.dt), seed=seed, progress_bar=False, optimize=False
        )

    def _stage(self, params: Parameters, timing: Timing) -> Stage:
        return Stage(timing)

    def _build(self, params: Parameters, stage: Any, **options: Any) -> Populations:
        return build_network(params, stage, **options)

    @property
    def depth(self) -> int:
        """L."""
        return len(self.sizes) - 1

    def use(self, inference: InferenceSpec) -> None:
        """Take δ and α from a spec."""
        self.stage.delta, self.stage.alphas = inference.delta, inference.alphas(self.depth)

    def run(self, phase: Phase, duration: float) -> None:
        """Simulate a phase for some seconds."""
        self.stage.phase = phase
        self.simulator.run_steps(self.stage.timing.steps(duration), progress_bar=False)

    def settle(self, image: Array | None) -> None:
        """Show images (replicas, n_0), or keep what the pixels hold, until h_l = f_l(h_{l−1}) everywhere."""
        self.stage.image = None if image is None else np.ravel(image)
        self.run(Phase.SETTLE, self.stage.timing.settle * (self.depth + 1) if self._spiking else self._rate_settle())

    def descend(self, top: Array) -> None:
        """Clamp the top somas to ``top`` (replicas, n_L) until the image is g_1(… g_L(top))."""
        self.stage.top = np.ravel(top)
        self.run(Phase.DESCEND, self.stage.timing.settle * (self.depth + 1) if self._spiking else self._rate_settle())

    def state(self) -> list[Array]:
        """h_l of every replica, a list of (replicas, n_l) copies."""
        return [self.read(self.parts.soma[layer]) for layer in range(self.depth + 1)]

    def read(self, population: Any, signal_name: str = "out") -> Array:
        """A population's present output, or its net input ("in"), (replicas, n), copied."""
        signal = self.simulator.model.sig[population.neurons][signal_name]
        return self.simulator.signals[signal].reshape(self.replicas, -1).copy()

    def apical_membranes(self) -> list[Array]:
        """Potentials of the apical compartments' membranes of layers 0…L−1, (replicas, n_l) each."""
        return [self.read(self.parts.apical_membrane[layer]) for layer in range(self.depth)]

    def load(self, params: Parameters) -> None:
        """Put weights and biases into the running network."""
        for l in range(1, self.depth + 1):  # noqa: E741
            self._weights(self.parts.up[l])[...] = params.F[l - 1]
            self._weights(self.parts.up_bias[l])[...] = params.b[l - 1][:, None]
            self._weights(self.parts.down[l])[...] = params.G[l - 1]
            self._weights(self.parts.down_bias[l])[...] = params.c[l - 1][:, None]

    def store(self, params: Parameters) -> None:
        """Copy the running network's weights and biases to ``params``."""
        for l in range(1, self.depth + 1):  # noqa: E741
            params.F[l - 1][...] = self._weights(self.parts.up[l])
            params.b[l - 1][...] = self._weights(self.parts.up_bias[l])[:, 0]
            params.G[l - 1][...] = self._weights(self.parts.down[l])
            params.c[l - 1][...] = self._weights(self.parts.down_bias[l])[:, 0]

    def _weights(self, connection: Any) -> Array:
        return self.simulator.signals[self.simulator.model.sig[connection]["weights"]]

    @property
    def _spiking(self) -> bool:
        return self.stage.timing.synapse is not None

    def _rate_settle(self) -> float:
        """A rate network passes a value on exactly, one layer per time step."""
        return self.stage.timing.dt * (self.depth + 1)
