"""Which experiments there are, and running them so that nothing finished is done twice."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import Dataset, load
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.experiments.networks import Say, Trained, trained
from neuro_bpdl.experiments.settings import Plan, Settings, digest
from neuro_bpdl.training.checkpoint import write_atomically
from neuro_bpdl.training.provenance import commit, versions

EXPERIMENTS: dict[str, str] = {
    "fig1": "STDP window of S_pre * dV_post/dt, from spikes",
    "fig2": "angle between Eq 12 and the true gradient, before, during and after training",
    "fig3": "samples, directed and after GENERATE",
    "fig4": "log p(x, h) over inference steps, both terms",
    "fig5": "inpainting",
    "parzen": "Parzen log-likelihood and other measures, with controls",
    "labels": "labels: three rules for feedback, angle to the gradient, accuracy of the recipes",
    "samplers": "samplers: quality and mixing",
    "reward": "agents over seeds beside their baselines, and labels from rewards alone",
}
RESULT, PICTURE = "result.json", "figure.png"


@dataclass
class Bench:
    """What experiments share: settings, data, trained networks, and where to write."""

    settings: Settings
    out: Path
    say: Say = print
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def dataset(self) -> Dataset:
        """All of the data set."""
        if "dataset" not in self._cache:
            self._cache["dataset"] = load(self.settings.data)
        dataset: Dataset = self._cache["dataset"]
        return dataset

    @property
    def training_set(self) -> Dataset:
        """The data without the validation images."""
        return self.dataset.limit(len(self.dataset.train_rows) - self.settings.validation)

    @property
    def validation(self) -> NDArray[np.float32]:
        """Images for σ, kept out of training."""
        start = len(self.dataset.train_rows) - self.settings.validation
        return self.dataset.train_rows[start : start + self.settings.sigma_images]

    @property
    def test(self) -> NDArray[np.float32]:
        """Test images."""
        return self.dataset.test[: self.settings.test_images]

    def network(self, plan: Plan) -> Trained:
        """The trained network of a plan."""
        key = digest(plan.model_dump(mode="json"))
        if key not in self._cache:
            self._cache[key] = trained(plan, self.dataset, self.out / "networks", self.say)
        network: Trained = self._cache[key]
        return network


def run_experiment(name: str, settings: Settings, out: Path, *, say: Say = print, again: bool = False,
                   bench: Bench | None = None) -> dict[str, Any]:  # fmt: skip
    """Run one experiment into ``out/name``, or read its result when the same settings have been run before.

    Raises
    ------
    InvalidInput
        No such experiment.
    """
    if name not in EXPERIMENTS:
        raise InvalidInput("experiment", name, ", ".join([*EXPERIMENTS, "all"]))
    folder = out / name
    finished = _finished(folder, settings)
    if finished is not None and not again:
        say(f"{name}: done before with these settings, {folder / RESULT}")
        return finished
    folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    run: Callable[[Bench, Path], dict[str, Any]] = importlib.import_module(f"neuro_bpdl.experiments.{name}").run
    measured = run(bench or Bench(settings, out, say), folder)
    result = {
        "experiment": name, "about": EXPERIMENTS[name], "settings": settings.digest(),
        "data": settings.data, "seeds": list(settings.seeds), "commit": commit(), "versions": versions(),
        "seconds": round(time.perf_counter() - began, 1), "result": measured,
    }  # fmt: skip
    write_atomically(folder / RESULT, (json.dumps(result, indent=1) + "\n").encode())
    say(f"{name}: {result['seconds']} s, {folder / RESULT}")
    return result


def run_all(
    names: list[str], settings: Settings, out: Path, *, say: Say = print, again: bool = False
) -> list[dict[str, Any]]:
    """Several experiments with one bench, so that data and networks are loaded once."""
    bench = Bench(settings, out, say)
    return [run_experiment(name, settings, out, say=say, again=again, bench=bench) for name in names]


def _finished(folder: Path, settings: Settings) -> dict[str, Any] | None:
    path = folder / RESULT
    try:
        result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return result if result.get("settings") == settings.digest() and (folder / PICTURE).exists() else None
