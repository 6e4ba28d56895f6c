"""Populations of neurons: what they are, not what they do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """Where a population's values come from: LABEL is a top that teaches, TOLD labels as a child of the top."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    LABEL = "label"
    TOLD = "told"


@dataclass(frozen=True)
class Population:
    """``size`` units with one activation: φ of its basal branches, ψ of its apical ones."""

    name: str
    size: int
    activation: str
    role: Role

    @property
    def observed(self) -> bool:
        """Whether its values always come from outside; a label at the top is told only while it teaches."""
        return self.role in (Role.VISIBLE, Role.TOLD)
