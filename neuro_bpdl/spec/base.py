"""The base of all specs: frozen, read from TOML, and refusing bad fields in one line."""

from __future__ import annotations

from typing import Any, get_args

import pydantic
from pydantic import BaseModel

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.files.records import first_problem


class Spec(BaseModel, frozen=True, extra="forbid"):
    """A frozen record whose errors are one line: field, value, what is allowed."""

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except pydantic.ValidationError as error:
            raise first_problem(type(self).__name__, error) from None

    @pydantic.model_validator(mode="before")
    @classmethod
    def _truth_is_no_number(cls, fields: Any) -> Any:
        """Pydantic takes true for 1; a file that says ``epochs = true`` means something else."""
        for name, value in fields.items() if isinstance(fields, dict) else ():
            known = cls.model_fields.get(str(name))
            if known is None or _may_be_bool(known.annotation):
                continue
            parts = value if isinstance(value, (list, tuple)) else (value,)
            if any(isinstance(part, bool) for part in parts):
                raise InvalidInput(f"{cls.__name__}.{name}", value, "no truth value", "give what the field is for")
            if isinstance(value, str) and "\0" in value:
                raise InvalidInput(f"{cls.__name__}.{name}", value, "text without NUL bytes")
        return fields


def _may_be_bool(annotation: Any) -> bool:
    return annotation is bool or annotation is Any or any(_may_be_bool(part) for part in get_args(annotation))
