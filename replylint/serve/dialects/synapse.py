"""Matrix Synapse through `synapse-http-antispam`: its callback `check_event_for_spam`.

https://github.com/maunium/synapse-http-antispam: any 2xx lets an event pass, anything else goes to the client as it
is. The event cannot be changed this way; `replylint.integrations.synapse` can. An encrypted message has no text here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from replylint.serve.dialects.shape import Answer, Call, Dialect, Message, Why, bearer, text_at, text_or
from replylint.serve.wire import UnreadableError, read_object

FINDINGS = "org.replylint.findings"
REWRITE = "org.replylint.rewrite"


def _read(call: Call) -> Message | None:
    body = read_object(call.body)
    if call.tail.rsplit("/", 1)[-1] != "check_event_for_spam":
        return None
    event = body.get("event")
    if not isinstance(event, dict):
        raise UnreadableError("event is not an object")
    words = words_of(event.get("type"), event.get("content"))
    if words is None:
        return None
    return Message((words,), text_at(event, "sender"), text_or(event, "room_id"))


def words_of(kind: Any, content: Any) -> str | None:
    """What a room message says, an edit by its new words; None for everything that is not text."""
    if kind != "m.room.message" or not isinstance(content, Mapping):
        return None
    new = content.get("m.new_content")
    said = new if isinstance(new, Mapping) else content
    return text_or(said, "body") or None if text_or(said, "msgtype") in ("m.text", "m.notice", "m.emote") else None


def _allow(call: Call) -> Answer:
    if call.tail.rsplit("/", 1)[-1] == "ping":
        return Answer({"id": text_or(read_object(call.body), "id"), "status": "ok"})
    return Answer({})


def _reject(_call: Call, why: Why) -> Answer:
    return Answer(
        {"errcode": "M_FORBIDDEN", "error": why.sentence, FINDINGS: list(why.findings), REWRITE: why.rewrite}, 403
    )


DIALECT = Dialect("synapse", False, 10.0, bearer, _read, _allow, _reject, lambda _call, _texts: None)
