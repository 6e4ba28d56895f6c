"""A unit as several neurons: the graph, evaluated from NIR's own definitions, gives the trained rates."""

import numpy as np
import pytest

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.export.cells import DT
from neuro_bpdl.export.nir_export import export_nir
from neuro_bpdl.numbers.activations import HARDWARE_ACTIVATIONS
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import NetworkSpec
from neuro_bpdl.theory.maps import f, g

nir = pytest.importorskip("nir", reason="the extra nir is not installed")
h5py = pytest.importorskip("h5py", reason="nir brings it")


def trained(activations):
    params = initial_parameters(NetworkSpec.of((9, 8, 5), activations), seed=2)
    rng = np.random.default_rng(2)
    for group in (params.F, params.G):
        for i, weights in enumerate(group):
            group[i] = weights * 3
    for bias in (*params.b, *params.c):
        bias[:] = rng.normal(size=bias.shape)
    return params


def run(graph, inputs, steps):
    """Mean outputs of a sequence of nodes over time steps of `DT`; LIF as NIR's equation with one Euler step each."""
    following, state, total = dict(graph.edges), {}, 0.0
    for _ in range(steps):
        name, values = "input", inputs
        while name != "output":
            name = following[name]
            node = graph.nodes[name]
            if isinstance(node, nir.Affine):
                values = values @ node.weight.T + node.bias
            elif isinstance(node, nir.IF):
                v = state.get(name, 0.0) + node.r * values
                values = (v >= node.v_threshold).astype(float)
                state[name] = v - values * node.v_threshold  # by subtraction, as `if` asks for
            elif isinstance(node, nir.LIF):
                v = state.get(name, np.zeros_like(values))
                v = v + DT / node.tau * (node.v_leak - v + node.r * values)
                values = (v > node.v_threshold).astype(float)
                state[name] = np.where(values > 0, node.v_reset, v)
        total = total + values
    return total / steps


def chain_of(params, chain, inputs):
    layers = (1, 2) if chain == "recognition" else (2, 1)
    for layer in layers:
        inputs = (f if chain == "recognition" else g)(params, layer, inputs)
    return inputs


@pytest.mark.parametrize("chain", ["recognition", "generation"])
@pytest.mark.parametrize("activation", ["hard-sigmoid", "clipped-relu", "sigmoid", "tanh"])
def test_memoryless_neurons_give_the_rates_of_the_staircase(tmp_path, activation, chain):
    params = trained(activation)
    done = export_nir(params, tmp_path / "net.nir", neurons="lif", chain=chain, levels=60)
    graph = nir.read(tmp_path / "net.nir")
    inputs = np.random.default_rng(0).random((20, 9 if chain == "recognition" else 5))
    found, again = run(graph, inputs, 1), run(graph, inputs, 3)
    np.testing.assert_allclose(found, again, atol=1e-12)  # whatever the reset, nothing stays
    steep = sum(np.abs(w).sum(axis=1).max() for w in ((params.F[1],) if chain == "recognition" else (params.G[0],)))
    assert np.abs(found - chain_of(params, chain, inputs)).max() <= done.rate_error * (1 + steep)
    drives = [node for node in graph.nodes.values() if isinstance(node, nir.LIF)]
    assert len(drives) == 2
    assert all((node.v_reset == 0).all() and (node.tau == DT).all() for node in drives)
    with h5py.File(tmp_path / "net.nir") as file:  # readers with nir 1.0.4 refuse a field that they do not know
        assert not any("v_reset" in node for node in file["node"]["nodes"].values())


@pytest.mark.parametrize("activation", HARDWARE_ACTIVATIONS)
def test_integrate_and_fire_neurons_count_to_the_pieces_of_the_curve(tmp_path, activation):
    params = trained(activation)
    export_nir(params, tmp_path / "net.nir", neurons="if", chain="recognition")
    graph = nir.read(tmp_path / "net.nir")
    inputs = np.random.default_rng(0).random((20, 9))
    expected = chain_of(params, "recognition", inputs)
    near, far = (np.abs(run(graph, inputs, steps) - expected).mean() for steps in (512, 32))
    assert near < 0.02 * np.ptp(expected) + 0.01
    assert near < far


@pytest.mark.parametrize(("given", "message"), [
    ({"neurons": "if"}, "activation: got 'tanh'"),
    ({"neurons": "izhikevich"}, "neurons: got 'izhikevich', allowed: threshold, lif or if"),
    ({"chain": "up"}, "chain: got 'up', allowed: both, recognition, generation"),
    ({"neurons": "lif", "arithmetic": "fixed"}, "neurons: got 'lif', allowed: threshold in fixed point"),
])  # fmt: skip
def test_what_no_graph_has_is_refused_and_nothing_is_written(tmp_path, given, message):
    with pytest.raises(InvalidInput, match=message):
        export_nir(trained("tanh"), tmp_path / "net.nir", **given)
    assert not any(tmp_path.iterdir())
