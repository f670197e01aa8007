"""The bundled rules: none got lost, each says where it comes from, and none of their patterns can run away.

That they keep what their examples promise is proved by `replylint rules test`, which `make test` runs after these
tests.
"""

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from replylint.linter import Linter, load_rules
from replylint.rule import Rule

RULES = load_rules().rules
PACKS = {
    "invoice": 6, "payment": 6, "contact": 5, "privacy": 5, "fit": 5, "safety": 4, "review": 8, "adlaw": 6,
    "promise": 9, "returns": 8, "price": 4, "attitude": 10, "template": 7, "dispute": 6, "integrity": 7, "etiquette": 8,
}  # fmt: skip


def test_no_rule_got_lost() -> None:
    assert Counter(rule.pack for rule in RULES) == PACKS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_why_and_where_from(rule: Rule) -> None:
    for texts in (rule.title, rule.message, rule.why):
        assert set(texts) == {"zh", "en"}
    assert rule.sources
    assert all(source.cite and source.status in ("read", "secondary", "unverified") for source in rule.sources)
    assert any(example.turns for example in rule.bad), "a dialogue that breaks it"
    assert any(example.turns for example in rule.good), "a dialogue that does not"


def test_the_page_of_the_rules_is_what_the_packs_say() -> None:
    script = Path(__file__).parent.parent / "scripts" / "make_rules_readme.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_word_of_a_rule_makes_a_text_slow(linter: Linter) -> None:
    """Texts made of a match's own words without end: almost a hit, over and over."""
    slow = []
    for rule in RULES:
        for match in rule.matches:
            words = sorted(word for need in (match.act.needs if match.act else ()) for word in sorted(need)[:2])
            text = ("".join(words) * 400)[:2000]
            begin = time.process_time()
            linter.check(text, rewrite=False)
            seconds = time.process_time() - begin
            if seconds > 0.5:
                slow.append(f"{rule.id}: {match.source[:80]!r} took {seconds:.2f} s on {text[:12]!r}…")
    assert slow == []
