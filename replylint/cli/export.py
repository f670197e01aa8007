"""`replylint rules export`: word lists for back offices, and what they cannot hold."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from replylint.cli.console import CommandError, Console, writing_to
from replylint.cli.options import build_linter, resolve
from replylint.export import Export, WeComLimitError, export, keyword_table, wecom_rules
from replylint.linter import Linter

_EXCEL_MARK = "\ufeff"
"""Without it Excel opens a UTF-8 table as garbage."""


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the task; returns its exit status."""
    wecom = args.WORDLIST == "wecom"
    if wecom and not (args.user or args.department):
        raise CommandError(console.say("export.wecom.nobody"))
    linter = build_linter(args, console, examples=True)
    chosen = resolve(frozenset(args.select or ()), "--select", linter.ruleset, console)
    rules = [rule for rule in linter.ruleset.rules if not chosen or {rule.id, rule.pack} & chosen]
    made = export(linter, rules)
    content = _wecom(args, made, linter, console) if wecom else keyword_table(made.keywords, console.language)
    with writing_to(console, args.output, "" if wecom else _EXCEL_MARK) as target:
        target.write(content)
    for line in _account(made, console, wecom=wecom):
        console.warn(line)
    return 0


def _wecom(args: argparse.Namespace, made: Export, linter: Linter, console: Console) -> str:
    titles = {pack.id: pack.title.get(console.language, pack.id) for pack in linter.ruleset.packs}
    try:
        bodies = wecom_rules(made.keywords, titles, args.user or (), args.department or ())
    except WeComLimitError as error:
        raise CommandError(console.say(f"export.wecom.{error.limit}")) from None
    return json.dumps(bodies, ensure_ascii=False, indent=2) + "\n"


def _account(made: Export, console: Console, *, wecom: bool) -> Iterator[str]:
    """How much of the rules the list holds, and what it cannot."""
    words = [word for word in made.keywords if not (wecom and word.severity == "info")]
    yield console.say("export.kept", words=len(words), rules=len({word.rule.id for word in words}))
    lines = []
    for rule, kept, left in made.coverage:
        if left:
            reasons = console.say("comma").join(console.say(f"export.{name}", n=n) for name, n in left.items())
            total = sum(left.values())
            lines.append(console.say("export.rule", rule=rule.id, left=total, all=kept + total, reasons=reasons))
    if wecom:
        silent = sorted({word.rule.id for word in made.keywords if word.severity == "info"})
        lines += [console.say("export.info", rule=rule) for rule in silent]
    if lines:
        yield console.say("export.left")
        yield from lines
