"""A headless Chromium that opens a page from a file, and what became of the page."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# As root a browser has no sandbox of its own; virtual time lets every timer of the page end.
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
           "--virtual-time-budget=600000", "--dump-dom")  # fmt: skip
Opened = Callable[..., str]
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Write a page's text to a file, open it, return its document once its scripts have ended."""
    browser = next((found for name in NAMES if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed (apt install chromium)")

    def dumped(text: str, width: int = 1000) -> str:
        page = tmp_path / "page.html"
        page.write_text(text, encoding="utf-8")
        size, profile = f"--window-size={width},900", f"--user-data-dir={tmp_path / 'profile'}"
        command = [browser, *OPTIONS, size, profile, page.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=250)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    return dumped
