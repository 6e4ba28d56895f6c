"""The report's section on other engines and arithmetics beside the run's own."""

from __future__ import annotations

from collections.abc import Sequence

from neuro_bpdl.report.page import Section, note, table
from neuro_bpdl.training.evaluation import Evaluation

Named = tuple[str, Evaluation]


def engines_section(title: str, evaluations: Sequence[Named], remark: str) -> Section:
    """One row per evaluation: what computed it, both errors, the objective before and after inference."""
    rows = []
    for name, evaluation in evaluations:
        m, mean = evaluation.measurement, evaluation.baselines["mean_image_mse"]
        rows.append((
            name, str(evaluation.label), m.reconstruction_mse / mean, m.deep_reconstruction_mse / mean,
            f"{m.total[0]:.1f} to {m.total[-1]:.1f}", f"{m.latent[-1]:.1f}", m.images,
        ))  # fmt: skip
    head = (
        "weights", "computed by", "error from h₁", "from the top", "log p(x, h) over inference",
        "its latent term", "images",
    )  # fmt: skip
    return Section(title, table(rows, head) + note(f"Errors as shares of the mean image's. {remark}"))
