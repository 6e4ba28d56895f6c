"""Every engine can do what the registry says of it, and what it cannot is refused by name."""

import numpy as np
import pytest

from neuro_bpdl.engines.registry import FACTORIES, make_simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import ENGINES, EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec, RunSpec

IMAGES = np.random.default_rng(0).random((4, 9))
INFERENCE = InferenceSpec(steps=3)
NEEDS = {"lava": "lava.magma", "nengo": "nengo"}


def simulator(name, *, arithmetic="float", inference=INFERENCE, batch=1):
    engine = ENGINES[name]
    if engine.backend in NEEDS:
        pytest.importorskip(NEEDS[engine.backend], reason=f"{engine.backend} is not installed")
    spec = EngineSpec(backend=engine.backend, model=engine.model, arithmetic=arithmetic)
    params = initial_parameters(NetworkSpec.of((9, 6, 4)), 0)
    return make_simulator(spec, params, inference, PlasticitySpec(), batch=batch, seed=1)


def test_every_engine_has_a_factory():
    assert {engine.backend for engine in ENGINES.values()} == set(FACTORIES)


@pytest.mark.parametrize("name", ENGINES)
def test_capabilities_are_what_the_engine_does(name):
    engine, theory = ENGINES[name], simulator("theory").infer(IMAGES)
    for arithmetic in engine.arithmetics:
        made = simulator(name, arithmetic=arithmetic)
        assert (made.label.backend, made.label.model or "fused") == (engine.backend, engine.model)
        if arithmetic == "fixed":
            assert made.label.rounding == engine.roundings[0]
        h = made.infer(IMAGES).h
        if arithmetic == "float" and engine.exact:
            for ours, theirs in zip(h, theory.h, strict=True):
                np.testing.assert_allclose(ours, theirs, atol=1e-12)
        start = made.parameters()
        made.learn(IMAGES, np.arange(4), 0)
        assert engine.learns and not np.array_equal(made.parameters().F[0], start.F[0])
        assert (getattr(made, "counts", None) is not None) == engine.counts
        assert (getattr(made, "saturated", None) is not None) == (engine.clips and arithmetic == "fixed")


@pytest.mark.parametrize("name", ENGINES)
def test_several_images_share_an_update_where_the_registry_says_so(name):
    if ENGINES[name].batch:
        simulator(name, batch=2).learn(IMAGES, np.arange(4), 0)
        return
    with pytest.raises(InvalidInput, match=rf"batch: got 2, allowed: 1 on the engine {name}; several images per"):
        simulator(name, batch=2)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(("field", "value", "what"), [("order", "sequential", "sequential order"),
                                                      ("langevin", 0.1, "Langevin noise")])
def test_orders_and_noise_are_had_or_refused_with_the_engines_that_have_them(name, field, value, what):
    spec, engine = INFERENCE.model_copy(update={field: value}), ENGINES[name]
    if engine.langevin if field == "langevin" else value in engine.orders:
        assert np.isfinite(simulator(name, inference=spec).infer(IMAGES).h[-1]).all()
        return
    expected = rf"inference\.{field}: got {value!r}, allowed: (simultaneous|0) on the engine {name}; {what}: theory$"
    with pytest.raises(InvalidInput, match=expected):
        simulator(name, inference=spec)
    running = simulator(name)
    with pytest.raises(InvalidInput, match=rf"inference\.{field}"):
        running.infer(IMAGES, spec)


@pytest.mark.parametrize(("fields", "message"), [
    ({"backend": "theory", "arithmetic": "fixed"},
     "EngineSpec.arithmetic: got 'fixed', allowed: float on the engine theory; fixed arithmetic: "
     "eager, lava, lava-composed"),
    ({"backend": "nengo", "model": "lif", "arithmetic": "fixed"},
     "EngineSpec.arithmetic: got 'fixed', allowed: float on the engine nengo-lif; fixed arithmetic: "
     "eager, lava, lava-composed"),
    ({"backend": "eager", "model": "composed"},
     "EngineSpec.model: got 'composed', allowed: fused with the backend eager; composed: the backend lava"),
    ({"model": "poisson"},
     "EngineSpec.model: got 'poisson', allowed: fused with the backend eager; poisson: the backend nengo"),
    ({"backend": "lava", "model": "composed", "arithmetic": "fixed", "rounding": "per-synapse"},
     "EngineSpec.rounding: got 'per-synapse', allowed: shared on the engine lava-composed; "
     "rounding per-synapse in fixed point: eager, lava"),
])  # fmt: skip
def test_impossible_engines_are_refused_with_those_that_can(fields, message):
    with pytest.raises(InvalidInput) as caught:
        EngineSpec(**fields)
    assert str(caught.value) == message


def test_a_run_that_its_engine_cannot_have_is_refused_before_it_starts():
    with pytest.raises(InvalidInput, match=r"batch: got 20.*lava-composed"):
        RunSpec(engine={"backend": "lava", "model": "composed"})
    with pytest.raises(InvalidInput, match=r"inference\.order: got 'sequential'.*eager.*theory"):
        RunSpec(inference={"order": "sequential"})


def test_what_nobody_chose_is_the_engines_own():
    composed = EngineSpec(backend="lava", model="composed", arithmetic="fixed")
    assert composed.rounding == "shared" and composed.online
    assert EngineSpec(backend="nengo").model == "rate"
    assert EngineSpec(arithmetic="fixed").changed(backend="lava", model="composed") == composed
    assert composed.changed(backend="eager") == EngineSpec(arithmetic="fixed", rounding="shared")
    assert EngineSpec().changed(backend="nengo") == EngineSpec(backend="nengo")
    with pytest.raises(InvalidInput, match="arithmetic"):  # another arithmetic is another computation: nobody's default
        composed.changed(backend="theory")
