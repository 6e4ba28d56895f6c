"""Currents in integers are exact, whatever is sent through whatever weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuro_bpdl.kernels.fixed.currents import currents, dense_currents, exact_block, place
from neuro_bpdl.numbers.widths import PAYLOAD_MAX, WEIGHT_MAX, WEIGHT_MIN

LOUD = 40 * PAYLOAD_MAX  # of a bias unit


@given(st.integers(0, 40), st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_currents_are_the_product(pre: int, post: int, seed: int) -> None:
    """Silent units, payloads, changes of either sign and loud units, in any number and order."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(WEIGHT_MIN, WEIGHT_MAX + 1, (pre, post)).astype(np.int16)
    sent = rng.choice([0, rng.integers(1, PAYLOAD_MAX), -PAYLOAD_MAX, 2 * PAYLOAD_MAX, LOUD, -LOUD], pre)
    assert np.array_equal(_currents(weights, sent), sent @ weights.astype(np.int64))


@pytest.mark.parametrize("payload", [PAYLOAD_MAX, -PAYLOAD_MAX, PAYLOAD_MAX + 1, -PAYLOAD_MAX - 1])
@pytest.mark.parametrize("weight", [WEIGHT_MIN, WEIGHT_MAX])
def test_the_largest_products_do_not_wrap(payload: int, weight: int) -> None:
    weights = np.full((17, 33), weight, np.int16)
    assert (_currents(weights, np.full(17, payload)) == 17 * payload * weight).all()


def _currents(weights: np.ndarray, sent: np.ndarray) -> np.ndarray:
    out = np.ones(weights.shape[1], np.int32)
    currents(weights, sent.astype(np.int32), np.empty(len(sent), np.int32), out)
    return out


@pytest.mark.parametrize("pre", [1, 2, 514, 515, 516, 1031, 2000])
@pytest.mark.parametrize("sign", [-1, 1])
def test_products_in_float32_are_exact_whatever_the_weights(pre: int, sign: int) -> None:
    block, batch = exact_block(pre, PAYLOAD_MAX, 254), 3
    assert 1 <= block <= 515
    weights = np.full((pre, 2), WEIGHT_MIN, np.int16)
    weights[:, 1] = np.random.default_rng(0).choice([WEIGHT_MIN, WEIGHT_MAX], pre)
    payloads = np.full((batch, pre), sign * PAYLOAD_MAX, np.int32)
    payloads[1, ::2], payloads[2, ::3], payloads[:, -1] = 126, 0, 254
    flat, out = np.zeros(batch * pre, np.float32), np.empty((batch, 2), np.int32)
    for replica, payload in enumerate(payloads):
        place(payload, replica, batch, block, flat)
    dense_currents(weights.astype(np.float32), flat, block, np.empty((batch, 2), np.float32), out)
    np.testing.assert_array_equal(out, payloads.astype(np.int64) @ weights)
