"""Networks for the experiments are run folders: trained once, continued to the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuro_bpdl.data import Dataset, load
from neuro_bpdl.experiments import networks
from neuro_bpdl.experiments.running import generate
from neuro_bpdl.experiments.settings import Plan, Settings
from neuro_bpdl.recipes import compose
from neuro_bpdl.training.run_dir import RunDir


def silent(_: str) -> None:
    """Say nothing."""


def with_training(plan: Plan, **training: object) -> Plan:
    fields = {("training", name): value for name, value in training.items()}
    return plan.model_copy(update={"run": compose(plan.run.model_dump(), fields)})


@pytest.fixture(scope="module")
def data() -> Dataset:
    return load("mnist-mini")


@pytest.fixture
def plan(tiny: Settings) -> Plan:
    return with_training(tiny.plans[0], limit=200)


def test_a_network_is_a_run_folder_of_the_plan(plan: Plan, data: Dataset, tmp_path: Path) -> None:
    network = networks.trained(plan, data, tmp_path, silent)
    run = RunDir.open(tmp_path / networks.folder_name(plan, data))
    assert run.config.spec == plan.run
    np.testing.assert_array_equal(run.checkpoint().params.F[0], network.params.F[0])
    assert network.tops.shape == (200, 10)


def test_a_finished_network_is_not_trained_again(plan: Plan, data: Dataset, tmp_path: Path) -> None:
    said: list[str] = []
    first = networks.trained(plan, data, tmp_path, said.append)
    count = len(said)
    again = networks.trained(plan, data, tmp_path, said.append)
    assert len(said) == count == plan.run.training.epochs
    assert again.seconds == first.seconds
    np.testing.assert_array_equal(first.params.prior_mean, again.params.prior_mean)
    np.testing.assert_array_equal(first.tops, again.tops)


def test_trainings_of_other_lengths_are_other_networks(plan: Plan, data: Dataset, tmp_path: Path) -> None:
    for epochs in (1, 2):
        networks.trained(with_training(plan, epochs=epochs), data, tmp_path, silent)
    assert len(list(tmp_path.iterdir())) == 2


def test_generate_is_reproducible(plan: Plan, data: Dataset, tmp_path: Path) -> None:
    network = networks.trained(plan, data, tmp_path, silent)
    a, b = (generate(network, 5, plan.generation, 2, np.random.default_rng(1)) for _ in range(2))
    assert len(a) == 3
    np.testing.assert_array_equal(a[-1], b[-1])
