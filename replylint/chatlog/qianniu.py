"""Text copied or exported from 千牛 (and 旺旺): messages under a name and a time, or above one.

Two layouts, told apart by what the file's first part holds more of:

- *client*: `昵称 2026-11-11 9:05:03` (or the name and the time on two lines, or `甲 --> 乙 时间`), then the text, then
  perhaps 已读/未读;
- *web*: `09:05:03`, then the text, then the sender on the last line; dates stand on lines of their own.

Where one conversation ends: at a line of dashes, equals signs or the like below a message; at a message of another
buyer; and at an empty line after which the next message is six hours or more later. It is called `file name:line`, so
that reports need not show a buyer's nick; the nick is `meta.buyer_id`. An agent is who has a colon in the account
(`店名:子账号`), or who is called like such a shop. A recalled message stays, since the buyer may have read it; the
notice is a system turn. A message of which the export left nothing (a picture) is a turn with an empty text.

Two limits. A message that quotes `名字 日期 时间` on a line of its own looks like the next message. An agent who
writes first to a new buyer is taken to answer the buyer before, unless a line of dashes or a long gap comes between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from replylint.chatlog.lines import Line, LineItem, LogItem, LogProblem, iso_time
from replylint.model import Conversation, Meta, Role, Turn

# Words of the file layout, not of what people say.
_STATUS = frozenset({"已读", "未读", "发送中", "送达", "已送达", "发送失败"})
_SYSTEM = "系统"
_SYSTEM_NAMES = frozenset({_SYSTEM, "系统消息", "系统提示", "系统通知", "平台提醒", "平台提示"})
_BOT_ACCOUNTS = re.compile("机器人|小蜜|服务助手|智能客服|自动回复")
_NOTICE = re.compile(r"\S{1,60} ?撤回了一条消息|(?:系统(?:消息|提示|通知)|平台(?:提醒|提示))[:：].*")
# Only the marketplaces' own pages: an agent's link to anywhere else must be audited.
_NOISE = re.compile(
    r"当前用户来自.*|商品详情页|[¥￥]\s?\d+(?:\.\d+)?"
    r"|https?://(?:[\w-]+\.)*(?:taobao|tmall|jd|yangkeduo|pinduoduo|jinritemai)\.(?:com|hk)(?:[/?#]\S*)?",
    re.ASCII,
)
_SEPARATOR = re.compile(r"([-=*_~—－＝─━])\1{3,}")
_DATE = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
_CLOCK = r"\d{1,2}:\d\d:\d\d"
_NAME = r"[^\s,;!?，。！？；、]{1,60}?"
_STAMP = rf"[(（]?(?P<at>{_DATE}\s*{_CLOCK})[)）]?[:：]?"
_NAMED = re.compile(rf"(?P<name>{_NAME})(?:\s*-{{1,3}}>\s*(?P<to>{_NAME}))?\s*{_STAMP}", re.ASCII)
_STAMP_ALONE = re.compile(_STAMP, re.ASCII)
_DATE_ALONE = re.compile(rf"(?P<date>{_DATE})(?:\s*(?:星期|周).)?", re.ASCII)
_CLOCK_ALONE = re.compile(_CLOCK, re.ASCII)
_ACCOUNT = re.compile("(?P<shop>[^:：]+)[:：](?P<sub>[^:：]+)")
# No header is longer, and the patterns above need not look at a pasted megabyte.
_LONGEST_HEADER = 200
_NEW_CHAT_AFTER = timedelta(hours=6)


class _Message(NamedTuple):
    line: int
    sender: str
    receiver: str
    at: str
    text: str
    after_blank: bool = False


class _Cut(NamedTuple):
    """A separator line."""


class _Header(NamedTuple):
    line: int
    sender: str
    receiver: str
    at: str
    after_blank: bool


def looks_like_qianniu(lines: Iterable[str]) -> bool:
    """Whether any line carries the name or the time of a message."""
    return any(_named(line.strip()) or _stamp(line.strip()) or _is_clock(line.strip()) for line in lines)


def is_web_layout(lines: Iterable[str]) -> bool:
    """Whether times without a date outnumber names and times with one."""
    client = web = 0
    for line in map(str.strip, lines):
        web += _is_clock(line)
        client += _named(line) is not None or _stamp(line) != ""
    return web > client


def read_qianniu(path: Path, lines: Iterable[LineItem], web: bool) -> Iterator[LogItem]:
    """Conversations as they end, problems where they stand."""
    threads = _Threads(path.name)
    held: list[LogProblem] = []
    for item in _web_messages(path, lines) if web else _client_messages(path, lines):
        if isinstance(item, LogProblem):
            # A problem inside a conversation waits for it, since the conversation began earlier.
            if threads.is_open:
                held.append(item)
            else:
                yield item
            continue
        done = threads.cut() if isinstance(item, _Cut) else threads.add(item)
        if done is not None:
            yield done
            yield from held
            held.clear()
    done = threads.cut()
    if done is not None:
        yield done
    yield from held


def _client_messages(path: Path, lines: Iterable[LineItem]) -> Iterator[_Message | _Cut | LogProblem]:
    header: _Header | None = None
    body: list[Line] = []
    same_line_seen = False
    for line in lines:
        if isinstance(line, LogProblem):
            yield line
            continue
        text = line.text.strip()
        named = _named(text)
        alone = "" if named else _stamp(text)
        if alone and not _last_is_name(body, header, same_line_seen):
            alone = ""
        notice = _is_notice(text)
        if not (named or alone or notice):
            body.append(line)
            continue
        name = body.pop() if alone else line
        blank = bool(body) and not body[-1].text.strip()
        yield from _message(path, header, body)
        body = []
        if notice:
            at = header.at if header is not None else ""
            yield _Message(line.number, _SYSTEM, "", at, text)
            header = _Header(line.number, "", "", at, False)
        elif named:
            same_line_seen = True
            header = _Header(line.number, *named, blank)
        else:
            header = _Header(name.number, name.text.strip(), "", alone, blank)
    yield from _message(path, header, body)


def _message(path: Path, header: _Header | None, body: Sequence[Line]) -> Iterator[_Message | _Cut | LogProblem]:
    """The message of a header and the lines below it. Lines that are under nobody's name are one problem."""
    kept = [line for line in body if not _is_noise(line.text.strip())]
    # A row of dashes inside a message is decoration; only one after its last line is a separator.
    cut = _drop_tail(kept, _SEPARATOR)
    if header is not None and header.sender:
        # A buyer's message has no read mark: there 已读 alone is the text.
        if kept and kept[-1].text.strip() in _STATUS and (len(kept) > 1 or _ACCOUNT.fullmatch(header.sender)):
            kept.pop()
        text = "\n".join(line.text for line in kept).strip()
        yield _Message(header.line, header.sender, header.receiver, header.at, text, header.after_blank)
    else:
        orphan = next((line for line in kept if line.text.strip() and line.text.strip() not in _STATUS), None)
        if orphan is not None:
            yield LogProblem(str(path), orphan.number, "text that stands under no name and time; it is left out")
    if cut:
        yield _Cut()


def _web_messages(path: Path, lines: Iterable[LineItem]) -> Iterator[_Message | _Cut | LogProblem]:
    date = ""
    opened: _Header | None = None
    body: list[Line] = []
    for line in lines:
        if isinstance(line, LogProblem):
            yield line
        elif not _is_clock(line.text.strip()):
            body.append(line)
        else:
            blank = bool(body) and not body[-1].text.strip()
            cut = _drop_tail(body, _SEPARATOR)
            # A date is a heading only where a time follows it; elsewhere it is part of a text.
            for heading in _taken_tail(body, _DATE_ALONE):
                date = iso_time(heading.partition(" ")[0]) or date
            cut = _drop_tail(body, _SEPARATOR) or cut
            yield from _web_message(path, opened, body)
            if cut:
                yield _Cut()
            at = iso_time(line.text) or ""
            opened, body = _Header(line.number, "", "", f"{date}T{at}" if date else at, blank), []
    _drop_tail(body, _SEPARATOR)
    yield from _web_message(path, opened, body)


def _web_message(path: Path, opened: _Header | None, body: Sequence[Line]) -> Iterator[_Message | _Cut | LogProblem]:
    if opened is None:
        yield from _message(path, None, body)
        return
    kept = [line for line in body if not _is_noise(line.text.strip())]
    sender = _last_text(kept)
    if sender in _STATUS:
        sender = _last_text(kept)
    text = "\n".join(line.text for line in kept).strip()
    if not text and _is_notice(sender):
        yield _Message(opened.line, _SYSTEM, "", opened.at, sender, opened.after_blank)
    elif not text:
        message = "a time without a text and, below the text, its sender; it is left out"
        yield LogProblem(str(path), opened.line, message)
    else:
        yield _Message(opened.line, sender, "", opened.at, text, opened.after_blank)


def _last_text(lines: list[Line]) -> str:
    """Takes the last line that is not blank off the end, with the blank ones below it."""
    while lines:
        text = lines.pop().text.strip()
        if text:
            return text
    return ""


def _taken_tail(lines: list[Line], pattern: re.Pattern[str]) -> list[str]:
    """Takes blank lines and lines that match off the end; gives back those that match, last first."""
    taken = []
    while lines:
        text = lines[-1].text.strip()
        if text and not pattern.fullmatch(text[:_LONGEST_HEADER]):
            break
        lines.pop()
        if text:
            taken.append(text)
    return taken


def _drop_tail(lines: list[Line], pattern: re.Pattern[str]) -> bool:
    return bool(_taken_tail(lines, pattern))


class _Threads:
    """Cuts a stream of messages into conversations; holds one at a time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shops: set[str] = set()
        self._start()

    def _start(self) -> None:
        self._line = 0
        self._buyer = ""
        self._shop = ""
        self._last_at = ""
        self._turns: list[Turn] = []

    @property
    def is_open(self) -> bool:
        return bool(self._turns)

    def cut(self) -> Conversation | None:
        """Ends the conversation that is open, if there is one."""
        done = None
        if self._turns:
            meta = Meta(shop=self._shop, buyer_id=self._buyer)
            done = Conversation(f"{self._name}:{self._line}", tuple(self._turns), meta)
        self._start()
        return done

    def add(self, message: _Message) -> Conversation | None:
        """Adds a message; gives back the conversation that it ends."""
        role = self._role(message.sender)
        buyer = message.sender if role == "buyer" else message.receiver
        if _ACCOUNT.fullmatch(buyer):
            buyer = ""
        other_buyer = bool(buyer and self._buyer) and buyer != self._buyer
        done = self.cut() if other_buyer or self._comes_long_after(message) else None
        self._line = self._line or message.line
        self._buyer = self._buyer or buyer
        if role in ("agent", "bot") and not self._shop:
            account = _ACCOUNT.fullmatch(message.sender)
            self._shop = account["shop"] if account else message.sender
        self._last_at = message.at or self._last_at
        self._turns.append(Turn(role, message.text, message.at or None, message.sender))
        return done

    def _role(self, sender: str) -> Role:
        if sender in _SYSTEM_NAMES:
            return "system"
        account = _ACCOUNT.fullmatch(sender)
        if account is None:
            return "agent" if sender in self._shops else "buyer"
        self._shops.add(account["shop"])
        return "bot" if _BOT_ACCOUNTS.search(account["sub"]) else "agent"

    def _comes_long_after(self, message: _Message) -> bool:
        if not message.after_blank or "T" not in message.at or "T" not in self._last_at:
            return False
        return datetime.fromisoformat(message.at) - datetime.fromisoformat(self._last_at) >= _NEW_CHAT_AFTER


def _last_is_name(body: Sequence[Line], header: _Header | None, same_line_seen: bool) -> bool:
    """Whether the line above a bare time is the name that it belongs to, not the end of a message.

    预计送达 / 2026-11-12 18:00:00 may be part of a text when the file puts its names and times on one line.
    """
    if not body or not re.fullmatch(_NAME, body[-1].text.strip()):
        return False
    if not same_line_seen or _ACCOUNT.fullmatch(body[-1].text.strip()) or header is None:
        return True
    above = body[-2].text.strip() if len(body) > 1 else "text"
    return not above or above in _STATUS


def _named(text: str) -> tuple[str, str, str] | None:
    """The name, receiver (or an empty text) and time of a header line, or None."""
    match = _NAMED.fullmatch(text) if len(text) <= _LONGEST_HEADER and ":" in text else None
    # 发货时间: 2026-11-11 09:00:00 is something that people say.
    if match is None or match["name"].endswith((":", "：")):
        return None
    at = iso_time(match["at"])
    return (match["name"], match["to"] or "", at) if at else None


def _stamp(text: str) -> str:
    """The time of a line that holds nothing else, or an empty text."""
    match = _STAMP_ALONE.fullmatch(text) if len(text) <= _LONGEST_HEADER and ":" in text else None
    return (iso_time(match["at"]) if match else None) or ""


def _is_clock(text: str) -> bool:
    return len(text) <= 8 and _CLOCK_ALONE.fullmatch(text) is not None and iso_time(text) is not None


def _is_notice(text: str) -> bool:
    return len(text) <= _LONGEST_HEADER and _NOTICE.fullmatch(text) is not None


def _is_noise(text: str) -> bool:
    return _NOISE.fullmatch(text) is not None
