from __future__ import annotations

import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from neuro_bpdl.data import load
from neuro_bpdl.report.build import report_text, write_report
from neuro_bpdl.report.engines import engines_section
from neuro_bpdl.report.hardware import mapping_section
from neuro_bpdl.report.material import Material, gather
from neuro_bpdl.report.page import Section, counted, layer_name, table
from neuro_bpdl.report.verdict import judgements, verdict
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.baselines import pca_mse
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.trainer import Silent, train

HEADINGS = [
    "Play with it", "Learning", "The objective during inference", "Reconstructions", "Samples", "Missing pixels",
    "Weights", "Units",
]  # fmt: skip
VOID = {"meta", "img", "br", "path", "use", "rect", "image", "stop"}


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    spec = RunSpec(data="digits", layers=(12, 6), training={"epochs": 2, "limit": 200, "batch": 10})
    run = train(spec, load("digits"), tmp_path_factory.mktemp("report") / "run")
    return gather(run, run.dataset())


class Balance(HTMLParser):
    """Fails on a tag that is closed without having been opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_every_section_is_there_and_the_page_is_well_formed(material: Material) -> None:
    text = report_text(material, [Section("Extra", "<p>more</p>")])
    assert re.findall("<h2 id=.*?>(.*?)</h2>", text) == [*HEADINGS, "Extra", "What was run"]
    parser = Balance()
    parser.feed(text)
    assert parser.open == []


def test_the_page_needs_nothing_from_elsewhere(material: Material) -> None:
    text = report_text(material, [mapping_section(material.run)])
    links = re.findall(r'(?:src|href)="([^"]{1,40})', text)
    assert links and all(link.startswith(("data:image/png;base64,", "#")) for link in links)
    assert not re.search(r"@import|url\(http|fetch\(|XMLHttpRequest|WebSocket|\bimport\b.*from", text)
    assert len(text.encode()) < 3_000_000


def test_it_says_what_was_run(material: Material) -> None:
    text = report_text(material)
    config = material.run.config
    for said in ("eager", "float", "64-12-6", config.data.sha256, config.versions["numpy"], "not run on a chip"):
        assert said in text
    assert material.label == "eager fused float, seed 0, digits" and text.count(material.label) >= 5


def test_the_numbers_are_the_evaluations(material: Material) -> None:
    e = material.evaluation
    share = e.measurement.reconstruction_mse / e.baselines["mean_image_mse"]
    assert f"<b>{share:.3f}</b>" in report_text(material)


def test_the_verdict_compares_like_with_like(material: Material) -> None:
    e, mean = material.evaluation.measurement, material.evaluation.baselines["mean_image_mse"]
    told = {judgement.text: judgement.holds for judgement in judgements(material)}
    for layer, error in ((1, e.reconstruction_mse), (2, e.deep_reconstruction_mse)):
        sizes = material.params.network.sizes[layer : layer + 1]
        (pca,) = pca_mse(load("digits").x_train[:200], load("digits").test, sizes)
        text = next(text for text in told if layer_name(layer) + " (" in text)
        assert f"Error {error / mean:.3f} against {pca / mean:.3f}." in text
        assert told[text] == (error < pca)
    assert report_text(material).index('class="verdict"') < report_text(material).index("<h2")


def test_a_verdict_can_be_no(material: Material) -> None:
    worse = replace(material, evaluation=replace(material.evaluation, pca=(0.0, 0.0)))
    assert [one.holds for one in judgements(worse)][1:3] == [False, False]
    assert verdict(worse).count("<strong>No</strong>") >= 2


def test_one_name_for_a_layer_and_one_for_one(material: Material) -> None:
    text = re.sub(r"<(script|style|pre)\b.*?</\1>", "", report_text(material), flags=re.DOTALL)
    assert "h₁" in text and not re.search(r"\bh_?\d\b", re.sub(r"<[^>]*>", "", text))
    assert counted(1, "image") == "1 image" and counted(1200, "image") == "1,200 images"


def test_the_config_in_the_page_is_the_run(material: Material, tmp_path) -> None:
    text = html.unescape(re.findall("<pre>(.*?)</pre>", report_text(material), re.DOTALL)[1])
    (tmp_path / "run.toml").write_text(text, encoding="utf-8")
    assert RunSpec.from_toml(tmp_path / "run.toml") == material.run.config.spec


def test_every_picture_is_told_and_every_table_can_be_reached(material: Material) -> None:
    text = report_text(material, [mapping_section(material.run)])
    pictures = re.findall("<(?:img|svg|canvas) [^>]*>", text)
    assert len(pictures) > 10 and all(re.search(r'(alt|aria-label|aria-labelledby)="[^"]', one) for one in pictures)
    tables = re.findall('<div class="scroll"[^>]*>', text)
    assert len(tables) > 3 and all('tabindex="0"' in one and "aria-label" in one for one in tables)
    ids = re.findall(r'\bid="([^"]+)"', re.sub(r"<defs>.*?</defs>", "", text, flags=re.DOTALL))
    assert len(ids) == len(set(ids))


def test_a_network_without_integers_says_so(tmp_path) -> None:
    spec = RunSpec(data="digits", layers=(8,), activation="sigmoid", training={"epochs": 1, "limit": 100})
    run = train(spec, load("digits"), tmp_path / "run")
    text = report_text(gather(run, run.dataset()))
    assert "cannot be played with in the page: activation of layer 0" in text and "<script" not in text


def test_written_whole_beside_the_checkpoint(material: Material) -> None:
    path = write_report(material.run, material)
    assert path.name == "report.html" and path.read_text(encoding="utf-8").endswith("</html>\n")
    assert sorted(p.name for p in path.parent.iterdir()) == [
        "checkpoint.safetensors", "config.json", "metrics.jsonl", "report.html"
    ]  # fmt: skip


def test_a_run_that_was_cut_short_has_a_report_too(tmp_path) -> None:
    class Stop(Silent):
        def images_done(self, done: int, total: int) -> None:
            raise KeyboardInterrupt

    spec = RunSpec(data="digits", layers=(12, 6), training={"epochs": 2, "limit": 200})
    with pytest.raises(KeyboardInterrupt):
        train(spec, load("digits"), tmp_path / "run", Stop())
    text = write_report(RunDir.open(tmp_path / "run")).read_text(encoding="utf-8")
    assert "no prior to draw from yet" in text


def test_images_without_a_height(tmp_path) -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    np.savez(tmp_path / "flat.npz", x_train=rng.random((60, 12)), x_test=rng.random((20, 12)))
    spec = RunSpec(data=str(tmp_path / "flat.npz"), layers=(5,), training={"epochs": 1})
    run = train(spec, load(spec.data), tmp_path / "run")
    assert "12-5" in write_report(run).read_text(encoding="utf-8")


def test_other_engines_beside_this_one(material: Material) -> None:
    section = engines_section("Beside", [("mine", material.evaluation)], "Same weights.")
    assert "eager fused float, seed 0" in section.html and "Same weights." in section.html


def test_text_from_elsewhere_is_escaped() -> None:
    assert "<script>" not in table([("<script>", 1)], ("<b>", "n"))
