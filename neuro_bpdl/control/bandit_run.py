"""A bandit run: a `Bandit` per seed, saved after every pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from pydantic import Field

from neuro_bpdl.control.bandit import Bandit, BanditSpec
from neuro_bpdl.control.folder import CONFIG, MEND, Config, SeedRuns
from neuro_bpdl.data import Dataset, load
from neuro_bpdl.errors import BadFile, CheckpointError
from neuro_bpdl.files.arrays import DIGEST, read_arrays, write_arrays
from neuro_bpdl.files.records import record
from neuro_bpdl.spec.base import Spec

Told = Callable[[int, dict[str, Any]], Any]  # seed, what a pass adds


class BanditConfig(Config):
    """config.json."""

    kind: Literal["bandit"]
    spec: BanditSpec


class _Pass(Spec):
    number: int = Field(alias="pass")
    interactions: int
    rewarded: float
    silent: float
    test_accuracy: float


class _Header(Spec):
    format: Literal[1]
    kind: Literal["bandit"]
    spec: BanditSpec
    data: str
    passes: tuple[_Pass, ...]
    digest: str


class BanditRun(SeedRuns):
    """See `SeedRuns`."""

    kind, config_type, command = "bandit", BanditConfig, "neuro-bpdl bandit train DATA"

    @property
    def computed_by(self) -> str:
        """See `SeedRuns`."""
        return "eager fused fixed per-synapse"

    def agent(self, seed: int, data: Dataset) -> Bandit:
        """A seed's agent as it was saved, or a new one.

        Raises
        ------
        BadFile, CheckpointError
            Damaged, another run's, or other data.
        """
        agent, path = Bandit(self.spec_of(seed), data), self.file(seed)
        if not path.exists():
            return agent
        tensors, fields = read_arrays(path, MEND)
        if fields.get("kind") != "bandit" or DIGEST not in fields:
            raise BadFile(str(path), fields.get("kind"), "an agent of a bandit run", MEND)
        header = record(_Header, fields, f"{path}: header", MEND)
        if header.spec != self.spec_of(seed):
            raise BadFile(f"{path}: spec", header.spec, f"as in {CONFIG}", "the file belongs to another run")
        if header.data != data.sha256:
            raise CheckpointError(f"--data: got {data.name} (sha256 {data.sha256[:12]}), allowed: the data of the run "
                                  f"(sha256 {header.data[:12]}); restore the data or train again")  # fmt: skip
        for name, array in {**agent.tensors, "lost": agent.lost}.items():
            if name not in tensors or (tensors[name].shape, tensors[name].dtype) != (array.shape, array.dtype):
                raise BadFile(f"{path}: {name}", "missing or of another shape", f"{array.dtype} {array.shape}", MEND)
            array[...] = tensors[name]
        agent.passes = [line.model_dump(by_alias=True) for line in header.passes]
        return agent

    def train(self, told: Told | None = None) -> dict[str, Any]:
        """Train every seed to the end, from where it is; returns what result.json says."""
        spec = self.config.spec
        data = load(spec.data)
        runs = {}
        for seed in self.config.seeds:
            agent = self.agent(seed, data)
            while len(agent.passes) < spec.passes:
                line = agent.learn()
                self._save(seed, agent, data)
                if told is not None:
                    told(seed, line)
            runs[str(seed)] = agent.passes
        accuracies = [passes[-1]["test_accuracy"] for passes in runs.values()]
        return self.finish({
            "data": data.name, "backend": "eager", "arithmetic": "fixed", "rounding": "per-synapse",
            "teacher": spec.teacher, "hidden": spec.hidden, "seeds": list(self.config.seeds), "runs": runs,
            "test_accuracy": float(np.median(accuracies)),
        })  # fmt: skip

    def _save(self, seed: int, agent: Bandit, data: Dataset) -> None:
        header = {
            "format": 1, "kind": "bandit", "spec": agent.spec.model_dump(mode="json"), "data": data.sha256,
            "passes": agent.passes,
        }  # fmt: skip
        write_arrays(self.file(seed), {**agent.tensors, "lost": agent.lost}, header, self.require_mine)
