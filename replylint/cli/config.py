"""The configuration file: the options of the command line as YAML, for a shop or a repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from replylint.cli.parser import INPUTS, LOG_FORMATS, MOST_JOBS
from replylint.located import Node, boolean, check_keys, mapping, one_of, read, strings, text, whole
from replylint.messages import LANGUAGES
from replylint.model import PLATFORMS, SEVERITIES
from replylint.render import FORMATS
from replylint.source import Problem, RulePackError

CONFIG_KEYS = (
    "packs", "policy", "shop", "select", "ignore", "lang", "fail-level", "exit-zero", "platform", "format", "input",
    "input-format", "map", "jobs", "card", "pseudonym-key", "max-points",
)  # fmt: skip

_MOST_POINTS = 1_000_000_000


def read_config(path: Path) -> dict[str, Any]:
    """The options a configuration file gives, by their names with underscores; paths count from the file's directory.

    Raises RulePackError with every problem.
    """
    node, found = read(path)
    problems = list(found)
    if node is None or node.value is None:
        if problems:
            raise RulePackError(problems)
        return {}
    check_keys(node, CONFIG_KEYS, problems, path.name)
    settings = {
        key.replace("-", "_"): _setting(key, value, path.parent, problems)
        for key, value in mapping(node, problems).items()
        if key in CONFIG_KEYS
    }
    if problems:
        raise RulePackError(problems)
    return settings


def _setting(key: str, node: Node, home: Path, problems: list[Problem]) -> Any:
    match key:
        case "packs":
            return [_beside(home, name) for name in strings(node, problems)]
        case "policy" | "shop" | "card" | "pseudonym-key":
            return str(home / text(node, problems))
        case "select" | "ignore":
            return list(strings(node, problems))
        case "lang":
            return one_of(node, LANGUAGES, problems)
        case "fail-level":
            return one_of(node, SEVERITIES, problems)
        case "platform":
            return one_of(node, PLATFORMS, problems)
        case "format":
            return one_of(node, FORMATS, problems)
        case "input":
            return one_of(node, INPUTS, problems)
        case "input-format":
            return one_of(node, LOG_FORMATS, problems)
        case "exit-zero":
            return boolean(node, problems)
        case "jobs":
            return whole(node, problems, 1, MOST_JOBS)
        case "max-points":
            return whole(node, problems, 0, _MOST_POINTS)
        case "map":
            return {name: text(value, problems) for name, value in mapping(node, problems).items()}
    raise AssertionError(f"no reader for {key}")


def _beside(home: Path, name: str) -> str:
    """A pack's name as it is, its path from the directory of the configuration file."""
    return str(home / name) if "/" in name or name.endswith((".yaml", ".yml")) else name
