"""What works on this machine and what to do about the rest: every check tries the thing itself."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from neuro_bpdl.errors import MissingDependency, NeuroBpdlError

PYTHONS = ((3, 10), (3, 13))
SHARED_MEMORY = Path("/dev/shm")
ENOUGH = 64 * 2**20  # bytes of shared memory
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Finding:
    """One check.

    Attributes
    ----------
    state : "works", "missing" or "broken"
        "missing" is an extra, or something that costs time only; what is "broken" fails when it is used.
    said : str
        What was found.
    mend : str
        What to do; empty where nothing need be done.
    """

    name: str
    state: Literal["works", "missing", "broken"]
    said: str
    mend: str = ""


def examine() -> Iterator[Finding]:
    """Every finding, as soon as it is made."""
    for check in (_python, _processors, _threads, _shared_memory, _compiled, _data):
        yield _tried(check.__name__.strip("_").replace("_", " "), check)
    for backend in ("theory", "eager", "lava", "nengo"):
        yield _tried(backend, lambda backend=backend: _engine(backend))  # type: ignore[misc]


def _tried(name: str, check: Callable[[], Finding]) -> Finding:
    """A check that fails is a finding as well."""
    try:
        return check()
    except MissingDependency as error:
        said, _, mend = str(error).partition("; ")
        return Finding(name, "missing", said, mend)
    except (NeuroBpdlError, OSError, ValueError, RuntimeError, ImportError, MemoryError) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        return Finding(name, "broken", said, "the line says what failed; if it is no help, report it with this output")


def _python() -> Finding:
    said = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}"
    if PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        return Finding("python", "works", said)
    known = " to ".join(".".join(map(str, version)) for version in PYTHONS)
    return Finding("python", "broken", said, f"neuro-bpdl is tested on Python {known}: use one of these")


def _processors() -> Finding:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    load = os.getloadavg()[0]
    said = f"{usable} usable, load {load:.1f}"
    if load <= usable:
        return Finding("processors", "works", said)
    return Finding("processors", "works", said, "other programs are busy: expect longer times, and no speeds to quote")


def _threads() -> Finding:
    given = {name: os.environ.get(name) for name in THREADS}
    said = ", ".join(f"{name}={value or 'not set'}" for name, value in given.items())
    if set(given.values()) == {"1"}:
        return Finding("threads", "works", said)
    wanted = " ".join(f"{name}=1" for name in THREADS)
    return Finding("threads", "works", said, f"one BLAS thread a process is fastest: export {wanted}")


def _shared_memory() -> Finding:
    name = "shared memory"
    if not SHARED_MEMORY.is_dir():
        return Finding(name, "works", f"no {SHARED_MEMORY}, and none is needed: Lava's channels have no names here")
    with tempfile.NamedTemporaryFile(dir=SHARED_MEMORY) as file:
        file.write(b"tried")
    free = shutil.disk_usage(SHARED_MEMORY).free
    said = f"{SHARED_MEMORY} can be written, {free / 2**20:.0f} MiB free"
    if free >= ENOUGH:
        return Finding(name, "works", said)
    return Finding(name, "missing", said, "multiprocessing's semaphores need some: free it, or docker --shm-size=64m")


def _compiled() -> Finding:
    from neuro_bpdl.kernels.fixed.compiled import present
    from neuro_bpdl.kernels.fixed.warm_up import warm_up as warm_up_fixed
    from neuro_bpdl.kernels.float.warm_up import warm_up as warm_up_float

    seconds, held = warm_up_fixed() + warm_up_float() + warm_up_float("float32"), getattr(present, "_cache", None)
    place = getattr(held, "cache_path", None)
    if place is None or not os.access(place, os.W_OK):
        return Finding("compiled", "missing", f"loops ready in {seconds:.1f} s, and kept nowhere",
                       "set NUMBA_CACHE_DIR to a folder that can be written")
    return Finding("compiled", "works", f"loops ready in {seconds:.1f} s, kept in {place}")


def _data() -> Finding:
    from neuro_bpdl.data import load
    from neuro_bpdl.data.mnist import FILE_NAME, local_files

    mini = len(load("mnist-mini").train_rows)
    found = [path for _, path in local_files() if path.exists()]
    if found:
        return Finding("data", "works", f"mnist-mini: {mini} images in the package; mnist: {found[0]}")
    return Finding("data", "missing", f"mnist-mini: {mini} images in the package; mnist: in none of "
                   + ", ".join(str(path) for _, path in local_files()),
                   f"it is fetched at its first use; without a network put {FILE_NAME} in a folder and set "
                   "NEURO_BPDL_DATA_DIR to it")


def _engine(backend: str) -> Finding:
    """Learn and infer one image on a 6-4-3 network."""
    import numpy as np

    from neuro_bpdl.engines.registry import make_simulator
    from neuro_bpdl.parameters import initial_parameters
    from neuro_bpdl.spec import ENGINES, EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

    arithmetics = ENGINES[backend].arithmetics
    for arithmetic in arithmetics:
        engine = EngineSpec(backend=backend, arithmetic=arithmetic)  # type: ignore[arg-type]
        params = initial_parameters(NetworkSpec.of((6, 4, 3)), 0)
        simulator = make_simulator(engine, params, InferenceSpec(steps=2), PlasticitySpec(learning_rate=0.02))
        simulator.learn(np.full((1, 6), 0.5), np.zeros(1, dtype=np.int64), 0)
        simulator.infer(np.full((1, 6), 0.5))
    return Finding(backend, "works", f"learned and inferred an image in {' and '.join(arithmetics)}")
