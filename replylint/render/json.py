"""For programs: the wire format, as one document or one line a reply.

Text is written as it is, not as \\u escapes. Half a surrogate pair, which UTF-8 cannot carry, is left to the stream:
its `backslashreplace` writes \\ud83d, and that is JSON's own escape for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from replylint.render import Checked, Result, Setting


def render(results: Iterable[Result], setting: Setting) -> Iterator[str]:
    """One object: the version, and a result for every reply, each with its file, line and text."""
    head = json.dumps({"version": setting.version}, ensure_ascii=False)
    yield head.removesuffix("}") + ', "results": ['
    separator = "\n"
    for item in results:
        yield separator + json.dumps({**_where(item), **_answer(item)}, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def render_lines(results: Iterable[Result], setting: Setting) -> Iterator[str]:  # noqa: ARG001
    """One line a reply: to a wire request its bare response, to a reply from a file the response and its place."""
    for item in results:
        wire = _answer(item) if item.from_wire else {**_where(item), **_answer(item)}
        yield json.dumps(wire, ensure_ascii=False) + "\n"


def _answer(item: Result) -> dict[str, Any]:
    if isinstance(item, Checked):
        return item.report.to_dict()
    return {"id": item.id, "error": item.message}


def _where(item: Result) -> dict[str, Any]:
    if not isinstance(item, Checked):
        return {"file": item.path, "line": item.line}
    where = {"file": item.path, "line": item.whole.line, "column": item.whole.column, "reply": item.reply}
    return {**where, "label": item.label} if item.label else where
