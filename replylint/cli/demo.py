"""`replylint demo`: what the program does, shown on the bundled samples."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import replylint
from replylint.audit import FINDINGS, PARQUET, PROBLEMS, REPORT, SUMMARY, WORKBOOK, Auditor, Masker, Task
from replylint.chatlog import read_log
from replylint.cli.audit import audit_logs, tables
from replylint.cli.console import CommandError, Console, writing_to
from replylint.cli.options import build_linter
from replylint.linter import Linter
from replylint.model import Conversation, Report, Turn, read_request
from replylint.render.text import marked, painted
from replylint.render.width import pad, visible, width

# Conversations of the bundled logs that are worth showing: one with an offence, and one on the same topic without.
_PAIRS = (
    ("qinghe-food.txt:153", "wanwu-14"),
    ("wanwu-02", "wanwu-03"),
    ("wanwu-15", "wanwu-16"),
    ("qinghe-food.txt:1", "qinghe-food.txt:11"),
    ("LT0503", "LT0504"),
    ("LT0812", "LT0813"),
)
_LOG_SUFFIXES = (".jsonl", ".csv", ".txt")


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the demo; returns its exit status."""
    samples = bundled_logs()
    logs = sorted(path for path in samples.glob("*") if path.suffix in _LOG_SUFFIXES)
    if not logs:
        raise CommandError(console.say("demo.no.samples", path=samples))
    out = Path(args.out)
    linter = build_linter(args, console)
    with writing_to(console, args.output) as target:
        for line in _introduction(linter, logs, target):
            target.write(f"{line}\n")
        try:
            # Invented buyers need no secret, and so everybody sees the same report.
            auditor = Auditor(linter, Masker(b"demo"))
            sums = audit_logs(Task(tuple(logs), out), auditor, console, jobs=1)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise CommandError(f"{error.filename or out}: {error.strerror or error}") from None
        for line in (*tables(sums, linter, target), "", *_closing(out, target)):
            target.write(f"{line}\n")
    return 0


def bundled_logs() -> Path:
    """The directory of the sample logs: inside the wheel, or beside the package in a clone."""
    package = Path(replylint.__file__).parent
    inside = package / "examples" / "logs"
    return inside if inside.is_dir() else package.parent / "examples" / "logs"


def _introduction(linter: Linter, logs: list[Path], console: Console) -> Iterator[str]:
    yield console.say("demo.intro")
    yield from _heading("demo.part.replies", console)
    replies = Path(replylint.__file__).parent / "data" / "demo.jsonl"
    for line in replies.read_text(encoding="utf-8").splitlines():
        request = read_request(json.loads(line))
        report = linter.check(request.reply, request.history, request.meta)
        yield from _shown(request.history, request.reply, report, linter, console)
        yield ""
    yield from _heading("demo.part.chats", console)
    chats = {item.id: item for log in logs for item in read_log(log) if isinstance(item, Conversation)}
    for risky, fine in _PAIRS:
        if risky in chats and fine in chats:
            yield from _pair(chats[risky], chats[fine], linter, console)
    yield from _heading("demo.part.totals", console)


def _heading(key: str, console: Console) -> Iterator[str]:
    title = console.say(key)
    yield ""
    yield painted(title, "warning", console.colour) if console.colour else title
    yield painted("─" * width(title), "faint", console.colour)
    yield ""


def _pair(risky: Conversation, fine: Conversation, linter: Linter, console: Console) -> Iterator[str]:
    """The worst reply of one conversation, and the reply on the same topic of the other when it is left alone."""
    reports = linter.check_conversation(risky)
    report = max(reports, key=lambda report: max((finding.points for finding in report.findings), default=-1))
    if not report.findings:
        return
    turn = report.turn or 0
    yield painted(
        f"{risky.id}  {risky.turns[turn].at or ''}  {risky.turns[turn].sender or ''}", "faint", console.colour
    )
    yield from _shown(_asked(risky, turn), risky.turns[turn].text, report, linter, console)
    pack = report.findings[0].rule.split("/", 1)[0]
    alone = _let_go(fine, pack, linter)
    if alone is not None:
        yield ""
        yield painted(f"{fine.id}  {console.say('demo.alone')}", "faint", console.colour)
        turn, report = alone.turn or 0, alone
        yield from _shown(_asked(fine, turn), fine.turns[turn].text, report, linter, console)
    yield ""


def _let_go(chat: Conversation, pack: str, linter: Linter) -> Report | None:
    """The turn of a conversation without findings that a rule of the pack weighed, else its first answer."""
    reports = linter.check_conversation(chat)
    if any(report.action != "allow" for report in reports):
        return None
    weighed = (
        report
        for report in reports
        if any(
            verdict.rule.startswith(f"{pack}/")
            for verdict in linter.explain(chat.turns[report.turn or 0].text, chat.turns[: report.turn], chat.meta)
        )
    )
    return next(weighed, reports[0] if reports else None)


def _asked(chat: Conversation, turn: int) -> tuple[Turn, ...]:
    """What the buyer said last before a turn."""
    return tuple(item for item in chat.turns[:turn] if item.role == "buyer")[-1:]


def _shown(history: tuple[Turn, ...], reply: str, report: Report, linter: Linter, console: Console) -> Iterator[str]:
    keys = ("role.buyer", "role.agent", "label.why", "label.rewrite")
    column = max(width(console.say(key)) for key in keys) + 2

    def labelled(key: str, text: str) -> str:
        return f"  {painted(pad(console.say(key) if key else '', column), 'faint', console.colour)}{text}"

    for turn in history:
        yield labelled("role.buyer", visible(turn.text))
    first, *others = marked(reply, report.findings, console.colour)
    fine = f"  {painted('✓ ' + console.say('demo.fine'), 'good', console.colour)}" if not report.findings else ""
    yield labelled("role.agent", first + fine)
    for line in others:
        yield labelled("", line)
    for rule in dict.fromkeys(finding.rule for finding in report.findings):
        message = linter.rule(rule).message.get(console.language, "")
        yield labelled("label.why", f"{message}  {painted(rule, 'faint', console.colour)}")
    if report.rewrite is not None:
        yield labelled("label.rewrite", painted(visible(report.rewrite), "good", console.colour))


def _closing(out: Path, console: Console) -> Iterator[str]:
    yield console.say("demo.files", path=visible(str(out)))
    named = (
        (REPORT, "report"), (WORKBOOK, "workbook"), (FINDINGS, "findings"), (PARQUET, "parquet"), (SUMMARY, "summary"),
        (PROBLEMS, "problems"),
    )  # fmt: skip
    files = [(name, key) for name, key in named if (out / name).exists()]
    column = max(width(name) for name, _ in files) + 2
    for name, key in files:
        yield f"  {pad(name, column)}{console.say(f'demo.file.{key}')}"
    yield ""
    yield console.say("demo.next")
