"""Links of a page to files that are not pages, such as sources: the site shows their place instead."""

from __future__ import annotations

import posixpath
import re
from typing import Any

LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    folder = posixpath.dirname(page.file.src_uri)

    def shown(found: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join("docs", folder, found[2]))
        if place.startswith("docs/"):
            return found[0]
        return found[1] if found[1].strip("`") == place else f"{found[1]} (`{place}`)"

    return LINK.sub(shown, markdown)
