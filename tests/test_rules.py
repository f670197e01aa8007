"""The bundled rules, proved by their own examples, and none of their patterns can run away."""

import re
import time
from collections.abc import Iterator

import pytest

from replylint.frame import Pattern
from replylint.linter import Linter, load_rules
from replylint.rule import Rule
from replylint.selfcheck import check_rule

RULES = load_rules().rules
CORE = ("invoice", "payment", "contact", "privacy", "fit")
IDS = {
    "invoice": ("refusal", "surcharge", "conditional", "waive-for-discount", "false-content", "missing-affirmation"),
    "payment": (
        "off-platform-transfer",
        "offline-refund",
        "credit-card-refusal",
        "credit-card-surcharge",
        "instalment-guarantee",
        "card-missing-affirmation",
    ),
    "contact": ("im-account", "phone-exchange", "group-or-official-account", "other-shop", "implicit-hint"),
    "privacy": (
        "recite-order-info",
        "non-buyer-account",
        "third-party-info",
        "sensitive-collection",
        "unmasked-pii",
    ),
    "fit": ("size-certain", "size-blame", "missing-reference", "colour-denial", "colour-refuse-liability"),
}


@pytest.fixture(scope="module")
def whole() -> Linter:
    """The linter over all packs with their examples, as `rules test` builds it."""
    return Linter(ruleset=load_rules())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_keeps_every_promise(whole: Linter, rule: Rule) -> None:
    assert [str(complaint) for complaint in check_rule(whole, rule)] == []


def test_the_five_core_packs_are_complete() -> None:
    assert {rule.id for rule in RULES} == {f"{pack}/{name}" for pack, names in IDS.items() for name in names}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_why_and_where_from(rule: Rule) -> None:
    for texts in (rule.title, rule.message, rule.why):
        assert set(texts) == {"zh", "en"}
    assert rule.sources
    assert all(source.cite and source.status in ("read", "secondary", "unverified") for source in rule.sources)
    assert any(example.turns for example in rule.bad), "a dialogue that breaks it"
    assert any(example.turns for example in rule.good), "a dialogue that does not"


def _patterns() -> Iterator[tuple[str, Pattern]]:
    ruleset = load_rules()
    for rule in ruleset.rules:
        for match in rule.matches:
            for pattern in (
                match.say,
                match.search,
                match.about,
                match.said,
                *match.must,
                *match.heard,
                *match.without,
            ):
                if pattern is not None:
                    yield rule.id, pattern
        yield from ((rule.id, pattern) for pattern in rule.clear)
    yield from ((ask.request, ask.pattern) for ask in ruleset.asks)


def _pumps(pattern: Pattern) -> Iterator[str]:
    """Texts made to be almost a match, over and over: the pattern's own words without end."""
    words = sorted(pattern.anchor)[:2] + sorted(set(pattern.needs.literals()))[:3]
    for word in words:
        yield word * (600 // len(word))
    yield "".join(words) * (600 // max(1, len("".join(words))))
    yield "一" * 600
    yield "的" * 600


def test_no_pattern_runs_away() -> None:
    slow = []
    for owner, pattern in _patterns():
        compiled = re.compile(pattern.regex)
        for text in _pumps(pattern):
            begin = time.perf_counter()
            compiled.search(text)
            seconds = time.perf_counter() - begin
            if seconds > 0.5:
                slow.append(f"{owner}: {pattern.source[:80]!r} took {seconds:.2f} s on {text[:12]!r}…")
    assert slow == []
