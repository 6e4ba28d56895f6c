"""The section with the network: its HTML, and the scripts and numbers that it needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.generation.inpainting import inpainting_inference
from neuro_bpdl.report.material import Material
from neuro_bpdl.report.page import Section, counted, note
from neuro_bpdl.report.play.integers import playable
from neuro_bpdl.spec import InferenceSpec

SCRIPTS = ("kernel.js", "density.js", "random.js", "paper.js", "app.js", "begin.js")
START = "begin(Player, FixedNetwork)"
HALVES = ("left", "right", "top", "bottom")
PACES = {"usual": "usual pace", "slow": "slow motion", "none": "at once"}
LARGEST = 2_000_000  # bytes of numbers in the page; the rest of a report needs less than 1 MB
LEVELS = 127
TITLE = "Play with it"


def play_section(m: Material) -> Section:
    """The network in the page, or the reason why it cannot be there."""
    spec = m.run.config.spec
    if m.params.network.ground != "dark":
        return Section(TITLE, note("This network sees pictures on white as 1 − x; the page plays with dark ones only."))
    specs = (m.evaluation.inference, inpainting_inference(spec.inference), spec.generation.inference(spec.inference))
    try:
        network = playable(m.params, specs, spec.plasticity, spec.generation.rounds)
    except InvalidInput as error:
        return Section(TITLE, note(f"This network cannot be played with in the page: {error}."))
    height, width = m.image_shape if len(m.image_shape) == 2 else (1, m.image_shape[0])
    data = json.dumps(
        {"network": network, "shape": [height, width], "mean": _rounded(m.run.checkpoint().mean_image),
         "pictures": np.rint(m.original * LEVELS).astype(int).tolist()}, separators=(",", ":"),
    )  # fmt: skip
    if len(data) > LARGEST:
        return too_large(data, LARGEST)
    return Section(TITLE, _intro(m, specs) + _Board(m, specs).html() + scripts(data, SCRIPTS, START))


def too_large(data: str, largest: int) -> Section:
    """Why a network is not in the page."""
    return Section(TITLE, note(
        f"This network has {len(data) / 1e6:.1f} MB of integers, allowed in a page: {largest / 1e6:g} MB; "
        "a network with fewer units can be played with here."
    ))  # fmt: skip


def script_text(name: str) -> str:
    """One of the page's own files."""
    return (files(__package__) / name).read_text(encoding="utf-8")


def play_style() -> str:
    """The section's style."""
    return script_text("play.css")


def paper(pictures: int) -> str:
    """A canvas to draw on, by pointer and by keyboard, and the test images to start from."""
    images = "".join(f'<option value="{i}">test image {i + 1}</option>' for i in range(pictures))
    return (
        '<h3 id="play-draw">The picture x</h3>'
        '<canvas id="play-paper" tabindex="0" role="application" aria-labelledby="play-draw" '
        'aria-describedby="play-keys"></canvas>'
        '<p class="note" id="play-keys">Draw with mouse, finger or pen. By keyboard: arrows move, Space draws, '
        "Shift with an arrow draws a line, Backspace rubs out.</p>"
        f'<div class="row"><label>Start from <select id="play-picture">{images}</select></label>'
        '<button type="button" id="play-clear">Blank</button></div>'
    )


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 4) for value in values]


def scripts(data: str, names: tuple[str, ...], start: str) -> str:
    """The numbers as JSON, the page's own files that use them, and the call with which it begins."""
    safe = data.replace("<", "\\u003c")
    code = "".join(f"<script>\n{script_text(name)}</script>\n" for name in names)
    code += f"<script>\n{start};\n</script>\n"
    return f'<script type="application/json" id="play-data">{safe}</script>\n{code}'


def _intro(m: Material, specs: tuple[InferenceSpec, ...]) -> str:
    settle, fill, dream = (f"{one.steps} steps, δ = {one.delta:g}, α = {one.alpha_text}" for one in specs)
    learned = m.run.config.spec.engine.arithmetic
    code = m.run.config.spec.engine.code
    sends = "" if code == "graded" else f" (it learned with {code} spikes)"
    rounds = counted(m.run.config.spec.generation.rounds, "round")
    origin = "as it learned them" if learned == "fixed" else "rounded from the float weights that it learned"
    return (
        "<p>This is the network itself, computed in your browser in the integers of a Loihi chip: 8-bit weights "
        f"{origin}, 7-bit messages{sends}, 24-bit somas. Draw a digit and watch the layers settle; hide a half and "
        "see it filled in; let the top layer dream.</p>"
        + note(f"Settle: {settle}. Fill in: {fill}. Dream: h{_sub(m.params.network.depth)} from its prior (seed 1), "
               f"then {rounds} of {dream}. log p(x, h) has a flat prior on the top layer and is computed from the "
               "7-bit predictions. Equal to the Python kernel bit for bit; not run on a chip.")
    )  # fmt: skip


def _sub(number: int) -> str:
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(number))


@dataclass(frozen=True)
class _Board:
    """Paper, buttons, and one row of canvases for each hidden layer."""

    m: Material
    specs: tuple[InferenceSpec, ...]

    def html(self) -> str:
        """All of it."""
        return (
            f'<div id="play" class="play"><div>{paper(len(self.m.original))}{self._buttons()}</div>'
            f'<div>{self._numbers()}{self._layers()}</div></div>'
        )


    def _buttons(self) -> str:
        halves = "".join(f'<option value="{half}">{half} half</option>' for half in HALVES)
        paces = "".join(f'<option value="{pace}">{text}</option>' for pace, text in PACES.items())
        return (
            '<div class="row"><button type="button" class="first" id="play-settle">Settle</button>'
            '<button type="button" id="play-step">One step</button></div>'
            f'<div class="row"><button type="button" id="play-erase">Erase</button>'
            f'<label>the <select id="play-half">{halves}</select></label>'
            '<button type="button" id="play-fill">Fill in</button></div>'
            '<div class="row"><button type="button" id="play-dream">Dream</button>'
            f'<label>Pace <select id="play-pace">{paces}</select></label></div>'
        )

    def _numbers(self) -> str:
        return (
            '<h3>On its way</h3><p id="play-said" role="status" aria-live="polite">Loading the network.</p>'
            '<dl><dt>step</dt><dd id="play-step-number">–</dd>'
            '<dt>log p(x, h)</dt><dd id="play-density">–</dd></dl>'
            '<svg id="play-curve" viewBox="0 0 320 136" role="img" aria-label="log p(x, h) in nats over the steps '
            'shown; the numbers above tell its last value"></svg>'
        )

    def _layers(self) -> str:
        sizes, depth = self.m.params.network.sizes, self.m.params.network.depth
        units = "".join(
            f'<figure class="units"><canvas id="play-h{layer}" role="img" aria-label="Rates of h{_sub(layer)}">'
            f"</canvas><figcaption>h{_sub(layer)}: {sizes[layer]} units, white is the top of the range</figcaption>"
            "</figure>"
            for layer in range(1, depth + 1)
        )
        downs = "".join(
            f'<figure class="down"><canvas id="play-down{layer}" role="img" aria-label="{escape(text)}"></canvas>'
            f"<figcaption>{escape(text)}</figcaption></figure>"
            for layer in range(1, depth + 1)
            for text in (f"drawn from h{_sub(layer)} down",)
        )
        return f'<h3>What the layers draw</h3><div class="downs">{downs}</div><h3>The layers</h3>{units}'
