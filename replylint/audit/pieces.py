"""A set of logs cut into pieces that processes can read on their own, the same pieces however many there are.

JSON Lines are cut into ranges of bytes. Tables and other layouts that cannot be cut are first put in order beside the
results: messages into conversations, conversations into lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from replylint.atomic import replacing
from replylint.audit.ordered import UnreadableError, can_order, order, problems_of, read_ordered, row_groups
from replylint.chatlog import TABLES, LogItem, LogProblem, can_be_cut, layout_of, read_log, read_log_lines
from replylint.chatlog.columnar import has_turns, number_of_rows
from replylint.model import Conversation, Meta, Turn

Kind: TypeAlias = Literal["file", "lines", "rows"]

SMALL = 1 << 20
"""Bytes of a log up to which it is one piece."""

FEW = 40_960
"""Rows of a Parquet file up to which it is one piece: a megabyte of it may hold a hundred times as many."""

PIECE = 1 << 20


class Source(NamedTuple):
    """How the logs are to be read. `empty` is the message for a log without a conversation."""

    format: str = "auto"
    columns: Mapping[str, str] | None = None
    empty: str = "is empty"


class Piece(NamedTuple):
    """A part of a log. `path` is where it is read, `log` what it is called.

    file: all of it. lines: the conversations whose lines begin in the bytes from `start` to `stop`; `line` is the
    number of the first. rows: the conversations that begin in these row groups of an ordered Parquet file.
    """

    log: str
    path: str
    kind: Kind
    start: int = 0
    stop: int = 0
    line: int = 1


def cut(log: Path, source: Source, work: Path, number: int) -> list[Piece]:
    """The pieces of one log. What has to be put in order first is left in `work`, and found there again.

    Raises ValueError for an unknown format or column; a file that cannot be read is a piece, whose problem is told
    with the others.
    """
    try:
        size = log.stat().st_size
        layout = layout_of(log, source.format, source.columns)
        lines = layout == "jsonl" and can_be_cut(log)
        small = number_of_rows(log) <= FEW if layout == "parquet" else size <= SMALL
    except OSError:
        return [Piece(str(log), str(log), "file")]
    if small:
        return [Piece(str(log), str(log), "file")]
    if lines:
        return list(_line_pieces(str(log), log))
    if layout in TABLES and can_order() and not (layout == "parquet" and has_turns(log)):
        return _row_pieces(log, layout, source, work / f"{number:04}.parquet")
    staged = work / f"{number:04}.jsonl"
    if not staged.exists():
        _stage(log, source, staged)
    return list(_line_pieces(str(log), staged))


def read_piece(piece: Piece, source: Source) -> Iterator[LogItem]:
    """Every conversation and problem of a piece."""
    if piece.kind == "lines":
        path = Path(piece.path)
        if piece.log != piece.path:
            yield from _staged(path, piece.start, piece.stop)
        else:
            yield from read_log_lines(path, piece.start, piece.stop, piece.line)
    elif piece.kind == "rows":
        yield from read_ordered(Path(piece.path), piece.start, piece.stop)
    else:
        yield from read_whole(Path(piece.path), source)


def read_whole(path: Path, source: Source) -> Iterator[LogItem]:
    """Every item of a log. A file that cannot be read is a problem at its first line, and so is one with text and no
    conversation in it. Raises ValueError as `read_log`.
    """
    found = False
    try:
        for item in read_log(path, source.format, source.columns):
            found = True
            yield item
        if not found and path.stat().st_size:
            yield LogProblem(str(path), 1, source.empty)
    except OSError as error:
        yield LogProblem(str(path), 1, error.strerror or str(error))


def _line_pieces(log: str, path: Path) -> Iterator[Piece]:
    """Ranges that begin where lines begin, with the number of their first line."""
    with path.open("rb") as file:
        start, line = 0, 1
        while block := file.read(PIECE):
            rest = file.readline()
            stop = start + len(block) + len(rest)
            yield Piece(log, str(path), "lines", start, stop, line)
            line += block.count(b"\n") + rest.count(b"\n")
            start = stop


def _row_pieces(log: Path, layout: str, source: Source, ordered: Path) -> list[Piece]:
    """The problems of a table, and its ordered rows."""
    if not ordered.exists():
        try:
            order(log, layout, source.columns, ordered)
        except UnreadableError:
            # Read as one piece it is told why.
            return [Piece(str(log), str(log), "file")]
    problems = problems_of(ordered)
    pieces = list(_line_pieces(str(log), problems))
    if not ordered.stat().st_size and not pieces:
        return [Piece(str(log), str(log), "file")]
    groups = row_groups(ordered)
    return pieces + [Piece(str(log), str(ordered), "rows", group, group + 1) for group in range(groups)]


def _stage(log: Path, source: Source, staged: Path) -> None:
    with replacing(staged) as file:
        for item in read_whole(log, source):
            file.write(json.dumps(_staged_wire(item), ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")


def _staged_wire(item: LogItem) -> list[Any]:
    if isinstance(item, LogProblem):
        return [item.path, item.line, item.message]
    return [item.id, item.turns, item.meta]


def _staged(path: Path, start: int, stop: int) -> Iterator[LogItem]:
    with path.open("rb") as file:
        file.seek(start)
        while file.tell() < stop and (line := file.readline()):
            first, second, third = json.loads(line)
            if isinstance(second, int):
                yield LogProblem(first, second, third)
            else:
                yield Conversation(first, tuple(Turn(*turn) for turn in second), Meta(*third))
