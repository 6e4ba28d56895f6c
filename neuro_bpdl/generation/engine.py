"""A trained run, opened on an engine: what generation and inpainting start from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.spec import EngineSpec
from neuro_bpdl.training.checkpoint import Checkpoint
from neuro_bpdl.training.run_dir import RunDir


@dataclass(frozen=True)
class Opened:
    """A checkpoint and a simulator that holds its weights."""

    checkpoint: Checkpoint
    simulator: Simulator


@contextmanager
def opened(run: RunDir, engine: EngineSpec | None = None) -> Iterator[Opened]:
    """The run's last checkpoint on ``engine`` (the run's own by default).

    Raises
    ------
    CheckpointError
        The checkpoint cannot be used.
    """
    spec, checkpoint = run.config.spec, run.checkpoint()
    yield Opened(checkpoint, make_simulator(
        engine or spec.engine, checkpoint.params, spec.inference, spec.plasticity, seed=checkpoint.seed
    ))  # fmt: skip
