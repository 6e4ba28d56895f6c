"""The measures by hand and by property."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuro_bpdl.agreement import measures

finite = st.floats(-100, 100, allow_nan=False).map(lambda value: round(value, 3))
pairs = st.tuples(*(arrays(np.float64, (4, 3), elements=finite) for _ in range(2)))


@given(pairs)
def test_pearson_and_cosine_are_bounded_and_symmetric(pair):
    a, b = pair
    for measure in (measures.pearson, measures.cosine):
        assert -1 - 1e-9 <= measure(a, b) <= 1 + 1e-9
        assert measure(a, b) == pytest.approx(measure(b, a), abs=1e-9)
        assert measure(a, a) == pytest.approx(1)


def test_pearson_ignores_scale_and_offset_where_cosine_keeps_the_offset():
    a = np.array([[0.0, 1.0, 2.0]])
    assert measures.pearson(a, 3 * a + 5) == pytest.approx(1)
    assert measures.cosine(a, a + 5) < 0.9


def test_constants_agree_only_with_themselves():
    ones = np.ones((2, 2))
    assert measures.pearson(ones, ones) == 1
    assert measures.pearson(ones, ones + 1) in (0, 1)
    assert measures.pearson(ones, np.eye(2)) == 0
    assert measures.cosine(ones, np.zeros((2, 2))) == 0


def test_largest_names_image_and_unit():
    a = np.zeros((3, 5))
    b = a.copy()
    b[2, 4], b[0, 1] = -0.7, 0.6
    assert measures.largest(a, b) == measures.Largest(0.7, 2, 4)


def test_last_step_share():
    steps = [[np.zeros((2, 3)), np.full((2, 3), height)] for height in (0.0, 0.5, 0.75, 1.0)]
    assert measures.last_step_share(steps, 1) == pytest.approx(0.25)
    assert measures.last_step_share(steps, 0) == 0
    assert measures.last_step_share(steps[:1], 1) == 0


def test_relative_difference():
    assert measures.relative_difference(-98.0, -100.0) == pytest.approx(0.02)
    assert measures.relative_difference(0.0, 0.0) == 0
    assert measures.relative_difference(1.0, 0.0) == float("inf")
    assert measures.relative_difference(3.0, 1.0, least=10.0) == pytest.approx(0.2)


def test_quadratic_size_counts_the_units_that_a_term_predicts():
    assert measures.quadratic_size((64, 20, 10)) == {"reconstruction": 32.0, "latent": 10.0}
    assert measures.quadratic_size((64, 20)) == {"reconstruction": 32.0, "latent": 0.0}
