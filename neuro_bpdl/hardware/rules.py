"""Every hardware limit as one small function; `check` reports all that are broken at once."""

from __future__ import annotations

from neuro_bpdl.errors import HardwareLimit, InvalidInput
from neuro_bpdl.hardware.case import Case, Rule, Violation
from neuro_bpdl.hardware.literals import LiteralRange, MatrixRate, learning_literal, literal_range, rates
from neuro_bpdl.hardware.mapping import map_network
from neuro_bpdl.hardware.options import MapOptions, options_of
from neuro_bpdl.hardware.size_rules import SIZE_RULES
from neuro_bpdl.hardware.target import Target, load_target
from neuro_bpdl.numbers.activations import HARDWARE_ACTIVATIONS
from neuro_bpdl.numbers.steps import quantized_step
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec, RunSpec, TrainingSpec

WAY_OUT = "send binary spikes (--code regular), or use a target with graded spikes, e.g. loihi2"
FACTOR_WAY_OUT = ("tell V̇ in spikes (--code regular --set engine.factors=2), or use a target whose neurons write V̇, "
                  "e.g. loihi2")


def activation_has_a_hardware_form(case: Case) -> list[Violation]:
    """A chip computes φ by comparisons, shifts and additions."""
    return [
        Violation("activation", layer, name, " or ".join(HARDWARE_ACTIVATIONS),
                  "the fixed-point model: straight pieces only", "use 'hard-sigmoid'")
        for layer, name in enumerate(case.network.activations) if name not in HARDWARE_ACTIVATIONS
    ]


def neuron_is_programmable(case: Case) -> list[Violation]:
    """The soma's step h += δ(p − q) + α(r − h) is no leaky integrate-and-fire step.

    Between trains of spikes, where neurons only fire and count, it can be taken
    elsewhere: `caveats` says so.
    """
    if case.target.has("programmable_neurons") is not False or _sends_spikes(case):
        return []
    return case.broken("neuron model", "programmable_neurons", "three-compartment soma step",
                       "leaky integrate-and-fire",
                       "send binary spikes (--code regular), or use a target with programmable neurons, e.g. loihi2")


def learning_reads_the_neurons_factor(case: Case) -> list[Violation]:
    """With three factors learning reads V̇, which the neuron's own program writes; spikes change S_pre alone."""
    binary = case.options.spikes == "binary" and not _sends_spikes(case)  # the spike-timing engine's own rules
    if not _learns(case) or binary or _pairs(case) or case.target.has("neuron_factor") is not False:
        return []
    return case.broken("learning rule", "neuron_factor", "V̇ written by the neuron",
                       "factors from spikes and a reward", FACTOR_WAY_OUT)


def learning_has_two_factors(case: Case) -> list[Violation]:
    """Binary learning needs the spike-timing engine."""
    if not _learns(case) or case.options.spikes != "binary" or case.target.has("two_factor") is not False:
        return []
    return case.broken("learning rule", "two_factor", "2-factor", "no on-chip learning", "use loihi1 or loihi2")


def spikes_are_graded(case: Case) -> list[Violation]:
    """Activity travels as a payload."""
    if case.options.spikes != "graded" or case.target.has("graded_spikes") is not False:
        return []
    return case.broken("graded spikes", "graded_spikes", "graded", "binary", WAY_OUT)


def spikes_have_no_sign(case: Case) -> list[Violation]:
    """Pixels whose noise is not clipped are sent with a sign, which a binary spike has not."""
    signed = case.plasticity is not None and not case.plasticity.clips(0)
    if not signed or not _sends_spikes(case) or case.target.has("graded_spikes") is not False:
        return []
    return case.broken("spikes without a sign", "graded_spikes", "corrupted pixels below 0", "binary",
                       "plasticity.clip_visible=true, or a target with graded spikes, e.g. loihi2")


def payload_is_wide_enough(case: Case) -> list[Violation]:
    """A payload carries 2h: one bit more than the activity; a change of it has a sign besides."""
    wanted = case.options.activity_bits + 1 + _sends_changes(case)
    limit = case.target.limit("payload_bits")
    if case.options.spikes != "graded" or not case.target.has("graded_spikes") or limit is None or wanted <= limit:
        return []
    return case.broken("payload width", "payload_bits", f"{wanted} bit", f"{limit:g} bit",
                       "send whole payloads (engine.sends)" if _sends_changes(case) else
                       f"activity_bits={int(limit) - 1}")


def traces_hold_the_activity(case: Case) -> list[Violation]:
    """x1 and V̇ are as wide as the activity."""
    limit = case.target.limit("trace_bits")
    if not _learns(case) or limit is None or case.options.activity_bits <= limit:
        return []
    return case.broken("trace width", "trace_bits", f"{case.options.activity_bits} bit", f"{limit:g} bit",
                       f"activity_bits={limit:g}")


def traces_are_enough(case: Case) -> list[Violation]:
    """The rule reads x1, y1 and y2; that of two factors x1 and y1."""
    return [
        violation for name, wanted in (("pre_traces", 1), ("post_traces", 1 if _pairs(case) else 2))
        if _learns(case) and wanted > (case.target.limit(name) or wanted)
        for violation in case.broken("traces", name, wanted, case.target.limit(name), "use a target with more traces")
    ]


def weights_fit_their_width(case: Case) -> list[Violation]:
    return _width(case, "weight width", "weight_bits", case.options.weight_bits)


def tags_fit_their_width(case: Case) -> list[Violation]:
    return _width(case, "tag width", "tag_bits", case.options.tag_bits)


def state_fits_its_width(case: Case) -> list[Violation]:
    return _width(case, "state width", "state_bits", case.options.state_bits)


def state_fits_the_neuron(case: Case) -> list[Violation]:
    """A neuron's compartments together against the state that a neuron may have."""
    limit, options = case.target.limit("state_per_neuron"), case.options
    used = options.compartments_per_neuron * options.state_bits + options.kept_bits
    if limit is None or used <= limit:
        return []
    return case.broken("state per neuron", "state_per_neuron", f"{used} bit", f"{limit:g} bit",
                       "fewer compartments or narrower state")


def _width(case: Case, rule: str, name: str, value: int) -> list[Violation]:
    limit = case.target.limit(name)
    if limit is None or value <= limit:
        return []
    return case.broken(rule, name, f"{value} bit", f"{limit:g} bit", f"{name}={limit:g}")


def steps_do_not_vanish(case: Case) -> list[Violation]:
    """δ and α must not round to 0; α = 0 is meant."""
    if case.inference is None:
        return []
    steps = (("delta", case.inference.delta), *(("alpha", alpha) for alpha in _alphas(case)))
    return [violation for name, value in steps for violation in _vanishing(name, value)]


def _vanishing(name: str, value: float) -> list[Violation]:
    """As the fixed-point kernels round them (`neuro_bpdl.numbers.steps`), so that what runs also maps."""
    try:
        quantized_step(name, value)
    except InvalidInput as error:
        return [Violation("step size", None, f"{name}={value:g}", error.allowed, "the soma's 14 fraction bits",
                          error.mend)]
    return []


def _alphas(case: Case) -> tuple[float, ...]:
    """The different α of the layers; none before training has decided them."""
    if case.inference is None or isinstance(case.inference.alpha, str):
        return ()
    return tuple(dict.fromkeys(case.inference.alphas(case.network.depth)[:-1])) or (0.0,)


def learning_rate_has_a_literal(case: Case) -> list[Violation]:
    """The rule's constant is mantissa · 2^exponent within the target's ranges, in the units of each matrix."""
    ranges = literal_range(case.target)
    if case.plasticity is None or ranges is None or not _learns(case) or activation_has_a_hardware_form(case):
        return []
    if _sends_spikes(case):  # a literal per spike: `numbers.literal` refuses what it cannot say
        return []
    told = rates(case.network, case.plasticity, case.options.rate_per_literal)
    without = [one for one in told if learning_literal(one.rate / one.per_literal, ranges) is None]
    same = dict.fromkeys((one.field, one.rate) for one in without)
    return [_no_literal(case, [one for one in without if (one.field, one.rate) == key], ranges) for key in same]


def _no_literal(case: Case, matrices: list[MatrixRate], ranges: LiteralRange) -> Violation:
    """Of matrices with the same rate in the same field."""
    low = max(one.per_literal for one in matrices) * ranges.smallest
    high = min(one.per_literal for one in matrices) * ranges.largest
    field, rate, names = matrices[0].field, matrices[0].rate, ", ".join(one.matrix for one in matrices)
    return Violation("learning-rate literal", None, f"{field}={rate:g} of {names}",
                     f"{low:g} to {high:g} (half the smallest rounds up)", case.target.source("mantissa_max"),
                     f"{field}={low if rate < low else high:g}")


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


def _sends_spikes(case: Case) -> bool:
    return case.engine is not None and case.engine.messages.spikes


def _sends_changes(case: Case) -> bool:
    return case.engine is not None and case.engine.messages.changes


def _pairs(case: Case) -> bool:
    """Whether V̇ is told in spikes."""
    return case.engine is not None and case.engine.messages.paired


def _learns(case: Case) -> bool:
    return case.plasticity is not None and case.options.learning


RULES: tuple[Rule, ...] = (
    activation_has_a_hardware_form, neuron_is_programmable, learning_reads_the_neurons_factor, learning_has_two_factors,
    spikes_are_graded, spikes_have_no_sign,
    payload_is_wide_enough, traces_hold_the_activity, traces_are_enough, weights_fit_their_width,
    tags_fit_their_width, state_fits_its_width,
    state_fits_the_neuron, steps_do_not_vanish, learning_rate_has_a_literal,
    *SIZE_RULES, batch_is_one, arithmetic_is_fixed, noise_is_not_in_the_steps,
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
    spikes = engine is not None and engine.messages.spikes
    options = options or options_of(network, engine or EngineSpec(), learning=plasticity is not None,
                                    spikes="binary" if spikes else "graded")  # fmt: skip
    mapping, obstacle = None, ""
    try:
        mapping = map_network(network, chosen, options=options)
    except HardwareLimit as error:
        obstacle = str(error)
    case = Case(network, chosen, inference, plasticity, training, engine, options, mapping, obstacle)
    return [violation for rule in RULES for violation in rule(case)]


def check_run(run: RunSpec, visible: int, target: Target | str, *,
              options: MapOptions | None = None) -> list[Violation]:
    """`check` of a whole training run on images of ``visible`` pixels; with images and labels, of both events."""
    network = run.network(visible)
    events = [(network, run.inference, run.plasticity)]
    if run.joint:
        settled = run.inference.model_copy(update={"alpha": 0.0})  # a label's does not infer
        events = [(network.images, run.inference, run.plasticity), (network.taught, settled, run.plasticity.teaching)]
    found = (check(one, target, inference=inference, plasticity=rule, training=run.training, engine=run.engine,
                   options=options) for one, inference, rule in events)  # fmt: skip
    return list(dict.fromkeys(violation for violations in found for violation in violations))


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
