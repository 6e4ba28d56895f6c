"""p(h_L) to draw from: the paper's Gaussian of a run, or a mixture fitted to what the run makes of its images.

Several chains that fill in an image may start at those codes themselves, the
density that the other two are fitted to. It has no new images to draw.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.generation.engine import Opened
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory.mixture import fit_mixture
from neuro_bpdl.theory.sampling import sample_top
from neuro_bpdl.training.measure import top_states

Array = NDArray[Any]
Prior = Literal["gaussian", "mixture"]
Starts = Literal["gaussian", "mixture", "codes"]
PRIORS: tuple[str, ...] = ("gaussian", "mixture")
STARTS: tuple[str, ...] = (*PRIORS, "codes")
MIXTURE_IMAGES, COMPONENTS, IMAGES_EACH = 20_000, 100, 20


def draw_top(
    prior: Prior, n: int, trained: Opened, images: Array, inference: InferenceSpec, rng: np.random.Generator
) -> Array:
    """(n, n_L) draws of h_L, inside the range of its activation.

    Parameters
    ----------
    prior : "gaussian" or "mixture"
        The paper's, widened; or Σ_k w_k N(h_L; m_k, C_k), an extension (`theory.mixture`).
    images : (N, n_0)
        What the network has learned from; a mixture is fitted to the h_L of the first `MIXTURE_IMAGES`.

    Raises
    ------
    InvalidInput
        No such prior.
    """
    params = trained.simulator.parameters().images
    if prior == "gaussian":
        params.prior_mean, params.prior_variance = (
            trained.checkpoint.params.prior_mean, trained.checkpoint.params.prior_variance
        )  # fmt: skip
        return sample_top(params, n, rng)
    if prior != "mixture":
        raise InvalidInput("--prior", prior, " or ".join(PRIORS))
    top = codes(trained.simulator, images[:MIXTURE_IMAGES], inference)
    components = max(1, min(COMPONENTS, len(top) // IMAGES_EACH))
    mixture = fit_mixture(top, components, trained.checkpoint.seed)
    return params.transfers[-1].clip(mixture.sample(n, rng))


def codes(simulator: Simulator, images: Array, inference: InferenceSpec) -> Array:
    """(N, n_L) float32: the h_L that inference makes of images."""
    return top_states(simulator, images, inference).astype(np.float32)
