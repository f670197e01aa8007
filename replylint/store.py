"""Compiled packs on disk, so that a process need not read YAML to check one reply.

A compiled pack set is plain JSON in the user's own cache directory, named by a hash of everything it was made from. A
file that is stale,
foreign, writable by others or damaged is never used; it is made again. Nothing in it can run.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from replylint.rule import Ruleset
from replylint.validators import Vocabulary

FORMAT = "4"
"""Raised whenever the shape of what is stored changes."""


def cached_rules(key: str, directory: Path, make: Callable[[], Ruleset]) -> Ruleset:
    """The ruleset stored under a key, or a new one from `make`, which is then stored if the directory can be
    written.
    """
    path = directory / f"rules-{FORMAT}-{key}.json"
    stored = _read(path)
    if stored is not None:
        return stored
    ruleset = make()
    _write(path, ruleset)
    return ruleset


def _read(path: Path) -> Ruleset | None:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            foreign = hasattr(os, "getuid") and status.st_uid != os.getuid()
            if foreign or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None
            wire = json.load(file)
        ruleset: Ruleset = _Reader(wire["words"], wire["sets"]).read(Ruleset, wire["ruleset"])
    except (OSError, ValueError, TypeError, KeyError, IndexError, RecursionError):
        return None
    return ruleset


def _write(path: Path, ruleset: Ruleset) -> None:
    writer = _Writer()
    wire = {"ruleset": writer.plain(ruleset), "sets": writer.sets, "words": writer.words}
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            json.dump(wire, file, ensure_ascii=False, separators=(",", ":"))
        Path(file.name).replace(path)
    except OSError:
        return  # a read-only home costs speed, nothing else


class _Writer:
    """Turns values into JSON; words and sets of words, which recur in hundreds of frames, go into tables."""

    def __init__(self) -> None:
        self.sets: list[list[int]] = []
        self._numbers: dict[frozenset[str], int] = {}
        self._words: dict[str, int] = {}

    @property
    def words(self) -> list[str]:
        """Every word of the sets, once."""
        return list(self._words)

    def plain(self, value: Any) -> Any:
        if isinstance(value, frozenset):
            if value not in self._numbers:
                self._numbers[value] = len(self.sets)
                self.sets.append([self._words.setdefault(word, len(self._words)) for word in sorted(value)])
            return self._numbers[value]
        if isinstance(value, Vocabulary):
            return {name: list(words) for name, words in value.words().items()}
        if isinstance(value, tuple):
            return [self.plain(item) for item in _told(value)]
        if isinstance(value, Mapping):
            return {key: self.plain(item) for key, item in value.items()}
        return value


def _told(value: tuple[Any, ...]) -> Sequence[Any]:
    """The items of a tuple; of a named one without those at its end that are what they are by default."""
    defaults = getattr(value, "_field_defaults", {})
    fields = getattr(value, "_fields", ())
    last = len(value)
    while defaults and last and fields[last - 1] in defaults and value[last - 1] == defaults[fields[last - 1]]:
        last -= 1
    return value[:last]


class _Reader:
    """Turns JSON back into values of a stated type; raises TypeError or ValueError where it does not fit."""

    def __init__(self, words: list[str], sets: list[list[int]]) -> None:
        self._sets = [frozenset(map(words.__getitem__, numbers)) for numbers in sets]
        self._readers: dict[Any, Callable[[Any], Any]] = {}

    def read(self, kind: Any, value: Any) -> Any:
        return self._reader(kind)(value)

    def _reader(self, kind: Any) -> Callable[[Any], Any]:
        if kind not in self._readers:
            self._readers[kind] = lambda value: self._readers[kind](value)  # a class may contain itself
            self._readers[kind] = self._make(kind)
        return self._readers[kind]

    def _make(self, kind: Any) -> Callable[[Any], Any]:
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            inner = self._reader(next(argument for argument in arguments if argument is not type(None)))
            return lambda value: None if value is None else inner(value)
        if kind is Vocabulary:
            return lambda value: Vocabulary(**{name: tuple(words) for name, words in value.items()})
        if origin is frozenset:
            return self._sets.__getitem__
        if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
            item = self._reader(arguments[0])
            return lambda value: tuple(map(item, value))
        if origin is tuple:
            items = [self._reader(argument) for argument in arguments]
            return lambda value: tuple(read(part) for read, part in zip(items, value, strict=True))
        if isinstance(origin, type) and issubclass(origin, Mapping):
            entry = self._reader(arguments[1])
            return lambda value: {key: entry(item) for key, item in value.items()}
        if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
            hints = get_type_hints(kind)
            fields = [self._reader(hints[name]) for name in kind._fields]
            return lambda value: kind(*[read(part) for read, part in zip(fields, value, strict=False)])
        if origin is Literal or kind in (str, int, bool):
            return _same
        raise TypeError(f"cannot store {kind}")


def _same(value: Any) -> Any:
    if not isinstance(value, (str, int)):
        raise TypeError(f"not plain: {value!r:.40}")
    return value
