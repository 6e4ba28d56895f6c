"""Changes only, which the receiver adds up: the integers of whole payloads to the bit, and fewer messages."""

import numpy as np
import pytest
from twins import assert_same_network, in_steps

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.operations import Op, operations
from neuro_bpdl.description.program import classification_program, generation_program, inference_program
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec

PLAIN = NetworkSpec.of((65, 42, 39), ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid"))
LABELLED = NetworkSpec.of((21, 14, 9, 5), ("hard-sigmoid", "pwl-softplus", "pwl-softplus", "hard-sigmoid"))
LABELLED = LABELLED.model_copy(update={"labels": LabelSpec(nudge=4)})
SIGNED = PlasticitySpec(
    learning_rate=0.1, feedforward_rate=0.03, visible_noise=0.5, clip_visible=False, derivative=True
)
TAUGHT = PlasticitySpec(learning_rate=0.03, feedforward_rate=0.03)
INFERENCE = InferenceSpec(steps=4)
PROGRAMS = {
    "learning": (PLAIN, SIGNED, None, {}),
    "learning once a presentation": (PLAIN, SIGNED, None, {"learning_epoch": "presentation"}),
    "learning with labels": (LABELLED, TAUGHT, None, {}),
    "inference": (PLAIN, SIGNED, lambda network: inference_program(network, 4), {}),
    "inpainting": (PLAIN, SIGNED, lambda network: inference_program(network, 4, clamped=False), {}),
    "generation": (PLAIN, SIGNED, lambda network: generation_program(network, 3, 2), {}),
    "classification": (LABELLED, TAUGHT, classification_program, {}),
}


def network_of(case, sends, batch=1, rounding="per-synapse"):
    spec, plasticity, program, more = PROGRAMS[case]
    engine = EngineSpec(arithmetic="fixed", rounding=rounding, sends=sends, **more)
    made = (learning_program(engine, spec, INFERENCE.steps) if program is None
            else program(describe(spec)).sending(engine.messages))  # fmt: skip
    return make_network(engine, initial_parameters(spec, 2), INFERENCE, plasticity, made, batch=batch, seed=5)


def feeds_of(network, count, batch):
    rng, program = np.random.default_rng(0), network.program
    rates = rng.random((count, batch, program.feed_size))
    rates *= rng.random(rates.shape) > 0.3
    if program.taught:
        rates[..., program.columns(program.depth)] = np.eye(5)[rng.integers(0, 5, (count, batch))]
    if program.free:
        rates = np.where(rng.random(rates.shape) < 0.5, -1 - rates, rates)
    return network.to_feed(rates)


@pytest.mark.parametrize("batch", [1, 5, 12], ids=lambda batch: f"{batch} replicas")
@pytest.mark.parametrize("case", PROGRAMS)
def test_changes_are_whole_payloads_to_the_bit_compiled_and_stepped(case, batch):
    """Twelve replicas that do not learn take the product in float32, five the integers."""
    whole, compiled, stepped = (network_of(case, sends, batch) for sends in ("whole", "changes", "changes"))
    before = whole.memory.copy()
    found = {id(one): [] for one in (whole, compiled, stepped)}
    for k, feed in enumerate(feeds_of(whole, 6, batch)):
        for network in (whole, compiled):
            network.present(k, feed, lambda _, somas, network=network: found[id(network)].append(np.hstack(somas)))
        in_steps(stepped, k, feed, lambda _, somas: found[id(stepped)].append(np.hstack(somas)))
    for network in (compiled, stepped):
        assert_same_network(network, whole, messages=False)
        np.testing.assert_array_equal(found[id(network)], found[id(whole)])
    np.testing.assert_array_equal(compiled.messages, stepped.messages)
    np.testing.assert_array_equal(compiled.messages[:, 1], whole.messages[:, 1])  # synapses learn from whole payloads
    assert (whole.memory != before).any() == whole.program.learns
    fewer = case != "classification"  # which sends everything once
    assert (compiled.messages[:, 0].sum() < whole.messages[:, 0].sum()) == fewer


@pytest.mark.parametrize("case", ["learning", "learning once a presentation", "learning with labels"])
def test_shared_draws_too(case):
    whole, changes = (network_of(case, sends, rounding="shared") for sends in ("whole", "changes"))
    for k, feed in enumerate(feeds_of(whole, 40, 1)):
        whole.present(k, feed)
        changes.present(k, feed)
    assert_same_network(changes, whole, messages=False)


def counted(network, feeds):
    """Messages of changes only, counted from what a network sends whole."""
    program, sent = network.program, np.zeros(len(network.projections), np.int64)
    for k, feed in enumerate(feeds):
        last = {}
        for position, rows in enumerate(operations(program)):
            if position == 1 and program.learns and not program.once:
                last = {}  # weights may have changed since
            network.step(position, k, feed)
            for row in rows:
                if row.op not in (Op.SEND, Op.LEARN):
                    continue
                payload = network.layers[network.projections[row.subject].source]._payloads[row.subject]
                now, place = payload.copy(), (row.subject, row.argument >= 0)
                before = last.get(place, 0) if row.op is Op.SEND else 0
                sent[row.subject] += np.count_nonzero(now - before)
                last[place] = now
    return sent


@pytest.mark.parametrize("case", PROGRAMS)
def test_a_message_is_counted_where_a_payload_differs_from_the_last_one(case):
    whole, changes = network_of(case, "whole"), network_of(case, "changes")
    feeds = feeds_of(whole, 5, 1)
    for k, feed in enumerate(feeds):
        changes.present(k, feed)
    np.testing.assert_array_equal(changes.messages[:, 0], counted(whole, feeds))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"backend": "theory"}, r"EngineSpec.sends: got 'changes', allowed: whole on the engine theory; "
                                r"messages of changes only: eager, lava, lava-composed"),
        ({"backend": "nengo"}, r"allowed: whole on the engine nengo"),
        ({}, r"EngineSpec.sends: got 'changes', allowed: whole in float and with spikes; use --arithmetic fixed"),
        ({"arithmetic": "fixed", "code": "regular"}, r"allowed: whole in float and with spikes"),
        ({"sends": "some"}, r"EngineSpec.sends: got 'some', allowed: 'whole' or 'changes'"),
    ],
)
def test_refused_by_name(fields, words):
    with pytest.raises(InvalidInput, match=words):
        EngineSpec(**{"sends": "changes", **fields})


def test_an_engine_without_it_sends_whole():
    changes = EngineSpec(arithmetic="fixed", sends="changes")
    assert str(changes.messages) == "graded, changes only"
    assert changes.changed(arithmetic="float").sends == "whole"
    assert changes.changed(code="regular").sends == "whole"
    assert changes.changed(backend="lava", model="composed").sends == "changes"
