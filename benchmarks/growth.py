"""What a check costs as packs and replies grow: 20 times the words, 10 times the rules, 100 times the characters."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.goal import Goal
from replylint.linter import Linter

BASE = "invoice"
"""The pack that is made to grow; the whole set would take minutes to compile twenty times as large."""

_SEED = 7
_SHORT, _LONG = 300, 30_000
_RARE = "一丁万丈三上下不与丑专且世丘丙业丛东丝丢两严丧个中丰串临丸丹为主丽举乃久么义之乌乍乎乏乐乒乓乔乖乘"


def goals_of_growth(
    replies: Sequence[str], median: Callable[[dict[str, Callable[[], Any]]], dict[str, float]]
) -> list[Goal]:
    """Goals 5 and 6; `median` times runs against each other."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        base = Linter([BASE])
        words = len(base.ruleset.words)
        many_words = Linter([BASE, _pack(home / "words.yaml", "words", rules=1, words=19 * words)])
        rules = len(base.ruleset.rules)
        many_rules = Linter([BASE, _pack(home / "rules.yaml", "rules", rules=9 * rules, words=20)])

    def over(linter: Linter) -> Callable[[], None]:
        def run() -> None:
            for reply in replies:
                linter.check(reply, rewrite=False)

        return run

    took = median({"base": over(base), "words": over(many_words), "rules": over(many_rules)})
    whole = Linter()
    short, long = _texts(replies, _SHORT, _LONG // _SHORT), _texts(replies, _LONG, 1)
    each = median({
        "short": lambda: [whole.check(text, rewrite=False) for text in short],
        "long": lambda: [whole.check(text, rewrite=False) for text in long],
    })  # fmt: skip
    return [
        Goal("5a", "20x the words / 1x", took["words"] / took["base"], 1.25, f"{words} and {20 * words} words"),
        Goal("5b", "10x the rules / 1x", took["rules"] / took["base"], 1.5, f"{rules} and {10 * rules} rules"),
        Goal(
            "6",
            "a character of 30,000 / one of 300",
            each["long"] / each["short"],
            1.5,
            f"{each['long'] / _LONG * 1e6:.2f} / {each['short'] / _LONG * 1e6:.2f} us",
        ),
    ]


def _texts(replies: Sequence[str], length: int, count: int) -> list[str]:
    """Real talk in one piece, cut into texts of a length."""
    talk = "，".join(replies)
    talk *= 1 + length * count // len(talk)
    return [talk[at * length : (at + 1) * length] for at in range(count)]


def _pack(path: Path, name: str, *, rules: int, words: int) -> Path:
    """A pack of made-up words that no reply holds, so that only looking for them costs."""
    chance = random.Random(_SEED)
    lines = [f"pack: {name}", "title: {zh: 大, en: Large}", "concepts:"]
    for number in range(rules):
        made = {"".join(chance.choices(_RARE, k=4)) for _ in range(words)}
        lines += [f"  {name}_{number}: [{', '.join(sorted(made))}]"]
    lines.append("rules:")
    for number in range(rules):
        lines += [
            f"  - id: {name}/r{number}",
            "    title: {zh: 大, en: Large}",
            "    severity: info",
            "    points: 0",
            "    message: {zh: 大, en: Large}",
            f'    match: ["{{{name}_{number}}} & {{{name}_{(number + 1) % rules}}}"]',
            "    bad: [{say: '[[大]]'}]",
            "    good: [{say: 小, because: no-act}]",
        ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def goal_of_memory() -> Goal:
    """Goal 8, first half: megabytes that a linter adds to the bare interpreter, before any word is tokenized."""
    bare, linter = (_resident(code) for code in ("pass", "from replylint import Linter; Linter().check('亲,有货的')"))
    return Goal("8a", "memory of the engine / 30 MB", (linter - bare) / 30, 1.0, f"{linter:.0f} - {bare:.0f} MB")


def _resident(code: str) -> float:
    """Megabytes that a process has held at most that ran some code, its caches warm. What getrusage tells of a new
    process begins with its parent's.
    """
    tell = "print(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM:')))"
    command = [sys.executable, "-c", f"{code}\n{tell}"]
    for _ in range(2):
        shown = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return int(shown) / 1024
