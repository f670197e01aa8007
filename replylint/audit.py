"""Whole chat logs: every turn of an agent or a bot judged in its context, and what comes out of it added up.

Conversations are independent of each other, so any number of processes gives the same findings in the same order.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from replylint.atomic import replacing
from replylint.chatlog import LogItem, LogProblem, read_log
from replylint.linter import Linter
from replylint.model import SEVERITIES, Conversation, Finding, Report, Turn
from replylint.workers import ordered_map

FINDINGS, SUMMARY, PROBLEMS = "findings.jsonl", "summary.json", "problems.jsonl"

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Hit(NamedTuple):
    """A finding of a conversation. `turn` is an index into its turns; `rewrite` is the whole reply said right."""

    finding: Finding
    log: str
    conversation: str
    turn: int
    agent: str
    at: str | None
    platform: str
    shop: str
    rewrite: str | None

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
        }


class Reply(NamedTuple):
    """A judged reply, reduced to what is added up."""

    agent: str
    day: str
    action: str
    hits: tuple[Hit, ...]


class Chat(NamedTuple):
    """A judged conversation."""

    log: str
    id: str
    replies: tuple[Reply, ...]


Audited: TypeAlias = Chat | LogProblem


def read_logs(
    paths: Iterable[Path], format: str = "auto", columns: Mapping[str, str] | None = None, empty: str = "is empty"
) -> Iterator[tuple[str, LogItem]]:
    """Every item of the logs with the log's path, in order. A file that cannot be read is a problem at its first line,
    and so is one with text and no conversation in it (`empty` is then the message). Raises ValueError as `read_log`.
    """
    for path in paths:
        found = False
        try:
            for item in read_log(path, format, columns):
                found = True
                yield str(path), item
            if not found and path.stat().st_size:
                yield str(path), LogProblem(str(path), 1, empty)
        except OSError as error:
            yield str(path), LogProblem(str(path), 1, error.strerror or str(error))


def audit(linter: Linter, items: Iterable[tuple[str, LogItem]], jobs: int = 1) -> Iterator[Audited]:
    """Every conversation judged, and every problem, in the order of the items."""
    return ordered_map(_judged, linter, items, jobs)


def _judged(linter: Linter, item: tuple[str, LogItem]) -> Audited:
    log, found = item
    return found if isinstance(found, LogProblem) else judge_conversation(linter, found, log)


def judge_conversation(linter: Linter, conversation: Conversation, log: str = "") -> Chat:
    """One conversation judged; an unknown agent is the empty text, a bot without a name `bot`."""
    reports = linter.check_conversation(conversation)
    return Chat(log, conversation.id, tuple(_reply(log, conversation, report) for report in reports))


def _reply(log: str, chat: Conversation, report: Report) -> Reply:
    index = report.turn or 0
    turn = chat.turns[index]
    agent = agent_of(turn, chat)
    hits = tuple(
        Hit(finding, log, chat.id, index, agent, turn.at, chat.meta.platform, chat.meta.shop, report.rewrite)
        for finding in report.findings
    )
    day = _DAY.match(turn.at or "")
    return Reply(agent, day[0] if day else "", report.action, hits)


def agent_of(turn: Turn, chat: Conversation) -> str:
    """Who said a turn: its sender, else the chat's agent."""
    return turn.sender or ("bot" if turn.role == "bot" else chat.meta.agent)


@dataclass(slots=True)
class RuleSum:
    """What one rule found."""

    first: Hit
    severities: Counter[str] = field(default_factory=Counter)
    points: int = 0
    agents: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    chats: set[tuple[str, str]] = field(default_factory=set)

    def add(self, hit: Hit) -> None:
        """Counts a finding of the rule."""
        self.severities[hit.finding.severity] += 1
        self.points += hit.finding.points
        self.agents[hit.agent] += 1
        self.words[hit.finding.text] += 1
        self.chats.add((hit.log, hit.conversation))


@dataclass(slots=True)
class Share:
    """What one agent said, or what was said on one day."""

    replies: int = 0
    flagged: int = 0
    points: int = 0
    severities: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)

    def add(self, reply: Reply) -> None:
        """Counts a reply."""
        self.replies += 1
        self.flagged += bool(reply.hits)
        for hit in reply.hits:
            self.points += hit.finding.points
            self.severities[hit.finding.severity] += 1
            self.rules[hit.finding.rule] += 1

    def to_dict(self) -> dict[str, Any]:
        """The sums for summary.json."""
        return {
            "replies": self.replies,
            "flagged_replies": self.flagged,
            "findings": self.severities.total(),
            "points": self.points,
            "severities": _by_severity(self.severities),
        }


@dataclass(slots=True)
class Totals:
    """The sums of an audit, filled as conversations go by."""

    conversations: int = 0
    flagged_conversations: int = 0
    problems: int = 0
    everything: Share = field(default_factory=Share)
    actions: Counter[str] = field(default_factory=Counter)
    rules: dict[str, RuleSum] = field(default_factory=dict)
    agents: dict[str, Share] = field(default_factory=dict)
    days: dict[str, Share] = field(default_factory=dict)
    logs: dict[str, int] = field(default_factory=dict)

    def add(self, item: Audited) -> None:
        """Counts a conversation or a problem."""
        if isinstance(item, LogProblem):
            self.problems += 1
            self.logs.setdefault(item.path, 0)
            return
        self.conversations += 1
        self.logs[item.log] = self.logs.get(item.log, 0) + 1
        self.flagged_conversations += any(reply.hits for reply in item.replies)
        for reply in item.replies:
            self.everything.add(reply)
            self.actions[reply.action] += 1
            self.agents.setdefault(reply.agent, Share()).add(reply)
            self.days.setdefault(reply.day, Share()).add(reply)
            for hit in reply.hits:
                self.rules.setdefault(hit.finding.rule, RuleSum(hit)).add(hit)

    def ranked_rules(self) -> list[tuple[str, RuleSum]]:
        """The rules that found something, the one that costs most points first."""
        return sorted(self.rules.items(), key=lambda pair: (-pair[1].points, -pair[1].severities.total(), pair[0]))

    def ranked_agents(self) -> list[tuple[str, Share]]:
        """Everybody who said something, whoever lost most points first."""
        return sorted(self.agents.items(), key=lambda pair: (-pair[1].points, -pair[1].flagged, pair[0]))

    def to_dict(self, version: str, titles: Mapping[str, str]) -> dict[str, Any]:
        """summary.json: the same for the same logs and rules, whenever and however it is made."""
        packs: dict[str, Counter[str]] = {}
        for rule, found in self.rules.items():
            pack = packs.setdefault(rule.split("/", 1)[0], Counter())
            pack["findings"] += found.severities.total()
            pack["points"] += found.points
        return {
            "version": version,
            "conversations": self.conversations,
            "flagged_conversations": self.flagged_conversations,
            **self.everything.to_dict(),
            "actions": {action: self.actions[action] for action in ("block", "warn", "allow")},
            "problems": self.problems,
            "rules": [self._rule(rule, found, titles) for rule, found in self.ranked_rules()],
            "packs": [{"pack": pack, **sums} for pack, sums in sorted(packs.items())],
            "agents": [{"agent": agent or None, **share.to_dict()} for agent, share in self.ranked_agents()],
            "days": [{"day": day or None, **self.days[day].to_dict()} for day in sorted(self.days)],
            "logs": [{"log": log, "conversations": count} for log, count in self.logs.items()],
        }

    @staticmethod
    def _rule(rule: str, found: RuleSum, titles: Mapping[str, str]) -> dict[str, Any]:
        return {
            "rule": rule,
            "title": titles.get(rule, rule),
            "findings": found.severities.total(),
            "points": found.points,
            "severities": _by_severity(found.severities),
            "conversations": len(found.chats),
            "agents": [{"agent": agent or None, "findings": count} for agent, count in ranked(found.agents)],
        }


def write_results(
    directory: Path, audited: Iterable[Audited], totals: Totals, version: str, titles: Mapping[str, str]
) -> Generator[Audited, None, None]:
    """Passes everything on while it is written to `directory`; the files appear when all of it went by, or not at all.

    Raises OSError.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as files:
        findings, problems, summary = (
            files.enter_context(replacing(directory / name)) for name in (FINDINGS, PROBLEMS, SUMMARY)
        )
        for item in audited:
            totals.add(item)
            if isinstance(item, LogProblem):
                problems.write(_line(item._asdict()))
            else:
                for reply in item.replies:
                    for hit in reply.hits:
                        findings.write(_line(hit.to_dict()))
            yield item
        text = json.dumps(totals.to_dict(version, titles), ensure_ascii=False, indent=2)
        summary.write(text.encode("utf-8", "backslashreplace") + b"\n")


def _line(record: Mapping[str, Any]) -> bytes:
    # Half a surrogate pair becomes \ud83d, which is JSON's own way to write it.
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _by_severity(counts: Counter[str]) -> dict[str, int]:
    return {severity: counts[severity] for severity in SEVERITIES}


def ranked(counts: Counter[str]) -> Sequence[tuple[str, int]]:
    """The most frequent first; equal ones by name, so that the order does not hang on who came first."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
