"""The architecture as a picture, drawn from the floors that tests/test_package.py holds the imports to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MARK = "<!-- the rooms, drawn -->"
WIDTH, LEFT, HEIGHT, GAP = 960, 150, 40, 12
NAMES = {  # what a floor is for, by a room that is on it
    "cli": "commands", "workflows": "whole workflows", "estimator": "for people", "report": "shown and timed",
    "generation": "done with a network", "training": "the loop", "engines": "who computes",
    "theory": "what is computed",
    "neuron": "as one program", "recipes": "what a network is", "spec": "settings",
    "numbers": "numbers, files", "errors": "refusals",
}  # fmt: skip
WAY = ("images", "data", "program", "layer step", "V̇, spikes", "plasticity", "weights", "checkpoint",
       "samples", "report")  # fmt: skip
STYLE = ("text{font:12.5px system-ui,sans-serif;fill:currentColor}.s{opacity:.7}"
         "rect{fill:rgba(110,140,180,.16);stroke:rgba(120,135,150,.9)}.t{fill:rgba(235,150,70,.22)}")  # fmt: skip


def on_page_markdown(markdown: str, **_: Any) -> str:
    return markdown.replace(MARK, _picture()) if MARK in markdown else markdown


def floors() -> list[tuple[str, ...]]:
    """From the top floor down."""
    tree = ast.parse((ROOT / "tests" / "test_package.py").read_text(encoding="utf-8"))
    (value,) = [node.value for node in tree.body if isinstance(node, ast.Assign) and _name(node) == "FLOORS"]
    return list(ast.literal_eval(value))[::-1]


def _name(node: ast.Assign) -> str:
    return getattr(node.targets[0], "id", "")


def _picture() -> str:
    rows = floors()
    height = len(rows) * (HEIGHT + GAP) + 40
    drawn = "".join(_floor(rooms, k * (HEIGHT + GAP) + 4) for k, rooms in enumerate(rows))
    drawn += f'<text x="4" y="{height - 12}" class="s">one image</text>' + "".join(_way(height - 12))
    told = "The rooms of the package, floor by floor; imports point down. Below: one image's way."
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{told}"><style>{STYLE}</style>{drawn}</svg>\n'


def _floor(rooms: tuple[str, ...], y: int) -> str:
    label = next((NAMES[room] for room in rooms if room in NAMES), "")
    width = (WIDTH - LEFT - GAP * (len(rooms) - 1)) / len(rooms)
    boxes = ""
    for k, room in enumerate(rooms):
        x, kind = LEFT + k * (width + GAP), ' class="t"' if room == "theory" else ""
        boxes += (f'<rect x="{x:.0f}" y="{y}" width="{width:.0f}" height="{HEIGHT}" rx="6"{kind}/>'
                  f'<text x="{x + width / 2:.0f}" y="{y + 25}" text-anchor="middle">{room}</text>')  # fmt: skip
    return f'<text x="4" y="{y + 25}" class="s">{label}</text>{boxes}'


def _way(y: int) -> Iterator[str]:
    width = (WIDTH - LEFT) / len(WAY)
    for k, place in enumerate(WAY):
        arrow = "" if k == len(WAY) - 1 else " ›"
        yield f'<text x="{LEFT + k * width:.0f}" y="{y}">{place}{arrow}</text>'
