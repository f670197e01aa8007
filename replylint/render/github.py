"""Annotations for GitHub Actions: `::error file=…,line=…::message`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from replylint.model import Finding
from replylint.render import Result, Setting, Spot, Unreadable

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(results: Iterable[Result], setting: Setting) -> Iterator[str]:  # noqa: ARG001
    """One annotation a finding, and one for what could not be read."""
    for item in results:
        if isinstance(item, Unreadable):
            yield _command("error", item.path, Spot(item.line or 1, item.column), "replylint", item.message)
            continue
        for finding, spot in zip(item.report.findings, item.spots, strict=True):
            yield _command(
                _COMMANDS[finding.severity], item.path, spot, finding.rule, _message(finding, item.report.rewrite)
            )


def _message(finding: Finding, rewrite: str | None) -> str:
    lines = [f"「{finding.text}」 {finding.message}"]
    if rewrite or finding.suggestion:
        lines.append(f"→ {rewrite or finding.suggestion}")
    return "\n".join(lines)


def _command(command: str, path: str, spot: Spot, title: str, message: str) -> str:
    properties: dict[str, object] = {"file": path, "line": spot.line}
    # GitHub refuses columns when the annotation spans several lines.
    if spot.column is not None and spot.end_line in (None, spot.line):
        properties["col"] = spot.column
        if spot.end_column is not None:
            properties["endColumn"] = spot.end_column
    properties["title"] = title
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{command} {listed}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
