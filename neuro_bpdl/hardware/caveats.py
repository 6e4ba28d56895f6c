"""What a target's neurons do not do themselves, where a run is taken all the same: said, not refused."""

from __future__ import annotations

from neuro_bpdl.hardware.target import Target
from neuro_bpdl.spec import EngineSpec


def caveats(target: Target, engine: EngineSpec) -> list[str]:
    """One line for each; empty where neurons run programs of their own and payloads are whole.

    With graded payloads `rules.check` refuses such a target. Between trains of
    spikes a soma moves once a message, which something else than a neuron can do.
    """
    if target.kind == "simulator":
        return []
    if engine.messages.changes and target.has("graded_spikes") is not False:
        return [
            f"changes have a sign; whether {target.name}'s payloads have one is not printed "
            f"[{target.source('payload_bits')}]; what a neuron adds to sum them is in no cost"
        ]
    if not engine.messages.spikes or target.has("programmable_neurons") is not False:
        return []
    found = [
        f"{target.name}'s neurons integrate and fire and count [{target.source('programmable_neurons')}]; the soma's "
        "step h += δ(p − q) + α(r − h), once a message, is left to embedded processors or the host: no cost includes it"
    ]
    if engine.messages.paired:
        found.append(
            f"{target.name}'s rules read no factor that a neuron writes: V̇ is told in postsynaptic spikes, "
            "docs/spikes.md says what that costs"
        )
    return found
