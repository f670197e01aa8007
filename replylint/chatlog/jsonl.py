"""JSON Lines: a conversation, or a request with its reply, on every line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from replylint.chatlog.lines import Line, LineItem, LogItem, LogProblem
from replylint.model import Conversation, RequestError, Turn, read_conversation, read_request


def read_jsonl(path: Path, lines: Iterable[LineItem]) -> Iterator[LogItem]:
    """The conversation of every line, as it is read. One without an id is called `file name:line`."""
    for line in lines:
        if isinstance(line, LogProblem):
            yield line
        elif line.text.strip():
            yield _read_line(path, line)


def _read_line(path: Path, line: Line) -> LogItem:
    try:
        conversation = _read_object(json.loads(line.text), f"{path.name}:{line.number}")
        # Decoded text cannot hold half a surrogate pair; only an escape such as \ud83d can bring one in.
        if "\\u" in line.text:
            refuse_half_characters(conversation)
    except json.JSONDecodeError as error:
        return LogProblem(str(path), line.number, f"not a JSON object: {error.msg} at column {error.colno}")
    except RecursionError:
        return LogProblem(str(path), line.number, "the JSON is nested too deeply")
    except ValueError as error:
        return LogProblem(str(path), line.number, str(error))
    return conversation


def _read_object(wire: Any, name: str) -> Conversation:
    if not isinstance(wire, dict):
        raise RequestError(f"a line holds one JSON object, not {type(wire).__name__}")
    if "turns" not in wire and "reply" not in wire:
        raise RequestError("the object has neither turns (a conversation) nor reply (a request)")
    if "turns" in wire:
        conversation = read_conversation(wire)
        return conversation if conversation.id else conversation._replace(id=name)
    request = read_request(wire)
    final = Turn("agent", request.reply, sender=request.meta.agent or None)
    return Conversation(request.id or name, (*request.history, final), request.meta)


def refuse_half_characters(conversation: Conversation) -> None:
    """Raises RequestError naming the place of half a surrogate pair, which no file could hold."""
    texts = {"id": conversation.id}
    texts |= {f"meta.{key}": value for key, value in conversation.meta._asdict().items()}
    for number, turn in enumerate(conversation.turns):
        for key, value in (("text", turn.text), ("at", turn.at or ""), ("sender", turn.sender or "")):
            texts[f"turns[{number}].{key}"] = value
    for key, text in texts.items():
        half = next((character for character in text if "\ud800" <= character <= "\udfff"), None)
        if half is not None:
            raise RequestError(f"{key} holds half a character (\\u{ord(half):04x} without its other half)")
