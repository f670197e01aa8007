"""NetEase Yunxin: the third-party callback for one-to-one (eventType 1) and group messages (2).

https://doc.yunxin.163.com/messaging/docs/jI3ODc2ODE?platform=server: `errCode` 0 lets a message pass, 1 does not;
`modifyResponse` is JSON in a string; the server waits two seconds unless told otherwise.
"""

from __future__ import annotations

from hashlib import md5, sha1

from replylint.serve.dialects.shape import Answer, Call, Dialect, Message, Why, pair, same, text_at, text_or
from replylint.serve.wire import read_object, write_json

_MESSAGES = ("1", "2")
HELD_BACK = 20000
"""The client shows a code of its own choice only from 20000 to 20099."""
_LONGEST_EXTENSION = 1_024


def _genuine(call: Call, secret: str, app: str) -> bool:
    digest = md5(call.body, usedforsecurity=False).hexdigest()
    signed = sha1(f"{secret}{digest}{call.headers.get('curtime', '')}".encode(), usedforsecurity=False).hexdigest()
    mine = not app or same(call.headers.get("appkey"), app)
    untouched = same(call.headers.get("md5", "").lower(), digest)
    return mine and untouched and same(call.headers.get("checksum", "").lower(), signed)


def _read(call: Call) -> Message | None:
    body = read_object(call.body)
    if text_or(body, "eventType") not in _MESSAGES or text_or(body, "msgType") != "TEXT":
        return None
    sender, target = text_at(body, "fromAccount"), text_or(body, "to")
    two = text_or(body, "eventType") == "1"
    return Message((text_at(body, "body"),), sender, pair(sender, target) if two else f"group {target}")


def _answer(passes: bool, change: str = "{}", note: str = "") -> Answer:
    code = 200 if passes else HELD_BACK
    return Answer(
        {"errCode": 0 if passes else 1, "responseCode": code, "modifyResponse": change, "callbackExt": note}
    )  # fmt: skip


def _reject(_call: Call, why: Why) -> Answer:
    note = write_json({"message": why.sentence, "rewrite": why.rewrite}).decode()
    if len(note) > _LONGEST_EXTENSION:
        note = write_json({"message": why.sentence[: _LONGEST_EXTENSION // 2], "rewrite": None}).decode()
    return _answer(False, note=note)


DIALECT = Dialect(
    "yunxin", True, 2.0, _genuine, _read,
    lambda _call: _answer(True),
    _reject,
    lambda _call, texts: _answer(True, write_json({"body": texts[0]}).decode()),
)  # fmt: skip
