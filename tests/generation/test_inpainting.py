from __future__ import annotations

import numpy as np
import pytest

from neuro_bpdl.data import load, missing_mask
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.generation.inpainting import inpaint
from neuro_bpdl.generation.pictures import inpainting_rows
from neuro_bpdl.generation.saving import require_npz, save_arrays
from neuro_bpdl.plotting.images import png, tiles
from neuro_bpdl.theory import sampling
from neuro_bpdl.theory.maps import f, g
from neuro_bpdl.training.run_dir import RunDir


@pytest.fixture(scope="module")
def digits():  # type: ignore[no-untyped-def]
    return load("digits")


@pytest.mark.parametrize("kind", ["random", "left", "top"])
def test_errors_are_those_of_theory(trained: RunDir, digits, kind: str) -> None:
    result = inpaint(trained, digits, 0.5, kind=kind, limit=40)  # type: ignore[arg-type]
    checkpoint, x = trained.checkpoint(), digits.test[:40]
    missing = missing_mask(kind, 0.5, (8, 8), 40, 5)  # type: ignore[arg-type]
    start = np.where(missing, checkpoint.mean_image, x)
    filled = sampling.inpaint(checkpoint.params, start, missing, result.inference)[-1]
    one_pass = g(checkpoint.params, 1, f(checkpoint.params, 1, start))
    for ours, estimate in (
        (result.missing_pixel_mse, filled), (result.mean_image_mse, start), (result.one_pass_mse, one_pass)
    ):  # fmt: skip
        assert ours == pytest.approx(np.mean((estimate - x)[missing] ** 2), rel=1e-9)


def test_it_beats_the_mean_image_and_one_pass(trained: RunDir, digits) -> None:
    result = inpaint(trained, digits)
    assert result.missing_pixel_mse < result.one_pass_mse < result.mean_image_mse


def test_known_pixels_stay_as_they_are(trained: RunDir, digits) -> None:
    result = inpaint(trained, digits, 0.3, limit=20)
    known = ~result.missing
    assert np.array_equal(result.inpainted[known], result.original[known].astype(float))
    assert len(result.path) == result.inference.steps + 2


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, 0.001, float("nan")])
def test_odd_fractions_are_refused(trained: RunDir, digits, fraction: float) -> None:
    with pytest.raises(InvalidInput, match="fraction"):
        inpaint(trained, digits, fraction)


def test_holes_are_coloured_in_the_picture(trained: RunDir, digits) -> None:
    result = inpaint(trained, digits, limit=5)
    picture = inpainting_rows(result, (8, 8), n=5)
    assert picture.shape == (3 * 8 + 2 * 2, 5 * 8 + 4 * 2, 3)
    masked = picture[10:18, :8]
    assert np.array_equal(masked[..., 0] != masked[..., 2], result.missing[0].reshape(8, 8))


def test_tiles_keep_every_image() -> None:
    images = np.random.default_rng(0).random((5, 3, 4))
    grid = tiles(images, 2)
    assert grid.shape == (3 * 3 + 2 * 2, 2 * 4 + 2, 3)
    assert np.array_equal(grid[5:8, 6:10, 0], images[3])
    assert np.array_equal(png(grid)[:4], b"\x89PNG")


@pytest.mark.parametrize("out", ["samples.txt", "samples", "no/such/folder/a.npz", "/proc/a.npz"])
def test_odd_places_are_refused_before_anything_is_computed(tmp_path, out: str) -> None:
    with pytest.raises(InvalidInput, match="--out"):
        require_npz(tmp_path / out)


def test_arrays_and_picture_are_written_beside_each_other(tmp_path) -> None:
    picture = save_arrays(require_npz(tmp_path / "a.npz"), {"x": np.arange(3)}, b"png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npz", "a.png"] and picture.read_bytes() == b"png"
    assert np.array_equal(np.load(tmp_path / "a.npz")["x"], np.arange(3))
