"""`replylint check`: judges replies and prints the findings in the format asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from replylint import __version__
from replylint.cli.console import CommandError, Console, writing_to
from replylint.cli.inputs import Context, Item, judge, read_replies
from replylint.cli.options import build_linter, failing_severities
from replylint.linter import Linter
from replylint.model import Meta, Turn
from replylint.render import Result, RuleCard, Setting, Unreadable, renderer

_EXCEL_MARK = "\ufeff"
"""Without it Excel opens a UTF-8 table as garbage."""


class Outcome:
    """What decides the exit status; filled while the results go by."""

    def __init__(self, *, failing: bool = False, unread: bool = False) -> None:
        self.failing = failing
        self.unread = unread

    def status(self, *, exit_zero: bool) -> int:
        """2 when some input could not be read, whatever else; 1 for findings that count."""
        if self.unread:
            return 2
        return 1 if self.failing and not exit_zero else 0


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command; returns its exit status."""
    context = context_of(args, console)
    linter = build_linter(args, console)
    paths = args.FILE or ["-"]
    if "-" in paths and sys.stdin.isatty():
        console.warn(console.say("stdin.waiting"))
    form = args.format or "text"
    setting = Setting(
        console.language,
        console.colour,
        failing_severities(args),
        cards(linter, console.language),
        __version__,
        linter.version,
    )
    outcome = Outcome()
    quiet = form == "jsonl"
    results = _watched(
        linter, read_replies(paths, args.input or "auto", context), setting, outcome, console, quiet=quiet
    )
    with writing_to(console, args.output, _EXCEL_MARK if form == "csv" else "") as target:
        for chunk in renderer(form)(results, setting._replace(colour=target.colour)):
            target.write(chunk)
            if form == "jsonl":
                target.out.flush()
    return outcome.status(exit_zero=bool(args.exit_zero))


def context_of(args: argparse.Namespace, console: Console) -> Context:
    """What the options say about every reply; raises CommandError where they contradict each other."""
    if args.buyer and args.input == "jsonl":
        raise CommandError(console.say("usage.buyer.jsonl"))
    history = tuple(Turn("buyer", text) for text in args.buyer or ())
    return Context(console.language, history, Meta(platform=args.platform or ""))


def cards(linter: Linter, language: str) -> dict[str, RuleCard]:
    """What reports say about each rule, in one language."""
    return {
        rule.id: RuleCard(
            rule.id,
            rule.title.get(language, rule.id),
            rule.message.get(language, ""),
            rule.why.get(language, ""),
            rule.severity,
            rule.points,
            next((source.url for source in rule.sources if source.url.startswith(("https://", "http://"))), ""),
        )
        for rule in linter.ruleset.rules
    }


def _watched(
    linter: Linter, items: Iterator[Item], setting: Setting, outcome: Outcome, console: Console, *, quiet: bool
) -> Iterator[Result]:
    """The results, with `outcome` kept. What cannot be read is said on the error stream, or answered in its place."""
    for item in items:
        if isinstance(item, Unreadable):
            outcome.unread = True
            if not (quiet and item.from_wire):
                console.warn(str(item))
            yield item
            continue
        checked = judge(linter, item)
        outcome.failing |= any(finding.severity in setting.fail for finding in checked.report.findings)
        yield checked
