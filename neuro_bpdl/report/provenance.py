"""What was run, complete enough to repeat it: settings, data, date, versions, command."""

from __future__ import annotations

from datetime import datetime, timezone
from html import escape
from typing import Any

from neuro_bpdl.files.toml_file import toml_text
from neuro_bpdl.report.page import Section, counted, table
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.training.run_dir import CHECKPOINT, RunDir


def provenance(run: RunDir, evaluated: InferenceSpec | None = None) -> Section:
    """The run's section of a report.

    Parameters
    ----------
    evaluated : InferenceSpec, optional
        Of the report's evaluation, where it infers.
    """
    config, spec = run.config, run.config.spec
    rows = [
        ("Network", "-".join(map(str, config.network.sizes)) + ", " + ", ".join(
            dict.fromkeys(config.network.activations))),
        *_settings(run, evaluated),
        ("Seed", str(spec.training.seed)),
        ("Data", f"{config.data.name}, {counted(config.data.train_images, 'training image')} and "
                 f"{counted(config.data.test_images, 'test image')}, from: {config.data.source}"),
        ("Data SHA-256", config.data.sha256),
        ("Trained", f"{trained(run):%Y-%m-%d %H:%M} UTC"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in config.versions.items())),
        ("Commit", config.commit or "not from a checkout"),
        ("Hardware", "computed on a CPU; not run on a chip"),
    ]  # fmt: skip
    command = (
        "<h3>To repeat it</h3><pre>neuro-bpdl train --config run.toml --out RUN</pre>"
        f"<p>with this in run.toml:</p><pre>{escape(toml_text(spec.model_dump(mode='json', exclude_none=True)))}</pre>"
    )
    return Section("What was run", table(rows) + command)


def trained(run: RunDir) -> datetime:
    """When the checkpoint was written."""
    return datetime.fromtimestamp((run.path / CHECKPOINT).stat().st_mtime, tz=timezone.utc)


def steps_text(inference: InferenceSpec) -> str:
    """15 steps, δ = 0.1, α = 0.001."""
    return f"{counted(inference.steps, 'step')}, δ = {inference.delta:g}, α = {inference.alpha_text}"


def _settings(run: RunDir, evaluated: InferenceSpec | None) -> list[tuple[str, str]]:
    spec, lines = run.config.spec, run.metrics()
    engine, plasticity, training = spec.engine, spec.plasticity, spec.training
    done: dict[str, Any] = lines[-1] if lines else {}
    fixed = engine.arithmetic == "fixed"
    rows = [
        ("Backend", f"{engine.backend}" + (f", {engine.model} model" if engine.backend == "lava" else "")),
        ("Arithmetic", engine.arithmetic + (f", rounding {engine.rounding}" if fixed else "")),
        ("Learning", f"rate {plasticity.rate_text}, corruption {plasticity.noise:g}, "
                     f"{counted(training.batch, 'image')} per update, {done.get('epoch', 0)} of "
                     f"{counted(training.epochs, 'epoch')}, {counted(done.get('images', 0), 'image')} presented in "
                     f"{sum(line['seconds'] for line in lines):.1f} s"),
    ]  # fmt: skip
    if spec.labels is None or spec.joint:  # else a picture runs up, and nothing is inferred
        rows.append(("Inference while learning", f"{steps_text(spec.inference)}, {spec.inference.order}"))
    if evaluated is not None:
        rows.append(("Inference in the evaluation", steps_text(evaluated)))
    return rows
