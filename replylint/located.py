"""Strict YAML in which every value and key knows where it stands, so that a problem can be pointed at.

Nodes are built from the parser's events, not by constructing objects: no tag can run anything, no alias can multiply
a document, and the depth limit is met before any recursion. Lines and columns are 1-based and count code points.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import yaml

from replylint.source import Mark, Problem, did_you_mean

MOST_BYTES = 8 * 1024 * 1024
MOST_DEPTH = 40
# A hostile file can hold a million small mistakes; nobody reads more than these.
MOST_PROBLEMS = 100

_PLAIN_NULLS = ("", "~", "null")
_LONGEST_SHOWN = 60
# The complement of `c-printable` of YAML 1.2 (chapter 5.1); it holds the lone surrogates too.
_UNPRINTABLE = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_LINE_BREAK = "\r\n|[\n\r\x85\u2028\u2029]"
_LINE_BREAK_OR_UNPRINTABLE = re.compile(f"(?P<line_break>{_LINE_BREAK})|{_UNPRINTABLE}")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


class Node(NamedTuple):
    """A scalar exactly as written (`1.10`, `yes`), a sequence, a mapping, or None for a plain `~`, `null` or nothing.

    `keys` tells where each key of a mapping stands; it is empty for every other value.
    """

    value: Value
    mark: Mark
    keys: Mapping[str, Mark] = MappingProxyType({})


Value: TypeAlias = str | tuple[Node, ...] | Mapping[str, Node] | None


class _Open(NamedTuple):
    """A collection whose end has not been met; a mapping lists keys and values in turn."""

    mark: Mark
    is_mapping: bool
    children: list[Node]


def read(path: Path) -> tuple[Node | None, tuple[Problem, ...]]:
    """`parse` of a UTF-8 file; a file that cannot be read is a problem at its first line."""
    top = Mark(str(path), 1, 1)
    try:
        # A pipe or a device would block or never end.
        if path.exists() and not path.is_file():
            return None, (Problem(top, "is not a regular file"),)
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        return None, (Problem(top, f"cannot be read: {getattr(error, 'strerror', None) or error}"),)
    if len(data) > MOST_BYTES:
        return None, (Problem(top, f"is larger than {MOST_BYTES} bytes"),)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        mark = _mark_behind(str(path), data[: error.start].decode("utf-8").removeprefix("\ufeff"))
        message = f"is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}"
        return None, (Problem(mark, message),)
    return parse(text, str(path))


def _loader() -> Any:
    """PyYAML's loader in C, or, where PyYAML was built without libyaml, its own, which is stricter: it takes no `?`
    inside a plain word of a `[…]`.
    """
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(text: str, path: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """The document and every problem in reading order, at most `MOST_PROBLEMS`.

    Never raises. The node is None when the text is no YAML at all. With lesser problems it is what could be read (the
    first of two equal keys, None for an alias), so that a loader can go on and report its own problems too.
    """
    text = text.removeprefix("\ufeff")
    unprintable = tuple(itertools.islice(_unprintable_characters(text, path), MOST_PROBLEMS))
    if unprintable:
        return None, unprintable
    problems: list[Problem] = []
    try:
        root = _build(text, path, problems)
    except yaml.MarkedYAMLError as error:
        root = None
        message = error.problem or error.context or "is not YAML"
        problems.append(Problem(_mark(path, error.problem_mark or error.context_mark), message))
    except yaml.YAMLError as error:
        root = None
        problems.append(Problem(Mark(path, 1, 1), str(error)))
    return root, tuple(sorted(problems)[:MOST_PROBLEMS])


def _unprintable_characters(text: str, path: str) -> Iterator[Problem]:
    line, line_start = 1, 0
    for match in _LINE_BREAK_OR_UNPRINTABLE.finditer(text):
        if match["line_break"]:
            line, line_start = line + 1, match.end()
            continue
        kind = "lone surrogate" if "\ud800" <= match[0] <= "\udfff" else "control character"
        mark = Mark(path, line, match.start() - line_start + 1)
        yield Problem(mark, f"{kind} U+{ord(match[0]):04X} is not allowed")


def _mark_behind(path: str, text: str) -> Mark:
    lines = re.split(_LINE_BREAK, text)
    return Mark(path, len(lines), len(lines[-1]) + 1)


def _mark(path: str, mark: Any) -> Mark:
    return Mark(path, mark.line + 1, mark.column + 1) if mark else Mark(path, 1, 1)


def _build(text: str, path: str, problems: list[Problem]) -> Node | None:
    """The first document of `text`. Gives up, with None, at too deep a nesting or at too many problems."""
    bottom = _Open(Mark(path, 1, 1), False, [])
    opened = [bottom]
    for event in yaml.parse(text, Loader=_loader()):
        mark = _mark(path, event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent) and bottom.children:
            problems.append(Problem(mark, "a second document is not allowed"))
            break
        if isinstance(event, yaml.NodeEvent):
            problems.extend(_refusals(event, mark))
        if isinstance(event, yaml.CollectionStartEvent):
            opened.append(_Open(mark, isinstance(event, yaml.MappingStartEvent), []))
            if len(opened) - 1 > MOST_DEPTH:
                problems.append(Problem(mark, f"is nested deeper than {MOST_DEPTH} levels"))
                return None
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = opened.pop()
            opened[-1].children.append(_closed(closed, problems))
        elif isinstance(event, yaml.ScalarEvent):
            is_plain = event.implicit[0]
            value = None if is_plain and event.value in _PLAIN_NULLS else event.value
            opened[-1].children.append(Node(value, mark))
        elif isinstance(event, yaml.AliasEvent):
            opened[-1].children.append(Node(None, mark))
        if len(problems) >= MOST_PROBLEMS:
            return None
    return bottom.children[0] if bottom.children else Node(None, bottom.mark)


def _refusals(event: yaml.NodeEvent, mark: Mark) -> Iterator[Problem]:
    if isinstance(event, yaml.AliasEvent):
        yield Problem(mark, f"alias *{_shown(event.anchor or '')} is not allowed; write the value out")
    elif event.anchor is not None:
        yield Problem(mark, f"anchor &{_shown(event.anchor)} is not allowed")
    if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag is not None:
        yield Problem(mark, f"tag {_shown(event.tag)} is not allowed")


def _closed(collection: _Open, problems: list[Problem]) -> Node:
    if not collection.is_mapping:
        return Node(tuple(collection.children), collection.mark)
    values: dict[str, Node] = {}
    keys: dict[str, Mark] = {}
    for key, value in zip(collection.children[0::2], collection.children[1::2], strict=True):
        if not isinstance(key.value, str):
            problems.append(Problem(key.mark, "a key must be text"))
        elif key.value in keys:
            first = keys[key.value].line
            problems.append(Problem(key.mark, f"key {_shown(key.value)!r} is already given in line {first}"))
        else:
            keys[key.value] = key.mark
            values[key.value] = value
    return Node(MappingProxyType(values), collection.mark, MappingProxyType(keys))


def _shown(word: str) -> str:
    return word if len(word) <= _LONGEST_SHOWN else word[:_LONGEST_SHOWN] + "…"


# What a loader asks of a node. Each appends what is wrong to `problems` and gives back something harmless,
# so that an author sees all mistakes of a file at once.


def check_keys(node: Node, allowed: Sequence[str], problems: list[Problem], where: str) -> None:
    """Every key that is not allowed is a problem at the key. `where` names the mapping, as in "a rule"."""
    for key, mark in node.keys.items():
        if key not in allowed:
            message = f"unknown key {_shown(key)!r} in {where}{did_you_mean(key, allowed)}"
            problems.append(Problem(mark, message))


def mapping(node: Node, problems: list[Problem]) -> Mapping[str, Node]:
    if isinstance(node.value, Mapping):
        return node.value
    problems.append(Problem(node.mark, f"must be a mapping, not {_kind(node)}"))
    return {}


def sequence(node: Node, problems: list[Problem]) -> tuple[Node, ...]:
    if isinstance(node.value, tuple):
        return node.value
    problems.append(Problem(node.mark, f"must be a list, not {_kind(node)}"))
    return ()


def text(node: Node, problems: list[Problem]) -> str:
    if isinstance(node.value, str):
        return node.value
    problems.append(Problem(node.mark, f"must be text, not {_kind(node)}"))
    return ""


def strings(node: Node, problems: list[Problem]) -> tuple[str, ...]:
    """A list of texts that are not blank; a single text stands for a list of one. Bad members are left out."""
    members = (node,) if isinstance(node.value, str) else sequence(node, problems)
    found: list[str] = []
    for member in members:
        word = text(member, problems)
        if word.strip():
            found.append(word)
        elif isinstance(member.value, str):
            problems.append(Problem(member.mark, "must not be blank"))
    return tuple(found)


def one_of(node: Node, choices: Sequence[str], problems: list[Problem]) -> str:
    """One of `choices`, or empty text after a problem."""
    word = text(node, problems)
    if word in choices:
        return word
    if isinstance(node.value, str):
        message = f"{_shown(word)!r} is none of {', '.join(choices)}{did_you_mean(word, choices)}"
        problems.append(Problem(node.mark, message))
    return ""


def whole(node: Node, problems: list[Problem], low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included; `low` after a problem."""
    if isinstance(node.value, str) and _WHOLE.fullmatch(node.value) and low <= int(node.value) <= high:
        return int(node.value)
    given = repr(_shown(node.value)) if isinstance(node.value, str) else _kind(node)
    problems.append(Problem(node.mark, f"must be a whole number from {low} to {high}, not {given}"))
    return low


def boolean(node: Node, problems: list[Problem]) -> bool:
    """`true` or `false` and no other spelling; False after a problem."""
    if node.value not in ("true", "false"):
        given = repr(_shown(node.value)) if isinstance(node.value, str) else _kind(node)
        problems.append(Problem(node.mark, f"must be true or false, not {given}"))
    return node.value == "true"


def _kind(node: Node) -> str:
    if node.value is None:
        return "nothing"
    if isinstance(node.value, str):
        return "text"
    return "a list" if isinstance(node.value, tuple) else "a mapping"
