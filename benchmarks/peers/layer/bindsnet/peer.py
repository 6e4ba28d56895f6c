"""BindsNET: Input and LIFNodes joined by a Connection with PostPre, a Python loop over steps of PyTorch, float32.

It computes the common layer; a neuron fires at its threshold instead of above it. Its products are dense: silent
neurons cost what firing ones do.
"""

from __future__ import annotations

import sys
import time
from importlib.metadata import version

import numpy as np
import torch
from bindsnet.learning import PostPre
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection


def main(data: str, out: str, seed: int) -> None:
    """Build, run, save."""
    del seed  # nothing is drawn
    d, began = np.load(data), time.perf_counter()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    steps, (pre, post) = len(d["spikes"]), d["weights"].shape
    traces = {"traces": True, "traces_additive": True, "tc_trace": float(d["tau"])}
    net = Network(dt=1.0)
    source = Input(n=pre, **traces)
    neurons = LIFNodes(n=post, thresh=float(d["threshold"]), rest=0.0, reset=0.0, refrac=0, tc_decay=float(d["tau"]),
                       **traces)  # fmt: skip
    plastic = Connection(source, neurons, nu=(float(d["minus"]), float(d["plus"])), update_rule=PostPre, wmin=0.0,
                         wmax=float(d["high"]), w=torch.tensor(d["weights"], dtype=torch.float32))  # fmt: skip
    net.add_layer(source, "source")
    net.add_layer(neurons, "neurons")
    net.add_connection(plastic, "source", "neurons")
    fired = Monitor(neurons, ["s"], time=steps)
    net.add_monitor(fired, "fired")
    spikes = torch.tensor(d["spikes"])
    build, began, cpu = time.perf_counter() - began, time.perf_counter(), time.process_time()
    net.run({"source": spikes}, time=steps)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    np.savez(out, build=build, seconds=seconds, cpu=cpu, weights=plastic.w.numpy(), fired=int(fired.get("s").sum()),
             about=f"BindsNET {version('bindsnet')}, PyTorch {torch.__version__}, float32")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
