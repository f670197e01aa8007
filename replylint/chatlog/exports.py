"""What help desks, archives and chatbots export as JSON: one document, an array, or an object a line.

zendesk (chat history), intercom, chatwoot, wecom (decrypted message archive, a message an object) and messages (chat
completions, and from/value pairs). Notes that the buyer never saw are left out; a recalled message stays, since the
buyer may have read it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from replylint.chatlog.jsonl import refuse_half_characters
from replylint.chatlog.lines import Line, LineItem, LogItem, LogProblem, iso_time
from replylint.chatlog.table import Message, conversation_of
from replylint.model import Conversation, Meta, RequestError, Role, Turn

CHINA = timezone(timedelta(hours=8))
"""An epoch carries no clock; these chats are held on this one."""

_NEW_CHAT_AFTER = timedelta(hours=6)
_TAG = re.compile(r"<(?:br|/p|/div|/li)\b[^>]{0,200}>|<[^>]{0,2000}>", re.IGNORECASE)
_BREAKS = re.compile(r"<(?:br|/p|/div|/li)\b", re.IGNORECASE)
_KEY = r'(?<!\\)"{}"\s*:'
_TELLING: Mapping[str, tuple[str, ...]] = {
    "wecom": ("msgid", "tolist"),
    "intercom": ("conversation_parts",),
    "chatwoot": ("message_type", "content"),
    "zendesk": ("sender_type",),
    "messages": ("role", "content"),
}


class Export(NamedTuple):
    """A layout: how one of its objects becomes conversations, and in which lists a document keeps them."""

    read: Callable[[Mapping[str, Any], str], Conversation]
    lists: tuple[str, ...]


def export_layout(head: str) -> str:
    """The layout that the keys of a text belong to, or an empty text."""
    for layout, keys in _TELLING.items():
        if all(re.search(_KEY.format(key), head) for key in keys):
            return layout
    return "messages" if re.search(_KEY.format("from"), head) and re.search(_KEY.format("value"), head) else ""


def read_export(path: Path, lines: Iterable[LineItem], layout: str) -> Iterator[LogItem]:
    """The conversations of an export, and what could not be read."""
    if layout == "wecom":
        yield from _archived(path, _objects(path, lines, ()))
        return
    export = _EXPORTS[layout]
    for found in _objects(path, lines, export.lists):
        if isinstance(found, LogProblem):
            yield found
            continue
        number, wire = found
        try:
            chat = export.read(_mapping(wire, "a conversation"), f"{path.name}:{number}")
            refuse_half_characters(chat)
        except ValueError as error:
            yield LogProblem(str(path), number, str(error))
        else:
            yield chat


class _Object(NamedTuple):
    line: int
    wire: Any


def _objects(path: Path, lines: Iterable[LineItem], lists: tuple[str, ...]) -> Iterator[_Object | LogProblem]:
    """Objects, each with its line, from JSON Lines or from one document. Those of a document share its first line."""
    pending: list[Line] = []
    whole = False
    for line in lines:
        if isinstance(line, LogProblem):
            yield line
        elif whole or line.text.strip():
            found = None if whole else _parsed(line.text)
            if found is None and not whole:
                # Only a document begins with a line that is no JSON by itself; later ones are damaged lines.
                whole = line.text.strip() in ("[", "{") or not _closes(line.text)
                if not whole:
                    yield LogProblem(str(path), line.number, "not JSON")
                    continue
            if whole:
                pending.append(line)
            elif found is not None:
                yield from _spread(found[0], line.number, lists)
    if pending:
        found = _parsed("\n".join(line.text for line in pending))
        if found is None:
            yield LogProblem(str(path), pending[0].number, "not a JSON document")
        else:
            yield from _spread(found[0], pending[0].number, lists)


def _closes(text: str) -> bool:
    return text.rstrip().endswith(("}", "]", ","))


def _parsed(text: str) -> tuple[Any] | None:
    try:
        return (json.loads(text),)
    except (ValueError, RecursionError):
        return None


def _spread(found: Any, line: int, lists: tuple[str, ...]) -> Iterator[_Object]:
    """An array as its members, a document as the members of the list that it wraps."""
    if isinstance(found, Mapping):
        inner = next((found[name] for name in lists if isinstance(found.get(name), list)), None)
        found = found if inner is None else inner
    if isinstance(found, list):
        for item in found:
            yield _Object(line, item)
    else:
        yield _Object(line, found)


# ---- layouts


def _zendesk(wire: Mapping[str, Any], name: str) -> Conversation:
    turns = []
    visitor = _mapping(wire.get("visitor") or {}, "visitor")
    for item in _list(wire, "history"):
        if item.get("type", "chat.msg") not in ("chat.msg", "chat.system.msg"):
            continue
        sender = str(item.get("sender_type") or ("Visitor" if item.get("nick") == "visitor" else "Agent"))
        role = _ZENDESK_ROLES.get(sender.casefold())
        if role is None:
            raise RequestError(f"sender_type is one of Agent, Visitor, Trigger, not {sender!r:.40}")
        text = item.get("msg", item.get("message", ""))
        turns.append(Turn(role, _text(text), _time(item.get("timestamp")), _name(item.get("name"))))
    return Conversation(_name(wire.get("id")) or name, tuple(turns), Meta(buyer_id=_name(visitor.get("id")) or ""))


_ZENDESK_ROLES: Mapping[str, Role] = {
    "agent": "agent", "visitor": "buyer", "enduser": "buyer", "trigger": "bot", "answerbot": "bot", "bot": "bot",
    "system": "system",
}  # fmt: skip


def _intercom(wire: Mapping[str, Any], name: str) -> Conversation:
    source = _mapping(wire.get("source") or {}, "source")
    turns = []
    if source.get("body"):
        turns.append(_intercom_turn(source, wire.get("created_at")))
    for part in _list(_mapping(wire.get("conversation_parts") or {}, "conversation_parts"), "conversation_parts"):
        # A note is for colleagues, and an assignment without words for nobody.
        if part.get("part_type") != "note" and part.get("body"):
            turns.append(_intercom_turn(part, part.get("created_at")))
    author = _mapping(source.get("author") or {}, "author")
    buyer = _name(author.get("id")) if author.get("type") in _INTERCOM_BUYERS else ""
    return Conversation(_name(wire.get("id")) or name, tuple(turns), Meta(buyer_id=buyer or ""))


_INTERCOM_BUYERS = ("user", "lead", "contact")


def _intercom_turn(part: Mapping[str, Any], at: Any) -> Turn:
    author = _mapping(part.get("author") or {}, "author")
    kind = author.get("type")
    role: Role = "buyer" if kind in _INTERCOM_BUYERS else "bot" if kind == "bot" else "agent"
    return Turn(role, _without_tags(_text(part.get("body"))), _time(at), _name(author.get("name")))


def _chatwoot(wire: Mapping[str, Any], name: str) -> Conversation:
    turns = []
    for item in _list(wire, "messages" if "messages" in wire else "payload"):
        if item.get("private"):
            continue
        kind = item.get("message_type")
        role = _CHATWOOT_ROLES.get(kind if isinstance(kind, (int, str)) else "")
        if role is None:
            raise RequestError(f"message_type is 0 to 3, not {kind!r:.40}")
        sender = _mapping(item.get("sender") or {}, "sender")
        if role == "agent" and sender.get("type") == "agent_bot":
            role = "bot"
        turns.append(Turn(role, _text(item.get("content")), _time(item.get("created_at")), _name(sender.get("name"))))
    return Conversation(_name(wire.get("id")) or name, tuple(turns))


_CHATWOOT_ROLES: Mapping[int | str, Role] = {
    0: "buyer", 1: "agent", 2: "system", 3: "bot", "incoming": "buyer", "outgoing": "agent", "activity": "system",
    "template": "bot",
}  # fmt: skip


def _messages(wire: Mapping[str, Any], name: str) -> Conversation:
    key = "messages" if "messages" in wire else "conversations"
    turns = []
    for item in _list(wire, key):
        word = item.get("role", item.get("from"))
        role = _MODEL_ROLES.get(str(word))
        if role is None:
            raise RequestError(f"role is one of {', '.join(_MODEL_ROLES)}, not {word!r:.40}")
        content = item.get("content", item.get("value"))
        if isinstance(content, list):
            content = "".join(_text(_mapping(part, "content").get("text")) for part in content)
        turns.append(Turn(role, _text(content), _time(item.get("timestamp")), _name(item.get("name"))))
    return Conversation(_name(wire.get("id") or wire.get("conversation_id")) or name, tuple(turns))


_MODEL_ROLES: Mapping[str, Role] = {
    "user": "buyer", "human": "buyer", "assistant": "bot", "gpt": "bot", "model": "bot", "agent": "agent",
    "system": "system", "developer": "system", "tool": "system", "function": "system",
}  # fmt: skip

_EXPORTS: Mapping[str, Export] = {
    "zendesk": Export(_zendesk, ("chats", "docs")),
    "intercom": Export(_intercom, ("conversations", "data")),
    "chatwoot": Export(_chatwoot, ("data",)),
    "messages": Export(_messages, ("data",)),
}


# ---- the archive of 企业微信


def _archived(path: Path, found: Iterable[_Object | LogProblem]) -> Iterator[LogItem]:
    """Messages of one room, or between two people, are a conversation until nobody writes for six hours."""
    chats: dict[str, list[tuple[int, Message]]] = {}
    for item in found:
        if isinstance(item, LogProblem):
            yield item
            continue
        try:
            read = _archived_message(_mapping(item.wire, "a message"), item.line)
        except ValueError as error:
            yield LogProblem(str(path), item.line, str(error))
            continue
        if read is not None:
            chats.setdefault(read[1].conversation, []).append(read)
    for messages in chats.values():
        messages.sort(key=lambda pair: pair[0])
        begin = 0
        for number in range(1, len(messages) + 1):
            ended = number == len(messages)
            if ended or messages[number][0] - messages[number - 1][0] >= _NEW_CHAT_AFTER.total_seconds() * 1000:
                part = [message._replace(seq=None) for _, message in messages[begin:number]]
                chat = conversation_of(part)
                # Called by its place: the accounts of the two would tell who the buyer is.
                yield chat._replace(id=f"{path.name}:{part[0].line}")
                begin = number


def _archived_message(wire: Mapping[str, Any], line: int) -> tuple[int, Message] | None:
    if wire.get("action") == "switch":
        return None
    sender = wire.get("from")
    if not isinstance(sender, str) or not sender:
        raise RequestError("from is missing")
    others = wire.get("tolist") or []
    if not isinstance(others, list):
        raise RequestError("tolist is a list")
    moment = wire.get("msgtime")
    if isinstance(moment, str) and moment.isdecimal():
        moment = int(moment)
    if isinstance(moment, bool) or not isinstance(moment, int):
        raise RequestError("msgtime is a number of milliseconds")
    people = [sender, *(str(other) for other in others)]
    buyer = next((person for person in people if _is_outside(person)), "")
    name = str(wire.get("roomid") or "-".join(sorted(set(people))))
    role: Role = "buyer" if _is_outside(sender) else "bot" if sender.startswith("wb") else "agent"
    text = ""
    if wire.get("action") == "recall":
        role, text = "system", f"{sender} 撤回了一条消息"
    elif wire.get("msgtype") == "text":
        text = _text(_mapping(wire.get("text") or {}, "text").get("content"))
    at = datetime.fromtimestamp(moment / 1000, CHINA).replace(microsecond=0).isoformat()
    turn = Turn(role, text, at, sender)
    if any("\ud800" <= char <= "\udfff" for char in text + sender + name):
        raise RequestError("the message holds half a character")
    return moment, Message(name, line, turn, None, Meta(buyer_id=buyer))


def _is_outside(person: str) -> bool:
    """Whether an account is a customer's."""
    return person.startswith(("wm", "wo"))


# ---- parts of objects


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise RequestError(f"{what} is an object, not {type(value).__name__}")
    return value


def _list(wire: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = wire.get(key)
    if not isinstance(found, list):
        raise RequestError(f"{key} is a list")
    return [_mapping(item, f"a member of {key}") for item in found]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RequestError(f"a text is a string, not {type(value).__name__}")
    return value


def _name(value: Any) -> str | None:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "" else None


def _time(value: Any) -> str | None:
    """A time as text, or seconds (or milliseconds) since 1970."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).replace(microsecond=0).isoformat() if "T" in value else iso_time(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    seconds = value / 1000 if value > 1e11 else value
    try:
        return datetime.fromtimestamp(int(seconds), CHINA).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _without_tags(text: str) -> str:
    def stand_in(match: re.Match[str]) -> str:
        return "\n" if _BREAKS.match(match[0]) else ""

    return html.unescape(_TAG.sub(stand_in, text)).strip()
