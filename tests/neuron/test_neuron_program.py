"""The neuron document, run by an interpreter that reads nothing else, is the fixed kernel bit for bit."""

import ast
import copy
import json
from pathlib import Path

import numpy as np
import pytest

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import classification_program, generation_program, inference_program
from neuro_bpdl.errors import InvalidInput, SimulationError
from neuro_bpdl.hardware.options import kept_bits
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.neuron import draws, interpreter, synapses
from neuro_bpdl.neuron.document import neuron_document
from neuro_bpdl.neuron.replay import machine_of, replay
from neuro_bpdl.numbers.literal import TAG_CARRY, WEIGHT_RULE
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec

SIZES = (16, 9, 5)
PLAIN = NetworkSpec.of(SIZES)
SOFT = NetworkSpec.of((16, 9, 7, 5), ("hard-sigmoid", "pwl-softplus", "clipped-relu", "pwl-sigmoid"))
LABELLED = NetworkSpec.of((16, 9, 7, 5), ("hard-sigmoid", "pwl-softplus", "pwl-softplus", "hard-sigmoid"))
LABELLED = LABELLED.model_copy(update={"labels": LabelSpec(nudge=4)})
GATED = PlasticitySpec(learning_rate=0.2, noise=0.3, clip_visible=False, derivative=True, top_noise="bernoulli")
SLOW = GATED.model_copy(update={"learning_rate": 0.05})
TAUGHT = PlasticitySpec(learning_rate=0.03, feedforward_rate=0.03)
INFERENCE = InferenceSpec(steps=2, delta=0.3, alpha=0.02)
ONCE = {"learning_epoch": "presentation"}
CHANGES = {"sends": "changes"}
DIFFERENCES = EngineSpec(arithmetic="fixed", **CHANGES).messages
CASES = {
    "shared": (PLAIN, PlasticitySpec(learning_rate=0.2), "shared", None),
    "per-synapse": (PLAIN, PlasticitySpec(learning_rate=0.2), "per-synapse", None),
    "gated, signed, bernoulli": (PLAIN, GATED, "shared", None),
    "other curves": (SOFT, SLOW, "per-synapse", None),
    "once a presentation": (PLAIN, PlasticitySpec(learning_rate=0.2), "shared", None, ONCE),
    "once, gated": (PLAIN, GATED, "per-synapse", None, ONCE),
    "labels": (LABELLED, TAUGHT, "shared", None),
    "changes only": (PLAIN, PlasticitySpec(learning_rate=0.2), "per-synapse", None, CHANGES),
    "changes only, once, gated, signed": (PLAIN, GATED, "shared", None, CHANGES | ONCE),
    "changes only, labels": (LABELLED, TAUGHT, "shared", None, CHANGES),
    "changes only, generation": (SOFT, GATED, "shared", generation_program(describe(SOFT), 2, 2).sending(DIFFERENCES)),
    "changes only, inpainting": (
        PLAIN, GATED, "shared", inference_program(describe(PLAIN), 3, clamped=False).sending(DIFFERENCES)
    ),
    "inference": (PLAIN, GATED, "shared", inference_program(describe(PLAIN), 3)),
    "inpainting": (PLAIN, GATED, "shared", inference_program(describe(PLAIN), 3, clamped=False)),
    "generation": (SOFT, GATED, "shared", generation_program(describe(SOFT), 2, 2)),
    "classification": (LABELLED, PlasticitySpec(), "shared", classification_program(describe(LABELLED))),
}


def kernel_of(network, plasticity, rounding, program, more=None, seed=7):
    params = initial_parameters(network, 1)
    engine = EngineSpec(arithmetic="fixed", rounding=rounding, **(more or {}))
    rng = np.random.default_rng(3)
    for bias in (*params.b, *params.c):
        bias[:] = rng.uniform(-0.5, 0.5, bias.shape)
    program = program or learning_program(engine, network, INFERENCE.steps)
    return make_network(engine, params, INFERENCE, plasticity, program, batch=1, seed=seed)


def feeds_of(kernel, count):
    rng, program = np.random.default_rng(0), kernel.program
    rates = rng.random((count, program.feed_size)) * (rng.random((count, program.feed_size)) > 0.3)
    if program.taught:
        rates[:, program.columns(program.depth)] = np.eye(kernel.layers[-1].n)[rng.integers(0, 5, count)]
    if program.free:
        rates = np.where(rng.random(rates.shape) < 0.5, -1 - rates, rates)
    return kernel.to_feed(rates)


def document_of(kernel):
    return json.loads(json.dumps(neuron_document(kernel)))


@pytest.mark.parametrize("case", CASES)
def test_the_interpreter_is_the_kernel_to_the_bit(case):
    kernel = kernel_of(*CASES[case])
    before = [matrix.copy() for matrix in kernel.weights]
    feeds = feeds_of(kernel, 12)
    assert list(replay(kernel, document_of(kernel), feeds)) == [[]] * len(feeds)
    for now, then in zip(kernel.weights, before, strict=True):
        assert (now != then).any() == kernel.program.learns
    assert all(np.ptp(layer.soma) > 0 for layer in kernel.layers)


def changed(document, population, routine, index, operand, by):
    other = copy.deepcopy(document)
    other["populations"][population]["routines"][routine][index][operand] += by
    return other


def test_any_number_in_the_program_of_a_layer_matters():
    """An interpreter that took anything from elsewhere would not see them change."""
    kernel = kernel_of(*CASES["gated, signed, bernoulli"])
    document, start = document_of(kernel), [matrix.copy() for matrix in kernel.weights]
    feeds, seen = feeds_of(kernel, 3), 0
    for routine, instructions in document["populations"][1]["routines"].items():
        for index, (name, *operands) in enumerate(instructions):
            for operand, value in enumerate(operands, 1):
                if isinstance(value, int) and name in ("shr", "shl", "send", "dither"):
                    kernel.adopt(start, kernel.variance)
                    other = changed(document, 1, routine, index, operand, 1)
                    try:
                        assert any(replay(kernel, other, feeds)), (routine, index)
                    except SimulationError as error:
                        assert "does not fit" in str(error)
                    seen += 1
    assert seen > 20


@pytest.mark.parametrize(("part", "key"), [("rule", "tag"), ("rule", "weight")])
def test_the_rules_of_the_document_are_those_that_are_applied(part, key):
    kernel = kernel_of(*CASES["shared"])
    document = document_of(kernel)
    document["projections"][0][part][key] = document["projections"][0][part][key].replace("+", "-", 1)
    assert any("F_1" in name for found in replay(kernel, document, feeds_of(kernel, 4)) for name in found)


def test_a_register_too_narrow_is_an_error_that_names_it():
    kernel = kernel_of(*CASES["shared"])
    document = document_of(kernel)
    document["populations"][1]["registers"]["soma"]["bits"] = 18
    with pytest.raises(SimulationError, match=r"layer_1\.soma: .* does not fit into -131072 to 131071"):
        list(replay(kernel, document, feeds_of(kernel, 2)))


def test_accumulators_hold_the_largest_sum_that_can_arrive():
    kernel = kernel_of(*CASES["shared"])
    for matrix in kernel.weights:
        matrix[0], matrix[1] = -256, 0
    machine = machine_of(kernel, document_of(kernel))
    for name, synapse in machine.synapses.items():
        source = kernel.layers[next(p for p in kernel.projections if p.name == name).source]
        payload = np.append(np.full(source.n, 127), source.loud)
        machine.populations[next(p for p in document_of(kernel)["projections"] if p["name"] == name)["target"]].receive(
            {name: synapse.currents(payload)}
        )


@pytest.mark.parametrize("module", [interpreter, synapses, draws])
def test_the_interpreter_imports_neither_kernels_nor_settings(module):
    tree = ast.parse(Path(module.__file__).read_text())
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    own = {name for name in names if name.startswith("neuro_bpdl")}
    assert own <= {"neuro_bpdl.errors", "neuro_bpdl.neuron.draws", "neuro_bpdl.neuron.synapses"}


def test_rules_are_read_product_by_product():
    products = synapses.parsed(f"{TAG_CARRY}+6*2^-3*x0*x1*y1")
    assert [(p.mantissa, p.exponent, p.dependency, p.factors) for p in products] == [
        (-1, 5, "u0", ("sgn(t-32)",)), (-1, 5, "u0", ("sgn(t+32)",)), (6, -3, "x0", ("x1", "y1")),
    ]  # fmt: skip
    assert [p.exponent for p in synapses.parsed(WEIGHT_RULE)] == [-1, -1]


def test_the_estimate_counts_the_instructions_of_a_presentation():
    document = document_of(kernel_of(*CASES["shared"]))
    for population in document["populations"]:
        assert len(population["steps"]) == document["time_steps"]
        lengths = [len(population["routines"][name]) for name in population["steps"]]
        assert population["estimate"]["instructions_per_presentation"] == sum(lengths)
        assert population["estimate"]["longest_time_step"] == max(lengths)
        known = {instruction[0] for routine in population["routines"].values() for instruction in routine}
        assert known <= set(document["instructions"])
    top = document["populations"][2]
    # soma 24, noisy 8, basal 7, V̇ 8, and a current of 9 units: 256 · (9 · 127 + 254) needs 19 bits and a sign
    assert top["estimate"]["state_bits_per_neuron"] == 24 + 8 + 7 + 8 + 20


def test_what_changes_need_is_in_the_document_and_whole_payloads_need_none_of_it():
    whole, changes = (document_of(kernel_of(PLAIN, GATED, "shared", None, {"sends": sends}))
                      for sends in ("whole", "changes"))  # fmt: skip
    assert "message_bits" not in whole and changes["message_bits"] == 9
    hidden = changes["populations"][1]["registers"]
    more = set(hidden) - set(whole["populations"][1]["registers"])
    assert more == {"basal_sum", "basal_sum_held", "apical_sum", "up_sent", "up_sent_held", "down_sent"}
    # 256 · (16 · 127 + 127) and a sign; twice the payload may arrive at once, for pixels are signed
    assert hidden["basal_sum"]["bits"] == 21
    assert changes["populations"][1]["accumulators"]["basal_in"]["bits"] == 22
    assert whole["populations"][1]["accumulators"]["basal_in"]["bits"] == 21
    widest = kept_bits(PLAIN)
    assert sum(hidden[name]["bits"] for name in more) <= widest < 64 + widest // 2


def test_spikes_have_no_program():
    kernel = kernel_of(*CASES["shared"])
    kernel.program = kernel.program.sending(EngineSpec(arithmetic="fixed", code="regular", window=3).messages)
    with pytest.raises(InvalidInput, match=r"code: got 'regular', allowed: graded in a neuron program"):
        neuron_document(kernel)
