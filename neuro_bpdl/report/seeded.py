"""What the reports of runs over several seeds share: control's and the bandit's."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.control.folder import SeedRuns
from neuro_bpdl.errors import CheckpointError
from neuro_bpdl.files.folders import quoted
from neuro_bpdl.files.toml_file import toml_text
from neuro_bpdl.plotting.charts import Curve
from neuro_bpdl.report.page import Section, table


def cut(run: SeedRuns, seed: int) -> CheckpointError:
    """What is said where a seed has not come to its end."""
    return CheckpointError(f"{run.file(seed)}: missing, the training was cut; go on with "
                           f"neuro-bpdl {run.kind} train --resume {quoted(run.path)}")  # fmt: skip


def median_curve(name: str, x: list[int], lines: NDArray[Any]) -> Curve:
    """The median of lines (seeds, points), and a band from the lowest to the highest where there are several."""
    band = {"low": lines.min(axis=0).tolist(), "high": lines.max(axis=0).tolist()} if len(lines) > 1 else {}
    return Curve(name, x, np.median(lines, axis=0).tolist(), **band)


def what_was_run(run: SeedRuns) -> Section:
    """Seeds, versions and settings."""
    config = run.config
    text = toml_text(config.spec.model_dump(mode="json", exclude_none=True))
    rows = [("Seeds", ", ".join(map(str, config.seeds))), ("Computed by", run.computed_by),
            ("Commit", str(config.commit)), *config.versions.items(),
            ("Hardware", "computed on a CPU; not run on a chip")]  # fmt: skip
    return Section("What was run", f"{table(rows)}<pre>{escape(text)}</pre>")
