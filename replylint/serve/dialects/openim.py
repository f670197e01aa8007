"""OpenIM: the webhooks before a single and before a group message is sent.

https://docs.openim.io/zh/platform-api/webhooks/message/before-send-single-message: `content` is JSON in a string, the
command is appended to the address. The free edition does not sign, and it would cut a query off, so the secret is a
part of the path: `/hooks/openim/<secret>/callbackBeforeSendSingleMsgCommand`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from replylint.serve.dialects.shape import Answer, Call, Dialect, Message, bearer, pair, same, text_at, text_or
from replylint.serve.wire import read_json, read_object, write_json

HELD_BACK = 5001
_BEFORE = ("callbackBeforeSendSingleMsgCommand", "callbackBeforeSendGroupMsgCommand")
_TEXTS = {"101": "content", "106": "text"}
"""Plain text and text that names somebody, with the key of the words."""


def _genuine(call: Call, secret: str, app: str) -> bool:
    return same(call.tail.split("/", 1)[0], secret) or bearer(call, secret, app)


def _read(call: Call) -> Message | None:
    body = read_object(call.body)
    command = text_or(body, "callbackCommand", call.tail.rsplit("/", 1)[-1])
    if command not in _BEFORE or text_or(body, "contentType") not in _TEXTS:
        return None
    sender, group = text_at(body, "sendID"), text_or(body, "groupID")
    key = f"group {group}" if group else pair(sender, text_or(body, "recvID"))
    return Message((_words(body)[0],), sender, key)


def _words(body: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """The words, the key they stand under and everything beside them."""
    content = read_json(text_at(body, "content").encode("utf-8", "surrogatepass"))
    key = _TEXTS[text_or(body, "contentType")]
    if isinstance(content, dict) and key not in content and "text" in content:
        key = "text"
    return text_at(content, key), key, content


def _answer(code: int = 0, words: str = "", **more: Any) -> Answer:
    held = 1 if code else 0
    return Answer({"actionCode": 0, "errCode": code, "errMsg": words, "errDlt": "", "nextCode": held, **more})


def _rewrite(call: Call, texts: tuple[str, ...]) -> Answer:
    _, key, content = _words(read_object(call.body))
    return _answer(content=write_json({**content, key: texts[0]}).decode())


DIALECT = Dialect(
    "openim", False, 5.0, _genuine, _read,
    lambda _call: _answer(),
    lambda _call, why: _answer(HELD_BACK, why.sentence),
    _rewrite,
)  # fmt: skip
