"""What belongs to the end of training: the top's prior, and what recognition is worth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data.grey import first_rows
from neuro_bpdl.engines.ground import as_seen
from neuro_bpdl.engines.registry import simulator_of
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.theory.climb import RECOGNITION_IMAGES, fit_recognition
from neuro_bpdl.theory.sampling import fit_prior
from neuro_bpdl.training.measure import top_states

Array = NDArray[Any]
PRIOR_IMAGES = 20_000  # a mean and a variance for each top unit need no more


def fit_end(spec: RunSpec, params: Parameters, images: Array) -> None:
    """Fit the prior p(h_L) and the recognition variances, where ``params`` lacks them and generates. In place.

    Parameters
    ----------
    images : (N, n_0)
        The training images, labels behind them or not; the prior comes of the first `PRIOR_IMAGES`, inferred by the
        run's engine.
    """
    if not params.network.generates:
        return
    seen = params.images
    if params.network.labels is not None:
        images = images[:, : seen.network.sizes[0]]
    if params.prior_mean is None:
        fit_prior(seen, tops(spec, params, images))
    if params.recognition_variance is None:
        first = as_seen(images[:RECOGNITION_IMAGES], params.network.ground)
        fit_recognition(seen, first, spec.plasticity, spec.training.seed)
    params.prior_mean, params.prior_variance = seen.prior_mean, seen.prior_variance
    params.recognition_variance = seen.recognition_variance


def tops(spec: RunSpec, params: Parameters, images: Array) -> Array:
    """(M, n_L) the inferred h_L that the prior is fitted to."""
    return np.asarray(top_states(simulator_of(spec, params), first_rows(images, PRIOR_IMAGES), spec.inference))
