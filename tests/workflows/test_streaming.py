"""An endless feed, learned online: the same on eager and on Lava, and the same as the pictures given at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from neuro_bpdl.data import load
from neuro_bpdl.data.events.saccades import PRESENTATION_US, saccades
from neuro_bpdl.data.events.stream import windows
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.workflows.streaming import learn_stream

START = initial_parameters(NetworkSpec.of((64, 12)), 0)
TAKEN = 30


def endless() -> Iterator[Any]:
    """Windows of digits that pass before the camera for ever."""
    pictures = load("digits").x_train.reshape(-1, 8, 8)
    return windows(saccades(itertools.cycle(pictures)), PRESENTATION_US)


def learned(engine: EngineSpec, feed: Any, block: int, batch: int = 1) -> Parameters:
    plasticity = PlasticitySpec(learning_rate=0.02)
    simulator = make_simulator(engine, START, InferenceSpec(steps=3), plasticity, batch=batch)
    for count in learn_stream(simulator, feed, batch=batch, block=block):
        if count >= TAKEN:
            break
    return simulator.parameters()


def equal(a: Parameters, b: Parameters) -> bool:
    return all(np.array_equal(x, y) for x, y in zip((*a.F, *a.G, *a.b, *a.c), (*b.F, *b.G, *b.b, *b.c), strict=True))


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_eager_learns_an_endless_feed_as_it_learns_the_same_pictures(arithmetic: str) -> None:
    engine = EngineSpec(arithmetic=arithmetic)  # type: ignore[arg-type]
    online = learned(engine, endless(), block=10)
    pictures = np.stack(list(itertools.islice(endless(), TAKEN)))
    simulator = make_simulator(engine, START, InferenceSpec(steps=3), PlasticitySpec(learning_rate=0.02))
    simulator.learn(pictures, np.arange(TAKEN), 0)
    assert equal(online, simulator.parameters()) and not equal(online, START)
    assert equal(online, learned(engine, endless(), block=15))


@pytest.mark.timeout(200)
@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_lava_learns_the_same(arithmetic: str) -> None:
    pytest.importorskip("lava")
    on_eager = learned(EngineSpec(arithmetic=arithmetic), endless(), block=15)  # type: ignore[arg-type]
    on_lava = learned(EngineSpec(backend="lava", arithmetic=arithmetic), endless(), block=15)  # type: ignore[arg-type]
    assert equal(on_eager, on_lava)


def test_a_stream_that_ends_leaves_out_what_fills_no_minibatch() -> None:
    pictures = itertools.islice(endless(), 11)
    simulator = make_simulator(EngineSpec(), START, InferenceSpec(steps=3), PlasticitySpec(), batch=4)
    assert list(learn_stream(simulator, pictures, batch=4, block=8)) == [8]
    simulator = make_simulator(EngineSpec(), START, InferenceSpec(steps=3), PlasticitySpec(), batch=4)
    assert list(learn_stream(simulator, itertools.islice(endless(), 12), batch=4, block=8)) == [8, 12]


def test_bad_streams() -> None:
    simulator = make_simulator(EngineSpec(), START, InferenceSpec(), PlasticitySpec(), batch=4)
    with pytest.raises(InvalidInput, match="multiple of the batch"):
        next(learn_stream(simulator, endless(), batch=4, block=10))
    with pytest.raises(InvalidInput, match="64 pixels"):
        next(learn_stream(simulator, iter(np.zeros((4, 63))), batch=4, block=4))
