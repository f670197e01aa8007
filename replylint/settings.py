"""Reading a shop profile and a policy from YAML, strictly: every mistake is told at its place, all at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import cast

from replylint.located import Node, check_keys, mapping, one_of, read, strings, text
from replylint.model import SEVERITIES, Action, Severity
from replylint.profile import ACTIONS, Policy, Profile, digits_of
from replylint.source import Problem, RulePackError, did_you_mean


def read_profile(path: Path) -> Profile:
    """A shop profile; raises RulePackError with every problem."""
    entries, problems = _entries(path, ("slots", "facts", "hotlines", "addresses", "language"))
    slots = {key: text(node, problems) for key, node in _mapping(entries.get("slots"), problems).items()}
    profile = Profile(
        slots=slots,
        facts=frozenset(_strings(entries.get("facts"), problems)),
        hotlines=frozenset(digits_of(number) for number in _strings(entries.get("hotlines"), problems)),
        addresses=_strings(entries.get("addresses"), problems),
        language=one_of(entries["language"], ("zh", "en"), problems) if "language" in entries else "zh",
    )
    _stop_on(problems)
    return profile


def read_policy(path: Path, known: Collection[str]) -> Policy:
    """A policy over the known rule ids and pack names; raises RulePackError with every problem."""
    entries, problems = _entries(path, ("select", "ignore", "severity", "action"))
    for key in ("select", "ignore"):
        node = entries.get(key)
        for item in node.value if node is not None and isinstance(node.value, tuple) else ():
            _check_known(item, str(item.value), known, problems)
    severities: dict[str, Severity] = {}
    for rule, node in _mapping(entries.get("severity"), problems).items():
        _check_known(node, rule, known, problems)
        severities[rule] = cast(Severity, one_of(node, SEVERITIES, problems))
    actions = dict(Policy().actions)
    for severity, node in _mapping(entries.get("action"), problems).items():
        if severity not in SEVERITIES:
            problems.append(Problem(node.mark, f"unknown severity {severity!r}{did_you_mean(severity, SEVERITIES)}"))
        actions[cast(Severity, severity)] = cast(Action, one_of(node, ACTIONS, problems))
    _stop_on(problems)
    return Policy(
        frozenset(_strings(entries.get("select"), problems)),
        frozenset(_strings(entries.get("ignore"), problems)),
        severities,
        actions,
    )


def _entries(path: Path, keys: tuple[str, ...]) -> tuple[Mapping[str, Node], list[Problem]]:
    node, found = read(path)
    problems = list(found)
    if node is None or node.value is None:
        _stop_on(problems)
        return {}, problems
    check_keys(node, keys, problems, path.name)
    return mapping(node, problems), problems


def _mapping(node: Node | None, problems: list[Problem]) -> Mapping[str, Node]:
    return mapping(node, problems) if node is not None else {}


def _strings(node: Node | None, problems: list[Problem]) -> tuple[str, ...]:
    return strings(node, problems) if node is not None else ()


def _check_known(node: Node, name: str, known: Collection[str], problems: list[Problem]) -> None:
    if name not in known:
        problems.append(Problem(node.mark, f"unknown rule or pack {name!r}{did_you_mean(name, known)}"))


def _stop_on(problems: list[Problem]) -> None:
    if problems:
        raise RulePackError(problems)
