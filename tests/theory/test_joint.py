"""A label as a child of the top: Eq 12 for it is the mirrored score of a layer above, and points along the gradient."""

import numpy as np
import pytest

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import LabelSpec, NetworkSpec
from neuro_bpdl.theory.joint import g_label, label_score, true_label_gradient
from neuro_bpdl.theory.labels import mirrored_score
from neuro_bpdl.theory.maps import f
from neuro_bpdl.theory.score import cosine

SPEC = NetworkSpec.of((8, 12, 9, 4), "sigmoid", labels=LabelSpec(nudge=1, generative=True))


@pytest.fixture
def params():
    return initial_parameters(SPEC, 3)


def states(seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((6, 9)), np.eye(4)[rng.integers(0, 4, 6)]


def test_the_views_are_the_same_weights(params):
    told, seen, taught = params.told, params.images, params.taught
    assert told.G[-1] is params.F[-1] and told.F[-1] is params.G[-1] and told.b[-1] is params.c[-1]
    assert seen.F[1] is params.F[1] is taught.F[1] and len(seen.F) == 2 and taught.network.images == seen.network
    seen.variance[0] = 7
    assert params.variance[0] == 7


def test_the_score_of_a_child_is_the_mirrored_score_of_a_layer_on_top(params):
    top, label = states()
    np.testing.assert_array_equal(label_score(params.told, label, top), mirrored_score(params, 2, top, label))
    np.testing.assert_array_equal(g_label(params.told, top), f(params, 3, top))


def test_where_the_pair_is_aligned_the_score_points_along_the_gradient(params):
    top, label = states()
    params.G[-1][:] = params.F[-1].T
    along = cosine(label_score(params.told, label, top), true_label_gradient(params.told, label, top))
    assert (along > 0.98).all()
    params.G[-1][:] = np.random.default_rng(1).standard_normal(params.G[-1].shape)
    along = cosine(label_score(params.told, label, top), true_label_gradient(params.told, label, top))
    assert along.mean() < 0.7


def test_a_network_of_images_alone_has_no_child(params):
    with pytest.raises(InvalidInput, match="no label child"):
        g_label(params.images, states()[0])
