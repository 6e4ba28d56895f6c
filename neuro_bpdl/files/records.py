"""A typed record out of plain values: numbers are numbers, text is text."""

from __future__ import annotations

import json
from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

import pydantic

from neuro_bpdl.errors import BadFile, InvalidInput

T = TypeVar("T")


def record(kind: type[T], fields: Any, file: str, mend: str) -> T:
    """``fields`` as a ``kind`` (a spec or a dataclass), nothing converted: true is no 1, "1" is no number.

    Raises
    ------
    BadFile
        Names the file, the field, its value and what is allowed.
    """
    try:
        return _adapter(cast(Hashable, kind)).validate_json(json.dumps(fields), strict=True)
    except pydantic.ValidationError as error:
        found = first_problem(kind.__name__, error)
        raise BadFile(f"{file}: {found.argument}", found.value, found.allowed, mend or found.mend) from None


def first_problem(owner: str, error: pydantic.ValidationError) -> InvalidInput:
    """The first thing pydantic found, as one of our errors."""
    detail = error.errors()[0]
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, InvalidInput):
        return cause
    place = ".".join([owner, *(str(part) for part in detail["loc"])])
    if detail["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return InvalidInput(place, detail["input"], "only the fields of the spec", "remove the field")
    if detail["type"] == "missing":
        return InvalidInput(place, None, "a value", "the field has no default: give it")
    allowed = detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return InvalidInput(place, detail["input"], allowed)


@cache
def _adapter(kind: Hashable) -> Any:
    return pydantic.TypeAdapter[Any](cast(Any, kind))
