"""A stage with a clock of its own: phases follow from the time that Nengo tells its nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from neuro_bpdl.engines.nengo.stage import Phase, Stage
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.spec import PlasticitySpec

Array = NDArray[Any]


@dataclass
class ClockedStage(Stage):
    """Presentations one after the other, for ever.

    Attributes
    ----------
    schedule : list of (Phase, time steps)
        One presentation.
    sizes : tuple of int
    plasticity : PlasticitySpec or None
        What corrupts activity; None where nothing learns.
    seed : int
    """

    schedule: list[tuple[Phase, int]] = field(default_factory=list)
    sizes: tuple[int, ...] = ()
    plasticity: PlasticitySpec | None = None
    seed: int = 0
    _drawn: int = -1
    _began: bool = False

    @property
    def period(self) -> int:
        """Time steps of a presentation."""
        return sum(steps for _, steps in self.schedule)

    def at(self, t: float) -> None:
        """Take the phase of time t, and the corruption of its presentation.

        Raises
        ------
        InvalidInput
            The simulator has another time step than the network was made for.
        """
        step = round(t / self.timing.dt) - 1
        self._began = self._began or step == 0
        if not self._began or abs(t / self.timing.dt - step - 1) > 1e-3:
            raise InvalidInput("nengo.Simulator dt", f"{t:g}", f"{self.timing.dt:g}, what the network was made for",
                               "give dt= to neuro_bpdl.nengo.network as well")  # fmt: skip
        presentation, position = divmod(step, self.period)
        for phase, steps in self.schedule:
            self.phase = phase
            if position < steps:
                break
            position -= steps
        if self.plasticity is not None and presentation != self._drawn:
            self._drawn = presentation
            self.noise = [
                self.plasticity.noise_of(layer)
                * stream(self.seed, Stream.CORRUPTION, layer, presentation).standard_normal(n)
                for layer, n in enumerate(self.sizes)
            ]

    def _timed(self, function: Callable[..., Array]) -> Callable[..., Array]:
        def timed(t: float, *x: Array) -> Array:
            self.at(t)
            return function(t, *x)

        return timed

    def visible_current(self, size: int) -> Callable[[float, Array], Array]:
        """See `Stage.visible_current`."""
        return self._timed(super().visible_current(size))

    def hidden_current(self, layer: int, size: int) -> Callable[[float, Array], Array]:
        """See `Stage.hidden_current`."""
        return self._timed(super().hidden_current(layer, size))

    def top_current(self, size: int) -> Callable[[float, Array], Array]:
        """See `Stage.top_current`."""
        return self._timed(super().top_current(size))

    def membrane_current(self, size: int) -> Callable[[float, Array], Array]:
        """See `Stage.membrane_current`."""
        return self._timed(super().membrane_current(size))

    def corruption(self, layer: int, size: int) -> Callable[[float], Array]:
        """See `Stage.corruption`."""
        return self._timed(super().corruption(layer, size))

    def gate(self, slope: Callable[[Array], Array], size: int) -> Callable[[float, Array], Array]:
        """See `Stage.gate`."""
        return self._timed(super().gate(slope, size))


def presentation(timing: Any, depth: int, steps: int, *, spiking: bool, learns: bool) -> list[tuple[Phase, int]]:
    """The phases of one presentation with their time steps: settle, infer, and where synapses learn, swing."""
    settle = (depth + 1) * (timing.steps(timing.settle) if spiking else 1)
    phases = [(Phase.SETTLE, settle), (Phase.INFER, steps * timing.steps(timing.tau))]
    if learns:
        swing = timing.steps(timing.swing)
        phases += [(Phase.PREDICT, swing), (Phase.SWING, swing), (Phase.REST, 1)]
    return phases
