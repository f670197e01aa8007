"""Stream Chat: the before-message-send webhook.

https://getstream.io/chat/docs/react/before_message_send_webhook/: a message of type `error` is shown to its sender
only; a message sent back replaces the one that came. The server waits 1.5 seconds unless told otherwise.
"""

from __future__ import annotations

import hmac

from replylint.serve.dialects.shape import Answer, Call, Dialect, Message, Why, same, text_at, text_or
from replylint.serve.wire import UnreadableError, read_object


def _genuine(call: Call, secret: str, app: str) -> bool:
    mine = not app or same(call.headers.get("x-api-key"), app)
    signed = hmac.new(secret.encode(), call.body, "sha256").hexdigest()
    return mine and same(call.headers.get("x-signature", "").lower(), signed)


def _read(call: Call) -> Message | None:
    body = read_object(call.body)
    message = body.get("message")
    if not isinstance(message, dict):
        raise UnreadableError("message is not an object")
    if text_or(message, "type", "regular") not in ("regular", "reply") or not text_or(message, "text"):
        return None
    channel = body.get("channel")
    return Message((text_at(message, "text"),), text_at(body, "user", "id"), text_or(channel, "cid"))


def _reject(_call: Call, why: Why) -> Answer:
    return Answer({"message": {"type": "error", "text": why.sentence}})


def _rewrite(call: Call, texts: tuple[str, ...]) -> Answer:
    return Answer({"message": {**read_object(call.body)["message"], "text": texts[0], "html": ""}})


DIALECT = Dialect("stream", True, 1.5, _genuine, _read, lambda _call: Answer({}), _reject, _rewrite)
