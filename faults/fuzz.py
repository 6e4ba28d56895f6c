"""Mutated files: every one is refused by one of our errors, or says exactly what it said before."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib  # type: ignore[no-redef,unused-ignore]

from neuro_bpdl.data import load
from neuro_bpdl.errors import NeuroBpdlError
from neuro_bpdl.export import load_export
from neuro_bpdl.hardware.fields import BARRIER
from neuro_bpdl.hardware.target import Target, load_target
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.run_dir import RunDir

ODD_JSON = (
    "NaN", "Infinity", "-1", "0", "1e999", "true", "null", '"x"', "[]", "{}", "0.5", "1" * 5000, '"\\u0000"',
    '"\\ud800"', "[" * 3000 + "]" * 3000, "9" * 25, '{"a": 1, "a": 2}', "1.0000000001", "-0.0",
)  # fmt: skip
ODD_TOML = (
    "nan", "inf", "-1", "0", "1e999", "true", '"x"', "[]", "{}", "0.5", "9" * 25, '"\\u0000"', "2020-01-01",
    "[" * 3000 + "]" * 3000, "1.5", "07:32:00",
)  # fmt: skip


@dataclass(frozen=True)
class Format:
    """One file of a kind; ``read`` loads what it belongs to, and returns all that was understood."""

    name: str
    path: Path
    read: Callable[[bytes], object]
    odd: tuple[str, ...] = ()
    share: float = 1.0


@dataclass
class Verdict:
    """What became of the mutations of one file."""

    tried: int = 0
    refused: int = 0
    harmless: int = 0
    broken: list[str] | None = None


def fuzz(form: Format, count: int, seed: int) -> Verdict:
    """``count`` mutations of one file, each read; the file is as before afterwards."""
    whole = form.path.read_bytes()
    meant, verdict, rng = form.read(whole), Verdict(broken=[]), random.Random(f"{seed} {form.name}")
    assert verdict.broken is not None
    try:
        for mutation, content in mutations(whole, form.odd, rng, count):
            if content == whole:
                continue
            form.path.write_bytes(content)
            verdict.tried += 1
            try:
                same = form.read(content) == meant
            except NeuroBpdlError as error:
                verdict.refused += 1
                if "\n" in str(error):
                    verdict.broken.append(f"{mutation}: more than one line: {error}")
            except Exception as error:
                verdict.broken.append(f"{mutation}: {type(error).__name__}: {error}"[:300])
            else:
                verdict.harmless += same
                if not same:
                    verdict.broken.append(f"{mutation}: accepted, but says something else")
    finally:
        form.path.write_bytes(whole)
    return verdict


def mutations(whole: bytes, odd: tuple[str, ...], rng: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    """Flipped bits, other bytes, cuts, repetitions, insertions and, in text, odd values for fields."""
    kinds = ["bit", "byte", "cut", "drop", "repeat", "insert", *(["field"] * 4 if odd else [])]
    for number in range(count):
        kind, at = rng.choice(kinds), rng.randrange(len(whole))
        length = rng.choice((1, 2, 8, 64))
        end = min(at + length, len(whole))
        if kind == "bit":
            content = whole[:at] + bytes([whole[at] ^ (1 << rng.randrange(8))]) + whole[at + 1 :]
        elif kind == "byte":
            content = whole[:at] + rng.randbytes(1) + whole[at + 1 :]
        elif kind == "cut":
            content = whole[:at]
        elif kind == "drop":
            content = whole[:at] + whole[end:]
        elif kind == "repeat":
            content = whole[:end] + whole[at:]
        elif kind == "insert":
            content = whole[:at] + rng.randbytes(length) + whole[at:]
        else:
            content = _odd_field(whole, odd, rng)
        yield f"{number} {kind} at {at}", content


def _odd_field(whole: bytes, odd: tuple[str, ...], rng: random.Random) -> bytes:
    """The text after a colon or an equals sign, up to where a value ends, replaced."""
    text = whole.decode("utf-8")
    starts = [i + 2 for i, c in enumerate(text[:-2]) if c in ":=" and text[i + 1] == " "]
    start = rng.choice(starts)
    end = next((i for i in range(start, len(text)) if text[i] in ",}\n"), len(text))
    return (text[:start] + rng.choice(odd) + text[end:]).encode()


def formats(folder: Path, run: Path, chip: Path) -> list[Format]:
    """Every file that a run, an export, a target, a config and a data set consist of, in copies below ``folder``."""
    run = Path(shutil.copytree(run, folder / "run"))
    chip = Path(shutil.copytree(chip, folder / "chip"))
    target = Path(shutil.copy(_packaged_target(), folder / "mine.toml"))
    config = folder / "config.toml"
    config.write_text(CONFIG)
    data = folder / "mine.npz"
    rng = np.random.default_rng(0)
    np.savez_compressed(data, x_train=rng.integers(0, 256, (12, 4, 4), np.uint8), y_train=np.arange(12))

    def as_target(content: bytes) -> object:
        return as_written(content, load_target(target), _target_says)

    def as_config(content: bytes) -> object:
        return as_written(content, RunSpec.from_toml(config), _spec_says)

    return [
        Format("checkpoint", run / "checkpoint.safetensors", lambda _: read_checkpoint(run), share=5),
        Format("config.json", run / "config.json", lambda _: RunDir.open(run).config.to_json(), ODD_JSON, 3),
        Format("metrics.jsonl", run / "metrics.jsonl", lambda _: _metrics(run), ODD_JSON, 3),
        Format("network.json", chip / "network.json", lambda _: _export(chip), ODD_JSON),
        Format("weights", chip / "weights.safetensors", lambda _: _export(chip)),
        Format("checksums.json", chip / "checksums.json", lambda _: _export(chip), ODD_JSON),
        Format("target", target, as_target, ODD_TOML, 2.5),
        Format("config", config, as_config, ODD_TOML, 2),
        Format("data", data, lambda _: load(str(data)).sha256, share=1.5),
    ]  # fmt: skip


CONFIG = """data = "digits"
layers = [16, 8]
activation = "hard-sigmoid"
[training]
epochs = 3
batch = 20
seed = 7
limit = 100
[plasticity]
learning_rate = 0.1
noise = 0.1
variance_memory = 2000
[inference]
steps = 5
delta = 0.1
alpha = 0.01
"""


def hashed(params: Parameters) -> str:
    """All numbers of a network."""
    found = hashlib.sha256()
    more = (params.variance, params.prior_mean, params.prior_variance)
    for array in (*params.F, *params.b, *params.G, *params.c, *more):
        found.update(b"none" if array is None else np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def read_checkpoint(run: Path) -> object:
    found = RunDir.open(run).checkpoint()
    return hashed(found.params), found.mean_image.tobytes(), found.progress, found.seed


def _metrics(run: Path) -> object:
    opened = RunDir.open(run)
    return json.dumps(opened.metrics_until(opened.checkpoint().progress.epoch))


def _export(chip: Path) -> object:
    found = load_export(chip)
    return hashed(found.params), json.dumps(found.document), found.settings


def as_written(content: bytes, found: Any, says: Callable[[Any, dict[str, Any]], bool]) -> object:
    """A person's file says what it says: harmless is what was understood as another TOML reader understands it."""
    return says(found, tomllib.loads(content.decode("utf-8")))


def _target_says(target: Target, table: dict[str, Any]) -> bool:
    sections = {key: value for key, value in table.items() if key != "sources" and isinstance(value, dict)}
    said = {
        (BARRIER if key == "barrier" else "") + name: fields.get("value")
        for key, section in sections.items()
        for name, fields in section.items()
    }
    pairs = [(target.entries[name].value, value) for name, value in said.items()]
    return all(found == value and type(found) is type(value) for found, value in pairs)


def _spec_says(spec: RunSpec, table: dict[str, Any]) -> bool:
    fields = spec.model_dump()
    pairs = [(fields, table), *((fields[key], part) for key, part in table.items() if isinstance(part, dict))]
    return all(
        isinstance(value, dict) or _plain(found[name]) == _plain(value)
        for found, part in pairs for name, value in part.items()
    )  # fmt: skip


def _plain(value: Any) -> Any:
    parts = list(value) if isinstance(value, (list, tuple)) else value
    return (isinstance(value, bool), parts)


def _packaged_target() -> Path:
    from importlib import resources

    return Path(str(resources.files("neuro_bpdl.hardware_configs").joinpath("loihi1.toml")))


def summary(broken: list[str]) -> str:
    """The kinds of broken mutations, most frequent first."""
    kinds = Counter(line.split(": ", 1)[1][:120] for line in broken)
    return "; ".join(f"{n} x {kind}" for kind, n in kinds.most_common(3))
