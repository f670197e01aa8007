"""Writes rules/README.md from the packs: what every rule flags and why, what it leaves alone, what to say instead.

python scripts/make_rules_readme.py           writes the page
python scripts/make_rules_readme.py --check   fails if the page is not what the packs say
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from replylint.linter import bundled_rules, load_rules
from replylint.messages import TEXTS
from replylint.rule import Example, Pack, Rule, Source

PAGE = bundled_rules() / "README.md"
SHOWN = 4
"""Examples of each side that are shown; the packs have the others."""


def page() -> str:
    """The whole page."""
    ruleset = load_rules()
    packs = ruleset.packs
    rules = sum(len(pack.rules) for pack in packs)
    lines = [
        "# The rules",
        "",
        f"{rules} rules in {len(packs)} packs, read from the YAML files beside this page. It is made by",
        "`python scripts/make_rules_readme.py`; change the packs, not the page.",
        "",
        "| pack | rules | about |",
        "|---|---|---|",
        *(
            f"| [{pack.id}](#{pack.id}) | {len(pack.rules)} | {pack.title['zh']} · {pack.title['en']} |"
            for pack in packs
        ),
        "",
    ]
    for pack in packs:
        lines += _pack(pack, ruleset.slots)
    return "\n".join(lines).rstrip() + "\n"


def _pack(pack: Pack, slots: Mapping[str, str]) -> Iterator[str]:
    yield from (f"## {pack.id}", "", f"{pack.title['zh']} · {pack.title['en']}", "")
    for rule in pack.rules:
        yield from _rule(rule, slots)


def _rule(rule: Rule, slots: Mapping[str, str]) -> Iterator[str]:
    yield from (f"### {rule.id}", "", f"**{rule.title['zh']}** · {rule.title['en']}", "")
    yield f"{rule.message['zh']} {rule.message['en']}"
    yield ""
    yield f"- severity: {rule.severity}, points: {rule.points}, confidence: {rule.confidence}"
    for platform, override in sorted(rule.platforms.items()):
        yield f"- on {platform}: {override.severity or rule.severity}"
    if rule.why:
        yield f"- why: {rule.why['en']}"
    yield from (f"- source: {_source(source)}" for source in rule.sources)
    yield from ("", "Flagged:", "")
    yield from (f"- {_sentence(example)}" for example in _chosen(rule.bad))
    yield from ("", "Left alone:", "")
    yield from (f"- {_sentence(example)} ({_reason(example.because)})" for example in _chosen(rule.good))
    instead = next(iter((*rule.fix.clauses, *rule.fix.replies)), None)
    if instead is not None:
        for slot, words in slots.items():
            instead = instead.replace(f"{{{slot}}}", words)
        yield from ("", f"Say instead: {_plain(instead)}")
    yield ""


def _chosen(examples: tuple[Example, ...]) -> tuple[Example, ...]:
    """The first ones, with and without a buyer's turn."""
    bare = [example for example in examples if not example.turns][: SHOWN // 2]
    asked = [example for example in examples if example.turns][: SHOWN - len(bare)]
    return (*bare, *asked)


def _sentence(example: Example) -> str:
    said = "".join(f"{turn.role}: {_plain(turn.text)} / " for turn in example.turns)
    reply, at = "", 0
    for start, end in example.marks:
        reply += f"{_plain(example.reply[at:start])}**{_plain(example.reply[start:end])}**"
        at = end
    return f"{said}{reply}{_plain(example.reply[at:])}"


def _reason(because: str) -> str:
    texts = TEXTS.get(f"reason.{because}")
    return texts["en"] if texts else because


def _source(source: Source) -> str:
    checked = f", checked {source.checked}" if source.checked else ""
    link = f"[{_plain(source.cite)}]({source.url})" if source.url.startswith("http") else _plain(source.cite)
    return f"{link} ({source.status}{checked})"


def _plain(text: str) -> str:
    """Text in which nothing is Markdown."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in text).replace("\n", " ")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is out of date")
    wanted = page()
    if not parser.parse_args().check:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{PAGE} is out of date: run python {Path(__file__).name}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
