"""The section with a network that has labels: draw a picture, see what it is taken for; have a class drawn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuro_bpdl.data import Dataset
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.generation.engine import opened
from neuro_bpdl.generation.prior import draw_top
from neuro_bpdl.generation.told import CANDIDATES
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.report.page import Section, counted, layer_name, note
from neuro_bpdl.report.play.floats import playable_joint
from neuro_bpdl.report.play.integers import playable_labels
from neuro_bpdl.report.play.section import LEVELS, TITLE, paper, scripts, too_large
from neuro_bpdl.training.run_dir import RunDir

LARGEST = 2_700_000  # bytes of numbers in the page; the rest of a report with labels has few pictures
SHOWN = 24  # test images to start from
DRAWS = 1000  # of p(h_L), of which a visitor's few candidates are taken


@dataclass(frozen=True)
class _Played:
    """A network in the page: its numbers, what is said of it, and how it begins."""

    network: dict[str, Any]
    intro: str
    files: tuple[str, ...]
    start: str
    draws: bool


def labels_section(run: RunDir, dataset: Dataset) -> Section:
    """The network in the page, or the reason why it cannot be there."""
    params = run.checkpoint().params
    if params.network.ground != "dark":
        return Section(TITLE, note("This network sees pictures on white as 1 − x; the page plays with dark ones only."))
    try:
        played = _joint(run, dataset) if run.config.spec.joint else _taught(run)
    except InvalidInput as error:
        return Section(TITLE, note(f"This network cannot be played with in the page: {error}."))
    shape, shown, classes = dataset.image_shape, dataset.test[:SHOWN], params.network.sizes[-1]
    truth = [] if dataset.y_test is None else np.asarray(dataset.y_test[:SHOWN]).tolist()
    data = json.dumps(
        {"network": played.network, "shape": list(shape) if len(shape) == 2 else [1, shape[0]], "truth": truth,
         "classes": classes, "candidates": CANDIDATES, "pictures": np.rint(shown * LEVELS).astype(int).tolist()},
        separators=(",", ":"),
    )  # fmt: skip
    if len(data) > LARGEST:
        return too_large(data, LARGEST)
    board = _board(classes, len(shown), played.draws)
    return Section(TITLE, played.intro + board + scripts(data, played.files, played.start))


def _taught(run: RunDir) -> _Played:
    spec = run.config.spec
    network = playable_labels(run.checkpoint().params, spec.inference, spec.plasticity)
    origin = "as it learned them" if spec.engine.arithmetic == "fixed" else "rounded from the float weights it learned"
    intro = (
        "<p>This is the network itself, computed in your browser in the integers of a Loihi chip: 8-bit weights "
        f"{origin}, 7-bit messages. Draw a digit and see what it is taken for.</p>"
        + note("A picture runs up once; the percentages are the softmax of the label population's net inputs. Equal to "
               "the Python kernel bit for bit; not run on a chip.")
    )  # fmt: skip
    files = ("kernel.js", "paper.js", "classify.js", "begin.js")
    return _Played(network, intro, files, "begin(Namer, FixedNetwork)", draws=False)


def _joint(run: RunDir, dataset: Dataset) -> _Played:
    """Images and labels in one network exist in floating point only."""
    spec, generation = run.config.spec, run.config.spec.generation
    inference = generation.inference(spec.inference)
    with opened(run) as trained:
        rng = stream(trained.checkpoint.seed, Stream.TOP_SAMPLE)
        draws = draw_top("mixture", DRAWS, trained, run.matching(dataset).train_rows, spec.inference, rng)
        params = trained.checkpoint.params
    network = playable_joint(params, inference, generation.rounds, draws)
    top = layer_name(params.network.images.depth)
    intro = (
        "<p>This is the network itself, computed in your browser in floating point, its weights rounded to 8 bits: no "
        "chip has images and labels in one network. Draw a digit and see what it is taken for, or choose a class and "
        "have it drawn.</p>"
        + note("A picture runs up once; the percentages are the softmax of the label population's net inputs. To draw "
               f"a class, {CANDIDATES} of {DRAWS:,} draws of {top} from a mixture prior are mapped down and named, and "
               f"one is kept, by p(y | {top}); then {counted(generation.rounds, 'round')} of {inference.steps} steps, "
               f"δ = {inference.delta:g}, α = {inference.alpha_text}, with the label clamped. Equal to the Python "
               "kernel with the same weights, to the last digits of floating point.")
    )  # fmt: skip
    files = ("floats.js", "random.js", "paper.js", "classify.js", "draw_class.js", "begin.js")
    return _Played(network, intro, files, "begin(Drawer, FloatNetwork)", draws=True)


def _board(classes: int, pictures: int, draws: bool) -> str:
    bars = "".join(
        f'<tr><th scope="row">{k}</th><td><div class="bar" aria-hidden="true"><i id="play-bar{k}"></i></div></td>'
        f'<td class="n" id="play-share{k}">–</td></tr>'
        for k in range(classes)
    )
    return (
        f'<div id="play" class="play"><div>{paper(pictures)}{_maker(classes) if draws else ""}</div>'
        '<div><h3>What it is taken for</h3>'
        '<p id="play-said" role="status" aria-live="polite">Loading the network.</p>'
        '<table class="classes"><thead><tr><th scope="col">class</th><th scope="col">'
        '<span class="unseen">share as a bar</span></th><th scope="col" class="n">share</th></tr></thead>'
        f"<tbody>{bars}</tbody></table></div></div>"
    )


def _maker(classes: int) -> str:
    """The class that is to be drawn."""
    names = "".join(f'<option value="{k}">class {k}</option>' for k in range(classes))
    return (
        f'<div class="row"><label>Have it draw <select id="play-class">{names}</select></label>'
        '<button type="button" class="first" id="play-make">Draw</button></div>'
    )
