"""Missing pixels filled in: the known ones clamped, the rest inferred (fig 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import Dataset, missing_mask
from neuro_bpdl.data.masks import MaskKind
from neuro_bpdl.engines.ground import as_seen
from neuro_bpdl.engines.protocol import Label
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.generation.chains import CHAINED, DRAWS, fill
from neuro_bpdl.generation.engine import Opened, opened
from neuro_bpdl.generation.prior import STARTS, Starts, codes, draw_top
from neuro_bpdl.generation.told import Hint, Hinted, hints
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec
from neuro_bpdl.theory.maps import f, feedback_pass, feedforward_pass, g
from neuro_bpdl.training.evaluation import first_images, training_images
from neuro_bpdl.training.measure import chunks
from neuro_bpdl.training.run_dir import RunDir, require_pixels

Array = NDArray[Any]
# Measured on 200 test images of mnist-mini (784-200-64, 10 epochs): missing-pixel error against steps and δ.
# δ = 0.1 takes 60 steps to come to where δ = 0.3 is after 30; δ = 1 oscillates. α = 0.03 helps when a
# whole half is missing (0.0539 against 0.0550 with 0.001) and costs nothing otherwise.
STEPS, DELTA, ALPHA = 30, 0.3, 0.03
MAX_CHAINS, CHAIN_ROWS = 1000, 250  # images whose chains are held at once: bounds memory


@dataclass(repr=False)
class Inpainting:
    """Filled images, the way there, and what they have to beat.

    Attributes
    ----------
    original, masked, inpainted : (M, n_0)
        ``masked`` holds the mean training image at the missing pixels.
    missing : (M, n_0) bool
    path : list of (few, n_0)
        The first images at the start, after every step, and at the end; with
        several chains the start and the end alone.
    missing_pixel_mse, mean_image_mse, one_pass_mse, one_pass_deep_mse : float
        Mean squared error over missing pixels: inpainted; the mean image; up
        and down once from the same start, through h_1 and through the top.
    spread : (M, n_0) or None
        With several chains their standard deviation at every pixel (`generation.chains`).
    hint : int, "own" or None
        The label that was told besides.
    """

    original: Array
    masked: Array
    inpainted: Array
    missing: NDArray[np.bool_]
    path: list[Array]
    missing_pixel_mse: float
    mean_image_mse: float
    one_pass_mse: float
    one_pass_deep_mse: float
    fraction: float
    kind: str
    inference: InferenceSpec
    label: Label
    data: str
    chains: int = 1
    prior: Starts | None = None
    spread: Array | None = None
    hint: Hint | None = None

    def __repr__(self) -> str:
        share = self.missing_pixel_mse / self.mean_image_mse
        return f"<Inpainting: {len(self.original)} images, error {share:.3f} (mean image 1), {self.label}, {self.data}>"

    def arrays(self, image_shape: tuple[int, ...]) -> dict[str, Array]:
        """What inpaint.npz holds, as images."""
        named = {
            "original": self.original, "masked": self.masked, "inpainted": self.inpainted, "missing": self.missing
        }  # fmt: skip
        if self.spread is not None:
            named["spread"] = self.spread
        return {name: array.reshape(-1, *image_shape) for name, array in named.items()}

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "missing_pixel_mse": self.missing_pixel_mse,
            "mean_image_mse": self.mean_image_mse,
            "one_pass_mse": self.one_pass_mse,
            "one_pass_deep_mse": self.one_pass_deep_mse,
            "missing": self.fraction,
            "kind": self.kind,
            "images": len(self.original),
            "chains": self.chains,
            "prior": self.prior,
            **({} if self.hint is None else {"label": self.hint}),
            "inference": self.inference.model_dump(),
            **self.label.to_dict(),
            "data": self.data,
        }


def inpaint(
    run: RunDir,
    dataset: Dataset,
    fraction: float = 0.5,
    *,
    kind: MaskKind = "random",
    limit: int | None = None,
    seed: int | None = None,
    inference: InferenceSpec | None = None,
    engine: EngineSpec | None = None,
    chains: int = 1,
    prior: Starts = "mixture",
    label: Hint | None = None,
    shown: int = 16,
    progress: Callable[[int], None] | None = None,
) -> Inpainting:
    """Hide pixels of the test images of ``dataset`` and let the network fill them in.

    Parameters
    ----------
    fraction : float
        Share of the pixels that is hidden.
    kind : "random", "left", "right", "top" or "bottom"
        Which pixels.
    limit : int, optional
        The first ``limit`` test images only.
    seed : int, optional
        Selects the hidden pixels; the run's seed by default.
    inference : InferenceSpec, optional
        `inpainting_inference` of the run by default.
    chains : int
        1 starts at the mean image. More start at draws of the prior that fit the known pixels
        (`generation.chains`).
    prior : "mixture", "gaussian" or "codes"
        What several chains draw from; codes are those of the images that were learned, at most `chains.DRAWS`
        of them (`generation.prior`).
    label : int or "own", optional
        Told besides the known pixels: one label for all images, or each image's own.
    shown : int
        Images whose way is kept in ``path``.

    Raises
    ------
    InvalidInput
        The fraction, the kind, the images' size, ``limit`` or ``label`` cannot be used.
    CheckpointError
        The checkpoint cannot be used.
    """
    require_pixels(run, dataset)
    if not 1 <= chains <= MAX_CHAINS:
        raise InvalidInput("--chains", chains, f"a whole number from 1 to {MAX_CHAINS}")
    if prior not in STARTS:
        raise InvalidInput("--prior", prior, " or ".join(STARTS))
    x = first_images(dataset.test, limit)
    seed = run.config.spec.training.seed if seed is None else seed
    missing = missing_mask(kind, fraction, dataset.image_shape, len(x), seed)
    inference = inference or inpainting_inference(run.config.spec.inference, chains)
    told = hints(run, dataset, len(x), label)
    with opened(run, engine) as trained:
        mean = trained.checkpoint.mean_image
        start = np.where(missing, mean, x)
        if chains == 1:
            filled, path = _one_chain(trained, start, missing, told, inference, shown, progress)
            several: dict[str, Any] = {}
        else:
            images = training_images(run, run.dataset() if dataset.sha256 != run.config.data.sha256 else dataset)
            if prior == "codes" and chains > len(images):
                raise InvalidInput("--chains", chains, f"at most {len(images)}, as many as there are codes")
            bank = _bank(prior, trained, images, run.config.spec.inference, inference, seed)
            filled, spread = _several(trained, start, missing, told, bank, inference, chains, progress)
            path, several = [start[:shown], filled[:shown]], {"chains": chains, "prior": prior, "spread": spread}
        params, by = trained.simulator.parameters().images, trained.simulator.label
    errors = _errors(params, x, missing, filled, start)
    return Inpainting(
        x, start, filled, missing, path, *errors, fraction, kind, inference, by, dataset.name, **several, hint=label
    )


def inpainting_inference(inference: InferenceSpec, chains: int = 1) -> InferenceSpec:
    """Training's inference with as many and as large steps as filling in takes."""
    one = {"steps": STEPS, "delta": DELTA, "alpha": ALPHA}
    return inference.model_copy(update=one if chains == 1 else CHAINED)


def _one_chain(
    trained: Opened, start: Array, missing: NDArray[np.bool_], told: Array | None, inference: InferenceSpec, shown: int,
    progress: Callable[[int], None] | None,
) -> tuple[Array, list[Array]]:  # fmt: skip
    filled = np.empty(start.shape)
    path: list[Array] = []
    for rows in chunks(len(start)):
        images = _telling(trained, told, rows).inpaint(start[rows], missing[rows], inference)
        filled[rows] = images[-1]
        path = path or [image[:shown].copy() for image in images]
        if progress is not None:
            progress(rows.stop)
    return filled, path


def _telling(trained: Opened, told: Array | None, rows: slice) -> Any:
    """The run's simulator; where images have a hint, one that tells them."""
    if told is None:
        return trained.simulator
    return Hinted(trained.simulator, told[rows], trained.checkpoint.params.network.sizes[-1])


def _bank(
    prior: Starts, trained: Opened, images: Array, learned: InferenceSpec, inference: InferenceSpec, seed: int
) -> Array:
    """(draws, n_0) draws of the prior, or codes, mapped down by the engine."""
    if prior == "codes":
        top = codes(trained.simulator, images[:DRAWS], learned)
    else:
        top = draw_top(prior, DRAWS, trained, images, learned, stream(seed, Stream.TOP_SAMPLE))
    return np.concatenate(
        [trained.simulator.generate(top[rows], inference, rounds=0)[0].astype(np.float32) for rows in chunks(len(top))]
    )


def _several(
    trained: Opened, start: Array, missing: NDArray[np.bool_], told: Array | None, bank: Array,
    inference: InferenceSpec, count: int, progress: Callable[[int], None] | None,
) -> tuple[Array, Array]:  # fmt: skip
    filled, spread = np.empty(start.shape), np.empty(start.shape)
    for rows in chunks(len(start), CHAIN_ROWS):
        found = fill(_telling(trained, told, rows), start[rows], missing[rows], bank, inference, count)
        filled[rows], spread[rows] = found.filled, found.spread
        if progress is not None:
            progress(rows.stop)
    return filled, spread


def _errors(
    params: Parameters, x: Array, missing: NDArray[np.bool_], filled: Array, start: Array
) -> tuple[float, float, float, float]:
    """Mean squared error over missing pixels: filled, start (the mean image), one pass, one deep pass."""
    ground = params.network.ground
    seen = as_seen(start, ground)
    shallow = as_seen(g(params, 1, f(params, 1, seen)), ground)
    deep = as_seen(feedback_pass(params, params.network.depth, feedforward_pass(params, seen)[-1]), ground)
    square = [float(((estimate - x)[missing] ** 2).mean()) for estimate in (filled, start, shallow, deep)]
    return square[0], square[1], square[2], square[3]
