"""The sources as they lie in an installed package: `processes` and `hardware_configs` are parts of neuro_bpdl there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PLACES = {"neuro_bpdl": "", "processes": "processes", "hardware_configs": "hardware_configs"}


def on_startup(**_: Any) -> None:
    whole = ROOT / "build" / "docs" / "sources" / "neuro_bpdl"
    shutil.rmtree(whole, ignore_errors=True)
    for folder, place in PLACES.items():
        only_code = shutil.ignore_patterns("__pycache__", "*.npz", "*.toml", "*.js", "*.css")
        shutil.copytree(ROOT / folder, whole / place, ignore=only_code, dirs_exist_ok=True)
