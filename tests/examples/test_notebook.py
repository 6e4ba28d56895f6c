"""The notebook runs from its first cell to its last and shows what its file shows."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples" / "tutorial.ipynb"
CELLS = [cell for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]


def script() -> str:
    """The cells one after the other; each says the value of its last expression, as a notebook does."""
    lines = []
    for number, cell in enumerate(CELLS):
        tree = ast.parse("".join(cell["source"]))
        last = tree.body[-1]
        if isinstance(last, ast.Expr):
            tree.body[-1] = ast.parse(f"__value = {ast.unparse(last)}").body[0]
            lines += [ast.unparse(tree), f"if __value is not None: print('CELL', {number}, repr(__value))",
                      "if hasattr(__value, '_repr_html_'): assert __value._repr_html_()"]  # fmt: skip
        else:
            lines.append(ast.unparse(tree))
    return "\n".join(lines)


def shown() -> list[str]:
    """What the file says that the cells gave."""
    return [
        f"CELL {number} {''.join(output['data']['text/plain'])}"
        for number, cell in enumerate(CELLS) for output in cell["outputs"]
        if output["output_type"] == "execute_result"
    ]  # fmt: skip


@pytest.mark.timeout(280)
def test_it_runs_and_shows_what_is_in_the_file(tmp_path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", script()], check=False, capture_output=True, text=True, cwd=tmp_path, timeout=270
    )
    assert run.returncode == 0, run.stderr
    assert [line for line in run.stdout.splitlines() if line.startswith("CELL")] == shown()


def test_it_is_executed_and_tells_nothing_of_the_machine() -> None:
    assert len(shown()) >= 7 and all(cell["execution_count"] for cell in CELLS)
    outputs = [output for cell in CELLS for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert sum("text/html" in output.get("data", {}) for output in outputs) >= 6
    assert not re.search(r"/(tmp|home|root|work|usr)/", NOTEBOOK.read_text(encoding="utf-8"))
