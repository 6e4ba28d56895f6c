"""A trained run, opened on an engine: what generation and inpainting start from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from neuro_bpdl.backends.factory import simulating
from neuro_bpdl.backends.protocol import Simulator
from neuro_bpdl.spec import EngineSpec
from neuro_bpdl.training.checkpoint import Checkpoint
from neuro_bpdl.training.run_dir import RunDir


@dataclass(frozen=True)
class Trained:
    """A checkpoint and a simulator that holds its weights."""

    checkpoint: Checkpoint
    simulator: Simulator


@contextmanager
def opened(run: RunDir, engine: EngineSpec | None = None) -> Iterator[Trained]:
    """The run's last checkpoint on ``engine`` (the run's own by default).

    Raises
    ------
    CheckpointError
        The checkpoint cannot be used.
    """
    spec, checkpoint = run.config.spec, run.checkpoint()
    with simulating(
        engine or spec.engine, checkpoint.params, spec.inference, spec.plasticity, seed=checkpoint.seed
    ) as simulator:
        yield Trained(checkpoint, simulator)
