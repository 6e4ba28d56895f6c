"""The NIR graph, evaluated from NIR's own definitions of its nodes, gives the trained maps' rates."""

import builtins
import errno
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import generation_program
from neuro_bpdl.errors import InvalidInput, MissingDependency, NotWritten
from neuro_bpdl.export.nir_export import export_nir
from neuro_bpdl.export.staircase import MAX_LEVELS, staircase
from neuro_bpdl.kernels.fixed.matrix import highs, loud_on
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.numbers.activations import transfer
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.maps import f, g

nir = pytest.importorskip("nir", reason="the extra nir is not installed")

BOUNDED = ("hard-sigmoid", "sigmoid", "tanh", "clipped-relu")


def evaluate(graph, inputs):
    """Outputs of all nodes for inputs (batch, n), from what NIR says of nodes; edges into one node add up."""
    compute = {
        nir.Input: lambda node, total: total,
        nir.Output: lambda node, total: total,
        nir.Affine: lambda node, total: total @ node.weight.T + node.bias,
        nir.Linear: lambda node, total: total @ node.weight.T,
        nir.Scale: lambda node, total: node.scale * total,
        nir.Threshold: lambda node, total: (total > node.threshold).astype(float),
    }
    sources = {name: [a for a, b in graph.edges if b == name] for name in graph.nodes}
    values = {}

    def value(name):
        if name not in values:
            node = graph.nodes[name]
            total = inputs[name] if isinstance(node, nir.Input) else sum(value(source) for source in sources[name])
            values[name] = compute[type(node)](node, total)
        return values[name]

    for name in graph.nodes:
        value(name)
    return values


def trained(sizes, activations, seed=2):
    params = initial_parameters(NetworkSpec.of(sizes, activations), seed)
    rng = np.random.default_rng(seed)
    for group in (params.F, params.G):
        for i, weights in enumerate(group):
            group[i] = weights * 4  # far enough to reach both ends of a clipped curve
    for group in (params.b, params.c):
        for bias in group:
            bias[:] = rng.normal(size=bias.shape)
    params.variance[:] = rng.random(params.network.depth)
    return params


@pytest.mark.parametrize("levels", [1, 31])
@pytest.mark.parametrize("activations", [*BOUNDED, ("sigmoid", "clipped-relu", "tanh", "hard-sigmoid")])
def test_every_map_of_the_file_gives_the_trained_rates_within_half_a_step(tmp_path, activations, levels):
    params = trained((9, 8, 7, 5), activations)
    done = export_nir(params, tmp_path / "net.nir", levels=levels)
    graph = nir.read(tmp_path / "net.nir")
    rng = np.random.default_rng(0)
    below, above = rng.random((50, 9)), rng.random((50, 5))
    values = evaluate(graph, {"image_in": below, "top_in": above})
    for layer in (1, 2, 3):
        rate = values[f"F_{layer}_rate"]
        assert np.abs(rate - f(params, layer, below)).max() <= done.rate_error + 1e-12
        below = rate
    for layer in (3, 2, 1):
        rate = values[f"G_{layer}_rate"]
        assert np.abs(rate - g(params, layer, above)).max() <= done.rate_error + 1e-12
        above = rate
    np.testing.assert_array_equal(values["top_out"], below)
    np.testing.assert_array_equal(values["image_out"], above)


@pytest.mark.parametrize(
    ("activations", "plasticity"),
    [
        ("hard-sigmoid", PlasticitySpec()),
        ("clipped-relu", PlasticitySpec()),
        (("hard-sigmoid", "clipped-relu") * 2, PlasticitySpec()),
        (("pwl-sigmoid", "pwl-softplus", "pwl-softplus", "pwl-sigmoid"), PlasticitySpec(clip_visible=False)),
    ],
)
def test_in_fixed_point_the_file_gives_the_chips_payloads_exactly(tmp_path, activations, plasticity):
    params = trained((9, 8, 7, 5), activations)
    for group in (params.F, params.b, params.G, params.c):
        for array in group:
            np.clip(array, -1.5, 1.5, out=array)  # what 8 bits hold
    done = export_nir(params, tmp_path / "net.nir", arithmetic="fixed", plasticity=plasticity)
    assert done.rate_error == 0
    rng, high = np.random.default_rng(0), highs(params.network, plasticity)
    image = rng.random((50, 9)) * transfer(params.network.activations[0]).high
    top = rng.random((50, 5)) * high[3]
    values = evaluate(nir.read(tmp_path / "net.nir"), {"image_in": image, "top_in": top})
    program = generation_program(describe(params.network), 1, 0)
    kernel = FixedNetwork(params, InferenceSpec(), plasticity, program)
    payload = np.rint(image * 127 / high[0]).astype(np.int32)
    seen = set()
    for layer in (1, 2, 3):
        payload = predicted(kernel, layer - 1, payload)
        np.testing.assert_array_equal(np.rint(values[f"F_{layer}_rate"] * 127 / high[layer]), payload)
        np.testing.assert_allclose(values[f"F_{layer}_rate"], payload * high[layer] / 127, atol=1e-12)
        seen |= set(payload.ravel())
    payload = np.rint(top * 127 / high[3]).astype(np.int32)
    for layer in (3, 2, 1):
        payload = predicted(kernel, 3 + layer - 1, payload)
        np.testing.assert_array_equal(np.rint(values[f"G_{layer}_rate"] * 127 / high[layer - 1]), payload)
    assert len(seen) > 40  # not only the ends


def predicted(kernel, projection, payload):
    """The kernel's own integers: current, then payload."""
    described, weights = kernel.projections[projection], kernel.weights[projection]
    on = np.full((len(payload), 1), loud_on(kernel.high[described.source]), np.int32)
    current = np.hstack((payload, on)) @ weights[0].astype(np.int32)  # weights[1] are tags, which currents do not see
    return kernel.layers[described.target].predict(current, projection)


def test_fixed_point_has_127_levels_no_sigmoid_and_the_range_of_its_training(tmp_path):
    fixed = {"arithmetic": "fixed", "plasticity": PlasticitySpec()}
    with pytest.raises(InvalidInput, match=r"levels: got 31, allowed: 127 in fixed point"):
        export_nir(trained((4, 3), "hard-sigmoid"), tmp_path / "net.nir", levels=31, **fixed)
    with pytest.raises(InvalidInput, match=r"activation of layer 0: got 'sigmoid'"):
        export_nir(trained((4, 3), "sigmoid"), tmp_path / "net.nir", **fixed)
    with pytest.raises(InvalidInput, match=r"plasticity: got None"):
        export_nir(trained((4, 3), "hard-sigmoid"), tmp_path / "net.nir", arithmetic="fixed")
    assert not list(tmp_path.iterdir())


def test_rates_approach_the_trained_ones_through_all_layers_as_levels_grow(tmp_path):
    params, image = trained((12, 8, 5), "hard-sigmoid"), np.random.default_rng(1).random((50, 12))
    exact = f(params, 2, f(params, 1, image))
    errors = []
    for levels in (7, 35, 175):
        export_nir(params, tmp_path / f"{levels}.nir", levels=levels)
        values = evaluate(nir.read(tmp_path / f"{levels}.nir"), {"image_in": image, "top_in": np.zeros((50, 5))})
        errors.append(np.abs(values["top_out"] - exact).max())
    assert errors[0] > 3 * errors[1] > 9 * errors[2] > 0
    assert errors[2] < 0.01


def test_weights_and_what_nir_cannot_express_are_in_the_file(tmp_path):
    params = trained((6, 4, 3), ("hard-sigmoid", "sigmoid", "hard-sigmoid"))
    params.prior_mean, params.prior_variance = np.arange(3.0), np.ones(3)
    done = export_nir(params, tmp_path / "net.nir", provenance={"run": "abc"})
    graph = nir.read(str(tmp_path / "net.nir"))
    for layer in (1, 2):
        np.testing.assert_array_equal(graph.nodes[f"F_{layer}"].weight, params.F[layer - 1])
        np.testing.assert_array_equal(graph.nodes[f"F_{layer}"].bias, params.b[layer - 1])
        np.testing.assert_array_equal(graph.nodes[f"G_{layer}"].weight, params.G[layer - 1])
        np.testing.assert_array_equal(graph.nodes[f"G_{layer}"].bias, params.c[layer - 1])
    stated = graph.metadata["not_expressed"]
    for subject in ("plasticity", "compartments", "schedule", "activation: NIR has no hard-sigmoid, sigmoid node"):
        assert subject in stated
    assert stated.split("\n") == list(done.not_expressed)
    assert graph.metadata["activations"] == "hard-sigmoid, sigmoid, hard-sigmoid"
    assert graph.metadata["provenance_run"] == "abc"
    assert "not run on a chip" in graph.metadata["note"]
    np.testing.assert_array_equal(graph.metadata["variance"], params.variance)
    np.testing.assert_array_equal(graph.metadata["prior_mean"], params.prior_mean)
    assert done.nodes == len(graph.nodes) == 4 + 4 * (2 + 127)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(BOUNDED), st.integers(1, 400), st.lists(st.floats(-50, 50), min_size=1, max_size=40))
def test_a_staircase_stays_within_half_a_step(activation, levels, inputs):
    stairs, z = staircase(activation, levels), np.array(inputs)
    steps = stairs.low + stairs.step * (z[:, None] > stairs.thresholds).sum(axis=1)
    assert np.all(np.diff(stairs.thresholds) > 0)
    assert np.abs(steps - transfer(activation).value(z)).max() <= stairs.error + 1e-9


@pytest.mark.parametrize("levels", [0, -1, MAX_LEVELS + 1])
def test_levels_out_of_range_are_refused(tmp_path, levels):
    with pytest.raises(InvalidInput, match=rf"levels: got {levels}, allowed: 1 to 1023"):
        export_nir(trained((4, 3), "hard-sigmoid"), tmp_path / "net.nir", levels=levels)
    assert not list(tmp_path.iterdir())


def test_an_unbounded_activation_is_refused_by_name(tmp_path):
    with pytest.raises(InvalidInput, match=r"activation: got 'softplus'.*unbounded.*clipped-relu"):
        export_nir(trained((4, 3), ("hard-sigmoid", "softplus")), tmp_path / "net.nir")
    assert not list(tmp_path.iterdir())


def test_an_existing_file_stays_as_it_is(tmp_path):
    path = tmp_path / "net.nir"
    path.write_text("mine")
    with pytest.raises(InvalidInput, match=r"out: .* does not exist yet"):
        export_nir(trained((4, 3), "hard-sigmoid"), path)
    assert path.read_text() == "mine"


def test_a_directory_that_does_not_exist_is_one_clear_error(tmp_path):
    with pytest.raises(NotWritten, match=r"nowhere.net.nir: cannot be written .*; choose a place"):
        export_nir(trained((4, 3), "hard-sigmoid"), tmp_path / "nowhere" / "net.nir")


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotWritten, match="No space left"):
        export_nir(trained((4, 3), "hard-sigmoid"), tmp_path / "net.nir")
    assert not list(tmp_path.iterdir())


def test_without_nir_the_error_names_what_to_install(tmp_path, monkeypatch):
    real = builtins.__import__

    def without_nir(name, *args, **kwargs):
        if name == "nir":
            raise ImportError("No module named 'nir'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_nir)
    with pytest.raises(MissingDependency, match=r"pip install neuro-bpdl\[nir\]"):
        export_nir(trained((4, 3), "hard-sigmoid"), tmp_path / "net.nir")
