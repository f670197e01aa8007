"""The nouns of the linter: turns, requests, findings, reports.

All of them are immutable. Positions are half-open code-point offsets into the reply exactly as it was given.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "info"]
Confidence: TypeAlias = Literal["high", "medium", "low"]
Action: TypeAlias = Literal["block", "warn", "allow"]
Role: TypeAlias = Literal["buyer", "agent", "bot", "system"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
ROLES: tuple[Role, ...] = ("buyer", "agent", "bot", "system")
PLATFORMS = ("taobao", "tmall", "jd", "pdd", "douyin", "kuaishou", "xhs", "wxshop", "other")
PACKS = (
    "invoice", "payment", "contact", "privacy", "fit", "safety", "review", "adlaw",
    "promise", "returns", "price", "attitude", "etiquette", "template", "dispute", "integrity",
)  # fmt: skip


class RequestError(ValueError):
    """A wire request or conversation that cannot be read; the text says which key is wrong and why."""


class Turn(NamedTuple):
    """One message of a conversation. `at` is ISO 8601 text as given, or None."""

    role: Role
    text: str
    at: str | None = None
    sender: str | None = None


class Meta(NamedTuple):
    """What is known about the chat besides its words. Empty text means unknown."""

    platform: str = ""
    shop: str = ""
    agent: str = ""
    buyer_id: str = ""
    order_buyer_id: str = ""

    @property
    def asker_is_not_the_orderer(self) -> bool:
        """True only when both accounts are known and they differ."""
        return bool(self.buyer_id and self.order_buyer_id) and self.buyer_id != self.order_buyer_id


NO_META = Meta()
"""Nothing is known about the chat."""


class Request(NamedTuple):
    """One reply to check, with the turns before it, oldest first."""

    reply: str
    history: tuple[Turn, ...] = ()
    meta: Meta = NO_META
    id: str | None = None


class Conversation(NamedTuple):
    """A whole chat, as the audit reads it."""

    id: str
    turns: tuple[Turn, ...]
    meta: Meta = NO_META


class Finding(NamedTuple):
    """One rule broken by one act. `reply[start:end] == text` always holds.

    `trick` names the evasive spelling the words were hidden behind ("homophone", "separator", …), or is None.
    """

    rule: str
    severity: Severity
    confidence: Confidence
    points: int
    start: int
    end: int
    text: str
    message: str
    suggestion: str | None = None
    trick: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The finding in the wire format; `suggestion` and `trick` only when there is one."""
        wire = self._asdict()
        for optional in ("suggestion", "trick"):
            if wire[optional] is None:
                del wire[optional]
        return wire


class Verdict(NamedTuple):
    """A candidate that was weighed: it became a finding when `reason` is None, else it was dropped for `reason`.

    `pattern` is the frame, answer or regex of the pack that raised it, as its author wrote it.
    """

    rule: str
    pattern: str
    start: int
    end: int
    text: str
    reason: str | None


class Report(NamedTuple):
    """The judgement of one reply. `rewrite` is None when the reply is fine or no compliant rewrite exists.

    `turn` is the reply's index in its conversation's turns, where a conversation was judged.
    """

    action: Action
    findings: tuple[Finding, ...]
    rewrite: str | None
    version: str
    id: str | None = None
    turn: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The report in the wire format (JSON-ready)."""
        return {
            "id": self.id,
            "action": self.action,
            "findings": [finding.to_dict() for finding in self.findings],
            "rewrite": self.rewrite,
            "version": self.version,
        }


HistoryItem: TypeAlias = Turn | Mapping[str, Any] | tuple[str, str]


def read_turn(item: HistoryItem) -> Turn:
    """A turn from a `Turn`, a `(role, text)` pair or a wire object; raises RequestError."""
    if isinstance(item, Turn):
        return item
    if isinstance(item, Mapping):
        role, text = item.get("role"), item.get("text")
        at, sender = item.get("at"), item.get("sender")
    elif isinstance(item, (tuple, list)) and len(item) == 2:
        (role, text), at, sender = item, None, None
    else:
        raise RequestError(f"a turn is an object with role and text or a (role, text) pair, not {item!r:.80}")
    if role not in ROLES:
        raise RequestError(f"role is one of {', '.join(ROLES)}, not {role!r:.80}")
    if not isinstance(text, str):
        raise RequestError(f"a turn's text is a string, not {type(text).__name__}")
    return Turn(role, text, _text_or_none(at, "at"), _text_or_none(sender, "sender"))


def read_history(items: Iterable[HistoryItem]) -> tuple[Turn, ...]:
    """Every turn of a history, oldest first; raises RequestError naming the turn."""
    plain = isinstance(items, (list, tuple))  # to ask an abstract class costs a tenth of a check
    if not plain and (isinstance(items, (str, bytes, Mapping)) or not isinstance(items, Iterable)):
        raise RequestError(f"history is a list of turns, not {type(items).__name__}")
    turns = []
    for number, item in enumerate(items):
        try:
            turns.append(read_turn(item))
        except RequestError as error:
            raise RequestError(f"history[{number}]: {error}") from None
    return tuple(turns)


def read_meta(meta: Mapping[str, Any] | Meta | None) -> Meta:
    """The known keys of a meta object (others are ignored, numbers become text); raises RequestError."""
    if meta is None:
        return NO_META
    if isinstance(meta, Meta):
        return meta
    if not isinstance(meta, Mapping):
        raise RequestError(f"meta is an object, not {type(meta).__name__}")
    known = {}
    for key in Meta._fields:
        value = meta.get(key)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise RequestError(f"meta.{key} is a string, not {type(value).__name__}")
        known[key] = str(value)
    if known.get("platform") and known["platform"] not in PLATFORMS:
        raise RequestError(f"meta.platform is one of {', '.join(PLATFORMS)}, not {known['platform']!r:.80}")
    return Meta(**known)


def read_request(wire: Any) -> Request:
    """A wire request; raises RequestError naming the key."""
    if not isinstance(wire, Mapping):
        raise RequestError(f"a request is an object, not {type(wire).__name__}")
    reply = wire.get("reply")
    if not isinstance(reply, str):
        raise RequestError("reply is missing" if reply is None else f"reply is a string, not {type(reply).__name__}")
    history = read_history(wire.get("history") or ())
    return Request(reply, history, read_meta(wire.get("meta")), _text_or_none(wire.get("id"), "id"))


def read_conversation(wire: Any) -> Conversation:
    """A wire conversation; raises RequestError naming the key."""
    if not isinstance(wire, Mapping):
        raise RequestError(f"a conversation is an object, not {type(wire).__name__}")
    if not isinstance(wire.get("turns"), Sequence) or isinstance(wire.get("turns"), str):
        raise RequestError("turns is a list of turns")
    try:
        turns = read_history(wire["turns"])
    except RequestError as error:
        raise RequestError(str(error).replace("history[", "turns[", 1)) from None
    return Conversation(_text_or_none(wire.get("id"), "id") or "", turns, read_meta(wire.get("meta")))


def _text_or_none(value: Any, key: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise RequestError(f"{key} is a string, not {type(value).__name__}")
