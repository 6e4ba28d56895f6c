"""Who computes: a local Dask cluster for as long as the sweep takes, or one that is running."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from neuro_bpdl.errors import InvalidInput, MissingDependency, SimulationError

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

CONNECTING_SECONDS = 10
SETTINGS = {
    # Lava starts processes of its own, which a daemon may not
    "distributed.worker.daemon": False,
    # a worker that was killed takes nothing with it: its run goes on from the last checkpoint
    "distributed.scheduler.allowed-failures": 1000,
}


@contextmanager
def connected(scheduler: str | None = None, workers: int | None = None) -> Iterator[Client]:
    """A client of the scheduler at that address, or of a new cluster on this machine.

    Parameters
    ----------
    scheduler : str, optional
        "tcp://host:8786".
    workers : int, optional
        Processes of the local cluster; one for each core unless given.

    Raises
    ------
    MissingDependency
        Dask is not installed.
    InvalidInput
        No scheduler there, or one of another version.
    SimulationError
        The workers of the local cluster did not start.
    """
    try:
        import dask.config
        from distributed import Client, LocalCluster
    except ImportError:
        raise MissingDependency("sweep: needs Dask; pip install 'neuro-bpdl[dask]'") from None
    if scheduler is not None:
        with _client(Client, scheduler) as client:
            yield client
        return
    workers = workers or len(os.sched_getaffinity(0))
    with (
        tempfile.TemporaryDirectory(prefix="neuro-bpdl-sweep-") as scratch,
        dask.config.set({**SETTINGS, "temporary-directory": scratch}),
        _started(LocalCluster, workers, scratch) as cluster,
        Client(cluster) as client,
    ):
        yield client


def _started(kind: type[LocalCluster], workers: int, scratch: str) -> LocalCluster:
    try:
        return kind(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0",
            local_directory=scratch, silence_logs="CRITICAL",
        )  # fmt: skip
    except (RuntimeError, TimeoutError) as error:
        said = " ".join(str(error).split())
        raise SimulationError(
            f"sweep: the workers on this machine did not start ({said}); give fewer --workers, and in a script start "
            'the sweep below if __name__ == "__main__", because workers import the script'
        ) from None


@contextmanager
def _client(kind: type[Client], address: str) -> Iterator[Client]:
    example = "give one such as tcp://host:8786, or leave --scheduler out for this machine"
    try:
        client = kind(address, timeout=CONNECTING_SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        said = " ".join(str(error).split())
        allowed = f"the address of a running Dask scheduler ({said})"
        raise InvalidInput("--scheduler", address, allowed, example) from None
    with client:
        try:
            client.get_versions(check=True)
        except ValueError as error:
            said = " ".join(str(error).split())
            raise InvalidInput("--scheduler", address, f"a scheduler and workers with the versions here ({said})",
                               "install the same everywhere") from None  # fmt: skip
        yield client
