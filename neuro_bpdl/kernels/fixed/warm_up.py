"""Compiles every integer loop, so that no fork and no measurement has to."""

from __future__ import annotations

import time
from functools import cache

import numpy as np

from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec


@cache
def warm_up() -> float:
    """Run a tiny fixed-point network in every way there is, once in a process.

    Returns
    -------
    float
        Seconds: what numba needed to compile or, from its cache, to load.
    """
    start, params = time.perf_counter(), initial_parameters(NetworkSpec.of((4, 3, 3)), 0)
    inference = InferenceSpec(steps=1)
    for rounding in ("per-synapse", "shared"):
        engine = EngineSpec(arithmetic="fixed", rounding=rounding)
        program = learning_program(engine, params.network, 1)
        for batch in (1, 2):
            network = make_network(engine, params, inference, PlasticitySpec(), program, batch=batch, seed=0)
            for presentation in range(2):  # the second is the first that is presented in one call
                network.present(presentation, network.to_feed(np.ones((batch, 4))))
    return time.perf_counter() - start
