"""One test per rule: it fires where it must, names what it must, and not elsewhere."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from neuro_bpdl.errors import HardwareLimit, InvalidInput
from neuro_bpdl.hardware import rules, size_rules
from neuro_bpdl.hardware.case import Violation
from neuro_bpdl.hardware.caveats import caveats
from neuro_bpdl.hardware.entry import Entry
from neuro_bpdl.hardware.fields import LIMITS, WIDTHS
from neuro_bpdl.hardware.literals import LiteralRange, learning_literal, literal_range, rates
from neuro_bpdl.hardware.options import MapOptions
from neuro_bpdl.hardware.rules import RULES, check, check_run, require_fit
from neuro_bpdl.hardware.target import Target, load_target
from neuro_bpdl.kernels.fixed.quantize import scheme
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.recipes import read_recipe, recipe_names
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec, RunSpec, TrainingSpec

NET = NetworkSpec.of((64, 20, 10))
CHANGES = EngineSpec(arithmetic="fixed", sends="changes")
FITTING: dict[str, Any] = {
    "network": NET, "target": "loihi2", "inference": InferenceSpec(), "plasticity": PlasticitySpec(),
    "training": TrainingSpec(batch=1), "engine": EngineSpec(arithmetic="fixed"),
}


def changed(name: str, /, **values: float | bool | None) -> Target:
    """A target with other numbers; None makes a number unknown."""
    target = load_target(name)
    units = {**LIMITS, **WIDTHS}
    entries = {}
    for field, value in values.items():
        unit = {"number": "1"}.get(units.get(field, "flag"), units.get(field, "flag"))
        confidence = "unknown" if value is None else "modelled"
        entries[field] = Entry(value=value, unit=unit, source="this test", confidence=confidence)
    return target.model_copy(update={"entries": target.entries | entries})


def broken(**changes: Any) -> list[Violation]:
    arguments = FITTING | changes
    return check(arguments.pop("network"), arguments.pop("target"), **arguments)


def test_a_fitting_run_breaks_nothing() -> None:
    assert broken() == []


CASES: list[tuple[str, dict[str, Any], str, int | None, str]] = [
    # rule, what is changed, value, layer, part of the nearest change
    ("activation", {"network": NetworkSpec.of((64, 20, 10), ("hard-sigmoid", "softplus", "clipped-relu"))},
     "softplus", 1, "hard-sigmoid"),
    ("neuron model", {"target": changed("loihi2", programmable_neurons=False)}, "three-compartment soma step", None,
     "loihi2"),
    ("learning rule", {"target": changed("loihi2", neuron_factor=False)}, "V̇ written by the neuron", None,
     "neurons write V̇"),
    ("learning rule", {"target": changed("loihi2", two_factor=False), "options": MapOptions(spikes="binary")},
     "2-factor", None, "loihi"),
    ("graded spikes", {"target": changed("loihi2", graded_spikes=False)}, "graded", None, "use a target with graded"),
    ("payload width", {"target": changed("loihi2", payload_bits=7)}, "8 bit", None, "activity_bits=6"),
    ("payload width", {"target": changed("loihi2", payload_bits=8), "engine": CHANGES}, "9 bit", None,
     "send whole payloads (engine.sends)"),
    ("state per neuron", {"target": changed("loihi2", state_per_neuron=72 // 8), "engine": CHANGES}, "164 bit", None,
     "fewer compartments"),
    ("trace width", {"options": MapOptions(activity_bits=8)}, "8 bit", None, "activity_bits=7"),
    ("traces", {"target": changed("loihi2", post_traces=1)}, "2", None, "more traces"),
    ("weight width", {"options": MapOptions(weight_bits=9)}, "9 bit", None, "weight_bits=8"),
    ("tag width", {"options": MapOptions(tag_bits=10)}, "10 bit", None, "tag_bits=9"),
    ("state width", {"options": MapOptions(state_bits=25)}, "25 bit", None, "state_bits=24"),
    ("state per neuron", {"target": changed("loihi2", state_per_neuron=71)}, "72 bit", None, "fewer compartments"),
    ("step size", {"inference": InferenceSpec(alpha=3e-5)}, "alpha=3e-05", None, "6.1e-05"),
    ("step size", {"inference": InferenceSpec(delta=2e-5)}, "delta=2e-05", None, "6.1e-05"),
    ("learning-rate literal", {"plasticity": PlasticitySpec(learning_rate=0.0004)},
     "learning_rate=0.0004 of F_1, F_2, G_1, G_2", None, "learning_rate=0.00384545"),
    ("learning-rate literal", {"plasticity": PlasticitySpec(learning_rate=0.0012)},
     "learning_rate=0.0012 of F_2, G_1, G_2", None, "learning_rate=0.00384545"),  # F_1 has finer weights
    ("learning-rate literal", {"plasticity": PlasticitySpec(learning_rate=0.1, feedforward_rate=0.0001)},
     "feedforward_rate=0.0001 of F_1, F_2", None, "feedforward_rate=0.00384545"),
    ("learning-rate literal", {"plasticity": PlasticitySpec(learning_rate=(0.1, 0.0001))},
     "learning_rate=0.0001 of F_2, G_2", None, "learning_rate=0.00384545"),
    ("learning-rate literal", {"options": MapOptions(rate_per_literal=1e-5)},
     "learning_rate=0.1 of F_1, F_2, G_1, G_2", None, "0.01792"),
    ("fan-in", {"target": changed("loihi2", fan_in=70)}, "76", 1, "shrink its neighbours by 6"),
    ("fan-out", {"target": changed("loihi2", fan_out=70)}, "74", 1, "shrink its neighbours by 4"),
    ("one core", {"target": changed("loihi2", compartments_per_core=2)}, "layer 0", None, "larger cores"),
    ("batch", {"training": TrainingSpec(batch=20)}, "20", None, "--batch 1"),
    ("arithmetic", {"engine": EngineSpec(arithmetic="float")}, "float", None, "--arithmetic fixed"),
    ("Langevin noise", {"inference": InferenceSpec(langevin=0.5)}, "langevin=0.5", None, "langevin=0"),
    ("order", {"inference": InferenceSpec(order="sequential")}, "sequential", None, "simultaneous"),
]


@pytest.mark.parametrize(("rule", "changes", "value", "layer", "change"), CASES,
                         ids=[f"{case[0]}-{index}" for index, case in enumerate(CASES)])
def test_a_rule_fires_alone_and_says_how_to_mend(
    rule: str, changes: dict[str, Any], value: str, layer: int | None, change: str
) -> None:
    violations = broken(**changes)
    assert [violation.rule for violation in violations] == [rule]
    (violation,) = violations
    assert violation.value.startswith(value)
    assert violation.layer == layer
    assert change in violation.change
    assert violation.source and "\n" not in str(violation)


def test_input_axons_count_only_where_partial_sums_cannot_travel() -> None:
    network = NetworkSpec.of((5000, 3))
    options = MapOptions(spikes="binary", learning=False)
    found = {violation.rule: violation for violation in check(network, "loihi1", options=options)}
    assert found["input axons"].layer == 1
    assert (found["input axons"].value, found["input axons"].limit) == ("5001", "4096")
    assert "905" in found["input axons"].change
    both = check(network, changed("loihi1", graded_spikes=True, programmable_neurons=True))
    assert "input axons" not in [violation.rule for violation in both]


def test_memory_and_cores_name_the_largest_that_fits() -> None:
    untagged = MapOptions(tag_bits=0)
    large = {"network": NetworkSpec.of((784, 6000, 6000)), "options": untagged}
    violations = {violation.rule: violation for violation in broken(**large)}
    assert set(violations) == {"synaptic memory", "cores"}
    assert violations["cores"].value == "640 cores on 6 chips"
    assert violations["cores"].limit == "120 cores on 1 chips"
    for violation in violations.values():
        assert "sizes 784,2410,2410 fit" in violation.change
    assert broken(network=NetworkSpec.of((784, 2410, 2410)), options=untagged) == []
    assert broken(**large, target="kapoho_point") == []


@pytest.mark.parametrize("plasticity", [
    PlasticitySpec(learning_rate=0.01), PlasticitySpec(learning_rate=0.01, derivative=True, clip_visible=False)
])
@pytest.mark.parametrize("sizes", [(64, 20, 10), (784, 500, 100)])
def test_the_rate_of_a_literal_is_that_of_the_kernels(sizes: tuple[int, ...], plasticity: PlasticitySpec) -> None:
    network = NetworkSpec.of(sizes, ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid"))
    literals = scheme(initial_parameters(network, 0), InferenceSpec(), plasticity, learns=True).literals
    for one, literal in zip(rates(network, plasticity), literals, strict=True):
        assert literal.mantissa * 2.0**literal.exponent * one.per_literal == pytest.approx(literal.rate, rel=1e-12)


IN_INTEGERS = [name for name in recipe_names() if RunSpec(**read_recipe(name).fields).engine.arithmetic == "fixed"]


@pytest.mark.parametrize("name", IN_INTEGERS)
def test_what_a_recipe_learns_at_has_a_literal(name: str) -> None:
    """What the kernels train, the target's rule takes: one truth about rates."""
    recipe = read_recipe(name)
    run = RunSpec(**recipe.fields)
    found = [violation.rule for violation in check_run(run, recipe.pixels, "loihi2")]
    assert "learning-rate literal" not in found


def test_unknown_limits_break_nothing() -> None:
    unknown = dict.fromkeys(("weight_bits", "trace_bits", "payload_bits", "fan_in", "mantissa_max", "state_bits",
                             "batch", "post_traces", "neuron_factor", "graded_spikes"))
    assert broken(target=changed("loihi2", **unknown), training=TrainingSpec(batch=9)) == []


def test_parts_left_out_are_not_checked() -> None:
    assert check(NET, "loihi2") == []
    assert check(NET, changed("loihi2", neuron_factor=False)) == []


def test_the_simulator_takes_everything() -> None:
    assert check_run(RunSpec(activation="softplus", layers=(9000,)), 784, "cpu") == []


def test_loihi1_lacks_what_a_graded_network_needs() -> None:
    names = {violation.rule for violation in check(NET, "loihi1", plasticity=PlasticitySpec())}
    assert names == {"neuron model", "learning rule", "graded spikes"}
    ways_out = [str(violation) for violation in check(NET, "loihi1", plasticity=PlasticitySpec())]
    assert sum("--code regular" in text for text in ways_out) == 3
    binary = MapOptions(spikes="binary")
    assert {violation.rule for violation in check(NET, "loihi1", plasticity=PlasticitySpec(), options=binary)} == {
        "neuron model"}


def test_loihi1_takes_binary_spikes_with_two_factors_and_says_what_its_neurons_leave_to_others() -> None:
    spikes = RunSpec(engine=EngineSpec(arithmetic="fixed", code="regular"), training=TrainingSpec(batch=1))
    found = check_run(spikes, 784, "loihi1")
    assert {violation.rule for violation in found} == {"learning rule"}
    assert "--set engine.factors=2" in str(found)
    signed = spikes.model_copy(update={"plasticity": PlasticitySpec(clip_visible=False)})
    assert {violation.rule for violation in check_run(signed, 784, "loihi1")} == {
        "learning rule", "spikes without a sign"}
    assert check_run(signed, 784, "loihi2") == []
    pairs = spikes.model_copy(update={"engine": EngineSpec(arithmetic="fixed", code="regular", factors=2)})
    assert check_run(pairs, 784, "loihi1") == []
    assert check_run(pairs, 784, changed("loihi1", post_traces=1)) == []
    soma, swing = caveats(load_target("loihi1"), pairs.engine)
    assert "no cost includes it" in soma and "generalised LIF" in soma
    assert "postsynaptic spikes" in swing
    assert caveats(load_target("loihi1"), EngineSpec(arithmetic="fixed")) == []  # refused, so nothing is left to say
    (said,) = caveats(load_target("loihi2"), CHANGES)
    assert said.startswith("changes have a sign") and caveats(load_target("loihi1"), CHANGES) == []
    assert caveats(load_target("loihi2"), pairs.engine) == caveats(load_target("cpu"), pairs.engine) == []


def test_all_violations_come_at_once() -> None:
    run = RunSpec(layers=(9000, 5000), activation="softplus", engine=EngineSpec(backend="theory"),
                  inference=InferenceSpec(order="sequential", langevin=1.0))
    violations = check_run(run, 784, "loihi2")
    assert [violation.rule for violation in violations] == [
        "activation", "activation", "activation", "synaptic memory", "cores", "batch", "arithmetic",
        "Langevin noise", "order"]
    with pytest.raises(HardwareLimit, match="loihi2: 9 limit") as error:
        require_fit(violations, "loihi2")
    assert all(str(violation) in str(error.value) for violation in violations)
    require_fit([], "loihi2")


def test_no_rule_is_forgotten() -> None:
    written = {function for module in (rules, size_rules) for name, function in vars(module).items()
               if inspect.isfunction(function) and not name.startswith("_")
               and list(inspect.signature(function).parameters) == ["case"]}
    assert written == set(RULES) and len(RULES) == len(written)


LOIHI = LiteralRange(7, -7, 8)


def test_literals_of_the_targets() -> None:
    assert literal_range(load_target("loihi2")) == LOIHI
    assert literal_range(changed("loihi2", mantissa_max=None)) is None


@pytest.mark.parametrize(("value", "literal"), [
    (2.0**-7, (1, -7)), (7 * 2.0**8, (7, 8)), (0.1, (3, -5)), (1.0, (1, 0)), (2.7, (5, -1)),
    (0.75 * 2.0**-7, (1, -7)), (0.49 * 2.0**-7, None), (7.01 * 2.0**8, None),
])
def test_the_nearest_literal(value: float, literal: tuple[int, int] | None) -> None:
    found = learning_literal(value, LOIHI)
    if literal is None or found is None:
        assert found == literal
        return
    assert found[0] * 2.0 ** found[1] == literal[0] * 2.0 ** literal[1]


@pytest.mark.parametrize("value", [0.5**k for k in range(1, 17)] + [3e-5, 3.1e-5, 1e-4, 0.001, 0.1, 0.3, 1.0])
def test_what_the_kernels_run_also_maps(value: float) -> None:
    """One truth: `numbers.steps`; a step that fixed point takes breaks no limit, one that it refuses does."""
    inference = InferenceSpec(delta=value, alpha=min(value, 0.9))
    try:
        scheme(initial_parameters(NET, 0), inference, PlasticitySpec(), learns=True)
        runs = True
    except InvalidInput:
        runs = False
    assert ("step size" not in {violation.rule for violation in broken(inference=inference)}) is runs
