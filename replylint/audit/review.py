"""What reviewers said about findings: the filled-in workbook or a CSV, and the findings of an earlier audit."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from replylint.audit.judged import Review
from replylint.chatlog import LogProblem
from replylint.chatlog.lines import encoding_of, read_head, read_lines
from replylint.chatlog.sheets import is_workbook, read_sheets
from replylint.chatlog.table import Row, delimiter_of, read_rows

# Words of our own workbook, in both of its languages, and the ways people write them by hand.
FINGERPRINT_HEADERS = ("指纹", "fingerprint")
VERDICT_HEADERS = ("复核结论", "verdict")
REJECTED_WORDS = ("误报", "wrong", "不成立", "撤销", "申诉成立", "申诉通过", "rejected", "false positive")
UPHELD_WORDS = ("属实", "right", "成立", "维持", "申诉驳回", "upheld", "confirmed")

_MOST_COMPLAINTS = 10


def read_review(appeals: Sequence[Path], baselines: Sequence[Path]) -> Review:
    """The verdicts of reviewed findings, and the fingerprints of a baseline.

    Of two verdicts on one finding the later counts. Raises OSError, and ValueError naming every place that cannot be
    understood: a verdict that was ignored would bring a finding back.
    """
    verdicts: dict[str, str] = {}
    complaints: list[str] = []
    for path in appeals:
        for item in _verdicts(path):
            if isinstance(item, LogProblem):
                complaints.append(str(item))
            else:
                verdicts[item[0]] = item[1]
    old: set[str] = set()
    for path in baselines:
        for found in _fingerprints(path):
            if isinstance(found, LogProblem):
                complaints.append(str(found))
            else:
                old.add(found)
    if complaints:
        more = [f"… {len(complaints) - _MOST_COMPLAINTS} more"] if len(complaints) > _MOST_COMPLAINTS else []
        raise ValueError("\n".join((*complaints[:_MOST_COMPLAINTS], *more)))
    return Review(
        frozenset(mark for mark, verdict in verdicts.items() if verdict == "rejected"),
        frozenset(mark for mark, verdict in verdicts.items() if verdict == "upheld"),
        frozenset(old),
    )


def _verdicts(path: Path) -> Iterator[tuple[str, str] | LogProblem]:
    places: tuple[int, int] | None = None
    found = False
    for row in _rows(path):
        if isinstance(row, LogProblem):
            yield row
            continue
        header = _header(row.cells)
        if header is not None:
            places, found = header, True
            continue
        if places is None or max(places) >= len(row.cells):
            continue
        mark, word = (row.cells[place].strip() for place in places)
        if not word or not mark:
            continue
        verdict = _verdict(word.casefold())
        if verdict:
            yield mark, verdict
        else:
            known = f"{', '.join(REJECTED_WORDS[:2])}; {', '.join(UPHELD_WORDS[:2])}"
            yield LogProblem(str(path), row.line, f"the verdict {word!r:.40} is not known; write one of {known}")
    if not found:
        heads = f"{'/'.join(FINGERPRINT_HEADERS)} and {'/'.join(VERDICT_HEADERS)}"
        yield LogProblem(str(path), 1, f"no row of headers names {heads}")


def _verdict(word: str) -> str:
    return "rejected" if word in REJECTED_WORDS else "upheld" if word in UPHELD_WORDS else ""


def _header(cells: Sequence[str]) -> tuple[int, int] | None:
    names = [cell.strip().casefold() for cell in cells]
    mark, verdict = _place(names, FINGERPRINT_HEADERS), _place(names, VERDICT_HEADERS)
    return None if mark is None or verdict is None else (mark, verdict)


def _place(names: Sequence[str], known: Collection[str]) -> int | None:
    return next((place for place, name in enumerate(names) if name in known), None)


def _rows(path: Path) -> Iterator[Row | LogProblem]:
    head = read_head(path)
    if is_workbook(head):
        for sheet in read_sheets(path):
            yield from sheet.rows
        return
    lines = read_lines(path, encoding_of(head))
    yield from read_rows(path, lines, delimiter_of(head.split(b"\n", 1)[0].decode("utf-8", "replace")))


def _fingerprints(path: Path) -> Iterator[str | LogProblem]:
    for line in read_lines(path, "utf-8"):
        if isinstance(line, LogProblem):
            yield line
        elif line.text.strip():
            try:
                yield str(json.loads(line.text)["fingerprint"])
            except (ValueError, KeyError, TypeError, RecursionError):
                yield LogProblem(str(path), line.number, "is no finding of an audit: it has no fingerprint")
