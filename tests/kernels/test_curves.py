"""Activations in fixed point against the curves they stand for."""

import numpy as np
import pytest

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.fixed import curves
from neuro_bpdl.numbers.activations import HARDWARE_ACTIVATIONS, pieces_of, transfer
from neuro_bpdl.numbers.widths import PAYLOAD_MAX


@pytest.mark.parametrize("name", HARDWARE_ACTIVATIONS)
def test_pieces_are_the_activation_and_its_inverse(name):
    pieces, z = pieces_of(name), np.linspace(-6, 9, 301)
    np.testing.assert_allclose(pieces.value(z), transfer(name).value(z), atol=1e-12)
    assert pieces.value(np.array([pieces.knots[0], pieces.end])) == pytest.approx([0, pieces.high])
    inside = z[(z > pieces.knots[0]) & (z < pieces.end)]
    np.testing.assert_allclose(pieces.inverse(pieces.value(inside)), inside, atol=1e-9)


def test_the_pieces_are_near_the_smooth_curves_they_stand_for():
    z = np.linspace(-8, 6, 2001)
    assert np.abs(transfer("pwl-sigmoid").value(z) - transfer("sigmoid").value(z)).max() < 0.02
    assert np.abs(transfer("pwl-softplus").value(z) - transfer("softplus").value(z)).max() < 0.25


@pytest.mark.parametrize("room", [1.0, 2.0])
@pytest.mark.parametrize("name", HARDWARE_ACTIVATIONS)
def test_payloads_are_the_curve_at_one_step_of_the_steepest_piece(name, room):
    pieces = pieces_of(name)
    high = room * pieces.high
    unit, slope = high / PAYLOAD_MAX, 2.0 ** -curves.steepest(name)
    z = np.linspace(pieces.knots[0] - 1, pieces.end + 1, 5001)
    table = curves.payloads(name, high)
    index = np.clip(np.floor(z * slope / unit + (curves.origin(name, high) + 1) / 2), 0, len(table) - 1).astype(int)
    # half a step of the index, half a payload, and a quarter step of where 0 lies
    assert np.abs(table[index] * unit - pieces.value(z)).max() <= 1.25 * unit + 1e-9
    assert table[0] == 0 and table[-1] == round(PAYLOAD_MAX / room)


@pytest.mark.parametrize("name", HARDWARE_ACTIVATIONS)
def test_slope_shifts_are_the_slope(name):
    high = pieces_of(name).high
    shifts = curves.slope_shifts(name, high)
    slope = transfer(name).slope(np.arange(PAYLOAD_MAX + 1) * high / PAYLOAD_MAX)
    np.testing.assert_array_equal(shifts == curves.SILENT, slope == 0)
    alive = slope > 0
    np.testing.assert_array_equal(2.0 ** -(shifts[alive] + curves.steepest(name)), slope[alive])
    assert shifts.max() <= curves.MAX_SLOPE_SHIFT


def test_a_smooth_curve_has_no_pieces():
    with pytest.raises(InvalidInput, match=r"softplus.*straight pieces"):
        curves.payloads("softplus", 1.0)
