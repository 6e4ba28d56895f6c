"""Brian2: the layer as equations, run by Cython or as a C++ program of its own ("standalone").

It computes the common layer in float64. A presynaptic spike acts before the postsynaptic spikes of the same step are
seen, so that of a coincident pair potentiation is learned and depression is not. What arrives decays once before it
meets the threshold, which is lower by as much.
"""

from __future__ import annotations

import resource
import sys
import time

import brian2 as b
import numpy as np
from layer import layer


def main(data: str, out: str, seed: int, variant: str) -> None:
    """Build, run, save."""
    del seed  # nothing is drawn
    d, began = np.load(data), time.perf_counter()
    steps = len(d["spikes"])
    if variant == "cpp":
        b.set_device("cpp_standalone", directory=f"{out}.code", build_on_run=False)
        b.prefs.devices.cpp_standalone.openmp_threads = 0
    else:
        b.prefs.codegen.target = "cython"
    source, neurons, synapses = layer(d, "event-driven")
    counts = b.SpikeMonitor(neurons, record=False)
    net = b.Network(source, neurons, synapses, counts)
    net.schedule = ["start", "groups", "thresholds", "resets", "synapses", "end"]  # else a reset would erase input
    if variant == "cpp":
        net.run(steps * b.ms)
        b.device.build(directory=f"{out}.code", run=False, compile=True, with_output=False)
        build = time.perf_counter() - began
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        b.device.run(with_output=False)
        cpu = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        seconds = b.device._last_run_time  # the loop's own clock, without the reading and writing of arrays
    else:
        net.run(0 * b.ms)  # compiles
        net.store()
        net.run(1 * b.ms)
        net.restore()
        build, began, cpu = time.perf_counter() - began, time.perf_counter(), time.process_time()
        net.run(steps * b.ms)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    name = "C++ standalone" if variant == "cpp" else "Cython"
    weights = np.zeros(d["weights"].shape)
    weights[np.asarray(synapses.i), np.asarray(synapses.j)] = np.asarray(synapses.w)
    np.savez(out, build=build, seconds=seconds, cpu=cpu, weights=weights, fired=counts.num_spikes,
             about=f"Brian2 {b.__version__}, {name}, float64")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
