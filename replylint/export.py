"""Rules as word lists, for back offices that take nothing else: WeCom's intercept rules, and plain keywords.

A word list knows no context, so only wordings are exported that are at fault wherever they stand; everything else is
counted, with the reason why it has to stay behind.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from replylint.linter import Linter
from replylint.model import SEVERITIES, Finding, Severity
from replylint.render.csv import plain_cell
from replylint.rule import Rule
from replylint.selfcheck import check_example

Reason: TypeAlias = Literal["context", "shape", "long", "ambiguous"]

LONGEST_PHRASE = 12
"""A longer wording will hardly be typed again letter by letter."""

# 13800138000, abc_12345: somebody's number or account, different every time.
_SHAPE = re.compile(r"[0-9]{3}|[0-9a-z_@.-]{6}", re.IGNORECASE)
_EDGES = " ,，。!！?？;；:：、~～…\n"


class Keyword(NamedTuple):
    """Words that break a rule wherever they stand."""

    text: str
    rule: Rule
    severity: Severity


class Coverage(NamedTuple):
    """How many of a rule's wordings a word list can hold, and why the others are not in it."""

    rule: Rule
    kept: int
    left: Mapping[Reason, int]


class Export(NamedTuple):
    """What word lists can say of a pack set, and what they cannot, rule by rule."""

    keywords: tuple[Keyword, ...]
    coverage: tuple[Coverage, ...]


def phrases_of(rule: Rule) -> tuple[str, ...]:
    """The wordings a rule flags: what its bad examples mark. The rule must have been loaded with its examples."""
    marked = (example.reply[start:end] for example in rule.bad for start, end in example.marks)
    return tuple(dict.fromkeys(phrase.strip(_EDGES) for phrase in marked))


def export(linter: Linter, rules: Sequence[Rule]) -> Export:
    """The keywords of rules that were loaded with their examples. Rules the policy or the shop switch off have none."""
    harmless = "\n".join(example.reply for rule in linter.ruleset.rules for example in rule.good).lower()
    keywords: list[Keyword] = []
    coverage: list[Coverage] = []
    for rule in rules:
        if not _is_on(linter, rule):
            continue
        left: Counter[Reason] = Counter()
        kept: dict[str, Severity] = {}
        for phrase in phrases_of(rule):
            verdict = _verdict(linter, rule, phrase, harmless)
            if isinstance(verdict, Finding):
                kept[phrase] = verdict.severity
            else:
                left[verdict] += 1
        keywords += [Keyword(phrase, rule, kept[phrase]) for phrase in _shortest(kept)]
        coverage.append(Coverage(rule, len(kept), left))
    return Export(tuple(keywords), tuple(coverage))


def _is_on(linter: Linter, rule: Rule) -> bool:
    reports = (check_example(linter, proof) for proof in rule.bad)
    return any(finding.rule == rule.id for report in reports for finding in report.findings)


def _verdict(linter: Linter, rule: Rule, phrase: str, harmless: str) -> Finding | Reason:
    """What the rule finds in a wording alone, or why it cannot be a keyword."""
    if _SHAPE.search(phrase):
        return "shape"
    if len(phrase) > LONGEST_PHRASE:
        return "long"
    # By itself 可以的 breaks no rule; nor does 裸价 while nobody speaks of an invoice.
    found = [f for f in linter.check(phrase, rewrite=False).findings if f.rule == rule.id] if len(phrase) > 1 else []
    if not found:
        return "context"
    return "ambiguous" if phrase.lower() in harmless else found[0]


def _shortest(phrases: Iterable[str]) -> list[str]:
    """Without those that contain another: a list that has 不开票 does not need 我们不开票."""
    chosen: list[str] = []
    for phrase in sorted(phrases, key=len):
        if not any(other in phrase for other in chosen):
            chosen.append(phrase)
    return chosen


def keyword_table(keywords: Sequence[Keyword], language: str) -> str:
    """A CSV with the columns keyword, rule, severity and message; what it says is for whoever reviews the list."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(("keyword", "rule", "severity", "message"))
    for keyword in keywords:
        message = keyword.rule.message.get(language, "")
        writer.writerow((plain_cell(keyword.text), keyword.rule.id, keyword.severity, message))
    return table.getvalue()


class WeComLimits(NamedTuple):
    """What WeCom's interface for intercept rules takes (developer.work.weixin.qq.com/document/path/95130)."""

    rule_name: int = 20
    word: int = 32
    words: int = 300
    members: int = 1000
    rules: int = 100


WECOM = WeComLimits()
_INTERCEPT: Mapping[Severity, int] = {"error": 1, "warning": 2}
"""1: warn and do not send; 2: warn only."""


class WeComLimitError(ValueError):
    """A limit of the interface that cannot be kept; `limit` names it: nobody, members or rules."""

    def __init__(self, limit: Literal["nobody", "members", "rules"]) -> None:
        self.limit = limit
        super().__init__(limit)


def wecom_rules(
    keywords: Sequence[Keyword], titles: Mapping[str, str], users: Sequence[str], departments: Sequence[int]
) -> list[dict[str, Any]]:
    """The bodies of the calls of `externalcontact/add_intercept_rule`, one a call; severity info is left out.

    titles  what each pack is called
    users, departments  whom the rules are for; WeCom wants at least one

    Raises WeComLimitError.
    """
    if not users and not departments:
        raise WeComLimitError("nobody")
    if max(len(users), len(departments)) > WECOM.members:
        raise WeComLimitError("members")
    bodies = [
        {
            "rule_name": name,
            "word_list": words,
            "semantics_list": [],
            "intercept_type": _INTERCEPT[severity],
            "applicable_range": {"user_list": list(users), "department_list": list(departments)},
        }
        for severity in SEVERITIES
        if severity in _INTERCEPT
        for pack in titles
        for name, words in _named(titles[pack], severity, _words(keywords, pack, severity))
    ]
    if len(bodies) > WECOM.rules:
        raise WeComLimitError("rules")
    return bodies


def _words(keywords: Sequence[Keyword], pack: str, severity: Severity) -> list[str]:
    chosen = (word.text for word in keywords if word.rule.pack == pack and word.severity == severity)
    return [text for text in dict.fromkeys(chosen) if len(text) <= WECOM.word]


def _named(title: str, severity: Severity, words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The words in lists that are short enough, each with a name of its own."""
    for number, first in enumerate(range(0, len(words), WECOM.words), 1):
        ending = f" {severity} {number}"
        yield title[: WECOM.rule_name - len(ending)] + ending, list(words[first : first + WECOM.words])
