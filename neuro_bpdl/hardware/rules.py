"""Every hardware limit as one small function; `check` reports all that are broken at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from neuro_bpdl.activations import HARDWARE_ACTIVATIONS
from neuro_bpdl.errors import HardwareLimit
from neuro_bpdl.hardware.mapping import Mapping, map_network
from neuro_bpdl.hardware.options import MapOptions
from neuro_bpdl.hardware.quantise import learning_literal, literal_range, step_value
from neuro_bpdl.hardware.target import Target, load_target
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec, RunSpec, TrainingSpec


@dataclass(frozen=True)
class Violation:
    """One broken limit: which rule, where, what it got, what is allowed, who says so, what would fit.

    ``layer`` is None when the whole network or run is meant.
    """

    rule: str
    layer: int | None
    value: str
    limit: str
    source: str
    change: str

    def __str__(self) -> str:
        place = "network" if self.layer is None else f"layer {self.layer}"
        return f"{self.rule}: {place}: got {self.value}, limit {self.limit} [{self.source}]; {self.change}"


@dataclass(frozen=True)
class Case:
    """What is to be run; parts that are None are not checked. ``mapping`` or ``obstacle`` follows from it."""

    network: NetworkSpec
    target: Target
    inference: InferenceSpec | None = None
    plasticity: PlasticitySpec | None = None
    training: TrainingSpec | None = None
    engine: EngineSpec | None = None
    options: MapOptions = field(default_factory=MapOptions)
    mapping: Mapping | None = None
    obstacle: str = ""

    def broken(self, rule: str, limit_name: str, value: object, limit: object, change: str,
               *, layer: int | None = None) -> list[Violation]:
        """One violation of a number of the target file."""
        return [Violation(rule, layer, str(value), str(limit), self.target.source(limit_name), change)]


Rule = Callable[[Case], list[Violation]]


def activation_has_a_hardware_form(case: Case) -> list[Violation]:
    """A chip computes φ by comparisons, shifts and additions."""
    return [
        Violation("activation", layer, name, " or ".join(HARDWARE_ACTIVATIONS),
                  "the fixed-point model: straight pieces only", "use 'hard-sigmoid'")
        for layer, name in enumerate(case.network.activations) if name not in HARDWARE_ACTIVATIONS
    ]


def neuron_is_programmable(case: Case) -> list[Violation]:
    """The soma's step h += δ(p − q) + α(r − h) is no leaky integrate-and-fire step."""
    if case.target.has("programmable_neurons") is not False:
        return []
    return case.broken("neuron model", "programmable_neurons", "three-compartment soma step",
                       "leaky integrate-and-fire", "use a target with programmable neurons, e.g. loihi2")


def learning_has_three_factors(case: Case) -> list[Violation]:
    """Graded learning reads V̇ from the neuron: the third factor."""
    if not _learns(case) or case.options.spikes != "graded" or case.target.has("three_factor") is not False:
        return []
    return case.broken("learning rule", "three_factor", "3-factor (V̇ written by the neuron)", "2-factor",
                       "use loihi2, or spikes='binary' (V̇ read from spikes)")


def learning_has_two_factors(case: Case) -> list[Violation]:
    """Binary learning needs the spike-timing engine."""
    if not _learns(case) or case.options.spikes != "binary" or case.target.has("two_factor") is not False:
        return []
    return case.broken("learning rule", "two_factor", "2-factor", "no on-chip learning", "use loihi1 or loihi2")


def spikes_are_graded(case: Case) -> list[Violation]:
    """Activity travels as a payload."""
    if case.options.spikes != "graded" or case.target.has("graded_spikes") is not False:
        return []
    return case.broken("graded spikes", "graded_spikes", "graded", "binary",
                       "use loihi2, or spikes='binary' (a phase then lasts several steps)")


def payload_is_wide_enough(case: Case) -> list[Violation]:
    """A payload carries 2h: one bit more than the activity."""
    wanted = case.options.activity_bits + 1
    limit = case.target.limit("payload_bits")
    if case.options.spikes != "graded" or not case.target.has("graded_spikes") or limit is None or wanted <= limit:
        return []
    return case.broken("payload width", "payload_bits", f"{wanted} bit", f"{limit:g} bit",
                       f"activity_bits={int(limit) - 1}")


def traces_hold_the_activity(case: Case) -> list[Violation]:
    """x1 and V̇ are as wide as the activity."""
    limit = case.target.limit("trace_bits")
    if not _learns(case) or limit is None or case.options.activity_bits <= limit:
        return []
    return case.broken("trace width", "trace_bits", f"{case.options.activity_bits} bit", f"{limit:g} bit",
                       f"activity_bits={limit:g}")


def traces_are_enough(case: Case) -> list[Violation]:
    """The rule reads x1, y1 and y2."""
    return [
        violation for name, wanted in (("pre_traces", 1), ("post_traces", 2))
        if _learns(case) and wanted > (case.target.limit(name) or wanted)
        for violation in case.broken("traces", name, wanted, case.target.limit(name), "use a target with more traces")
    ]


def weights_fit_their_width(case: Case) -> list[Violation]:
    return _width(case, "weight width", "weight_bits", case.options.weight_bits)


def tags_fit_their_width(case: Case) -> list[Violation]:
    return _width(case, "tag width", "tag_bits", case.options.tag_bits)


def state_fits_its_width(case: Case) -> list[Violation]:
    return _width(case, "state width", "state_bits", case.options.state_bits)


def _width(case: Case, rule: str, name: str, value: int) -> list[Violation]:
    limit = case.target.limit(name)
    if limit is None or value <= limit:
        return []
    return case.broken(rule, name, f"{value} bit", f"{limit:g} bit", f"{name}={limit:g}")


def steps_do_not_vanish(case: Case) -> list[Violation]:
    """δ and α must not round to 0; α = 0 is meant."""
    if case.inference is None:
        return []
    bits = int(min(case.options.step_fraction_bits, case.target.limit("step_fraction_bits") or 32))
    return [
        Violation("step size", None, f"{name}={value:g}", f"at least 2^-{bits + 1} (rounds to 0 below)",
                  case.target.source("step_fraction_bits"), f"{name}={2.0 ** -bits:g}")
        for name, value in (("delta", case.inference.delta), *(("alpha", alpha) for alpha in _alphas(case)))
        if value > 0 and step_value(value, bits) == 0
    ]


def _alphas(case: Case) -> tuple[float, ...]:
    """The different α of the layers; none before training has decided them."""
    if case.inference is None or isinstance(case.inference.alpha, str):
        return ()
    return tuple(dict.fromkeys(case.inference.alphas(case.network.depth)[:-1])) or (0.0,)


def learning_rate_has_a_literal(case: Case) -> list[Violation]:
    """The rule's constant is mantissa · 2^exponent within the target's ranges."""
    if case.plasticity is None or not _learns(case):
        return []
    ranges = literal_range(case.target)
    if ranges is None:
        return []
    low, high = (case.options.rate_per_literal * end for end in (ranges.smallest, ranges.largest))
    depth = case.network.depth
    down, up = case.plasticity.rates_down(depth), case.plasticity.rates_up(depth)
    rates = {("learning_rate", rate) for rate in down} | {("feedforward_rate", rate) for rate in up if rate not in down}
    return [
        violation for name, rate in sorted(rates, reverse=True)
        if learning_literal(rate / case.options.rate_per_literal, ranges) is None
        for violation in case.broken("learning-rate literal", "mantissa_max", f"{name}={rate:g}",
                                     f"{low:g} to {high:g} (half the smallest rounds up)",
                                     f"{name}={low if rate < low else high:g}, or another rate_per_literal")
    ]


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


def batch_is_one(case: Case) -> list[Violation]:
    """A chip holds one copy of the network."""
    limit = case.target.limit("batch")
    if case.training is None or limit is None or case.training.batch <= limit:
        return []
    return case.broken("batch", "batch", case.training.batch, f"{limit:g}",
                       f"--batch {limit:g} (training.batch in a config file)")


def arithmetic_is_fixed(case: Case) -> list[Violation]:
    """A chip has no floating point."""
    if case.engine is None or case.engine.arithmetic == "fixed" or case.target.kind == "simulator":
        return []
    return [Violation("arithmetic", None, case.engine.arithmetic, "fixed", "neuro cores compute with integers",
                      "--arithmetic fixed (engine.arithmetic in a config file)")]


def noise_is_not_in_the_steps(case: Case) -> list[Violation]:
    return _unavailable(case, "Langevin noise", case.inference is not None and case.inference.langevin > 0,
                        f"langevin={case.inference.langevin:g}" if case.inference else "", "inference.langevin=0")


def layers_step_together(case: Case) -> list[Violation]:
    return _unavailable(case, "order", case.inference is not None and case.inference.order == "sequential",
                        "sequential", "inference.order='simultaneous'")


def _unavailable(case: Case, rule: str, asked: bool, value: str, change: str) -> list[Violation]:
    if not asked or case.target.kind == "simulator":
        return []
    return [Violation(rule, None, value, "not available on a chip", "the composed network has no such part", change)]


def _learns(case: Case) -> bool:
    return case.plasticity is not None and case.options.learning


RULES: tuple[Rule, ...] = (
    activation_has_a_hardware_form, neuron_is_programmable, learning_has_three_factors, learning_has_two_factors,
    spikes_are_graded, payload_is_wide_enough, traces_hold_the_activity, traces_are_enough, weights_fit_their_width,
    tags_fit_their_width, state_fits_its_width, steps_do_not_vanish, learning_rate_has_a_literal,
    fan_in_is_read_by_one_core, fan_in_is_within_the_limit, fan_out_is_within_the_limit, one_neuron_fits_a_core,
    synapses_fit_the_memory, cores_are_enough, batch_is_one, arithmetic_is_fixed, noise_is_not_in_the_steps,
    layers_step_together,
)


def check(
    network: NetworkSpec, target: Target | str, *, inference: InferenceSpec | None = None,
    plasticity: PlasticitySpec | None = None, training: TrainingSpec | None = None,
    engine: EngineSpec | None = None, options: MapOptions | None = None,
) -> list[Violation]:
    """Every limit of the target that the network or what is done with it breaks; empty when it fits.

    Parts left out are not checked; without ``plasticity`` learning is not. A
    simulator has no limits. Unknown limits are not checked: see
    `Mapping.resources` for which those are.
    """
    chosen = load_target(target) if isinstance(target, str) else target
    if chosen.kind == "simulator":
        return []
    options = options or MapOptions(learning=plasticity is not None)
    mapping, obstacle = None, ""
    try:
        mapping = map_network(network, chosen, options=options)
    except HardwareLimit as error:
        obstacle = str(error)
    case = Case(network, chosen, inference, plasticity, training, engine, options, mapping, obstacle)
    return [violation for rule in RULES for violation in rule(case)]


def check_run(run: RunSpec, visible: int, target: Target | str, *,
              options: MapOptions | None = None) -> list[Violation]:
    """`check` of a whole training run on images of ``visible`` pixels."""
    return check(run.network(visible), target, inference=run.inference, plasticity=run.plasticity,
                 training=run.training, engine=run.engine, options=options)


def require_fit(violations: list[Violation], target: Target | str) -> None:
    """Refuse a run that breaks a limit.

    Raises
    ------
    HardwareLimit
        Lists every violation, one per line.
    """
    if violations:
        name = target if isinstance(target, str) else target.name
        lines = "".join(f"\n  {violation}" for violation in violations)
        raise HardwareLimit(f"target {name}: {len(violations)} limit(s) broken:{lines}")
