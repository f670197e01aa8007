"""One conversation judged: its findings with all that a supervisor asks about them, weighed and fit to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from replylint.audit.privacy import Fingerprints, Masked, Masker, buyers_of
from replylint.audit.scorecard import Card, Score, score
from replylint.engine import LOOK_BACK
from replylint.linter import Linter
from replylint.model import Conversation, Finding, Report, Turn

SHOWN_REPLY = 1200
"""Code points of a reply that are shown: a pasted megabyte is cut around the words at fault."""

_SHOWN_QUESTION = 200


class Hit(NamedTuple):
    """A finding of a conversation. `turn` is an index into its turns; `rewrite` is the whole reply said right.

    The finding's offsets are those of the reply as it was written. What is shown is masked: its text, `buyer` (what the
    buyer had said last) and `reply`, cut around the words if it is long, in which they stand at `mark`.
    """

    finding: Finding
    log: str
    conversation: str
    turn: int
    agent: str
    at: str | None
    platform: str
    shop: str
    rewrite: str | None
    buyer: str | None
    reply: str
    mark: tuple[int, int]
    fingerprint: str

    def to_dict(self) -> dict[str, Any]:
        """A line of findings.jsonl; what is unknown is null."""
        return {
            **self.finding.to_dict(),
            "rewrite": self.rewrite,
            "conversation": self.conversation,
            "turn": self.turn,
            "agent": self.agent or None,
            "at": self.at,
            "platform": self.platform or None,
            "shop": self.shop or None,
            "log": self.log,
            "buyer": self.buyer,
            "reply": self.reply,
            "mark": list(self.mark),
            "fingerprint": self.fingerprint,
        }


class Cut(NamedTuple):
    """A part of a text, between ellipses where something was left out."""

    text: str
    first: int
    last: int

    def at(self, offset: int) -> int:
        """Where an offset of the whole text is in the part, at its edge if it was left out."""
        return min(max(offset, self.first), self.last) - self.first + (1 if self.first else 0)


def shortened(text: str, start: int, most: int) -> Cut:
    """The text, or its part around `start`."""
    if len(text) <= most:
        return Cut(text, 0, len(text))
    first = max(0, start - most // 3)
    last = min(len(text), first + most)
    return Cut(("…" if first else "") + text[first:last] + ("…" if last < len(text) else ""), first, last)


class Reply(NamedTuple):
    """A judged reply. `turn` is an index into the conversation's turns."""

    turn: int
    agent: str
    action: str
    hits: tuple[Hit, ...]


class Chat(NamedTuple):
    """A judged conversation. `appealed` counts findings by rule that reviewers rejected or upheld."""

    log: str
    talk: Conversation
    id: str
    replies: tuple[Reply, ...]
    score: Score
    agents: Mapping[str, Score]
    appealed: Mapping[str, Mapping[str, int]]


class Review(NamedTuple):
    """What is already known about findings, by their fingerprints.

    rejected: reviewers found them wrong; they are left out, and count against their rule's precision
    upheld: reviewers confirmed them
    old: they are in the baseline and left out
    """

    rejected: frozenset[str] = frozenset()
    upheld: frozenset[str] = frozenset()
    old: frozenset[str] = frozenset()


class Auditor(NamedTuple):
    """Everything that decides what comes out of a conversation; can be sent to another process."""

    linter: Linter
    masker: Masker
    card: Card = Card()
    review: Review = Review()

    def judge(self, talk: Conversation, log: str = "") -> Chat:
        """One conversation judged; an unknown agent is the empty text, a bot without a name `bot`."""
        buyers = buyers_of(talk)
        name = self.masker.pseudonym(talk.id) if talk.id in buyers else talk.id
        appealed: dict[str, dict[str, int]] = {}
        replies = []
        for report in self.linter.check_conversation(talk):
            turn = report.turn or 0
            agent = agent_of(talk.turns[turn], talk)
            hits = self._hits(log, talk, name, turn, agent, buyers, report, appealed) if report.findings else ()
            replies.append(Reply(turn, agent, _action(report, hits), hits))
        weighed = [(hit.agent, hit.finding.rule, hit.finding.points) for reply in replies for hit in reply.hits]
        total, agents = score(self.card, weighed)
        return Chat(log, talk, name, tuple(replies), total, agents, appealed)

    def _hits(
        self,
        log: str,
        talk: Conversation,
        name: str,
        turn: int,
        agent: str,
        buyers: frozenset[str],
        report: Report,
        appealed: dict[str, dict[str, int]],
    ) -> tuple[Hit, ...]:
        reply = talk.turns[turn].text
        shown = self.masker.text(reply, buyers)
        known = Fingerprints.of(reply)
        rewrite = self._shown(report.rewrite, buyers)
        asked = self._asked(talk, turn, buyers)
        hits = []
        for finding in report.findings:
            mark = known.mark(finding.rule, finding.text)
            verdict = "rejected" if mark in self.review.rejected else "upheld" if mark in self.review.upheld else ""
            if verdict:
                counts = appealed.setdefault(finding.rule, {})
                counts[verdict] = counts.get(verdict, 0) + 1
            if verdict == "rejected" or mark in self.review.old:
                continue
            start, end = shown.span(finding.start, finding.end)
            cut = shortened(shown.text, start, SHOWN_REPLY)
            hits.append(
                Hit(
                    self._masked(finding, shown, buyers), log, name, turn, agent, talk.turns[turn].at,
                    talk.meta.platform, talk.meta.shop, rewrite, asked, cut.text, (cut.at(start), cut.at(end)), mark,
                )
            )  # fmt: skip
        return tuple(hits)

    def _asked(self, talk: Conversation, turn: int, buyers: frozenset[str]) -> str | None:
        """What the buyer had said last before a turn."""
        before = range(turn - 1, max(-1, turn - 1 - LOOK_BACK), -1)
        said = next((talk.turns[index].text for index in before if talk.turns[index].role == "buyer"), None)
        return None if said is None else shortened(self.masker.text(said, buyers).text, 0, _SHOWN_QUESTION).text

    def _masked(self, finding: Finding, shown: Masked, buyers: frozenset[str]) -> Finding:
        start, end = shown.span(finding.start, finding.end)
        return finding._replace(
            points=self.card.weight(finding.rule, finding.points),
            text=shown.text[start:end],
            message=self.masker.text(finding.message, buyers).text,
            suggestion=self._shown(finding.suggestion, buyers),
        )

    def _shown(self, text: str | None, buyers: frozenset[str]) -> str | None:
        return None if text is None else self.masker.text(text, buyers).text


def _action(report: Report, hits: Sequence[Hit]) -> str:
    """What the reply calls for, now that some of its findings may be known to be wrong or old."""
    if len(hits) == len(report.findings):
        return report.action
    usual = {"error": "block", "warning": "warn", "info": "allow"}
    called = {usual[hit.finding.severity] for hit in hits}
    return next((action for action in ("block", "warn") if action in called), "allow")


def agent_of(turn: Turn, talk: Conversation) -> str:
    """Who said a turn: its sender, else the chat's agent."""
    return turn.sender or ("bot" if turn.role == "bot" else talk.meta.agent)


def turns_around(marked: Sequence[int], count: int, before: int, after: int) -> list[tuple[int, int]]:
    """The ranges of turns around the marked ones, those that touch joined."""
    ranges: list[tuple[int, int]] = []
    for turn in marked:
        start, end = max(0, turn - before), min(count, turn + after + 1)
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        else:
            ranges.append((start, end))
    return ranges
