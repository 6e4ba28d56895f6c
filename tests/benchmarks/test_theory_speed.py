"""The floor of the theory engine has the products that a presentation makes, no more and no fewer."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.learning import present

FOLDER = Path(__file__).parents[2] / "benchmarks"


class Watched(np.ndarray):
    """An array that notes the products it is a factor of."""

    seen: ClassVar[Counter[tuple[tuple[int, ...], ...]]] = Counter()

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):  # type: ignore[no-untyped-def]
        bare = [np.asarray(one) for one in inputs]
        if ufunc is np.matmul:
            self.seen[tuple(one.shape for one in bare)] += 1
        out = {} if out is None else {"out": tuple(np.asarray(one) for one in out)}
        return getattr(ufunc, method)(*bare, **out, **options)


@pytest.mark.parametrize("sizes", [(12, 7), (12, 7, 5), (12, 9, 7, 5)])
def test_the_floor_has_exactly_the_products_of_a_presentation(sizes, monkeypatch):  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(FOLDER))
    theory_speed = __import__("theory_speed")
    monkeypatch.delitem(sys.modules, "theory_speed")
    params, x = initial_parameters(NetworkSpec.of(sizes), 0), np.random.default_rng(0).random((6, 12))
    found = Counter(
        (a.shape, b.shape) for a, b in theory_speed.products(params, [np.ones((6, n)) for n in sizes], steps=3)
    )
    Watched.seen.clear()
    params.F, params.G = ([one.view(Watched) for one in weights] for weights in (params.F, params.G))
    change = present(params, x, InferenceSpec(steps=3), PlasticitySpec(learning_rate=0.1), seed=0, presentation=0)
    learned = Counter(((post, 6), (6, pre)) for post, pre in (one.shape for one in (*change.F, *change.G)))
    assert found == Watched.seen + learned
