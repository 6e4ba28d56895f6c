from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuro_bpdl.data import Dataset, presentation_order
from neuro_bpdl.errors import CheckpointError, InvalidInput, NeuroBpdlError
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, RunSpec
from neuro_bpdl.theory.learning import present
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.trainer import Silent, resume, train


def changed(spec: RunSpec, **training: Any) -> RunSpec:
    return spec.model_copy(update={"training": spec.training.model_copy(update=training)})


def engine(spec: RunSpec, backend: str) -> RunSpec:
    return spec.model_copy(update={"engine": spec.engine.model_copy(update={"backend": backend})})


def checkpoint_bytes(run: Path) -> bytes:
    return (run / "checkpoint.safetensors").read_bytes()


class StopAfter(Silent):
    """Ctrl-C in the middle of an epoch."""

    def __init__(self, images: int) -> None:
        self.images = images

    def images_done(self, done: int, total: int) -> None:
        if done >= self.images:
            raise KeyboardInterrupt


@pytest.mark.parametrize("backend", ["theory", "eager"])
def test_a_run_learns(tmp_path: Path, small: RunSpec, digits: Dataset, backend: str) -> None:
    run = train(changed(engine(small, backend), epochs=6, limit=800), digits, tmp_path / "run")
    lines = run.metrics()
    assert [line["epoch"] for line in lines] == list(range(7))
    assert lines[-1]["reconstruction_mse"] < 0.4 * lines[-1]["mean_image_mse"]
    assert lines[-1]["deep_reconstruction_mse"] < 0.85 * lines[-1]["mean_image_mse"]
    for line in lines:
        assert (line["backend"], line["arithmetic"], line["seed"], line["data"]) == (backend, "float", 3, "digits")


def test_the_loop_is_the_papers_loop(tmp_path: Path, small: RunSpec, digits: Dataset) -> None:
    run = train(engine(small, "theory"), digits, tmp_path / "run")
    params = initial_parameters(run.config.network, 3)
    images, order = digits.limit(200).x_train, presentation_order(200, 0, 3, 3)
    for number, chosen in enumerate(order.reshape(-1, 10)):
        x = images[chosen].astype(float)
        present(params, x, small.inference, small.plasticity, seed=3, presentation=number)
    learned = run.checkpoint().params
    assert np.array_equal(learned.F[0], params.F[0]) and np.array_equal(learned.G[1], params.G[1])
    assert np.array_equal(learned.variance, params.variance)


def test_theory_and_eager_learn_the_same(tmp_path: Path, small: RunSpec, digits: Dataset) -> None:
    runs = [train(engine(small, name), digits, tmp_path / name).checkpoint().params for name in ("theory", "eager")]
    np.testing.assert_allclose(runs[0].F[0], runs[1].F[0], atol=1e-9)
    np.testing.assert_allclose(runs[0].prior_variance, runs[1].prior_variance, atol=1e-9)


@pytest.mark.parametrize("backend", ["theory", "eager"])
@pytest.mark.parametrize("stop", [10, 230, 599])
def test_resume_continues_to_the_same_bytes(
    tmp_path: Path, small: RunSpec, digits: Dataset, backend: str, stop: int
) -> None:
    spec = engine(small, backend)
    whole = train(spec, digits, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(spec, digits, tmp_path / "cut", StopAfter(stop))
    assert checkpoint_bytes(tmp_path / "cut") != checkpoint_bytes(tmp_path / "whole")
    resumed = resume(RunDir.open(tmp_path / "cut"))
    assert checkpoint_bytes(tmp_path / "cut") == checkpoint_bytes(tmp_path / "whole")
    timing = {"seconds", "images_per_second"}
    strip = [[{k: v for k, v in line.items() if k not in timing} for line in r.metrics()] for r in (whole, resumed)]
    assert strip[0] == strip[1]


def test_resuming_an_old_finished_run_fits_what_it_lacks(tmp_path: Path, small: RunSpec, digits: Dataset) -> None:
    run = train(small, digits, tmp_path / "run")
    checkpoint = run.checkpoint()
    fitted = checkpoint.params.recognition_variance
    assert fitted.shape == (2,) and (fitted > 0).all()
    checkpoint.params.recognition_variance = None
    run.save(checkpoint)
    np.testing.assert_array_equal(resume(run).checkpoint().params.recognition_variance, fitted)


@pytest.mark.parametrize("rounding", ["per-synapse", "shared"])
def test_fixed_point_resumes_to_the_same_bytes(
    tmp_path: Path, small: RunSpec, digits: Dataset, rounding: str
) -> None:
    chip = EngineSpec(backend="eager", arithmetic="fixed", rounding=rounding)  # type: ignore[arg-type]
    slow = small.plasticity.model_copy(update={"learning_rate": 0.02})
    spec = changed(small.model_copy(update={"engine": chip, "plasticity": slow}), batch=1, limit=60, epochs=2)
    train(spec, digits, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(spec, digits, tmp_path / "cut", StopAfter(70))
    resume(RunDir.open(tmp_path / "cut"))
    assert checkpoint_bytes(tmp_path / "cut") == checkpoint_bytes(tmp_path / "whole")


def test_more_epochs_continue_a_finished_run(tmp_path: Path, small: RunSpec, digits: Dataset) -> None:
    train(small, digits, tmp_path / "long")
    train(changed(small, epochs=1), digits, tmp_path / "short")
    run = resume(RunDir.open(tmp_path / "short"), epochs=3)
    assert checkpoint_bytes(tmp_path / "short") == checkpoint_bytes(tmp_path / "long")
    assert run.config.spec.training.epochs == 3
    with pytest.raises(InvalidInput, match="--epochs"):
        resume(RunDir.open(tmp_path / "short"), epochs=2)


def test_a_remainder_of_the_batch_is_left_out(tmp_path: Path, small: RunSpec, digits: Dataset) -> None:
    run = train(changed(small, limit=57, epochs=2), digits, tmp_path / "run")
    progress = run.checkpoint().progress
    assert (progress.epoch, progress.images, progress.presentations) == (2, 100, 10)


def test_an_existing_run_is_refused_and_left_alone(tmp_path: Path, small: RunSpec, digits: Dataset) -> None:
    train(small, digits, tmp_path / "run")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    with pytest.raises(CheckpointError, match=r"exists.*--resume"):
        train(small, digits, tmp_path / "run")
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}


@pytest.mark.parametrize("place", ["file/run", "/proc/run"])
def test_a_place_that_cannot_be_written_is_refused(
    tmp_path: Path, small: RunSpec, digits: Dataset, place: str
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match=r"^--out[^\n]*$"):
        train(small, digits, tmp_path / place)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_start_that_fails_leaves_nothing(
    tmp_path: Path, small: RunSpec, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise NeuroBpdlError("no")

    monkeypatch.setattr("neuro_bpdl.training.trainer.checked_line", broken)
    with pytest.raises(NeuroBpdlError):
        train(small, digits, tmp_path / "deep" / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("update", "named"),
    [
        ({"layers": (9,) * 7}, "--layers"),
        ({"training": {"limit": 10, "batch": 11}}, "--batch"),
        ({"training": {"limit": 1}}, "limit"),
        ({"engine": {"backend": "theory", "arithmetic": "fixed"}}, "EngineSpec.arithmetic"),
        ({"inference": {"order": "sequential"}}, "inference.order"),
    ],
)
def test_a_spec_that_does_not_suit_is_refused(
    tmp_path: Path, digits: Dataset, update: dict[str, Any], named: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        train(RunSpec(**{"data": "digits", "layers": (8,), **update}), digits, tmp_path / "run")
    assert refused.value.argument == named and "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_changed_data_and_foreign_checkpoints_are_refused(tmp_path: Path, small: RunSpec, digits: Dataset) -> None:
    run = train(changed(small, epochs=1), digits, tmp_path / "run")
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "other.npz", x_train=rng.random((20, 8, 8)), x_test=rng.random((5, 8, 8)))
    from neuro_bpdl.data import load

    with pytest.raises(CheckpointError, match=r"--data[^\n]*sha256"):
        resume(run, load(str(tmp_path / "other.npz")))
    other = train(changed(small.model_copy(update={"layers": (5,)}), epochs=1), digits, tmp_path / "other")
    (run.path / "checkpoint.safetensors").write_bytes(checkpoint_bytes(other.path))
    with pytest.raises(CheckpointError, match="another run"):
        run.checkpoint()


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"format": 7}', '{"format": 1}', '{"format": 1, "spec": 3}'])
def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"^[^\n]+$"):
        RunDir.open(tmp_path)


def test_config_holds_what_it_takes_to_repeat_the_run(tmp_path: Path, small: RunSpec, digits: Dataset) -> None:
    run = train(changed(small, epochs=1), digits, tmp_path / "run")
    config = RunDir.open(run.path).config
    assert config == run.config and config.data.sha256 == digits.sha256 and config.network.sizes == (64, 16, 6)
    assert "numpy" in config.versions and "python" in config.versions
