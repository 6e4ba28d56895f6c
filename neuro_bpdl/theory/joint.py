"""Labels as one more observed child of the top: a network that draws, fills in and names by one dynamics.

The generative model of h_L gets one more factor, p(y|h_L), with a pair (f_y, g_y):

    p(x, y, h) = p(h_L) p(y|h_L) ∏ p(h_{l−1}|h_l)        f_y(y) = φ_L(F_y y + b_y)        g_y(h_L) = ψ_y(G_y h_L + c_y)

The top then has two children, and Eq 12 holds for either: while a label is
told, the top takes a second step, of size λ,

    h_L += λ [f_y(y) − f_y(g_y(h_L))]

Seen from below, the label population is a layer on top of h_L that is clamped
at the label: its basal compartment computes g_y, and f_y is what it sends
down. Eq 12 for the label child *is* the mirrored score of that layer
(`labels.mirrored_score`). So the pair learns as labels do (`teaching`), while
the layers below learn images as they do without labels (`learning`): a
presentation of an image is one event, its label another, and an unlabelled
image has the first alone. `Parameters.told` is the view of the child,
`Parameters` itself that of the layer on top; the weights are the same arrays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers.activations import transfer
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import ChildSpec

Array = NDArray[np.floating]


def f_label(params: Parameters, label: Array) -> Array:
    """f_y(y) = φ_L(F_y y + b_y), what a label makes of the top, (batch, n_L).

    Parameters
    ----------
    params : Parameters
        With a label child: `Parameters.told`.
    label : (batch, classes)
    """
    return params.transfers[-1].value(label @ params.F[-1].T + params.b[-1])


def g_label(params: Parameters, top: Array) -> Array:
    """g_y(h_L) = ψ_y(G_y h_L + c_y), what the top makes of the label, (batch, classes)."""
    return transfer(child_of(params).activation).value(top @ params.G[-1].T + params.c[-1])


def label_score(params: Parameters, label: Array, top: Array) -> Array:
    """f_y(y) − f_y(g_y(h_L)), (batch, n_L): Eq 12 for the label child."""
    return f_label(params, label) - f_label(params, g_label(params, top))


def child_of(params: Parameters) -> ChildSpec:
    """ψ_y, the classes and λ of the label child.

    Raises
    ------
    InvalidInput
        The network has none.
    """
    if params.network.child is None:
        raise InvalidInput("label", "a label", "none: this network has no label child", "train one with --recipe joint")
    return params.network.child


def true_label_gradient(params: Parameters, label: Array, top: Array) -> Array:
    """G_yᵀ (y − g_y(h_L)), (batch, n_L): the matching loss's gradient, what `label_score` stands for."""
    return (label - g_label(params, top)) @ params.G[-1]
