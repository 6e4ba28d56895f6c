"""``neuro-bpdl map``: does a network fit a chip, where does it go, what does an image cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from neuro_bpdl.errors import CheckpointError, InvalidInput
from neuro_bpdl.hardware.energy import Estimate, estimate, presentation_counts
from neuro_bpdl.hardware.mapping import Mapping, map_network
from neuro_bpdl.hardware.options import MapOptions
from neuro_bpdl.hardware.picture import save, table
from neuro_bpdl.hardware.rules import Violation, check, check_run
from neuro_bpdl.hardware.target import load_target
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, RunSpec


def map_network_command(source: Path | None = None, *, sizes: str = "", target: str = "loihi2",
                        visible: int | None = None) -> dict[str, Any]:
    """Map a run, a config file or bare sizes; the dictionary is what ``--json`` prints.

    Besides the mapping's own fields it holds ``violations`` (text) and
    ``estimate`` per image with learning (None where the target has no costs).

    Raises
    ------
    InvalidInput, CheckpointError, HardwareLimit
        As the parts they come from.
    """
    return _as_dict(*_mapped(source, sizes, target, visible))


def map_command(
    source: Annotated[Path | None, typer.Argument(help="A run directory or a config file.")] = None,
    sizes: Annotated[str, typer.Option(help="Layer sizes instead, e.g. 784,1000,100.")] = "",
    target: Annotated[str, typer.Option(help="A target's name or the path of its TOML file.")] = "loihi2",
    visible: Annotated[int | None, typer.Option(help="Pixels of an image; a config file's data say it too.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    picture: Annotated[Path | None, typer.Option(help="Draw the chips into this .png, .pdf or .svg file.")] = None,
) -> None:
    """Split a network over the cores of a chip and say what fits, what does not and what an image costs."""
    mapping, violations, cost = _mapped(source, sizes, target, visible)
    if picture is not None:
        save(mapping, picture)
    if json_output:
        typer.echo(json.dumps(_as_dict(mapping, violations, cost), indent=1))
    else:
        _show(mapping, violations, cost)


def _as_dict(mapping: Mapping, violations: list[Violation], cost: Estimate | None) -> dict[str, Any]:
    return {**mapping.to_dict(), "violations": [str(violation) for violation in violations],
            "estimate": None if cost is None else cost.to_dict()}


def _mapped(source: Path | None, sizes: str, target: str,
            visible: int | None) -> tuple[Mapping, list[Violation], Estimate | None]:
    if (source is None) == (not sizes):
        raise InvalidInput("map", str(source or sizes or None), "either a run or config, or --sizes",
                           "e.g. --sizes 784,1000,100")
    chosen = load_target(target)
    if source is None:
        network, inference = NetworkSpec.of(_numbers(sizes)), InferenceSpec()
        violations = check(network, chosen, options=MapOptions())
    else:
        run, pixels = _read_run(source, visible)
        network, inference = run.network(pixels), run.inference
        violations = check_run(run, pixels, chosen)
    mapping = map_network(network, chosen)
    if chosen.kind == "simulator":
        return mapping, violations, None
    counts = presentation_counts(network, inference, learning=True)
    cost = estimate(counts, chosen, cores=mapping.core_count, chips=mapping.chip_count)
    return mapping, violations, cost


def _numbers(sizes: str) -> tuple[int, ...]:
    try:
        return tuple(int(size) for size in sizes.split(","))
    except ValueError:
        raise InvalidInput("--sizes", sizes, "integers separated by commas", "e.g. --sizes 784,1000,100") from None


def _read_run(source: Path, visible: int | None) -> tuple[RunSpec, int]:
    """A run directory holds config.json: {"spec": fields of RunSpec, "visible": n_0}; a config file is TOML."""
    if source.is_dir():
        try:
            config = json.loads((source / "config.json").read_text(encoding="utf-8"))
            return RunSpec(**config["spec"]), int(config["visible"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"run {source}: config.json cannot be read: {error!r}") from None
    run = RunSpec.from_toml(source)
    return run, _pixels(run.data) if visible is None else visible


def _pixels(data: str) -> int:
    from neuro_bpdl.data import load

    return load(data).pixels


def _show(mapping: Mapping, violations: list[Violation], cost: Estimate | None) -> None:
    console = Console()
    console.print(table(mapping))
    largest = "no limit known" if mapping.largest is None else "-".join(map(str, mapping.largest))
    console.print(f"largest network of this shape that fits: {largest}")
    if cost is not None:
        console.print(f"one image with learning, every unit sending: {cost.dynamic_energy * 1e3:.3f} mJ for events, "
                      f"{cost.static_energy * 1e3:.3f} mJ static, {cost.time * 1e3:.3f} ms", highlight=False)
        console.print(f"constants: {cost.label}; an estimate, not a measurement", highlight=False)
    for violation in violations:
        console.print(f"does not fit: {violation}", highlight=False, markup=False)
