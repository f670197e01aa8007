"""A table of findings for a spreadsheet, one row each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from replylint.render import Result, Setting, Unreadable

COLUMNS = (
    "file",
    "line",
    "column",
    "id",
    "action",
    "severity",
    "rule",
    "confidence",
    "points",
    "start",
    "end",
    "text",
    "message",
    "suggestion",
    "reply",
    "rewrite",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t")


def render(results: Iterable[Result], setting: Setting) -> Iterator[str]:  # noqa: ARG001
    """A header and one row a finding; what could not be read is a row of severity `unreadable`."""
    yield _line(COLUMNS)
    for item in results:
        if isinstance(item, Unreadable):
            row = {"severity": "unreadable", "message": item.message}
            yield _line((item.path, item.line, item.column, item.id, *(row.get(name) for name in COLUMNS[4:])))
            continue
        for finding, spot in zip(item.report.findings, item.spots, strict=True):
            yield _line(
                (
                    item.path,
                    spot.line,
                    spot.column,
                    item.report.id,
                    item.report.action,
                    finding.severity,
                    finding.rule,
                    finding.confidence,
                    finding.points,
                    finding.start,
                    finding.end,
                    finding.text,
                    finding.message,
                    finding.suggestion,
                    item.reply,
                    item.report.rewrite,
                )
            )


def _line(cells: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([plain_cell(cell) for cell in cells])
    return out.getvalue()


def plain_cell(value: object) -> object:
    """A chat line `=HYPERLINK(…)` would run when the table is opened; a leading apostrophe keeps it text."""
    if not isinstance(value, str):
        return value
    # csv does not quote a lone carriage return, and every reader takes it for the end of the row.
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
