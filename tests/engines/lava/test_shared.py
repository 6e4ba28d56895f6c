"""Shared memory: both ways through a live run, and what must not happen to it."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuro_bpdl.engines.lava.shared import SharedArray
from neuro_bpdl.errors import InvalidInput


@settings(max_examples=30, deadline=None)
@given(
    shape=st.lists(st.integers(0, 5), max_size=3).map(tuple),
    dtype=st.sampled_from(["float64", "float32", "int8", "int32", "uint8", "bool"]),
)
def test_starts_as_zeros_of_shape_and_dtype(shape, dtype):
    shared = SharedArray(shape, dtype)
    assert shared.array.shape == shape and shared.array.dtype == np.dtype(dtype)
    assert not shared.array.any() and shared.array.flags.writeable


def test_copies_are_the_same_memory():
    shared = SharedArray.like([[1.0, 2.0], [3.0, 4.0]])
    for other in (copy.copy(shared), copy.deepcopy(shared), copy.deepcopy({"p": [shared]})["p"][0]):
        assert other is shared
    assert shared.array.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_pickling_is_refused():
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(SharedArray(3))


@pytest.mark.parametrize(("argument", "shape", "dtype"), [("shape", (2, -1), float), ("dtype", 2, object)])
def test_bad_arguments(argument, shape, dtype):
    with pytest.raises(InvalidInput, match=argument):
        SharedArray(shape, dtype)


def test_has_no_name_in_dev_shm():
    shared = SharedArray(1 << 20)
    with open("/proc/self/maps") as maps:
        address = shared.array.__array_interface__["data"][0]
        line = next(line for line in maps if _spans(line, address))
    assert "/dev/shm" not in line and "rw-s" in line


def _spans(line, address):
    low, high = (int(bound, 16) for bound in line.split()[0].split("-"))
    return low <= address < high


@pytest.mark.usefixtures("no_leftovers")
def test_model_reads_and_writes_while_it_runs():
    pytest.importorskip("lava.magma", reason="Lava is not installed")
    from probe_process import Probe

    from neuro_bpdl.engines.lava.run_config import select
    from neuro_bpdl.engines.lava.supervisor import LavaRun

    inbox, outbox = SharedArray((500, 784)), SharedArray((500, 784))
    with LavaRun(Probe(inbox=inbox, outbox=outbox), select()) as run:
        for value in (1.0, -3.0):
            inbox.array[...] = value
            run.steps(1)
            assert np.all(outbox.array == 2 * value)
    # What the model wrote outlives the run.
    assert np.all(outbox.array == -6.0)
