"""The gallery: every example is run while the site is built; the page shows what it said and drew.

GALLERY=off leaves them unrun, and the page says so. The notebook is shown as its file has it.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
GALLERY, NOTEBOOK = "<!-- every example, run -->", "<!-- the notebook -->"
TIMEOUT = 600
_pages: dict[str, str] = {}


def on_files(files: Files, *, config: Any, **_: Any) -> Files:
    """Pictures have to be files of the site before any page is read."""
    parts = []
    for script in sorted((ROOT / "examples").glob("*.py")):
        title = (ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or script.stem).split("\n")[0]
        parts += [f"## {script.stem.replace('_', ' ')}\n\n{title}\n"]
        for name, content in _run(script) if os.environ.get("GALLERY") != "off" else ():
            if name == "said":
                parts.append(f"```text\n{content.decode().strip()}\n```\n")
            else:
                files.append(File.generated(config, f"gallery/{name}", content=content))
                parts.append(f"![What {script.name} drew](gallery/{name})\n")
        parts.append(f'??? note "examples/{script.name}"\n\n    ```python\n'
                     f'    --8<-- "examples/{script.name}"\n    ```\n')  # fmt: skip
    if os.environ.get("GALLERY") == "off":
        parts.insert(0, "*This copy of the site was built without running the examples.*\n")
    _pages[GALLERY] = "\n".join(parts)
    _pages[NOTEBOOK] = "\n".join(_cells())
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    for mark, text in _pages.items():
        markdown = markdown.replace(mark, text)
    return markdown


def _run(script: Path) -> Iterator[tuple[str, bytes]]:
    """What it says under the name "said", then its pictures."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, str(script)], cwd=folder, capture_output=True, check=False, timeout=TIMEOUT
        )
        if done.returncode:
            raise SystemExit(f"{script.name}: {done.stderr.decode()[-2000:]}")
        yield "said", done.stdout
        for picture in sorted(Path(folder).glob("*.png")):
            yield picture.name, picture.read_bytes()


def _cells() -> Iterator[str]:
    cells = json.loads((ROOT / "examples" / "tutorial.ipynb").read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        source = "".join(cell["source"])
        yield f"```python\n{source}\n```\n" if cell["cell_type"] == "code" else f"#{source}\n"
        for output in cell.get("outputs", ()):
            data = output.get("data", {"text/plain": output.get("text", "")})
            shown, plain = "".join(data.get("text/html", "")), "".join(data.get("text/plain", ""))
            if "image/png" in data:
                yield f'<img alt="{plain}" src="data:image/png;base64,{"".join(data["image/png"]).strip()}">\n'
            elif shown:
                yield f"<div>{' '.join(shown.split())}</div>\n"
            else:
                yield f"```text\n{plain.strip()}\n```\n"
