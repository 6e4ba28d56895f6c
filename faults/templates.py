"""What the attacks start from, made once: a short run of every engine, the same run uninterrupted, an export."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from faults.harness import ENGINES, TINY, Broken, ran
from neuro_bpdl.cli.main import run

EPOCHS = 12
LABELS = ("--recipe", "labels-quick", "--data", "digits", "--layers", "16,10", "--limit", "60")
OTHERS = ("labels", "control", "bandit")
KINDS = (*ENGINES, *OTHERS)
SAVED = 50  # episodes after which a control run is saved
MOST = 1000  # epochs, in these terms, that every kind may be asked for
SWEEP = """seeds = [0, 1]
[base]
data = "digits"
layers = [8]
[base.training]
epochs = 2
limit = 40
[grid]
"plasticity.noise" = [0.1]
"""


class Templates:
    """Finished runs of every kind (`KINDS`) in ``folder``; `make` makes them.

    Attributes
    ----------
    chip, sweep : Path
        An export; a sweep's file.
    work : dict
        CPU seconds that the run of a kind took.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.chip = folder / "chip"
        self.sweep = folder / "sweep.toml"
        self.work: dict[str, float] = {}

    def make(self) -> None:
        """Every command once here, so that all is imported and compiled when cases are forked; then the templates."""
        out, said = io.StringIO(), io.StringIO()
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(out), redirect_stderr(said):
            for command in every_command(folder):
                if run(command):
                    raise Broken(f"{command}: {said.getvalue()[-200:]}")
        self.sweep.write_text(SWEEP)
        for kind in KINDS:
            self.work[kind] = ran(training(kind, str(self.whole(kind))), self.folder).worked
        ran(["export", str(self.whole("eager fixed")), "--out", str(self.chip)], self.folder)

    def whole(self, kind: str) -> Path:
        """The run of a kind, to its end."""
        return self.folder / kind.replace(" ", "-")


def training(kind: str, out: str, epochs: int = EPOCHS) -> list[str]:
    """The command that trains the template of a kind into ``out``; more than `MOST` epochs is as many as there may be.

    A control run does 50 episodes for 4 epochs, so that the template is saved three times.
    """
    times = str(min(epochs, MOST))
    if kind == "control":
        episodes = str(1_000_000 if epochs > MOST else max(1, SAVED * epochs // 4))
        return ["control", "train", "CartPole-v1", "--episodes", episodes, "--out", out]
    if kind == "bandit":
        return ["bandit", "train", "digits", "--limit", "400", "--hidden", "16", "--passes", times, "--out", out]
    options = LABELS if kind == "labels" else (*TINY, *ENGINES[kind])
    return ["train", *options, "--epochs", str(epochs), "--out", out]


def resuming(kind: str, run: str) -> list[str]:
    """The command that goes on with a run of a kind."""
    return [*([kind] if kind in ("control", "bandit") else []), "train", "--resume", run]


def reading(kind: str, run: str) -> list[str]:
    """A command that reads a run of a kind."""
    if kind == "bandit":
        return resuming(kind, run)  # nothing else reads its agents
    return ["control", "evaluate", run, "--episodes", "1"] if kind == "control" else ["evaluate", run]


def every_command(folder: str) -> Iterator[list[str]]:
    """Each command with something to do, in an order that works."""
    for engine in ENGINES:
        yield training(engine, f"{folder}/{engine}", 1)
        yield ["train", "--resume", f"{folder}/{engine}", "--epochs", "2"]
        yield ["evaluate", f"{folder}/{engine}"]
    whole, fixed = f"{folder}/eager float", f"{folder}/eager fixed"
    yield ["generate", whole, "--n", "4", "--out", f"{folder}/s.npz"]
    yield ["inpaint", whole, "--limit", "4", "--out", f"{folder}/i.npz"]
    yield ["export", fixed, "--out", f"{folder}/c"]
    yield ["export", whole, "--format", "nir", "--out", f"{folder}/n.nir"]
    yield ["map", whole, "--picture", f"{folder}/m.png"]
    yield ["compare", whole, "--backends", "theory,eager,lava", "--n", "4"]
    yield ["report", whole]
    for kind in OTHERS:
        yield training(kind, f"{folder}/{kind}", 4)
        yield reading(kind, f"{folder}/{kind}")
    yield ["classify", f"{folder}/labels", "--limit", "4", "--out", f"{folder}/a.npz"]
    yield ["control", "watch", f"{folder}/control", "--out", f"{folder}/e.gif"]
    yield ["recipes"]
