"""How accurate the packs are on material that is not theirs: a maintainers' tool, run from a clone.

    python -m benchmarks.accuracy --catalogue FILE [--pack invoice] [--show]
    python -m benchmarks.accuracy --devset DIR --half even
    python -m benchmarks.accuracy --chatlogs DIR --sample 100

catalogue  YAML with `rules`, each with `bad`, `good`, `context_bad`, `context_good`
devset     JSONL of labelled replies (`single_*.jsonl`) and dialogues (`dialogues.jsonl`)
chatlogs   JSONL of real replies without labels; what is flagged in them is sampled for reading by eye
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from replylint.linter import Linter
from replylint.model import Finding

SERIOUS = ("error", "warning")
_SCENARIO = re.compile(r"^[(（][^)）]*[)）]")


class Case(NamedTuple):
    """A labelled reply: `packs` is empty when it is fine."""

    id: str
    reply: str
    history: tuple[tuple[str, str], ...]
    meta: dict[str, str]
    packs: frozenset[str]
    note: str = ""


def catalogue_cases(path: Path, packs: Sequence[str]) -> Iterator[Case]:
    """The catalogue's sentences; `context_*` pairs with the buyer's turn."""
    for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
        pack = rule["id"].split("/")[0]
        if packs and pack not in packs:
            continue
        risky = frozenset((pack, "dispute"))
        for kind, labels in (("bad", risky), ("good", frozenset())):
            conversational = {"meta", "conversation"} & set(rule["detect"]) or pack in ("dispute", "etiquette")
            for number, text in enumerate(rule.get(kind) or ()):
                if rule["detect"] == ["context"]:
                    continue
                if not (conversational and _SCENARIO.match(text)):
                    yield Case(f"{rule['id']}.{kind}.{number}", text, (), {}, labels)
        for kind, labels in (("context_bad", risky), ("context_good", frozenset())):
            for number, pair in enumerate(rule.get(kind) or ()):
                buyer = (("buyer", pair["buyer"]),)
                yield Case(f"{rule['id']}.{kind}.{number}", pair["reply"], buyer, {}, labels)


def devset_cases(directory: Path, half: str, files: Iterable[str]) -> Iterator[Case]:
    """The labelled replies of one half: odd ids to tune on, even ids to measure. Rows of severity info are left out."""
    for name in files:
        path = directory / name
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            if half != "all" and int(row["id"].split("-")[1]) % 2 != (half == "odd"):
                continue
            if "turns" in row:
                yield from _dialogue_cases(row)
            elif row["severity"] != "info":
                history = tuple(("buyer", text) for text in row["buyer"])
                yield Case(row["id"], row["reply"], history, {}, frozenset(row["packs"]), row["note"])


def _dialogue_cases(row: dict[str, Any]) -> Iterator[Case]:
    meta = {key: row[key] for key in ("platform", "buyer_id", "order_buyer_id") if row.get(key)}
    for index, turn in enumerate(row["turns"]):
        if turn["role"] in ("agent", "bot") and turn.get("severity") != "info":
            history = tuple((before["role"], before["text"]) for before in row["turns"][:index])
            yield Case(
                f"{row['id']}#{index}",
                turn["text"],
                history[-12:],
                meta,
                frozenset(turn["packs"]),
                turn.get("note", ""),
            )


class Score(NamedTuple):
    """Counts over cases: risky ones caught or missed, flags right or wrong."""

    caught: int
    risky: int
    right: int
    flagged: int

    def __str__(self) -> str:
        recall = self.caught / self.risky if self.risky else 1.0
        precision = self.right / self.flagged if self.flagged else 1.0
        caught, right = f"({self.caught}/{self.risky})", f"({self.right}/{self.flagged})"
        return f"recall {recall:6.1%} {caught}  precision {precision:6.1%} {right}"


def serious(linter: Linter, case: Case) -> tuple[Finding, ...]:
    """The errors and warnings on a case."""
    report = linter.check(case.reply, case.history, case.meta, rewrite=False)
    return tuple(finding for finding in report.findings if finding.severity in SERIOUS)


def score(linter: Linter, cases: Iterable[Case], packs: Sequence[str], show: bool) -> Score:
    """Recall and precision over cases; a row counts only for the packs under test, all of them when none are named."""
    caught = risky = right = flagged = 0
    for case in cases:
        if packs and case.packs and not case.packs & set(packs):
            continue
        findings = serious(linter, case)
        hit = {finding.rule.split("/")[0] for finding in findings}
        if case.packs:
            risky += 1
            caught += bool(hit & case.packs)
        if hit:
            flagged += 1
            right += bool(hit & case.packs)
        if show and (bool(case.packs) != bool(hit) or (hit and not hit & case.packs)):
            _show(case, findings)
    return Score(caught, risky, right, flagged)


def _show(case: Case, findings: Sequence[Finding]) -> None:
    kind = "MISS " if case.packs and not findings else "FALSE" if not case.packs else "OTHER"
    said = " / ".join(f"{role[0]}:{text}" for role, text in case.history[-4:])
    marks = "; ".join(f"{finding.rule}「{finding.text}」" for finding in findings)
    print(f"{kind} {case.id} {sorted(case.packs)} {said} => {case.reply}  {marks} # {case.note}")


HOMOPHONES = {
    "微信": "薇信",
    "支付宝": "支付保",
    "银行卡": "银行咔",
    "收款码": "收款马",
    "转账": "转帐",
    "发票": "发piao",
    "公众号": "公主号",
}
SYMBOLS = ("*", ".", " ", "-", "·")


def tricks(case: Case, findings: Sequence[Finding], number: int) -> Iterator[tuple[str, str]]:
    """The reply under each mechanical disguise, by the disguise's name; only those that change something."""
    reply = case.reply
    symbol = SYMBOLS[number % len(SYMBOLS)]
    words = [finding for finding in findings if finding.end - finding.start > 1]
    if words:
        first = words[0]
        middle = (first.start + first.end) // 2
        yield "a symbol inside", f"{reply[:middle]}{symbol}{reply[middle:]}"
        yield "a symbol between all", reply[: first.start] + symbol.join(first.text) + reply[first.end :]
        yield "an emoji inside", f"{reply[:middle]}😊{reply[middle:]}"
    yield "full width", "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in reply)
    try:
        import opencc  # a maintainers' tool only: `pip install opencc`
    except ImportError:
        pass
    else:
        yield "traditional", opencc.OpenCC("s2t").convert(reply)
    swapped = reply
    for word, disguise in HOMOPHONES.items():
        swapped = swapped.replace(word, disguise)
    if swapped != reply:
        yield "homophone", swapped


def evasion(linter: Linter, cases: Iterable[Case], show: bool) -> None:
    """How many caught sentences stay caught under each disguise."""
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    for number, case in enumerate(cases):
        findings = serious(linter, case)
        packs = {finding.rule.split("/")[0] for finding in findings} & case.packs
        if not packs:
            continue
        for name, disguised in tricks(case, findings, number):
            hit = {finding.rule.split("/")[0] for finding in serious(linter, case._replace(reply=disguised))}
            tried[name] += 1
            caught[name] += bool(hit & packs)
            if show and not hit & packs:
                print(f"LOST  {name}: {case.id} {disguised}")
    for name, total in tried.items():
        print(f"evasion {name:22s} {caught[name] / total:6.1%} ({caught[name]}/{total})")


def false_alarms(linter: Linter, directory: Path, sample: int, seed: int, packs: Sequence[str]) -> None:
    """What is flagged in real talk: shares per file, pack and rule, and a sample to read."""
    for path in sorted(directory.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        by_rule: Counter[str] = Counter()
        by_severity: Counter[str] = Counter()
        hits: list[tuple[dict[str, Any], tuple[Finding, ...]]] = []
        for row in rows:
            history = tuple((turn["role"], turn["text"]) for turn in row["history"])
            findings = serious(linter, Case(row["id"], row["reply"], history, {}, frozenset()))
            findings = tuple(f for f in findings if not packs or f.rule.split("/")[0] in packs)
            if findings:
                hits.append((row, findings))
                by_severity["error" if any(f.severity == "error" for f in findings) else "warning"] += 1
                by_rule.update({finding.rule for finding in findings})
        share = " ".join(f"{severity} {count / len(rows):.2%}" for severity, count in by_severity.items())
        print(f"{path.name}: {len(hits)} of {len(rows)} replies flagged ({len(hits) / len(rows):.2%}); {share}")
        for rule, count in by_rule.most_common():
            print(f"  {count:6d} {count / len(rows):7.3%} {rule}")
        for row, findings in random.Random(seed).sample(hits, min(sample, len(hits))):
            said = " / ".join(turn["text"] for turn in row["history"])
            marks = "; ".join(f"{finding.rule}「{finding.text}」" for finding in findings)
            print(f"  {row['id']} {said[-60:]} => {row['reply'][:160]}  {marks}")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--catalogue", type=Path, help="YAML file")
    parser.add_argument("--devset", type=Path, help="directory")
    parser.add_argument("--chatlogs", type=Path, help="directory")
    parser.add_argument("--half", choices=("odd", "even", "all"), default="odd", help="ids of the devset to use")
    parser.add_argument(
        "--files", default="single_core.jsonl,dialogues.jsonl", help="files of the devset, comma-separated"
    )
    parser.add_argument("--pack", action="append", default=[], help="only this pack (repeatable)")
    parser.add_argument("--sample", type=int, default=0, help="flagged real replies to print per file")
    parser.add_argument("--rules", help="judge with the packs of this directory instead of the bundled ones")
    parser.add_argument("--evasion", action="store_true", help="with --catalogue: recall under mechanical disguises")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print misses and false alarms")
    options = parser.parse_args(argv)
    linter = Linter(packs=[options.rules] if options.rules else None)
    tested = [pack.id for pack in linter.ruleset.packs]
    packs = options.pack or tested
    if options.catalogue:
        for pack in packs:
            cases = catalogue_cases(options.catalogue, [pack])
            print(f"catalogue {pack:10s} {score(linter, cases, [pack], options.show)}")
        if options.evasion:
            evasion(linter, [case for case in catalogue_cases(options.catalogue, packs) if case.packs], options.show)
    if options.devset:
        for name in options.files.split(","):
            cases = devset_cases(options.devset, options.half, [name])
            print(f"{name} ({options.half}) {score(linter, cases, packs, options.show)}")
    if options.chatlogs:
        false_alarms(linter, options.chatlogs, options.sample, options.seed, options.pack)
    return 0


if __name__ == "__main__":
    sys.exit(main())
