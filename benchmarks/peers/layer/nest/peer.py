"""NEST: iaf_psc_delta and stdp_synapse (additive: mu = 0), spikes from a generator by way of parrot neurons.

Event-driven and double precision. A weight is brought up to date at the next presynaptic spike, so postsynaptic spikes
after the last one are not in the weights that are read; a pair of equal times is not learned from; the postsynaptic
trace is seen through a dendritic delay of one step.
"""

from __future__ import annotations

import sys
import time

import nest
import numpy as np


def main(data: str, out: str, seed: int) -> None:
    """Build, run, save."""
    d, began = np.load(data), time.perf_counter()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.resolution, nest.local_num_threads, nest.rng_seed = 1.0, 1, seed + 1
    steps, (pre, post) = len(d["spikes"]), d["weights"].shape
    tau, high, plus, minus = (float(d[name]) for name in ("tau", "high", "plus", "minus"))
    train = [np.flatnonzero(d["spikes"][:, i]) + 1.0 for i in range(pre)]
    generators = nest.Create("spike_generator", pre, [{"spike_times": times} for times in train])
    source = nest.Create("parrot_neuron", pre)
    neurons = nest.Create("iaf_psc_delta", post, {
        "tau_m": tau, "C_m": tau, "E_L": 0.0, "V_reset": 0.0, "V_m": 0.0, "V_th": float(d["threshold"]), "I_e": 0.0,
        "t_ref": 0.0, "tau_minus": tau})  # fmt: skip
    nest.Connect(generators, source, "one_to_one", {"delay": 1.0})
    nest.CopyModel("stdp_synapse", "plastic", {
        "tau_plus": tau, "lambda": plus / high, "alpha": minus / plus, "mu_plus": 0.0,
        "mu_minus": 0.0, "Wmax": high})  # fmt: skip
    nest.Connect(source, neurons, "all_to_all",
                 {"synapse_model": "plastic", "weight": d["weights"].T.astype(float), "delay": 1.0})  # fmt: skip
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    nest.Prepare()
    build, began, cpu = time.perf_counter() - began, time.perf_counter(), time.process_time()
    nest.Run(float(steps))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    nest.Cleanup()
    synapses = nest.GetConnections(source, neurons)
    weights, found = np.zeros((pre, post)), synapses.get(["source", "target", "weight"])
    first, target = min(source.tolist()), min(neurons.tolist())
    weights[np.array(found["source"]) - first, np.array(found["target"]) - target] = found["weight"]
    np.savez(out, build=build, seconds=seconds, cpu=cpu, weights=weights, fired=recorder.n_events,
             about=f"NEST {nest.__version__}, float64")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
