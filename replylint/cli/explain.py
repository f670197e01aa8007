"""`replylint explain`: what a rule wants and why, or why a reply is or is not flagged."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from replylint.cli.check import context_of
from replylint.cli.console import CommandError, Console, writing_to
from replylint.cli.inputs import Context
from replylint.cli.options import build_linter, find_rule
from replylint.linter import Linter
from replylint.messages import TEXTS
from replylint.model import Finding, Verdict
from replylint.render.text import marked, painted, quoted
from replylint.render.width import clip, pad, visible, width, wrap
from replylint.rule import Example, Rule, Source

_LINE = 92
_LONGEST_SHOWN = 400


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command; returns its exit status."""
    if (args.RULE is None) == (args.reply is None):
        raise CommandError(console.say("usage.explain" if args.RULE is None else "usage.explain.both"))
    args.input = None
    linter = build_linter(args, console, examples=args.RULE is not None)
    with writing_to(console, args.output) as target:
        if args.reply is None:
            lines = explain_rule(linter, find_rule(linter, args.RULE, console), target)
        else:
            lines = explain_reply(linter, args.reply, context_of(args, console), target)
        for line in lines:
            target.write(f"{line}\n")
    return 0


def explain_rule(linter: Linter, rule: Rule, console: Console) -> Iterator[str]:
    """A rule in words, with its examples as the linter judges them now."""
    language = console.language
    yield f"{painted(rule.id, rule.severity, console.colour)}  {rule.title.get(language, '')}"
    yield ""
    facts = [("rule.wants", rule.message.get(language, ""))]
    if rule.why.get(language):
        facts.append(("rule.why", rule.why[language]))
    facts += [("rule.sources", _source(source, console)) for source in rule.sources]
    facts.append(("rule.weight", _weight(rule, console)))
    facts += _conditions(rule, console)
    yield from _facts(facts, console)
    for key, examples in (("rule.bad", rule.bad), ("rule.good", rule.good)):
        if examples:
            yield ""
            yield painted(console.say(key), "faint", console.colour)
            for example in examples:
                yield ""
                yield from _example(linter, rule, example, console)


def _facts(facts: Sequence[tuple[str, str]], console: Console) -> Iterator[str]:
    column = max(width(console.say(key)) for key, _ in facts) + 2
    before = ""
    for key, text in facts:
        label = console.say(key) if key != before else ""
        before = key
        shown = wrap(visible(text), _LINE - column, " " * (column + 2))
        yield f"  {painted(pad(label, column), 'faint', console.colour)}{shown}"


def _weight(rule: Rule, console: Console) -> str:
    return console.say(
        "rule.weight.text",
        severity=console.say(f"severity.{rule.severity}"),
        points=rule.points,
        confidence=console.say(f"confidence.{rule.confidence}"),
    )


def _conditions(rule: Rule, console: Console) -> Iterator[tuple[str, str]]:
    """Where the rule weighs differently or does not hold."""
    for platform, override in sorted(rule.platforms.items()):
        parts = []
        if override.severity:
            off = override.severity == "off"
            parts.append(console.say("rule.platform.off" if off else f"severity.{override.severity}"))
        if override.points is not None:
            parts.append(str(override.points))
        yield "rule.platforms", f"{platform}: {console.say('comma').join(parts)}"
    if rule.profile_off:
        yield "rule.profile", console.say("rule.profile.text", fact=rule.profile_off)
    if rule.since or rule.until:
        yield "rule.dates", console.say("rule.dates.text", since=rule.since or "…", until=rule.until or "…")
    if rule.aliases:
        yield "rule.aliases", console.say("comma").join(rule.aliases)


def _source(source: Source, console: Console) -> str:
    status = console.say(f"source.{source.status}", date=source.checked)
    return "  ".join(part for part in (f"{source.cite} ({status})", source.url) if part)


def _example(linter: Linter, rule: Rule, example: Example, console: Console) -> Iterator[str]:
    for role, text, *_ in example.turns:
        yield painted(f"    {console.say(f'role.{role}')}: {visible(text)}", "faint", console.colour)
    report = linter.check(example.reply, example.turns, example.meta)
    found = [finding for finding in report.findings if finding.rule == rule.id]
    speaker = f"    {console.say('role.agent')}: " if example.turns else "    "
    if not found:
        reason = f"  ← {_reason(example.because, console)}" if example.because not in ("", "no-act") else ""
        yield f"{speaker}{visible(example.reply)}{painted(reason, 'faint', console.colour)}"
        return
    first, *others = marked(example.reply, found, console.colour)
    yield speaker + first
    for line in others:
        yield " " * width(speaker) + line
    if report.rewrite is not None:
        yield f"    {painted(f'→ {visible(report.rewrite)}', 'good', console.colour)}"


def explain_reply(linter: Linter, reply: str, context: Context, console: Console) -> Iterator[str]:
    """Every candidate of a reply with what became of it, then the verdict."""
    for turn in context.history:
        yield painted(f"{console.say('role.buyer')}: {visible(turn.text)}", "faint", console.colour)
    report = linter.check(reply, context.history, context.meta)
    verdicts = linter.explain(reply, context.history, context.meta)
    flagged = {(finding.rule, finding.start, finding.end): finding for finding in report.findings}
    yield f"{console.say('role.agent')}: {visible(reply[:_LONGEST_SHOWN])}{'…' if len(reply) > _LONGEST_SHOWN else ''}"
    yield ""
    if not verdicts:
        yield console.say("explain.nothing")
    ordered = sorted(
        verdicts, key=lambda verdict: (verdict.reason is not None, verdict.start, verdict.end, verdict.rule)
    )
    for verdict in ordered:
        yield from _verdict(verdict, flagged.get((verdict.rule, verdict.start, verdict.end)), reply, console)
    yield painted(
        console.say(f"explain.{report.action}"), "good" if report.action == "allow" else "warning", console.colour
    )
    if report.rewrite is not None:
        yield f"{console.say('label.rewrite')}: {painted(visible(report.rewrite), 'good', console.colour)}"


def _verdict(verdict: Verdict, finding: Finding | None, reply: str, console: Console) -> Iterator[str]:
    fate = "explain.flagged" if finding is not None else "explain.dropped"
    severity = finding.severity if finding is not None else "info"
    yield f"{painted(console.say(fate), severity if finding else 'good', console.colour)}  {verdict.rule}"
    place = Finding(verdict.rule, severity, "high", 0, verdict.start, verdict.end, verdict.text, "")
    yield from quoted(reply, place, "    ", console.colour)
    if finding is not None:
        yield f"    {finding.message}"
    else:
        yield f"    {_reason(verdict.reason or 'policy', console)}"
    pattern = clip(visible(verdict.pattern), _LINE)
    yield "    " + painted(console.say("explain.by", pattern=pattern), "faint", console.colour)
    yield ""


def _reason(reason: str, console: Console) -> str:
    key = f"reason.{reason}"
    return console.say(key) if key in TEXTS else console.say("reason.other", reason=reason)
