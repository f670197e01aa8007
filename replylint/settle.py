"""Deciding between findings that say the same thing twice."""

from collections.abc import Sequence
from typing import NamedTuple

from replylint.model import Finding
from replylint.rule import Match, Rule

_RANK = {"error": 0, "warning": 1, "info": 2}


class Raised(NamedTuple):
    """A finding with what is needed to decide between overlapping ones."""

    finding: Finding
    rule: Rule
    match: Match


def _precedence(item: Raised) -> tuple[bool, int, int, bool, int]:
    """The hardest first; the very words (不开发票) before the clause of an answer, and longer words before shorter."""
    finding = item.finding
    return (
        item.match.must is not None,
        _RANK[finding.severity],
        -finding.points,
        is_elliptic(item.match),
        finding.start - finding.end,
    )


def is_elliptic(match: Match) -> bool:
    """Whether the offence lies in what the buyer asked and the reply only agreed to or denied."""
    return match.act is None and not match.search


def settle(raised: Sequence[Raised]) -> tuple[tuple[Finding, ...], tuple[Raised, ...]]:
    """One finding per act.

    Of one pack's overlapping findings the hardest stays. What must be said, and a bare yes or no, yield to words that
    say it outright.
    """
    order = sorted(raised, key=_precedence)
    kept: list[Raised] = []
    yielded: list[Raised] = []
    for item in order:
        rivals = [other for other in kept if other.rule.pack == item.rule.pack]
        beaten = (
            any(other.finding.start < item.finding.end and item.finding.start < other.finding.end for other in rivals)
            or (bool(rivals) and (item.match.must is not None or is_elliptic(item.match)))
            or any(other.rule.id in item.rule.yields_to or other.rule.pack in item.rule.yields_to for other in kept)
        )
        (yielded if beaten else kept).append(item)
    findings = sorted((item.finding for item in kept), key=lambda finding: (finding.start, finding.end, finding.rule))
    return tuple(findings), tuple(yielded)
