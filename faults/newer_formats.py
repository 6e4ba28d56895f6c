"""Files of runs with labels, of control runs and of sweeps, to be mutated as those of `fuzz`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from faults.fuzz import ODD_JSON, ODD_TOML, Format, as_written, read_checkpoint
from neuro_bpdl.control.run_dir import ControlRun
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.workflows.sweep.spec import SweepSpec


def newer_formats(folder: Path, labels: Path, control: Path, sweep: Path) -> list[Format]:
    """In copies below ``folder``."""
    labelled = Path(shutil.copytree(labels, folder / "labels"))
    agents = Path(shutil.copytree(control, folder / "control"))
    jobs = Path(shutil.copy(sweep, folder / "sweep.toml"))
    agent = next(agents.glob("agent-*"))
    return [
        Format("labels' checkpoint", labelled / "checkpoint.safetensors", lambda _: read_checkpoint(labelled)),
        Format("labels' config.json", labelled / "config.json", lambda _: _labelled(labelled), ODD_JSON),
        Format("agent", agent, lambda _: _agent(agents)),
        Format("agent's config.json", agents / "config.json", lambda _: _agent(agents), ODD_JSON),
        Format("sweep", jobs, lambda content: as_written(content, SweepSpec.from_toml(jobs), _sweep_says), ODD_TOML),
    ]


def _labelled(run: Path) -> object:
    return RunDir.open(run).config.to_json()


def _agent(run: Path) -> object:
    opened = ControlRun.open(run)
    agents = [opened.agent(seed) for seed in opened.config.seeds]
    tensors = [{name: array.tobytes() for name, array in agent.kernel.tensors.items()} for agent in agents]
    return opened.config.model_dump_json(), tensors, [agent.returns for agent in agents]


def _sweep_says(sweep: SweepSpec, table: dict[str, Any]) -> bool:
    """All jobs can be made, and the fields are what the file says."""
    fields = sweep.model_dump()
    return bool(sweep.jobs) and all(_same(fields[name], value) for name, value in table.items())


def _same(found: Any, said: Any) -> bool:
    if isinstance(said, dict):
        return isinstance(found, dict) and all(_same(found[name], value) for name, value in said.items())
    if isinstance(said, list):
        return len(found) == len(said) and all(map(_same, found, said))
    return isinstance(found, bool) == isinstance(said, bool) and bool(found == said)
