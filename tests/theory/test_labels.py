"""The mirrored score, the taught event against backpropagation, and the alignment of G with Fᵀ."""

import numpy as np
import pytest

from neuro_bpdl.data import load
from neuro_bpdl.data.classes import labelled_rows
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers.activations import TransferFunction
from neuro_bpdl.spec import LabelSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.labels import mirrored_score, nudge, true_label_score
from neuro_bpdl.theory.maps import feedforward_pass
from neuro_bpdl.theory.score import cosine
from neuro_bpdl.theory.taught_start import taught_parameters
from neuro_bpdl.theory.teaching import (
    alignment,
    apical_events,
    net_inputs,
    taught_change,
    taught_swings,
    teach,
)

TAUGHT = ("hard-sigmoid", "clipped-relu", "hard-sigmoid")
LINEAR = TransferFunction("linear", lambda z: z, np.ones_like, -np.inf, np.inf)


@pytest.fixture(scope="module")
def digits():
    data = load("digits")
    return data.x_train.astype(float), labelled_rows(data.x_train, data.labels("train"), 10)[:, 64:].astype(float), data


def network(sizes=(64, 40, 10), nudge=8, activation=TAUGHT):
    return NetworkSpec.of(sizes, activation, labels=LabelSpec(nudge=nudge))


def backward(params, x, target):
    """−∂Σ(∫φ_L dz − y z)/∂F, averaged: backpropagation."""
    h, depth = feedforward_pass(params, x), params.network.depth
    swing, changes = target - h[-1], []
    for layer in range(depth, 0, -1):
        changes.insert(0, swing.T @ h[layer - 1] / len(x))
        if layer > 1:
            swing = (swing @ params.F[layer - 1]) * params.transfers[layer - 1].slope(h[layer - 1])
    return changes


def angle(a, b):
    a, b = (np.concatenate([m.ravel() for m in part]) for part in (a, b))
    return np.degrees(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))


def test_the_mirrored_score_is_the_gradient_where_g_is_the_transpose_of_a_linear_f():
    params = taught_parameters(network(), np.random.default_rng(0).random((50, 64)), 0)
    params.transfers = (LINEAR, LINEAR, LINEAR)
    params.G[1][:] = params.F[1].T
    rng = np.random.default_rng(1)
    here, above = rng.random((7, 40)), rng.random((7, 10))
    np.testing.assert_allclose(
        mirrored_score(params, 1, here, above), true_label_score(params, 1, here, above), atol=1e-12
    )


def test_the_true_label_score_is_the_gradient_of_the_density(make_network):
    params = make_network((6, 5, 4), "sigmoid")
    rng = np.random.default_rng(2)
    here, above = rng.uniform(0.2, 0.8, (3, 5)), rng.uniform(0.2, 0.8, (3, 4))

    def log_q(state):
        return -0.5 * ((above - feedforward_pass_top(params, state)) ** 2).sum(axis=1)

    def feedforward_pass_top(params, state):
        return params.transfers[2].value(state @ params.F[1].T + params.b[1])

    numeric = np.stack(
        [(log_q(here + step) - log_q(here - step)) / 2e-6 for step in 1e-6 * np.eye(5)], axis=1
    )
    np.testing.assert_allclose(true_label_score(params, 1, here, above), numeric, atol=1e-7)


def angles_to_backward(digits, sizes, k):
    """Degrees between ΔF_l and minus the gradient, layer by layer, where G is Fᵀ."""
    x, y, _ = digits
    activation = ("hard-sigmoid", *["clipped-relu"] * (len(sizes) - 2), "hard-sigmoid")
    params = taught_parameters(network(sizes, k, activation), x, 0)
    for layer in range(2, len(sizes)):
        params.G[layer - 1][:] = params.F[layer - 1].T
    h, predicted = nudge(params, x[:200], y[:200])
    change = taught_change(params, predicted, taught_swings(params, h, predicted))
    expected = backward(params, x[:200], y[:200])
    return [angle([a], [b]) for a, b in zip(change.F, expected, strict=True)]


def test_with_g_the_transpose_the_taught_change_is_backpropagation_as_the_nudge_vanishes(digits):
    coarse, fine = (max(angles_to_backward(digits, (64, 40, 10), k)) for k in (0, 10))
    assert fine < 0.5 < coarse


def test_with_two_hidden_layers_every_change_still_descends(digits):
    lowest, middle, top = angles_to_backward(digits, (64, 30, 20, 10), 0)
    assert lowest < 50
    assert max(middle, top) < 5
    with pytest.raises(InvalidInput, match=r"LabelSpec\.nudge: got 8, allowed: 0 to 2 with two or more hidden layers"):
        network((64, 30, 20, 10), 8, "hard-sigmoid")


def test_the_two_moments_make_the_transpose_of_the_change_of_f(digits):
    x, y, _ = digits
    params = taught_parameters(network(), x, 1)
    h, predicted = nudge(params, x[:20], y[:20])
    swings = taught_swings(params, h, predicted)
    change = taught_change(params, predicted, swings)
    np.testing.assert_allclose(change.G[0], change.F[1].T, atol=1e-15)
    (rising, up), (falling, down) = apical_events(predicted[1], swings[1])
    assert rising.min() >= 0 and falling.min() >= 0 and (rising * falling == 0).all()
    np.testing.assert_array_equal(up, -down)


def trained(x, y, *, feedback="same-event", presentations=1500, watch=None):
    params = taught_parameters(network(), x, 0)
    rng = np.random.default_rng(0)
    for k in range(presentations):
        rows = rng.integers(0, len(x), 20)
        if feedback == "same-event":
            teach(params, x[rows], y[rows], PlasticitySpec(learning_rate=0.3))
        else:
            h, predicted = nudge(params, x[rows], y[rows])
            noisy = [state + 0.1 * rng.standard_normal(state.shape) for state in h]
            change = taught_change(params, predicted, taught_swings(params, h, predicted), feedback=feedback,
                                   noisy=noisy)  # fmt: skip
            for i in range(2):
                params.F[i] += 0.3 * change.F[i]
                params.b[i] += 0.3 * change.b[i]
            params.G[1] += 0.03 * change.G[0]
            params.c[1] += 0.03 * change.c[0]
        if watch is not None and k % 300 == 0:
            watch(params)
    return params


def accuracy(params, data):
    return (net_inputs(params, data.test).argmax(axis=1) == data.labels("test")).mean()


def test_g_aligns_with_f_transposed_and_the_change_with_the_gradient(digits):
    x, y, data = digits
    aligned, angles = [], []

    def watch(params):
        aligned.append(alignment(params, 2))
        h, predicted = nudge(params, x[:300], y[:300])
        change = taught_change(params, predicted, taught_swings(params, h, predicted))
        angles.append(angle(change.F[:1], backward(params, x[:300], y[:300])[:1]))

    params = trained(x, y, watch=watch)
    assert abs(aligned[0]) < 0.3
    assert alignment(params, 2) > 0.75
    assert angles[-1] < 45 < angles[0]
    assert accuracy(params, data) > 0.9


def test_the_score_points_along_the_true_one_after_training(digits):
    x, y, _ = digits
    params = trained(x, y)
    here = feedforward_pass(params, x)[1]
    true = true_label_score(params, 1, here, y)
    wrong = np.linalg.norm(true, axis=1) > 0  # where the top is right, nobody is moved
    assert 10 < wrong.sum() < len(x)
    assert cosine(mirrored_score(params, 1, here, y), true)[wrong].mean() > 0.6


@pytest.mark.parametrize("feedback", ["regression", "fixed"])
def test_the_other_rules_of_g_learn_too(digits, feedback):
    x, y, data = digits
    assert accuracy(trained(x, y, feedback=feedback), data) > 0.85


def test_bad_input_is_refused_in_one_line(digits):
    x, y, _ = digits
    params = taught_parameters(network(), x, 0)
    h, predicted = nudge(params, x[:3], y[:3])
    swings = taught_swings(params, h, predicted)
    with pytest.raises(InvalidInput, match="feedback: got 'hope', allowed: same-event, regression, fixed"):
        taught_change(params, predicted, swings, feedback="hope")
    with pytest.raises(InvalidInput, match="noisy: got None, allowed: a corrupted state, for the regression"):
        taught_change(params, predicted, swings, feedback="regression")
    plain = taught_parameters(NetworkSpec.of((64, 40, 10), TAUGHT), x, 0)
    with pytest.raises(InvalidInput, match=r"NetworkSpec\.labels: got None, allowed: a LabelSpec"):
        nudge(plain, x[:3], y[:3])
    for sizes in ((64, 10), (64, 40, 1)):
        with pytest.raises(InvalidInput, match=r"NetworkSpec\.sizes: got .*two or more classes"):
            network(sizes, activation="hard-sigmoid")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1], r"labels: got \(2,\), allowed: 3 labels, one for each image"),
        ([0, 1, 10], "labels: got 10, allowed: 0 to 9: one for each unit at the top; give the top more units"),
        ([0, float("nan"), 1], "labels: got nan, allowed: 0 to 9"),
        ([0, 0.5, 1], "labels: got 0.5, allowed: 0 to 9"),
        ([0, -1, 1], "labels: got -1, allowed"),
        (["a", "b", "c"], "labels: got .*, allowed: whole numbers"),
    ],
)
def test_labels_that_cannot_be_clamped_are_refused(labels, message):
    with pytest.raises(InvalidInput, match=message):
        labelled_rows(np.zeros((3, 4)), labels, 10)
