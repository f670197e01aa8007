"""SARIF 2.1.0, the format that code-scanning services read. Columns count code points, and the file says so."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from replylint.model import Finding
from replylint.render import Checked, Result, RuleCard, Setting, Spot, Unreadable

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def render(results: Iterable[Result], setting: Setting) -> Iterator[str]:
    """One run with all results; only the rules that occur are described."""
    items = list(results)
    checked = [item for item in items if isinstance(item, Checked)]
    unread = [item for item in items if isinstance(item, Unreadable)]
    used = sorted({finding.rule for item in checked for finding in item.report.findings})
    number = {rule: at for at, rule in enumerate(used)}
    seen: Counter[str] = Counter()
    run = {
        "tool": {
            "driver": {
                "name": "replylint",
                "version": setting.program,
                "semanticVersion": setting.program,
                "properties": {"rules": setting.version},
                "rules": [_rule(setting.cards[rule]) for rule in used],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [result for item in checked for result in _results(item, number, seen)],
        "invocations": [
            {
                "executionSuccessful": not unread,
                "toolExecutionNotifications": [_notification(item) for item in unread],
            }
        ],
    }
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rule(card: RuleCard) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": card.id,
        "name": card.id.replace("/", "-"),
        "shortDescription": {"text": card.title},
        "fullDescription": {"text": card.message},
        "help": {"text": card.why or card.message},
        "defaultConfiguration": {"level": _LEVELS[card.severity]},
        "properties": {"tags": [card.id.split("/", 1)[0]], "points": card.points},
    }
    return {**described, "helpUri": card.url} if card.url else described


def _results(item: Checked, number: dict[str, int], seen: Counter[str]) -> Iterator[dict[str, Any]]:
    for finding, spot in zip(item.report.findings, item.spots, strict=True):
        instead = item.report.rewrite or finding.suggestion
        result: dict[str, Any] = {
            "ruleId": finding.rule,
            "ruleIndex": number[finding.rule],
            "level": _LEVELS[finding.severity],
            "message": {"text": f"「{finding.text}」 {finding.message}" + (f" → {instead}" if instead else "")},
            "locations": [_location(item.path, spot, finding.text)],
            "partialFingerprints": {"replylint/v1": _fingerprint(item, finding, seen)},
        }
        if item.replacement is not None and item.whole.column is not None:
            result["fixes"] = [_fix(item, item.replacement)]
        yield result


def _fix(item: Checked, replacement: str) -> dict[str, Any]:
    swap = {"deletedRegion": _region(item.whole), "insertedContent": {"text": replacement}}
    return {
        "description": {"text": item.report.rewrite},
        "artifactChanges": [{"artifactLocation": {"uri": _uri(item.path)}, "replacements": [swap]}],
    }


def _fingerprint(item: Checked, finding: Finding, seen: Counter[str]) -> str:
    """The rule and the reply, not the line: a phrase that moves stays the same result. Copies are numbered."""
    key = "\0".join((finding.rule, item.path, item.reply, str(finding.start)))
    seen[key] += 1
    return hashlib.sha256(f"{key}\0{seen[key]}".encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _notification(item: Unreadable) -> dict[str, Any]:
    location = _location(item.path, Spot(item.line or 1, item.column), None)
    return {"level": "error", "message": {"text": item.message}, "locations": [location]}


def _location(path: str, spot: Spot, snippet: str | None) -> dict[str, Any]:
    region = _region(spot)
    if snippet is not None:
        region["snippet"] = {"text": snippet}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(path)}, "region": region}}


def _region(spot: Spot) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": spot.line}
    if spot.column is not None:
        region["startColumn"] = spot.column
    if spot.end_line is not None and spot.end_column is not None:
        region |= {"endLine": spot.end_line, "endColumn": spot.end_column}
    return region


def _uri(path: str) -> str:
    """A relative path stays relative, so that the service finds the file in the repository."""
    if path.startswith("<"):
        return path.strip("<>")
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix().encode("utf-8", "surrogateescape"))
