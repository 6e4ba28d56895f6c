"""The page of a network of images and labels computes what theory does, and draws the class that is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import left_in

from neuro_bpdl.data import load
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.generation.told import told_rows
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.report.labelled import write_labelled_report
from neuro_bpdl.report.play.floats import playable_joint, rounded, rounded_draws
from neuro_bpdl.report.play.packing import packed, unpacked
from neuro_bpdl.report.play.section import script_text
from neuro_bpdl.spec import EngineSpec, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.training.trainer import train

HARNESS = """
const { spec, images } = JSON.parse(document.getElementById("data").textContent);
(async () => {
  const network = new FloatNetwork(spec, await unpacked(spec.weights));
  const rows = [...Array(spec.draws.scale.length).keys()];
  const drawn = rows.map((row) => [...network.drawn(network.draw(row), row % 10)].map((one) => [...one]));
  const chosen = [...Array(10).keys()].map((label) => network.chosen(label, rows, () => 0.5));
  document.body.textContent = JSON.stringify({ nets: images.map((one) => network.nets(one)), drawn, chosen });
})().catch((error) => (document.body.textContent = JSON.stringify({ error: String(error) })));
"""


def lively(activations: tuple[str, ...]) -> Parameters:
    network = NetworkSpec.of((64, 30, 12, 10), activations, LabelSpec(nudge=1, generative=True, weight=0.7))
    params, rng = initial_parameters(network, 3), np.random.default_rng(3)
    for weights in (*params.F, *params.G):
        weights[:] = 2 * weights
    for bias in (*params.b, *params.c):
        bias[:] = rng.normal(0, 0.3, bias.shape)
    return params


def simulator_of(params: Parameters, inference: InferenceSpec) -> Any:
    """Theory in float64, with the weights of the page."""
    return make_simulator(EngineSpec(backend="theory"), rounded(params), inference, PlasticitySpec(learning_rate=0.02))


@pytest.mark.parametrize(
    ("activations", "order"),
    [(("sigmoid", "softplus", "sigmoid", "sigmoid"), "simultaneous"), (("hard-sigmoid", "tanh", "pwl-softplus",
     "clipped-relu"), "sequential")],
)  # fmt: skip
def test_every_picture_is_theorys(opened, activations, order) -> None:
    params, images = lively(activations), load("digits").test[:20].astype(float)
    inference = InferenceSpec(steps=4, delta=0.4, alpha=(0.2, 0), order=order)
    draws = params.transfers[2].clip(np.random.default_rng(1).normal(0.5, 0.5, (20, 12)))
    data = {"spec": playable_joint(params, inference, 2, draws), "images": images.tolist()}
    code = "\n".join([*map(script_text, ("begin.js", "floats.js")), HARNESS])
    there = left_in(opened(
        '<!DOCTYPE html><meta charset="utf-8"><body>'
        f'<script type="application/json" id="data">{json.dumps(data)}</script><script>{code}</script>'
    ))  # fmt: skip
    simulator, tops = simulator_of(params, inference), rounded_draws(draws)
    np.testing.assert_allclose(there["nets"], simulator.classify(images), rtol=1e-9, atol=1e-9)
    rounds = simulator.generate(told_rows(tops, np.arange(20) % 10, 10), inference, 2)
    frames = np.array(there["drawn"]).transpose(1, 0, 2)
    assert len(frames) == 1 + 2 * inference.steps
    for frame, picture in zip(frames[:: inference.steps], rounds, strict=True):
        np.testing.assert_allclose(frame, picture, rtol=1e-9, atol=1e-9)
    assert np.abs(rounds[2] - rounds[0]).max() > 0.05  # inference with the label does something
    nets = simulator.classify(rounds[0])
    chance = nets - np.logaddexp.reduce(nets, axis=1)[:, None]
    assert there["chosen"] == chance.argmax(axis=0).tolist()


def test_weights_of_8_bits_stay_near_and_noise_is_refused() -> None:
    params = lively(("sigmoid", "softplus", "sigmoid", "sigmoid"))
    for exact, near in zip((*params.F, *params.G), (*rounded(params).F, *rounded(params).G), strict=True):
        assert (np.abs(exact - near) <= np.abs(exact).max(axis=1, keepdims=True) / 253).all()
        assert not np.array_equal(exact, near)
    with pytest.raises(InvalidInput, match="langevin"):
        playable_joint(params, InferenceSpec(langevin=0.1), 2, np.ones((3, 12)))


VISIT = """
const frame = () => new Promise((next) => setTimeout(next, 20));
async function look() {
  const seen = { pictures: [], rows: [], said: [] };
  while (!document.getElementById("play").dataset.ready) await frame();
  for (const label of [3, 8]) {
    document.getElementById("play-class").value = String(label);
    document.getElementById("play-make").click();
    const said = document.getElementById("play-said");
    while (!said.textContent.endsWith(`drawn as class ${label}.`)) await frame();
    seen.pictures.push([...visit.paper.pixels]);
    seen.rows.push(visit.row);
    seen.said.push(said.textContent);
  }
  return seen;
}
look().then((seen) => (document.body.textContent = JSON.stringify(seen)),
            (error) => (document.body.textContent = JSON.stringify({ error: String(error) })));
"""


def test_a_visitor_has_a_class_drawn(opened, tmp_path: Path) -> None:
    spec = compose(read_recipe("joint-quick").fields, {
        ("data",): "digits", ("layers",): (48, 24, 10), ("training", "epochs"): 6, ("training", "shift"): 0,
        ("training", "validation"): 200, ("generation", "rounds"): 1,
    })  # fmt: skip
    run = train(spec, load("digits"), tmp_path / "run")
    page, _ = write_labelled_report(run, run.dataset())
    text = page.read_text("utf-8")
    seen = left_in(opened(text.replace("</body>", f"<script>{VISIT}</script></body>")))
    assert "error" not in seen and [said[:12] for said in seen["said"]] == ["Taken for 3:", "Taken for 8:"]
    data, versions = run.config.data, run.config.versions
    for said in (data.sha256, versions["numpy"], "train --config run.toml", "δ = 0.3, α = 0.1", "trained "):
        assert said in text
    assert len(text.encode()) < 3_000_000
    numbers = json.loads(text.split('id="play-data">')[1].split("</script>")[0])
    draws = drawn_rows(numbers["network"], seen["rows"])
    inference = spec.generation.inference(spec.inference)
    simulator = simulator_of(run.checkpoint().params, spec.inference)
    expected = simulator.generate(told_rows(draws, np.array([3, 8]), 10), inference, 1)[-1]
    np.testing.assert_allclose(seen["pictures"], expected, rtol=1e-6, atol=1e-6)


def drawn_rows(network: dict[str, Any], rows: list[int]) -> Any:
    """The page's draws of h_L."""
    scale = np.array(network["draws"]["scale"])
    draws = unpacked(network["weights"])[-len(scale) * network["draws"]["columns"] :].reshape(len(scale), -1)
    return (draws * scale[:, None])[rows]


def test_whole_numbers_survive_packing() -> None:
    numbers = np.array([[0, -1, 1], [-128, 255, -32768], [32767, 2, -300]])
    np.testing.assert_array_equal(unpacked(packed([numbers, numbers[:1]])), [*numbers.ravel(), 0, -1, 1])
