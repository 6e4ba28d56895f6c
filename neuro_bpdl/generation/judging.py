"""How good a run's samples are: the Parzen protocol and a classifier, beside real images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neuro_bpdl.data import Dataset
from neuro_bpdl.engines.protocol import Label
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.generation.quality import Judge
from neuro_bpdl.generation.samples import generate
from neuro_bpdl.spec import EngineSpec
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.split import validation_images

SIGMA_IMAGES = 1000  # validation images that choose the width of the windows
REAL = "real training images"


@dataclass(frozen=True)
class Judged:
    """Measures of samples (`generation.quality.Judge.score`), a dict for each way to draw them.

    Attributes
    ----------
    rows : dict
        "directed", "GENERATE" and `REAL`.
    samples : int
        Of each.
    """

    rows: dict[str, dict[str, Any]]
    samples: int
    rounds: int
    test_images: int
    label: Label
    data: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "samples": self.samples, "rounds": self.rounds, "test_images": self.test_images, "rows": self.rows,
            **self.label.to_dict(), "data": self.data,
        }  # fmt: skip


def judge(run: RunDir, dataset: Dataset, n: int, *, engine: EngineSpec | None = None) -> Judged:
    """Draw ``n`` images, directed and by GENERATE, and judge them beside ``n`` real ones.

    Parameters
    ----------
    dataset : Dataset
        All of what the run has learned, validation images included.
    engine : EngineSpec, optional
        What draws; the run's own by default.

    Raises
    ------
    InvalidInput
        The run kept no validation images, by which the width of the windows
        is chosen; the data have no labels or no test images; or ``n`` is out
        of range.
    CheckpointError
        Training has not ended.
    """
    training = run.config.spec.training
    if training.validation < 2:
        raise InvalidInput(
            "--samples", n, "a run that kept validation images, which choose the width of Parzen windows",
            "train with --validation N",
        )  # fmt: skip
    part = run.matching(dataset)
    if not 20 <= n <= len(part.train_rows):
        raise InvalidInput("--samples", n, f"a whole number from 20 to the {len(part.train_rows)} training images")
    samples = generate(run, n, engine=engine)
    measured = judge_of(run, dataset)
    chosen = np.random.default_rng(training.seed).permutation(len(part.train_rows))[:n]
    sets = {
        "directed": samples.directed.reshape(n, -1), "GENERATE": samples.generated.reshape(n, -1),
        REAL: part.train_rows[chosen],
    }  # fmt: skip
    rows = {name: measured.score(np.asarray(images, np.float32)) for name, images in sets.items()}
    return Judged(rows, n, samples.rounds, len(dataset.test), samples.label, run.config.data.name)


def judge_of(run: RunDir, dataset: Dataset) -> Judge:
    """What a run's images are judged by: a classifier of its training images, windows by its validation images.

    Raises
    ------
    InvalidInput
        The data have no labels.
    """
    part, training = run.matching(dataset), run.config.spec.training
    windows = validation_images(dataset, training)[:SIGMA_IMAGES]
    return Judge(part.x_train, part.labels("train"), windows, dataset.test, training.seed)
