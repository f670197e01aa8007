"""Compiled packs on disk, so that a process need not read YAML to check one reply.

A compiled pack set is plain values in the user's own cache directory, named by a hash of everything it was made from.
It is a row of chunks, each with its size and a hash of itself: what is large (words, plans) has chunks of its own,
which stay as they are; the last one tells the rest. A file that is stale, foreign, writable by others or damaged is
never used; it is made again. Nothing in it can run. Matches, asks and spellings, of which a reply asks for few, are
rows of a table and read when asked for.
"""

import marshal
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.util import source_hash
from pathlib import Path
from types import UnionType
from typing import Any, BinaryIO, Literal, Union, get_args, get_origin

from replylint.collector import collector_at_rest
from replylint.matcher import SideBySide, WordList, ends_of
from replylint.rule import Ask, Match, Ruleset
from replylint.text import Spelling
from replylint.validators import Vocabulary

FORMAT = f"14-{sys.implementation.cache_tag}-{sys.byteorder}"
"""Raised whenever the shape of what is stored changes; what is stored is written as each Python does."""

_OURS = "rules-"
_MOST_KEPT = 16
_HASH = 8
_SIZE = 8


def cached_rules(key: str, directory: Path, make: Callable[[], Ruleset]) -> Ruleset:
    """The ruleset stored under a key, or a new one from `make`, which is then stored if the directory can be
    written.
    """
    path = directory / f"{_OURS}{FORMAT}-{key}"
    with collector_at_rest():
        stored = _read(path)
        if stored is not None:
            return stored
        ruleset = make()
        _write(path, ruleset)
        return ruleset


def content_hash(content: bytes) -> bytes:
    """What tells a content from others: the hash that Python itself tells a changed module by (SipHash, 8 bytes).

    hashlib would take four megabytes and milliseconds of every start. Nothing here defends against the user who
    owns the files; see `_read` for who else could have written them.
    """
    return source_hash(content)


def _read(path: Path) -> Ruleset | None:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            foreign = hasattr(os, "getuid") and status.st_uid != os.getuid()
            if foreign or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None
            *chunks, last = _chunks(file, status.st_size)
        wire = marshal.loads(last)
        ruleset: Ruleset = _Reader(SideBySide(*chunks[:_TABLE]), chunks).reader_of(Ruleset)(wire)
        return ruleset
    except (OSError, EOFError, ValueError, TypeError, KeyError, IndexError, RecursionError):
        return None


def _chunks(file: BinaryIO, most: int) -> Iterator[bytes]:
    """The chunks of a file that has at most so many bytes; raises ValueError where one is damaged."""
    while head := file.read(_SIZE + _HASH):
        size = int.from_bytes(head[:_SIZE], "little")
        chunk = file.read(min(size, most))
        if len(chunk) != size or content_hash(chunk) != head[_SIZE:]:
            raise ValueError("damaged")
        yield chunk


def _write(path: Path, ruleset: Ruleset) -> None:
    import tempfile  # most processes only read

    writer = _Writer()
    wire = marshal.dumps(writer.plain(ruleset))
    table = b"".join(writer.rows), ends_of(writer.rows)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=_OURS, delete=False) as file:
            for chunk in (*table, *writer.chunks, wire):
                file.write(len(chunk).to_bytes(_SIZE, "little") + content_hash(chunk) + chunk)
        Path(file.name).replace(path)
        _tidy(path.parent)
    except OSError:
        return  # a read-only home costs speed, nothing else


def _tidy(directory: Path) -> None:
    """Removes the oldest compiled packs where they have become many: every change of a pack leaves ten megabytes."""
    ours = sorted(directory.glob(f"{_OURS}*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in ours[_MOST_KEPT:]:
        path.unlink()


_TABLE = 2
"""Chunks of the table that everything refers to: its rows, and where each ends."""


def _wire_of(words: WordList) -> tuple[bytes, bytes]:
    return words.whole.encode("utf-8", "surrogatepass"), words.ends


def _words(wire: Sequence[bytes]) -> WordList:
    text, ends = wire
    return WordList(text.decode("utf-8", "surrogatepass"), ends)


_APART = (Ask, Match, Spelling)
"""Of what is stated as a sequence (and not as a tuple) every item is a row of its own."""


class StoredRows(Sequence[Any]):
    """A sequence in its stored form: a reply asks for few of its items, so each is read when asked for, and kept by
    whoever asks often.
    """

    __slots__ = ("_kind", "_reader", "_rows")

    def __init__(self, reader: "_Reader", kind: Any, rows: range) -> None:
        """`rows` are those of the table, `kind` what they are."""
        self._reader = reader
        self._kind = kind
        self._rows = rows

    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return tuple(self[number] for number in range(len(self))[at])
        return self._reader.row(self._rows[at], self._kind)

    def __len__(self) -> int:
        return len(self._rows)

    def __reduce__(self) -> tuple[Any, ...]:
        return StoredRows, (self._reader, self._kind, self._rows)


class _Writer:
    """Turns values into plain ones. The items of long sequences go into a table; bytes and lists of words get chunks of
    their own.
    """

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.rows: list[bytes] = []
        self._texts: dict[str, str] = {}

    def plain(self, value: Any) -> Any:
        if isinstance(value, WordList):
            return tuple(map(self.plain, _wire_of(value)))
        if isinstance(value, bytes):
            self.chunks.append(value)
            return _TABLE + len(self.chunks) - 1
        if isinstance(value, Vocabulary):
            return value.words()
        if isinstance(value, tuple) and value and isinstance(value[0], _APART):
            rows = [marshal.dumps(self.plain(item)) for item in value]
            self.rows += rows
            return len(self.rows) - len(rows), len(self.rows)
        if isinstance(value, tuple):
            return tuple(map(self.plain, _told(value)))
        if isinstance(value, Mapping):
            return {key: self.plain(item) for key, item in value.items()}
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        """Equal texts as one, which marshal then writes, and reads, once."""
        return self._texts.setdefault(text, text)


def _told(value: tuple[Any, ...]) -> Sequence[Any]:
    """The items of a tuple; of a named one without those at its end that are what they are by default."""
    defaults = getattr(value, "_field_defaults", {})
    fields = getattr(value, "_fields", ())
    last = len(value)
    while defaults and last and fields[last - 1] in defaults and value[last - 1] == defaults[fields[last - 1]]:
        last -= 1
    return value[:last]


class _Reader:
    """Turns plain values back into those of a stated type; raises TypeError or ValueError where it does not fit."""

    def __init__(self, rows: Sequence[bytes], chunks: Sequence[bytes] = ()) -> None:
        """`rows` are those of the table, `chunks` those of the file, where what is read has bytes or lists of words."""
        self._rows = rows
        self._chunks = chunks
        self._readers: dict[Any, Callable[[Any], Any]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _Reader, (self._rows,)

    def row(self, number: int, kind: Any) -> Any:
        """A row of the table as what it is."""
        return self.reader_of(kind)(marshal.loads(self._rows[number]))

    def reader_of(self, kind: Any) -> Callable[[Any], Any]:
        """What turns a plain value into one of a type."""
        if kind not in self._readers:
            self._readers[kind] = lambda value: self._readers[kind](value)  # a class may contain itself
            self._readers[kind] = self._make(kind)
        return self._readers[kind]

    def _make(self, kind: Any) -> Callable[[Any], Any]:
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            inner = self.reader_of(next(argument for argument in arguments if argument is not type(None)))
            return inner if inner is _same else lambda value: None if value is None else inner(value)
        if kind is WordList:
            return lambda value: _words([self._chunks[number] for number in value])
        if kind is bytes:
            return self._chunks.__getitem__
        if kind is Vocabulary:
            return lambda value: Vocabulary(**value)
        if origin is Sequence:
            return lambda value: StoredRows(self, arguments[0], range(*value or (0,)))
        if origin is tuple and arguments[1:] == (Ellipsis,):
            item = self.reader_of(arguments[0])
            return _same if item is _same else lambda value: tuple(map(item, value))
        if origin is tuple:
            items = [self.reader_of(argument) for argument in arguments]
            if all(read is _same for read in items):
                return _same
            return lambda value: tuple(read(part) for read, part in zip(items, value, strict=True))
        if isinstance(origin, type) and issubclass(origin, Mapping):
            entry = self.reader_of(arguments[1])
            return entry if entry is _same else lambda value: {key: entry(item) for key, item in value.items()}
        if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
            return self._named(kind)
        if origin is Literal or kind in _PLAIN:
            return _same
        raise TypeError(f"cannot store {kind}")

    def _named(self, kind: Any) -> Callable[[Any], Any]:
        """What makes a named tuple. Its fields take a while to read, and many a kind is never asked for."""

        @cache
        def told() -> list[tuple[int, Callable[[Any], Any]]]:
            readers = [self.reader_of(kind.__annotations__[name]) for name in kind._fields]
            return [(at, read) for at, read in enumerate(readers) if read is not _same]

        return lambda value: kind(*_read_at(value, told()))


_PLAIN = {str, int, bool}


def _same(value: Any) -> Any:
    """What is stored as it is. What has the hash of its content was written by this very module."""
    return value


def _read_at(values: tuple[Any, ...], readers: Sequence[tuple[int, Callable[[Any], Any]]]) -> Sequence[Any]:
    """Values of which some, by their places, are still to be read; those at the end may be missing."""
    read = list(values)
    for at, reader in readers:
        if at >= len(read):
            break
        read[at] = reader(read[at])
    return read
