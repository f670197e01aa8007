"""Imports point down: a module uses only what lives on a lower floor, or on its own where the floor says so."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "replylint"

FLOORS = (
    {"core"},
    {"matcher", "source", "rarity", "model", "messages", "atomic", "workers", "cachedir"},
    {"located", "sound"},
    {"frame", "text", "validators", "tokens"},
    {"lexis", "ways"},
    {"passage"},
    {"clause", "answers", "search"},
    {"rule"},
    {"index", "plan", "settle"},
    {"rulepack", "chatlog", "store", "stream"},
    {"profile"},
    {"settings"},
    {"reader"},
    {"scene"},
    {"engine"},
    {"rewrite"},
    {"linter"},
    {"selfcheck", "render", "phrases", "schema", "mcp_server"},
    {"audit", "export"},
    {"serve"},
    {"integrations"},
    {"cli"},
    {"__init__", "__main__"},
)
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("replylint."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "replylint":
            found.update(alias.name for alias in node.names if alias.name in FLOOR)
        elif isinstance(node, ast.Import):
            found.update(alias.name.split(".")[1] for alias in node.names if alias.name.startswith("replylint."))
    return found


SOURCES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    module = _module(path)
    assert module in FLOOR, f"{module} has no floor yet: give it one in {Path(__file__).name}"
    climbing = {name for name in _imports(path) if name != module and FLOOR[name] >= FLOOR[module]}
    assert not climbing, f"{module} (floor {FLOOR[module]}) imports {sorted(climbing)}"


def test_there_are_no_drawers() -> None:
    assert not [path for path in SOURCES if {"utils", "helpers", "manager", "common", "misc"} & {path.stem}]
