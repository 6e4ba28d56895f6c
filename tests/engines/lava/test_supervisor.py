"""Every way in which a Lava run can end, and that nothing is left after it."""

import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from neuro_bpdl.engines.lava.run_config import select
from neuro_bpdl.engines.lava.shared import SharedArray
from neuro_bpdl.engines.lava.supervisor import LavaRun
from neuro_bpdl.errors import InvalidInput, SimulationError

pytestmark = pytest.mark.usefixtures("no_leftovers")

HERE = Path(__file__).parent
STALL = 2.0  # seconds in which a loaded machine lets every child run


def make(name="alpha", **params):
    from probe_process import Probe

    return Probe(name=name, **params)


def pair(source_fault=None, sink_fault=None):
    source, sink = make("source", fault=source_fault), make("sink", fault=sink_fault)
    source.out.connect(sink.inp)
    return source


def run_and_catch(process, **options):
    with pytest.raises(SimulationError) as caught, LavaRun(process, select(), **options) as run:
        run.steps(10)
    return str(caught.value)


@pytest.mark.parametrize(
    ("build", "culprit", "message", "function"),
    [
        (lambda: make("alpha", fault="init"), "alpha", "boom in init", "__init__"),
        (lambda: make("alpha", fault="spk"), "alpha", "boom in spk", "run_spk"),
        (lambda: make("alpha", fault="lrn"), "alpha", "boom in lrn", "run_lrn"),
        (lambda: make("alpha", fault="unpicklable"), "alpha", "boom with a lock", "run_spk"),
        (lambda: pair(source_fault="spk"), "source", "boom in spk", "run_spk"),
        (lambda: pair(sink_fault="spk"), "sink", "boom in spk", "run_spk"),
        (lambda: pair(source_fault="init"), "source", "boom in init", "__init__"),
        (lambda: pair(sink_fault="lrn"), "sink", "boom in lrn", "run_lrn"),
    ],
    ids=["init", "spk", "lrn", "unpicklable", "upstream", "downstream", "init-upstream", "lrn-downstream"],
)
def test_exception_of_a_model_comes_back(build, culprit, message, function):
    text = run_and_catch(build())
    first_line = text.splitlines()[0]
    assert culprit in first_line and message in first_line and "PyProbe" in first_line
    assert "Traceback (most recent call last)" in text and f"in {function}" in text and "probe_process.py" in text


@pytest.mark.parametrize("fault", ["exit", "exit-init"])
def test_child_that_dies_silently_is_named(fault):
    text = run_and_catch(make("alpha", fault=fault))
    assert "alpha" in text and "exit status 7" in text


def test_killed_child_is_named():
    with pytest.raises(SimulationError, match=r"alpha .*SIGKILL"), LavaRun(make("alpha"), select()) as run:
        victim = next(actor for actor in run._runtime.actors if "alpha" in actor.name)
        os.kill(victim.pid, signal.SIGKILL)
        run.steps(10)


def test_ring_of_receivers_is_a_deadlock_with_places():
    first, second = make("first", fault="receive-first"), make("second", fault="receive-first")
    first.out.connect(second.inp)
    second.out.connect(first.inp)
    text = run_and_catch(first, timeout=STALL, poll=0.05)
    assert f"no progress for {STALL:g} s" in text and "steps(10)" in text
    for name in ("first", "second"):
        assert f"Process {name} " in text
    assert text.count("self.inp.recv()") == 2


def test_stall_names_only_the_process_that_waits_in_its_model():
    text = run_and_catch(pair(sink_fault="greedy"), timeout=STALL, poll=0.05)
    assert "Process sink (Probe, PyProbe) is in run_spk" in text and "self.inp.recv()" in text
    assert "Process source" not in text and "runtime service" not in text


def test_endless_loop_is_found_by_a_heartbeat():
    counter = SharedArray(1, int)
    text = run_and_catch(
        make("alpha", fault="loop", counter=counter), timeout=STALL, poll=0.05, heartbeat=lambda: int(counter.array[0])
    )
    assert "no progress" in text and "alpha" in text and "_misbehave" in text


def test_endless_loop_is_found_by_a_time_limit():
    text = run_and_catch(make("alpha", fault="loop"), time_limit=STALL, poll=0.05)
    assert f"time limit of {STALL:g} s" in text and "_misbehave" in text


def test_heartbeat_keeps_a_slow_run_alive():
    from probe_process import SLOW_BEATS

    counter = SharedArray(1, int)
    process = make("alpha", fault="slow-but-alive", counter=counter)
    with LavaRun(process, select(), timeout=STALL, poll=0.05, heartbeat=lambda: int(counter.array[0])) as run:
        began = time.monotonic()
        run.steps(4)
    assert time.monotonic() - began > STALL and counter.array[0] > SLOW_BEATS


def test_steps_go_on_where_they_stopped():
    counter = SharedArray(1, int)
    process = make(counter=counter)
    with LavaRun(process, select()) as run:
        for done in (1, 2, 3, 103):
            run.steps(done - int(counter.array[0]))
            assert counter.array[0] == done
        assert process.x.get().tolist() == [0, 0]
        run.steps(7)
    assert counter.array[0] == 110


def test_failure_in_a_later_call_of_steps():
    with LavaRun(make(fault="spk"), select()) as run:
        run.steps(2)
        with pytest.raises(SimulationError, match="boom in spk"):
            run.steps(2)
        with pytest.raises(SimulationError, match="not live"):
            run.steps(1)


def test_runs_in_sequence_leave_no_process_and_no_log_handler():
    from lava.magma.core.process.process import ProcessServer

    for expected in (1, 2, 3):
        counter = SharedArray(1, int)
        with LavaRun(make(counter=counter), select()) as run:
            run.steps(expected)
        assert counter.array[0] == expected
        if expected == 1:
            handlers, processes = len(logging.getLogger().handlers), ProcessServer().num_processes
    assert len(logging.getLogger().handlers) == handlers
    assert ProcessServer().num_processes == processes


def test_channel_memory_goes_without_the_garbage_collector(monkeypatch):
    from neuro_bpdl.engines.lava import actors

    made = []
    create = actors._AnonymousMemory.create_shared_memory
    monkeypatch.setattr(
        actors._AnonymousMemory,
        "create_shared_memory",
        lambda self, size: made.append(weakref.ref(block := create(self, size))) or block,
    )
    process = pair()
    gc.disable()
    try:
        with LavaRun(process, select()) as run:
            run.steps(3)
            assert len(made) > 4 and all(block() is not None for block in made)
        del run
        assert [block() for block in made if block() is not None] == []
    finally:
        gc.enable()


def test_interrupt_caught_inside_the_block_does_not_revive_the_run():
    presses: list[signal.Signals] = []  # none while processes are being built, which takes polls on a busy machine

    def press() -> None:
        if presses:
            signal.raise_signal(presses.pop())

    with LavaRun(make(), select(), on_poll=press, poll=0.02) as run:
        presses.append(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            run.steps(10**8)
        with pytest.raises(SimulationError, match="not live"):
            run.steps(1)


def test_two_live_runs_at_once():
    counters = SharedArray(1, int), SharedArray(1, int)
    with LavaRun(make(counter=counters[0]), select()) as one, LavaRun(make(counter=counters[1]), select()) as two:
        one.steps(3)
        two.steps(5)
        one.steps(1)
    assert [int(c.array[0]) for c in counters] == [4, 5]


def test_on_poll_sees_progress_while_steps_run():
    counter, seen, steps = SharedArray(1, int), [], 5000
    with LavaRun(make(counter=counter), select(), poll=0.01, on_poll=lambda: seen.append(int(counter.array[0]))) as run:
        run.steps(steps)
        while not any(0 < count < steps for count in seen):  # the children may have been given all of both cores
            steps += 5000
            run.steps(5000)
    assert seen == sorted(seen)


def test_what_on_poll_raises_ends_the_run():
    def refuse():
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"), LavaRun(make(), select(), on_poll=refuse, poll=0.01) as run:
        run.steps(10**8)


def test_works_in_a_thread_and_leaves_signal_handlers_alone():
    before, counter = signal.getsignal(signal.SIGTERM), SharedArray(1, int)

    def work():
        with LavaRun(make(counter=counter), select()) as run:
            run.steps(5)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert counter.array[0] == 5 and signal.getsignal(signal.SIGTERM) is before


def test_sigterm_handler_is_ours_only_during_the_run():
    before = signal.getsignal(signal.SIGTERM)
    with LavaRun(make(), select()):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("bad", [{"timeout": 0}, {"time_limit": -1.0}, {"poll": 0.0}, {"timeout": float("nan")}])
def test_limits_must_be_positive(bad):
    with pytest.raises(InvalidInput, match=next(iter(bad))):
        LavaRun(make(), select(), **bad)


def test_step_count_must_be_positive():
    with LavaRun(make(), select()) as run, pytest.raises(InvalidInput, match="count"):
        run.steps(0)


def start_script():
    paths = os.pathsep.join([str(HERE / "probe"), os.environ.get("PYTHONPATH", "")])
    script = subprocess.Popen(
        [sys.executable, str(HERE / "scripts" / "long_run.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        start_new_session=True,
    )
    pids = [int(pid) for pid in script.stdout.readline().split()]
    assert len(pids) == 3, script.stderr.read() if script.poll() is not None else pids
    return script, pids


def alive(pids):
    """Those of `pids` that run (not zombies that an init has yet to collect)."""
    running = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state not in "ZX":
            running.append(pid)
    return running


def await_death(pids, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end and alive(pids):
        time.sleep(0.02)
    return alive(pids)


@pytest.mark.parametrize(
    ("number", "to_group", "status", "ended_by"),
    [
        (signal.SIGINT, True, -signal.SIGINT, "KeyboardInterrupt ()"),
        (signal.SIGINT, False, -signal.SIGINT, "KeyboardInterrupt ()"),
        (signal.SIGTERM, False, 143, "SystemExit (143,)"),
    ],
    ids=["ctrl-c-in-a-terminal", "sigint", "sigterm"],
)
def test_signal_ends_children_and_goes_on(number, to_group, status, ended_by):
    script, pids = start_script()
    (os.killpg if to_group else os.kill)(script.pid, number)
    out, err = script.communicate()
    assert script.returncode == status
    assert f"ended by {ended_by} with children []" in out
    assert alive(pids) == []
    # One error at most, the parent's: children say nothing. It may have come in the middle of handling another.
    assert err.count("Traceback") - err.count("During handling of the above exception") <= 1


def test_children_end_by_themselves_when_the_parent_is_killed():
    script, pids = start_script()
    mapped = "".join(Path(f"/proc/{pid}/maps").read_text() for pid in pids)
    assert all(line.endswith("(deleted)") for line in mapped.splitlines() if "/dev/shm/" in line)
    script.kill()
    script.communicate()
    assert await_death(pids) == []
