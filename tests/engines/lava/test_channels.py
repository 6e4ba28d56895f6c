"""Channels without threads: their contract by itself, and what a run keeps of it."""

import os
import threading
import time
from multiprocessing import get_context

import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from lava.magma.compiler.channels.pypychannel import CspSelector
from lava.proc.dense.process import Dense
from lava.proc.lif.process import LIF
from lava.proc.monitor.process import Monitor
from scipy.sparse import csr_matrix

from neuro_bpdl.engines.lava.actors import _AnonymousMemory
from neuro_bpdl.engines.lava.channels import DirectChannel, DirectSelector
from neuro_bpdl.engines.lava.run_config import select
from neuro_bpdl.engines.lava.supervisor import LavaRun
from neuro_bpdl.errors import SimulationError

pytestmark = pytest.mark.usefixtures("no_leftovers")


class Infrastructure:
    smm = _AnonymousMemory()


@pytest.fixture
def make_channel():
    channels = []

    def make(shape=(2,), dtype=np.int64, size=3):
        channel = DirectChannel(Infrastructure(), "source", "sink", shape, dtype, size)
        channel.src_port.start()
        channel.dst_port.start()
        channels.append(channel)
        return channel.src_port, channel.dst_port

    yield make
    for channel in channels:
        channel.src_port.join()
        channel.dst_port.join()


def message(number):
    return np.full(2, number)


@pytest.mark.parametrize("observed", [False, True], ids=["direct", "observed"])
def test_messages_arrive_in_order_over_more_than_one_round_of_slots(make_channel, observed):
    source, sink = make_channel(size=3)
    if observed:
        sink.observer = lambda: None
    for number in range(10):
        source.send(message(number))
        assert sink.peek().tolist() == sink.recv().tolist() == [number, number]


@pytest.mark.parametrize("size", [1, 3])
def test_probes_tell_a_full_and_an_empty_channel(make_channel, size):
    source, sink = make_channel(size=size)
    assert not sink.probe()
    for number in range(size):
        assert source.probe()
        source.send(message(number))
    assert sink.probe() and not source.probe()
    sink.recv()
    assert source.probe() and sink.probe() is (size > 1)


def test_a_message_received_is_a_copy(make_channel):
    source, sink = make_channel(size=1)
    source.send(message(1))
    first = sink.recv()
    source.send(message(2))
    assert first.tolist() == [1, 1]


def test_send_waits_for_room_and_recv_for_a_message_across_processes(make_channel):
    (there, there_end), (back, back_end) = make_channel(size=1), make_channel(size=1)

    def double():
        for _ in range(500):
            back.send(2 * there_end.recv())

    child = get_context("fork").Process(target=double, daemon=True)
    child.start()
    for number in range(500):
        there.send(message(number))
        assert back_end.recv().tolist() == [2 * number] * 2
    child.join(10)
    assert child.exitcode == 0
    child.close()


def test_waiting_costs_no_processor_time(make_channel):
    source, sink = make_channel()
    threading.Timer(0.5, source.send, [message(4)]).start()
    began = time.process_time()
    assert DirectSelector().select((sink, sink.recv)).tolist() == [4, 4]
    assert time.process_time() - began < 0.1
    assert sink.is_direct


@pytest.mark.parametrize("selector", [CspSelector, DirectSelector])
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("which", [0, 1])
def test_selectors_wait_for_whichever_end_is_first(make_channel, selector, late, which):
    pairs = [make_channel(), make_channel()]
    chosen = selector()
    for number in range(3):
        sender = threading.Timer(0.05 * late, pairs[which][0].send, [message(number)])
        sender.start()
        if not late:
            sender.join()
        answer = chosen.select(*[(sink, lambda i=i: i) for i, (_, sink) in enumerate(pairs)])
        sender.join()
        assert answer == which
        assert pairs[which][1].recv().tolist() == [number, number]


def test_an_observer_hears_of_messages_sent_before_it_was_set(make_channel):
    source, sink = make_channel()
    source.send(message(1))
    source.send(message(2))
    heard = threading.Event()
    sink.observer = heard.set
    assert heard.wait(5) and not sink.is_direct
    assert [sink.recv()[0], sink.recv()[0]] == [1, 2] and not sink.probe()


def test_only_receiving_ends_can_be_selected(make_channel):
    source, _ = make_channel()
    with pytest.raises(SimulationError, match="port source: a selector waits for receiving ends only"):
        source.observer = lambda: None


def test_a_message_of_another_shape_is_refused_and_takes_no_slot(make_channel):
    source, sink = make_channel(size=1)
    with pytest.raises(SimulationError, match=r"port source: message has shape \(3,\), allowed: \(2,\)"):
        source.send(np.zeros(3))
    assert source.probe() and not sink.probe()


def test_a_sparse_message_travels_as_its_stored_values(make_channel):
    source, sink = make_channel(shape=(1, 3))
    source.send(csr_matrix(np.array([[5, 6, 7]])))
    assert sink.recv().tolist() == [[5, 6, 7]]


def test_semaphores_have_no_name(make_channel):
    source, sink = make_channel()
    for semaphore in (source._ack, source._req, sink._ack, sink._req):
        assert semaphore._semlock.name is None  # None: unlinked as soon as it was made


def lif_network():
    source, dense, sink = LIF(shape=(3,), bias_mant=1), Dense(weights=np.ones((3, 3))), LIF(shape=(3,))
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(sink.a_in)
    return source, sink


def threads_of(run):
    return {actor.name: len(os.listdir(f"/proc/{actor.pid}/task")) for actor in run._runtime.actors}


def test_children_have_no_threads_while_they_step():
    source, _ = lif_network()
    with LavaRun(source, select()) as run:
        run.steps(50)
        threads = threads_of(run)
    # The service waits for the program's command with Lava's own selector: one thread.
    assert threads.pop("runtime service") <= 2
    assert len(threads) == 3 and set(threads.values()) == {1}


def test_a_live_network_that_waits_uses_no_processor_time():
    source, _ = lif_network()
    with LavaRun(source, select()) as run:
        run.steps(5)
        before = sum(actor.cpu_ticks() for actor in run._runtime.actors)
        time.sleep(1.0)
        assert sum(actor.cpu_ticks() for actor in run._runtime.actors) - before <= 1


def test_variables_are_read_and_set_between_steps():
    source, sink = lif_network()
    with LavaRun(source, select()) as run:
        for value in (3.0, 7.0):
            run.steps(2)
            sink.bias_mant.set(np.full(3, value))
            assert sink.bias_mant.get().tolist() == [value] * 3
        assert source.v.get().shape == (3,)


def test_a_monitor_which_waits_for_several_ends_sees_every_step():
    source, _ = lif_network()
    monitor = Monitor()
    monitor.probe(source.v, 12)
    with LavaRun(source, select()) as run:
        run.steps(5)
        run.steps(7)
        values = next(iter(monitor.get_data().values()))["v"]
    assert values.shape == (12, 3)
    assert values[:8, 0].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


def async_pair(**params):
    from async_process import Giver, Taker

    giver, taker = Giver(name="giver", **params), Taker(name="taker")
    giver.out.connect(taker.inp)
    return taker


def test_models_without_time_steps_run_again_and_again():
    taker = async_pair()
    with LavaRun(taker, select()) as run:
        for count, total in ((1, 1), (1, 2), (300, 302)):
            run.steps(count)
            assert taker.taken.get().tolist() == [total]


def test_exception_of_a_model_without_time_steps_comes_back():
    failure = r"Process giver \(Giver, PyGiver\) failed: ValueError: boom in async"
    with pytest.raises(SimulationError, match=failure), LavaRun(async_pair(given=20, fails=True), select()) as run:
        run.steps(100)


def test_a_stall_of_models_without_time_steps_is_found_by_processor_time():
    # Waiting must use none: a service that polled would look like progress for ever.
    stall, pair = r"no progress for 2 s .*Process taker .* is in run_async .*recv", async_pair(given=20)
    with pytest.raises(SimulationError, match=stall), LavaRun(pair, select(), timeout=2.0, poll=0.05) as run:
        run.steps(100)


def test_an_end_that_waits_in_a_channel_is_told_by_its_model_s_line():
    with pytest.raises(SimulationError) as caught, LavaRun(async_pair(given=0), select(), timeout=2.0) as run:
        run.steps(1)
    assert "channels.py" not in str(caught.value) and "async_process.py" in str(caught.value)
