"""Rules proved by their own examples.

For every rule: bad examples are flagged exactly at their marks, good ones are weighed and dropped for the reason they
state, every match,
exception and clearing phrase is needed by some example, rewrites come out clean, and the mechanical disguises change
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from replylint.linter import Linter
from replylint.model import Report, Verdict
from replylint.profile import Profile
from replylint.rule import Example, Match, Pack, Rule, Ruleset
from replylint.scene import Moment


class Complaint(NamedTuple):
    """What a rule promises and does not keep; `place` is path:line:column."""

    place: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}: {self.message}"


def check_rules(linter: Linter, identities: Sequence[str] = ()) -> Iterator[Complaint]:
    """Every broken promise of the chosen rules (ids or packs; all when none are named), rule by rule."""
    for rule in linter.ruleset.rules:
        if not identities or rule.id in identities or rule.pack in identities:
            yield from check_rule(linter, rule)


def check_rule(linter: Linter, rule: Rule) -> Iterator[Complaint]:
    """Every broken promise of one rule."""
    complaints = [*_examples(linter, rule), *_rewrites(linter, rule), *_disguises(linter, rule)]
    yield from complaints
    if not complaints:
        yield from _load_bearing(linter.ruleset, rule)


def _check(linter: Linter, example: Example, *, rewrite: bool = False) -> Report:
    return linter.check(example.reply, example.turns, example.meta, rewrite=rewrite, moment=_moment(example))


def _moment(example: Example) -> Moment:
    return Moment(example.at, example.opens, example.closes)


def _examples(linter: Linter, rule: Rule) -> Iterator[Complaint]:
    if not rule.bad or not rule.good:
        yield Complaint(rule.place, rule.id, "a rule needs at least one bad and one good example")
    for example in rule.bad:
        spans = _spans(linter, rule, example)
        if spans != example.marks:
            yield Complaint(example.place, rule.id, _mismatch(linter, example, spans))
    for example in rule.good:
        problem = _why_not_fine(linter, rule, example)
        if problem:
            yield Complaint(example.place, rule.id, problem)


def _spans(linter: Linter, rule: Rule, example: Example) -> tuple[tuple[int, int], ...]:
    return tuple((f.start, f.end) for f in _check(linter, example).findings if f.rule == rule.id)


def _mismatch(linter: Linter, example: Example, spans: Sequence[tuple[int, int]]) -> str:
    shown = _marked(example.reply, spans)
    wanted = _marked(example.reply, example.marks)
    if spans:
        return f"marks {shown!r}, the example says {wanted!r}"
    verdicts = _verdicts(linter, example)
    seen = "; ".join(_shown(verdict) for verdict in verdicts) or "nothing was weighed"
    return f"does not flag {wanted!r} ({seen})"


def _marked(reply: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        reply = f"{reply[:start]}[[{reply[start:end]}]]{reply[end:]}"
    return reply


def _shown(verdict: Verdict) -> str:
    return f"{verdict.rule} 「{verdict.text}」 {verdict.reason or 'finding'}"


def _why_not_fine(linter: Linter, rule: Rule, example: Example) -> str | None:
    report = _check(linter, example)
    errors = [f for f in report.findings if f.rule == rule.id or f.severity == "error"]
    if errors:
        return f"flags {example.reply!r}: {'; '.join(f'{f.rule} 「{f.text}」' for f in errors)}"
    verdicts = [v for v in _verdicts(linter, example) if v.rule == rule.id]
    if example.because == "no-act":
        return f"weighs {example.reply!r} as {_shown(verdicts[0])}, so the reason is not no-act" if verdicts else None
    if example.because in {verdict.reason for verdict in verdicts}:
        return None
    seen = "; ".join(_shown(verdict) for verdict in verdicts) or "no candidate"
    return f"{example.reply!r} is fine, but not because {example.because} (saw: {seen})"


def _rewrites(linter: Linter, rule: Rule) -> Iterator[Complaint]:
    for example in rule.bad:
        report = _check(linter, example, rewrite=True)
        serious = any(finding.severity != "info" for finding in report.findings)
        if serious and report.rewrite is None:
            yield Complaint(example.place, rule.id, f"no clean rewrite for {example.reply!r}")
        if example.fixed is not None and report.rewrite != example.fixed:
            yield Complaint(
                example.place, rule.id, f"rewrites to {report.rewrite!r}, the example says {example.fixed!r}"
            )


def _disguises(linter: Linter, rule: Rule) -> Iterator[Complaint]:
    """Full width, invisible characters and capitals change nothing for anybody."""
    for example in rule.bad:
        for name, disguised in _disguised(example.reply):
            report = _check(linter, example._replace(reply=disguised))
            if not any(finding.rule.split("/")[0] == rule.pack for finding in report.findings):
                yield Complaint(example.place, rule.id, f"{name} hides it: {disguised!r}")


def _disguised(reply: str) -> Iterator[tuple[str, str]]:
    yield "full width", "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in reply)
    yield "a zero-width space between all characters", "\u200b".join(reply)
    yield "capitals", reply.upper() if len(reply.upper()) == len(reply) else reply


def _load_bearing(ruleset: Ruleset, rule: Rule) -> Iterator[Complaint]:
    """Take a part away: some example must break, or the part does nothing."""
    needed = _needed_matches(ruleset, rule)
    for number, match in enumerate(rule.matches):
        if match.source not in needed:
            yield Complaint(rule.place, rule.id, f"no bad example needs the match {match.source!r}")
        for feature in _added_features(match):
            fewer = match._replace(unless=tuple(name for name in match.unless if name != feature))
            if not _breaks(
                ruleset, rule._replace(matches=(*rule.matches[:number], fewer, *rule.matches[number + 1 :]))
            ):
                yield Complaint(rule.place, rule.id, f"no good example needs {feature!r} at {match.source!r}")
    for number, frame in enumerate(rule.clear):
        if not _breaks(ruleset, rule._replace(clear=rule.clear[:number] + rule.clear[number + 1 :])):
            yield Complaint(rule.place, rule.id, f"no good example needs the clearing phrase {frame.source!r}")
    if rule.exempt is not None and not _breaks(ruleset, rule._replace(exempt=None)):
        yield Complaint(rule.place, rule.id, "no good example needs its exceptions")


def _needed_matches(ruleset: Ruleset, rule: Rule) -> set[str]:
    """The matches that alone raise some bad example of the rule."""
    alone = _alone(ruleset, rule)
    raising = ({v.pattern for v in _verdicts(alone, example) if v.reason in (None, "yielded")} for example in rule.bad)
    return {pattern for patterns in raising if len(patterns) == 1 for pattern in patterns}


def _verdicts(linter: Linter, example: Example) -> tuple[Verdict, ...]:
    return linter.explain(example.reply, example.turns, example.meta, moment=_moment(example))


def _alone(ruleset: Ruleset, rule: Rule) -> Linter:
    return Linter(ruleset=ruleset._replace(packs=(Pack(rule.pack, {}, (rule,), ""),)), shop=Profile())


def _added_features(match: Match) -> tuple[str, ...]:
    from replylint.clause import USUAL_FEATURES

    return tuple(feature for feature in match.unless if feature not in USUAL_FEATURES)


def _breaks(ruleset: Ruleset, rule: Rule) -> bool:
    """Whether some example of the changed rule, judged alone, no longer holds."""
    linter = _alone(ruleset, rule)
    return any(not _spans(linter, rule, example) for example in rule.bad) or any(
        _spans(linter, rule, example) for example in rule.good
    )
