"""A table of messages put in order beside the results: conversations whole, as they began, however large the log.

An embedded engine sorts outside of memory; what it leaves is a Parquet file that any process can read a part of.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from replylint.chatlog import LogProblem, read_messages
from replylint.chatlog.table import Message, conversation_of
from replylint.model import Conversation, Meta, Turn
from replylint.workers import apart

_MEGABYTES = (40, 64, 256, 1536)
"""For sorting: less than the workers take afterwards, so that a larger log needs no more memory than a small one. How
much the engine cannot do without is hard to foresee (half a million messages went through with 40, not with 32; five
million with 56 and 72, not with 48 and 80), so whoever fails gets more.
"""

_SPILLED = 4_000
"""Messages that are held before they are written."""

_GROUPS = 16
_FEWEST, _MOST = 2_048, 8_192
"""Rows of a group in an ordered log, which is what a worker reads at a time: so few that a small log is shared too."""

_ORDER = """
COPY (
    SELECT message.*, chat.first
    FROM read_parquet($source) AS message
    JOIN (SELECT conversation, min(place) AS first FROM read_parquet($source) GROUP BY conversation) AS chat
    USING (conversation)
    ORDER BY chat.first, message.place
) TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {rows})
"""


def can_order() -> bool:
    """Whether the packages are installed that this takes."""
    try:
        import duckdb  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError:
        return False
    return True


class UnreadableError(Exception):
    """The log itself cannot be read."""


def order(
    log: Path,
    layout: str,
    columns: Mapping[str, str] | None,
    target: Path,
    megabytes: Sequence[int] = _MEGABYTES,
) -> int:
    """Writes the messages of a log in order to `target`, its problems beside it; gives back how many messages.

    The engine may take so many `megabytes`, and if they are too few the next.

    Reading and sorting have a process of their own each: the engine's threads must not be there when workers are
    forked, and neither keeps memory while the other works. Raises UnreadableError for a log that cannot be read,
    OSError for a disk that is full, ValueError as the readers do.
    """
    loose, sorting = target.with_suffix(".loose"), target.with_suffix(".part")
    try:
        count = apart(_spill, log, layout, columns, loose, problems_of(target))
        if count:
            apart(_sort, loose, sorting, min(max(count // _GROUPS, _FEWEST), _MOST), megabytes)
        else:
            sorting.touch()
        sorting.replace(target)
    finally:
        for left in (loose, sorting):
            with suppress(OSError):
                left.unlink()
    return count


def _sort(loose: Path, target: Path, rows: int, megabytes: Sequence[int]) -> None:
    import duckdb

    try:
        for few in megabytes[:-1]:
            with suppress(duckdb.OutOfMemoryException):
                return _sort_within(few, loose, target, rows)
        _sort_within(megabytes[-1], loose, target, rows)
    except duckdb.Error as error:
        raise OSError(f"the engine could not put the log in order: {error}") from None


def _sort_within(megabytes: int, loose: Path, target: Path, rows: int) -> None:
    import duckdb

    # More threads hold more of the log in memory, and the disk is what this waits for.
    with duckdb.connect(config={"memory_limit": f"{megabytes}MB", "threads": 1}) as engine:
        engine.execute("SET temp_directory = $1", [str(target.with_suffix(".tmp"))])
        # COPY takes no parameter for its target; a quote in the path is doubled.
        path = str(target).replace("'", "''")
        engine.execute(_ORDER.format(target=path, rows=rows), {"source": str(loose)})


def problems_of(target: Path) -> Path:
    """Where the problems of an ordered log are."""
    return target.with_suffix(".problems")


def row_groups(target: Path) -> int:
    """How many groups of rows an ordered log has."""
    if not target.stat().st_size:
        return 0
    import pyarrow.parquet

    return int(pyarrow.parquet.ParquetFile(target).metadata.num_row_groups)


def read_ordered(target: Path, start: int, stop: int) -> Iterator[Conversation]:
    """The conversations that begin in a range of row groups; the last one may end behind it."""
    held: list[Message] = []
    for group, messages in _groups(target, start):
        for first, message in messages:
            if first and held:
                yield conversation_of(held)
                held = []
            if first and group >= stop:
                return
            if first or held:
                held.append(message)
    if held:
        yield conversation_of(held)


def _groups(target: Path, start: int) -> Iterator[tuple[int, Iterator[tuple[bool, Message]]]]:
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(target)
    for group in range(start, file.metadata.num_row_groups):
        yield group, _messages(file.read_row_group(group, use_threads=False))


def _messages(table: Any) -> Iterator[tuple[bool, Message]]:
    """The messages of a table, each with whether its conversation begins with it."""
    for row in zip(*(table.column(name).to_pylist() for name in _COLUMNS), strict=True):
        place, first, conversation, line, seq, role, text, at, sender, platform, shop, buyer, orderer = row
        meta = Meta(platform, shop, "", buyer, orderer)
        yield place == first, Message(conversation, line, Turn(role, text, at, sender), seq, meta)


_COLUMNS = (
    "place", "first", "conversation", "line", "seq", "role", "text", "at", "sender", "platform", "shop", "buyer_id",
    "order_buyer_id",
)  # fmt: skip


def _next(source: Iterator[Message | LogProblem]) -> list[Message | LogProblem]:
    try:
        return list(islice(source, _SPILLED))
    except OSError as error:
        raise UnreadableError(str(error)) from None


def _spill(log: Path, layout: str, columns: Mapping[str, str] | None, loose: Path, problems: Path) -> int:
    """Writes the messages as they come."""
    import pyarrow as pa
    import pyarrow.parquet

    whole, text = pa.int64(), pa.string()
    kinds = {"place": whole, "line": whole, "seq": whole}
    schema = pa.schema([(name, kinds.get(name, text)) for name in _COLUMNS if name != "first"])
    source = read_messages(log, layout, columns)
    count = 0
    with (
        pyarrow.parquet.ParquetWriter(loose, schema, compression="lz4") as writer,
        problems.open("w", encoding="utf-8", errors="backslashreplace") as told,
    ):
        while chunk := _next(source):
            messages = [item for item in chunk if isinstance(item, Message)]
            for item in chunk:
                if isinstance(item, LogProblem):
                    told.write(json.dumps(item, ensure_ascii=False) + "\n")
            turns, metas = [m.turn for m in messages], [m.meta for m in messages]
            writer.write_batch(
                pa.record_batch(
                    [
                        pa.array(range(count, count + len(messages)), whole),
                        pa.array([m.conversation for m in messages], text),
                        pa.array([m.line for m in messages], whole),
                        pa.array([m.seq for m in messages], whole),
                        pa.array([turn.role for turn in turns], text),
                        pa.array([turn.text for turn in turns], text),
                        pa.array([turn.at for turn in turns], text),
                        pa.array([turn.sender for turn in turns], text),
                        pa.array([meta.platform for meta in metas], text),
                        pa.array([meta.shop for meta in metas], text),
                        pa.array([meta.buyer_id for meta in metas], text),
                        pa.array([meta.order_buyer_id for meta in metas], text),
                    ],
                    schema=schema,
                )
            )
            count += len(messages)
    return count
