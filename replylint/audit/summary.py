"""summary.json: the same for the same logs and rules, whenever and however it is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from replylint.audit.scorecard import Card
from replylint.audit.sums import Sums
from replylint.audit.tally import Tally, ranked
from replylint.audit.workload import RESPONSE_STEPS, forecast, waits
from replylint.model import SEVERITIES

NONE: Counter[str] = Counter()


def mean_score(row: Mapping[str, int]) -> float | None:
    """The mean of what conversations were left with, or None where there was none."""
    count = row.get("conversations", 0)
    return round(row.get("left", 0) / count, 2) if count else None


def ranked_rules(tally: Tally) -> list[tuple[str, Counter[str]]]:
    """The rules that found something, the one that costs most points first."""
    return sorted(tally.table("rule").items(), key=lambda pair: (-pair[1]["points"], -pair[1]["findings"], pair[0]))


def ranked_agents(tally: Tally) -> list[tuple[str, Counter[str]]]:
    """Everybody who said something, whoever lost most points first."""
    return sorted(tally.table("agent").items(), key=lambda pair: (-pair[1]["points"], -pair[1]["flagged"], pair[0]))


def precision(verdicts: Mapping[str, int]) -> float | None:
    """The share of a rule's reviewed findings that reviewers upheld."""
    reviewed = verdicts.get("upheld", 0) + verdicts.get("rejected", 0)
    return round(verdicts.get("upheld", 0) / reviewed, 3) if reviewed else None


def summary(sums: Sums, card: Card, version: str, titles: Mapping[str, str]) -> dict[str, Any]:
    """The sums as summary.json holds them; `titles` are those of the rules."""
    tally = sums.tally
    everything = tally.table("all").get("", NONE)
    actions = tally.table("action").get("", NONE)
    return {
        "version": version,
        **_scored(everything, card),
        **_found(everything),
        "flagged_conversations": everything["flagged_conversations"],
        "actions": {action: actions[action] for action in ("block", "warn", "allow")},
        "problems": everything["problems"],
        "rules": [_rule(rule, row, tally, titles) for rule, row in ranked_rules(tally)],
        "packs": [{"pack": pack, **_found(row, replies=False)} for pack, row in sorted(tally.table("pack").items())],
        "agents": [
            {"agent": agent or None, **_scored(row, card), **_found(row), "bot": is_bot(row)}
            for agent, row in ranked_agents(tally)
        ],
        "teams": [
            {"team": team, **_scored(row, card), **_found(row)} for team, row in sorted(tally.table("team").items())
        ],
        "shops": [
            {"shop": shop or None, **_scored(row, card), **_found(row)}
            for shop, row in sorted(tally.table("shop").items())
        ],
        "days": [{"day": day or None, **_found(row)} for day, row in sorted(tally.table("day").items())],
        "logs": [
            {"log": log, "conversations": row["conversations"], "problems": row["problems"]}
            for log, row in tally.table("log").items()
        ],
        "workload": workload(tally),
        "forecast": _forecast(tally, card),
    }


def is_bot(row: Mapping[str, int]) -> bool:
    """Whether everything that was said under a name was said by a robot."""
    return 0 < row.get("replies", 0) == row.get("bot", 0)


def workload(tally: Tally) -> dict[str, Any]:
    """What came in, by day, hour and agent, and how long it waited."""
    everything = tally.table("work.all").get("", NONE)
    answered = everything["replies"] + everything["automatic"]
    return {
        "conversations": everything["conversations"],
        "buyer_messages": everything["messages"],
        "replies": everything["replies"],
        "automatic_replies": everything["automatic"],
        "automatic_share": round(everything["automatic"] / answered, 4) if answered else None,
        "first_response": _waits(tally, "first"),
        "response": _waits(tally, "any"),
        "days": [_worked("day", day, row) for day, row in sorted(tally.table("work.day").items())],
        "hours": [_worked("hour", int(hour), row) for hour, row in sorted(tally.table("work.hour").items())],
        "agents": [
            {
                **_worked("agent", agent or None, row),
                "first_response": _waits(tally, "first", agent),
                "response": _waits(tally, "any", agent),
            }
            for agent, row in ranked_workers(tally)
        ],
    }


def ranked_workers(tally: Tally) -> list[tuple[str, Counter[str]]]:
    """Everybody who answered, whoever answered most first."""
    return sorted(tally.table("work.agent").items(), key=lambda pair: (-pair[1]["conversations"], pair[0]))


def _worked(name: str, key: Any, row: Counter[str]) -> dict[str, Any]:
    return {
        name: key,
        "conversations": row["conversations"],
        "buyer_messages": row["messages"],
        "replies": row["replies"],
        "automatic_replies": row["automatic"],
    }


def _waits(tally: Tally, kind: str, agent: str | None = None) -> dict[str, Any] | None:
    found = waits(tally, kind, agent)
    if found.mean is None:
        return None
    shares = {f"within_{step}s": round(found.within[step] / found.answers, 4) for step in RESPONSE_STEPS}
    return {"count": found.answers, "mean_seconds": round(found.mean, 1), **shares}


def _forecast(tally: Tally, card: Card) -> dict[str, Any] | None:
    if card.campaign is None:
        return None
    made = forecast(tally, card.campaign)
    return {
        "reference_month": card.campaign.month or None,
        "reference_days": made.days,
        "daily_average": round(made.average, 2),
        "last_reference_average": card.campaign.last_average,
        "last_campaign_day": card.campaign.last_day,
        "campaign_day": made.conversations,
        "per_agent": card.campaign.per_agent,
        "staff": made.staff,
    }


def _scored(row: Counter[str], card: Card) -> dict[str, Any]:
    mean = mean_score(row)
    return {
        "conversations": row["conversations"],
        "failed_conversations": row["failed"],
        "score": mean,
        "grade": card.grade(mean) if mean is not None else None,
        "lost_points": row["lost"],
    }


def _found(row: Counter[str], *, replies: bool = True) -> dict[str, Any]:
    said = {"replies": row["replies"], "flagged_replies": row["flagged"]} if replies else {}
    severities = {severity: row[severity] for severity in SEVERITIES}
    return {**said, "findings": row["findings"], "points": row["points"], "severities": severities}


def _rule(rule: str, row: Counter[str], tally: Tally, titles: Mapping[str, str]) -> dict[str, Any]:
    verdicts = tally.table("appeal").get(rule, NONE)
    agents = tally.table("rule.agent").get(rule, NONE)
    return {
        "rule": rule,
        "title": titles.get(rule, rule),
        **_found(row, replies=False),
        "conversations": row["conversations"],
        "agents": [{"agent": agent or None, "findings": count} for agent, count in ranked(agents)],
        "upheld": verdicts["upheld"],
        "rejected": verdicts["rejected"],
        "precision": precision(verdicts),
    }
