"""What follows from a target where nobody chose it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Place = tuple[str, ...]


def suited(target: str | None, base: Mapping[str, Any], given: Mapping[Place, Any]) -> dict[Place, Any]:
    """Fields of the engine that a target without graded spikes, or whose neurons write no V̇, leaves no choice in.

    Only those that neither ``base``, the fields of a spec, nor ``given`` has;
    what was chosen is left for the target's rules to refuse by name.
    """
    if target is None:
        return {}
    from neuro_bpdl.hardware.target import load_target  # with numpy: --help does not wait for it

    chosen, wanted = load_target(target), dict[Place, Any]()
    if chosen.kind == "simulator":
        return {}
    if chosen.has("graded_spikes") is False:
        wanted |= {("engine", "arithmetic"): "fixed", ("engine", "code"): "regular"}
    code = given.get(("engine", "code"), base.get("engine", {}).get("code", wanted.get(("engine", "code"), "graded")))
    if chosen.has("neuron_factor") is False and code != "graded":
        wanted["engine", "factors"] = 2
    return {place: value for place, value in wanted.items()
            if place not in given and place[1] not in base.get("engine", {})}  # fmt: skip
