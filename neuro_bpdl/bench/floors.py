"""What the same work costs at least: BLAS for the products, memory for the weights' traffic."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from neuro_bpdl.description.operations import Op, Row, operations
from neuro_bpdl.description.program import Program

Shape = tuple[int, int]
Call = Callable[[], object]
Clock = Callable[[], float]
COPY_BYTES = 64 * 2**20


def products(program: Program) -> dict[Shape, int]:
    """How often each matrix (post, pre + 1) meets a payload in one presentation; LEARN's payload delivers nothing."""
    return Counter(_shapes(program, Op.SEND))


def updates(program: Program) -> dict[Shape, int]:
    """How often each matrix (post, pre + 1) learns in one presentation: S_pre · V̇, a product of two vectors."""
    return Counter(_shapes(program, Op.LEARN))


def blas_seconds(program: Program, repeats: int = 30, window: int = 1, clock: Clock = time.perf_counter) -> float:
    """Seconds per image of the same dense float32 matrix-vector products, by numpy: of the best ``window`` images."""
    rng = np.random.default_rng(0)
    work = [(_product(shape, rng), times) for shape, times in products(program).items()]
    return _per_image([call for call, times in work for _ in range(times)], repeats, window, clock)


def in_order_seconds(program: Program, repeats: int = 30, window: int = 1, clock: Clock = time.perf_counter) -> float:
    """`blas_seconds` of the products in the program's order.

    The same product again and again finds its matrix in the nearest cache. A
    network has another matrix between, and one that both do not fit into is
    read anew every time, by whoever makes the product.
    """
    rng = np.random.default_rng(0)
    work = {row.subject: _product(shape, rng) for row, shape in _rows(program, Op.SEND)}
    return _per_image([work[row.subject] for row, _ in _rows(program, Op.SEND)], repeats, window, clock)


def update_seconds(program: Program, repeats: int = 30, window: int = 1, clock: Clock = time.perf_counter) -> float:
    """Seconds per image of the same dense float32 weight changes W += V̇ S_preᵀ, by BLAS: as `blas_seconds`."""
    rng = np.random.default_rng(0)
    work = [(_update(shape, rng), times) for shape, times in updates(program).items()]
    return _per_image([call for call, times in work for _ in range(times)], repeats, window, clock)


def _rows(program: Program, op: Op) -> Iterator[tuple[Row, Shape]]:
    """Rows of an operation, each with the shape (post, pre + 1) of its matrix, in the program's order."""
    sizes = program.description.sizes
    for row in (row for step in operations(program) for row in step if row.op is op):
        projection = program.description.projections[row.subject]
        yield row, (sizes[projection.target], sizes[projection.source] + 1)


def _shapes(program: Program, op: Op) -> Iterator[Shape]:
    return (shape for _, shape in _rows(program, op))


def _product(shape: Shape, rng: np.random.Generator) -> Call:
    matrix, payload = rng.random(shape, dtype=np.float32), rng.random(shape[1], dtype=np.float32)
    return lambda: matrix @ payload


def _update(shape: Shape, rng: np.random.Generator) -> Call:
    from scipy.linalg.blas import sger

    matrix = rng.random(shape[::-1], dtype=np.float32).T
    swing, payload = (rng.random(n, dtype=np.float32) for n in shape)
    return lambda: sger(1e-6, swing, payload, a=matrix, overwrite_a=1)


def _per_image(work: list[Call], repeats: int, window: int, clock: Clock) -> float:
    def images() -> None:
        for _ in range(window):
            for call in work:
                call()

    return best(images, repeats, clock) / window


def memory_seconds(program: Program, bytes_per_weight: int) -> float:
    """Seconds per image to move every weight of the same products once, at the speed of a large copy."""
    source = np.ones(COPY_BYTES // 8)
    target = np.empty_like(source)
    seconds = best(lambda: np.copyto(target, source), 5)
    traffic = sum(post * pre * times for (post, pre), times in products(program).items()) * bytes_per_weight
    return traffic * seconds / (2 * COPY_BYTES)


def best(call: Call, repeats: int, clock: Clock = time.perf_counter) -> float:
    """The shortest of ``repeats`` calls, in seconds: what the machine can do when left alone."""
    times = []
    for _ in range(repeats):
        start = clock()
        call()
        times.append(clock() - start)
    return min(times)
