"""An agent for a chip: one folder with its integers, its rules and its schedule, to rebuild it from to the bit.

agent.json says what is not a weight, weights.safetensors the rest; each carries a digest, and a loader derives
agent.json's rules again and compares them. Nothing is run on a chip.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray
from pydantic import Field

from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.checkpoint import adopt_tensors, tensors_of
from neuro_bpdl.control.cost import decision_cost
from neuro_bpdl.control.described import described
from neuro_bpdl.control.spec import ControlSpec
from neuro_bpdl.errors import BadFile, HardwareLimit, InvalidInput
from neuro_bpdl.files.arrays import DIGEST, arrays_digest, read_arrays, write_arrays
from neuro_bpdl.files.folders import new_folder
from neuro_bpdl.files.json_file import read_json, require_digest, signed, write_json
from neuro_bpdl.files.records import record
from neuro_bpdl.hardware.target import load_target
from neuro_bpdl.spec.base import Spec

AGENT, WEIGHTS = "agent.json", "weights.safetensors"
KIND, FORMAT = "neuro-bpdl agent", 1
HEADER = {"kind": KIND, "format": FORMAT}  # of the weights
MEND = "export it again (neuro-bpdl control export RUN --out NEW)"
NOTE = "targets Loihi: rules, widths and sizes checked in software; not run on a chip"
MISSING = (
    "Intel's Lava extension for Loihi (INRC members): compiler and drivers",
    "the choosing neurons' program, or a host that draws winner and twin and broadcasts delta",
    "the environment's side: encoding of observations into payloads, reward and end as a message",
)


class _Header(Spec):
    kind: Literal["neuro-bpdl agent"]
    format: Literal[1]
    spec: ControlSpec
    size: int = Field(ge=1, le=10_000_000)
    actions: int = Field(ge=1, le=1_000_000)


@dataclass(frozen=True)
class AgentExport:
    """A folder that was read and checked.

    Attributes
    ----------
    document : dict
        agent.json.
    tensors : name → array
    """

    path: Path
    spec: ControlSpec
    document: dict[str, Any]
    tensors: dict[str, NDArray[Any]]

    def rebuild(self, env: Any = None, **changes: Any) -> ActorCritic:
        """The agent: it goes on to the same bytes as the one that was exported.

        Parameters
        ----------
        env : gymnasium.Env, optional
            Where gymnasium does not know the environment by its name.
        changes
            Of the spec, e.g. ``backend="lava"``, ``model="composed"``.

        Raises
        ------
        InvalidInput, BadFile
        """
        spec = ControlSpec(**{**self.spec.model_dump(), **changes})
        agent = ActorCritic(spec.environment if env is None else env, spec=spec)
        adopt_tensors(self.path / WEIGHTS, agent, self.tensors, MEND)
        here = json.loads(json.dumps(described(agent.kernel)))
        if here != {name: self.document.get(name) for name in here}:
            raise BadFile(str(self.path / AGENT), "other rules", "those that its spec gives here", MEND)
        return agent


def export_agent(
    agent: ActorCritic, out: str | Path, target: str | None = "loihi2", provenance: Mapping[str, Any] | None = None
) -> AgentExport:
    """Write an agent's folder, whole or not at all.

    Parameters
    ----------
    target : str, optional
        A target's name or file: what it lacks is refused, and the modelled cost of a decision is added.
    provenance : mapping, optional
        JSON-ready; kept as it is.

    Raises
    ------
    InvalidInput
        A float agent; ``out`` exists; unknown target.
    HardwareLimit
        The target lacks what the agent needs.
    NotWritten
    """
    if not agent.kernel.integers:
        raise InvalidInput("export", "a float agent", "an agent in integers", "train it with --arithmetic fixed")
    document = {
        "kind": KIND, "format": FORMAT, "note": NOTE, "missing_for_a_chip": list(MISSING), "target": target,
        "spec": agent.spec.model_dump(mode="json"), "size": agent.kernel.size, "actions": agent.kernel.actions,
        "weights_digest": arrays_digest(tensors_of(agent), HEADER), **described(agent.kernel),
        "cost": None if target is None else _cost(agent, target), "provenance": dict(provenance or {}),
    }  # fmt: skip
    with new_folder(out) as folder:
        write_json(folder.path / AGENT, signed(document))
        write_arrays(folder.path / WEIGHTS, tensors_of(agent), HEADER)
    return load_agent_export(out)


def load_agent_export(path: str | Path) -> AgentExport:
    """Read an export; raises BadFile where a file is missing, was changed, or is no agent's."""
    folder = Path(path)
    document = read_json(folder / AGENT, MEND)
    if document.get("kind") != KIND:
        raise BadFile(f"{folder / AGENT}: kind", document.get("kind"), KIND, MEND)
    require_digest(document, str(folder / AGENT), MEND, needed=True)
    header = record(_Header, {k: document.get(k) for k in _Header.model_fields}, str(folder / AGENT), MEND)
    tensors, fields = read_arrays(folder / WEIGHTS, MEND)
    if fields.get("kind") != KIND or fields.get(DIGEST) != document.get("weights_digest"):
        raise BadFile(f"{folder / WEIGHTS}: {DIGEST}", fields.get(DIGEST), f"the one in {AGENT}", MEND)
    return AgentExport(folder, header.spec, document, tensors)


def _cost(agent: ActorCritic, target: str) -> dict[str, Any]:
    """The modelled cost of a decision; nothing for a simulator. Raises HardwareLimit."""
    if load_target(target).kind == "simulator":
        return {}
    cost = decision_cost(agent.kernel, target)
    if cost.violations:
        lines = "".join(f"\n  {text}" for text in cost.violations)
        raise HardwareLimit(f"target {cost.target}: {len(cost.violations)} limit(s) broken:{lines}")
    return cost.to_dict()
