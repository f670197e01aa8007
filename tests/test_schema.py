"""The schemas agree with the loaders: the same keys, and the bundled files are valid."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from replylint import rulepack
from replylint.audit import scorecard
from replylint.cli.config import CONFIG_KEYS
from replylint.located import Node, read
from replylint.schema import NAMES, Schema, schema_of

ROOT = Path(__file__).parents[1]


def rule_schema() -> Schema:
    rule: Schema = schema_of("pack")["properties"]["rules"]["items"]
    return rule


def first_object(schema: Schema) -> Schema:
    """The mapping among the alternatives of a list-or-one schema."""
    if schema.get("type") == "object":
        return schema
    return next(found for option in schema["anyOf"] if (found := _object_in(option)))


def _object_in(schema: Schema) -> Schema | None:
    if schema.get("type") == "object":
        return schema
    return next((found for option in schema.get("anyOf", ()) if (found := _object_in(option))), None)


KEYS = {
    "a pack": (lambda: schema_of("pack"), rulepack._PACK_KEYS),
    "the lexicon": (lambda: schema_of("lexicon"), rulepack._LEXICON_KEYS),
    "a rule": (rule_schema, rulepack._RULE_KEYS),
    "a match": (lambda: first_object(rule_schema()["properties"]["match"]), rulepack._MATCH_KEYS),
    "a good example": (lambda: first_object(rule_schema()["properties"]["good"]), rulepack._EXAMPLE_KEYS),
    "a score card": (lambda: schema_of("card"), scorecard._KEYS),
    "the configuration": (lambda: schema_of("config"), CONFIG_KEYS),
}


@pytest.mark.parametrize(("schema", "keys"), KEYS.values(), ids=KEYS)
def test_the_schema_knows_the_keys_the_loader_takes(schema: Any, keys: tuple[str, ...]) -> None:
    assert set(schema()["properties"]) == set(keys)


def plain(node: Node) -> Any:
    """A node as an editor sees it: YAML 1.2 scalars."""
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    if isinstance(node.value, str):
        if node.value in ("true", "false"):
            return node.value == "true"
        return int(node.value) if node.value.isdigit() and len(node.value) < 5 else node.value
    return None if node.value is None else {key: plain(value) for key, value in node.value.items()}


FILES = [
    ("card", ROOT / "examples" / "score-card.yaml"),
    ("pack", ROOT / "tests" / "golden" / "shop.yaml"),
    ("pack", ROOT / "replylint" / "data" / "skeleton.yaml"),
]


@pytest.mark.parametrize(("name", "path"), FILES, ids=lambda value: getattr(value, "name", value))
def test_packs_that_load_are_valid(name: str, path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    node, problems = read(path)
    assert node is not None
    assert not problems
    jsonschema.Draft202012Validator(schema_of(name)).validate(plain(node))


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_a_schema(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(schema_of(name))


def test_a_misspelt_key_is_invalid() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(schema_of("policy"))
    assert validator.is_valid({"ignore": ["invoice"]})
    assert not validator.is_valid({"ingore": ["invoice"]})


def test_importing_the_package_loads_nothing() -> None:
    code = (
        "import json, sys, replylint; print(json.dumps([name for name in sys.modules if name.startswith('replylint')]))"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert json.loads(out) == ["replylint"]
