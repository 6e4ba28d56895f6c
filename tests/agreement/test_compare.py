"""One body, many engines, seeds and depths; and that a wrong engine is found out."""

import functools
import io
import json

import numpy as np
import pytest
from rich.console import Console

from neuro_bpdl.agreement import compare_engines, tolerances
from neuro_bpdl.agreement.figures import images_figure, objective_figure, scatter_figure
from neuro_bpdl.agreement.table import agreement_table, layer_rows, remarks, term_rows
from neuro_bpdl.engines.protocol import Label
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.engines.theory import TheorySimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

INFERENCE, PLASTICITY = InferenceSpec(), PlasticitySpec()
DEPTHS = [(64, 20), (64, 20, 10), (64, 20, 12, 8)]
TRAINING = 60


def digits():
    from sklearn.datasets import load_digits

    return load_digits().data / 16.0


@functools.cache
def trained(sizes=DEPTHS[1], seed=0):
    """A network that has learned for a moment, so that rates differ between images."""
    simulator = TheorySimulator(
        initial_parameters(NetworkSpec.of(sizes), seed), INFERENCE, PLASTICITY, batch=20, seed=seed
    )
    simulator.learn(digits(), np.arange(20 * TRAINING) % 1500, 0)
    return simulator.parameters()


def theory_engine(change=None, inference=INFERENCE, plasticity=PLASTICITY):
    """Theory behind the engine's surface, with its weights tampered with by ``change``."""

    def engine(params):
        start = params.copy()
        if change is not None:
            change(start)
        return TheorySimulator(start, inference, plasticity)

    return engine


def nengo_engine(neurons):
    def engine(params):
        pytest.importorskip("nengo")
        from neuro_bpdl.engines.nengo import NengoSimulator

        return NengoSimulator(params, INFERENCE, PLASTICITY, neurons=neurons)

    return engine


def lava_engine(model, arithmetic="float"):
    def engine(params):
        pytest.importorskip("lava.magma", reason="Lava is not installed")
        spec = EngineSpec(backend="lava", model=model, arithmetic=arithmetic)
        return make_simulator(spec, params, INFERENCE, PLASTICITY)

    return engine


def eager_engine(arithmetic):
    def engine(params):
        return make_simulator(EngineSpec(backend="eager", arithmetic=arithmetic), params, INFERENCE, PLASTICITY)

    return engine


ENGINES = {
    "eager": eager_engine("float"), "eager-fixed": eager_engine("fixed"), "lava-fused": lava_engine("fused"),
    "lava-fixed": lava_engine("fused", "fixed"), "lava-composed": lava_engine("composed"),
    "nengo-rate": nengo_engine("rate"), "nengo-regular": nengo_engine("regular"),
}  # fmt: skip


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("sizes", DEPTHS, ids=lambda sizes: f"{len(sizes) - 1}-hidden")
@pytest.mark.parametrize("seed", [0, 1])
def test_every_engine_keeps_its_tolerance(name, sizes, seed):
    agreement = compare_engines(
        {name: ENGINES[name]}, trained(sizes, seed), digits()[1500:1510], INFERENCE, PLASTICITY, shown=2
    )
    assert agreement.missed() == []
    assert agreement.holds
    assert [layer.layer for layer in agreement.engines[0].layers] == list(range(1, len(sizes)))
    assert set(agreement.engines[0].updates) == {f"{m}_{i}" for m in "FG" for i in range(1, len(sizes))}


def compared(engine, **options):
    return compare_engines({"x": engine}, trained(), digits()[1500:1520], INFERENCE, PLASTICITY, **options)


def test_theory_agrees_with_itself_to_the_bit():
    found = compared(theory_engine()).engines[0]
    assert found.holds
    assert all(layer.rmse == 0 and layer.r == pytest.approx(1) for layer in found.layers)
    assert set(found.term_difference.values()) == {0.0}


def test_wrong_weights_are_found_in_their_layer():
    def upset(params):
        params.F[1] += 0.05 * np.random.default_rng(0).standard_normal(params.F[1].shape)

    agreement = compared(theory_engine(upset))
    assert not agreement.holds
    first, second = agreement.engines[0].layers
    assert second.rmse > 10 * first.rmse
    assert any("rmse h_2" in line for line in agreement.missed())


def test_a_wrong_sign_of_the_rule_is_found():
    class Backwards(TheorySimulator):
        def learn(self, images, order, first, progress=None):
            start = self.parameters()
            super().learn(images, order, first, progress)
            for before, after in zip(start.G, self._params.G, strict=True):
                after[...] = 2 * before - after

    agreement = compared(lambda params: Backwards(params, INFERENCE, PLASTICITY))
    cosines = agreement.engines[0].updates
    assert cosines["G_1"] == pytest.approx(-1, abs=0.05)
    assert cosines["F_1"] > 0.9
    assert any("cosine ΔG_1" in line for line in agreement.missed())


def test_a_nan_is_a_miss():
    class Broken(TheorySimulator):
        def infer(self, *arguments, **options):
            result = super().infer(*arguments, **options)
            result.h[1] = result.h[1] * np.nan
            return result

    agreement = compared(lambda params: Broken(params, INFERENCE, PLASTICITY))
    assert any("r h_1" in line for line in agreement.missed())
    assert not any("h_2" in line for line in agreement.missed())


def test_layers_still_moving_are_named_one_by_one():
    short, long = InferenceSpec(steps=3), InferenceSpec(steps=400, delta=0.1, alpha=0.0)
    images = digits()[1500:1510]
    for spec, moving in ((short, True), (long, False)):
        engines = {"x": theory_engine(inference=spec)}
        agreement = compare_engines(engines, trained(), images, spec, PLASTICITY)
        lines = agreement.moving()
        assert any(line.startswith("x: h_1 ") for line in lines) == moving
        assert any(line.startswith("theory: h_2 ") for line in lines) == moving
        assert agreement.to_dict()["still_moving"] == lines


def test_nearest_first():
    def upset(size):
        def change(params):
            params.b[0] += size

        return change

    engines = {name: theory_engine(upset(size)) for name, size in (("far", 0.5), ("near", 0.01))}
    agreement = compare_engines(engines, trained(), digits()[1500:1505], INFERENCE, PLASTICITY)
    assert agreement.nearest() == ["near", "far"]


def test_json_and_table():
    agreement = compared(theory_engine(lambda params: np.negative(params.b[0], out=params.b[0])))
    record = json.loads(json.dumps(agreement.to_dict()))
    assert record["images"] == 20
    assert record["holds"] is False
    assert len(record["engines"][0]["objective"]["reconstruction"]) == INFERENCE.steps + 1
    console = Console(width=120, file=io.StringIO())
    console.print(agreement_table(agreement))
    text = console.file.getvalue()
    assert "MISSED" in text
    assert f"unit {agreement.engines[0].layers[0].largest.unit}" in text
    assert any(line.startswith("nearest") for line in remarks(agreement))


def test_figures_show_what_was_measured():
    agreement = compared(theory_engine(), shown=3)
    objective = objective_figure(agreement)
    assert len(objective.axes) == 2
    assert [len(axes.lines) for axes in objective.axes] == [2, 2]
    assert np.allclose(objective.axes[0].lines[1].get_ydata(), agreement.engines[0].terms["reconstruction"])
    assert len(scatter_figure(agreement).axes) == 2
    pictures = images_figure(agreement)
    assert len(pictures.axes) == 3 * (2 + 2 * 2)
    assert pictures.axes[0].images[0].get_array().shape == (8, 8)


def test_one_hidden_layer_has_no_latent_term():
    agreement = compare_engines({"x": theory_engine()}, trained(DEPTHS[0]), digits()[:5], INFERENCE, PLASTICITY)
    assert list(agreement.engines[0].term_difference) == ["reconstruction"]
    assert len(objective_figure(agreement).axes) == 1


@pytest.mark.parametrize(
    ("engines", "images", "argument"),
    [({}, np.zeros((2, 64)), "engines"), (None, np.zeros((0, 64)), "images"), (None, np.zeros((2, 63)), "images")],
)
def test_refuses(engines, images, argument):
    with pytest.raises(InvalidInput) as caught:
        compare_engines(
            {"x": theory_engine()} if engines is None else engines, trained(), images, INFERENCE, PLASTICITY
        )
    assert caught.value.argument == argument


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (("eager", "", "float"), tolerances.EXACT), (("lava", "fused", "float"), tolerances.EXACT),
        (("lava", "composed", "float"), tolerances.COMPOSED), (("lava", "fused", "fixed"), tolerances.FIXED),
        (("lava", "composed", "fixed"), tolerances.FIXED), (("nengo", "rate", "float"), tolerances.NENGO_RATE),
        (("nengo", "lif", "float"), tolerances.NENGO_SPIKES), (("nengo", "poisson", "float"), tolerances.NENGO_POISSON),
    ],
)  # fmt: skip
def test_tolerances_by_label(label, expected):
    found = tolerances.tolerance_for(Label(*label, "", 0))
    assert found is expected
    assert found.reason


def test_dead_and_saturated_units_and_both_terms_are_reported_for_theory_and_every_engine():
    params = trained().copy()
    params.F[0][:3], params.b[0][:3] = 0, (-9, -9, 9)  # hard sigmoid: two units at 0, one at 1
    params.G[0][:, :3] = 0  # so that inference leaves them there
    still = InferenceSpec(alpha=0)
    engine = functools.partial(theory_engine, inference=still)
    agreement = compare_engines({"same": engine()}, params, digits()[:30], still, PLASTICITY)
    for found in (agreement.theory, *agreement.engines):
        assert (found.layers[0].dead, found.layers[0].saturated, found.layers[0].units) == (2, 1, 20)
    rows = {row[:2]: row[2:] for row in layer_rows(agreement)}
    assert rows["same", "h_1"] == ("1.00000", "0.00000", "2", "1", "20")
    name, *terms = term_rows(agreement)[1]
    reconstruction, latent, total = (np.array([float(end) for end in term.split(" to ")]) for term in terms)
    assert name == "same" and np.allclose(total, reconstruction + latent, atol=0.11)  # printed to 0.1
    assert np.allclose(reconstruction, np.array(agreement.theory.terms["reconstruction"])[[0, -1]], atol=0.06)


def test_a_difference_in_fixed_point_is_judged_by_what_a_payload_stands_for() -> None:
    params = initial_parameters(NetworkSpec.of((6, 4, 3), ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid")), 0)
    fixed, floating = (Label("eager", "fused", kind, "", 0) for kind in ("fixed", "float"))
    assert [tolerances.unit_of(fixed, params, layer) for layer in (0, 1, 2)] == [1, 8, 8]
    assert [tolerances.unit_of(floating, params, layer) for layer in (0, 1, 2)] == [1, 1, 1]


def test_updates_are_compared_at_rates_that_integers_can_show() -> None:
    slow = PlasticitySpec(learning_rate=(0.002, 0.004), feedforward_rate=0.001)
    shown = tolerances.at_compared_rates(slow, 2)
    assert shown.rates_down(2) == pytest.approx((0.01, 0.02)) and shown.rates_up(2) == pytest.approx((0.005, 0.005))
    assert tolerances.at_compared_rates(shown, 2) == shown == tolerances.at_compared_rates(slow, 2)
