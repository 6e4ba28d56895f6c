"""Images from the prior: directed samples and GENERATE (Algorithm 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.protocol import Label, require_no_labels
from neuro_bpdl.errors import CheckpointError, InvalidInput
from neuro_bpdl.generation.engine import opened
from neuro_bpdl.generation.prior import Prior, draw_top
from neuro_bpdl.generation.told import CANDIDATES, require_label, told_rows, told_tops
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.spec import EngineSpec, InferenceSpec
from neuro_bpdl.training.run_dir import RunDir

Array = NDArray[Any]
MAX_SAMPLES, MAX_SHOWN = 1_000_000, 100


@dataclass(repr=False)
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
    told : int or None
        The label that was clamped.
    """

    top: Array
    directed: Array
    generated: Array
    inference: InferenceSpec
    rounds: int
    seed: int
    label: Label
    data: str
    prior: Prior = "gaussian"
    told: int | None = None

    def __repr__(self) -> str:
        return f"<Samples: {len(self.top)} images, {self.label}, {self.data}>"

    def _repr_html_(self) -> str:
        from html import escape

        from neuro_bpdl.plotting.images import html_grid

        shown = self.generated[:MAX_SHOWN]
        grid = html_grid(shown, self.generated.shape[1:], max(1, round(len(shown) ** 0.5)), "images nobody has drawn")
        return f"<p><code>{escape(repr(self))}</code></p>{grid}"

    def arrays(self) -> dict[str, Array]:
        """What samples.npz holds."""
        return {"directed": self.directed, "generated": self.generated, "top": self.top}

    def to_dict(self) -> dict[str, Any]:
        """For JSON: what was drawn, by what."""
        pixels = self.generated
        return {
            "n": len(self.top),
            "rounds": self.rounds,
            "prior": self.prior,
            **({} if self.told is None else {"label": self.told}),
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
    rounds: int | None = None,
    inference: InferenceSpec | None = None,
    engine: EngineSpec | None = None,
    prior: Prior = "gaussian",
    label: int | None = None,
) -> Samples:
    """Draw ``n`` images.

    Parameters
    ----------
    seed : int, optional
        Selects the draws of h_L; the run's seed by default.
    inference : InferenceSpec, optional
        That of the run's `GenerationSpec` by default.
    rounds : int, optional
        Those of the run's `GenerationSpec` by default.
    prior : "gaussian" or "mixture"
        The paper's, or a mixture fitted to what the engine makes of the training images (`generation.prior`).
    label : int, optional
        Clamped: h_L is drawn from p(h_L|y), and follows the label in every round.

    Raises
    ------
    InvalidInput
        ``n`` or ``rounds`` out of range, no such prior, or a label that the run cannot be told.
    CheckpointError
        Training has not ended, so that there is no prior to draw from.
    """
    if not 1 <= n <= MAX_SAMPLES:
        raise InvalidInput("--n", n, f"a whole number from 1 to {MAX_SAMPLES}")
    spec = run.config.spec
    rounds = spec.generation.rounds if rounds is None else rounds
    if not 0 <= rounds <= 1000:
        raise InvalidInput("--rounds", rounds, "a whole number from 0 to 1000")
    inference = inference or spec.generation.inference(spec.inference)
    if label is not None:
        require_label(run, label)
    with opened(run, engine) as trained:
        _require_prior(run, trained.checkpoint.params)
        seed = trained.checkpoint.seed if seed is None else seed
        images = np.empty(0) if prior == "gaussian" else run.matching(run.dataset()).train_rows
        rng = stream(seed, Stream.TOP_SAMPLE)
        if label is None:
            top = rates = draw_top(prior, n, trained, images, spec.inference, rng)
        else:
            draws = draw_top(prior, n * CANDIDATES, trained, images, spec.inference, rng)
            top = told_tops(trained.simulator, draws, label, n, spec.inference, rng)
            rates = told_rows(top, np.full(n, label), spec.classes)
        drawn = trained.simulator.generate(rates, inference, rounds)
        shape = (n, *run.config.data.image_shape)
        return Samples(
            top, drawn[0].reshape(shape), drawn[-1].reshape(shape), inference, rounds, seed,
            trained.simulator.label, run.config.data.name, prior, label,
        )  # fmt: skip


def _require_prior(run: RunDir, params: Any) -> None:
    require_no_labels(params)
    if params.prior_mean is None or params.prior_variance is None:
        raise CheckpointError(
            f"{run.path}: its training has not ended, so it has no prior to draw from; "
            f"finish it with neuro-bpdl train --resume {run.path}"
        )
