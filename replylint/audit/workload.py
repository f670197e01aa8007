"""The work behind a log: what comes in when, how long it waits, how much of it robots answer, and the forecast."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from replylint.audit.judged import agent_of
from replylint.audit.scorecard import Campaign
from replylint.audit.tally import Tally
from replylint.model import Conversation

RESPONSE_STEPS = (10, 20, 30, 60, 120, 300, 600, 1800)
"""Upper bounds, in seconds, of the classes that response times are counted in."""

_LONGEST_WAIT = 24 * 3600
"""An answer that comes a day later answers a message that was left over, and would drown every mean."""


class Moment(NamedTuple):
    """What a turn's time tells; a part that the export left out is None."""

    day: str | None
    hour: int | None
    weekday: int | None
    seconds: float | None


_NEVER = Moment(None, None, None, None)


def moment_of(at: str | None) -> Moment:
    """The day and the hour of an ISO 8601 text as the clock on the wall showed them."""
    if not at:
        return _NEVER
    if _TO_THE_SECOND.fullmatch(at):
        day, hour, weekday, seconds = _read(at[:16])
        return Moment(day, hour, weekday, None if seconds is None else seconds + int(at[17:]))
    return _read(at)


@lru_cache(maxsize=4096)
def _read(at: str) -> Moment:
    """Many turns are said within a minute, and each is read but once."""
    try:
        if len(at) <= len("09:05:03") and ":" in at:
            hour, minute, *second = (int(part) for part in at.split(":"))
            return Moment(None, hour % 24, None, hour * 3600.0 + minute * 60 + (second[0] if second else 0))
        time = datetime.fromisoformat(at)
    except ValueError:
        return _NEVER
    has_clock = len(at) > len("2026-11-11")
    # A wall clock without a zone counts as one in UTC, so that differences within a chat come out.
    seconds = (time - (_EPOCH_ZONED if time.tzinfo else _EPOCH)).total_seconds() if has_clock else None
    return Moment(time.date().isoformat(), time.hour if has_clock else None, time.weekday(), seconds)


_TO_THE_SECOND = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]")
"""The form that readers bring times into."""

_EPOCH = datetime(1970, 1, 1)
_EPOCH_ZONED = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def add_workload(tally: Tally, talk: Conversation) -> list[Moment]:
    """Counts what came in and how it was answered; gives back the moment of every turn."""
    moments = [moment_of(turn.at) for turn in talk.turns]
    asked: Moment | None = None
    first_answered = False
    came: list[tuple[str | None, int | None, str]] = []
    people: list[tuple[str, str]] = []
    answered: defaultdict[str, list[int]] = defaultdict(list)
    for turn, moment in zip(talk.turns, moments, strict=True):
        day, hour, _, _ = moment
        if turn.role == "buyer":
            came.append((day, hour, "messages"))
            asked = asked or moment
        elif turn.role in ("agent", "bot"):
            agent = agent_of(turn, talk)
            automatic = turn.role == "bot"
            what = "automatic" if automatic else "replies"
            came.append((day, hour, what))
            people.append((agent, what))
            if asked is not None and not automatic:
                # A robot's greeting is no answer: the buyer still waits for a person.
                wait = _wait(asked, moment)
                if wait is not None:
                    answered[agent].append(wait)
                    if not first_answered:
                        _add_waits(tally, agent, "first", [wait])
                asked, first_answered = None, True
    opened = next((moment for turn, moment in zip(talk.turns, moments, strict=True) if turn.role == "buyer"), None)
    if opened is not None:
        came.append((opened.day, opened.hour, "conversations"))
    people += ((agent, "conversations") for agent in dict.fromkeys(agent for agent, _ in people))
    for (agent, what), count in Counter(people).items():
        tally.row("work.agent", agent)[what] += count
    for agent, found in answered.items():
        _add_waits(tally, agent, "any", found)
    for (day, hour, what), count in Counter(came).items():
        tally.row("work.all")[what] += count
        if day is not None:
            tally.row("work.day", day)[what] += count
        if hour is not None:
            tally.row("work.hour", f"{hour:02}")[what] += count
    return moments


def _wait(asked: Moment, answered: Moment) -> int | None:
    if asked.seconds is None or answered.seconds is None or (asked.day is None) != (answered.day is None):
        return None
    wait = answered.seconds - asked.seconds
    if asked.day is None and wait < 0:
        # Times without a date: the talk went on past midnight.
        wait += _LONGEST_WAIT
    return int(wait) if 0 <= wait <= _LONGEST_WAIT else None


def _add_waits(tally: Tally, agent: str, kind: str, found: Sequence[int]) -> None:
    if not found:
        return
    steps = [bisect_left(RESPONSE_STEPS, wait) for wait in found]
    for row in (tally.row("work.waits"), tally.row("work.wait", agent)):
        row[f"{kind}.count"] += len(found)
        row[f"{kind}.seconds"] += sum(found)
        for step in steps:
            row[_CLASSES[kind][step]] += 1


_CLASSES = {kind: [f"{kind}.{step}" for step in (*RESPONSE_STEPS, 0)] for kind in ("first", "any")}
"""What a wait counts as, by its place among the steps; 0 for one beyond the last."""


class Waits(NamedTuple):
    """Response times. `within` is how many of all `answers` were answered within each step of `RESPONSE_STEPS`."""

    answers: int
    mean: float | None
    within: Mapping[int, int]


def waits(tally: Tally, kind: str, agent: str | None = None) -> Waits:
    """The first or any response times (`kind` first, any) of an agent, or of all."""
    row = (tally.table("work.waits").get("") if agent is None else tally.table("work.wait").get(agent)) or Counter()
    count = row[f"{kind}.count"]
    within, total = {}, 0
    for step in RESPONSE_STEPS:
        total += row[f"{kind}.{step}"]
        within[step] = total
    return Waits(count, row[f"{kind}.seconds"] / count if count else None, within)


class Forecast(NamedTuple):
    """What a campaign day will bring, and how many people it takes."""

    campaign: Campaign
    days: int
    average: float
    conversations: int
    staff: int


def forecast(tally: Tally, campaign: Campaign) -> Forecast:
    """This year's daily average in the reference month x last year's campaign day / last year's reference average."""
    days = [
        row["conversations"]
        for day, row in tally.table("work.day").items()
        if row["conversations"] and day.startswith(campaign.month)
    ]
    average = sum(days) / len(days) if days else 0.0
    expected = math.ceil(average * campaign.last_day / campaign.last_average)
    return Forecast(campaign, len(days), average, expected, math.ceil(expected / campaign.per_agent))
