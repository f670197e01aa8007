"""Chats in Parquet: a row for a message, with headers as tables have them, or a row for a conversation (`turns`)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from replylint.chatlog.lines import LogItem, LogProblem
from replylint.chatlog.table import Message, Row, grid_messages
from replylint.model import RequestError, read_conversation

_ROWS = 10_000


def has_turns(path: Path) -> bool:
    """Whether a row of the file is a whole conversation; raises OSError."""
    return "turns" in _open(path).schema_arrow.names


def number_of_rows(path: Path) -> int:
    """How many rows a file has; raises OSError."""
    return int(_open(path).metadata.num_rows)


def parquet_messages(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Message | LogProblem]:
    """The messages of a file with a row for each; a row's line is its number, from 1."""
    return grid_messages(path, _rows(path), columns)


def parquet_conversations(path: Path) -> Iterator[LogItem]:
    """The conversations of a file with a row for each."""
    number = 0
    for batch in _batches(path, _open(path)):
        if isinstance(batch, LogProblem):
            yield batch
            return
        for wire in batch.to_pylist():
            number += 1
            try:
                chat = read_conversation(_plain(wire))
            except RequestError as error:
                yield LogProblem(str(path), number, str(error))
            else:
                yield chat if chat.id else chat._replace(id=f"{path.name}:{number}")


def _rows(path: Path) -> Iterator[Row | LogProblem]:
    file = _open(path)
    names = file.schema_arrow.names
    yield Row(0, list(names))
    number = 0
    for batch in _batches(path, file):
        if isinstance(batch, LogProblem):
            yield batch
            return
        yield from rows_of(batch, number)
        number += batch.num_rows


def rows_of(batch: Any, before: int) -> Iterator[Row]:
    """The rows of a record batch as text; `before` is how many rows came before it."""
    cells = [_texts(column) for column in batch.columns]
    for number, row in enumerate(zip(*cells, strict=True), before + 1):
        yield Row(number, list(row))


def _texts(column: Any) -> list[str]:
    """The values of a column as texts, which they mostly are."""
    values: list[str] = column.to_pylist()
    if str(column.type) in _TEXTS and not column.null_count:
        return values
    return [_text(value) for value in values]


_TEXTS = ("string", "large_string", "string_view")


def _batches(path: Path, file: Any) -> Iterator[Any]:
    """The batches of a file, the last of them a problem where the file is damaged."""
    import pyarrow

    rows = 0
    try:
        for batch in file.iter_batches(batch_size=_ROWS):
            rows += batch.num_rows
            yield batch
    except (pyarrow.ArrowException, OSError) as error:
        yield LogProblem(str(path), rows + 1, f"the file is damaged from here on: {str(error).splitlines()[0]:.200}")


def _open(path: Path) -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ValueError(f"{path}: reading Parquet needs pyarrow: pip install 'replylint[parquet]'") from None
    try:
        return pyarrow.parquet.ParquetFile(path)
    except pyarrow.ArrowException as error:
        raise OSError(f"is no Parquet file that can be read: {error}") from None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime.datetime):
        return value.replace(microsecond=0).isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(int(value)) if isinstance(value, (bool, float)) and value == value // 1 else str(value)


def _plain(value: Any) -> Any:
    """Times as text, and what is absent left out, as a JSON object would hold them."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _text(value) if isinstance(value, datetime.datetime) else value
