"""Small networks with random weights, biases and variances, so that no term of an equation is zero by chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import NetworkSpec

MakeNetwork = Callable[..., Parameters]


@pytest.fixture
def make_network() -> MakeNetwork:
    """``make_network(sizes, activation, seed=0)``."""

    def make(
        sizes: tuple[int, ...] = (6, 5, 4), activation: str | tuple[str, ...] = "sigmoid", seed: int = 0
    ) -> Parameters:
        params = initial_parameters(NetworkSpec.of(sizes, activation), seed)
        rng = np.random.default_rng(seed)
        for bias in (*params.b, *params.c):
            bias[:] = 0.3 * rng.standard_normal(bias.shape)
        params.variance = rng.uniform(0.2, 2.0, params.network.depth)
        return params

    return make


@pytest.fixture
def make_state() -> Callable[..., list[np.ndarray]]:
    """``make_state(params, batch, seed=0)``: [x, h_1, …, h_L], uniform in (0.1, 0.9)."""

    def make(params: Parameters, batch: int = 3, seed: int = 0) -> list[np.ndarray]:
        rng = np.random.default_rng(seed + 1000)
        return [rng.uniform(0.1, 0.9, (batch, n)) for n in params.network.sizes]

    return make
