"""Helpers of the tests that start Lava."""

import sys
from pathlib import Path

HERE = Path(__file__).parent

sys.path[:0] = [str(HERE / "probe"), str(HERE / "probe_async")]
