"""What is known not to hold. Each entry fails for the reason it gives; one that is mended turns the suite red.

Then its entry goes, here and in docs/reliability.md, or becomes a test like any other.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from neuro_bpdl.data import load, missing_mask
from neuro_bpdl.errors import InvalidInput, NeuroBpdlError, SimulationError
from neuro_bpdl.estimator import GenerativeNetwork
from neuro_bpdl.files.arrays import HEADER, read_arrays, write_arrays
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import NetworkSpec, RunSpec
from neuro_bpdl.training.checkpoint import Checkpoint, Progress, load_checkpoint, save_checkpoint
from neuro_bpdl.training.trainer import train

DOCS = Path(__file__).parents[2] / "docs" / "reliability.md"


def limit(raises: type[BaseException], why: str) -> pytest.MarkDecorator:
    """An entry: what is raised today, and the sentence of the docs."""
    return pytest.mark.xfail(strict=True, raises=raises, reason=why)


@pytest.fixture
def images() -> NDArray:
    return load("digits").x_train[:40]


def saved(folder: Path) -> Path:
    path = folder / "checkpoint.safetensors"
    params = initial_parameters(NetworkSpec.of((6, 4)), 1)
    save_checkpoint(path, Checkpoint(params, np.linspace(0, 1, 6), Progress(2, 40, 4), 1))
    return path


@limit(pytest.fail.Exception, "A digest is no signature: numbers changed on purpose, with a new digest, are believed.")
def test_a_forged_checkpoint_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path)
    arrays, header = read_arrays(path, "")
    write_arrays(path, {**arrays, "F_1": -arrays["F_1"]}, header)
    with pytest.raises(NeuroBpdlError):
        load_checkpoint(path)


@limit(pytest.fail.Exception, "Checkpoints of format 1 have no digest: a flipped bit in a weight goes unnoticed.")
def test_a_changed_checkpoint_of_format_1_is_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = saved(tmp_path)
    arrays, header = read_arrays(path, "")
    del header["digest"]
    arrays["F_1"].view(np.uint8)[0, 0] ^= 1
    save_file(arrays, path, metadata={HEADER: json.dumps({**header, "format": 1})})
    with pytest.raises(NeuroBpdlError):
        load_checkpoint(path)


@limit(AssertionError, "Learning rates that follow from the images make a network that copies: it fills in missing "
                       "pixels worse than one whose rate is 0.1.")  # fmt: skip
def test_default_rates_fill_in_missing_pixels_as_a_chosen_one_does() -> None:
    data = load("digits")
    images, hidden = data.test[:100], missing_mask("random", 0.5, data.image_shape, 100, 0)
    errors = []
    for chosen in ({}, {"learning_rate": 0.1, "batch": 20}):
        network = GenerativeNetwork(layers=(48, 20), epochs=10, random_state=1, **chosen).fit(data.x_train)
        filled = network.inpaint(np.where(hidden, np.nan, images))
        errors.append(((filled - images)[hidden] ** 2).mean())
    assert errors[0] < 1.1 * errors[1]


@limit(InvalidInput, "The estimator takes dense arrays only.")
def test_sparse_images(images: NDArray) -> None:
    from scipy.sparse import csr_array

    GenerativeNetwork(layers=(4,), epochs=1).fit(csr_array(images))


@limit(SimulationError, "A daemonic process, such as a worker of multiprocessing.Pool, may not start Lava's processes.")
@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_lava_in_a_daemonic_process(tmp_path: Path) -> None:
    with multiprocessing.get_context("fork").Pool(1) as pool:
        pool.apply(_on_lava, (tmp_path / "r",))


def _on_lava(out: Path) -> None:
    spec = RunSpec(data="digits", layers=(4,), training={"epochs": 1, "limit": 20}, engine={"backend": "lava"})
    train(spec, load("digits"), out)


@limit(AssertionError, "safetensors writes the memory of a strided array as if it were contiguous (its issue 825); "
                       "our writer makes arrays contiguous and compares.")  # fmt: skip
def test_safetensors_writes_strided_arrays() -> None:
    from safetensors.numpy import load, save

    array = np.arange(6.0).reshape(2, 3).T
    assert np.array_equal(load(save({"a": array}))["a"], array)


def test_the_docs_list_every_limit_and_no_other() -> None:
    entries: list[Callable[..., None]] = [value for name, value in globals().items() if name.startswith("test_")]
    reasons = {m.kwargs["reason"] for entry in entries for m in getattr(entry, "pytestmark", ()) if m.name == "xfail"}
    section = DOCS.read_text(encoding="utf-8").split("## Known limits", 1)[1].split("\n## ", 1)[0]
    listed = {line.removeprefix("- ") for line in section.splitlines() if line.startswith("- ")}
    assert listed == reasons
