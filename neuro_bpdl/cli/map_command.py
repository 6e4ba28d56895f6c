"""``neuro-bpdl map``: does a network fit a chip, where does it go, what does an image cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from neuro_bpdl.cli import completing
from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import console, echo_json
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.case import Violation
from neuro_bpdl.hardware.caveats import caveats
from neuro_bpdl.hardware.counts import presentation_steps
from neuro_bpdl.hardware.energy import Estimate, estimate
from neuro_bpdl.hardware.mapping import Mapping, map_network
from neuro_bpdl.hardware.options import MapOptions
from neuro_bpdl.hardware.picture import save, table
from neuro_bpdl.hardware.rules import check, check_run
from neuro_bpdl.hardware.target import load_target
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, RunSpec

Source = Annotated[
    Path | None,
    typer.Argument(metavar="[RUN|FILE.toml]", show_default="none", help="A run's folder or a config file."),
]
Sizes = Annotated[
    str,
    typer.Option("--sizes", metavar="N,…", show_default="the run's",
                 help="Units of all layers instead, the pixels first: 784,1000,100."),
]  # fmt: skip
TargetName = Annotated[
    str,
    typer.Option("--target", metavar="TARGET", help="A target's name or the path of its TOML file.",
                 autocompletion=completing.target),
]  # fmt: skip
Visible = Annotated[
    int | None,
    typer.Option("--visible", metavar="N", show_default="the data's", help="Pixels of an image, for a config file."),
]
Picture = Annotated[
    Path | None,
    typer.Option("--picture", metavar="FILE", show_default="none", rich_help_panel=o.OUTPUT,
                 help="Draw the chips into this .png, .pdf or .svg file."),
]  # fmt: skip


def map_network_command(source: Path | None = None, *, sizes: str = "", target: str = "loihi2",
                        visible: int | None = None) -> dict[str, Any]:
    """Map a run, a config file or bare sizes; the dictionary is what ``--json`` prints.

    Besides the mapping's own fields it holds ``violations`` and ``caveats``
    (text: what does not fit, and what does but is left to others) and
    ``estimate`` per image with learning (None where the target has no costs).

    Raises
    ------
    InvalidInput, CheckpointError, HardwareLimit
        As the parts they come from.
    """
    return _as_dict(_mapped(source, sizes, target, visible))


def map_command(
    source: Source = None,
    sizes: Sizes = "",
    target: TargetName = "loihi2",
    visible: Visible = None,
    json_output: o.Json = False,
    picture: Picture = None,
) -> None:
    """Split a network over the cores of a chip and say what fits, what does not and what an image costs.

    Examples:

      neuro-bpdl map first --target loihi2

      neuro-bpdl map --sizes 784,1000,100 --target loihi1 --picture chips.png
    """
    found = _mapped(source, sizes, target, visible)
    if picture is not None:
        save(found.mapping, picture)
    if json_output:
        echo_json(_as_dict(found), indent=1)
    else:
        _show(found)


class Mapped(NamedTuple):
    """A mapping, what breaks it, what the target's neurons leave to others, and what an image costs."""

    mapping: Mapping
    violations: list[Violation]
    caveats: list[str]
    cost: Estimate | None


def _as_dict(found: Mapped) -> dict[str, Any]:
    return {**found.mapping.to_dict(), "violations": [str(violation) for violation in found.violations],
            "caveats": found.caveats, "estimate": None if found.cost is None else found.cost.to_dict()}


def _mapped(source: Path | None, sizes: str, target: str, visible: int | None) -> Mapped:
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
    mapping, said = map_network(network, chosen), caveats(chosen, engine)
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
        config.spec.require_one_task("RUN")
        return config.spec, config.network.sizes[0]
    run = RunSpec.from_toml(source, "RUN|FILE.toml")
    return run, _pixels(run.data) if visible is None else visible


def _pixels(data: str) -> int:
    from neuro_bpdl.data import load

    return load(data).pixels


def _show(found: Mapped) -> None:
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
