"""The remedies of docs/objective.md reduce to the paper's step, and the exact one climbs."""

from __future__ import annotations

import numpy as np
import pytest

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec
from neuro_bpdl.theory import climb
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.maps import f
from neuro_bpdl.theory.objective import objective


def test_one_rate_for_all_layers_is_the_papers_inference(make_network, make_state):
    params = make_network((6, 5, 4, 3))
    x = make_state(params)[0]
    expected = infer(params, x, InferenceSpec(steps=4, delta=0.2, alpha=0.05), record=True).history
    for a, b in zip(climb.climb(params, x, climb.Rates.paper(3, 0.2, 0.05), 4), expected, strict=True):
        for left, right in zip(a, b, strict=True):
            np.testing.assert_allclose(left, right, rtol=1e-12)


def test_exact_gradient_climbs_every_image_at_every_step(make_network, make_state):
    params = make_network()
    history = climb.climb(params, make_state(params, 20)[0], climb.exact_gradient(params, 0.01), 30)
    total = np.array([objective(params, h).total for h in history])
    assert np.all(np.diff(total, axis=0) > 0)


def test_weighted_rates_follow_the_two_variances(make_network):
    params = make_network((6, 5, 4, 3))
    rates = climb.weighted(params, 0.2, np.array([0.1, 0.3, 0.5]))
    assert rates.data == (0.2,) * 3
    assert rates.prior == pytest.approx((0.2 * 0.1 / params.variance[1], 0.2 * 0.3 / params.variance[2], 0))


def test_recognition_variance_is_the_mean_squared_basal_residual(make_network, make_state):
    params = make_network()
    h = make_state(params)
    expected = [((h[1] - f(params, 1, h[0])) ** 2).mean(), ((h[2] - f(params, 2, h[1])) ** 2).mean()]
    np.testing.assert_allclose(climb.recognition_variance(params, h), expected)


def test_the_q_term_alone_keeps_the_feedforward_start(make_network, make_state):
    params = make_network()
    x = make_state(params)[0]
    rates = climb.Rates.paper(2, 0.0, 0.0, recognition=0.3)
    for state in climb.climb(params, x, rates, 5):
        np.testing.assert_allclose(state[2], f(params, 2, f(params, 1, x)), rtol=1e-12)


@pytest.mark.parametrize("sizes", [(6, 5), (6, 5, 4), (6, 5, 4, 3)])
def test_variance_as_alpha_is_the_weighted_step_in_the_papers_inference(sizes, make_network, make_state):
    params = make_network(sizes)
    x = make_state(params, 20)[0]
    climb.fit_recognition(params, x, PlasticitySpec(noise=0.3), seed=1)
    spec = climb.resolved(InferenceSpec(steps=4, delta=0.2, alpha="variance"), params)
    expected = climb.climb(params, x, climb.weighted(params, 0.2), 4)
    for a, b in zip(infer(params, x, spec, record=True).history, expected, strict=True):
        for left, right in zip(a, b, strict=True):
            np.testing.assert_allclose(left, right, rtol=1e-12)


def test_fitted_recognition_variance_is_what_corruption_does_to_a_linear_map(make_network):
    """f linear inside its range: Var f(h + noise) = slope² · noise² · mean squared row norm."""
    params = make_network((30, 20), "hard-sigmoid")
    params.F[0] *= 0.05
    params.b[0][:] = 0  # inside the linear range
    x = np.full((4000, 30), 0.5)
    climb.fit_recognition(params, x, PlasticitySpec(noise=0.1), seed=0)
    expected = (0.25 * 0.1) ** 2 * (params.F[0] ** 2).sum(axis=1).mean()
    assert params.recognition_variance == pytest.approx([expected], rel=0.03)


def test_variance_as_alpha_needs_a_fitted_network(make_network):
    with pytest.raises(InvalidInput, match=r"inference.alpha: got 'variance'.*train --resume.*fit_recognition"):
        climb.resolved(InferenceSpec(alpha="variance"), make_network())


def test_a_tuple_of_alphas_has_one_for_every_layer(make_network, make_state):
    params = make_network((6, 5, 4))
    with pytest.raises(InvalidInput, match=r"inference.alpha: got .*0.1, 0.2, 0.3.*or 2: one for each hidden layer"):
        climb.resolved(InferenceSpec(alpha=(0.1, 0.2, 0.3)), params)
    with pytest.raises(InvalidInput, match="numbers here"):
        infer(params, make_state(params)[0], InferenceSpec(alpha="variance"))


def test_no_alpha_carries_a_layer_beyond_its_prediction(make_network):
    params = make_network((6, 5, 4))
    params.recognition_variance = params.variance * 1000
    assert climb.resolved(InferenceSpec(alpha="variance"), params).alpha == (1.0, 0.0)


def test_an_alpha_that_fixed_point_cannot_have_is_none_there_and_typed_ones_stay(make_network):
    params = make_network((6, 5, 3))
    params.recognition_variance = np.array([1e-5, 0.3])
    params.variance[1] = 0.1  # α_1 = 0.2 · 1e-5 / 0.1: below half of a soma's last bit
    spec = InferenceSpec(delta=0.2, alpha="variance")
    assert climb.resolved(spec, params).alpha == pytest.approx((2e-5, 0))
    assert climb.resolved(spec, params, "fixed").alpha == (0, 0)
    assert climb.resolved(InferenceSpec(alpha=2e-5), params, "fixed").alpha == 2e-5  # refused by what runs it
