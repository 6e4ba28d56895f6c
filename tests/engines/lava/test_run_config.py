"""Which model is selected: ours by kind and arithmetic, Lava's by arithmetic."""

import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from neuro_bpdl.engines.lava.run_config import select
from neuro_bpdl.engines.lava.supervisor import LavaRun
from neuro_bpdl.errors import InvalidInput

pytestmark = pytest.mark.usefixtures("no_leftovers")


def selected(process, model, arithmetic, **options):
    """Names of the models that Lava's compiler chooses, the process's own first."""
    process.compile(select(model, arithmetic, **options))
    return process.model_class.__name__


@pytest.mark.parametrize(
    ("model", "arithmetic", "expected"),
    [
        ("fused", "float", "PyLayerFusedFloat"),
        ("fused", "fixed", "PyLayerFusedFixed"),
        ("composed", "float", "SubLayerFloat"),
        ("composed", "fixed", "SubLayerFixed"),
    ],
)
def test_own_processes(model, arithmetic, expected):
    from probe_process import Layer

    assert selected(Layer(), model, arithmetic) == expected


def test_parts_of_a_composed_model_have_the_same_arithmetic():
    from probe_process import Layer

    for arithmetic, expected in (("float", "PyLifModelFloat"), ("fixed", "PyLifModelBitAcc")):
        layer = Layer()
        layer.compile(select("composed", arithmetic))
        assert [part.model_class.__name__ for part in layer.procs] == [expected]


@pytest.mark.parametrize("model", ["fused", "composed"])
@pytest.mark.parametrize(
    ("arithmetic", "dense", "learning"),
    [
        ("float", "PyDenseModelFloat", "PyLearningDenseModelFloat"),
        ("fixed", "PyDenseModelBitAcc", "PyLearningDenseModelBitApproximate"),
    ],
)
def test_stock_processes(model, arithmetic, dense, learning):
    from lava.magma.core.learning.learning_rule import Loihi2FLearningRule
    from lava.proc.dense.process import Dense, LearningDense

    rule = Loihi2FLearningRule(dw="x0*y1", x1_tau=10, x1_impulse=16, y1_tau=10, y1_impulse=16, t_epoch=1)
    assert selected(Dense(weights=np.eye(2)), model, arithmetic) == dense
    assert selected(LearningDense(weights=np.eye(2), learning_rule=rule), model, arithmetic) == learning


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_stock_learning_runs_under_the_supervisor(arithmetic):
    from lava.magma.core.learning.learning_rule import Loihi2FLearningRule
    from lava.proc.dense.process import LearningDense
    from lava.proc.io.source import RingBuffer

    rule = Loihi2FLearningRule(dw="2^1*x0*x1", x1_tau=10, x1_impulse=16, y1_tau=10, y1_impulse=16, t_epoch=1)
    spikes = RingBuffer(data=np.array([[1], [0]]))
    dense = LearningDense(weights=np.zeros((1, 2)), learning_rule=rule)
    spikes.s_out.connect(dense.s_in)
    with LavaRun(dense, select("composed", arithmetic)) as run:
        run.steps(5)
        weights = dense.weights.get()
    assert weights[0, 0] > 0 and weights[0, 1] == 0


def test_process_without_tags_goes_with_everything():
    from probe_process import Untagged

    assert selected(Untagged(), "composed", "fixed") == "PyUntagged"


@pytest.mark.parametrize(("model", "arithmetic"), [("composed", "float"), ("fused", "fixed")])
def test_missing_combination_is_refused_not_replaced(model, arithmetic):
    from probe_process import FusedOnly

    with pytest.raises(InvalidInput, match=r"FusedOnly 'only' .*PyFusedOnly \[floating_pt fused\]") as caught:
        FusedOnly(name="only").compile(select(model, arithmetic))
    assert model in str(caught.value) and arithmetic in str(caught.value) and "\n" not in str(caught.value)


def test_exception_map_comes_first():
    from probe_process import Layer, PyLayerFusedFixed

    assert selected(Layer(), "fused", "float", exception_proc_model_map={Layer: PyLayerFusedFixed}) == (
        "PyLayerFusedFixed"
    )


@pytest.mark.parametrize(("argument", "values"), [("model", ("fast", "float")), ("arithmetic", ("fused", "int8"))])
def test_unknown_choice(argument, values):
    with pytest.raises(InvalidInput, match=f"^{argument}: got"):
        select(*values)
