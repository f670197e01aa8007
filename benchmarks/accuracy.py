"""How accurate the packs are on material that is not theirs: a maintainers' tool, run from a clone.

    make accuracy CATALOGUE=FILE DEVSET=DIR CHATLOGS=DIR      everything, into docs/accuracy.md
    python -m benchmarks.accuracy --catalogue FILE [--pack invoice] [--evasion] [--show]
    python -m benchmarks.accuracy --devset DIR --half even
    python -m benchmarks.accuracy --chatlogs DIR --sample 100

docs/accuracy.md says what is measured, benchmarks/labelled.py what the files look like.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TextIO

from benchmarks.labelled import Case, catalogue_cases, chatlog_cases, devset_cases
from benchmarks.page import markdown, put_between_marks
from benchmarks.tricks import converters, disguises
from replylint.linter import Linter
from replylint.model import Finding

SERIOUS = ("error", "warning")


@dataclass
class Score:
    """Counts over cases: risky ones caught or missed, flags right or wrong, fine ones flagged."""

    caught: int = 0
    risky: int = 0
    right: int = 0
    flagged: int = 0
    alarms: int = 0
    fine: int = 0

    @property
    def recall(self) -> str:
        """The share of what is risky that is caught."""
        return share(self.caught, self.risky)

    @property
    def precision(self) -> str:
        """The share of the flags that are right."""
        return share(self.right, self.flagged)

    def __str__(self) -> str:
        return f"recall {self.recall}  precision {self.precision}"


def share(part: int, whole: int) -> str:
    """A share with its counts."""
    return f"{part / whole:6.1%} ({part}/{whole})" if whole else "     – (0/0)"


class Listing:
    """Where misses and false alarms are written down: a file, the screen, or neither."""

    def __init__(self, file: TextIO | None, screen: bool) -> None:
        self._targets = [target for target in (file, sys.stdout if screen else None) if target is not None]

    def add(self, kind: str, case: Case, findings: Sequence[Finding]) -> None:
        """A case with what was found in it."""
        said = " / ".join(f"{turn.role[0]}:{turn.text}" for turn in case.history[-4:])
        marks = "; ".join(f"{finding.rule}「{finding.text}」" for finding in findings)
        for target in self._targets:
            print(kind, case.id, sorted(case.packs), said, "=>", case.reply, "", marks, "#", case.note, file=target)


@dataclass
class Flags:
    """What is flagged in a chat log."""

    replies: int = 0
    blocked: int = 0
    warned: int = 0
    rules: dict[str, Counter[str]] = field(default_factory=lambda: {severity: Counter() for severity in SERIOUS})

    def of_pack(self, pack: str, severity: str) -> int:
        """Findings of a pack's rules."""
        return sum(count for rule, count in self.rules[severity].items() if pack_of(rule) == pack)


@dataclass
class Figures:
    """All that was measured; what was absent is empty."""

    packs: Sequence[str] = ()
    catalogue: dict[str, Score] = field(default_factory=dict)
    evasion: dict[str, tuple[int, int]] = field(default_factory=dict)
    half: str = ""
    devset: dict[str, Score] = field(default_factory=dict)
    devset_packs: dict[str, Score] = field(default_factory=dict)
    chatlogs: dict[str, Flags] = field(default_factory=dict)


def pack_of(rule: str) -> str:
    """The pack of a rule's id."""
    return rule.split("/", 1)[0]


def findings_on(linter: Linter, case: Case) -> tuple[Finding, ...]:
    """The findings that count. For a sentence written for a rule these are its own pack's and everybody's errors."""
    report = linter.check(case.reply, case.history, case.meta, rewrite=False, moment=case.moment)
    if not case.own:
        return tuple(finding for finding in report.findings if finding.severity in SERIOUS)
    own = {case.own, "dispute"}
    return tuple(
        finding
        for finding in report.findings
        if finding.severity == "error" or (pack_of(finding.rule) in own and (case.hints or finding.severity in SERIOUS))
    )


def score(
    linter: Linter, cases: Iterable[Case], packs: Sequence[str], listing: Listing
) -> tuple[Score, dict[str, Score]]:
    """Recall and precision over cases, of all and by pack; a row counts only for the packs under test."""
    total, by_pack = Score(), defaultdict[str, Score](Score)
    for case in cases:
        if case.packs and not case.packs & set(packs):
            continue
        findings = findings_on(linter, case)
        hit = {pack_of(finding.rule) for finding in findings}
        right = bool(hit & case.packs)
        for tally in (total, *(by_pack[pack] for pack in case.packs)):
            tally.risky += bool(case.packs)
            tally.caught += right
        total.flagged += bool(hit)
        total.right += right
        total.fine += not case.packs
        total.alarms += bool(hit) and not case.packs
        for pack in hit:
            by_pack[pack].flagged += 1
            by_pack[pack].right += pack in case.packs
        if case.packs and not hit:
            listing.add("MISS ", case, findings)
        elif hit and not right:
            listing.add("OTHER" if case.packs else "FALSE", case, findings)
    return total, dict(by_pack)


def evasion(linter: Linter, cases: Iterable[Case], listing: Listing) -> dict[str, tuple[int, int]]:
    """How many caught sentences stay caught under each disguise, by its name, and how many there are."""
    traditional = converters()
    if not traditional:
        print("opencc is not installed: traditional characters are not tried (pip install --group accuracy)")
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    for number, case in enumerate(cases):
        findings = findings_on(linter, case)
        packs = {pack_of(finding.rule) for finding in findings} & case.packs
        if not packs:
            continue
        for name, reply in disguises(case.reply, findings, number, traditional):
            disguised = case._replace(reply=reply)
            found = findings_on(linter, disguised)
            stays = bool({pack_of(finding.rule) for finding in found} & packs)
            tried[name] += 1
            caught[name] += stays
            if not stays:
                listing.add(f"LOST {name}:", disguised, found)
    return {name: (caught[name], total) for name, total in tried.items()}


def flags_in(linter: Linter, path: Path, packs: Sequence[str], listing: Listing, sample: int, seed: int) -> Flags:
    """What is flagged in real talk, with a sample on the screen to read."""
    flags = Flags()
    hits: list[tuple[Case, tuple[Finding, ...]]] = []
    for case in chatlog_cases(path):
        flags.replies += 1
        findings = tuple(finding for finding in findings_on(linter, case) if pack_of(finding.rule) in packs)
        if not findings:
            continue
        hits.append((case, findings))
        listing.add("FLAG ", case, findings)
        blocked = any(finding.severity == "error" for finding in findings)
        flags.blocked += blocked
        flags.warned += not blocked
        for rule, severity in {(finding.rule, finding.severity) for finding in findings}:
            flags.rules[severity][rule] += 1
    screen = Listing(None, True)
    for case, findings in random.Random(seed).sample(hits, min(sample, len(hits))):
        screen.add(" ", case, findings)
    return flags


# -- the screen and the page


def print_flags(name: str, flags: Flags) -> None:
    """Shares of a chat log: of all, by pack, by rule."""
    whole = flags.replies
    print(f"{name}: blocked {share(flags.blocked, whole)}  warned {share(flags.warned, whole)}")
    errors, warnings = (flags.rules[severity] for severity in SERIOUS)
    for pack in sorted({pack_of(rule) for rule in (*errors, *warnings)}):
        print(f"  {pack}: error {flags.of_pack(pack, 'error')}, warning {flags.of_pack(pack, 'warning')}")
    for rule, count in (errors + warnings).most_common():
        print(f"  {count:6d} {count / whole:7.3%} {rule}: error {errors[rule]}, warning {warnings[rule]}")


def table(figures: Figures, version: str) -> Iterator[str]:
    """The figures as Markdown."""
    flags = list(figures.chatlogs.values())
    yield f"Measured on {date.today().isoformat()} with version {version}; – is what was not there to be measured."
    yield from markdown(
        ("pack", "catalogue: recall", "catalogue: false alarms", "hard cases: recall", "hard cases: precision",
         "chat logs: errors", "chat logs: warnings"),
        (
            (
                pack,
                _of(figures.catalogue.get(pack), "recall"),
                _alarms(figures.catalogue.get(pack)),
                _of(figures.devset_packs.get(pack), "recall"),
                _of(figures.devset_packs.get(pack), "precision"),
                *(str(sum(log.of_pack(pack, severity) for log in flags)) if flags else "–" for severity in SERIOUS),
            )
            for pack in figures.packs
        ),
    )  # fmt: skip
    yield from markdown(
        (f"hard cases ({figures.half or 'none'})", "recall", "precision"),
        ((name, _of(found, "recall"), _of(found, "precision")) for name, found in figures.devset.items()),
    )
    yield from markdown(
        ("chat log", "replies", "blocked", "warned"),
        (
            (name, f"{log.replies:,}", share(log.blocked, log.replies).strip(), share(log.warned, log.replies).strip())
            for name, log in figures.chatlogs.items()
        ),
    )
    yield from markdown(
        ("rule, in chat logs", "errors", "warnings", "share"),
        (
            (rule, str(errors), str(warnings), f"{(errors + warnings) / sum(log.replies for log in flags):.3%}")
            for rule, errors, warnings in _by_rule(flags)
        ),
    )
    yield from markdown(
        ("disguise", "still caught"),
        ((name, share(*counts).strip()) for name, counts in figures.evasion.items()),
    )


def _by_rule(flags: Sequence[Flags]) -> list[tuple[str, int, int]]:
    errors, warnings = (sum((log.rules[severity] for log in flags), Counter[str]()) for severity in SERIOUS)
    return [(rule, errors[rule], warnings[rule]) for rule, _ in (errors + warnings).most_common()]


def _of(found: Score | None, name: str) -> str:
    return str(getattr(found, name)).strip() if found is not None else "–"


def _alarms(found: Score | None) -> str:
    return f"{found.alarms} of {found.fine}" if found is not None else "–"


# -- running it


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    linter = Linter(packs=[options.rules] if options.rules else None)
    figures = Figures([pack for pack in _packs(linter) if not options.pack or pack in options.pack])
    there = {name for name in ("catalogue", "devset", "chatlogs") if _is_there(name, getattr(options, name))}
    if not there:
        print("nothing to measure", file=sys.stderr)
        return 2
    if "catalogue" in there:
        _measure_catalogue(linter, figures, options)
    if "devset" in there:
        _measure_devset(linter, figures, options)
    if "chatlogs" in there:
        _measure_chatlogs(linter, figures, options)
    if options.table:
        put_between_marks(options.table, table(figures, linter.version))
        print(f"the figures are in {options.table}")
    return 0


def _packs(linter: Linter) -> list[str]:
    return [pack.id for pack in linter.ruleset.packs]


def _is_there(name: str, path: Path | None) -> bool:
    if path is None:
        return False
    if path.exists():
        return True
    print(f"no {name} at {path}, so it is not measured; say where it is: {name.upper()}=…", file=sys.stderr)
    return False


@contextmanager
def _listing(options: argparse.Namespace, name: str) -> Iterator[Listing]:
    if options.out is None:
        yield Listing(None, options.show)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / f"{name}.txt").open("w", encoding="utf-8") as file:
        yield Listing(file, options.show)
    print(f"misses and false alarms are in {options.out / name}.txt")


def _measure_catalogue(linter: Linter, figures: Figures, options: argparse.Namespace) -> None:
    with _listing(options, "catalogue") as listing:
        for pack in figures.packs:
            found, _ = score(linter, catalogue_cases(options.catalogue, [pack]), [pack, "dispute"], listing)
            figures.catalogue[pack] = found
            print(f"catalogue {pack:10s} {found}  false alarms {found.alarms} of {found.fine}")
    if options.evasion:
        with _listing(options, "evasion") as listing:
            risky = (case for case in catalogue_cases(options.catalogue, figures.packs) if case.packs)
            figures.evasion = evasion(linter, risky, listing)
        for name, counts in figures.evasion.items():
            print(f"evasion {name:24s} {share(*counts)}")


def _measure_devset(linter: Linter, figures: Figures, options: argparse.Namespace) -> None:
    figures.half = {"even": "even ids", "odd": "odd ids", "all": "all ids"}[options.half]
    names = options.files.split(",") if options.files else sorted(path.name for path in options.devset.glob("*.jsonl"))
    totals: list[Score] = []
    by_pack: dict[str, list[Score]] = defaultdict(list)
    with _listing(options, "devset") as listing:
        for name in names:
            found, packs = score(linter, devset_cases(options.devset / name, options.half), figures.packs, listing)
            totals.append(found)
            for pack, part in packs.items():
                by_pack[pack].append(part)
            figures.devset[name] = found
            print(f"{name} ({options.half}) {found}")
    figures.devset["all"] = _sum(totals)
    figures.devset_packs = {pack: _sum(by_pack[pack]) for pack in figures.packs if pack in by_pack}
    for pack, found in (*figures.devset_packs.items(), ("all", figures.devset["all"])):
        print(f"devset {pack:10s} ({options.half}) {found}")


def _sum(scores: Iterable[Score]) -> Score:
    total = Score()
    for part in scores:
        for name, count in vars(part).items():
            setattr(total, name, getattr(total, name) + count)
    return total


def _measure_chatlogs(linter: Linter, figures: Figures, options: argparse.Namespace) -> None:
    with _listing(options, "chatlogs") as listing:
        for path in sorted(options.chatlogs.glob("*.jsonl")):
            flags = flags_in(linter, path, figures.packs, listing, options.sample, options.seed)
            figures.chatlogs[path.name] = flags
            print_flags(path.name, flags)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--catalogue", type=Path, help="YAML file")
    parser.add_argument("--devset", type=Path, help="directory")
    parser.add_argument("--chatlogs", type=Path, help="directory")
    parser.add_argument("--half", choices=("odd", "even", "all"), default="odd", help="ids of the devset to use")
    parser.add_argument("--files", default="", help="files of the devset, comma-separated; else all *.jsonl")
    parser.add_argument("--pack", action="append", default=[], help="only this pack (repeatable)")
    parser.add_argument("--sample", type=int, default=0, help="flagged real replies to print per file")
    parser.add_argument("--rules", help="judge with the packs of this directory instead of the bundled ones")
    parser.add_argument("--evasion", action="store_true", help="with --catalogue: recall under mechanical disguises")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print misses and false alarms")
    parser.add_argument("--out", type=Path, help="directory for files with the misses and false alarms")
    parser.add_argument("--table", type=Path, help="Markdown page that gets the figures between its two marks")
    return parser


if __name__ == "__main__":
    sys.exit(main())
