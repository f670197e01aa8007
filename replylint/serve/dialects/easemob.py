"""Easemob, also sold as Shengwang and Agora Chat: the callback before sending.

https://doc.easemob.com/document/server-side/callback_presending.html: an answer of more than 1,000 characters counts
as an attack, `payload` may be sent only when the text changes, and the server waits 200 ms unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import md5
from typing import Any

from replylint.serve.dialects.shape import Answer, Call, Dialect, Message, Why, pair, same, text_at, text_or
from replylint.serve.wire import UnreadableError, read_object, write_json

MOST_CHARACTERS = 1_000
MOST_PAYLOAD_BYTES = 1_024
_LONGEST_CODE = 240


def _genuine(call: Call, secret: str, app: str) -> bool:
    try:
        body = read_object(call.body)
    except UnreadableError:
        return False
    signed = f"{text_or(body, 'callId')}{secret}{text_or(body, 'timestamp')}"
    mine = not app or text_or(body, "appkey", text_or(body, "callId")).startswith(app)
    # The server signs with MD5; the choice is not ours.
    return mine and same(text_or(body, "security").lower(), md5(signed.encode(), usedforsecurity=False).hexdigest())


def _read(call: Call) -> Message | None:
    body = read_object(call.body)
    texts = tuple(text_at(part, "msg") for part in _bodies(body) if _is_text(part))
    if not texts:
        return None
    sender, group = text_at(body, "from"), text_or(body, "group_id")
    return Message(texts, sender, f"group {group}" if group else pair(sender, text_or(body, "to")))


def _bodies(body: Mapping[str, Any]) -> list[Any]:
    """The parts of a message: `payload.bodies`, or the payload itself, as older callbacks have it."""
    payload = body.get("payload")
    if not isinstance(payload, dict):
        raise UnreadableError("payload is not an object")
    bodies = payload.get("bodies")
    return bodies if isinstance(bodies, list) else [payload]


def _is_text(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "txt"


def _reject(_call: Call, why: Why) -> Answer:
    sentence = why.sentence
    return Answer(
        {"valid": False, "code": sentence if len(sentence) <= _LONGEST_CODE else f"{sentence[:_LONGEST_CODE]}…"}
    )


def _rewrite(call: Call, texts: tuple[str, ...]) -> Answer | None:
    """The payload with its texts replaced, unless it would be larger than the server takes."""
    body = read_object(call.body)
    payload, new = body["payload"], iter(texts)
    parts = [{**part, "msg": next(new)} if _is_text(part) else part for part in _bodies(body)]
    changed = {**payload, "bodies": parts} if isinstance(payload.get("bodies"), list) else parts[0]
    value = {"valid": True, "payload": changed}
    fits = len(write_json(changed)) <= MOST_PAYLOAD_BYTES and len(write_json(value).decode()) <= MOST_CHARACTERS
    return Answer(value) if fits else None


DIALECT = Dialect(
    "easemob", True, 0.2, _genuine, _read, lambda _call: Answer({"valid": True}), _reject, _rewrite
)  # fmt: skip
