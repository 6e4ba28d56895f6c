"""The page of a labelled run names pictures as the fixed kernel does, and a visitor can draw one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import checksums, left_in

from neuro_bpdl.data import load
from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import classification_program
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.report.labelled import write_labelled_report
from neuro_bpdl.report.play.integers import playable_labels
from neuro_bpdl.report.play.section import script_text
from neuro_bpdl.spec import InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec, RunSpec
from neuro_bpdl.training.answers import probabilities
from neuro_bpdl.training.trainer import train

HERE = Path(__file__).parent
INFERENCE, PLASTICITY = InferenceSpec(), PlasticitySpec(learning_rate=0.02)


def lively(sizes: tuple[int, ...], activations: tuple[str, ...]) -> Parameters:
    network = NetworkSpec.of(sizes, activations, LabelSpec(nudge=2))
    params, rng = initial_parameters(network, 3), np.random.default_rng(3)
    for weights in params.F:
        weights[:] = 2 * weights
    for bias in params.b:
        bias[:] = rng.normal(0, 0.3, bias.shape)
    return params


def kernel_of(params: Parameters) -> FixedNetwork:
    return FixedNetwork(params, INFERENCE, PLASTICITY, classification_program(describe(params.network)))


def in_python(params: Parameters, images: Any) -> list[Any]:
    """Checksums [image][record][layer]."""
    network, seen = kernel_of(params), []
    for rates in images:
        somas: list[Any] = []
        network.present(0, network.to_feed(rates[None]), lambda k, now, somas=somas: somas.extend(now))
        seen.append([[int(checksums(one)[0]) for one in somas]])
    return seen


@pytest.mark.parametrize(
    ("sizes", "activations"),
    [((784, 60, 10), ("hard-sigmoid", "clipped-relu", "hard-sigmoid")),
     ((784, 40, 20, 10), ("hard-sigmoid", "pwl-sigmoid", "pwl-softplus", "hard-sigmoid"))],
)  # fmt: skip
def test_every_soma_is_the_kernels(opened, sizes, activations) -> None:
    params, images = lively(sizes, activations), load("mnist-mini").test[:60].astype(float)
    data = {"spec": playable_labels(params, INFERENCE, PLASTICITY), "feeds": {"classify": images.tolist()}}
    harness = (HERE / "bit_equal.js").read_text("utf-8")
    code = "\n".join([*map(script_text, ("begin.js", "kernel.js", "density.js")), harness])
    there = left_in(opened(
        '<!DOCTYPE html><meta charset="utf-8"><body>'
        f'<script type="application/json" id="data">{json.dumps(data)}</script><script>{code}</script>'
    ))["checksums"]["classify"]  # fmt: skip
    assert there == in_python(params, images)
    assert len({tuple(one[0]) for one in there}) > 50


def test_a_network_without_labels_has_no_names_to_give() -> None:
    with pytest.raises(InvalidInput):
        playable_labels(initial_parameters(NetworkSpec.of((64, 12, 6)), 0), INFERENCE, PLASTICITY)


VISIT = """
const said = (start) => new Promise((done) => {
  const watch = () => {
    const { textContent } = document.getElementById("play-said");
    if (textContent.startsWith(start)) done(textContent); else setTimeout(watch, 20);
  };
  watch();
});
async function look() {
  const seen = { first: await said("Taken for"), shares: visit.shares };
  document.getElementById("play-clear").click();
  seen.blank = await said("Blank");
  seen.silent = document.getElementById("play-share0").textContent;
  const paper = document.getElementById("play-paper");
  paper.focus();
  for (const key of [" ", "ArrowDown", " ", "ArrowDown", " "]) {
    paper.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  }
  seen.drawn = await said("Taken for");
  seen.bars = [...document.querySelectorAll(".bar i")].map((bar) => bar.style.width);
  return seen;
}
look().then((seen) => (document.body.textContent = JSON.stringify(seen)),
             (error) => (document.body.textContent = JSON.stringify({ error: String(error) })));
"""


def test_a_visitor_draws_and_reads_a_name(opened, tmp_path) -> None:
    spec = RunSpec(data="digits", layers=(24, 10), activation=("hard-sigmoid", "clipped-relu", "hard-sigmoid"),
                   engine={"arithmetic": "fixed"}, plasticity={"learning_rate": 0.02}, labels={},
                   training={"epochs": 1, "batch": 1, "limit": 400})  # fmt: skip
    run = train(spec, load("digits"), tmp_path / "run")
    page, answers = write_labelled_report(run, run.dataset())
    seen = left_in(opened(page.read_text("utf-8").replace("</body>", f"<script>{VISIT}</script></body>")))
    assert "error" not in seen
    expected = probabilities(answers.net[:1])[0]
    np.testing.assert_allclose(seen["shares"], expected, rtol=1e-9)
    best = int(expected.argmax())
    truth = int(run.dataset().y_test[0])
    assert seen["first"] == f"Taken for {best}: {100 * expected[best]:.1f}%. It is labelled {truth}."
    assert seen["silent"] == "–" and seen["drawn"].startswith("Taken for")
    widths = [float(bar.removesuffix("%")) for bar in seen["bars"]]
    assert len(widths) == 10 and sum(widths) == pytest.approx(100, abs=1)
