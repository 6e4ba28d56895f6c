"""The report's section on a chip: where the network would go, and what an image would cost."""

from __future__ import annotations

from neuro_bpdl.hardware.energy import Estimate, estimate, presentation_counts
from neuro_bpdl.hardware.mapping import Mapping, map_network
from neuro_bpdl.hardware.picture import draw
from neuro_bpdl.hardware.rules import check_run
from neuro_bpdl.hardware.target import load_target
from neuro_bpdl.report.charts import to_svg
from neuro_bpdl.report.page import Section, figure, note, table
from neuro_bpdl.training.run_dir import RunDir

TARGET = "loihi2"


def mapping_section(run: RunDir, target: str = TARGET) -> Section:
    """Mapping, broken limits and cost per image of a run on ``target``.

    Raises
    ------
    InvalidInput
        No such target, or one without limits.
    """
    chosen, spec, network = load_target(target), run.config.spec, run.config.network
    mapping = map_network(network, chosen)
    counts = presentation_counts(network, spec.inference, learning=True)
    cost = estimate(counts, chosen, cores=mapping.core_count, chips=mapping.chip_count)
    broken = [str(violation) for violation in check_run(spec, network.sizes[0], chosen)]
    picture = figure(to_svg(draw(mapping)), "Cores by load, in order of filling; computed, not run on a chip.")
    html = picture + _resources(mapping) + _costs(cost) + _limits(broken, chosen.title)
    return Section(f"On {chosen.title}", html)


def _resources(mapping: Mapping) -> str:
    rows = [
        (f"{entry.name} [{'KiB' if entry.unit == 'bit' else entry.unit}]", _scaled(entry.peak, entry.unit),
         "unknown" if entry.limit is None else _scaled(entry.limit, entry.unit),
         "" if entry.share is None else f"{entry.share:.1%}", entry.status)
        for entry in mapping.resources
    ]  # fmt: skip
    head = ("resource", "fullest core", "limit", "used", "the limit is")
    said = f"{mapping.core_count} cores, {mapping.chip_count} chip(s); bottleneck: {mapping.bottleneck}."
    return table(rows, head) + note(said)


def _scaled(value: float, unit: str) -> str:
    return f"{value / 8192:,.0f}" if unit == "bit" else f"{value:,.0f}"


def _costs(cost: Estimate) -> str:
    rows = [
        ("energy of events", f"{cost.dynamic_energy * 1e3:.3g} mJ"),
        ("static energy", f"{cost.static_energy * 1e3:.3g} mJ"),
        ("time", f"{cost.time * 1e3:.3g} ms"),
    ]
    return table(rows, ("one image with learning", "estimate")) + note(
        f"Event counts times constants: {cost.label}. Modelled, every unit sending at every broadcast; not measured."
    )


def _limits(broken: list[str], title: str) -> str:
    if not broken:
        return note(f"This run breaks no known limit of {title}.")
    return note(f"What would have to change for {title}:") + table([(line,) for line in broken])
