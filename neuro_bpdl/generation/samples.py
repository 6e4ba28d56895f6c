"""Images from the prior: directed samples and GENERATE (Algorithm 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.backends.protocol import Label
from neuro_bpdl.errors import CheckpointError, InvalidInput
from neuro_bpdl.generation.engine import opened
from neuro_bpdl.spec import EngineSpec, InferenceSpec
from neuro_bpdl.streams import Stream, stream
from neuro_bpdl.theory.sampling import GENERATE_ALPHA, GENERATE_ROUNDS, sample_top
from neuro_bpdl.training.run_dir import RunDir

Array = NDArray[Any]
MAX_SAMPLES = 1_000_000


@dataclass
class Samples:
    """Images drawn from the model.

    Attributes
    ----------
    top : (n, n_L)
        The draws of h_L.
    directed : (n, *image_shape)
        g_1(… g_L(h_L)).
    generated : (n, *image_shape)
        The same after ``rounds`` × {infer; x ← g_1(h_1)}.
    """

    top: Array
    directed: Array
    generated: Array
    inference: InferenceSpec
    rounds: int
    seed: int
    label: Label
    data: str

    def arrays(self) -> dict[str, Array]:
        """What samples.npz holds."""
        return {"directed": self.directed, "generated": self.generated, "top": self.top}

    def to_dict(self) -> dict[str, Any]:
        """For JSON: what was drawn, by what."""
        pixels = self.generated
        return {
            "n": len(self.top),
            "rounds": self.rounds,
            "inference": self.inference.model_dump(),
            "sample_seed": self.seed,
            "mean_pixel": {"directed": float(self.directed.mean()), "generated": float(pixels.mean())},
            "spread": float(pixels.std(axis=0).mean()),
            **self.label.to_dict(),
            "data": self.data,
        }


def generate(
    run: RunDir,
    n: int,
    *,
    seed: int | None = None,
    rounds: int = GENERATE_ROUNDS,
    inference: InferenceSpec | None = None,
    engine: EngineSpec | None = None,
) -> Samples:
    """Draw ``n`` images.

    Parameters
    ----------
    seed : int, optional
        Selects the draws of h_L; the run's seed by default.
    inference : InferenceSpec, optional
        `generation_inference` of the run by default.

    Raises
    ------
    InvalidInput
        ``n`` or ``rounds`` out of range.
    CheckpointError
        Training has not ended, so that there is no prior to draw from.
    """
    if not 1 <= n <= MAX_SAMPLES:
        raise InvalidInput("--n", n, f"a whole number from 1 to {MAX_SAMPLES}")
    if not 0 <= rounds <= 1000:
        raise InvalidInput("--rounds", rounds, "a whole number from 0 to 1000")
    inference = inference or generation_inference(run.config.spec.inference)
    with opened(run, engine) as trained:
        params = trained.simulator.parameters()
        params.prior_mean, params.prior_variance = _prior(run, trained.checkpoint.params)
        seed = trained.checkpoint.seed if seed is None else seed
        top = sample_top(params, n, stream(seed, Stream.TOP_SAMPLE))
        images = trained.simulator.generate(top, inference, rounds)
        shape = (n, *run.config.data.image_shape)
        return Samples(
            top, images[0].reshape(shape), images[-1].reshape(shape), inference, rounds, seed,
            trained.simulator.label, run.config.data.name,
        )  # fmt: skip


def generation_inference(inference: InferenceSpec) -> InferenceSpec:
    """Training's inference with α = `GENERATE_ALPHA`, as the paper has it."""
    return inference.model_copy(update={"alpha": GENERATE_ALPHA})


def _prior(run: RunDir, params: Any) -> tuple[Array, Array]:
    if params.prior_mean is None or params.prior_variance is None:
        raise CheckpointError(
            f"{run.path}: its training has not ended, so it has no prior to draw from; "
            f"finish it with neuro-bpdl train --resume {run.path}"
        )
    return np.asarray(params.prior_mean), np.asarray(params.prior_variance)
