"""One self-contained HTML page out of titled sections: no scripts, no fonts, no links to elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True)
class Section:
    """A heading and the HTML under it; other packages hand in their own."""

    title: str
    html: str


STYLE = """
:root { --ink: #1d2530; --soft: #5c6773; --line: #e3e6ea; --wash: #f6f7f9; --mark: #1f5fa8; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
main { max-width: 1020px; margin: 0 auto; padding: 48px 28px 96px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 20px; margin: 56px 0 12px; padding-top: 14px; border-top: 1px solid var(--line); }
h3 { font-size: 15px; margin: 24px 0 6px; }
p { margin: 8px 0; max-width: 46em; }
.lead, .note, figcaption { color: var(--soft); }
.note, figcaption { font-size: 14px; line-height: 1.45; }
.keys { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 14px; margin: 26px 0 8px; }
.key { background: var(--wash); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; }
.key b { display: block; font-size: 27px; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
.key span { font-size: 14px; color: var(--soft); display: block; line-height: 1.4; }
table { border-collapse: collapse; font-size: 15px; margin: 10px 0; }
th, td { text-align: left; padding: 6px 18px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); font-size: 14px; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 14px ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
figure { margin: 14px 0 22px; }
figure img, figure svg { max-width: 100%; height: auto; display: block; }
img.pixels { image-rendering: pixelated; }
figcaption { margin-top: 8px; max-width: 54em; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 0 32px; }
@media print { main { padding: 0; } h2 { break-after: avoid; } figure { break-inside: avoid; } }
"""


def page(title: str, lead: str, head: str, sections: Sequence[Section]) -> str:
    """The page's text; ``lead`` is plain text, ``head`` HTML that stands above the sections."""
    body = "\n".join(f"<section><h2>{escape(part.title)}</h2>\n{part.html}</section>" for part in sections)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f'<body><main><h1>{escape(title)}</h1>\n<p class="lead">{escape(lead)}</p>\n{head}\n{body}\n'
        "</main></body></html>\n"
    )


def key_numbers(numbers: Sequence[tuple[str, str]]) -> str:
    """Large numbers, each with what it means."""
    cells = "".join(f'<div class="key"><b>{escape(n)}</b><span>{escape(text)}</span></div>' for n, text in numbers)
    return f'<div class="keys">{cells}</div>'


def table(rows: Sequence[Sequence[Any]], head: Sequence[str] = ()) -> str:
    """A table; numbers are set to the right."""
    columns = "".join(f"<th{_align(rows, i)}>{escape(name)}</th>" for i, name in enumerate(head))
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows)
    return f"<table>{f'<tr>{columns}</tr>' if head else ''}{body}</table>"


def figure(content: str, caption: str) -> str:
    """An image or SVG with a caption (plain text)."""
    return f"<figure>{content}<figcaption>{escape(caption)}</figcaption></figure>"


def pixels(png: bytes, alt: str, width: int | None = None) -> str:
    """A PNG in the page, its pixels kept sharp."""
    size = f' width="{width}"' if width else ""
    data = base64.b64encode(png).decode("ascii")
    return f'<img class="pixels" alt="{escape(alt)}"{size} src="data:image/png;base64,{data}">'


def note(text: str) -> str:
    """A remark in small type."""
    return f'<p class="note">{escape(text)}</p>'


def _cell(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<td class="n">{value:.4g}</td>' if isinstance(value, float) else f'<td class="n">{value}</td>'
    return f"<td>{escape(str(value))}</td>"


def _align(rows: Sequence[Sequence[Any]], column: int) -> str:
    number = bool(rows) and isinstance(rows[0][column], int | float)
    return ' class="n"' if number else ""
