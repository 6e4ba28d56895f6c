"""What a decision costs, by hand."""

import pytest

from neuro_bpdl.control.cost import counts, decision_cost, hidden_counts
from neuro_bpdl.control.hidden import HiddenKernel
from neuro_bpdl.control.kernel import ActorCriticKernel
from neuro_bpdl.control.spec import ControlSpec
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.target import load_target


def test_the_events_of_a_decision():
    found = counts(600, 2, 24)
    assert (found.spikes, found.synaptic_operations, found.learning_updates) == (72, 216, 72)
    assert (found.neuron_updates, found.time_steps) == (603 * 8, 8)


def test_energy_and_time_are_counts_times_the_targets_constants():
    kernel, target = ActorCriticKernel(ControlSpec(), 600, 2), load_target("loihi1")
    cost = decision_cost(kernel, target, 24)
    assert cost.energy == pytest.approx((216 * 23.6 + 72 * 120 + 4824 * 81 + 72 * 1.7) * 1e-12)
    assert cost.time == pytest.approx((216 * 3.5 + 72 * 6.1 + 4824 * 8.4 + 8 * 113) * 1e-9)
    assert cost.unknown == ("packet_time",) and cost.cores == 1
    lacking = [text.split(":")[0] for text in cost.violations]
    assert lacking == ["neuron_factor", "graded_spikes", "programmable_neurons"]


def test_many_cells_need_many_cores_and_loihi2_lacks_nothing():
    kernel = ActorCriticKernel(ControlSpec(), 20_000, 3)
    cost = decision_cost(kernel, "loihi2", 24)
    assert cost.violations == () and cost.cores >= 20_000 * 4 * 18 / 8 / 1024 / 128
    with pytest.raises(InvalidInput, match="known costs"):
        decision_cost(kernel, "cpu", 24)


def test_a_hidden_layer_is_paid_for():
    found = hidden_counts(40, 100, 2, 9, 50)
    assert found.synaptic_operations == 3 * (9 * 100 + 50 * 3) + 2 * 3 * 100
    assert (found.learning_updates, found.spikes) == (9 * 100 + 50 * 3 + 3 * 100, 3 * 59 + 6)
    assert (found.neuron_updates, found.time_steps) == (143 * 16, 16)
    kernel = HiddenKernel(ControlSpec(hidden=100, actor_rate=0.1, critic_rate=0.02), 40, 2)
    kernel.tensors["old"][:9], kernel.tensors["old_hidden"][:50] = 1, 1
    assert decision_cost(kernel, "loihi2").counts == found
