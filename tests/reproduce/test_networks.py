"""Training for the experiments: resumable to the same bytes, any engine, homeostasis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuro_bpdl.data import load
from neuro_bpdl.reproduce import networks
from neuro_bpdl.reproduce.running import generate
from neuro_bpdl.reproduce.settings import Plan, Settings
from neuro_bpdl.spec import EngineSpec, PlasticitySpec, RunSpec
from neuro_bpdl.theory.initialisation import NET_INPUT, balance, standardise
from neuro_bpdl.theory.learning import corrupt


def silent(_: str) -> None:
    """Say nothing."""


def with_training(plan: Plan, **training: int) -> Plan:
    run = plan.run.model_copy(update={"training": plan.run.training.model_copy(update=training)})
    return plan.model_copy(update={"run": run})


@pytest.fixture(scope="module")
def data():
    return load("mnist-mini").limit(200)


@pytest.fixture
def plan(tiny: Settings) -> Plan:
    return tiny.plans[0].model_copy(update={"falling": False})


def test_an_interrupted_training_ends_with_the_same_bytes(plan, data, tmp_path):
    networks.trained(with_training(plan, epochs=3), data, tmp_path / "whole", silent)
    for epochs in (1, 3):
        networks.trained(with_training(plan, epochs=epochs), data, tmp_path / "parts", silent)
    whole, parts = (sorted((tmp_path / name).glob("*-3.safetensors")) for name in ("whole", "parts"))
    assert len(whole) == 1
    assert whole[0].read_bytes() == parts[0].read_bytes()


def test_a_finished_network_is_not_trained_again(plan, data, tmp_path):
    said: list[str] = []
    first = networks.trained(plan, data, tmp_path, said.append)
    count = len(said)
    again = networks.trained(plan, data, tmp_path, said.append)
    assert len(said) == count == plan.run.training.epochs
    assert again.seconds == pytest.approx(first.seconds, abs=1e-3)
    np.testing.assert_array_equal(first.params.prior_mean, again.params.prior_mean)


def test_fewer_epochs_are_not_answered_with_a_longer_training(plan, data, tmp_path):
    longer = networks.trained(with_training(plan, epochs=3), data, tmp_path, silent)
    early = networks.trained(with_training(plan, epochs=1), data, tmp_path, silent)
    fresh = networks.trained(with_training(plan, epochs=1), data, tmp_path / "fresh", silent)
    np.testing.assert_array_equal(early.params.F[0], fresh.params.F[0])
    assert np.any(early.params.F[0] != longer.params.F[0])


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_another_engine_trains_the_same_plan(tiny, data, tmp_path, arithmetic):
    hardware = tiny.plans[1]
    engine = EngineSpec(backend="eager", arithmetic=arithmetic)
    fields = {**hardware.run.model_dump(), "engine": engine.model_dump()}
    fields["training"] = {"epochs": 1, "batch": 20 if arithmetic == "float" else 1}
    small = data.limit(40)
    plan = hardware.model_copy(update={"run": RunSpec(**fields), "homeostasis": 15})
    params = networks.trained(plan, small, tmp_path, silent).params
    begin = networks.start(plan, small).params
    assert np.any(params.G[0] != begin.G[0])
    assert params.prior_mean is not None


def test_homeostasis_gives_every_unit_its_net_input(plan, data, tmp_path):
    images = data.x_train
    params = networks.start(plan, data).params
    for layer, below in ((1, images), (2, params.transfers[1].value(images @ params.F[0].T + params.b[0]))):
        net = below @ params.F[layer - 1].T + params.b[layer - 1]
        mean, spread = NET_INPUT[params.network.activations[layer]]
        np.testing.assert_allclose(net.mean(axis=0), mean, atol=1e-3)
        np.testing.assert_allclose(net.std(axis=0), spread, rtol=1e-3)


def test_balance_hides_from_every_unit_what_clipping_adds_to_noise(plan, data):
    many, noise = load("mnist-mini"), PlasticitySpec(noise=0.25, visible_noise=0.5)
    images = many.x_train[:2000]  # the shift is estimated from as many noisy images
    params = networks.start(plan, data).params
    unbalanced = params.copy()
    standardise(unbalanced, images)
    standardise(params, images, noise)
    shift = corrupt(params, 0, images, noise, np.random.default_rng(5)).mean(axis=0) - images.mean(axis=0)
    assert np.abs(params.F[0] @ shift).mean() < np.abs(unbalanced.F[0] @ shift).mean() / 3
    net = images @ params.F[0].T
    assert np.abs(net.mean(axis=0)).max() < 1e-3
    np.testing.assert_allclose(net.std(axis=0), NET_INPUT["softplus"][1], rtol=1e-3)


def test_balance_without_noise_takes_the_mean_alone(plan, data):
    params = networks.start(plan, data).params
    F = params.F[0].copy()
    balance(params, 1, data.x_train, PlasticitySpec(noise=0.0))
    mean = data.x_train.mean(axis=0)
    expected = F - np.outer(F @ mean, mean) / (mean @ mean)
    np.testing.assert_allclose(params.F[0], expected, atol=1e-5)


def test_rates_fall_to_nothing_after_the_last_epoch(tiny):
    falling = with_training(tiny.plans[0], epochs=4)
    assert falling.falling
    first, third = falling.plasticity(0), falling.plasticity(2)
    assert first == falling.run.plasticity
    assert third.rates_up(2) == pytest.approx(np.array(first.rates_up(2)) / 2)
    assert third.rates_down(2) == pytest.approx(np.array(first.rates_down(2)) / 2)


def test_falling_rates_do_not_go_on_from_a_training_of_another_length(tiny, data, tmp_path):
    for epochs in (1, 2):
        networks.trained(with_training(tiny.plans[0], epochs=epochs), data, tmp_path, silent)
    assert len(list(tmp_path.glob("*-1.safetensors"))) == 2


def test_generate_is_reproducible(plan, data, tmp_path: Path):
    network = networks.trained(plan, data, tmp_path, silent)
    a, b = (generate(network, 5, plan.generation, 2, np.random.default_rng(1)) for _ in range(2))
    assert len(a) == 3
    np.testing.assert_array_equal(a[-1], b[-1])
