"""The nouns of a dialect: what a chat server asks, and what it is told.

A dialect only translates. It never judges, keeps nothing and knows no rules; `hooks` does the rest.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from replylint.model import Turn
from replylint.serve.wire import UnreadableError


class Call(NamedTuple):
    """A request as it came in. Header names are in small letters; `tail` is the path behind the dialect's own."""

    body: bytes
    query: Mapping[str, str]
    headers: Mapping[str, str]
    tail: str
    now: float


class Message(NamedTuple):
    """What is about to be delivered: the texts of one message, by whom, in which conversation.

    `history` holds turns the server itself sends along; `key` is empty where it names no conversation.
    """

    texts: tuple[str, ...]
    sender: str
    key: str
    history: tuple[Turn, ...] = ()


class Heard(NamedTuple):
    """Words that are not to be judged, only kept as what was said before."""

    turns: tuple[Turn, ...]
    key: str


class Answer(NamedTuple):
    """What the chat server is told: a status and a JSON value."""

    value: Any
    status: int = 200


class Why(NamedTuple):
    """Why a message is held back: a sentence for the agent, and the findings for a client that can show them."""

    sentence: str
    findings: tuple[Mapping[str, Any], ...] = ()
    rewrite: str | None = None


class Dialect(NamedTuple):
    """How one chat server asks and wants to be answered.

    signed   whether the server signs its calls with the secret, as `genuine` checks
    patience seconds the server waits by default before it goes its own way
    read     what is to be judged, or None where there is no text in it; raises UnreadableError
    allow    deliver it as it is
    reject   hold it back
    rewrite  deliver these texts instead, or None where the server cannot be told to
    accounts whether a call names the account that writes; else all that is read is the agent's
    """

    name: str
    signed: bool
    patience: float
    genuine: Callable[[Call, str, str], bool]
    read: Callable[[Call], Message | Heard | None]
    allow: Callable[[Call], Answer]
    reject: Callable[[Call, Why], Answer]
    rewrite: Callable[[Call, tuple[str, ...]], Answer | None]
    accounts: bool = True


def same(given: str | None, wanted: str) -> bool:
    """Whether two signatures are the same, compared in a time that tells nothing."""
    return hmac.compare_digest((given or "").encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))


def bearer(call: Call, secret: str, _app: str = "") -> bool:
    """For a server that does not sign: the secret as bearer token, as X-API-Key, or as `?key=`."""
    token = call.headers.get("authorization", "").removeprefix("Bearer ")
    return same(token, secret) or same(call.headers.get("x-api-key"), secret) or same(call.query.get("key"), secret)


def fresh(stamp: str | None, now: float, within: float, *, unit: float = 1.0) -> bool:
    """Whether a time stamp, in seconds or with `unit` 1000 in milliseconds, is not older or newer than allowed."""
    if not stamp or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 15:
        return False
    return abs(now - int(stamp) / unit) <= within


def text_at(value: Any, *path: str | int) -> str:
    """The string at a path in a JSON value; raises UnreadableError naming the path."""
    for step in path:
        value = value[step] if _has(value, step) else None
    if not isinstance(value, str):
        raise UnreadableError(f"{'.'.join(map(str, path))} is not a string")
    return value


def text_or(value: Any, key: str, otherwise: str = "") -> str:
    """The string or number under a key, or `otherwise`."""
    found = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, (str, int)):
        return otherwise
    return str(found)


def pair(one: str, other: str) -> str:
    """The name of a conversation of two, whoever writes."""
    return "\x1f".join(sorted((one, other)))


def _has(value: Any, step: str | int) -> bool:
    if isinstance(step, str):
        return isinstance(value, Mapping) and step in value
    return isinstance(value, list) and -len(value) <= step < len(value)
