"""A progress bar where one is looked at: in a notebook as HTML, in a terminal as a line."""

from __future__ import annotations

import sys
from contextlib import suppress
from html import escape
from typing import Any, TextIO


class Bar:
    """An `Observer` of training.

    Parameters
    ----------
    shown : bool
        False shows nothing.
    """

    def __init__(self, title: str, *, shown: bool = True, stream: TextIO | None = None) -> None:
        self._title, self._shown, self._stream = title, shown, stream or sys.stderr
        self._said, self._part, self._handle = "", 0.0, _notebook() if shown else None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *error: Any) -> None:
        if self._shown and self._handle is None and self._said:
            self._stream.write("\n")

    def images_done(self, done: int, total: int) -> None:
        """See `Observer`."""
        part = done / max(total, 1)
        if part - self._part >= 0.01 or part in (0, 1):
            self._part = part
            self._show()

    def epoch_done(self, metrics: dict[str, Any]) -> None:
        """See `Observer`."""
        share = metrics["deep_reconstruction_mse"] / metrics["mean_image_mse"]
        self._said = f"epoch {metrics['epoch']}, error from the top {share:.3f} (mean image 1)"
        self._show()

    def _show(self) -> None:
        if not self._shown:
            return
        if self._handle is not None:
            self._handle.update(_Html(
                f'<progress max="1" value="{self._part:.2f}" aria-label="{escape(self._title)}"></progress> '
                f"{escape(self._title)}: {escape(self._said)}"
            ))  # fmt: skip
        elif self._stream.isatty():
            self._stream.write(f"\r{self._title} {self._part:4.0%}  {self._said}")
            self._stream.flush()


class _Html:
    def __init__(self, text: str) -> None:
        self._text = text

    def _repr_html_(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "progress"


def _notebook() -> Any:
    """A display that can be updated, inside a notebook's kernel; else None."""
    with suppress(ImportError):
        from IPython import get_ipython
        from IPython.display import display

        shell = get_ipython()
        if shell is not None and shell.has_trait("kernel"):
            return display(_Html(""), display_id=True)
    return None
