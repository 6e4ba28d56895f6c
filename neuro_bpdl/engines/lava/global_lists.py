"""Lava's global lists of Processes and Vars, which keep all that were ever made."""

from __future__ import annotations

from typing import Any

from neuro_bpdl.engines.lava.availability import require_lava

require_lava()

from lava.magma.core.process.process import ProcessServer  # noqa: E402
from lava.magma.core.process.variable import VarServer  # noqa: E402


def with_parents(processes: list[Any]) -> list[Any]:
    """Each Process once, and the hierarchical Processes that they are parts of."""
    found: dict[int, Any] = {}
    for process in processes:
        member = process
        while member is not None and id(member) not in found:
            found[id(member)] = member
            member = member.parent_proc
    return list(found.values())


def forget(processes: list[Any]) -> None:
    """Take the Processes and their Vars off Lava's global lists, which keep all ever made.

    The ids go on counting: starting them again would mix up networks that are
    still to be run.
    """
    gone = {id(process) for process in processes}
    for process in processes:
        process.runtime = None
    server, variables = ProcessServer(), VarServer()
    server.processes = [process for process in server.processes if id(process) not in gone]
    variables.vars = [variable for variable in variables.vars if id(variable.process) not in gone]
