"""`replylint rules`: list, show, test, start, export; and the schemas that editors check packs by."""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from replylint.cli.console import CommandError, Console, writing_to
from replylint.cli.options import build_linter, find_rule, resolve
from replylint.cli.parser import MOST_JOBS
from replylint.linter import Linter, bundled_rules
from replylint.render.text import painted
from replylint.render.width import pad, pad_left, visible, width
from replylint.rule import Rule
from replylint.selfcheck import Complaint, check_pack, check_rule
from replylint.workers import ordered_map

_PACK_NAME = re.compile(r"[a-z]+")


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the task; returns its exit status."""
    match args.task:
        case "list":
            return _list(args, console)
        case "show":
            return _show(args, console)
        case "test":
            return _test(args, console)
        case "schema":
            return _schema(args, console)
        case "export":
            from replylint.cli.export import run as run_export

            return run_export(args, console)
    return _new(args, console)


def _list(args: argparse.Namespace, console: Console) -> int:
    linter = build_linter(args, console)
    names = frozenset(args.select or ())
    chosen = resolve(names, "--select", linter.ruleset, console)
    with writing_to(console, args.output) as target:
        if args.json:
            rows = [_card(rule) for rule in linter.ruleset.rules if not chosen or {rule.id, rule.pack} & chosen]
            target.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
            return 0
        for line in _listing(linter, chosen, target):
            target.write(f"{line}\n")
    return 0


def _card(rule: Rule) -> dict[str, object]:
    return {
        "rule": rule.id,
        "pack": rule.pack,
        "severity": rule.severity,
        "points": rule.points,
        "confidence": rule.confidence,
        "title": dict(rule.title),
        "message": dict(rule.message),
        "why": dict(rule.why),
        "aliases": list(rule.aliases),
        "sources": [source._asdict() for source in rule.sources],
    }


def _listing(linter: Linter, chosen: frozenset[str], console: Console) -> Iterator[str]:
    rules = [rule for rule in linter.ruleset.rules if not chosen or {rule.id, rule.pack} & chosen]
    column = max((width(rule.id) for rule in rules), default=0)
    marks = max(width(console.say(f"severity.{name}")) for name in ("error", "warning", "info"))
    packs = [pack for pack in linter.ruleset.packs if any(rule in rules for rule in pack.rules)]
    for pack in packs:
        yield painted(f"{pack.id}  {pack.title.get(console.language, '')}", "faint", console.colour)
        for rule in pack.rules:
            if rule not in rules:
                continue
            severity = painted(pad(console.say(f"severity.{rule.severity}"), marks), rule.severity, console.colour)
            title = rule.title.get(console.language, "")
            yield f"  {pad(rule.id, column)}  {severity}  {pad_left(str(rule.points), 2)}  {title}"
        yield ""
    yield console.say("rules.total", packs=len(packs), rules=len(rules))


def _show(args: argparse.Namespace, console: Console) -> int:
    linter = build_linter(args, console, examples=True)
    rule = find_rule(linter, args.RULE, console)
    path, line, column = rule.place.rsplit(":", 2)
    with writing_to(console, args.output) as target:
        target.write(painted(f"# {path}:{line}", "faint", target.colour) + "\n")
        target.write("\n".join(_block(Path(path), int(line), int(column))) + "\n")
    return 0


def _block(path: Path, line: int, column: int) -> list[str]:
    """The lines of the list item whose first key stands there: all that follow and are indented as deep."""
    lines = path.read_text(encoding="utf-8-sig").split("\n")[line - 1 :]
    block = lines[:1]
    for text in lines[1:]:
        if text.strip() and len(text) - len(text.lstrip()) < column - 1:
            break
        block.append(text)
    while block and not block[-1].strip():
        block.pop()
    return block


def _test(args: argparse.Namespace, console: Console) -> int:
    if args.jobs is not None and not 1 <= args.jobs <= MOST_JOBS:
        raise CommandError(console.say("usage.jobs", given=args.jobs))
    packs, names = _chosen(args.WHAT, args.packs)
    linter = build_linter(args, console, packs, examples=True)
    wanted = resolve(names, "rules test", linter.ruleset, console)
    rules = [rule for rule in linter.ruleset.rules if not wanted or {rule.id, rule.pack} & wanted]
    if not rules:
        raise CommandError(console.say("test.none"))
    count = 0
    # An own pass over policy and shop would prove other rules than those of the files.
    plain = Linter(ruleset=linter.ruleset)
    with writing_to(console, args.output) as target:
        for complaint in _complaints(plain, rules, args.jobs, console):
            count += 1
            target.write(visible(str(complaint)) + "\n")
        examples = sum(len(rule.bad) + len(rule.good) for rule in rules)
        key = "test.complaints" if count else "test.ok"
        target.write(console.say(key, rules=len(rules), examples=examples, complaints=count) + "\n")
    return 1 if count else 0


def _chosen(what: Sequence[str], packs: list[str] | None) -> tuple[list[str] | None, list[str]]:
    """The pack set to load and the rules to prove. A bundled file stands for its pack among all bundled ones, any other
    file is proved alone, or together with the packs given by --packs.
    """
    home = bundled_rules().resolve()
    names: list[str] = []
    own: list[str] = []
    everything = False
    for word in what:
        path = Path(word)
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not path.is_dir() and path.suffix not in (".yaml", ".yml"):
            names.append(word)
            continue
        for file in files:
            if file.resolve().parent != home:
                own.append(str(file))
            elif file.stem == "lexicon":
                everything = True
            else:
                names.append(file.stem)
    if own:
        return [*(packs or ()), *own], names
    return packs, [] if everything else names


def _complaints(linter: Linter, rules: Sequence[Rule], jobs: int | None, console: Console) -> Iterator[Complaint]:
    """Those about some rules, and those about the packs that are all among them."""
    for complaints in _proved(linter, rules, jobs, console):
        yield from complaints
    chosen = {rule.id for rule in rules}
    for pack in linter.ruleset.packs:
        if chosen.issuperset(rule.id for rule in pack.rules):
            yield from check_pack(pack)


def _proved(linter: Linter, rules: Sequence[Rule], jobs: int | None, console: Console) -> Iterator[list[Complaint]]:
    workers = jobs or (min(os.cpu_count() or 1, 8) if len(rules) > 2 else 1)
    show = console.err.isatty()
    for number, complaints in enumerate(ordered_map(_prove, linter, rules, workers, batch=1), 1):
        if show:
            console.err.write("\r\x1b[K")
        yield complaints
        if show and number < len(rules):
            console.err.write(console.say("test.progress", done=number, total=len(rules)))
            console.err.flush()


def _prove(linter: Linter, rule: Rule) -> list[Complaint]:
    return list(check_rule(linter, rule))


def _schema(args: argparse.Namespace, console: Console) -> int:
    from replylint.schema import schema_of

    with writing_to(console, args.output) as target:
        target.write(json.dumps(schema_of(args.SCHEMA), ensure_ascii=False, indent=2) + "\n")
    return 0


def _new(args: argparse.Namespace, console: Console) -> int:
    if not _PACK_NAME.fullmatch(args.NAME):
        raise CommandError(console.say("usage.pack.name", given=args.NAME))
    skeleton = Path(__file__).parent.parent / "data" / "skeleton.yaml"
    with writing_to(console, args.output) as target:
        target.write(skeleton.read_text(encoding="utf-8").replace("mypack", args.NAME))
    return 0
