"""Imports point down: a module uses only what lives on a lower floor, or on its own where the floor says so."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "replylint"

FLOORS = (
    {"core", "expression", "collector"},
    {"characters", "matcher", "source", "rarity", "model", "messages", "atomic", "workers", "cachedir"},
    {"located", "sound"},
    {"frame", "text", "validators", "tokens"},
    {"nodes", "ways"},
    {"lexis"},
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


_CHECK = """
import builtins, io, sys
sources = []
compiled = builtins.compile
builtins.compile = lambda source, *args, **more: sources.append(source) or compiled(source, *args, **more)
sys.stdin = io.TextIOWrapper(io.BytesIO("亲,这款有现货的".encode()))
from replylint.cli import main
status = main(["check", "-"])
print([source for source in sources if isinstance(source, str)], status)
"""


@pytest.mark.usefixtures("linter")  # has compiled the packs, which takes every module there is
def test_a_start_compiles_no_annotations() -> None:
    """`from __future__ import annotations` makes text of them, and every field of a named tuple is then compiled, at
    every start: modules with named tuples that a check loads do without.
    """
    done = subprocess.run([sys.executable, "-c", _CHECK], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[] 0"
