"""The house keeps its order: who may import whom, and what importing costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import caraml_analysis

PACKAGE = Path(caraml_analysis.__file__).parent
FLOORS = {
    "errors": 0,
    "tables": 1,
    "paths": 1,
    "csv_reader": 1,
    "countries": 1,
    "registry": 1,
    "locking": 1,
    "sources": 2,
    "geocoding": 2,
    "analysis": 2,
    "carbon": 2,
    "plots": 2,
    "reproduce": 3,
    "cli": 4,
}
# the world outline is a drawing's own ink, not a number that it shows
ALLOWED = {("plots", "sources.world_outline")}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_modules(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("caraml_analysis"):
            inside = node.module.removeprefix("caraml_analysis").lstrip(".")
            if inside:
                yield inside
            else:
                yield from (alias.name for alias in node.names if alias.name in FLOORS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_from_floors_below(path):
    room = room_of(path)
    for module in imported_modules(path):
        other = module.split(".")[0]
        if other == room or (room, module) in ALLOWED:
            continue
        assert FLOORS[other] < FLOORS[room] or FLOORS[room] == FLOORS[other] == 1, (
            f"{room} (floor {FLOORS[room]}) imports {module} (floor {FLOORS[other]})"
        )


def test_every_room_is_on_a_floor():
    assert {room_of(path) for path in MODULES} - {"carbon"} <= set(FLOORS)


def test_importing_the_package_loads_neither_pandas_nor_matplotlib():
    code = (
        "import sys, caraml_analysis; "
        "print(sorted({'pandas', 'numpy', 'matplotlib', 'pycountry'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert found.stdout.strip() == "[]"


def test_every_public_name_can_be_loaded():
    for name in caraml_analysis.__all__:
        assert getattr(caraml_analysis, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'geocde'"):
        _ = caraml_analysis.geocde


def test_public_functions_explain_themselves():
    for name in caraml_analysis.__all__:
        value = getattr(caraml_analysis, name)
        if callable(value):
            assert value.__doc__, name
