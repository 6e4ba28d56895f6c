"""The report of a bandit run: test accuracy over passes and seeds, what is taken for what, mistakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from neuro_bpdl.control.bandit import Bandit
from neuro_bpdl.control.bandit_run import BanditRun
from neuro_bpdl.data import Dataset, load
from neuro_bpdl.plotting.charts import Chart, draw
from neuro_bpdl.report.confusions import confusion_section, mistakes_section
from neuro_bpdl.report.page import Section, counted, figure, key_numbers, page
from neuro_bpdl.report.seeded import cut, median_curve, what_was_run
from neuro_bpdl.training.checkpoint import write_atomically

REPORT, SHOWN = "report.html", 40


def write_bandit_report(run: BanditRun) -> Path:
    """Write RUN/report.html, one self-contained file.

    Raises
    ------
    CheckpointError
        A seed has not finished a pass.
    BadFile, NotWritten
    """
    data = load(run.config.spec.data)
    agents = {seed: run.agent(seed, data) for seed in run.config.seeds}
    for seed, agent in agents.items():
        if not agent.passes:
            raise cut(run, seed)
    spec, teacher = run.config.spec, "rewards alone" if run.config.spec.teacher == "reward" else "the labels themselves"
    lead = (
        f"An agent that sees an image and says a class, taught by {teacher}, each synapse by dW = S_pre · V̇. "
        f"Computed by {run.computed_by}."
    )
    first = next(iter(agents.values()))
    said, truth = first.predict(data.test), data.labels("test")
    counts = np.bincount(truth * first.actions + said, minlength=first.actions**2).reshape(first.actions, -1)
    sections = [_curve(agents), confusion_section(counts), _mistakes(truth, said, data), what_was_run(run)]
    title = f"{data.name}, {counted(len(agents), 'agent')} of {counted(spec.hidden, 'hidden unit')}"
    path = run.path / REPORT
    write_atomically(path, page(title, lead, _head(agents), sections).encode())
    return path


def _head(agents: dict[int, Bandit]) -> str:
    known = [100 * agent.passes[-1]["test_accuracy"] for agent in agents.values()]
    right = [100 * agent.passes[-1]["rewarded"] for agent in agents.values()]
    return key_numbers([
        (f"{np.median(known):.2f} %", f"of test images known, median of {counted(len(known), 'seed')}"),
        (f"{min(known):.2f} – {max(known):.2f} %", "the worst and the best seed"),
        (f"{np.median(right):.2f} %", "of choices rewarded in the last pass, noise included"),
    ])  # fmt: skip


def _curve(agents: dict[int, Bandit]) -> Section:
    common = min(len(agent.passes) for agent in agents.values())
    curves = []
    for name, key in (("test images", "test_accuracy"), ("rewarded while learning", "rewarded")):
        lines = 100 * np.array([[line[key] for line in agent.passes[:common]] for agent in agents.values()])
        curves.append(median_curve(name, list(range(1, common + 1)), lines))
    svg = draw([Chart("Known", "pass over the images", "%", curves)])
    return Section("Learning", figure(svg, f"Median of {counted(len(agents), 'seed')}; bands: the whole range."))


def _mistakes(truth: np.ndarray, said: np.ndarray, data: Dataset) -> Section:
    """The first ones of the first seed's agent."""
    chosen = np.flatnonzero(said != truth)[:SHOWN]
    return mistakes_section(data, truth, said, chosen, "Of the first seed's agent: ")
