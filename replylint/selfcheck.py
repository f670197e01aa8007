"""Rules proved by their own examples.

For every rule: bad examples are flagged exactly at their marks, good ones are weighed and dropped for the reason they
state, every match,
exception and clearing phrase is needed by some example, rewrites come out clean, and the mechanical disguises change
nothing. For every pack: what it defines is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
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
    for pack in linter.ruleset.packs:
        whole = not identities or pack.id in identities
        for rule in pack.rules:
            if whole or rule.id in identities:
                yield from check_rule(linter, rule)
        if whole:
            yield from check_pack(pack)


def check_pack(pack: Pack) -> Iterator[Complaint]:
    """What a pack defines and no rule uses."""
    for problem in pack.unused:
        yield Complaint(str(problem.mark), pack.id, problem.message)


def check_rule(linter: Linter, rule: Rule) -> Iterator[Complaint]:
    """Every broken promise of one rule."""
    complaints = [*_examples(linter, rule), *_rewrites(linter, rule), *_disguises(linter, rule)]
    yield from complaints
    if not complaints:
        yield from _load_bearing(linter.ruleset, rule)


def check_example(linter: Linter, example: Example, *, rewrite: bool = False) -> Report:
    """What the linter says to an example in its context, at its moment."""
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
    return tuple((f.start, f.end) for f in check_example(linter, example).findings if f.rule == rule.id)


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
    report = check_example(linter, example)
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
        report = check_example(linter, example, rewrite=True)
        serious = any(finding.severity != "info" for finding in report.findings)
        if serious and report.rewrite is None:
            yield Complaint(example.place, rule.id, f"no clean rewrite for {example.reply!r}")
        if example.fixed is not None and report.rewrite != example.fixed:
            yield Complaint(
                example.place, rule.id, f"rewrites to {report.rewrite!r}, the example says {example.fixed!r}"
            )


def _disguises(linter: Linter, rule: Rule) -> Iterator[Complaint]:
    """Full width, invisible characters and capitals change nothing, but where a rule is about the very signs typed."""
    as_typed = {match.source for match in rule.matches if match.as_typed}
    for example in rule.bad:
        if as_typed and any(verdict.pattern in as_typed for verdict in _verdicts(linter, example)):
            continue
        for name, disguised in _disguised(example.reply):
            report = check_example(linter, example._replace(reply=disguised))
            if not any(finding.rule.split("/")[0] == rule.pack for finding in report.findings):
                yield Complaint(example.place, rule.id, f"{name} hides it: {disguised!r}")


def _disguised(reply: str) -> Iterator[tuple[str, str]]:
    yield "full width", "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in reply)
    yield "a zero-width space between all characters", "\u200b".join(reply)
    yield "capitals", reply.upper() if len(reply.upper()) == len(reply) else reply


def _load_bearing(ruleset: Ruleset, rule: Rule) -> Iterator[Complaint]:
    """Take a part away: some example must break, or the part does nothing."""
    fewer = [
        (lesser._replace(id=f"{rule.pack}{number}/{rule.id.split('/', 1)[1]}"), message)
        for number, (lesser, message) in enumerate(_lesser(rule))
    ]
    linter = _each_alone(ruleset, (rule, *(lesser for lesser, _ in fewer)))
    needed = _needed_matches(linter, rule)
    for match in rule.matches:
        if match.source not in needed:
            yield Complaint(rule.place, rule.id, f"no bad example needs the match {match.source!r}")
    broken = _broken(linter, rule, {lesser.id for lesser, _ in fewer})
    for lesser, message in fewer:
        if lesser.id not in broken:
            yield Complaint(rule.place, rule.id, message)


def _lesser(rule: Rule) -> Iterator[tuple[Rule, str]]:
    """The rule with each of its reservations taken away, and what to say if no example minds."""
    for number, match in enumerate(rule.matches):
        for feature in _added_features(match):
            without = match._replace(unless=tuple(name for name in match.unless if name != feature))
            matches = (*rule.matches[:number], without, *rule.matches[number + 1 :])
            yield rule._replace(matches=matches), f"no good example needs {feature!r} at {match.source!r}"
    for number, frame in enumerate(rule.clear):
        clear = rule.clear[:number] + rule.clear[number + 1 :]
        yield rule._replace(clear=clear), f"no good example needs the clearing phrase {frame.source!r}"
    if rule.exempt is not None:
        yield rule._replace(exempt=None), "no good example needs its exceptions"


def _each_alone(ruleset: Ruleset, rules: Sequence[Rule]) -> Linter:
    """A linter of rules that know nothing of each other, each being a pack: reading the examples once does for all."""
    packs = tuple(Pack(rule.pack, {}, (rule,), "") for rule in rules)
    return Linter(ruleset=ruleset._replace(packs=packs), shop=Profile())


def _needed_matches(linter: Linter, rule: Rule) -> set[str]:
    """The matches that alone raise some bad example of the rule."""
    needed = set()
    for example in rule.bad:
        verdicts = [verdict for verdict in _verdicts(linter, example) if verdict.rule == rule.id]
        raising = {verdict.pattern for verdict in verdicts if verdict.reason in (None, "yielded")}
        if len(raising) == 1:
            needed |= raising
    return needed


def _broken(linter: Linter, rule: Rule, lesser: Set[str]) -> set[str]:
    """Those of the lesser rules for which some example of the rule no longer holds."""
    broken: set[str] = set()
    for example in rule.bad:
        broken |= lesser - _found(linter, example)
    for example in rule.good:
        broken |= lesser & _found(linter, example)
    return broken


def _found(linter: Linter, example: Example) -> set[str]:
    return {finding.rule for finding in check_example(linter, example).findings}


def _verdicts(linter: Linter, example: Example) -> tuple[Verdict, ...]:
    return linter.explain(example.reply, example.turns, example.meta, moment=_moment(example))


def _added_features(match: Match) -> tuple[str, ...]:
    from replylint.clause import USUAL_FEATURES

    return tuple(feature for feature in match.unless if feature not in USUAL_FEATURES)
