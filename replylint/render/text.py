"""For people at a terminal: each finding with its words marked, why, and what to say instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from replylint.messages import say
from replylint.model import SEVERITIES, Finding
from replylint.render import Checked, Result, Setting, Spot, Unreadable
from replylint.render.width import clip, pad, underline, visible, width, window

_COLOURS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "info": "\x1b[1;36m",
    "good": "\x1b[32m",
    "faint": "\x1b[2m",
}
_LINE = 96
_LONGEST_REWRITE = 4000


def render(results: Iterable[Result], setting: Setting) -> Iterator[str]:
    """One block a finding, a rewrite below the reply's last one, and a closing line with the sums.

    What could not be read is left to whoever reads the input: it is said on the error stream.
    """
    tally: Counter[str] = Counter()
    for item in results:
        if isinstance(item, Unreadable):
            continue
        tally["replies"] += 1
        findings = item.report.findings
        tally["flagged"] += bool(findings)
        tally["fixable"] += item.report.rewrite is not None
        tally.update(finding.severity for finding in findings)
        if findings:
            yield from _reply(item, setting)
    yield closing(tally, setting.language) + "\n"


def closing(tally: Counter[str], language: str) -> str:
    """The line with the sums; `tally` counts replies, flagged, fixable and each severity."""
    if not tally["replies"]:
        return say(language, "checked.none")
    if not tally["flagged"]:
        return say(language, "checked.clean", replies=tally["replies"])
    sums = severities(tally, language)
    return say(
        language,
        "checked.found",
        replies=tally["replies"],
        flagged=tally["flagged"],
        severities=sums,
        fixable=tally["fixable"],
    )


def severities(tally: Counter[str], language: str) -> str:
    """`错误 2、警告 1`: the severities that occur, the hardest first."""
    parts = [say(language, f"count.{name}", n=tally[name]) for name in SEVERITIES if tally[name]]
    return say(language, "comma").join(parts)


def painted(text: str, colour: str, on: bool) -> str:
    """The text in the colour of a severity, or `good`, or `faint`."""
    return f"{_COLOURS[colour]}{text}\x1b[0m" if on else text


def quoted(reply: str, finding: Finding, indent: str, colour: bool) -> Iterator[str]:
    """The line of the reply that holds the finding, and the marks below it."""
    # A cell of a library may hold several lines; the marks fit below one.
    first = max(reply.rfind("\n", 0, finding.start), reply.rfind("\r", 0, finding.start)) + 1
    ends = [at for sign in "\r\n" if (at := reply.find(sign, finding.start)) >= 0]
    last = min(ends, default=len(reply))
    line, start, end = window(
        visible(reply[first:last]), finding.start - first, min(finding.end, last) - first, _LINE - len(indent)
    )
    marked = line[:start] + painted(line[start:end], finding.severity, colour) + line[end:]
    yield f"{indent}{marked}"
    yield f"{indent}{painted(underline(line, start, end), finding.severity, colour)}"


def marked(reply: str, findings: Sequence[Finding], colour: bool) -> Iterator[str]:
    """The whole reply, line by line, with marks below every line that has findings."""
    offset = 0
    for line in reply.split("\n"):
        shown, painted_to, text, marks = visible(line), 0, "", ""
        for finding in sorted(findings, key=lambda item: item.start):
            start = max(finding.start - offset, painted_to)
            end = min(finding.end - offset, len(line))
            if start >= end:
                continue
            text += shown[painted_to:start] + painted(shown[start:end], finding.severity, colour)
            marks += " " * (width(shown[:start]) - width(marks)) + underline(shown[start:end], 0, end - start)
            painted_to = end
        yield text + shown[painted_to:]
        if marks:
            yield painted(marks, "error", colour)
        offset += len(line) + 1


def place(path: str, spot: Spot) -> str:
    """path:line:column, as editors understand it."""
    return ":".join(str(part) for part in (visible(path), spot.line, spot.column) if part is not None)


def _reply(item: Checked, setting: Setting) -> Iterator[str]:
    language, colour = setting.language, setting.colour
    names = {
        name: say(language, name)
        for name in ("label.why", "label.say", "label.rewrite", "label.phrase", "role.buyer", "label.reply")
    }
    column = max(map(width, names.values())) + 2
    indent = " " * (column + 2)

    def labelled(name: str, text: str, paint: str | None = None) -> str:
        shown = text if name == "label.reply" else visible(" ".join(text.split("\n")))
        label = painted(pad(names[name], column), "faint", colour)
        return f"  {label}{painted(shown, paint, colour) if paint else shown}\n"

    for number, (finding, spot) in enumerate(zip(item.report.findings, item.spots, strict=True)):
        severity = painted(say(language, f"severity.{finding.severity}"), finding.severity, colour)
        yield f"{place(item.path, spot)}  {severity}  {finding.rule}\n"
        if number == 0:
            buyer = next((turn.text for turn in reversed(item.history) if turn.role == "buyer"), None)
            if item.label:
                yield labelled("label.phrase", item.label)
            if buyer is not None:
                yield labelled("role.buyer", clip(buyer, _LINE - column))
        line, marks = quoted(item.reply, finding, indent, colour)
        yield labelled("label.reply", line.removeprefix(indent))
        yield f"{marks}\n"
        yield labelled("label.why", finding.message)
        if finding.suggestion and finding.suggestion not in (item.report.rewrite or ""):
            yield labelled("label.say", finding.suggestion)
    if item.report.rewrite is not None:
        yield labelled("label.rewrite", clip(item.report.rewrite, _LONGEST_REWRITE), "good")
    yield "\n"
