"""Tencent Cloud Chat: `C2C.CallbackBeforeSendMsg` and `Group.CallbackBeforeSendMsg`.

https://cloud.tencent.com/document/product/269/1632 and the security chapter of the callback overview there. The
server waits two seconds; codes 120001 to 130000 and their text reach the sender's client.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from replylint.serve.dialects.shape import Answer, Call, Dialect, Message, fresh, pair, same, text_at, text_or
from replylint.serve.wire import UnreadableError, read_object

HELD_BACK = 120001
_BEFORE = ("C2C.CallbackBeforeSendMsg", "Group.CallbackBeforeSendMsg")
_MINUTE = 60.0


def _genuine(call: Call, secret: str, app: str) -> bool:
    stamp = call.query.get("RequestTime")
    signed = sha256(f"{secret}{stamp}".encode()).hexdigest()
    mine = not app or same(call.query.get("SdkAppid"), app)
    return mine and fresh(stamp, call.now, _MINUTE) and same(call.query.get("Sign", "").lower(), signed)


def _read(call: Call) -> Message | None:
    body = read_object(call.body)
    if text_or(body, "CallbackCommand", call.query.get("CallbackCommand", "")) not in _BEFORE:
        return None
    texts = tuple(text_at(part, "MsgContent", "Text") for part in _parts(body) if _is_text(part))
    if not texts:
        return None
    sender, group = text_at(body, "From_Account"), text_or(body, "GroupId")
    return Message(texts, sender, f"group {group}" if group else pair(sender, text_or(body, "To_Account")))


def _parts(body: Any) -> list[Any]:
    parts = body.get("MsgBody")
    if not isinstance(parts, list):
        raise UnreadableError("MsgBody is not a list")
    return parts


def _is_text(part: Any) -> bool:
    return isinstance(part, dict) and part.get("MsgType") == "TIMTextElem"


def _answer(code: int, words: str = "", **more: Any) -> Answer:
    return Answer({"ActionStatus": "OK", "ErrorInfo": words, "ErrorCode": code, **more})


def _rewrite(call: Call, texts: tuple[str, ...]) -> Answer:
    new = iter(texts)
    parts = [
        {**part, "MsgContent": {**part["MsgContent"], "Text": next(new)}} if _is_text(part) else part
        for part in _parts(read_object(call.body))
    ]
    return _answer(0, MsgBody=parts)


DIALECT = Dialect(
    "tencent-im", True, 2.0, _genuine, _read,
    lambda _call: _answer(0),
    lambda _call, why: _answer(HELD_BACK, why.sentence),
    _rewrite,
)  # fmt: skip
