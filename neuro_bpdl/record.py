"""The base of all specs: frozen, read from TOML, and refusing bad fields in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pydantic
from pydantic import BaseModel

from neuro_bpdl.errors import InvalidInput


class Spec(BaseModel, frozen=True, extra="forbid"):
    """A frozen record whose errors are one line: field, value, what is allowed."""

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except pydantic.ValidationError as error:
            raise _first_problem(type(self).__name__, error) from None


def _first_problem(owner: str, error: pydantic.ValidationError) -> InvalidInput:
    detail = error.errors()[0]
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, InvalidInput):
        return cause
    place = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return InvalidInput(f"{owner}.{place}", detail["input"], "only the fields of the spec", "remove the field")
    if detail["type"] == "missing":
        return InvalidInput(f"{owner}.{place}", None, "a value", "the field has no default: give it")
    allowed = detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return InvalidInput(f"{owner}.{place}", detail["input"], allowed)


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises
    ------
    InvalidInput
        The file cannot be read or is not TOML.
    """
    try:
        import tomllib  # type: ignore[import-not-found,unused-ignore]
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib  # type: ignore[no-redef,unused-ignore]
    try:
        fields: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("--config", str(path), "a readable TOML file", str(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("--config", str(path), "valid TOML", str(error)) from None
    return fields
