"""The section with a network that has labels: draw a picture, see what it is taken for."""

from __future__ import annotations

import json

import numpy as np

from neuro_bpdl.data import Dataset
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.report.page import Section, note
from neuro_bpdl.report.play.integers import playable_labels
from neuro_bpdl.report.play.section import LARGEST, LEVELS, TITLE, paper, scripts, too_large
from neuro_bpdl.training.run_dir import RunDir

SCRIPTS = ("kernel.js", "paper.js", "classify.js")
SHOWN = 24  # test images to start from


def labels_section(run: RunDir, dataset: Dataset) -> Section:
    """The network in the page, or the reason why it cannot be there."""
    spec, params = run.config.spec, run.checkpoint().params
    if params.network.ground != "dark":
        return Section(TITLE, note("This network sees pictures on white as 1 − x; the page plays with dark ones only."))
    try:
        network = playable_labels(params, spec.inference, spec.plasticity)
    except InvalidInput as error:
        return Section(TITLE, note(f"This network cannot be played with in the page: {error}."))
    shape, shown = dataset.image_shape, dataset.test[:SHOWN]
    truth = [] if dataset.y_test is None else np.asarray(dataset.y_test[:SHOWN]).tolist()
    data = json.dumps(
        {"network": network, "shape": list(shape) if len(shape) == 2 else [1, shape[0]], "truth": truth,
         "pictures": np.rint(shown * LEVELS).astype(int).tolist()}, separators=(",", ":"),
    )  # fmt: skip
    if len(data) > LARGEST:
        return too_large(data)
    origin = "as it learned them" if spec.engine.arithmetic == "fixed" else "rounded from the float weights it learned"
    intro = (
        "<p>This is the network itself, computed in your browser in the integers of a Loihi chip: 8-bit weights "
        f"{origin}, 7-bit messages. Draw a digit and see what it is taken for.</p>"
        + note("A picture runs up once; the percentages are the softmax of the label population's net inputs. Equal to "
               "the Python kernel bit for bit; not run on a chip.")
    )  # fmt: skip
    return Section(TITLE, intro + _board(params.network.sizes[-1], len(shown)) + scripts(data, SCRIPTS))


def _board(classes: int, pictures: int) -> str:
    bars = "".join(
        f'<tr><th scope="row">{k}</th><td><div class="bar" aria-hidden="true"><i id="play-bar{k}"></i></div></td>'
        f'<td class="n" id="play-share{k}">–</td></tr>'
        for k in range(classes)
    )
    return (
        f'<div id="play" class="play"><div>{paper(pictures)}</div><div><h3>What it is taken for</h3>'
        '<p id="play-said" role="status" aria-live="polite">Loading the network.</p>'
        '<table class="classes"><thead><tr><th scope="col">class</th><th scope="col">'
        '<span class="unseen">share as a bar</span></th><th scope="col" class="n">share</th></tr></thead>'
        f"<tbody>{bars}</tbody></table></div></div>"
    )
