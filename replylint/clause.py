"""What a clause does with the words in it: affirms, denies, quotes, warns, asks, supposes, hedges.

All words that signal this come from the packs (`cues:`); this module knows only where to look for each kind and how
far it reaches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from replylint.frame import BREAK

FEATURES = ("negated", "denied", "warned", "quoted", "reported", "question", "conditional", "hedged")
"""Reasons for which a clause lets a candidate go; a rule's `unless` lists those it accepts."""

USUAL_FEATURES = ("negated", "denied", "warned", "quoted", "reported")
"""What `unless` holds when a rule says nothing: the act is not done by whoever denies it, warns of it or quotes it."""

CUE_KINDS = (
    "negators",
    "pseudo_negators",
    "rhetorical",
    "denials",
    "denial_tails",
    "topics",
    "warnings",
    "reports",
    "questions",
    "conditions",
    "hedges",
    "soft_ends",
)
"""The cue lists a pack set must declare."""

_CLAUSE_REACH = 200
_NEGATION_REACH = 12
_REPORT_REACH = 14
_WARNING_REACH = 16
_HEDGE_REACH = 24
_QUOTE_REACH = 40
_QUOTATION = re.compile(
    "|".join(
        f"{opening}[^{opening}{closing}]{{1,{_QUOTE_REACH}}}{closing}"
        for opening, closing in ("“”", "「」", "『』", "‘’", '""')
    )
)


class Cues(NamedTuple):
    """The cue words of a pack set, one compiled pattern a kind."""

    negation: re.Pattern[str]
    soft_end: re.Pattern[str]
    denied: re.Pattern[str]
    warning: re.Pattern[str]
    report: re.Pattern[str]
    question: re.Pattern[str]
    condition: re.Pattern[str]
    hedge: re.Pattern[str]


def read_cues(words: Mapping[str, str]) -> Cues:
    """Compiles the cues; `words` holds one regular expression for each of `CUE_KINDS`."""
    soft_end = words["soft_ends"]
    # 加微信不行的, 微信转账的话,我们不支持哦: the denial is the predicate of what came before, so the clause ends
    # with it.
    denied = (
        rf"[^{BREAK}]{{0,8}}?(?:(?:{words['topics']})[{BREAK} ~]{{1,2}}[^{BREAK}]{{0,8}}?)?(?:{words['denials']})"
        rf"(?=(?:{words['denial_tails']})?(?:{soft_end}|[\W_]|\Z))"
    )
    return Cues(
        negation=re.compile(
            rf"(?P<no>{words['rhetorical']})|(?:{words['pseudo_negators']})|(?P<neg>{words['negators']})"
        ),
        soft_end=re.compile(soft_end),
        denied=re.compile(denied),
        warning=re.compile(words["warnings"]),
        report=re.compile(words["reports"]),
        question=re.compile(rf"(?:{words['questions']})(?:{soft_end})?[\W_]*\Z|\?\s*\Z"),
        condition=re.compile(words["conditions"]),
        hedge=re.compile(words["hedges"]),
    )


_HARD = re.compile(f"[{BREAK}]")
_SENTENCE = re.compile(r"[!?\n]")


def clause_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause around a span: up to the nearest breaks on both sides, the closing sign excluded."""
    return _bounds(text, start, end, _HARD)


def sentence_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a span; commas do not end it."""
    return _bounds(text, start, end, _SENTENCE)


def _bounds(text: str, start: int, end: int, sign: re.Pattern[str]) -> tuple[int, int]:
    """Nobody's clause is longer than the reach, but a hostile reply may have no break at all."""
    first = max(0, start - _CLAUSE_REACH)
    for found in sign.finditer(text, first, start):
        first = found.end()
    last = sign.search(text, end, end + _CLAUSE_REACH)
    return first, last.start() if last else min(len(text), end + _CLAUSE_REACH)


class Candidate(NamedTuple):
    """A place where a pattern met the text; `gaps` are the spans between its elements."""

    start: int
    end: int
    gaps: tuple[tuple[int, int], ...] = ()


def reason_to_drop(cues: Cues, text: str, candidate: Candidate, features: Iterable[str]) -> str | None:
    """The first of `features` that holds for the candidate in this text, or None; others than `FEATURES` are not
    ours.
    """
    return next((name for name in features if name in _TESTS and _TESTS[name](cues, text, candidate)), None)


def negations(cues: Cues, text: str) -> int:
    """How many denials stand in a piece of text; 不仅 and 能不能 are none, 怎么会 is one."""
    return sum(1 for match in cues.negation.finditer(text) if match.lastgroup)


def _negated(cues: Cues, text: str, candidate: Candidate) -> bool:
    """没有不开发票的, 不用加微信, 加不了微信: an odd number of denials over the head, or one between the elements."""
    if any(negations(cues, text[first:last]) % 2 for first, last in candidate.gaps if last > first):
        return True
    return negations(cues, text[_scope_start(cues, text, candidate.start) : candidate.start]) % 2 == 1


def _scope_start(cues: Cues, text: str, start: int) -> int:
    """How far back a denial can stand: to the clause's start, past no final particle (不急的亲加我微信)."""
    first = max(0, start - _NEGATION_REACH)
    for match in _HARD.finditer(text, first, start):
        first = match.end()
    for match in cues.soft_end.finditer(text, first, start):
        if match.end() < start or text[match.start() : start].strip():
            first = match.end()
    space = text.rfind(" ", first, start)
    # 没优惠了 加微信: a blank ends the denial's clause; 不要 加微信: unless the denial stands right before it.
    if space < 0 or any(
        found.end() == space and found.lastgroup for found in cues.negation.finditer(text, first, space)
    ):
        return first
    return space + 1


def _denied(cues: Cues, text: str, candidate: Candidate) -> bool:
    return cues.denied.match(text, candidate.end) is not None


def _warned(cues: Cues, text: str, candidate: Candidate) -> bool:
    first, last = sentence_bounds(text, candidate.start, candidate.end)
    first, last = max(first, candidate.start - _WARNING_REACH), min(last, candidate.end + _WARNING_REACH)
    return cues.warning.search(text, first, last) is not None


def _quoted(_cues: Cues, text: str, candidate: Candidate) -> bool:
    """Most of it stands in quotation marks: “要票加六个点”这话不对."""
    first, last = max(0, candidate.start - _QUOTE_REACH), candidate.end + _QUOTE_REACH
    inside = sum(
        max(0, min(found.end(), candidate.end) - max(found.start(), candidate.start))
        for found in _QUOTATION.finditer(text, first, last)
    )
    return 2 * inside > candidate.end - candidate.start


def _reported(cues: Cues, text: str, candidate: Candidate) -> bool:
    first, _ = sentence_bounds(text, candidate.start, candidate.end)
    return cues.report.search(text, max(first, candidate.start - _REPORT_REACH), candidate.start) is not None


def _question(cues: Cues, text: str, candidate: Candidate) -> bool:
    _, last = clause_bounds(text, candidate.start, candidate.end)
    asks = text[last : last + 1] == "?"
    return asks or cues.question.search(text, candidate.end - 1, last) is not None


def _conditional(cues: Cues, text: str, candidate: Candidate) -> bool:
    first, _ = clause_bounds(text, candidate.start, candidate.end)
    return cues.condition.search(text, first, candidate.start) is not None


def _hedged(cues: Cues, text: str, candidate: Candidate) -> bool:
    first = max(0, candidate.start - _HEDGE_REACH)
    return cues.hedge.search(text, first, candidate.end + _HEDGE_REACH) is not None


_TESTS: Mapping[str, Callable[[Cues, str, Candidate], bool]] = {
    "negated": _negated,
    "denied": _denied,
    "warned": _warned,
    "quoted": _quoted,
    "reported": _reported,
    "question": _question,
    "conditional": _conditional,
    "hedged": _hedged,
}
