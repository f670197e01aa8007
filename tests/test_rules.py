"""The bundled rules: none got lost, each says where it comes from, and none of their patterns can run away.

That they keep what their examples promise is proved by `replylint rules test`, which `make test` runs after these
tests.
"""

import gc
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from replylint.linter import Linter, load_rules
from replylint.rule import Rule

PACKS = {
    "invoice": 6, "payment": 6, "contact": 5, "privacy": 5, "fit": 5, "safety": 4, "review": 8, "adlaw": 6,
    "promise": 9, "returns": 8, "price": 4, "attitude": 10, "template": 7, "dispute": 6, "integrity": 7, "etiquette": 8,
}  # fmt: skip


@pytest.fixture(scope="module")
def rules() -> tuple[Rule, ...]:
    """The bundled rules with their examples."""
    return load_rules().rules


def test_no_rule_got_lost(rules: tuple[Rule, ...]) -> None:
    assert Counter(rule.pack for rule in rules) == PACKS


def test_every_rule_says_what_why_and_where_from(rules: tuple[Rule, ...]) -> None:
    missing = [(rule.id, what) for rule in rules for what in _missing(rule)]
    assert missing == []


def _missing(rule: Rule) -> Iterator[str]:
    for texts in (rule.title, rule.message, rule.why):
        if set(texts) != {"zh", "en"}:
            yield "a text in Chinese and in English"
    if not rule.sources:
        yield "a source"
    if not all(source.cite and source.status in ("read", "secondary", "unverified") for source in rule.sources):
        yield "what a source is called, and how well it is known"
    if not any(example.turns for example in rule.bad):
        yield "a dialogue that breaks it"
    if not any(example.turns for example in rule.good):
        yield "a dialogue that does not"


def test_the_page_of_the_rules_is_what_the_packs_say() -> None:
    script = Path(__file__).parent.parent / "scripts" / "make_rules_readme.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, timeout=170, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def no_collector() -> Iterator[None]:
    """The garbage collector stands still, as in the benchmarks."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_no_word_of_a_rule_makes_a_text_slow(linter: Linter, rules: tuple[Rule, ...]) -> None:
    """Texts made of a match's own words without end: almost a hit, over and over."""
    # What a linter makes only once is no text's fault.
    linter.check("加微*信")
    slow = []
    for rule in rules:
        for match in rule.matches:
            words = sorted(word for way in match.ways.act[:4] for need in way for word in sorted(need.words)[:2])
            text = ("".join(words) * 400)[:2000]
            begin = time.process_time()
            linter.check(text, rewrite=False)
            seconds = time.process_time() - begin
            if seconds > 0.5:
                slow.append(f"{rule.id}: {match.source[:80]!r} took {seconds:.2f} s on {text[:12]!r}…")
    assert slow == []
