"""Chats in workbooks: any sheet with a header row, among them those that the 千牛 exporter writes, one for a buyer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from replylint.chatlog.lines import LogProblem
from replylint.chatlog.sheets import read_sheets
from replylint.chatlog.table import Message, grid_messages, looks_like_columns

_SUMMARY = "导出汇总"
"""The exporter's first sheet: it repeats, or only counts, what the others hold."""


def sheet_messages(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Message | LogProblem]:
    """The messages of every sheet that holds chats. A sheet without them is none of our business as long as another
    has some.
    """
    strange: list[LogProblem] = []
    read = False
    sheets = [(sheet.name, list(sheet.rows)) for sheet in read_sheets(path)]
    for name, rows in sheets:
        if name == _SUMMARY and len(sheets) > 1:
            continue
        filled = (row for row in rows if any(cell.strip() for cell in row.cells))
        first = next(filled, None)
        if first is None:
            continue
        messages = grid_messages(path, chain((first,), filled), columns, name)
        if columns or looks_like_columns(first.cells):
            read = True
            yield from (_placed(message, name) for message in messages)
        else:
            strange += (item for item in messages if isinstance(item, LogProblem))
    if not read:
        yield from (_placed(problem, "") for problem in strange[:1])


def _placed(item: Message | LogProblem, sheet: str) -> Message | LogProblem:
    """A problem says which sheet it is on: rows count anew on each."""
    if isinstance(item, LogProblem) and sheet:
        return item._replace(message=f"{sheet}: {item.message}")
    return item
