"""An extension of the paper: p(h_L) as a mixture of Gaussians instead of one that factorises.

Algorithm 2 draws every top unit by itself. The units of a trained network are
not independent, and most such draws lie where no image's code does. A mixture
keeps the paper's recipe (fit a density to the training set's h_L, map draws
down) and changes the density only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput

Array = NDArray[Any]
RIDGE = 1e-4  # added to every variance: saturated units have none of their own
ITERATIONS = 1


@dataclass(frozen=True)
class MixturePrior:
    """p(h_L) = Σ_k w_k N(h_L; m_k, C_k).

    Attributes
    ----------
    weights : (K,)
    means : (K, n_L)
    factors : (K, n_L, n_L)
        Lower triangular A_k with C_k = A_k A_kᵀ.
    """

    weights: Array
    means: Array
    factors: Array

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """n draws, (n, n_L) float32; they may leave the activation's range."""
        component = rng.choice(len(self.weights), size=n, p=self.weights)
        noise = rng.standard_normal((n, self.means.shape[1]))
        drawn = np.empty_like(noise)
        for k in np.unique(component):
            rows = component == k
            drawn[rows] = self.means[k] + noise[rows] @ self.factors[k].T
        return drawn.astype(np.float32)


def fit_mixture(top: Array, components: int, seed: int) -> MixturePrior:
    """k-means, then one round of expectation maximisation (scikit-learn) on the training set's inferred h_L.

    Parameters
    ----------
    top : (images, n_L)
    components : int
        K; every component has a full covariance.

    Raises
    ------
    InvalidInput
        Fewer than two images per component.
    """
    if not 1 <= components <= len(top) // 2:
        raise InvalidInput("components", components, f"1 to {len(top) // 2}, half the number of images", "use fewer")
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(
        components, reg_covar=RIDGE, max_iter=ITERATIONS, init_params="kmeans", random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a density fitted well enough is all that is asked
        model.fit(top.astype(np.float64))
    return MixturePrior(model.weights_, model.means_, np.linalg.cholesky(model.covariances_))
