"""The workbook to discuss and to appeal with: what the page tells in tables, and every finding with its words in red.

Whatever was said in a chat is written as text: a message that begins with = is no formula and no link.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from replylint.audit.page import Story
from replylint.audit.review import FINGERPRINT_HEADERS, REJECTED_WORDS, UPHELD_WORDS, VERDICT_HEADERS
from replylint.audit.summary import NONE, is_bot, mean_score, precision, ranked_agents, ranked_rules, ranked_workers
from replylint.audit.tally import ranked
from replylint.audit.workload import forecast, waits
from replylint.messages import say
from replylint.model import SEVERITIES
from replylint.render.width import visible

MOST_ROWS = 1_048_575
"""Rows of a sheet below its headers."""

_LONGEST_CELL = 32_000
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_workbook(story: Story, findings: Iterable[bytes], file: BinaryIO, rows: int = MOST_ROWS) -> None:
    """Writes the workbook; `findings` are the lines of findings.jsonl, `rows` how many fit on a sheet.

    Raises ImportError where XlsxWriter is missing, OSError.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        # The time of writing would make every workbook of the same audit another file.
        book.set_properties({"created": datetime.datetime(2000, 1, 1)})
        sheets = _Sheets(book, story)
        sheets.table("overview", (("", 26), ("", 18)), _overview(story))
        sheets.table("agents", _heads(story, *_AGENT_COLUMNS), _agents(story))
        sheets.table("rules", _heads(story, *_RULE_COLUMNS), _rules(story))
        sheets.table("talks", _heads(story, *_TALK_COLUMNS), _talks(story))
        sheets.table("groups", _heads(story, *_GROUP_COLUMNS), _groups(story))
        sheets.table("days", _heads(story, *_DAY_COLUMNS), _days(story))
        sheets.table("workload", _heads(story, *_WORK_COLUMNS), _workload(story))
        sheets.findings(findings, rows)


_AGENT_COLUMNS = (
    ("agent", 22), ("robot", 8), ("team", 14), ("score", 10), ("grade.head", 8), ("conversations", 10), ("replies", 10),
    ("flagged", 12), ("share", 10), ("findings", 10), ("points", 10), ("failed", 10), ("mostly", 60),
)  # fmt: skip
_RULE_COLUMNS = (
    ("rule", 30), ("id", 28), ("severity", 10), ("count", 10), ("points", 10), ("conversations", 14), ("words", 30),
    ("upheld", 10), ("rejected", 10), ("precision", 14),
)  # fmt: skip
_TALK_COLUMNS = (
    ("conversation", 22), ("agent", 24), ("shop", 18), ("day", 12), ("lost", 10), ("left", 10), ("red", 8),
    ("rule", 50), ("log", 24),
)  # fmt: skip
_GROUP_COLUMNS = (
    ("team", 20), ("shop", 22), ("score", 10), ("grade.head", 8), ("conversations", 12), ("replies", 12),
    ("flagged", 14), ("points", 10), ("failed", 10),
)  # fmt: skip
_DAY_COLUMNS = (
    ("day", 14), ("conversations", 12), ("messages", 12), ("human", 14), ("robots", 12), ("flagged", 14),
    ("findings", 10), ("points", 10),
)  # fmt: skip
_WORK_COLUMNS = (
    ("agent", 22), ("conversations", 12), ("human", 14), ("robots", 12), ("first", 16), ("response", 16),
    ("half.minute", 14),
)  # fmt: skip


class _Sheets:
    """The sheets of a book. In constant memory each row is written once, from the top down."""

    def __init__(self, book: Any, story: Story) -> None:
        self._book, self._story = book, story
        line = {"bottom": 1, "bottom_color": "#D9D5CB", "valign": "top"}
        self._head = book.add_format({"bold": True, "bottom": 2, "valign": "vcenter", "text_wrap": True})
        self._text = book.add_format({**line, "text_wrap": True, "num_format": "@"})
        self._number = book.add_format({**line, "num_format": "#,##0"})
        self._decimal = book.add_format({**line, "num_format": "#,##0.0"})
        self._share = book.add_format({**line, "num_format": "0.0%"})
        self._blank = book.add_format({**line, "bg_color": "#FFF9E8", "locked": False, "text_wrap": True})
        red = {"bold": True, "color": "#C0281C"}
        self._red = book.add_format(red)
        self._red_cell = book.add_format({**line, **red, "text_wrap": True, "num_format": "@"})

    def table(self, name: str, heads: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]]) -> None:
        """A sheet with headers, frozen, that can be filtered."""
        sheet = self._sheet(self._story.say(name), heads)
        last = 0
        for number, row in enumerate(rows, 1):
            last = number
            for column, cell in enumerate(row):
                self._write(sheet, number, column, cell)
        if any(text for text, _ in heads):
            sheet.autofilter(0, 0, max(1, last), len(heads) - 1)

    def findings(self, lines: Iterable[bytes], most: int) -> None:
        """Every finding, on as many sheets as it takes, with blank columns for the reviewer."""
        story = self._story
        first = 0 if story.language == "zh" else 1
        review = (VERDICT_HEADERS[first], story.say("reviewer"), story.say("remark"), FINGERPRINT_HEADERS[first])
        heads = (
            *_heads(
                story, ("rule", 26), ("severity", 8), ("points", 8), ("agent", 16), ("time", 20), ("buyer", 30),
                ("reply", 52), ("advice", 36), ("rewrite", 44),
            ),
            *zip(review, (12, 12, 24, 20), strict=True),
            *_heads(story, ("shop", 16), ("platform", 10), ("conversation", 18), ("log", 24), ("id", 26)),
        )  # fmt: skip
        sheet, row, number = None, 0, 0
        title = cache(story.title)
        for line in lines:
            if sheet is None or row == most:
                number += 1
                row = 0
                sheet = self._sheet(story.say("findings") + (f" {number}" if number > 1 else ""), heads)
                choices = [REJECTED_WORDS[first], UPHELD_WORDS[first]]
                sheet.data_validation(1, 9, most, 9, {"validate": "list", "source": choices, "error_type": "warning"})
                sheet.autofilter(0, 0, most, len(heads) - 1)
            row += 1
            self._finding(sheet, row, json.loads(line), title)
        if sheet is None:
            self._sheet(story.say("findings"), heads)

    def _finding(self, sheet: Any, row: int, found: dict[str, Any], title: Callable[[str], str]) -> None:
        story = self._story
        before: tuple[Any, ...] = (
            title(found["rule"]),
            say(story.language, f"severity.{found['severity']}"),
            found["points"],
            story.person(found["agent"] or ""),
            (found["at"] or "").replace("T", " ")[:19],
            found["buyer"] or "",
        )
        for column, cell in enumerate(before):
            self._write(sheet, row, column, cell)
        self._marked(sheet, row, len(before), found["reply"], *found["mark"])
        after = (found["message"], found["rewrite"] or found.get("suggestion") or "")
        for column, cell in enumerate(after, len(before) + 1):
            self._write(sheet, row, column, cell)
        for column in range(9, 12):
            sheet.write_blank(row, column, None, self._blank)
        rest = (
            found["fingerprint"], found["shop"] or "", found["platform"] or "", found["conversation"],
            Path(found["log"]).name, found["rule"],
        )  # fmt: skip
        for column, cell in enumerate(rest, 12):
            self._write(sheet, row, column, cell)

    def _marked(self, sheet: Any, row: int, column: int, text: str, start: int, end: int) -> None:
        """The reply with its words in red. A rich string needs two parts that are not empty."""
        parts = [(_cell(text[:start]), None), (_cell(text[start:end]), self._red), (_cell(text[end:]), None)]
        kept = [(part, form) for part, form in parts if part]
        if not any(form for _, form in kept):
            self._write(sheet, row, column, text)
        elif len(kept) == 1:
            sheet.write_string(row, column, kept[0][0], self._red_cell)
        else:
            pieces: list[Any] = []
            for part, form in kept:
                pieces += [form, part] if form else [part]
            sheet.write_rich_string(row, column, *pieces, self._text)

    def _sheet(self, name: str, heads: Sequence[tuple[str, int]]) -> Any:
        sheet = self._book.add_worksheet(name[:31])
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for column, (_, cells) in enumerate(heads):
            sheet.set_column(column, column, cells)
        if any(text for text, _ in heads):
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
            for column, (text, _) in enumerate(heads):
                sheet.write_string(0, column, text, self._head)
        return sheet

    def _write(self, sheet: Any, row: int, column: int, cell: Any) -> None:
        match cell:
            case None:
                sheet.write_blank(row, column, None, self._text)
            case int():
                sheet.write_number(row, column, cell, self._number)
            case Share():
                sheet.write_number(row, column, float(cell), self._share)
            case float():
                sheet.write_number(row, column, cell, self._decimal)
            case _:
                sheet.write_string(row, column, _cell(str(cell)), self._text)


class Share(float):
    """A number that is shown as a percentage."""


def _cell(text: str) -> str:
    """What fits into a cell, and into XML: a control character would make the file unreadable."""
    plain = text if text.isprintable() else "\n".join(visible(line) for line in text.split("\n"))
    return plain[:_LONGEST_CELL].encode("utf-8", "replace").decode("utf-8")


def _heads(story: Story, *columns: tuple[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((story.say(name), cells) for name, cells in columns)


def _share(part: int, whole: int) -> Share | None:
    return Share(part / whole) if whole else None


def _overview(story: Story) -> Iterator[Sequence[Any]]:
    row = story.everything
    tally = story.sums.tally
    talk = tally.table("work.all").get("", NONE)
    mean = mean_score(row)
    yield story.say("kind"), ""
    days = sorted(day for day in tally.table("work.day") if day)
    if days:
        yield story.say("period"), f"{days[0]} – {days[-1]}"
    for log in tally.table("log"):
        yield story.say("log"), Path(log).name
    for name in ("conversations", "replies", "flagged", "failed", "findings", "points"):
        yield story.say(name), row[name]
    yield story.say("share"), _share(row["flagged"], row["replies"])
    yield story.say("score"), mean
    yield story.say("grade.head"), story.card.grade(mean) if mean is not None else None
    for severity in SEVERITIES:
        yield say(story.language, f"severity.{severity}"), row[severity]
    yield story.say("robots"), talk["automatic"]
    yield story.say("first.seconds"), waits(tally, "first").mean
    yield story.say("response.seconds"), waits(tally, "any").mean
    if story.card.campaign is not None:
        made = forecast(tally, story.card.campaign)
        yield story.say("forecast"), made.conversations
        yield story.say("staff"), made.staff
    yield story.say("masked" if story.masked else "unmasked"), ""
    yield story.say("version", version=story.linter.version), ""


def _agents(story: Story) -> Iterator[Sequence[Any]]:
    tally = story.sums.tally
    comma = say(story.language, "comma")
    for name, row in ranked_agents(tally):
        mean = mean_score(row)
        mostly = [story.title(rule) for rule, _ in ranked(tally.table("agent.rule").get(name, NONE))[:3]]
        yield (
            story.person(name), "✓" if is_bot(row) else "", story.card.teams.get(name, ""), mean,
            story.card.grade(mean or 0), row["conversations"], row["replies"], row["flagged"],
            _share(row["flagged"], row["replies"]), row["findings"], row["points"], row["failed"], comma.join(mostly),
        )  # fmt: skip


def _rules(story: Story) -> Iterator[Sequence[Any]]:
    tally = story.sums.tally
    for rule, row in ranked_rules(tally):
        hardest = next((severity for severity in SEVERITIES if row[severity]), "")
        words = ranked(tally.table("rule.words").get(rule, NONE))
        verdicts = tally.table("appeal").get(rule, NONE)
        right = precision(verdicts)
        yield (
            story.title(rule), rule, say(story.language, f"severity.{hardest}") if hardest else "", row["findings"],
            row["points"], row["conversations"], words[0][0] if words else "", verdicts["upheld"] or None,
            verdicts["rejected"] or None, None if right is None else Share(right),
        )  # fmt: skip


def _talks(story: Story) -> Iterator[Sequence[Any]]:
    """The conversations that the page shows, with what they are left with."""
    comma = say(story.language, "comma")
    for replay in story.sums.replays:
        rules = dict.fromkeys(mark.rule for said in replay.said for mark in said.marks)
        yield (
            replay.conversation, comma.join(map(story.person, replay.agents)), replay.shop, replay.day, replay.points,
            replay.left, "✓" if replay.failed else "", comma.join(map(story.title, rules)), Path(replay.log).name,
        )  # fmt: skip


def _groups(story: Story) -> Iterator[Sequence[Any]]:
    """Teams, then shops."""
    for kind in ("team", "shop"):
        for name, row in sorted(story.sums.tally.table(kind).items()):
            shown = name or say(story.language, "nobody")
            mean = mean_score(row)
            yield (
                shown if kind == "team" else "", shown if kind == "shop" else "", mean, story.card.grade(mean or 0),
                *(row[key] for key in ("conversations", "replies", "flagged", "points", "failed")),
            )  # fmt: skip


def _days(story: Story) -> Iterator[Sequence[Any]]:
    tally = story.sums.tally
    for day in sorted({*tally.table("work.day"), *tally.table("day")} - {""}):
        talk, row = (tally.table(name).get(day, NONE) for name in ("work.day", "day"))
        yield (
            day, talk["conversations"], talk["messages"], talk["replies"], talk["automatic"], row["flagged"],
            row["findings"], row["points"],
        )  # fmt: skip


def _workload(story: Story) -> Iterator[Sequence[Any]]:
    tally = story.sums.tally
    for name, row in ranked_workers(tally):
        first, every = (waits(tally, kind, name) for kind in ("first", "any"))
        yield (
            story.person(name), row["conversations"], row["replies"], row["automatic"], first.mean, every.mean,
            _share(every.within[30], every.answers),
        )  # fmt: skip
    yield ()
    yield (story.say("hour"), story.say("conversations"), story.say("messages"), story.say("human"))
    for hour, row in sorted(tally.table("work.hour").items()):
        yield f"{hour}:00", row["conversations"], row["messages"], row["replies"]
