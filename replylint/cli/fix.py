"""`replylint fix`: the input again, with compliant wording where there is one."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from replylint.atomic import replacing
from replylint.cli.check import context_of
from replylint.cli.console import CommandError, Console, writing_to
from replylint.cli.inputs import (
    Context,
    Document,
    InputError,
    Item,
    items_of,
    judge,
    kind_of,
    read_document,
    read_wire,
)
from replylint.cli.options import build_linter, failing_severities
from replylint.linter import Linter
from replylint.phrases import Phrase, read_lines, replaced
from replylint.render import Unreadable


class Fixed(NamedTuple):
    """A document rewritten: its new text, how many replies changed, and how many with failing findings did not."""

    text: str
    changed: int
    left: int
    unread: tuple[Unreadable, ...]


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command; returns its exit status."""
    context = context_of(args, console)
    paths = args.FILE or ["-"]
    if args.write and "-" in paths:
        raise CommandError(console.say("usage.write.stdin"))
    linter = build_linter(args, console)
    fail = failing_severities(args)
    unread = failing = False
    with writing_to(console, args.output) as target:
        for path in paths:
            try:
                document = read_document(path, console.language)
            except InputError as error:
                console.warn(str(error))
                unread = True
                continue
            fixed = rewrite(linter, document, args.input or "auto", context, fail)
            for problem in fixed.unread:
                console.warn(str(problem))
            unread |= bool(fixed.unread)
            failing |= bool(fixed.left) or (bool(fixed.changed) and not args.write)
            if args.write:
                _save(document, fixed, console)
            elif args.diff:
                target.write(diff(document, fixed.text))
            else:
                target.write(fixed.text)
    if unread:
        return 2
    return 1 if failing and not args.exit_zero else 0


def rewrite(linter: Linter, document: Document, kind: str, context: Context, fail: frozenset[str]) -> Fixed:
    """The document with every rewrite in its place."""
    changes: list[tuple[Phrase, str]] = []
    unread: list[Unreadable] = []
    left = 0
    for phrase, item in _items(document, kind_of(document, kind), context):
        if isinstance(item, Unreadable):
            unread.append(item)
            continue
        checked = judge(linter, item)
        better = checked.report.rewrite
        if better is None:
            left += any(finding.severity in fail for finding in checked.report.findings)
        elif checked.from_wire:
            wire = {**json.loads(phrase.text), "reply": better} if phrase else {}
            changes.append((phrase, json.dumps(wire, ensure_ascii=False)))
        elif checked.replacement is not None:
            changes.append((phrase, checked.replacement))
    return Fixed(replaced(document.text, changes), len(changes), left, tuple(unread))


_NOWHERE = Phrase("", 0, 0)


def _items(document: Document, kind: str, context: Context) -> Iterator[tuple[Phrase, Item]]:
    """Every reply with what has to be replaced to change it."""
    if kind == "jsonl":
        for phrase in read_lines(document.text):
            line, _ = document.lines.position(phrase.start)
            yield phrase, read_wire(document.path, line, phrase.text, context)
        return
    for item in items_of(document, kind, context):
        yield _NOWHERE if isinstance(item, Unreadable) or item.phrase is None else item.phrase, item


def diff(document: Document, text: str) -> str:
    """The changes as a unified diff that `patch` takes."""
    # str.splitlines would also split at characters that no editor takes for the end of a line.
    before, after = document.text.split("\n"), text.split("\n")
    lines = []
    for line in difflib.unified_diff(_ended(before), _ended(after), document.path, document.path):
        lines.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)


def _ended(lines: list[str]) -> list[str]:
    return [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def _save(document: Document, fixed: Fixed, console: Console) -> None:
    path = Path(document.path)
    if fixed.changed:
        # A workbook's colours and formulas are not ours to keep: it stays, and a copy holds the corrected phrases.
        path = path if document.book is None else path.with_suffix(".fixed.xlsx")
        try:
            with replacing(path) as file:
                file.write(document.encoded(fixed.text))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror or error}") from None
        except ImportError:
            raise CommandError(console.say("fix.no.workbook")) from None
    key = "fixed" if fixed.changed or fixed.left else "fixed.nothing"
    console.warn(console.say(key, path=path, fixed=fixed.changed, left=fixed.left))
