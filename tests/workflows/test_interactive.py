"""The top level for notebooks: lazy names, short reprs, pictures, progress."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

import neuro_bpdl
from neuro_bpdl.errors import CheckpointError, InvalidInput
from neuro_bpdl.training.trainer import train as train_into
from neuro_bpdl.workflows.progress import Bar


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> neuro_bpdl.Run:
    path = tmp_path_factory.mktemp("interactive") / "run"
    return neuro_bpdl.train("digits", layers=(12, 6), epochs=2, limit=200, seed=3, out=path, progress=False)


def test_the_top_level_is_lazy_and_complete() -> None:
    code = (
        "import sys, neuro_bpdl; slow = {'numba', 'sklearn', 'matplotlib', 'lava', 'nengo'} & set(sys.modules); "
        "assert not slow, slow; assert set(neuro_bpdl.__all__) <= set(dir(neuro_bpdl)); "
        "[getattr(neuro_bpdl, name) for name in neuro_bpdl.__all__]"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        neuro_bpdl.lode  # noqa: B018


def test_reprs_are_one_line_and_say_what_computed(run: neuro_bpdl.Run) -> None:
    samples, agreement = run.sample(9), neuro_bpdl.compare(run, images=5)
    for thing, said in (
        (run, "64-12-6 on digits, eager float, epoch 2 of 2, seed 3"), (run.data(), "training and 360 test images"),
        (run.parameters, "64-12-6, hard-sigmoid, float64, fitted prior"), (samples, "9 images, eager fused float"),
        (run.evaluate(limit=20), "20 images, error 0."), (run.inpaint(limit=10), "10 images, error "),
        (agreement, "with theory on 5 images"), (run.plot.learning(), "'Learning'"), (run.plot, "verdict, learning"),
    ):  # fmt: skip
        assert said in repr(thing) and len(repr(thing)) < 250 and "\n" not in repr(thing)


def test_what_has_pictures_shows_them(run: neuro_bpdl.Run) -> None:
    pictures = run.plot.samples(), run.plot.weights(), run.plot.reconstructions()
    for thing in (run.data(), run.parameters, run.sample(9), *pictures):
        assert "data:image/png;base64," in thing._repr_html_()
    for thing in (run.plot.learning(), run.plot.inference()):
        assert "<svg" in thing._repr_html_()
    assert "<table" in run._repr_html_() and "<strong>" in run.plot.verdict()._repr_html_()


def test_a_picture_is_saved_as_a_page(run: neuro_bpdl.Run, tmp_path) -> None:
    page = run.plot.play().save(tmp_path / "play.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and "class FixedNetwork" in page and ".play {" in page


def test_a_run_with_labels_has_the_report_of_one(tmp_path) -> None:
    spec = neuro_bpdl.RunSpec(data="digits", layers=(12, 10), labels={}, training={"epochs": 1, "limit": 100})
    trained = train_into(spec, neuro_bpdl.load("digits"), tmp_path / "run")
    again = neuro_bpdl.open_run(trained.path)
    assert "What is taken for what" in again.report().read_text(encoding="utf-8")
    assert "What it is taken for" in again.plot.play()._repr_html_()


def test_open_run_is_the_same_run(run: neuro_bpdl.Run) -> None:
    again = neuro_bpdl.open_run(run.path)
    assert repr(again) == repr(run) and again.evaluate().measurement.images == 360
    assert run.inpaint(limit=10).missing_pixel_mse > 0
    with pytest.raises(CheckpointError):
        neuro_bpdl.open_run(run.path / "nothing")


def test_unknown_settings_are_refused_by_name(tmp_path) -> None:
    with pytest.raises(InvalidInput, match="train: got 'epoch', allowed: activation, alpha"):
        neuro_bpdl.train("digits", epoch=3, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_recipe_can_be_the_start(tmp_path) -> None:
    run = neuro_bpdl.train("digits", recipe="digits-quick", epochs=1, out=tmp_path / "run", progress=False)
    assert run.folder.config.spec.training.epochs == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_says_how_far_and_how_well() -> None:
    stream = Terminal()
    with Bar("train digits", stream=stream) as bar:
        bar.images_done(50, 200)
        bar.epoch_done({"epoch": 1, "deep_reconstruction_mse": 0.02, "mean_image_mse": 0.08})
    assert "train digits  25%" in stream.getvalue() and "epoch 1, error from the top 0.250" in stream.getvalue()
    quiet = io.StringIO()
    with Bar("train digits", stream=quiet) as bar:
        bar.images_done(50, 200)
    assert quiet.getvalue() == ""
