"""A log file as numbered, decoded lines; one line that cannot be decoded costs that line only."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeAlias

from replylint.model import Conversation

HEAD_BYTES = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CODECS = ("utf-8", "gb18030")
_TIME = re.compile(
    r"(?:(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?)?[\sT]*"
    r"(?:(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_USUAL_TIME = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}")
"""What most exports write, a few times quicker to tell than all that `_TIME` takes."""


class LogProblem(NamedTuple):
    """A place of a log that could not be read, and why. `line` counts from 1. What stands around it was read."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class Line(NamedTuple):
    """One physical line without its line end. `number` counts from 1."""

    number: int
    text: str


LogItem: TypeAlias = Conversation | LogProblem
LineItem: TypeAlias = Line | LogProblem


def read_head(path: Path) -> bytes:
    """The first mebibyte of a file, in whole lines unless its first line is longer; raises OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    whole, newline, _ = head.rpartition(b"\n")
    return whole + newline if len(head) == HEAD_BYTES and newline else head


def encoding_of(head: bytes) -> str:
    """The codec to try first on every line: the byte-order mark decides, else what most lines are valid in.

    It is decided per file because a short GB18030 line can be valid UTF-8 by chance: 一 is D2 BB, which reads as һ.
    """
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec
    telling = [line for line in head.split(b"\n") if not line.isascii()]
    valid = sum(_decoded(line, ("utf-8",)) is not None for line in telling)
    return "utf-8" if 2 * valid >= len(telling) else "gb18030"


def read_lines(
    path: Path, encoding: str, start: int = 0, stop: int | None = None, number: int = 1
) -> Iterator[LineItem]:
    """The lines of a file, in order, as they are read; raises OSError.

    Of a file that is not UTF-16, a range of bytes can be read: the lines that begin in it, the first with a `number`.
    """
    if encoding == "utf-16":
        yield from _read_utf16(path)
        return
    order = (encoding, *(codec for codec in _CODECS if codec != encoding))
    with path.open("rb") as file:
        file.seek(start)
        for line, raw in enumerate(file, number):
            if stop is not None and start >= stop:
                return
            start += len(raw)
            text = _decoded(raw, order)
            if text is None:
                yield LogProblem(str(path), line, "the line is neither UTF-8 nor GB18030 text")
            else:
                yield Line(line, _bare(text))


def head_lines(head: bytes, encoding: str) -> list[str]:
    """The readable lines of a file's head, for looking at its layout."""
    if encoding == "utf-16":
        return [_bare(line) for line in head.decode("utf-16", "replace").split("\n")]
    order = (encoding, *(codec for codec in _CODECS if codec != encoding))
    decoded = (_decoded(raw, order) for raw in head.split(b"\n"))
    return [_bare(text) for text in decoded if text is not None]


def iso_time(text: str) -> str | None:
    """An ISO 8601 time from the ways people write one (`2026/11/3 9:05`), or None when it is no time.

    A date alone and a time of day alone (`09:05:03`) stay what they are: some exports leave the other out.
    """
    text = text.strip()
    if _USUAL_TIME.fullmatch(text):
        return _if_real(f"{text[:10]}T{text[11:]}")
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    date = f"{year}-{month:0>2}-{day:0>2}" if year else ""
    clock = f"{hour:0>2}:{minute}:{second or '00'}{zone or ''}" if hour else ""
    if _if_real(f"{date or '2000-01-01'}T{clock or '00:00:00'}") is None:
        return None
    return "T".join(part for part in (date, clock) if part) or None


def _if_real(moment: str) -> str | None:
    """A moment of the calendar, which the 30th of February is not."""
    try:
        datetime.fromisoformat(moment)
    except ValueError:
        return None
    return moment


def _read_utf16(path: Path) -> Iterator[LineItem]:
    with path.open(encoding="utf-16", errors="replace", newline="\n") as file:
        for number, text in enumerate(file, 1):
            if "\ufffd" in text:
                yield LogProblem(str(path), number, "the line is not UTF-16 text")
            else:
                yield Line(number, _bare(text))


def _decoded(raw: bytes, order: tuple[str, ...]) -> str | None:
    for codec in order:
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return None


def _bare(text: str) -> str:
    # Exports joined with `cat a.txt b.txt` carry a byte-order mark in the middle.
    return text.rstrip("\r\n").removeprefix("\ufeff")
