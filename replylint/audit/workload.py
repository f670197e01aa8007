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
from replylint.audit.tally import Tally, add
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
    if _USUAL.fullmatch(at):
        found = _day(at[:10])
        if found is not None and at[11:13] < "24":
            weekday, midnight = found
            clock = int(at[11:13])
            return Moment(at[:10], clock, weekday, midnight + clock * 3600 + int(at[14:16]) * 60 + int(at[17:]))
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


_USUAL = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-5][0-9]:[0-5][0-9]")
"""The form that readers bring times into."""


@lru_cache(maxsize=512)
def _day(text: str) -> tuple[int, float] | None:
    """The weekday of a date and the seconds at its beginning; a log has few days and many messages."""
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return None
    return day.weekday(), (day - _EPOCH).total_seconds()


_EPOCH = datetime(1970, 1, 1)
_EPOCH_ZONED = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def add_workload(tally: Tally, talk: Conversation) -> list[Moment]:
    """Counts what came in and how it was answered; gives back the moment of every turn."""
    moments = [moment_of(turn.at) for turn in talk.turns]
    asked: Moment | None = None
    first_answered = opened = False
    people: dict[str, tuple[Counter[str], list[int]]] = {}
    came: defaultdict[tuple[str | None, int | None], Counter[str]] = defaultdict(Counter)
    for turn, moment in zip(talk.turns, moments, strict=True):
        if turn.role == "buyer":
            came[moment.day, moment.hour]["messages"] += 1
            if not opened:
                opened = True
                came[moment.day, moment.hour]["conversations"] += 1
            asked = asked or moment
        elif turn.role in ("agent", "bot"):
            agent = agent_of(turn, talk)
            automatic = turn.role == "bot"
            what = "automatic" if automatic else "replies"
            came[moment.day, moment.hour][what] += 1
            if agent not in people:
                people[agent] = Counter(conversations=1), []
            counts, answered = people[agent]
            counts[what] += 1
            if asked is not None and not automatic:
                # A robot's greeting is no answer: the buyer still waits for a person.
                wait = _wait(asked, moment)
                if wait is not None:
                    answered.append(wait)
                    if not first_answered:
                        _add_waits(tally, agent, "first", [wait])
                asked, first_answered = None, True
    for agent, (counts, answered) in people.items():
        add(tally.row("work.agent", agent), counts)
        _add_waits(tally, agent, "any", answered)
    for (day, hour), counts in came.items():
        add(tally.row("work.all"), counts)
        if day is not None:
            add(tally.row("work.day", day), counts)
        if hour is not None:
            add(tally.row("work.hour", f"{hour:02}"), counts)
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
