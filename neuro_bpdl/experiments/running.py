"""What figures ask of a trained network, on the engine that trained it: states, samples, inpainted images."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.experiments.networks import Trained, blocks
from neuro_bpdl.spec import EngineSpec, InferenceSpec
from neuro_bpdl.theory import sampling
from neuro_bpdl.theory.mixture import MixturePrior

Array = NDArray[Any]


@contextmanager
def running(network: Trained, engine: EngineSpec | None = None) -> Iterator[Simulator]:
    """The network on the engine of its plan, or on another one that has its activations."""
    run = network.plan.run
    yield make_simulator(
        engine or run.engine, network.params, run.inference, run.plasticity, seed=run.training.seed
    )


def generate(
    network: Trained, n: int, spec: InferenceSpec, rounds: int, rng: np.random.Generator,
    mixture: MixturePrior | None = None,
) -> list[Array]:  # fmt: skip
    """n images (n, n_0): directed, and after every round of GENERATE; from the paper's prior or a mixture."""
    params = network.params
    top = sampling.sample_top(params, n, rng) if mixture is None else params.transfers[-1].clip(mixture.sample(n, rng))
    with running(network) as simulator:
        parts = [simulator.generate(rows, spec, rounds) for rows in blocks(top)]
    return _joined(parts)


def histories(network: Trained, x: Array, spec: InferenceSpec, engine: EngineSpec | None = None) -> Iterator[Any]:
    """For every block of images the feedforward state and the state after each inference step."""
    with running(network, engine) as simulator:
        for rows in blocks(x):
            yield simulator.infer(rows, spec, record=True).history


def inpaint(network: Trained, start: Array, missing: Array, spec: InferenceSpec) -> list[Array]:
    """The images at the start, after every inference step, and after the final fill, (n, n_0) each."""
    with running(network) as simulator:
        parts = [simulator.inpaint(rows, holes, spec) for rows, holes in blocks(start, missing)]
    return _joined(parts)


def _joined(parts: list[list[Array]]) -> list[Array]:
    return [np.concatenate(images).astype(np.float32) for images in zip(*parts, strict=True)]
