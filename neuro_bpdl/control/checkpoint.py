"""An agent in one safetensors file: tensors, spec and returns under one digest; no pickle.

Random streams are counter based and every episode starts from (seed, episode), so the tensors and two counts are the
whole state: what goes on from here goes on to the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuro_bpdl.control.spec import ControlSpec
from neuro_bpdl.errors import BadFile
from neuro_bpdl.files.arrays import DIGEST, read_arrays, write_arrays
from neuro_bpdl.files.records import record
from neuro_bpdl.kernels.fixed.actor_critic import ACTION, TWIN
from neuro_bpdl.numbers import widths
from neuro_bpdl.spec.base import Spec

if TYPE_CHECKING:
    from neuro_bpdl.control.actor_critic import ActorCritic

Array = NDArray[Any]
FORMAT, MEND = 1, "restore it from a copy, or train again"


class Header(Spec):
    """What an agent's metadata say."""

    format: Literal[1]
    kind: Literal["actor-critic"]
    spec: ControlSpec
    size: int = Field(ge=1, le=10_000_000)
    actions: int = Field(ge=1, le=1_000_000)
    digest: str


def save_agent(path: Path, agent: ActorCritic, owned: Callable[[], None] | None = None) -> None:
    """Write ``path`` whole or not at all; the same agent gives the same bytes; ``owned`` as of `write_bytes`.

    Raises
    ------
    NotWritten
    """
    header = {
        "format": FORMAT, "kind": "actor-critic", "spec": agent.spec.model_dump(mode="json"),
        "size": agent.kernel.size, "actions": agent.kernel.actions,
    }  # fmt: skip
    write_arrays(path, tensors_of(agent), header, owned)


def load_agent(make: type[ActorCritic], path: Path, env: Any = None) -> ActorCritic:
    """The agent in a file, made anew by ``make``.

    Raises
    ------
    BadFile
        Missing, cut short, changed, or not an agent.
    InvalidInput
        The environment is not known, or has other observations or actions than the agent.
    """
    tensors, fields = read_arrays(path, MEND)
    if fields.get("kind") != "actor-critic" or DIGEST not in fields:
        raise BadFile(str(path), fields.get("kind"), "an agent written by ActorCritic.save", MEND)
    header = record(Header, fields, f"{path}: header", MEND)
    agent = make(header.spec.environment if env is None else env, spec=header.spec)
    for name, found, wanted in (("observations", header.size, agent.kernel.size),
                                ("actions", header.actions, agent.kernel.actions)):  # fmt: skip
        if found != wanted:
            raise BadFile(f"{path}: {name}", found, f"{wanted}, as {header.spec.environment} has", "give its own env")
    adopt_tensors(path, agent, tensors, MEND)
    return agent


def tensors_of(agent: ActorCritic) -> dict[str, Array]:
    """All that changes while an agent learns."""
    return {**agent.kernel.tensors, "returns": np.array(agent.returns, np.float64)}


def adopt_tensors(path: Path, agent: ActorCritic, found: dict[str, Array], mend: str) -> None:
    """Go on from a file's tensors; raises BadFile where learning could not have left them."""
    _require(path, agent.kernel.tensors, found, agent.kernel.actions, mend)
    agent.kernel.adopt(found)
    agent.returns = found["returns"].tolist()


def _require(path: Path, layout: dict[str, Array], found: dict[str, Array], actions: int, mend: str) -> None:
    """Every tensor with its shape and type, and with numbers that learning could have left."""
    if found.keys() != layout.keys() | {"returns"}:
        raise BadFile(f"{path}: tensors", ", ".join(sorted(found)), ", ".join(sorted(layout)) + ", returns", mend)
    for name, array in layout.items():
        got = found[name]
        if (got.shape, got.dtype) != (array.shape, array.dtype):
            raise BadFile(f"{path}: {name}", f"{got.dtype} {got.shape}", f"{array.dtype} {array.shape}", mend)
    for name, got in found.items():
        if not np.isfinite(got).all():
            raise BadFile(f"{path}: {name}", "NaN or infinity", "finite numbers", mend)
    choices = found["memory"][[ACTION, TWIN]]
    if ((choices < 0) | (choices >= actions)).any():
        raise BadFile(f"{path}: memory", choices.tolist(), f"actions 0 to {actions - 1}", mend)
    for name, got in found.items():
        if got.dtype == np.int16 and not widths.WEIGHT_MIN <= got[0].min() <= got[0].max() <= widths.WEIGHT_MAX:
            largest = int(np.abs(got[0].astype(int)).max())
            raise BadFile(f"{path}: {name}", largest, "weights of 8 bits and a sign", mend)
