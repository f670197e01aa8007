"""Bytes to JSON and back, and offsets as JavaScript counts them. Nothing a client sends raises anything else than
`UnreadableError`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class UnreadableError(ValueError):
    """A body that is not what it should be; the text says what is wrong and quotes nothing a person wrote."""


def read_json(body: bytes) -> Any:
    """The value of a JSON body; raises UnreadableError."""
    try:
        return json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise UnreadableError("the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise UnreadableError(f"the body is not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise UnreadableError("the JSON is nested too deeply") from None
    except ValueError:
        raise UnreadableError("the JSON has a number that is too long") from None


def read_object(body: bytes) -> Mapping[str, Any]:
    """The object of a JSON body; raises UnreadableError."""
    value = read_json(body)
    if not isinstance(value, dict):
        raise UnreadableError(f"the body is a JSON object, not {type(value).__name__}")
    return value


def write_json(value: Any) -> bytes:
    """JSON as UTF-8. Half a surrogate pair, which UTF-8 has no bytes for, is written as its escape, \\ud83d."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def in_utf16(wire: dict[str, Any], reply: str) -> dict[str, Any]:
    """A report or explanation in the wire format with its offsets counted in UTF-16 units: an emoji is two."""
    if all(ord(char) < 0x10000 for char in reply):
        return wire
    at = [0]
    for char in reply:
        at.append(at[-1] + (2 if ord(char) > 0xFFFF else 1))
    return {
        key: [{**item, "start": at[item["start"]], "end": at[item["end"]]} for item in value]
        if key in ("findings", "verdicts")
        else value
        for key, value in wire.items()
    }
