"""The wire format as JSON Schema, for /openapi.json. `model` reads the requests and tells more when one is wrong."""

from __future__ import annotations

from typing import Any

from replylint.model import PLATFORMS, ROLES

_TEXT = {"type": "string"}
TURN = {
    "type": "object",
    "required": ["role", "text"],
    "properties": {"role": {"enum": list(ROLES)}, "text": _TEXT, "at": _TEXT, "sender": _TEXT},
}
META = {
    "type": "object",
    "properties": {
        "platform": {"enum": list(PLATFORMS)}, "shop": _TEXT, "agent": _TEXT, "buyer_id": _TEXT,
        "order_buyer_id": _TEXT,
    },
}  # fmt: skip
REQUEST = {
    "type": "object",
    "required": ["reply"],
    "properties": {
        "id": _TEXT,
        "reply": {**_TEXT, "description": "what the agent is about to send"},
        "history": {"type": "array", "items": TURN, "description": "earlier turns, oldest first"},
        "meta": META,
        "conversation": {**_TEXT, "description": "with it, history need hold only what is new"},
    },
    "example": {
        "id": "7",
        "reply": "亲,我们不开发票的哦",
        "history": [{"role": "buyer", "text": "能开发票吗"}],
        "meta": {"platform": "tmall"},
    },
}
FINDING = {
    "type": "object",
    "properties": {
        "rule": _TEXT, "severity": {"enum": ["error", "warning", "info"]},
        "confidence": {"enum": ["high", "medium", "low"]}, "points": {"type": "integer"},
        "start": {"type": "integer"}, "end": {"type": "integer"}, "text": _TEXT, "message": _TEXT, "suggestion": _TEXT,
    },
}  # fmt: skip
REPORT = {
    "type": "object",
    "properties": {
        "id": {"type": ["string", "null"]},
        "action": {"enum": ["block", "warn", "allow"]},
        "findings": {"type": "array", "items": FINDING},
        "rewrite": {"type": ["string", "null"]},
        "version": _TEXT,
    },
}
BATCH = {"type": "object", "required": ["requests"], "properties": {"requests": {"type": "array", "items": REQUEST}}}
REPORTS = {"type": "object", "properties": {"reports": {"type": "array", "items": REPORT}}}
NOTE = {
    "type": "object",
    "required": ["conversation", "turns"],
    "properties": {"conversation": _TEXT, "turns": {"type": "array", "items": TURN}},
}
UTF16 = {
    "name": "offset_encoding", "in": "query", "schema": {"enum": ["utf-16", "code-point"]},
    "description": "how start and end are counted; JavaScript counts utf-16",
}  # fmt: skip


def body(schema: dict[str, Any], *, offsets: bool = False) -> dict[str, Any]:
    """What a route adds to the description that FastAPI makes of it."""
    extra: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
    return {**extra, "parameters": [UTF16]} if offsets else extra


def answers(schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The answer of a route, and the ways it may say no."""
    told: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": schema}}}}
    for status, text in _REFUSALS.items():
        told[status] = {"description": text}
    return told


_REFUSALS = {400: "not a readable request", 401: "wrong secret", 413: "too large", 503: "not judged in time"}
