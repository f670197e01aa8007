"""What an audit adds up, conversation by conversation, and how the parts of one audit come together."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from replylint.audit.judged import Auditor, Chat, Hit, Reply
from replylint.audit.replay import Replay, harder, hardness, replay_from_wire, replay_of
from replylint.audit.tally import Tally
from replylint.audit.workload import Moment, add_workload
from replylint.model import Finding

MOST_REPLAYS = 200
"""Conversations that the report shows word by word; the workbook and findings.jsonl hold all findings."""

_MOST_WORDS = 200
NO_DAY = ""


class Sums:
    """The sums of an audit or of a part of one.

    Tables of the tally, by their keys: all, rule, pack, agent, team, shop, platform, day, log (what was found and what
    it cost), rule.agent, rule.words, rule.day, agent.rule, day.pack (who, what, when), heat (weekday and hour), action,
    appeal, and those of `workload`.
    """

    def __init__(self) -> None:
        self.tally = Tally()
        self.examples: dict[str, Hit] = {}
        self.replays: list[Replay] = []

    def add(self, chat: Chat, auditor: Auditor) -> None:
        """Counts a conversation."""
        moments = add_workload(self.tally, chat.talk)
        flagged = any(reply.hits for reply in chat.replies)
        meta = chat.talk.meta
        for table, key in (("all", ""), ("log", chat.log), ("shop", meta.shop), ("platform", meta.platform)):
            row = self.tally.row(table, key)
            row["conversations"] += 1
            row["flagged_conversations"] += flagged
            row["failed"] += chat.score.failed
            row["lost"] += chat.score.lost
            row["left"] += chat.score.left
        together: dict[tuple[str, str | None, int | None], list[Reply]] = {}
        for reply in chat.replies:
            moment = moments[reply.turn]
            together.setdefault((reply.agent, moment.day, moment.hour), []).append(reply)
        for (agent, _, _), replies in together.items():
            moment = moments[replies[0].turn]
            self._add_replies(replies, chat, self._rows(agent, chat, moment, auditor), moment.day or NO_DAY)
        self._add_people(chat, auditor)
        for rule in {hit.finding.rule for reply in chat.replies for hit in reply.hits}:
            self.tally.row("rule", rule)["conversations"] += 1
        for rule, verdicts in chat.appealed.items():
            self.tally.row("appeal", rule).update(verdicts)
            self.tally.row("rule", rule)  # A rule whose findings were all rejected is shown with its precision.
        if flagged and self._is_hard(chat.score.failed, chat.score.lost):
            self._keep(replay_of(chat, auditor))

    def _add_people(self, chat: Chat, auditor: Auditor) -> None:
        card = auditor.card
        for agent in dict.fromkeys(reply.agent for reply in chat.replies):
            score = chat.agents.get(agent)
            rows = [self.tally.row("agent", agent)]
            team = card.teams.get(agent)
            if team is not None:
                rows.append(self.tally.row("team", team))
            for row in rows:
                row["conversations"] += 1
                row["failed"] += score.failed if score else 0
                row["lost"] += score.lost if score else 0
                row["left"] += score.left if score else card.full

    def _rows(self, agent: str, chat: Chat, moment: Moment, auditor: Auditor) -> list[Counter[str]]:
        """What a reply of an agent at a moment counts for."""
        meta = chat.talk.meta
        keys = [
            ("all", ""), ("agent", agent), ("day", moment.day or NO_DAY), ("shop", meta.shop),
            ("platform", meta.platform),
        ]  # fmt: skip
        team = auditor.card.teams.get(agent)
        if team is not None:
            keys.append(("team", team))
        if moment.hour is not None and moment.weekday is not None:
            keys.append(("heat", f"{moment.weekday} {moment.hour:02}"))
        return [self.tally.row(*key) for key in keys]

    def _add_replies(self, replies: Sequence[Reply], chat: Chat, rows: Sequence[Counter[str]], day: str) -> None:
        """Counts replies of one agent at one hour."""
        flagged = sum(bool(reply.hits) for reply in replies)
        automatic = sum(chat.talk.turns[reply.turn].role == "bot" for reply in replies)
        for row in rows:
            row["replies"] += len(replies)
            if flagged:
                row["flagged"] += flagged
            if automatic:
                row["bot"] += automatic
        actions = self.tally.row("action")
        for reply in replies:
            actions[reply.action] += 1
            for hit in reply.hits:
                self._add_hit(hit, rows, day)

    def _add_hit(self, hit: Hit, rows: Iterable[Counter[str]], day: str) -> None:
        finding = hit.finding
        pack = finding.rule.split("/", 1)[0]
        for row in (*rows, self.tally.row("rule", finding.rule), self.tally.row("pack", pack)):
            row["findings"] += 1
            row["points"] += finding.points
            row[finding.severity] += 1
        self.tally.row("rule.agent", finding.rule)[hit.agent] += 1
        self.tally.row("rule.words", finding.rule)[finding.text] += 1
        self.tally.row("rule.day", finding.rule)[day] += 1
        self.tally.row("agent.rule", hit.agent)[finding.rule] += 1
        self.tally.row("day.pack", day)[pack] += 1
        self.examples.setdefault(finding.rule, hit)

    def add_problem(self, log: str) -> None:
        """Counts a place that could not be read."""
        self.tally.row("all")["problems"] += 1
        self.tally.row("log", log)["problems"] += 1

    def to_wire(self) -> dict[str, Any]:
        """The sums as JSON takes them."""
        self.tally.keep("rule.words", _MOST_WORDS)
        return {
            "tally": self.tally.to_wire(),
            "examples": {rule: [*hit.finding, *hit[1:]] for rule, hit in self.examples.items()},
            "replays": [replay.to_wire() for replay in self.replays],
        }

    def merge(self, wire: dict[str, Any]) -> None:
        """Adds the sums of the next part, in the order of the logs."""
        self.tally.merge(wire["tally"])
        self.tally.keep("rule.words", _MOST_WORDS)
        for rule, values in wire["examples"].items():
            size = len(Finding._fields)
            self.examples.setdefault(rule, Hit(Finding(*values[:size]), *values[size:]))
        for replay in wire["replays"]:
            if self._is_hard(replay["failed"], replay["points"]):
                self._keep(replay_from_wire(replay))

    def _is_hard(self, failed: bool, points: int) -> bool:
        """Whether a conversation is among the hardest so far; of equal ones the earlier stays."""
        return len(self.replays) < MOST_REPLAYS or hardness(failed, points) < harder(self.replays[-1])

    def _keep(self, replay: Replay) -> None:
        insort(self.replays, replay, key=harder)
        del self.replays[MOST_REPLAYS:]
