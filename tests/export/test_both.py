"""Images and labels in one network, exported as two events of the same weights: either goes on to the bit."""

import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from neuro_bpdl.data.classes import labelled_rows
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.errors import CheckpointError, HardwareLimit
from neuro_bpdl.export import build_lava, export_both, load_both
from neuro_bpdl.spec import EngineSpec, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.taught_start import joint_parameters

BEFORE, AFTER = 8, 12
ROWS = labelled_rows(np.random.default_rng(0).random((BEFORE + AFTER, 12)).astype(np.float32),
                     np.arange(BEFORE + AFTER) % 4, 4)  # fmt: skip
KINDS = ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid", "pwl-sigmoid")
NETWORK = NetworkSpec.of((12, 9, 6, 4), KINDS, labels=LabelSpec(nudge=0, generative=True))
INFERENCE = InferenceSpec(steps=2, delta=0.625, alpha=0.01)
PLASTICITY = PlasticitySpec(learning_rate=0.06, feedforward_rate=0.03, teaching_rate=(0.03, 0.1, 0.1), derivative=True)


def eager(params):
    return make_simulator(EngineSpec(arithmetic="fixed", rounding="shared"), params, INFERENCE, PLASTICITY, seed=3)


@pytest.fixture
def params():
    one = eager(joint_parameters(NETWORK, ROWS[:, :12], 3))
    one.learn(ROWS, np.arange(BEFORE), 0)
    one.teach(ROWS, np.arange(BEFORE), 0)
    return one.parameters()


def export(params, out, **options):
    return export_both(params, out, inference=INFERENCE, plasticity=PLASTICITY, seed=3, presentation=BEFORE,
                       lessons=BEFORE, **options)  # fmt: skip


def test_either_event_goes_on_from_its_folder_to_the_same_bits(params, tmp_path):
    order = np.arange(BEFORE, BEFORE + AFTER)
    both = export(params, tmp_path / "out", target="loihi2")
    assert both["labels"].document["schedule"]["time_steps"] != both["images"].document["schedule"]["time_steps"]
    for event, method, rows in (("images", "learn", ROWS[:, :12]), ("labels", "teach", ROWS)):
        rebuilt, alone = build_lava(tmp_path / "out" / event, rows, order).run(), eager(params)
        getattr(alone, method)(ROWS, order, BEFORE)
        for name in ("F", "b", "G", "c"):
            for a, b in zip(getattr(rebuilt, name), getattr(alone.parameters(), name), strict=False):
                np.testing.assert_array_equal(a, b)
        assert all(np.abs(a - b).max() > 0 for a, b in zip(rebuilt.F, params.F, strict=False))


def test_weights_of_two_networks_are_refused(params, tmp_path):
    export(params, tmp_path / "one")
    params.F[0][:] = -params.F[0]
    export(params, tmp_path / "other")
    (tmp_path / "one" / "images").rename(tmp_path / "away")
    (tmp_path / "other" / "images").rename(tmp_path / "one" / "images")
    with pytest.raises(CheckpointError, match="F_1 of images is not that of labels"):
        load_both(tmp_path / "one")


def test_a_target_that_cannot_hold_it_refuses_and_nothing_is_written(params, tmp_path):
    with pytest.raises(HardwareLimit, match="loihi1"):
        export(params, tmp_path / "out", target="loihi1")
    assert not list(tmp_path.iterdir())
