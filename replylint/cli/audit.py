"""`replylint audit`: chat logs in, a table on the screen and the findings in files."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from replylint.audit import PROBLEMS, Audited, Chat, RuleSum, Share, Totals, audit, ranked, read_logs, write_results
from replylint.chatlog import LogProblem
from replylint.cli.check import Outcome
from replylint.cli.console import CommandError, Console, writing_to
from replylint.cli.options import build_linter, failing_severities
from replylint.cli.parser import MOST_JOBS
from replylint.linter import Linter
from replylint.model import SEVERITIES
from replylint.render.text import painted, severities
from replylint.render.width import clip, table, visible, width

_WORTH_MORE_PROCESSES = 2_000_000
"""Bytes of logs below which starting processes takes longer than one needs for the work."""

_SHOWN_PROBLEMS = 10
_MOST_AGENTS = 20
_NAME_CELLS = 18
_STEADY_AFTER = 2.0
"""Seconds before the rate says how long the rest takes; at first it counts the start of the processes."""


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command; returns its exit status."""
    columns = _columns(args.map, console)
    if args.jobs is not None and not 1 <= args.jobs <= MOST_JOBS:
        raise CommandError(console.say("usage.jobs", given=args.jobs))
    linter = build_linter(args, console)
    paths = [Path(log) for log in args.LOG]
    format = args.input_format or "auto"
    try:
        totals, outcome = audit_logs(
            linter, paths, Path(args.out), console, failing_severities(args), args.jobs or _jobs(paths), format, columns
        )
    except ValueError as error:
        raise CommandError(str(error)) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CommandError(f"{args.out}: {error.strerror or error}") from None
    with writing_to(console, args.output) as target:
        for line in tables(totals, linter, target):
            target.write(f"{line}\n")
        target.write("\n" + console.say("audit.files", path=_shown(args.out)) + "\n")
    return outcome.status(exit_zero=bool(args.exit_zero))


def audit_logs(
    linter: Linter,
    paths: list[Path],
    out: Path,
    console: Console,
    fail: frozenset[str],
    jobs: int,
    format: str = "auto",
    columns: dict[str, str] | None = None,
) -> tuple[Totals, Outcome]:
    """Audits logs into a directory; raises OSError when that cannot be written, ValueError as `read_log`."""
    totals, outcome = Totals(), Outcome()
    empty = console.say("audit.empty")
    total = _count(paths, format, columns, empty) if console.err.isatty() else 0
    titles = {rule.id: rule.title.get(console.language, rule.id) for rule in linter.ruleset.rules}
    judged = audit(linter, read_logs(paths, format, columns, empty), jobs)
    for item in _with_progress(write_results(out, judged, totals, linter.version, titles), total, console):
        if isinstance(item, LogProblem):
            outcome.unread = True
            if totals.problems <= _SHOWN_PROBLEMS:
                console.warn(str(item))
        else:
            outcome.failing |= any(hit.finding.severity in fail for reply in item.replies for hit in reply.hits)
    if totals.problems > _SHOWN_PROBLEMS:
        console.warn(console.say("audit.problems", n=totals.problems, path=_shown(str(out / PROBLEMS))))
    return totals, outcome


def tables(totals: Totals, linter: Linter, console: Console) -> Iterator[str]:
    """The result as lines: the headline, what was found by rule, and by agent."""
    everything = totals.everything
    if not everything.flagged:
        yield console.say("audit.clean", conversations=totals.conversations, replies=everything.replies)
        return
    yield console.say(
        "audit.headline",
        conversations=totals.conversations,
        replies=everything.replies,
        flagged=everything.flagged,
        severities=severities(everything.severities, console.language),
        chats=totals.flagged_conversations,
    )
    yield ""
    yield from _rule_table(totals, console)
    yield ""
    yield from _agent_table(totals, linter, console)


def _rule_table(totals: Totals, console: Console) -> Iterator[str]:
    heads = ("rule", "severity", "count", "who", "words", "instead")
    rows = [[console.say(f"column.{name}") for name in heads]]
    rows += [_rule_row(rule, found, console) for rule, found in totals.ranked_rules()]
    room = console_width(console) - sum(max(width(row[column]) for row in rows) for column in range(5)) - 10
    rows = [[*row[:5], clip(row[5], max(room, 24))] for row in rows]
    yield from _table(rows, (2,), console)


def _rule_row(rule: str, found: RuleSum, console: Console) -> list[str]:
    hardest = next(severity for severity in SEVERITIES if found.severities[severity])
    people = [
        console.say("who.count", name=clip(_name(name, console), _NAME_CELLS), n=count)
        for name, count in ranked(found.agents)[:2]
    ]
    who = console.say("comma").join(people) + (" …" if len(found.agents) > 2 else "")
    # 不退 tells less than the longer words it was found as elsewhere.
    words = max(found.words, key=lambda text: (found.words[text], len(text), text))
    instead = found.first.finding.suggestion or found.first.rewrite or console.say("no.rewrite")
    return [
        rule,
        console.say(f"severity.{hardest}"),
        str(found.severities.total()),
        visible(who),
        clip(visible(words), 28),
        visible(instead),
    ]


def _agent_table(totals: Totals, linter: Linter, console: Console) -> Iterator[str]:
    titles = {rule.id: rule.title.get(console.language, rule.id) for rule in linter.ruleset.rules}
    rows = [[console.say(f"column.{name}") for name in ("agent", "replies", "flagged", "share", "points", "mostly")]]
    for name, share in totals.ranked_agents()[:_MOST_AGENTS]:
        rows.append(_agent_row(name, share, titles, console))
    yield from _table(rows, (1, 2, 3, 4), console)


def _agent_row(name: str, share: Share, titles: dict[str, str], console: Console) -> list[str]:
    mostly = [titles[rule] for rule, _ in ranked(share.rules)[:2]]
    percent = f"{100 * share.flagged / share.replies:.0f}%"
    numbers = [str(share.replies), str(share.flagged), percent, str(share.points)]
    return [clip(_name(name, console), 24), *numbers, clip(console.say("comma").join(mostly), 60)]


def _table(rows: list[list[str]], right: tuple[int, ...], console: Console) -> Iterator[str]:
    head, *lines = table(rows, right)
    yield painted(head, "faint", console.colour)
    yield from lines


def console_width(console: Console) -> int:
    """The cells of a line: the terminal's, or a width that suits a file."""
    if not console.out.isatty():
        return 140
    import shutil

    return max(80, shutil.get_terminal_size().columns)


def _name(name: str, console: Console) -> str:
    if not name:
        return console.say("nobody")
    return console.say("bot") if name == "bot" else visible(name)


def _shown(path: str) -> str:
    return visible(path)


def _columns(given: str | dict[str, str] | None, console: Console) -> dict[str, str]:
    """`text=内容,role=谁` as a mapping; a configuration file gives one already."""
    if given is None or isinstance(given, dict):
        return given or {}
    columns = {}
    for part in given.split(","):
        name, equals, header = part.partition("=")
        if not equals or not name.strip() or not header.strip():
            raise CommandError(console.say("usage.map", given=part))
        columns[name.strip()] = header.strip()
    return columns


def _jobs(paths: Iterable[Path]) -> int:
    size = sum(path.stat().st_size for path in paths if path.is_file())
    return min(os.cpu_count() or 1, 8) if size > _WORTH_MORE_PROCESSES else 1


def _count(paths: list[Path], format: str, columns: dict[str, str] | None, empty: str) -> int:
    """How many conversations there are: reading takes a fraction of judging, and tells a waiting person how long."""
    return sum(not isinstance(item, LogProblem) for _, item in read_logs(paths, format, columns, empty))


def _with_progress(audited: Iterable[Audited], total: int, console: Console) -> Iterator[Audited]:
    """The items, with a line of progress on the error stream while a person looks at it."""
    if not console.err.isatty():
        yield from audited
        return
    begun = shown = time.monotonic()
    done = 0
    try:
        for item in audited:
            done += isinstance(item, Chat)
            now = time.monotonic()
            if now - shown > 0.2:
                shown = now
                console.err.write(f"\r\x1b[K{_progress(done, total, now - begun, console)}")
                console.err.flush()
            yield item
    finally:
        if shown != begun:
            console.err.write("\r\x1b[K")
            console.err.flush()


def _progress(done: int, total: int, seconds: float, console: Console) -> str:
    rate = done / seconds
    if not total or not rate or seconds < _STEADY_AFTER:
        return console.say("audit.progress", done=f"{done:,}", rate=f"{rate:,.0f}")
    left = int((total - done) / rate)
    eta = f"{left // 60}:{left % 60:02}"
    return console.say("audit.progress.eta", done=f"{done:,}", total=f"{total:,}", rate=f"{rate:,.0f}", eta=eta)
