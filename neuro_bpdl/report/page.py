"""One self-contained HTML page out of titled sections: no fonts, no links to elsewhere, for light and for dark."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class Section:
    """A heading and the HTML under it; other packages hand in their own."""

    title: str
    html: str


def layer_name(layer: int) -> str:
    """x, h₁, h₂, …: one name for a layer in the whole page."""
    return subscripted(f"h_{layer}") if layer else "x"


def subscripted(text: str) -> str:
    """F_1 as F₁."""
    return re.sub(r"(?<=[A-Za-z])_(\d+)", lambda found: found[1].translate(SUBSCRIPTS), text)


def counted(n: int, thing: str) -> str:
    """1 image, 2 images."""
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"


def page(title: str, lead: str, head: str, sections: Sequence[Section], *, style: str = "") -> str:
    """The page's text; ``lead`` is plain text, ``head`` HTML that stands above the sections, ``style`` more CSS."""
    names = [_anchor(part.title) for part in sections]
    named = list(zip(names, sections, strict=True))
    links = "".join(f'<li><a href="#{name}">{escape(part.title)}</a></li>' for name, part in named)
    body = "\n".join(
        f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(part.title)}</h2>\n{_named_tables(part)}</section>'
        for name, part in named
    )
    css = (files(__package__) / "page.css").read_text(encoding="utf-8") + style
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>\n{css}</style></head>\n"
        f'<body><main><h1>{escape(title)}</h1>\n<p class="lead">{escape(lead)}</p>\n{head}\n'
        f'<nav aria-label="Contents"><ol>{links}</ol></nav>\n{body}\n</main></body></html>\n'
    )


def _anchor(title: str) -> str:
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def _named_tables(part: Section) -> str:
    """Tables that can be scrolled are reached by keyboard, and have a name."""
    wrapped = f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(part.title)}: table'
    pieces = part.html.split('<div class="scroll"')
    return pieces[0] + "".join(f'{wrapped} {k}"{piece}' for k, piece in enumerate(pieces[1:], start=1))


def key_numbers(numbers: Sequence[tuple[str, str]]) -> str:
    """Large numbers, each with what it means."""
    cells = "".join(f'<div class="key"><b>{escape(n)}</b><span>{escape(text)}</span></div>' for n, text in numbers)
    return f'<div class="keys">{cells}</div>'


def table(rows: Sequence[Sequence[Any]], head: Sequence[str] = ()) -> str:
    """A table; numbers are set to the right, the first cell of a row is its heading."""
    columns = "".join(f'<th scope="col"{_align(rows, i)}>{escape(name)}</th>' for i, name in enumerate(head))
    body = "".join(f"<tr>{_heading(row[0])}{''.join(_cell(value) for value in row[1:])}</tr>" for row in rows)
    top = f"<thead><tr>{columns}</tr></thead>" if head else ""
    return f'<div class="scroll"><table>{top}<tbody>{body}</tbody></table></div>'


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


def _heading(value: Any) -> str:
    return f'<th scope="row">{escape(str(value))}</th>'


def _cell(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<td class="n">{value:.4g}</td>' if isinstance(value, float) else f'<td class="n">{value}</td>'
    return f"<td>{escape(str(value))}</td>"


def _align(rows: Sequence[Sequence[Any]], column: int) -> str:
    number = bool(rows) and column > 0 and isinstance(rows[0][column], int | float)
    return ' class="n"' if number else ""
