"""Chat logs in, conversations out: JSON Lines, tables and workbooks, text copied from 千牛, help-desk exports.

A log is never refused for what it holds: whatever cannot be read is a `LogProblem` at its line, and the rest goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, TypeAlias, cast, get_args

from replylint.chatlog.columnar import has_turns, parquet_conversations, parquet_messages
from replylint.chatlog.exports import export_layout, read_export
from replylint.chatlog.jddc import jddc_messages, looks_like_jddc
from replylint.chatlog.jsonl import read_jsonl
from replylint.chatlog.lines import LogItem, LogProblem, encoding_of, head_lines, read_head, read_lines
from replylint.chatlog.qianniu import is_web_layout, looks_like_qianniu, read_qianniu
from replylint.chatlog.sheet_log import sheet_messages
from replylint.chatlog.sheets import is_workbook
from replylint.chatlog.table import COLUMN_ALIASES, DELIMITERS, Message, collected, looks_like_header, table_messages

__all__ = [
    "FORMATS", "TABLES", "LogFormat", "LogItem", "LogProblem", "can_be_cut", "detect_format", "layout_of", "read_log",
    "read_log_lines", "read_messages",
]  # fmt: skip

LogFormat: TypeAlias = Literal[
    "jsonl", "csv", "qianniu", "xlsx", "parquet", "jddc", "wecom", "zendesk", "intercom", "chatwoot", "messages"
]
_EXPORTS = ("wecom", "zendesk", "intercom", "chatwoot", "messages")
TABLES: tuple[LogFormat, ...] = ("csv", "xlsx", "parquet", "jddc")
"""Formats with a message a row, in which the rows of conversations may be mixed."""

FORMATS: tuple[LogFormat, ...] = get_args(LogFormat)
_SUFFIXES: Mapping[str, LogFormat] = {".jsonl": "jsonl", ".csv": "csv", ".tsv": "csv", ".json": "jsonl"}
_PARQUET = b"PAR1"
_LOOKED_AT = 200_000


def detect_format(path: Path) -> LogFormat:
    """The format of a log by what it holds; the suffix is asked only when that says nothing. Raises OSError."""
    return _layout(path, "auto", None, read_head(path))


def layout_of(path: Path, format: str = "auto", columns: Mapping[str, str] | None = None) -> LogFormat:
    """The format a log will be read in; raises OSError for a file that cannot be read and ValueError for an unknown
    format or field.
    """
    return _layout(path, format, columns, read_head(path))


def read_log(path: Path, format: str = "auto", columns: Mapping[str, str] | None = None) -> Iterator[LogItem]:
    """The conversations and problems of a log, in the order of the file.

    `columns` maps fields (text, role, conversation, at, sender, platform, shop, buyer_id, order_buyer_id) to a table's
    header words and goes before the known ones; with it, what is not JSON Lines is taken for a table. JSON Lines and
    千牛 text are read one conversation at a time.

    A UTF-16 or UTF-8 mark is heeded; otherwise each line is strict UTF-8 or GB18030. Raises, before the first item,
    OSError for a file that cannot be read and ValueError for an unknown format or field.
    """
    head = read_head(path)
    layout = _layout(path, format, columns, head)
    encoding = encoding_of(head)
    if layout in TABLES and not (layout == "parquet" and has_turns(path)):
        return collected(read_messages(path, layout, columns))
    if layout == "parquet":
        return parquet_conversations(path)
    lines = read_lines(path, encoding)
    if layout == "jsonl":
        return read_jsonl(path, lines)
    if layout in _EXPORTS:
        return read_export(path, lines, layout)
    return read_qianniu(path, lines, web=is_web_layout(head_lines(head, encoding)))


def read_messages(path: Path, layout: str, columns: Mapping[str, str] | None = None) -> Iterator[Message | LogProblem]:
    """The messages of a table (`TABLES`) one by one, in the order of the file."""
    if layout == "xlsx":
        return sheet_messages(path, columns)
    if layout == "parquet":
        return parquet_messages(path, columns)
    lines = read_lines(path, encoding_of(read_head(path)))
    return jddc_messages(path, lines) if layout == "jddc" else table_messages(path, lines, columns)


def read_log_lines(path: Path, start: int, stop: int, number: int) -> Iterator[LogItem]:
    """The conversations of JSON Lines that begin in a range of bytes, whose first line has this number."""
    return read_jsonl(path, read_lines(path, encoding_of(read_head(path)), start, stop, number))


def can_be_cut(path: Path) -> bool:
    """Whether lines of the file end where its bytes say so."""
    return encoding_of(read_head(path)) != "utf-16"


def _layout(path: Path, format: str, columns: Mapping[str, str] | None, head: bytes) -> LogFormat:
    if format not in ("auto", *FORMATS):
        raise ValueError(f"the format of a log is auto, {', '.join(FORMATS)}, not {format!r}")
    for unknown in (columns or {}).keys() - COLUMN_ALIASES.keys():
        raise ValueError(f"a column can be mapped to {', '.join(COLUMN_ALIASES)}, not {unknown!r}")
    if format != "auto":
        return cast(LogFormat, format)
    if head.startswith(_PARQUET):
        return "parquet"
    if is_workbook(head):
        return "xlsx"
    layout = _format_of(path, head_lines(head, encoding_of(head)))
    return "csv" if columns and layout == "qianniu" else layout


def _format_of(path: Path, lines: list[str]) -> LogFormat:
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith(("{", "[{")) or first.strip() == "[":
        return _json_layout(first, lines)
    if looks_like_jddc(first):
        return "jddc"
    if looks_like_header(first):
        return "csv"
    if looks_like_qianniu(lines):
        return "qianniu"
    if any(line.lstrip().startswith("{") for line in lines):
        return "jsonl"
    if path.suffix.lower() == ".json":
        return _json_layout(first, lines)
    by_content: LogFormat = "csv" if any(delimiter in first for delimiter in DELIMITERS) else "qianniu"
    return _SUFFIXES.get(path.suffix.lower(), by_content)


def _json_layout(first: str, lines: list[str]) -> LogFormat:
    """Our own objects are told by a key that says so; others by the keys of their layout."""
    try:
        found = json.loads(first)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and ("turns" in found or "reply" in found):
        return "jsonl"
    return cast(LogFormat, export_layout("\n".join(lines)[:_LOOKED_AT]) or "jsonl")
