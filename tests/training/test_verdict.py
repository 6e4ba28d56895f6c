"""A training that has not learned is told so, and one that has is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuro_bpdl.data import Dataset
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.trainer import train
from neuro_bpdl.training.verdict import verdict


def lines(*shares: float, key: str = "reconstruction_mse", stuck: int = 0) -> list[dict[str, Any]]:
    usual = {"mean_image_mse": 0.5, "dead": [stuck, 0], "saturated": [0, 0], "reconstruction_mse": 0.05,
             "deep_reconstruction_mse": 0.1}  # fmt: skip
    return [{**usual, key: 0.5 * share} for share in (1.6, *shares)]  # the first line is before learning


@pytest.mark.parametrize("shares", [(0.9, 0.5, 0.3), (0.3,), (), (0.5, 0.2, 0.26), (0.4, 0.9, 0.4, 0.8, 0.41)])
def test_what_goes_well_has_no_verdict(shares: tuple[float, ...]) -> None:
    assert verdict(lines(*shares), 2, "0.1") is None


@pytest.mark.parametrize(("key", "layer"), [("reconstruction_mse", 1), ("deep_reconstruction_mse", 2)])
def test_an_end_worse_than_the_mean_image(key: str, layer: int) -> None:
    found = verdict(lines(0.7, 1.5, key=key, stuck=3), 2, "0.1")
    assert found is not None and found.layer == layer
    told = str(found)
    assert f"from h_{layer} the error is 1.50 of the mean image's" in told and "lower it (0.1) to a tenth" in told
    assert ("3 of its units are at an end" in told) == (layer == 1)


def test_errors_that_swing() -> None:
    found = verdict(lines(0.3, 0.8, 0.2, 0.7), 2, "0.1")
    assert found is not None and "swings from epoch to epoch, 0.20 to 0.80" in found.reason


def test_a_run_on_white_with_steps_for_black_says_so(tmp_path: Path, digits: Dataset, small: RunSpec) -> None:
    from dataclasses import replace

    white = replace(digits, train_rows=1 - digits.x_train, test_rows=1 - digits.test)
    long = small.plasticity.model_copy(update={"learning_rate": 2.0})
    run = train(small.model_copy(update={"plasticity": long}), white, tmp_path / "run")
    last = run.metrics()[-1]
    assert last["verdict"]["layer"] in (1, 2)
    well = train(small, digits, tmp_path / "well").metrics()
    assert not any("verdict" in line for line in well) and np.isfinite(well[-1]["reconstruction_mse"])
