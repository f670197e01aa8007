"""`replylint audit`: chat logs in, a table on the screen and the findings in files."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from replylint.atomic import clear_remains, replacing
from replylint.audit import (
    FINDINGS,
    PARQUET,
    PROBLEMS,
    REPORT,
    SUMMARY,
    WORKBOOK,
    Auditor,
    Card,
    Masker,
    Review,
    Source,
    Sums,
    Task,
    clear,
    prepare,
    put_together,
    work_off,
)
from replylint.audit.page import Story, page
from replylint.audit.privacy import default_key_path, read_key
from replylint.audit.run import Step
from replylint.audit.summary import NONE, mean_score, ranked_agents, ranked_rules, summary
from replylint.audit.tally import Tally, ranked
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
    logs = [Path(log) for log in args.LOG]
    source = Source(args.input_format or "auto", columns, console.say("audit.empty"))
    task = Task(tuple(logs), Path(args.out), source, _settings(args))
    try:
        auditor = Auditor(linter, _masker(args), _card(args, linter), _review(args))
        sums = audit_logs(task, auditor, console, args.jobs or _jobs(logs))
    except ValueError as error:
        raise CommandError(str(error)) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CommandError(f"{error.filename or args.out}: {error.strerror or error}") from None
    with writing_to(console, args.output) as target:
        for line in tables(sums, linter, target):
            target.write(f"{line}\n")
        target.write("\n" + console.say("audit.files", path=_shown(args.out)) + "\n")
    return _outcome(sums.tally, args).status(exit_zero=bool(args.exit_zero))


def audit_logs(task: Task, auditor: Auditor, console: Console, jobs: int) -> Sums:
    """Audits logs into a directory; raises OSError when that cannot be written, ValueError as `read_log`."""
    task.out.mkdir(parents=True, exist_ok=True)
    watched = console.err.isatty()
    if watched:
        console.err.write(console.say("audit.preparing"))
        console.err.flush()
    plan = prepare(task, auditor)
    if watched:
        console.err.write("\r\x1b[K")
    for _ in _with_progress(work_off(task, plan, auditor, jobs), console):
        pass
    titles = {rule.id: rule.title.get(console.language, rule.id) for rule in auditor.linter.ruleset.rules}
    for name in (FINDINGS, PROBLEMS, SUMMARY, REPORT, WORKBOOK, PARQUET):
        clear_remains(task.out / name)
    with ExitStack() as files:
        findings, problems, sums_file, report = (
            files.enter_context(replacing(task.out / name)) for name in (FINDINGS, PROBLEMS, SUMMARY, REPORT)
        )
        sums, shown = put_together(plan, findings, problems)
        told = summary(sums, auditor.card, auditor.linter.version, titles)
        story = Story(sums, auditor.card, auditor.linter, console.language, masked=not auditor.masker.off)
        report.write(page(story))
        sums_file.write(json.dumps(told, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n")
    _write_tables(story, task.out, console)
    clear(plan)
    for problem in shown:
        console.warn(str(problem))
    count = sums.tally.row("all")["problems"]
    if count > len(shown):
        console.warn(console.say("audit.problems", n=count, path=_shown(str(task.out / PROBLEMS))))
    return sums


def _write_tables(story: Story, out: Path, console: Console) -> None:
    """The workbook and the Parquet file, each where its package is installed. Without it an old one goes: it is no
    longer true.
    """
    from replylint.audit.workbook import write_workbook

    try:
        with replacing(out / WORKBOOK) as book, (out / FINDINGS).open("rb") as findings:
            write_workbook(story, findings, book)
    except ImportError:
        (out / WORKBOOK).unlink(missing_ok=True)
        console.warn(console.say("audit.no.workbook"))
    try:
        from replylint.audit.columnar import write_parquet

        with replacing(out / PARQUET) as table, (out / FINDINGS).open("rb") as findings:
            write_parquet(findings, table)
    except ImportError:
        (out / PARQUET).unlink(missing_ok=True)
        console.warn(console.say("audit.no.parquet"))


def _outcome(tally: Tally, args: argparse.Namespace) -> Outcome:
    """With a limit of points only that fails the run, unless a level is named too."""
    row = tally.table("all").get("", NONE)
    too_many = args.max_points is not None and row["points"] > args.max_points
    by_level = args.max_points is None or args.fail_level is not None
    hard = by_level and any(row[severity] for severity in failing_severities(args))
    return Outcome(failing=too_many or hard, unread=bool(row["problems"]))


def _masker(args: argparse.Namespace) -> Masker:
    if args.unmask:
        return Masker(b"", off=True)
    return Masker(read_key(Path(args.pseudonym_key) if args.pseudonym_key else default_key_path()))


def _card(args: argparse.Namespace, linter: Linter) -> Card:
    if args.card is None:
        return Card()
    from replylint.audit.scorecard import read_card

    known = {rule.id for rule in linter.ruleset.rules} | {pack.id for pack in linter.ruleset.packs}
    return read_card(Path(args.card), known)


def _review(args: argparse.Namespace) -> Review:
    if not args.appeals and not args.baseline:
        return Review()
    from replylint.audit.review import read_review

    return read_review([Path(path) for path in args.appeals or ()], [Path(path) for path in args.baseline or ()])


def _settings(args: argparse.Namespace) -> str:
    """What decides the findings besides packs, card and logs, for telling whether a stopped audit can go on."""
    files = [Path(path).read_text("utf-8", "replace") for path in (args.policy, args.shop) if path]
    return repr((args.lang, args.select, args.ignore, files))


def tables(sums: Sums, linter: Linter, console: Console) -> Iterator[str]:
    """The result as lines: the headline, what was found by rule, and by agent."""
    tally = sums.tally
    everything = tally.table("all").get("", NONE)
    if not everything["flagged"]:
        yield console.say("audit.clean", conversations=everything["conversations"], replies=everything["replies"])
        return
    yield console.say(
        "audit.headline",
        conversations=everything["conversations"],
        replies=everything["replies"],
        flagged=everything["flagged"],
        severities=severities(everything, console.language),
        chats=everything["flagged_conversations"],
    )
    yield ""
    yield from _rule_table(sums, console)
    yield ""
    yield from _agent_table(tally, linter, console)


def _rule_table(sums: Sums, console: Console) -> Iterator[str]:
    heads = ("rule", "severity", "count", "who", "words", "instead")
    rows = [[console.say(f"column.{name}") for name in heads]]
    rows += [_rule_row(rule, sums, console) for rule, row in ranked_rules(sums.tally) if row["findings"]]
    room = console_width(console) - sum(max(width(row[column]) for row in rows) for column in range(5)) - 10
    rows = [[*row[:5], clip(row[5], max(room, 24))] for row in rows]
    yield from _table(rows, (2,), console)


def _rule_row(rule: str, sums: Sums, console: Console) -> list[str]:
    found, example = sums.tally.table("rule")[rule], sums.examples[rule]
    agents, said = (sums.tally.table(f"rule.{name}")[rule] for name in ("agent", "words"))
    hardest = next(severity for severity in SEVERITIES if found[severity])
    people = [
        console.say("who.count", name=clip(_name(name, console), _NAME_CELLS), n=count)
        for name, count in ranked(agents)[:2]
    ]
    who = console.say("comma").join(people) + (" …" if len(agents) > 2 else "")
    # 不退 tells less than the longer words it was found as elsewhere.
    words = max(said, key=lambda text: (said[text], len(text), text))
    instead = example.finding.suggestion or example.rewrite or console.say("no.rewrite")
    return [
        rule,
        console.say(f"severity.{hardest}"),
        str(found["findings"]),
        visible(who),
        clip(visible(words), 28),
        visible(instead),
    ]


def _agent_table(tally: Tally, linter: Linter, console: Console) -> Iterator[str]:
    titles = {rule.id: rule.title.get(console.language, rule.id) for rule in linter.ruleset.rules}
    heads = ("agent", "replies", "flagged", "share", "points", "score", "mostly")
    rows = [[console.say(f"column.{name}") for name in heads]]
    for name, row in ranked_agents(tally)[:_MOST_AGENTS]:
        rows.append(_agent_row(name, row, tally.table("agent.rule").get(name, NONE), titles, console))
    yield from _table(rows, (1, 2, 3, 4, 5), console)


def _agent_row(
    name: str, row: Counter[str], rules: Counter[str], titles: dict[str, str], console: Console
) -> list[str]:
    mostly = [titles[rule] for rule, _ in ranked(rules)[:2]]
    percent = f"{100 * row['flagged'] / row['replies']:.0f}%"
    numbers = [str(row["replies"]), str(row["flagged"]), percent, str(row["points"]), f"{mean_score(row) or 0:.1f}"]
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


def _with_progress(steps: Iterable[Step], console: Console) -> Iterator[Step]:
    """The steps, with a line of progress on the error stream while a person looks at it."""
    if not console.err.isatty():
        yield from steps
        return
    begun = shown = time.monotonic()
    conversations = pieces = 0
    try:
        for step in steps:
            # What an earlier run had done says nothing about how fast this one is.
            if not step.again:
                conversations += step.conversations
                pieces += 1
            now = time.monotonic()
            if now - shown > 0.2:
                shown = now
                console.err.write(f"\r\x1b[K{_progress(step, conversations, pieces, now - begun, console)}")
                console.err.flush()
            yield step
    finally:
        if shown != begun:
            console.err.write("\r\x1b[K")
            console.err.flush()


def _progress(step: Step, conversations: int, pieces: int, seconds: float, console: Console) -> str:
    done, rate = f"{conversations:,}", f"{conversations / seconds:,.0f}"
    if not pieces or seconds < _STEADY_AFTER:
        return console.say("audit.progress", done=done, rate=rate)
    left = int((step.of - step.pieces) * seconds / pieces)
    share = f"{100 * step.pieces / step.of:.0f}%"
    return console.say("audit.progress.eta", done=done, share=share, rate=rate, eta=f"{left // 60}:{left % 60:02}")
