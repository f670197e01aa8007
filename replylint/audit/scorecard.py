"""The score card: what a finding costs, how often it counts, and what fails a conversation whatever else it holds.

Shops' own manuals start a conversation with a hundred points, take off the weight of every offence, count a repeated
one only so many times, and name the red lines that cost everything. That is the card, and a YAML file changes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from replylint.located import Node, check_keys, mapping, read, sequence, strings, text, whole
from replylint.source import Mark, Problem, RulePackError, did_you_mean

MOST_POINTS = 1000
_KEYS = ("full", "points", "caps", "red-lines", "red-line-points", "grades", "teams", "forecast")
_MONTH_LENGTH = len("2026-10")


class Campaign(NamedTuple):
    """What a forecast of a campaign day (双11) is made from: last year's figures and how much one agent can take.

    month: the reference month of this year, as 2026-10; empty for all days of the log.
    """

    month: str
    last_average: int
    last_day: int
    per_agent: int


class Card(NamedTuple):
    """How findings are weighed. `points` is keyed by rule or pack; a cap of 0 is none.

    times: how often one rule counts in a conversation
    most: the most that one conversation can lose
    red_lines: rules and packs that fail a conversation
    red_line_points: a finding of this weight fails it too; 0 for none
    grades: the least score of each grade, best first
    teams: agent -> team
    """

    full: int = 100
    points: Mapping[str, int] = {}
    times: int = 2
    most: int = 0
    red_lines: frozenset[str] = frozenset()
    red_line_points: int = 10
    grades: tuple[tuple[str, int], ...] = (("A", 95), ("B", 85), ("C", 70), ("D", 0))
    teams: Mapping[str, str] = {}
    campaign: Campaign | None = None

    def weight(self, rule: str, points: int) -> int:
        """What a finding of a rule costs: the card's own points, else the catalogue's."""
        return self.points.get(rule, self.points.get(rule.split("/", 1)[0], points))

    def is_red_line(self, rule: str, points: int) -> bool:
        """Whether a finding fails its conversation."""
        listed = rule in self.red_lines or rule.split("/", 1)[0] in self.red_lines
        return listed or 0 < self.red_line_points <= points

    def grade(self, score: float) -> str:
        """The name of the grade a score earns."""
        return next((name for name, least in self.grades if score >= least), "")


class Score(NamedTuple):
    """What a conversation, or one agent in it, is left with. `lost` is counted with the caps."""

    lost: int
    failed: bool
    left: int


def score(card: Card, findings: Iterable[tuple[str, str, int]]) -> tuple[Score, dict[str, Score]]:
    """The score of a conversation and of each agent in it, from (agent, rule, points) in the order of the talk.

    Caps hold over the whole conversation, so an agent does not pay for what had already been counted.
    """
    seen: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    failed: set[str] = set()
    total = 0
    for agent, rule, points in findings:
        if card.is_red_line(rule, points):
            failed.add(agent)
        seen[rule] += 1
        if card.times and seen[rule] > card.times:
            continue
        counted = min(points, card.most - total) if card.most else points
        total += counted
        lost[agent] += counted
    agents = {agent: _score(card, lost[agent], agent in failed) for agent in {*lost, *failed}}
    return _score(card, total, bool(failed)), agents


def _score(card: Card, lost: int, failed: bool) -> Score:
    return Score(lost, failed, 0 if failed else max(0, card.full - lost))


def read_card(path: Path, known: Collection[str]) -> Card:
    """A card over the known rule ids and pack names; raises RulePackError with every problem."""
    node, found = read(path)
    problems = list(found)
    card = Card()
    if node is not None and node.value is not None:
        check_keys(node, _KEYS, problems, "a score card")
        for key, value in mapping(node, problems).items():
            card = _with(card, key, value, known, problems)
    if problems:
        raise RulePackError(problems)
    return card


def _with(card: Card, key: str, node: Node, known: Collection[str], problems: list[Problem]) -> Card:
    match key:
        case "full":
            return card._replace(full=whole(node, problems, 1, MOST_POINTS))
        case "points":
            entries = mapping(node, problems)
            for name, value in entries.items():
                _check(name, node.keys.get(name, value.mark), known, problems)
            return card._replace(
                points={name: whole(value, problems, 0, MOST_POINTS) for name, value in entries.items()}
            )
        case "caps":
            check_keys(node, ("times", "conversation"), problems, "caps")
            caps = mapping(node, problems)
            times = whole(caps["times"], problems, 0, MOST_POINTS) if "times" in caps else card.times
            most = whole(caps["conversation"], problems, 0, MOST_POINTS) if "conversation" in caps else card.most
            return card._replace(times=times, most=most)
        case "red-lines":
            for item in sequence(node, problems):
                _check(str(item.value), item.mark, known, problems)
            return card._replace(red_lines=frozenset(strings(node, problems)))
        case "red-line-points":
            return card._replace(red_line_points=whole(node, problems, 0, MOST_POINTS))
        case "grades":
            grades = {name: whole(value, problems, 0, MOST_POINTS) for name, value in mapping(node, problems).items()}
            return card._replace(grades=tuple(sorted(grades.items(), key=lambda grade: -grade[1])))
        case "teams":
            teams = mapping(node, problems)
            return card._replace(
                teams={agent: team for team, members in teams.items() for agent in strings(members, problems)}
            )
        case "forecast":
            return card._replace(campaign=_campaign(node, problems))
    return card


def _campaign(node: Node, problems: list[Problem]) -> Campaign:
    check_keys(node, ("month", "last-average", "last-campaign-day", "per-agent"), problems, "forecast")
    entries = mapping(node, problems)
    month = text(entries["month"], problems) if "month" in entries else ""
    if month and (len(month) != _MONTH_LENGTH or month[4] != "-"):
        problems.append(Problem(entries["month"].mark, f"a month is written as 2026-10, not {month!r:.40}"))
    numbers = {}
    for key in ("last-average", "last-campaign-day", "per-agent"):
        if key not in entries:
            problems.append(Problem(node.mark, f"forecast needs {key}"))
        else:
            numbers[key] = whole(entries[key], problems, 1, 1_000_000_000)
    return Campaign(
        month, numbers.get("last-average", 1), numbers.get("last-campaign-day", 1), numbers.get("per-agent", 1)
    )


def _check(name: str, mark: Mark, known: Collection[str], problems: list[Problem]) -> None:
    if name not in known:
        problems.append(Problem(mark, f"unknown rule or pack {name!r}{did_you_mean(name, known)}"))
