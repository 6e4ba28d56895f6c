"""Hardware limits on how many: fan-in, fan-out, synapses and cores. Numbers and rules of learning: `rules`."""

from __future__ import annotations

from neuro_bpdl.hardware.case import Case, Rule, Violation


def fan_in_is_read_by_one_core(case: Case) -> list[Violation]:
    """A fan-in above a core's input axons is cut; the partial sums need graded spikes."""
    limit = case.target.limit("axons_in_per_core")
    if limit is None or case.target.has("graded_spikes") is not False:
        return []
    return [
        violation for layer, fan_in in enumerate(_fan_ins(case)) if fan_in > limit
        for violation in case.broken("input axons", "axons_in_per_core", fan_in, f"{limit:g}",
                                     f"shrink its neighbours by {fan_in - int(limit)} units in all", layer=layer)
    ]


def fan_in_is_within_the_limit(case: Case) -> list[Violation]:
    return _fan(case, "fan-in", "fan_in", _fan_ins(case))


def fan_out_is_within_the_limit(case: Case) -> list[Violation]:
    sizes = case.network.sizes
    return _fan(case, "fan-out", "fan_out", [
        sum(sizes[near] for near in (layer - 1, layer + 1) if 0 <= near < len(sizes)) for layer in range(len(sizes))])


def _fan(case: Case, rule: str, name: str, values: list[int]) -> list[Violation]:
    limit = case.target.limit(name)
    return [] if limit is None else [
        violation for layer, value in enumerate(values) if value > limit
        for violation in case.broken(rule, name, value, f"{limit:g}",
                                     f"shrink its neighbours by {value - int(limit)} units in all", layer=layer)
    ]


def _fan_ins(case: Case) -> list[int]:
    sizes, bias = case.network.sizes, int(case.options.bias_unit)
    return [sum(sizes[near] + bias for near in (layer - 1, layer + 1) if 0 <= near < len(sizes))
            for layer in range(len(sizes))]


def one_neuron_fits_a_core(case: Case) -> list[Violation]:
    """Nothing can be mapped when one neuron, synapse or relay exceeds a core."""
    if not case.obstacle:
        return []
    return [Violation("one core", None, case.obstacle, "one core", case.target.source("compartments_per_core"),
                      "make the layers smaller or take a target with larger cores")]


def synapses_fit_the_memory(case: Case) -> list[Violation]:
    """All synapses together against the memory of all cores."""
    limits = [case.target.limit(name) for name in ("synaptic_memory_per_core", "cores_per_chip")]
    if case.mapping is None or limits[0] is None or limits[1] is None:
        return []
    total = limits[0] * limits[1] * case.target.chips
    used = sum(core.cores * (core.memory + core.tag_memory) for core in case.mapping.cores)
    if used <= total:
        return []
    return case.broken("synaptic memory", "synaptic_memory_per_core", f"{used / 8192:.0f} KiB",
                       f"{total / 8192:.0f} KiB", _largest(case))


def cores_are_enough(case: Case) -> list[Violation]:
    """Cores and chips of one target."""
    mapping, each = case.mapping, case.target.limit("cores_per_chip")
    if mapping is None or mapping.chip_count <= case.target.chips:
        return []
    limit = "unknown" if each is None else f"{each * case.target.chips:g}"
    return case.broken("cores", "cores_per_chip", f"{mapping.core_count} cores on {mapping.chip_count} chips",
                       f"{limit} cores on {case.target.chips:g} chips", _largest(case))


def _largest(case: Case) -> str:
    largest = None if case.mapping is None else case.mapping.largest
    if largest is None:
        return "no hidden layer of this shape fits: shrink the visible layer or take a larger target"
    return f"sizes {','.join(map(str, largest))} fit, or take {case.mapping.board_count if case.mapping else 1} boards"


SIZE_RULES: tuple[Rule, ...] = (
    fan_in_is_read_by_one_core, fan_in_is_within_the_limit, fan_out_is_within_the_limit, one_neuron_fits_a_core,
    synapses_fit_the_memory, cores_are_enough,
)
