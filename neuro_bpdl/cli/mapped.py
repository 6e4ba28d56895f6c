"""What ``neuro-bpdl map`` finds out, and how it is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from neuro_bpdl.cli.output import console
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.case import Violation
from neuro_bpdl.hardware.caveats import caveats
from neuro_bpdl.hardware.counts import presentation_steps
from neuro_bpdl.hardware.energy import Estimate, estimate
from neuro_bpdl.hardware.mapping import Mapping, map_network
from neuro_bpdl.hardware.options import MapOptions, options_of
from neuro_bpdl.hardware.picture import table
from neuro_bpdl.hardware.rules import check, check_run
from neuro_bpdl.hardware.target import load_target
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, RunSpec


class Mapped(NamedTuple):
    """A mapping, what breaks it, what the target's neurons leave to others, and what an image costs."""

    mapping: Mapping
    violations: list[Violation]
    caveats: list[str]
    cost: Estimate | None

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints: the mapping's own fields and the three others."""
        return {**self.mapping.to_dict(), "violations": [str(violation) for violation in self.violations],
                "caveats": self.caveats, "estimate": None if self.cost is None else self.cost.to_dict()}


def mapped(source: Path | None = None, sizes: str = "", target: str = "loihi2", visible: int | None = None) -> Mapped:
    """Map a run, a config file or bare sizes; the estimate is per image with learning.

    Raises
    ------
    InvalidInput, CheckpointError, HardwareLimit
        As the parts they come from.
    """
    if (source is None) == (not sizes):
        raise InvalidInput("map", str(source or sizes or None), "either a run or config, or --sizes",
                           "e.g. --sizes 784,1000,100")
    chosen = load_target(target)
    if source is None:
        network, inference = NetworkSpec.of(_numbers(sizes)), InferenceSpec()
        violations, engine = check(network, chosen, options=MapOptions()), EngineSpec(arithmetic="fixed")
    else:
        run, pixels = _read_run(source, visible)
        network, inference = run.network(pixels), run.inference
        violations, engine = check_run(run, pixels, chosen), run.engine
    mapping = map_network(network, chosen, options=options_of(network, engine))
    said = caveats(chosen, engine)
    if chosen.kind == "simulator":
        return Mapped(mapping, violations, said, None)
    steps = presentation_steps(network, inference, learning=True, code=engine.messages,
                               learning_epoch=engine.learning_epoch)  # fmt: skip
    return Mapped(mapping, violations, said, estimate(steps, mapping))


def _numbers(sizes: str) -> tuple[int, ...]:
    try:
        return tuple(int(size) for size in sizes.split(","))
    except ValueError:
        raise InvalidInput("--sizes", sizes, "integers separated by commas", "e.g. --sizes 784,1000,100") from None


def _read_run(source: Path, visible: int | None) -> tuple[RunSpec, int]:
    """A run directory holds config.json: {"spec": fields of RunSpec, "visible": n_0}; a config file is TOML."""
    if source.is_dir():
        from neuro_bpdl.training.run_dir import RunDir

        config = RunDir.open(source).config
        return config.spec, config.network.sizes[0]
    run = RunSpec.from_toml(source, "RUN|FILE.toml")
    return run, _pixels(run.data) if visible is None else visible


def _pixels(data: str) -> int:
    from neuro_bpdl.data import load

    return load(data).pixels


def show(found: Mapped) -> None:
    """The mapping as a table, its cost, and what does not fit."""
    screen, (mapping, violations, said, cost) = console(), found
    screen.print(table(mapping))
    largest = "no limit known" if mapping.largest is None else "-".join(map(str, mapping.largest))
    screen.print(f"largest network of this shape that fits: {largest}")
    if cost is not None:
        screen.print(f"one image with learning, every unit sending: {cost.dynamic_energy * 1e3:.3f} mJ for events, "
                      f"{cost.static_energy * 1e3:.3f} mJ static, {cost.time * 1e3:.3f} ms, "
                      f"{cost.packets:,.0f} packets")
        low, high = (f"{energy * 1e3:.3f} mJ, {time * 1e3:.3f} ms"
                     for energy, time in zip(cost.energy_band, cost.time_band, strict=True))
        screen.print(f"band of the constants: {low} to {high}")
        if cost.unknown:
            screen.print(f"no source, not in the sums: {', '.join(cost.unknown)}")
        screen.print(f"constants: {cost.label}; an estimate, not a measurement")
    for line in said:
        screen.print(f"taken, but: {line}")
    for violation in violations:
        screen.print(f"does not fit: {violation}")
