"""The report as one HTML file: no network, no styles or scripts but its own, and every word of a chat escaped."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from replylint.audit.charts import Bar, columns, heat, hour_columns, shares, spark
from replylint.audit.markup import Child, Markup, joined, tag
from replylint.audit.replay import Mark, Replay, Said
from replylint.audit.scorecard import Card
from replylint.audit.summary import NONE, is_bot, mean_score, precision, ranked_agents, ranked_rules, ranked_workers
from replylint.audit.sums import Sums
from replylint.audit.tally import ranked
from replylint.audit.workload import forecast, waits
from replylint.linter import Linter
from replylint.messages import say
from replylint.model import SEVERITIES

_MOST_ROWS = 60
_MOST_BARS = 400
_FEW_SECONDS = 120


class Story(NamedTuple):
    """Everything the report tells."""

    sums: Sums
    card: Card
    linter: Linter
    language: str
    masked: bool

    def say(self, key: str, **values: object) -> str:
        """A word of the report."""
        return say(self.language, f"report.{key}", **values)

    def title(self, rule: str) -> str:
        """What a rule is called."""
        try:
            return str(self.linter.rule(rule).title.get(self.language, rule))
        except KeyError:
            return rule

    def person(self, name: str) -> str:
        """What an agent is called."""
        return name if name and name != "bot" else say(self.language, "bot" if name else "nobody")

    @property
    def everything(self) -> Counter[str]:
        """The sums over all conversations."""
        return self.sums.tally.table("all").get("", NONE)


def page(story: Story) -> bytes:
    """The whole file."""
    style, script = (_asset(name) for name in ("report.css", "report.js"))
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="robots", content="noindex"),
        tag("title", f"{story.say('kind')} · {_heading(story)}"),
        tag("style", Markup(style)),
    )
    body = tag("body", tag("main", *_sections(story)), tag("script", Markup(script)))
    text = "<!doctype html>\n" + tag("html", head, body, lang="zh-CN" if story.language == "zh" else "en") + "\n"
    return text.encode("utf-8", "replace")


def _asset(name: str) -> str:
    return (Path(__file__).parents[1] / "data" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _sections(story: Story) -> Iterator[Child]:
    yield _header(story)
    yield _figures(story)
    if story.everything["findings"]:
        yield _charts(story)
        yield _rules(story)
    else:
        yield tag("h2", story.say("clean"))
    yield _agents(story)
    yield _groups(story, "team")
    yield _groups(story, "shop")
    yield _workload(story)
    yield _forecast(story)
    if story.sums.replays:
        yield _talks(story)
        yield _meanings(story)
    version = story.say("version", version=story.linter.version)
    yield tag(
        "footer", story.say("masked" if story.masked else "unmasked"), " ", version, tag("br"), story.say("footer")
    )


def _heading(story: Story) -> str:
    shops = [shop for shop in story.sums.tally.table("shop") if shop]
    logs = [Path(log).name for log in story.sums.tally.table("log")]
    names = shops if len(shops) == 1 else logs
    comma = say(story.language, "comma")
    return comma.join(names[:3]) + (" …" if len(names) > 3 else "")


def _header(story: Story) -> Markup:
    days = sorted(day for day in story.sums.tally.table("work.day") if day)
    chats = f"{story.everything['conversations']:,}"
    scope = (
        story.say("scope", chats=chats, first=days[0], last=days[-1])
        if days
        else story.say("scope.undated", chats=chats)
    )
    parts = [scope, story.say("scope.logs", n=len(story.sums.tally.table("log")))]
    if story.everything["problems"]:
        parts.append(story.say("scope.problems", n=f"{story.everything['problems']:,}"))
    return tag(
        "header",
        tag("p", story.say("kind"), class_="kind"),
        tag("h1", _heading(story)),
        tag("p", " · ".join(parts), class_="scope"),
        tag("p", story.say("masked" if story.masked else "unmasked"), class_="scope"),
    )


def _figures(story: Story) -> Markup:
    row = story.everything
    mean = mean_score(row)
    first = waits(story.sums.tally, "first")
    talk = story.sums.tally.table("work.all").get("", NONE)
    automatic = story.say("automatic", share=_percent(talk["automatic"], talk["replies"] + talk["automatic"]))
    grade = story.say("grade", grade=story.card.grade(mean)) if mean is not None else ""
    soon = story.say("within", share=_percent(first.within[30], first.answers), step=30) if first.answers else ""
    figures = (
        ("conversations", f"{row['conversations']:,}", ""),
        ("replies", f"{row['replies']:,}", automatic),
        ("flagged", f"{row['flagged']:,}", story.say("of", share=_percent(row["flagged"], row["replies"]))),
        ("failed", f"{row['failed']:,}", story.say("of", share=_percent(row["failed"], row["conversations"]))),
        ("score", "–" if mean is None else f"{mean:.1f}", grade),
        ("first", _time(story, first.mean), soon),
    )
    return tag(
        "dl",
        [
            tag(
                "div",
                tag("dt", story.say(key)),
                tag("dd", value, tag("small", note), class_="error" if key == "failed" and row["failed"] else None),
            )
            for key, value, note in figures
        ],
        class_="figures",
    )


def _charts(story: Story) -> Markup:
    tally = story.sums.tally
    days = sorted(item for item in tally.table("day").items() if item[0])[-_MOST_BARS:]
    trend = [
        Bar(
            day[5:],
            tuple((severity, row[severity]) for severity in SEVERITIES),
            story.say("day.bar", day=day, **{severity: row[severity] for severity in SEVERITIES}),
        )
        for day, row in days
    ]
    total = story.everything["findings"]
    packs = sorted(tally.table("pack").items(), key=lambda pair: (-pair[1]["findings"], pair[0]))
    names = {pack.id: pack.title.get(story.language, pack.id) for pack in story.linter.ruleset.packs}
    lying = [
        Bar(
            names.get(pack, pack),
            tuple((severity, row[severity]) for severity in SEVERITIES),
            story.say("pack.bar", n=row["findings"], share=_percent(row["findings"], total)),
        )
        for pack, row in packs
    ]
    charts = [
        ("trend", columns(trend), _legend(story)) if trend else None,
        ("packs", shares(lying), None),
        ("heat", _heat(story), None) if tally.table("heat") else None,
    ]
    return tag(
        "section",
        tag("h2", story.say("overview")),
        tag(
            "div",
            [tag("figure", tag("h3", story.say(c[0])), c[1], c[2], class_="plot") for c in charts if c],
            class_="grid",
        ),
    )


def _legend(story: Story) -> Markup:
    parts = []
    for severity in SEVERITIES:
        box = tag("svg", tag("rect", width=10, height=10, rx=2, class_=severity), viewBox="0 0 10 10")
        parts.append((box, say(story.language, f"severity.{severity}")))
    return tag("p", parts, class_="legend")


def _heat(story: Story) -> Markup:
    weekdays = story.say("weekdays").split(",")
    cells = {}
    for key, row in story.sums.tally.table("heat").items():
        weekday, hour = map(int, key.split(" "))
        title = story.say(
            "heat.cell", day=weekdays[weekday], hour=f"{hour:02}", n=row["findings"], replies=row["replies"]
        )
        cells[weekday, hour] = (row["findings"], title)
    return heat(cells, weekdays)


def _table(heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[Child]]) -> Markup:
    """A table; the class of a column goes with its head."""
    top = tag("tr", [tag("th", text, class_=name or None) for text, name in heads])
    body = [
        tag("tr", [tag("td", cell, class_=name or None) for cell, (_, name) in zip(row, heads, strict=True)])
        for row in rows
    ]
    return tag("div", tag("table", tag("thead", top), tag("tbody", body)), class_="wide")


def _rules(story: Story) -> Markup:
    tally = story.sums.tally
    found = [(rule, row) for rule, row in ranked_rules(tally)]
    reviewed = bool(tally.table("appeal"))
    heads = [
        (story.say("rule"), "name"), (story.say("severity"), ""), (story.say("count"), "n"), (story.say("points"), "n"),
        (story.say("words"), "hide"), (story.say("instead"), "hide"),
    ]  # fmt: skip
    if reviewed:
        heads.append((story.say("precision"), "n"))
    rows = []
    for rule, row in found[:_MOST_ROWS]:
        example = story.sums.examples.get(rule)
        said = tally.table("rule.words").get(rule, NONE)
        # 不退 tells less than the longer words it was found as elsewhere.
        words = max(said, key=lambda text: (said[text], len(text), text), default="")
        instead = (example.finding.suggestion or example.rewrite or "") if example else ""
        cells: list[Child] = [
            (_filter("rule", rule, story.title(rule)), tag("span", rule, class_="sub")),
            [_severity(story, severity) for severity in SEVERITIES if row[severity]][:1],
            (f"{row['findings']:,}", tag("span", story.say("in.chats", n=row["conversations"]), class_="sub")),
            f"{row['points']:,}",
            tag("span", words[:60], class_="words"),
            instead[:120],
        ]
        if reviewed:
            share = precision(tally.table("appeal").get(rule, NONE))
            cells.append("–" if share is None else f"{100 * share:.0f}%")
        rows.append(cells)
    return tag("section", tag("h2", story.say("rules")), _table(heads, rows))


def _agents(story: Story) -> Markup:
    tally = story.sums.tally
    heads = [
        (story.say("agent"), "name"), (story.say("score"), "n"), (story.say("grade.head"), "n hide"),
        (story.say("conversations"), "n hide"), (story.say("replies"), "n hide"), (story.say("flagged"), "n hide"),
        (story.say("share"), "bar"), (story.say("points"), "n"), (story.say("failed"), "n hide"),
        (story.say("mostly"), "hide"),
    ]  # fmt: skip
    people = [pair for pair in ranked_agents(tally) if pair[1]["replies"]]
    worst = max((row["flagged"] / row["replies"] for _, row in people), default=0) or 1
    rows = []
    for name, row in people[:_MOST_ROWS]:
        share = row["flagged"] / row["replies"]
        mostly = [story.title(rule) for rule, _ in ranked(tally.table("agent.rule").get(name, NONE))[:2]]
        who = _filter("agent", name, story.person(name)) if row["flagged"] else story.person(name)
        rows.append(
            (
                (who, tag("span", story.say("robot"), class_="sub") if is_bot(row) else None),
                f"{mean_score(row) or 0:.1f}",
                story.card.grade(mean_score(row) or 0),
                f"{row['conversations']:,}",
                f"{row['replies']:,}",
                f"{row['flagged']:,}",
                (spark(share / worst, "error"), f" {_percent(row['flagged'], row['replies'])}"),
                f"{row['points']:,}",
                f"{row['failed']:,}",
                say(story.language, "comma").join(mostly),
            )
        )
    note = tag("p", story.say("agents.note"), class_="note")
    return tag("section", tag("h2", story.say("agents")), note, _table(heads, rows))


def _groups(story: Story, kind: str) -> Markup | None:
    """Teams or shops, where there is more than one to compare."""
    groups = story.sums.tally.table(kind)
    if len(groups) < (2 if kind == "shop" else 1):
        return None
    heads = [
        (story.say(kind), "name"), (story.say("score"), "n"), (story.say("grade.head"), "n"),
        (story.say("conversations"), "n hide"), (story.say("replies"), "n hide"), (story.say("flagged"), "n hide"),
        (story.say("points"), "n"), (story.say("failed"), "n"),
    ]  # fmt: skip
    rows = [
        (
            name or say(story.language, "nobody"),
            f"{mean_score(row) or 0:.1f}",
            story.card.grade(mean_score(row) or 0),
            *(f"{row[key]:,}" for key in ("conversations", "replies", "flagged", "points", "failed")),
        )
        for name, row in sorted(groups.items(), key=lambda pair: (-pair[1]["points"], pair[0]))[:_MOST_ROWS]
    ]
    return tag("section", tag("h2", story.say(f"{kind}s")), _table(heads, rows))


def _workload(story: Story) -> Markup | None:
    tally = story.sums.tally
    people = [pair for pair in ranked_workers(tally) if pair[1]["conversations"]]
    if not people:
        return None
    heads = [
        (story.say("agent"), "name"), (story.say("conversations"), "n"), (story.say("human"), "n hide"),
        (story.say("robots"), "n hide"), (story.say("first"), "n"), (story.say("response"), "n"),
        (story.say("half.minute"), "n"),
    ]  # fmt: skip
    rows = []
    for name, row in people[:_MOST_ROWS]:
        first, every = (waits(tally, kind, name) for kind in ("first", "any"))
        rows.append(
            (
                story.person(name),
                f"{row['conversations']:,}",
                f"{row['replies']:,}",
                f"{row['automatic']:,}",
                _time(story, first.mean),
                _time(story, every.mean),
                _percent(every.within[30], every.answers) if every.answers else "–",
            )
        )
    note = tag("p", story.say("workload.note"), class_="note")
    return tag("section", tag("h2", story.say("workload")), _received(story), note, _table(heads, rows))


def _received(story: Story) -> Markup | None:
    """What came in by day and by hour."""
    days = sorted(item for item in story.sums.tally.table("work.day").items() if item[0])[-_MOST_BARS:]
    hours = story.sums.tally.table("work.hour")
    charts = []
    if days:
        bars = [
            Bar(
                day[5:],
                (("accent", row["conversations"]),),
                story.say("received.bar", at=day, n=row["conversations"], messages=row["messages"]),
            )
            for day, row in days
        ]
        charts.append(("received.days", hour_columns(bars)))
    if hours:
        bars = [
            Bar(
                f"{hour:02}",
                (("accent", row["conversations"]),),
                story.say("received.bar", at=f"{hour:02}:00", n=row["conversations"], messages=row["messages"]),
            )
            for hour in range(24)
            for row in (hours.get(f"{hour:02}", NONE),)
        ]
        charts.append(("received.hours", hour_columns(bars)))
    figures = [tag("figure", tag("h3", story.say(name)), chart) for name, chart in charts]
    return tag("div", figures, class_="grid") if figures else None


def _forecast(story: Story) -> Markup | None:
    campaign = story.card.campaign
    if campaign is None:
        return None
    made = forecast(story.sums.tally, campaign)
    text = story.say(
        "forecast.text", days=made.days, average=f"{made.average:,.1f}", last=f"{campaign.last_average:,}",
        day=f"{campaign.last_day:,}", n=f"{made.conversations:,}", load=f"{campaign.per_agent:,}",
        staff=f"{made.staff:,}",
    )  # fmt: skip
    return tag("section", tag("h2", story.say("forecast")), tag("p", text))


def _talks(story: Story) -> Markup:
    replays = story.sums.replays
    rest = story.everything["flagged_conversations"] - len(replays)
    more = tag("p", story.say("talks.more", n=f"{rest:,}"), class_="note") if rest > 0 else None
    return tag(
        "section",
        tag("h2", story.say("talks")),
        tag("p", story.say("talks.note", n=f"{len(replays):,}"), class_="note"),
        _filters(story),
        [_talk(story, replay) for replay in replays],
        more,
        id="talks",
    )


def _filters(story: Story) -> Markup:
    replays = story.sums.replays
    agents = dict.fromkeys(agent for replay in replays for agent in replay.agents)
    rules = dict.fromkeys(mark.rule for replay in replays for said in replay.said for mark in said.marks)
    days = sorted({replay.day for replay in replays if replay.day})

    def choice(name: str, values: Sequence[tuple[str, str]]) -> Markup:
        options = [tag("option", story.say(f"any.{name}"), value="")]
        options += [tag("option", shown, value=value) for value, shown in values]
        return tag("select", options, name=name, aria_label=story.say(f"any.{name}"))

    return tag(
        "form",
        choice("agent", [(agent, story.person(agent)) for agent in sorted(agents)]),
        choice("rule", [(rule, story.title(rule)) for rule in sorted(rules)]),
        choice("severity", [(name, say(story.language, f"severity.{name}")) for name in SEVERITIES]),
        choice("day", [(day, day) for day in days]),
        tag("input", type="search", name="words", placeholder=story.say("search"), aria_label=story.say("search")),
        tag("output"),
        class_="filters",
        hidden=True,
    )


def _talk(story: Story, replay: Replay) -> Markup:
    marks = [mark for said in replay.said for mark in said.marks]
    rules = list(dict.fromkeys(mark.rule for mark in marks))
    hardest = [severity for severity in SEVERITIES if any(mark.severity == severity for mark in marks)]
    comma = say(story.language, "comma")
    summary = tag(
        "summary",
        tag("span", story.say("red"), class_="tag failed")
        if replay.failed
        else _severity(story, hardest[0])
        if hardest
        else None,
        tag("b", comma.join(story.title(rule) for rule in rules[:3]) + (" …" if len(rules) > 3 else "")),
        tag("span", comma.join(map(story.person, replay.agents)), class_="sub"),
        tag("span", " · ".join(filter(None, (replay.conversation, replay.day))), class_="sub"),
        tag("span", story.say("minus", n=replay.points), class_="right"),
    )
    turns = [_turn(story, said) for said in replay.said]
    gap = _gap(story, replay.skipped)
    return tag(
        "details",
        summary,
        tag("div", turns, gap, class_="turns"),
        class_="talk",
        data_agent="\n".join(replay.agents),
        data_rule="\n".join(rules),
        data_severity="\n".join(hardest),
        data_day=replay.day,
    )


def _gap(story: Story, skipped: int) -> Markup | None:
    return tag("div", story.say("skipped", n=f"{skipped:,}"), class_="gap") if skipped else None


def _turn(story: Story, said: Said) -> Markup:
    gap = _gap(story, said.skipped)
    if said.role == "system":
        return joined((gap, tag("div", said.text, class_="turn system")))
    role = say(story.language, f"role.{said.role}")
    time = said.at[11:16] if len(said.at) > len("2026-11-11T") else said.at[:5] if said.at[2:3] == ":" else ""
    who = " ".join(filter(None, (said.name or role, time)))
    # One offence in three places is said once, and a suggestion that the rewrite holds is not said again.
    unlike = {mark.rule: mark for mark in reversed(said.marks)}
    advice = [_advice(story, unlike[rule], said.rewrite or "") for rule in dict.fromkeys(m.rule for m in said.marks)]
    if said.rewrite:
        advice.append(tag("span", said.rewrite, class_="better"))
    bubble = tag("span", _marked(said.text, said.marks), class_="bubble")
    return joined(
        (
            gap,
            tag(
                "div",
                tag("div", tag("span", who, class_="who sub"), bubble, class_="said"),
                tag("div", advice, class_="advice") if advice else None,
                class_=f"turn {said.role}",
            ),
        )
    )


def _advice(story: Story, mark: Mark, rewrite: str) -> Markup:
    said_anyway = mark.suggestion is None or mark.suggestion in rewrite
    suggestion = None if said_anyway else tag("span", mark.suggestion, class_="better")
    return tag("p", _severity(story, mark.severity), " ", mark.message, suggestion)


def _marked(text: str, marks: Sequence[Mark]) -> Markup:
    """The text with its marks; where two meet, the second begins behind the first."""
    parts: list[Child] = []
    at = 0
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        start = max(mark.start, at)
        if start >= mark.end:
            continue
        parts += (text[at:start], tag("mark", text[start : mark.end], class_=mark.severity, title=mark.rule))
        at = mark.end
    return joined((*parts, text[at:]))


def _meanings(story: Story) -> Markup | None:
    entries: list[Child] = []
    for rule, _ in ranked_rules(story.sums.tally)[:_MOST_ROWS]:
        try:
            known = story.linter.rule(rule)
        except KeyError:
            continue
        texts = (known.message.get(story.language, ""), known.why.get(story.language, ""))
        entries += (tag("dt", story.title(rule), " ", tag("span", rule, class_="sub")), tag("dd", " ".join(texts)))
    return tag("section", tag("h2", story.say("sources")), tag("dl", entries, class_="rules"))


def _filter(name: str, value: str, text: str) -> Markup:
    return tag("a", text, href="#talks", data_filter=name, data_value=value)


def _severity(story: Story, severity: str) -> Markup:
    return tag("span", say(story.language, f"severity.{severity}"), class_=f"tag {severity}")


def _percent(part: int, whole: int) -> str:
    if not whole:
        return "–"
    share = 100 * part / whole
    return f"{share:.0f}%" if share >= 10 or share == 0 else f"{share:.1f}%"


def _time(story: Story, seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < _FEW_SECONDS:
        return story.say("seconds", n=f"{seconds:.0f}")
    return story.say("minutes", n=f"{seconds / 60:.1f}")
