"""JUnit XML for build servers: a suite a file, a case a reply."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from replylint.render import Checked, Result, Setting, Unreadable
from replylint.render.width import clip

# XML 1.0 has no way to write these, not even escaped (chapter 2.2).
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME_CELLS = 60


def render(results: Iterable[Result], setting: Setting) -> Iterator[str]:
    """A finding at or above the level that fails the run is a failure, a milder one is printed with its case."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="replylint">\n'
    for path, items in groupby(results, key=lambda item: item.path):
        yield from _suite(path, list(items), setting)
    yield "</testsuites>\n"


def _suite(path: str, items: list[Result], setting: Setting) -> Iterator[str]:
    errors = sum(isinstance(item, Unreadable) for item in items)
    failures = sum(isinstance(item, Checked) and bool(_split(item, setting)[0]) for item in items)
    sums = f'tests="{len(items)}" failures="{failures}" errors="{errors}" skipped="0"'
    yield f"  <testsuite name={_attribute(path)} {sums}>\n"
    for item in items:
        yield from _unreadable(item) if isinstance(item, Unreadable) else _case(item, setting)
    yield "  </testsuite>\n"


def _case(item: Checked, setting: Setting) -> Iterator[str]:
    name = f"{item.whole.line}: {clip(' '.join(item.reply[:200].split()), _NAME_CELLS)}"
    head = f"    <testcase classname={_attribute(item.path)} name={_attribute(name)}"
    failing, milder = _split(item, setting)
    if not failing and not milder:
        yield f"{head}/>\n"
        return
    yield f"{head}>\n"
    if failing:
        rules = ", ".join(dict.fromkeys(item.report.findings[number].rule for number in failing))
        body = "\n".join([*(_described(item, number) for number in failing), *_rewrite(item)])
        message = _attribute(_message(item, failing))
        yield f"      <failure type={_attribute(rules)} message={message}>{_body(body)}</failure>\n"
    if milder:
        yield f"      <system-out>{_body(chr(10).join(_described(item, number) for number in milder))}</system-out>\n"
    yield "    </testcase>\n"


def _unreadable(item: Unreadable) -> Iterator[str]:
    name = f"{item.line or 0}: {item.message}"
    yield f"    <testcase classname={_attribute(item.path)} name={_attribute(clip(name, _NAME_CELLS))}>\n"
    yield f'      <error type="unreadable" message={_attribute(item.message)}>{_body(str(item))}</error>\n'
    yield "    </testcase>\n"


def _split(item: Checked, setting: Setting) -> tuple[list[int], list[int]]:
    """The numbers of the findings that fail the run, and of the others."""
    numbers = range(len(item.report.findings))
    failing = [number for number in numbers if item.report.findings[number].severity in setting.fail]
    return failing, [number for number in numbers if number not in failing]


def _message(item: Checked, failing: list[int]) -> str:
    return "; ".join(
        f"「{item.report.findings[number].text}」 {item.report.findings[number].message}" for number in failing
    )


def _described(item: Checked, number: int) -> str:
    finding, spot = item.report.findings[number], item.spots[number]
    place = ":".join(str(part) for part in (item.path, spot.line, spot.column) if part is not None)
    return f"{place}: {finding.severity} {finding.rule}: 「{finding.text}」 {finding.message}"


def _rewrite(item: Checked) -> list[str]:
    return [] if item.report.rewrite is None else [f"→ {item.report.rewrite}"]


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("\ufffd", text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _body(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", text))
