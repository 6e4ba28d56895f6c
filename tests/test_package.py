"""The package as a stranger meets it: imports, layout and ground rules."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_import_needs_neither_lava_nor_nengo_nor_a_plotting_library():
    loaded = python("import neuro_bpdl, sys; print(*sys.modules)").split()
    for heavy in ("lava", "nengo", "matplotlib", "sklearn", "numba", "typer"):
        assert heavy not in loaded


def test_import_loads_the_specs_and_pydantic_only():
    """What makes an import fast. A clock would measure the machine."""
    loaded = python("import neuro_bpdl, sys; print(*sys.modules)").split()
    rooms = {name.split(".")[1] for name in loaded if name.startswith("neuro_bpdl.")}
    assert rooms <= {"errors", "files", "spec"}
    own = {name.split(".")[0] for name in loaded} - sys.stdlib_module_names
    foreign = {name for name in own if not name.startswith(("_", "neuro_bpdl"))}
    typed = {"annotated_types", "typing_extensions", "typing_inspection"}
    assert foreign <= {"pydantic", "pydantic_core", "tomli"} | typed


@pytest.mark.parametrize("path", sorted((ROOT / "processes").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_process_folders_hold_process_and_models_with_absolute_imports(path):
    assert path.name in ("__init__.py", "process.py", "models.py")
    imports = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    assert all(node.level == 0 for node in imports)


def imports_of(path: Path) -> set[str]:
    """Modules that a file imports anywhere, but not for type checkers only."""
    names = set()
    for node in ast.walk(_without_types(ast.parse(path.read_text()))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = (f"{node.module}.{alias.name}" for alias in node.names)
            names |= {name if name in MODULES else node.module for name in whole}
    return names


def _without_types(tree: ast.Module) -> ast.Module:
    def for_types(node: ast.stmt) -> bool:
        return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)

    tree.body = [node for node in tree.body if not for_types(node)]
    return tree


@pytest.mark.parametrize("path", sorted((ROOT / "neuro_bpdl").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_lava_and_nengo_are_imported_in_their_own_rooms_only(path):
    room = path.relative_to(ROOT / "neuro_bpdl").as_posix()
    for name in imports_of(path):
        top = name.split(".")[0]
        if top == "lava":
            assert room.startswith("engines/lava/")
        if top == "nengo":
            assert room.startswith("engines/nengo/")


# A room may use the rooms below its own line, never one beside or above it.
FLOORS = (
    ("errors",),
    ("files", "numbers"),
    ("spec", "plotting"),
    ("parameters", "description", "recipes", "data"),
    ("theory", "kernels"),
    ("neuron",),
    ("engines", "processes", "hardware"),
    ("training",),
    ("generation", "agreement", "export", "control"),
    ("report", "experiments", "bench", "estimator_input"),
    ("estimator", "classifier", "nengo"),
    ("workflows",),
    ("cli",),
)
# Our Lava processes, and what runs them: engines run networks, control runs agents.
BESIDE = {("engines", "processes"), ("processes", "engines"), ("processes", "control")}
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MODULES = {
    ".".join(("neuro_bpdl", *path.relative_to(root).with_suffix("").parts)).removesuffix(".__init__"): path
    for root, folder in ((ROOT / "neuro_bpdl", ROOT / "neuro_bpdl"), (ROOT, ROOT / "processes"))
    for path in sorted(folder.rglob("*.py"))
}
CODE_LINES = 350


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


@pytest.mark.parametrize("module", MODULES)
def test_dependencies_point_down(module):
    room = room_of(module)
    if not room or module == "neuro_bpdl.__main__":
        return  # the package's own surface may show anything
    assert room in FLOOR, f"give the room {room!r} its floor"
    for name in imports_of(MODULES[module]):
        other = room_of(name) if name.startswith("neuro_bpdl.") else room
        if other in FLOOR and other != room and (room, other) not in BESIDE:
            assert FLOOR[other] < FLOOR[room], f"{module} imports {name}"


def test_no_module_needs_itself():
    needs = {module: (imports_of(path) & set(MODULES)) - {module} for module, path in MODULES.items()}
    while ended := {module for module, others in needs.items() if not others & set(needs)}:
        needs = {module: others for module, others in needs.items() if module not in ended}
    assert not needs, f"in a ring, or above one: {sorted(needs)}"


def test_files_are_one_concept_long():
    lengths = {path.relative_to(ROOT).as_posix().removeprefix("neuro_bpdl/"): path.read_text().count("\n")
               for path in MODULES.values()}  # fmt: skip
    filled = sorted(length for length in lengths.values() if length)
    assert filled[len(filled) // 2] <= 150
    assert {name for name, length in lengths.items() if length > CODE_LINES} == set()
