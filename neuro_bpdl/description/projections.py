"""Projections between populations: recognition upwards, generation downwards, in pairs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Way(Enum):
    """UP: recognition, F_k, onto a basal branch. DOWN: generation, G_k, onto an apical branch."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Projection:
    """A plastic matrix from one population to a branch of its own on another.

    Attributes
    ----------
    name : str
        The paper's: F_k or G_k.
    pair : int
        k, from 1: F_k and G_k form a denoising auto-encoder.
    source, target : int
        Numbers of populations. Every source has an always-on bias unit besides.
    kind : str
        How currents and changes are computed. "dense": one weight for each pair of units.
    """

    name: str
    pair: int
    way: Way
    source: int
    target: int
    kind: str = "dense"

    @property
    def told(self) -> bool:
        """Whether it is of the pair of labels that are a child of the top: these stand behind it."""
        return (self.source > self.target) is (self.way is Way.UP)
