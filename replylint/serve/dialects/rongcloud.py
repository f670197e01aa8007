"""RongCloud: the message callback service (消息回调服务).

https://docs.rongcloud.cn/platform-chat-api/moderation/msgcb: a form, answered with `pass`; asked once, three seconds,
then the message is delivered. The server is told yes or no; a message cannot be changed this way.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha1
from urllib.parse import parse_qsl

from replylint.serve.dialects.shape import Answer, Call, Dialect, Message, fresh, pair, same, text_at
from replylint.serve.wire import UnreadableError, read_json

_TEXT = "RC:TxtMsg"
_MOST_FIELDS = 64
_FIVE_MINUTES = 300.0


def _genuine(call: Call, secret: str, app: str) -> bool:
    query = call.query
    stamp = query.get("signTimestamp") or query.get("timestamp")
    signed = sha1(f"{secret}{query.get('nonce', '')}{stamp}".encode(), usedforsecurity=False).hexdigest()
    mine = not app or same(query.get("appKey"), app)
    timely = fresh(stamp, call.now, _FIVE_MINUTES, unit=1000.0) or fresh(stamp, call.now, _FIVE_MINUTES)
    return mine and timely and same(query.get("signature", "").lower(), signed)


def _read(call: Call) -> Message | None:
    form = _form(call.body)
    if text_at(form, "msgType") != _TEXT:
        return None
    content = text_at(read_json(text_at(form, "content").encode()), "content")
    sender, target = text_at(form, "fromUserId"), text_at(form, "targetId")
    two = form.get("channelType", "PERSON") == "PERSON"
    return Message((content,), sender, pair(sender, target) if two else f"group {target}")


def _form(body: bytes) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except UnicodeDecodeError:
        raise UnreadableError("the form is not UTF-8") from None
    except ValueError:
        raise UnreadableError("the form has too many fields") from None


DIALECT = Dialect(
    "rongcloud", True, 3.0, _genuine, _read,
    lambda _call: Answer({"pass": 1}),
    lambda _call, why: Answer({"pass": 0, "extra": why.sentence}),
    lambda _call, _texts: None,
)  # fmt: skip
