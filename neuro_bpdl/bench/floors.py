"""What the same work costs at least: BLAS for the products, memory for the weights' traffic."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from neuro_bpdl.description.operations import Op, operations
from neuro_bpdl.description.program import Program

COPY_BYTES = 64 * 2**20


def products(program: Program) -> dict[tuple[int, int], int]:
    """How often each matrix (post, pre + 1) meets a payload in one presentation; LEARN's payload delivers nothing."""
    sizes = program.description.sizes
    counted: dict[tuple[int, int], int] = {}
    for row in (row for step in operations(program) for row in step if row.op is Op.SEND):
        projection = program.description.projections[row.subject]
        shape = (sizes[projection.target], sizes[projection.source] + 1)
        counted[shape] = counted.get(shape, 0) + 1
    return counted


def blas_seconds(program: Program, repeats: int = 30, window: int = 1) -> float:
    """Seconds per image of the same dense float32 matrix-vector products, by numpy: of the best ``window`` images."""
    rng = np.random.default_rng(0)
    work = [
        (rng.random(shape, dtype=np.float32), rng.random(shape[1], dtype=np.float32), times)
        for shape, times in products(program).items()
    ]

    def images() -> None:
        for _ in range(window):
            for matrix, payload, times in work:
                for _ in range(times):
                    matrix @ payload

    return best(images, repeats) / window


def in_order_seconds(program: Program, repeats: int = 30, window: int = 1) -> float:
    """`blas_seconds` of the products in the program's order.

    The same product again and again finds its matrix in the nearest cache. A
    network has another matrix between, and one that both do not fit into is
    read anew every time, by whoever makes the product.
    """
    rng, sizes = np.random.default_rng(0), program.description.sizes
    shapes = [(sizes[one.target], sizes[one.source] + 1) for one in program.description.projections]
    work = [(rng.random(shape, dtype=np.float32), rng.random(shape[1], dtype=np.float32)) for shape in shapes]
    order = [work[row.subject] for step in operations(program) for row in step if row.op is Op.SEND]

    def images() -> None:
        for _ in range(window):
            for matrix, payload in order:
                matrix @ payload

    return best(images, repeats) / window


def updates(program: Program) -> dict[tuple[int, int], int]:
    """How often each matrix (post, pre + 1) learns in one presentation: S_pre · V̇, a product of two vectors."""
    sizes = program.description.sizes
    counted: dict[tuple[int, int], int] = {}
    for row in (row for step in operations(program) for row in step if row.op is Op.LEARN):
        projection = program.description.projections[row.subject]
        shape = (sizes[projection.target], sizes[projection.source] + 1)
        counted[shape] = counted.get(shape, 0) + 1
    return counted


def update_seconds(program: Program, repeats: int = 30, window: int = 1) -> float:
    """Seconds per image of the same dense float32 weight changes W += V̇ S_preᵀ, by BLAS: as `blas_seconds`."""
    from scipy.linalg.blas import sger

    rng = np.random.default_rng(0)
    work = [
        (rng.random((pre, post), dtype=np.float32).T, rng.random(post, dtype=np.float32),
         rng.random(pre, dtype=np.float32), times)
        for (post, pre), times in updates(program).items()
    ]  # fmt: skip

    def images() -> None:
        for _ in range(window):
            for matrix, swing, payload, times in work:
                for _ in range(times):
                    sger(1e-6, swing, payload, a=matrix, overwrite_a=1)

    return best(images, repeats) / window


def memory_seconds(program: Program, bytes_per_weight: int) -> float:
    """Seconds per image to move every weight of the same products once, at the speed of a large copy."""
    source = np.ones(COPY_BYTES // 8)
    target = np.empty_like(source)
    seconds = best(lambda: np.copyto(target, source), 5)
    traffic = sum(post * pre * times for (post, pre), times in products(program).items()) * bytes_per_weight
    return traffic * seconds / (2 * COPY_BYTES)


def best(call: Callable[[], None], repeats: int) -> float:
    """The shortest of ``repeats`` calls, in seconds: what the machine can do when left alone."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)
