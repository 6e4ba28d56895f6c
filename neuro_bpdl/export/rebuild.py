"""The composed Lava network from an exported folder alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.ground import as_seen
from neuro_bpdl.engines.lava.availability import require_lava
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.export.chip import ChipExport, load_export
from neuro_bpdl.export.settings import COMPOSED_BATCH
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.parameters import Parameters

Array = NDArray[Any]
STALL_LIMIT = 120.0


@dataclass(frozen=True)
class LavaNetwork:
    """A network ready for ``run`` on Lava's simulator, or for a RunConfig of one's own.

    Attributes
    ----------
    network, source : Lava processes
        Wired to each other; compile either.
    mailbox : Mailbox
        Where weights, variances and progress appear.
    time_steps : int
        For all images.
    """

    export: ChipExport
    kernel: NetworkKernel
    network: Any
    source: Any
    mailbox: Any
    time_steps: int

    @property
    def run_config(self) -> Any:
        """The simulator's: composed models in the exported arithmetic."""
        from neuro_bpdl.engines.lava.run_config import select

        return select("composed", self.export.settings.arithmetic)

    def run(self, run_config: Any = None) -> Parameters:
        """Present all images, learning; returns what was learned.

        Parameters
        ----------
        run_config : Lava RunConfig, optional
            `run_config` unless given; for a chip, see
            `neuro_bpdl.engines.lava.chip.chip_run_config`.

        Raises
        ------
        SimulationError
            A process failed or nothing moves.
        """
        from neuro_bpdl.engines.lava.supervisor import LavaRun

        progress = self.mailbox.progress.array
        config = self.run_config if run_config is None else run_config
        with LavaRun(self.network, config, timeout=STALL_LIMIT, heartbeat=lambda: int(progress[0])) as run:
            run.steps(self.time_steps)
        self.kernel.adopt(self.mailbox.weights, self.mailbox.variance.array)
        return self.kernel.to_parameters(self.export.params)


def build_lava(
    source: str | Path | ChipExport, images: Array, order: NDArray[np.int64] | None = None
) -> LavaNetwork:
    """Layers, plastic projections and an image source, as `export_chip` wrote them.

    The network goes on where the run stopped: the number of the next image
    selects its noise and, in fixed point, the draws that round.

    Parameters
    ----------
    source : an exported folder, or what `load_export` gave
    images : (N, n_0) in [0, 1]
        With labels, rows of `data.classes.labelled_rows`.
    order : (M,) indices, optional
        Which images, in which order; all of them in theirs unless given.

    Raises
    ------
    CheckpointError
        As `load_export`.
    InvalidInput
        Images of another size, out of range, or none.
    MissingDependency
        Lava is not installed.
    """
    require_lava()
    from neuro_bpdl.engines.lava.mailbox import Mailbox
    from neuro_bpdl.engines.lava.sources import connect_sources
    from neuro_bpdl.processes.network.process import Network

    export = source if isinstance(source, ChipExport) else load_export(source)
    settings, program = export.settings, export.settings.program
    sequence = _checked_order(images, order, program.feed_size)
    kernel = settings.kernel(export.params)
    mailbox = Mailbox.of(kernel, len(sequence))
    seen = as_seen(images, settings.network.ground)
    network = Network(
        params=export.params, inference=settings.inference, plasticity=settings.plasticity, engine=settings.engine,
        program=program, mailbox=mailbox, batch=COMPOSED_BATCH, seed=settings.seed, first=settings.presentation,
    )  # fmt: skip
    sources = connect_sources(network, kernel, seen, sequence, COMPOSED_BATCH)
    return LavaNetwork(export, kernel, network, sources[0], mailbox, len(sequence) * len(program))


def _checked_order(images: Array, order: NDArray[np.int64] | None, pixels: int) -> NDArray[np.int64]:
    if images.ndim != 2 or images.shape[1] != pixels or not len(images):
        raise InvalidInput("images", images.shape, f"(N, {pixels}) with N of 1 or more", "as in training")
    if not (np.isfinite(images).all() and images.min() >= 0 and images.max() <= 1):
        raise InvalidInput("images", f"{images.min()} to {images.max()}", "values in [0, 1]", "scale them")
    sequence = np.arange(len(images)) if order is None else np.asarray(order)
    inside = sequence.ndim == 1 and len(sequence) and sequence.min() >= 0 and sequence.max() < len(images)
    if not inside:
        raise InvalidInput("order", sequence.shape, f"one or more indices from 0 to {len(images) - 1}")
    return sequence
