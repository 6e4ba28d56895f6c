"""Our estimate of an inference against SANA-FE's, an independent simulator of Loihi 1 (GPL-3, not a dependency).

Runs in its own environment with `pip install sanafe` and nothing of ours:

    neuro_bpdl's python:  python benchmarks/sanafe_inference.py plan 64,100,20 3 > plan.json
    sanafe's python:      python benchmarks/sanafe_inference.py run plan.json

The plan lists which layer sends which way at which time step (every unit and
the bias units sending). SANA-FE gets one group of input neurons per layer and
direction that spikes at those steps, and one LIF group per layer that receives
and is updated at every step but never spikes.
"""

from __future__ import annotations

import json
import sys
from typing import Any

CORES_PER_LAYER = 3


def plan(sizes: tuple[int, ...], steps: int) -> dict[str, Any]:
    """The schedule, and our own counts and costs of it."""
    from dataclasses import asdict

    from neuro_bpdl.hardware.counts import presentation_counts
    from neuro_bpdl.hardware.energy import estimate
    from neuro_bpdl.kernels.schedule import inference_program
    from neuro_bpdl.spec import InferenceSpec, NetworkSpec

    network = NetworkSpec.of(sizes)
    program = inference_program(network.depth, steps)
    counts = presentation_counts(network, InferenceSpec(steps=steps), learning=False)
    cost = estimate(counts, "loihi1", cores=CORES_PER_LAYER * len(sizes), compartments=1)
    return {"sizes": sizes, "up": program.sends_up, "down": program.sends_down, "counts": asdict(counts),
            "cost": cost.to_dict()}  # fmt: skip


def run(path: str) -> dict[str, Any]:
    """SANA-FE's counts, energy and time of the plan."""
    import sanafe

    with open(path, encoding="utf-8") as file:
        given = json.load(file)
    sizes, network, arch = given["sizes"], sanafe.Network(), sanafe.load_loihi()
    layers = [
        network.create_neuron_group(f"layer{i}", n, {"threshold": 1e9, "force_update": True}, soma_hw_name="loihi_lif")
        for i, n in enumerate(sizes)
    ]
    senders = []
    for way, hop in (("up", 1), ("down", -1)):
        for layer, n in enumerate(sizes):
            if any(step[layer] for step in given[way]):
                train = [int(step[layer]) for step in given[way]]
                senders.append((layer, _sender(network, f"{way}{layer}", n + 1, train, layers[layer + hop])))
    _place(arch, layers, senders)
    chip = sanafe.SpikingChip(arch)
    chip.load(network)
    return {"ours": given, "sanafe": chip.sim(len(given["up"]))}


def _sender(network: Any, name: str, n: int, train: list[int], receivers: Any) -> Any:
    group = network.create_neuron_group(name, n)
    for index, neuron in enumerate(group.neurons):
        neuron.set_attributes(soma_hw_name=f"loihi_inputs[{index}]", model_attributes={"spikes": train})
        for receiver in receivers.neurons:
            neuron.connect_to_neuron(receiver, {"weight": 1.0})
    return group


def _place(arch: Any, layers: list[Any], senders: list[tuple[int, Any]]) -> None:
    """Every layer on its own cores, in equal parts; what it sends starts there, one core per direction."""
    cores = arch.cores()
    for layer, group in enumerate(layers):
        for index, neuron in enumerate(group.neurons):
            part = index * CORES_PER_LAYER // len(group.neurons)
            neuron.map_to_core(cores[layer * CORES_PER_LAYER + part])
    for number, (_, group) in enumerate(senders):
        for neuron in group.neurons:
            neuron.map_to_core(cores[len(layers) * CORES_PER_LAYER + number])


def main() -> None:
    """See the module's docstring."""
    if sys.argv[1] == "plan":
        print(json.dumps(plan(tuple(map(int, sys.argv[2].split(","))), int(sys.argv[3]))))
        return
    result = run(sys.argv[2])
    ours = result["ours"]
    shown = {**ours["counts"], "terms": {t["name"]: t["total"] for t in ours["cost"]["terms"]},
             "energy_J": ours["cost"]["dynamic_energy_J"], "time_s": ours["cost"]["time_s"]}  # fmt: skip
    print(json.dumps({"ours": shown, "sanafe": result["sanafe"]}, indent=1, default=str))


if __name__ == "__main__":
    main()
