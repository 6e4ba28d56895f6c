"""What populations send each other."""

from __future__ import annotations

from dataclasses import dataclass

TWO = 2


@dataclass(frozen=True)
class Code:
    """What populations send: "graded" payloads, or "regular" or "stochastic" spikes for ``window`` time steps.

    ``factors`` is what the synapses' rule reads: 3, spikes and the V̇ that a
    neuron writes, or 2, spikes alone: V̇ is then a postsynaptic spike before or
    after every presynaptic one (`neuro_bpdl.kernels.fixed.pairs`).

    With ``changes`` a unit sends the difference to what it last sent through
    the same projection, and who receives it adds: see `EngineSpec.sends`.
    """

    kind: str = "graded"
    window: int = 1
    factors: int = 3
    changes: bool = False

    @property
    def spikes(self) -> bool:
        """Whether messages are binary."""
        return self.kind != "graded"

    @property
    def paired(self) -> bool:
        """Whether V̇ is told in spikes."""
        return self.factors == TWO

    def __str__(self) -> str:
        pairs = ", two factors" if self.paired else ""
        if self.spikes:
            return f"{self.kind} W={self.window}{pairs}"
        return f"{self.kind}, changes only" if self.changes else self.kind


GRADED = Code()
