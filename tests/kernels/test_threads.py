"""Threads that share a batch in fixed point: no number depends on them, none is left behind, who has none says so."""

import threading

import numpy as np
import pytest
from twins import assert_same_network

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import generation_program, inference_program
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec, RunSpec, TrainingSpec

INFERENCE = InferenceSpec(steps=3)
FAST = PlasticitySpec(learning_rate=0.12, top_noise="bernoulli", visible_noise=0.4)
PWL = ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid")
PROGRAMS = {
    "inference": lambda network: inference_program(network, 3),
    "inpainting": lambda network: inference_program(network, 3, clamped=False),
    "generation": lambda network: generation_program(network, 2, 2),
}


def images(n, pixels, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((n, pixels)) * (rng.random((n, pixels)) < 0.5)


def learner(start, batch, **fields):
    engine = EngineSpec(arithmetic="fixed", **fields)
    program = learning_program(engine, start.network, INFERENCE.steps)
    return make_network(engine, start, INFERENCE, FAST, program, batch=batch, seed=1)


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("fields", [
    {}, {"rounding": "shared"}, {"learning_epoch": "presentation"}, {"sends": "changes"},
], ids=["", "shared", "presentation", "changes"])  # fmt: skip
@pytest.mark.parametrize("batch", [4, 9])
def test_threads_that_share_a_batch_change_no_number(fields, batch, threads):
    """Four replicas have currents of integers, nine products in float32."""
    start = initial_parameters(NetworkSpec.of((65, 42, 39), PWL), 2)
    one, several = (learner(start, batch, threads=n, **fields) for n in (1, threads))
    for k, some in enumerate(images(5 * batch, 65).reshape(5, batch, 65)):
        for network in (one, several):
            network.present(k, network.to_feed(some))
    assert_same_network(one, several)
    assert one.messages.all() and (one.saturations.any() or batch == 9)  # the mean of many moves less


@pytest.mark.parametrize("code", [{}, {"sends": "changes"}, {"code": "stochastic", "window": 7}], ids=str)
@pytest.mark.parametrize("kind", PROGRAMS)
def test_threads_change_nothing_of_what_is_inferred(kind, code):
    """Twelve replicas between five threads, with what they draw, what they last sent and what is recorded of them."""
    params = initial_parameters(NetworkSpec.of((65, 42, 39), PWL), 2)
    program = PROGRAMS[kind](describe(params.network)).sending(EngineSpec(arithmetic="fixed", **code).messages)
    one, several = (FixedNetwork(params, INFERENCE, FAST, program, batch=12, threads=n) for n in (1, 5))
    rates = np.random.default_rng(1).random((12, program.feed_size))
    feed, seen = one.to_feed(np.where(rates < 0.5, -1 - rates, rates) if program.free else rates), ([], [])
    for network, records in zip((one, several), seen, strict=True):
        network.number_images_from(3)
        for presentation in range(2):
            network.present(presentation, feed, lambda k, somas, to=records: to.append([s.copy() for s in somas]))
    assert len(seen[0]) == 2 * len(program.records)
    for a, b in zip(*seen, strict=True):
        for x, y in zip(a, b, strict=True):
            np.testing.assert_array_equal(x, y)
    assert_same_network(one, several)


def test_no_thread_is_left_behind():
    start = initial_parameters(NetworkSpec.of((9, 5)), 2)
    before, network = threading.active_count(), learner(start, 4, threads=2)
    network.present(0, network.to_feed(images(4, 9)))
    assert threading.active_count() == before


@pytest.mark.parametrize(("fields", "message"), [
    ({}, r"EngineSpec.threads: got 2, allowed: 1 in float, whose threads are BLAS's; set OPENBLAS_NUM_THREADS"),
    ({"backend": "theory"}, r"EngineSpec.threads: got 2, allowed: 1 on the engine theory; .*fixed point: eager$"),
    ({"backend": "lava", "arithmetic": "fixed"}, r"EngineSpec.threads: got 2, allowed: 1 on the engine lava; "),
])  # fmt: skip
def test_engines_without_threads_refuse_them_by_name(fields, message):
    with pytest.raises(InvalidInput, match=message):
        EngineSpec(**fields, threads=2)


def test_threads_need_images_to_share_and_go_with_the_engine_that_has_them():
    engine = EngineSpec(arithmetic="fixed", threads=2)
    assert RunSpec(engine=engine, training=TrainingSpec(batch=2)).engine.threads == 2
    message = r"EngineSpec.threads: got 2, allowed: at most 1, the images that share an update; use --batch 2 or more"
    with pytest.raises(InvalidInput, match=message):
        RunSpec(engine=engine, training=TrainingSpec(batch=1))
    assert engine.changed(backend="lava").threads == engine.changed(arithmetic="float").threads == 1
    assert engine.changed(rounding="shared").threads == 2
