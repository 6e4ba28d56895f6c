"""Compiles the loop of one replica in floating point, so that no fork and no measurement has to."""

from __future__ import annotations

import time
from functools import cache
from typing import Literal

import numpy as np

from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec


@cache
def warm_up(precision: Literal["float64", "float32"] = "float64") -> float:
    """Present one image to a tiny network, once in a process.

    Returns
    -------
    float
        Seconds: what numba needed to compile or, from its cache, to load.
    """
    start, params = time.perf_counter(), initial_parameters(NetworkSpec.of((4, 3)), 0)
    engine = EngineSpec(backend="eager", precision=precision)
    program = learning_program(engine, params.network, 1)
    network = make_network(engine, params, InferenceSpec(steps=1), PlasticitySpec(), program, batch=1, seed=0)
    network.present(0, network.to_feed(np.ones((1, 4))))
    return time.perf_counter() - start
