"""The package as a stranger meets it: imports, layout and ground rules."""

import ast
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_import_needs_neither_lava_nor_nengo_nor_a_plotting_library():
    loaded = python("import neuro_bpdl, sys; print(*sys.modules)").split()
    for heavy in ("lava", "nengo", "matplotlib", "sklearn", "numba", "typer"):
        assert heavy not in loaded


def test_import_is_fast():
    """Compared with numpy's own import in the same run: an absolute bound would depend on the machine."""

    def seconds(module: str) -> float:
        start = time.perf_counter()
        python(f"import {module}")
        return time.perf_counter() - start

    assert min(seconds("neuro_bpdl") for _ in range(3)) < 10 * min(seconds("numpy") for _ in range(3))


@pytest.mark.parametrize("path", sorted((ROOT / "processes").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_process_folders_hold_process_and_models_with_absolute_imports(path):
    assert path.name in ("__init__.py", "process.py", "models.py")
    imports = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    assert all(node.level == 0 for node in imports)


def imports_of(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", sorted((ROOT / "neuro_bpdl").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_lava_and_nengo_are_imported_in_their_own_rooms_only(path):
    room = path.relative_to(ROOT / "neuro_bpdl").as_posix()
    for name in imports_of(path):
        top = name.split(".")[0]
        if top == "lava":
            assert room.startswith("backends/lava/")
        if top == "nengo":
            assert room.startswith("backends/nengo/")


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("theory", ("kernels", "backends", "training", "cli", "processes")),
        ("kernels", ("theory", "backends", "training", "cli", "processes")),
        ("backends", ("training", "generation", "report", "cli")),
        ("training", ("cli", "report")),
        ("hardware", ("cli", "training", "report")),
    ],
)
def test_dependencies_point_down(room, forbidden):
    for path in (ROOT / "neuro_bpdl" / room).rglob("*.py"):
        for name in imports_of(path):
            assert not name.startswith(tuple(f"neuro_bpdl.{other}" for other in forbidden)), (path, name)
