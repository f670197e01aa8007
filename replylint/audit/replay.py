"""What the report shows of a conversation: the turns around its findings, masked, with the words marked."""

from __future__ import annotations

from typing import Any, NamedTuple

from replylint.audit.judged import SHOWN_REPLY, Auditor, Chat, Hit, shortened, turns_around
from replylint.audit.privacy import buyers_of

_BEFORE, _AFTER = 6, 2
_MOST_TURNS = 60
_MOST_MARKS = 20


class Mark(NamedTuple):
    """Words of a shown message that are at fault, with what is said about them."""

    start: int
    end: int
    rule: str
    severity: str
    points: int
    message: str
    suggestion: str | None
    fingerprint: str


class Said(NamedTuple):
    """A shown message. `skipped` is how many turns before it are not shown."""

    role: str
    name: str
    at: str
    text: str
    marks: tuple[Mark, ...]
    rewrite: str | None
    skipped: int


class Replay(NamedTuple):
    """A shown conversation, with how many of its last turns are not shown."""

    log: str
    conversation: str
    platform: str
    shop: str
    agents: tuple[str, ...]
    day: str
    points: int
    failed: bool
    left: int
    said: tuple[Said, ...]
    skipped: int

    def to_wire(self) -> dict[str, Any]:
        """The replay as JSON takes it."""
        said = [{**turn._asdict(), "marks": [mark._asdict() for mark in turn.marks]} for turn in self.said]
        return {**self._asdict(), "said": said}


def replay_of(chat: Chat, auditor: Auditor) -> Replay:
    """The replay of a conversation that has findings."""
    hits = {reply.turn: reply.hits for reply in chat.replies if reply.hits}
    names = {reply.turn: reply.agent for reply in chat.replies}
    turns = chat.talk.turns
    buyers = buyers_of(chat.talk)
    said: list[Said] = []
    shown_to = 0
    for start, end in turns_around(list(hits), len(turns), _BEFORE, _AFTER):
        for index in range(start, min(end, start + _MOST_TURNS - len(said))):
            turn = turns[index]
            name = auditor.masker.pseudonym(turn.sender or "") if turn.role == "buyer" else names.get(index, "")
            text, marks = _shown(turn.text, hits.get(index, ()), buyers, auditor)
            rewrite = hits[index][0].rewrite if index in hits else None
            if rewrite is not None:
                rewrite = shortened(rewrite, 0, SHOWN_REPLY).text
            said.append(Said(turn.role, name, turn.at or "", text, marks, rewrite, index - shown_to))
            shown_to = index + 1
        if len(said) >= _MOST_TURNS:
            break
    agents = tuple(dict.fromkeys(hit.agent for found in hits.values() for hit in found))
    meta = chat.talk.meta
    day = next((hit.at[:10] for found in hits.values() for hit in found if hit.at and len(hit.at) >= 10), "")
    return Replay(
        chat.log, chat.id, meta.platform, meta.shop, agents, day, chat.score.lost, chat.score.failed, chat.score.left,
        tuple(said), len(turns) - shown_to,
    )  # fmt: skip


def replay_from_wire(wire: dict[str, Any]) -> Replay:
    """The replay that `to_wire` wrote."""
    said = tuple(
        Said(**{**turn, "marks": tuple(Mark(**mark) for mark in turn["marks"])}) for turn in wire["said"]
    )  # fmt: skip
    return Replay(**{**wire, "said": said, "agents": tuple(wire["agents"])})


def harder(replay: Replay) -> tuple[int, int]:
    """Sorts the conversations that a supervisor should read first to the front."""
    return hardness(replay.failed, replay.points)


def hardness(failed: bool, points: int) -> tuple[int, int]:
    """The less the harder."""
    return -int(failed), -points


def _shown(text: str, hits: tuple[Hit, ...], buyers: frozenset[str], auditor: Auditor) -> tuple[str, tuple[Mark, ...]]:
    masked = auditor.masker.text(text, buyers)
    marks = []
    for hit in hits[:_MOST_MARKS]:
        finding = hit.finding
        start, end = masked.span(finding.start, finding.end)
        marks.append(
            Mark(
                start, end, finding.rule, finding.severity, finding.points, finding.message, finding.suggestion,
                hit.fingerprint,
            )
        )  # fmt: skip
    cut = shortened(masked.text, marks[0].start if marks else 0, SHOWN_REPLY)
    moved = (mark._replace(start=cut.at(mark.start), end=cut.at(mark.end)) for mark in marks)
    return cut.text, tuple(mark for mark in moved if mark.start < mark.end)
