"""From reports to what is done with a message: let it pass, hold it back with a reason, or send it said better."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from replylint.messages import say
from replylint.model import Report, Turn
from replylint.serve.dialects.shape import Why
from replylint.serve.hosts import Deed, Host
from replylint.serve.memory import seen_by

_LONGEST_SENTENCE = 600


class Outcome(NamedTuple):
    """What is done. `texts` are what is delivered then: as they were, said better, or none."""

    deed: Deed
    texts: tuple[str, ...] = ()


def decide(texts: Sequence[str], reports: Sequence[Report], host: Host, *, can_rewrite: bool = True) -> Outcome:
    """What is done with a message of these texts, judged by these reports, as the host is set up."""
    hardest = worst(reports)
    wanted = {"block": host.on_block, "warn": host.on_warn, "allow": "allow"}[hardest]
    if wanted == "rewrite":
        new = _rewritten(texts, reports, host) if can_rewrite else None
        if new is not None:
            return Outcome("rewrite", new)
        wanted = "reject" if hardest == "block" else "allow"
    return Outcome("reject") if wanted == "reject" else Outcome("allow", tuple(texts))


def worst(reports: Iterable[Report]) -> str:
    """The hardest action of several reports."""
    actions = {report.action for report in reports}
    return next((action for action in ("block", "warn") if action in actions), "allow")


def why(reports: Sequence[Report], language: str) -> Why:
    """What the agent is told of a message held back, shortened to what a chat client shows."""
    findings = [finding for report in reports for finding in report.findings if finding.severity != "info"]
    messages = dict.fromkeys(finding.message for finding in findings)
    sentence = say(language, "serve.held", why=" ".join(messages))
    better = reports[0].rewrite if len(reports) == 1 else None
    if better is not None:
        sentence += say(language, "serve.instead", rewrite=better)
    if len(sentence) > _LONGEST_SENTENCE:
        sentence = f"{sentence[: _LONGEST_SENTENCE - 1]}…"
    return Why(sentence, tuple(finding.to_dict() for finding in findings), better)


def before(sender: str, host: Host, turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Remembered turns with roles: by the accounts of the agents where they are known, else by who writes now."""
    if not host.agents:
        return seen_by(sender, turns)
    return tuple(turn._replace(role="agent" if host.is_agent(turn.sender or "") else "buyer") for turn in turns)


def _rewritten(texts: Sequence[str], reports: Sequence[Report], host: Host) -> tuple[str, ...] | None:
    """The texts with those at fault replaced, or None when one has to go and nothing can take its place."""
    new = []
    for text, report in zip(texts, reports, strict=True):
        if report.rewrite is not None and report.action != "allow":
            new.append(report.rewrite)
        elif report.action == "block" or (report.action == "warn" and host.on_warn == "reject"):
            return None
        else:
            new.append(text)
    return tuple(new)
