"""The report's section on a chip: where the network would go, and what an image would cost."""

from __future__ import annotations

from neuro_bpdl.hardware.mapping import Mapping
from neuro_bpdl.hardware.picture import draw
from neuro_bpdl.hardware.published import published_learners
from neuro_bpdl.hardware.rules import check_run
from neuro_bpdl.hardware.target import load_target
from neuro_bpdl.plotting.charts import to_svg
from neuro_bpdl.report.costs import TARGET, RunCosts, run_costs
from neuro_bpdl.report.page import Section, figure, note, table
from neuro_bpdl.training.run_dir import RunDir


def mapping_section(run: RunDir, target: str = TARGET, costs: RunCosts | None = None) -> Section:
    """Mapping, broken limits and cost per image of a run on ``target``; ``costs`` are counted unless given.

    Raises
    ------
    InvalidInput
        No such target, or one without limits.
    """
    chosen, spec, network = load_target(target), run.config.spec, run.config.network
    costs = costs or run_costs(run, chosen)
    mapping = costs.mapping
    broken = [str(violation) for violation in check_run(spec, network.sizes[0], chosen)]
    drawing = to_svg(draw(mapping), "Cores by load")
    picture = figure(drawing, "Cores by load, in order of filling; computed, not run on a chip.")
    published = _published(network.labels is not None)
    html = picture + _resources(mapping) + _costs(costs) + published + _limits(broken, chosen.title)
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


def _costs(costs: RunCosts) -> str:
    columns = ((costs.learning, costs.learn), (costs.inference, costs.infer))
    counted = [
        (name, *(f"{getattr(counts, part):,.0f}" for counts, _ in columns))
        for name, part in (("synaptic operations", "synaptic_operations"), ("learning updates", "learning_updates"),
                           ("messages", "spikes"), ("time steps", "time_steps"))
    ]  # fmt: skip
    modelled = [
        ("energy of events, modelled", *(_milli(cost.dynamic_energy, "J") for _, cost in columns)),
        ("static energy, modelled", *(_milli(cost.static_energy, "J") for _, cost in columns)),
        ("time, modelled", *(_milli(cost.time, "s") for _, cost in columns)),
        ("packets to cores", *(f"{cost.packets:,.0f}" for _, cost in columns)),
    ]
    bound = costs.learn_bound
    return table(counted + modelled, ("one image", "learning", "inference")) + note(
        f"Events counted on {costs.images} training images by {costs.label}; energy and time are counts times "
        f"constants: {costs.learn.label}. Without a source and not in the sums: "
        f"{', '.join(costs.learn.unknown) or 'nothing'}. Not run on a chip. If the learning engine "
        f"evaluates every synapse at every time step, learning takes {_milli(bound.energy, 'J')} and "
        f"{_milli(bound.time, 's')}."
    )


def _milli(value: float, unit: str) -> str:
    return f"{value * 1e3:.3g} m{unit}"


def _published(labels: bool) -> str:
    rows = [
        (row.work, row.chip, row.learning, row.network, _given(row.energy_mj), _given(row.time_ms),
         _given(row.accuracy), row.basis)
        for row in published_learners()
    ]  # fmt: skip
    head = ("published learner", "chip", "learning", "network", "mJ per sample", "ms per sample", "accuracy [%]",
            "basis")  # fmt: skip
    return table(rows, head) + note(
        "As printed in Renner et al. 2024, Table 1, and the works' own abstracts: supervised learners, most of them "
        "classifiers of MNIST. Ours above is modelled" + ("" if labels else " and learns without labels")
        + ": read the two tables apart."
    )


def _given(value: float | None) -> str:
    return "not printed" if value is None else f"{value:g}"


def _limits(broken: list[str], title: str) -> str:
    if not broken:
        return note(f"This run breaks no known limit of {title}.")
    return note(f"What would have to change for {title}:") + table([(line,) for line in broken])
