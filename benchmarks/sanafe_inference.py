"""Our estimate of an inference against SANA-FE's, an independent simulator of Loihi 1 (GPL-3, not a dependency).

SANA-FE runs in an environment of its own with `pip install sanafe` and nothing of ours:

    neuro_bpdl's python:  python benchmarks/sanafe_inference.py plan 784,500,100 3 > plan.json
    sanafe's python:      python benchmarks/sanafe_inference.py run plan.json result.json
    either:               python benchmarks/sanafe_inference.py table result.json [more.json ...]

The plan says which layer sends which way at which time step (every unit and
the bias units sending) and which core holds which neurons: our own mapping,
with SANA-FE's constants (target `loihi1_nahuku`). SANA-FE gets one group of
sending neurons per layer and direction, which spike at those steps at the cost
of an LIF neuron's spike, and one LIF group per layer that receives and is
updated at every step but never spikes. It has no learning: that part of our
estimates has no independent simulator.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

NEURONS_PER_CORE = 300  # SANA-FE counts receivers and both kinds of sender: 3 x 300 of 1,024


def plan(sizes: tuple[int, ...], steps: int) -> dict[str, Any]:
    """The schedule, the placement, and our own counts and costs of both."""
    from dataclasses import asdict

    from neuro_bpdl.description.network import describe
    from neuro_bpdl.description.program import inference_program
    from neuro_bpdl.description.projections import Way
    from neuro_bpdl.hardware.counts import presentation_counts, presentation_steps
    from neuro_bpdl.hardware.energy import estimate
    from neuro_bpdl.hardware.loads import loads
    from neuro_bpdl.hardware.mapping import map_network
    from neuro_bpdl.hardware.options import MapOptions
    from neuro_bpdl.spec import InferenceSpec, NetworkSpec

    network, inference = NetworkSpec.of(sizes), InferenceSpec(steps=steps)
    options = MapOptions(compartments_per_neuron=1, tag_bits=0, learning=False, neurons_per_core=NEURONS_PER_CORE)
    mapping = map_network(network, "loihi1_nahuku", options=options, find_largest=False)
    program = inference_program(describe(network), steps)
    shown = presentation_steps(network, inference, learning=False)
    work = loads(shown, mapping)
    return {
        "sizes": sizes, "up": _senders(program, Way.UP), "down": _senders(program, Way.DOWN),
        "cores": [(core.layer, core.posts) for core in mapping.cores for _ in range(core.cores)],
        "counts": asdict(presentation_counts(network, inference, learning=False)),
        "packets": work.total("packets_out"), "hops": (work.east_west or 0) + (work.north_south or 0),
        "cost": estimate(shown, mapping).to_dict(),
    }  # fmt: skip


def _senders(program: Any, way: Any) -> list[list[bool]]:
    """[time step][layer]: whether the layer sends that way."""
    from neuro_bpdl.description.operations import sends

    described, layers = program.description.projections, range(program.depth + 1)
    return [[any(described[i].source == layer and described[i].way is way for i in step) for layer in layers]
            for step in sends(program)]  # fmt: skip


def run(path: str) -> dict[str, Any]:
    """SANA-FE's counts, energy and time of the plan."""
    import sanafe

    given = json.loads(Path(path).read_text(encoding="utf-8"))
    arch, network, used = _architecture(sanafe), sanafe.Network(), Counter[int]()
    cores, sizes = arch.cores(), given["sizes"]
    order: list[tuple[int, int, Any]] = []  # (core, place in its layer, neuron): a neuron sends right after its update
    layers = [
        network.create_neuron_group(f"layer{i}", n, {"threshold": 1e9, "force_update": True}, soma_hw_name="loihi_lif")
        for i, n in enumerate(sizes)
    ]
    for layer, group in enumerate(layers):
        for neuron, core in zip(group.neurons, _places(given, layer), strict=True):
            order.append((core, len(order), neuron))
    for way, hop in (("up", 1), ("down", -1)):
        for layer, n in enumerate(sizes):
            train = [int(step[layer]) for step in given[way]]
            if any(train):
                places = _places(given, layer)
                group = network.create_neuron_group(f"{way}{layer}", n + 1)
                first = sum(sizes[:layer])
                for index, neuron in enumerate(group.neurons):
                    core = places[index % n]  # the bias: first core
                    unit = f"loihi_inputs[{used[core]}]"
                    neuron.set_attributes(soma_hw_name=unit, model_attributes={"spikes": train})
                    order.append((core, first + index, neuron))
                    used[core] += 1
                group.connect_neurons_dense(layers[layer + hop], {"weight": [1.0] * ((n + 1) * sizes[layer + hop])})
    for core, _, neuron in sorted(order, key=lambda each: each[:2]):
        neuron.map_to_core(cores[core])
    results = {}
    for timing in ("simple", "detailed"):
        chip = sanafe.SpikingChip(arch)
        chip.load(network)
        results[timing] = chip.sim(len(given["up"]), timing_model=timing, perf_trace=True)
    return {"ours": given, "sanafe": results}


def _architecture(sanafe: Any) -> Any:
    """SANA-FE's Loihi, whose input neurons spike at the price of its LIF neurons."""
    text = (Path(sanafe.__file__).parent / "examples" / "loihi.yaml").read_text(encoding="utf-8")
    head, inputs = text.split("- name: loihi_inputs", 1)
    inputs = inputs.replace("energy_spike_out: 0.0", "energy_spike_out: 69.3e-12", 1)
    inputs = inputs.replace("latency_spike_out: 0.0", "latency_spike_out: 30.0e-9", 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loihi.yaml"
        path.write_text(head + "- name: loihi_inputs" + inputs, encoding="utf-8")
        return sanafe.load_arch(str(path))


def _places(given: dict[str, Any], layer: int) -> list[int]:
    """The core of every neuron of a layer."""
    return [core for core, (of, posts) in enumerate(given["cores"]) for _ in range(posts) if of == layer]


def rows(result: dict[str, Any]) -> dict[str, Any]:
    """Ours and SANA-FE's, side by side."""
    ours, theirs = result["ours"], result["sanafe"]
    terms = {term["name"]: term["total"] or 0.0 for term in ours["cost"]["terms"]}
    trace = theirs["detailed"]["perf_trace"]
    energy = theirs["detailed"]["energy"]
    network = terms["packet_energy"] + terms["hop_east_west_energy"] + terms["hop_north_south_energy"]
    pairs = {
        "synaptic operations": (ours["counts"]["synaptic_operations"], theirs["detailed"]["spikes"]),
        "messages": (ours["counts"]["spikes"], theirs["detailed"]["neurons_fired"]),
        "packets": (ours["packets"], theirs["detailed"]["packets_sent"]),
        "hops": (ours["hops"], sum(trace["hops"])),
        "synaptic energy": (terms["synaptic_operation_energy"], energy["synapse"]),
        "neuron energy": (terms["neuron_update_energy"] + terms["spike_energy"], energy["soma"]),
        "network energy": (network, energy["network"]),
        "energy": (ours["cost"]["dynamic_energy_J"], energy["total"]),
        "time, SANA-FE simple": (ours["cost"]["time_s"], theirs["simple"]["sim_time"]),
        "time, SANA-FE detailed": (ours["cost"]["time_s"], theirs["detailed"]["sim_time"]),
    }  # fmt: skip
    return {"sizes": ours["sizes"], "cores": len(ours["cores"]), "rows": pairs}


def main() -> None:
    """See the module's docstring."""
    if sys.argv[1] == "plan":
        print(json.dumps(plan(tuple(map(int, sys.argv[2].split(","))), int(sys.argv[3]))))
    elif sys.argv[1] == "run":
        Path(sys.argv[3]).write_text(json.dumps(run(sys.argv[2]), default=str))
    else:
        print(json.dumps([rows(json.loads(Path(path).read_text())) for path in sys.argv[2:]], indent=1))


if __name__ == "__main__":
    main()
