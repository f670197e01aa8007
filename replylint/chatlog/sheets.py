"""Excel workbooks as rows of text. Nothing of a workbook is computed: a formula is its last result."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from replylint.chatlog.table import Row

_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


class Sheet(NamedTuple):
    """A sheet and its rows; the line of a row is its number in the sheet."""

    name: str
    rows: Iterator[Row]


def is_workbook(head: bytes) -> bool:
    """Whether a file begins as workbooks do (.xlsx, .xlsm, .ods, .xls)."""
    return head.startswith(_MARKS)


def read_sheets(source: Path | BytesIO) -> Iterator[Sheet]:
    """The sheets of a workbook; raises OSError for one that cannot be read, ValueError without python-calamine."""
    try:
        from python_calamine import CalamineError, load_workbook
    except ImportError:
        raise ValueError("reading workbooks needs python-calamine: pip install 'replylint[report]'") from None
    try:
        workbook = load_workbook(str(source) if isinstance(source, Path) else source)
        for name in workbook.sheet_names:
            yield Sheet(name, _rows(workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)))
    except CalamineError as error:
        raise OSError(f"it is no workbook: {error}") from None


def _rows(cells: Iterable[Sequence[object]]) -> Iterator[Row]:
    for number, row in enumerate(cells, 1):
        yield Row(number, [_text(cell) for cell in row])


def _text(cell: object) -> str:
    """A cell as a person typed it: an id is stored as 123456.0 and shown as 123456."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.replace(microsecond=0).isoformat(" ")
    if isinstance(cell, datetime.time):
        return cell.replace(microsecond=0).isoformat()
    if isinstance(cell, datetime.timedelta):
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(cell)
