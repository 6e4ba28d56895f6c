"""Presentation order and missing pixels: functions of the seed and nothing else."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from neuro_bpdl.data import missing_mask, presentation_order
from neuro_bpdl.errors import InvalidInput

seeds = st.integers(0, 2**31 - 1)


@given(n=st.integers(1, 60), start=st.integers(0, 1000), epochs=st.integers(0, 5), seed=seeds)
def test_every_epoch_is_a_permutation(n: int, start: int, epochs: int, seed: int) -> None:
    order = presentation_order(n, start, epochs, seed)
    assert order.dtype == np.int64 and order.shape == (n * epochs,)
    assert (np.sort(order.reshape(epochs, n), axis=1) == np.arange(n)).all()


@given(n=st.integers(1, 40), first=st.integers(0, 4), rest=st.integers(0, 4), seed=seeds)
def test_a_resumed_run_sees_the_same_images(n: int, first: int, rest: int, seed: int) -> None:
    parts = [presentation_order(n, 0, first, seed), presentation_order(n, first, rest, seed)]
    np.testing.assert_array_equal(np.concatenate(parts), presentation_order(n, 0, first + rest, seed))


def test_epochs_and_seeds_differ() -> None:
    orders = [tuple(presentation_order(50, epoch, 1, seed)) for seed in range(20) for epoch in range(20)]
    assert len(set(orders)) == 400


def test_places_are_uniform() -> None:
    orders = presentation_order(10, 0, 4000, 3).reshape(4000, 10)
    counts = np.stack([np.bincount(place, minlength=10) for place in orders.T])
    assert np.abs(counts - 400).max() < 5 * np.sqrt(400 * 0.9)


def test_order_is_the_same_on_every_machine() -> None:
    assert presentation_order(5, 0, 2, 1).tolist() == [0, 4, 1, 3, 2, 4, 1, 0, 3, 2]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [((0, 0, 1, 0), "n_images"), ((5, -1, 1, 0), "epochs_start"), ((5, 0, -1, 0), "epochs"), ((5, 0, 1, -1), "seed"),
     ((5.0, 0, 1, 0), "n_images"), ((5, 0, 1, None), "seed"), ((True, 0, 1, 0), "n_images")],
)
def test_order_refuses(arguments: tuple[Any, ...], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{field}: "):
        presentation_order(*arguments)


@given(
    shape=st.tuples(st.integers(2, 9), st.integers(2, 9)), fraction=st.floats(0.3, 0.7), n=st.integers(1, 6), seed=seeds
)
def test_random_masks_hide_exactly_that_many(shape: tuple[int, int], fraction: float, n: int, seed: int) -> None:
    mask = missing_mask("random", fraction, shape, n, seed)
    pixels = shape[0] * shape[1]
    assert mask.dtype == bool and mask.shape == (n, pixels)
    assert (mask.sum(axis=1) == round(fraction * pixels)).all()
    np.testing.assert_array_equal(mask, missing_mask("random", fraction, shape, n + 3, seed)[:n])


def test_random_masks_differ_by_image_and_seed_and_are_uniform() -> None:
    first, second = (missing_mask("random", 0.25, (28, 28), 400, seed) for seed in (0, 1))
    assert len({row.tobytes() for row in np.concatenate([first, second])}) == 800
    assert np.abs(first.mean(axis=0) - 0.25).max() < 5 * np.sqrt(0.25 * 0.75 / 400)


@pytest.mark.parametrize(
    ("kind", "hidden"),
    [("left", np.s_[:, :2]), ("right", np.s_[:, 2:]), ("top", np.s_[:3]), ("bottom", np.s_[3:])],
)
def test_sides(kind: Any, hidden: Any) -> None:
    expected = np.zeros((6, 4), bool)
    expected[hidden] = True
    mask = missing_mask(kind, 0.5, (6, 4), 3, 0)
    assert mask.shape == (3, 24)
    assert (mask.reshape(3, 6, 4) == expected).all()


@given(fraction=st.floats(0.1, 0.9))
def test_sides_hide_whole_lines(fraction: float) -> None:
    sides = ("left", "right", "top", "bottom")
    masks = {kind: missing_mask(kind, fraction, (9, 7), 1, 0).reshape(9, 7) for kind in sides}
    assert masks["left"].sum() == 9 * round(fraction * 7) and masks["top"].sum() == 7 * round(fraction * 9)
    np.testing.assert_array_equal(masks["left"], masks["right"][:, ::-1])
    np.testing.assert_array_equal(masks["top"], masks["bottom"][::-1])


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        *((("random", bad, (4, 4), 1, 0), "fraction") for bad in (0, 1, -0.5, 1.5, float("nan"), 0.001, 0.999)),
        (("left", 0.1, (4, 4), 1, 0), "fraction"),
        (("top", 0.5, (16,), 1, 0), "kind"),
        (("middle", 0.5, (4, 4), 1, 0), "kind"),
        (("random", 0.5, (4, 4, 1), 1, 0), "image_shape"),
        (("random", 0.5, (), 1, 0), "image_shape"),
        (("random", 0.5, (4, 4), 0, 0), "n"),
        (("random", 0.5, (4, 4), 1, -1), "seed"),
    ],
)
def test_masks_refuse(arguments: tuple[Any, ...], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{field}: "):
        missing_mask(*arguments)


def test_flat_images_can_lose_random_pixels() -> None:
    assert missing_mask("random", 0.5, (16,), 2, 0).sum() == 16
