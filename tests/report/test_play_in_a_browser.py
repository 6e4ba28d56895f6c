"""The page's network is the fixed kernel: every soma, every step, bit for bit, in a real browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import checksums, left_in

from neuro_bpdl.data import load
from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import Program, generation_program, inference_program
from neuro_bpdl.description.projections import Way
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.kernels.layer import encode_missing
from neuro_bpdl.numbers.widths import PAYLOAD_MAX, SOMA_MAX
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.report.build import report_text
from neuro_bpdl.report.material import gather
from neuro_bpdl.report.play.integers import MODES, playable
from neuro_bpdl.report.play.section import SCRIPTS, script_text
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec, RunSpec
from neuro_bpdl.theory.model import log_normal
from neuro_bpdl.theory.objective import objective
from neuro_bpdl.training.trainer import train

SPECS = (InferenceSpec(alpha=0.02), InferenceSpec(steps=30, delta=0.3, alpha=0.03), InferenceSpec(alpha=0.3))
PLAIN = PlasticitySpec(learning_rate=0.02)
SIGNED = PlasticitySpec(learning_rate=0.02, clip_visible=False, visible_noise=0.5, derivative=True)
HERE = Path(__file__).parent


def lively(network: NetworkSpec, seed: int = 3, scale: float = 2.0) -> Parameters:
    """Weights and biases large enough that somas move and some of them are clipped; a prior to draw from."""
    params, rng = initial_parameters(network, seed), np.random.default_rng(seed)
    for weights in (*params.F, *params.G):
        weights[:] = scale * weights
    for bias in (*params.b, *params.c):
        bias[:] = rng.normal(0, 0.3, bias.shape)
    params.variance[:] = 0.03
    params.prior_mean, params.prior_variance = np.full(network.sizes[-1], 0.5), np.full(network.sizes[-1], 0.1)
    return params


def feeds_of(params: Parameters, images: Any, seed: int = 5) -> dict[str, Any]:
    """Rates to load in every mode: pictures, pictures with holes, draws of the top layer."""
    rng = np.random.default_rng(seed)
    holes = encode_missing(images, rng.random(images.shape) < 0.5)
    tops = rng.random((len(images), params.network.sizes[-1])) * params.transfers[-1].high
    return dict(zip(MODES, (images, holes[: len(images) // 4], tops[: len(images) // 4]), strict=True))


def programs_of(network: NetworkSpec) -> dict[str, Program]:
    description = describe(network)
    return {
        "settle": inference_program(description, SPECS[0].steps),
        "fill": inference_program(description, SPECS[1].steps, clamped=False),
        "dream": generation_program(description, SPECS[2].steps, 3),
    }


def in_python(
    params: Parameters, feeds: dict[str, Any], plasticity: PlasticitySpec = PLAIN
) -> tuple[dict[str, Any], Any]:
    """Checksums [image][record][layer] of every mode, and the states of the first, as rates."""
    result, states = {}, []
    for mode, spec in zip(MODES, SPECS, strict=True):
        network = FixedNetwork(params, spec, plasticity, programs_of(params.network)[mode])
        somas: list[list[Any]] = []

        def record(k: int, now: list[Any], somas: list[list[Any]] = somas) -> None:
            somas.append([one[0].copy() for one in now])

        for rates in feeds[mode]:
            network.present(0, network.to_feed(rates[None]), record)
        layers = [np.stack([record[layer] for record in somas]) for layer in range(len(params.network.sizes))]
        of_layers = np.stack([checksums(layer) for layer in layers], axis=-1)
        result[mode] = of_layers.reshape(len(feeds[mode]), -1, len(layers)).tolist()
        states = states or [network.to_rates(layer, soma) for layer, soma in enumerate(layers)]
    return result, states


def density(network: FixedNetwork, params: Parameters, states: list[Any]) -> Any:
    """log p(x, h) with a flat prior on the top, from the payloads that the integers predict."""
    total = np.zeros(len(states[0]))
    for index, projection in enumerate(network.projections):
        if projection.way is Way.DOWN:
            above, layer = network.layers[projection.source], network.layers[projection.target]
            sent = above.rate_of(np.rint(states[projection.source] * (SOMA_MAX / above.high)).astype(np.int32))
            payload = np.column_stack((sent, np.full(len(sent), above.loud))).astype(np.int32)
            predicted = layer.predict(network.project(index, payload), index) * (layer.high / PAYLOAD_MAX)
            total += log_normal(states[projection.target], predicted, float(params.variance[projection.target]))
    return total


def in_the_browser(
    opened: Any, params: Parameters, feeds: dict[str, Any], plasticity: PlasticitySpec = PLAIN
) -> Any:
    data = {"spec": playable(params, SPECS, plasticity), "feeds": {mode: one.tolist() for mode, one in feeds.items()}}
    harness = HERE.joinpath("bit_equal.js").read_text(encoding="utf-8")
    scripts = "\n".join([*map(script_text, ("begin.js", *SCRIPTS[:2])), harness])
    page = (
        '<!DOCTYPE html><meta charset="utf-8"><body>'
        f'<script type="application/json" id="data">{json.dumps(data)}</script><script>{scripts}</script>'
    )
    return left_in(opened(page))


def test_a_visitor_settles_erases_fills_in_dreams_and_draws(opened, tmp_path) -> None:
    spec = RunSpec(data="digits", layers=(24, 10), engine={"arithmetic": "fixed"}, training={"epochs": 2, "batch": 1},
                   plasticity={"learning_rate": 0.05})  # fmt: skip
    run = train(spec, load("digits"), tmp_path / "run")
    material = gather(run, run.dataset())
    visitor = HERE.joinpath("visitor.js").read_text(encoding="utf-8")
    page = report_text(material).replace("</body>", f"<script>{visitor}</script></body>")
    seen = left_in(opened(page))
    assert seen["errors"] == []
    assert len(seen["settledCurve"]) == 16 and f"{seen['settledCurve'][-1]:.0f} nats" in seen["settled"]
    np.testing.assert_allclose(seen["original"], np.rint(material.original[0] * 127) / 127)
    original, filled = np.reshape(seen["original"], (8, 8)), np.reshape(seen["filled"], (8, 8))
    assert seen["hidden"] == 32
    np.testing.assert_allclose(filled[:, 4:], original[:, 4:], atol=1e-12)
    assert not np.allclose(filled[:, :4], original[:, :4])
    assert np.std(seen["dreamt"]) > 0.1
    drawn = np.reshape(seen["drawn"], (8, 8))
    assert drawn[4, 4] == drawn[4, 5] == drawn[5, 5] == 1 and drawn[:3].max() == 0
    assert seen["steps"] == "2"  # three states: the first is where inference starts


@pytest.mark.parametrize(
    ("sizes", "activation", "plasticity", "count"),
    [
        ((784, 200, 64), "hard-sigmoid", PLAIN, 200),
        ((784, 40, 20, 10), ("hard-sigmoid", "clipped-relu", "pwl-sigmoid", "pwl-softplus"), SIGNED, 40),
    ],
)
def test_every_soma_of_every_step_is_the_kernels(opened, sizes, activation, plasticity, count) -> None:
    params = lively(NetworkSpec.of(sizes, activation), scale=2.0 if count > 100 else 1.0)
    feeds = feeds_of(params, load("mnist-mini").test[:count].astype(float))
    there, (here, states) = in_the_browser(opened, params, feeds, plasticity), in_python(params, feeds, plasticity)
    assert len(here["settle"]) == count and len(here["settle"][0]) == 1 + SPECS[0].steps + 1
    assert len({tuple(record) for image in here["settle"] for record in image}) > 0.9 * 15 * count  # they move
    assert there["checksums"] == here
    network = FixedNetwork(params, SPECS[0], plasticity, programs_of(params.network)["settle"])
    np.testing.assert_allclose(there["densities"], density(network, params, states), rtol=1e-9)
    if plasticity is PLAIN:  # theory predicts with floats: 1/127 of the range is small beside σ = 0.17
        exact = objective(network.to_parameters(params), states).total
        np.testing.assert_allclose(there["densities"], exact, atol=0.01 * np.abs(exact).max())


def test_another_weight_is_seen(opened) -> None:
    params = lively(NetworkSpec.of((64, 12, 6)))
    feeds = feeds_of(params, load("digits").x_train[:8].astype(float))
    here, _ = in_python(params, feeds)
    params.F[0][3, 20] += 0.1
    assert in_the_browser(opened, params, feeds)["checksums"] != here
