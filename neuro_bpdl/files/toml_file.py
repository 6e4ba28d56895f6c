"""TOML tables that people write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from neuro_bpdl.errors import BadFile
from neuro_bpdl.files.reading import read_text, require_plain

try:
    import tomllib  # type: ignore[import-not-found,unused-ignore]
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib  # type: ignore[no-redef,unused-ignore]


def read_toml(path: Path, argument: str = "") -> dict[str, Any]:
    """The tables of a file.

    Parameters
    ----------
    argument : str
        The option that named the file, for the message.

    Raises
    ------
    BadFile
        Unreadable, no UTF-8, not TOML, nested too deeply, or a value that
        `require_plain` refuses.
    """
    file = f"{argument} {path}" if argument else str(path)
    mend = "correct the file"
    try:
        fields: dict[str, Any] = tomllib.loads(read_text(path, "a readable TOML file", "check the path"))
    except BadFile as error:
        raise BadFile(file, error.value, error.allowed, error.mend) from None
    except RecursionError:
        raise BadFile(file, "brackets nested too deeply", "valid TOML", mend) from None
    except ValueError as error:
        raise BadFile(file, " ".join(str(error).split()), "valid TOML", mend) from None
    require_plain(fields, file, mend)
    return fields


def toml_value(text: str) -> Any:
    """One value as TOML writes it; what TOML does not read is text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text


def toml_text(fields: dict[str, Any]) -> str:
    """TOML of plain values and, one level deep, tables of them: what a spec's dump is made of.

    Fields whose value is None are left out: TOML has no such value.
    """
    tables = {name: value for name, value in fields.items() if isinstance(value, dict)}
    parts = [_lines({name: value for name, value in fields.items() if name not in tables})]
    parts += [f"[{name}]\n{_lines(table)}" for name, table in tables.items()]
    return "\n".join(part for part in parts if part)


def _lines(fields: dict[str, Any]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items() if value is not None)
