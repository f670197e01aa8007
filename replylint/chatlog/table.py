"""Tables with a header row (CSV, TSV): one message a row, rows of several conversations may be mixed."""

from __future__ import annotations

import difflib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import NamedTuple

from replylint.chatlog.lines import Line, LineItem, LogItem, LogProblem, iso_time
from replylint.model import NO_META, PLATFORMS, ROLES, Conversation, Meta, Role, Turn

# Header words per field, the surest first. They name a file's columns, they are not matched in anyone's messages.
COLUMN_ALIASES: Mapping[str, tuple[str, ...]] = {
    "text": (
        "发送内容", "消息内容", "聊天内容", "会话内容", "内容", "消息", "文本",
        "text", "content", "message", "msg", "body",
    ),
    "role": ("账号类型", "角色", "发送方类型", "发送者类型", "身份", "role", "sender type", "speaker", "waiter send"),
    "conversation": (
        "会话ID", "会话编号", "会话号", "会话", "对话ID", "对话编号", "聊天ID",
        "conversation id", "conversation", "session id", "session", "chat id", "dialogue id",
        "客户名", "客户昵称", "买家昵称", "买家账号", "顾客昵称",
    ),
    "at": (
        "发送时间", "消息时间", "聊天时间", "日期时间", "时间",
        "at", "sent at", "created at", "timestamp", "timestamps", "time", "ts",
    ),
    "sender": ("发送账号", "发送人", "发送者", "发送方", "账号", "昵称", "sender", "from", "author", "nick", "name"),
    "platform": ("平台", "platform"),
    "shop": ("店铺", "店铺名称", "店铺名", "店名", "shop", "store"),
    "buyer_id": (
        "客户名", "客户昵称", "买家昵称", "买家账号", "买家ID", "顾客昵称",
        "buyer id", "customer id", "user id",
    ),
    "seq": ("消息序号", "序号", "seq", "message index", "turn"),
    "order_buyer_id": ("下单账号", "下单买家", "order buyer id"),
}  # fmt: skip
ROLE_WORDS: Mapping[str, Role] = {
    **dict.fromkeys(("客服", "人工客服", "人工", "商家", "卖家", "店家"), "agent"),
    **dict.fromkeys(("agent", "seller", "merchant", "staff", "mall_cs", "1"), "agent"),
    **dict.fromkeys(("客户", "买家", "顾客", "用户", "消费者", "buyer", "customer", "user", "visitor", "0"), "buyer"),
    **dict.fromkeys(("机器人", "智能客服", "自动回复", "bot", "robot", "assistant", "trigger"), "bot"),
    **dict.fromkeys(("系统", "系统消息", "平台", "system", "notice"), "system"),
}  # fmt: skip
PLATFORM_WORDS: Mapping[str, str] = {
    "淘宝": "taobao", "天猫": "tmall", "京东": "jd", "拼多多": "pdd", "抖音": "douyin", "抖店": "douyin",
    "快手": "kuaishou", "小红书": "xhs", "微信小店": "wxshop", "视频号": "wxshop",
}  # fmt: skip
DELIMITERS = (",", "\t", ";")
# A pasted notice is long, but a cell longer than this is a quote that somebody forgot to close.
_LINES_OF_A_ROW = 500
_LONGEST_NUMBER = 18
_WHOLE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_COLONS = re.compile(".[:：].")


class Row(NamedTuple):
    """The cells of one row and the physical line it starts on."""

    line: int
    cells: list[str]


class Message(NamedTuple):
    """A row that was understood: a turn of a conversation, with what the row says about the chat.

    `line` is where its row starts; `seq` is its number within the conversation where the log has one.
    """

    conversation: str
    line: int
    turn: Turn
    seq: int | None
    meta: Meta


def delimiter_of(header: str) -> str:
    """The separator that the header row uses most; a comma when it uses none."""
    return max(DELIMITERS, key=header.count)


def looks_like_header(line: str) -> bool:
    """Whether a line names a text column and at least one more that is known."""
    return looks_like_columns(line.replace('"', "").split(delimiter_of(line)))


def looks_like_columns(header: Sequence[str]) -> bool:
    """Whether header cells name a text column and at least one more that is known."""
    known = find_columns(header)
    return "text" in known and len(known) > 1


def find_columns(header: Sequence[str], columns: Mapping[str, str] | None = None) -> dict[str, int]:
    """Field -> column number, from `columns` first and the known header words for the rest; raises KeyError
    naming a column of `columns` that the header lacks."""
    places = {_plain(name): number for number, name in reversed(list(enumerate(header)))}
    found = {}
    for key, aliases in COLUMN_ALIASES.items():
        if columns and key in columns:
            if _plain(columns[key]) not in places:
                raise KeyError(columns[key])
            found[key] = places[_plain(columns[key])]
        else:
            number = next((places[_plain(alias)] for alias in aliases if _plain(alias) in places), None)
            if number is not None:
                found[key] = number
    return found


def read_table(path: Path, lines: Iterable[LineItem], columns: Mapping[str, str] | None = None) -> Iterator[LogItem]:
    """Conversations in the order of their first row, problems between them where they stand.

    The whole table is held in memory, since the last row may belong to the first conversation.
    """
    return collected(table_messages(path, lines, columns))


def table_messages(
    path: Path, lines: Iterable[LineItem], columns: Mapping[str, str] | None = None
) -> Iterator[Message | LogProblem]:
    """The messages of a table one by one, as they are read."""
    source = _without_blank_start(iter(lines))
    header = next(source, None)
    while isinstance(header, LogProblem):
        yield header
        header = next(source, None)
    if header is None:
        return
    rows = read_rows(path, _chain(header, source), delimiter_of(header.text))
    yield from grid_messages(path, rows, columns)


def grid_messages(
    path: Path, rows: Iterator[Row | LogProblem], columns: Mapping[str, str] | None = None, name: str = ""
) -> Iterator[Message | LogProblem]:
    """The messages of rows whose first one is the header. `name` is the conversation's where no column names it."""
    first = next(rows, None)
    if first is None:
        return
    if isinstance(first, LogProblem):
        yield first
        return
    places = _places(path, first, columns)
    if isinstance(places, LogProblem):
        yield places
        return
    yield from _messages(path, rows, places, len(first.cells), name or path.name)


def collected(messages: Iterable[Message | LogProblem]) -> Iterator[LogItem]:
    """The conversations of messages in any order, as they began, and the problems where they stand."""
    chats: dict[str, list[Message]] = {}
    problems: list[LogProblem] = []
    for message in messages:
        if isinstance(message, LogProblem):
            problems.append(message)
        else:
            chats.setdefault(message.conversation, []).append(message)
    items: list[tuple[int, LogItem]] = [(found[0].line, conversation_of(found)) for found in chats.values()]
    items += [(problem.line, problem) for problem in problems]
    yield from (item for _, item in sorted(items, key=lambda pair: pair[0]))


def conversation_of(messages: Sequence[Message]) -> Conversation:
    """The conversation of its messages, given as they stand in the log.

    They are put in order by their numbers if all have one, else by their times if all have a whole one, else left.
    """
    meta: dict[str, str] = {}
    for told in dict.fromkeys(message.meta for message in messages):
        for key, value in told._asdict().items():
            if value:
                meta.setdefault(key, value)
    turns = tuple(message.turn for message in in_order(messages))
    return Conversation(messages[0].conversation, turns, Meta(**meta))


def in_order(messages: Sequence[Message]) -> Sequence[Message]:
    """The messages of one conversation as they were said."""
    # Numbers that begin anew (another day, another sheet) order nothing.
    numbers = [message.seq for message in messages]
    if None not in numbers and len(set(numbers)) == len(numbers):
        return sorted(messages, key=attrgetter("seq"))
    times = [message.turn.at or "" for message in messages]
    # 2026-11-11T09:05:03 sorts as text; one with a zone among others without would not.
    if all(_WHOLE_TIME.fullmatch(time) for time in times):
        return sorted(messages, key=lambda message: message.turn.at or "")
    zoned = [_instant(time) for time in times]
    if all(moment is not None for moment in zoned):
        order = sorted(range(len(messages)), key=lambda number: zoned[number] or 0.0)
        return [messages[number] for number in order]
    return messages


def _instant(time: str) -> float | None:
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo is not None else None


def read_rows(path: Path, lines: Iterable[LineItem], delimiter: str) -> Iterator[Row | LogProblem]:
    """The rows of delimited text with doubled quotes (RFC 4180), empty ones left out.

    A quote inside a cell that does not start with one is an ordinary character. A row whose quotes do not come out
    is a problem, and reading goes on at the next line, so that a forgotten quote costs one row and not the file.
    The `csv` module can do neither without changing its process-wide cell limit.
    """
    opening = re.compile(rf'(?:^|{delimiter})"')
    cell = re.compile(rf'(?:"([^"]*+(?:""[^"]*+)*+)"|([^"{delimiter}\n][^{delimiter}\n]*+|))({delimiter}|\Z)')
    source, ahead = iter(lines), deque[LineItem]()
    while (line := ahead.popleft() if ahead else next(source, None)) is not None:
        if isinstance(line, LogProblem):
            yield line
            continue
        if not opening.search(line.text):
            if line.text.strip(delimiter + " "):
                yield Row(line.number, line.text.split(delimiter))
            continue
        # The quotes of a whole row come in pairs, so it ends on the first line that makes their number even.
        record, taken, quotes = [line.text], list[LineItem](), line.text.count('"')
        while quotes % 2 and len(taken) < _LINES_OF_A_ROW:
            following = ahead.popleft() if ahead else next(source, None)
            if following is None:
                break
            taken.append(following)
            if isinstance(following, Line):
                record.append(following.text)
                quotes += following.text.count('"')
        cells = _cells("\n".join(record), cell)
        if cells is None:
            ahead.extendleft(reversed(taken))
            yield LogProblem(str(path), line.number, "the quotes of this row do not come out; the row is left out")
        else:
            yield from (item for item in taken if isinstance(item, LogProblem))
            yield Row(line.number, cells)


def _cells(record: str, cell: re.Pattern[str]) -> list[str] | None:
    cells = []
    position = 0
    while (match := cell.match(record, position)) is not None:
        quoted, plain, end = match.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        if not end:
            return cells
        position = match.end()
    return None


def _messages(
    path: Path, rows: Iterator[Row | LogProblem], places: Mapping[str, int], width: int, file_name: str
) -> Iterator[Message | LogProblem]:
    # The cell behind the last one is empty, which is what a column that is not there holds.
    fields = itemgetter(*(places.get(key, -1) for key in COLUMN_ALIASES))
    blanks = [""] * (width + 1)
    name = "" if "conversation" in places else file_name
    told, meta = ("", "", "", ""), NO_META
    for row in rows:
        if isinstance(row, LogProblem):
            yield row
            continue
        given = len(row.cells)
        cells = fields(row.cells[:width] + blanks[min(given, width) :])
        text, word, conversation, at, sender, platform, shop, buyer, seq, orderer = cells
        # A merged cell of a spreadsheet is exported as one value and empty cells below it.
        name = conversation.strip() or name
        word, sender = word.strip(), sender.strip() or None
        role = _role(word, sender)
        if given > width and any(row.cells[width:]):
            wrong = "the row has more cells than the header; a separator inside a cell needs quotes around the cell"
        elif given <= places["text"]:
            wrong = "the row ends before its text"
        elif not name:
            wrong = "the row names no conversation"
        elif role is None:
            known = f"known are 客服, 客户, 机器人, 系统, {', '.join(ROLES)}"
            wrong = f"the role {word!r:.40} is not known; {known}" if word else "the row does not say who wrote"
        else:
            time = iso_time(at)
            seq = seq.strip()
            number = int(seq) if seq.isdecimal() and len(seq) <= _LONGEST_NUMBER else None
            if (platform, shop, buyer, orderer) != told:
                told = platform, shop, buyer, orderer
                meta = _meta(*map(str.strip, told))
            yield Message(name, row.line, Turn(role, text, time, sender), number, meta)
            if time is not None or not at.strip():
                continue
            wrong = f"the time {at!r:.40} cannot be read; the message is kept without it"
        yield LogProblem(str(path), row.line, wrong)


def _role(word: str, sender: str | None) -> Role | None:
    """Whose words those are. Without a word for it the sender tells: a shop's account is `旗舰店:小美`."""
    if not word and sender:
        return "agent" if _COLONS.search(sender) else "buyer"
    return ROLE_WORDS.get(word) or ROLE_WORDS.get(word.casefold())


def _meta(platform: str, shop: str, buyer: str, orderer: str) -> Meta:
    if platform:
        platform = PLATFORM_WORDS.get(platform, platform if platform in PLATFORMS else "other")
    return Meta(platform, shop, "", buyer, orderer)


def _places(path: Path, header: Row, columns: Mapping[str, str] | None) -> dict[str, int] | LogProblem:
    names = f"The header is: {', '.join(name.strip() for name in header.cells):.300}"
    try:
        places = find_columns(header.cells, columns)
    except KeyError as error:
        near = difflib.get_close_matches(str(error.args[0]), header.cells, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return LogProblem(str(path), header.line, f"there is no column {error.args[0]}.{hint} {names}")
    if "text" not in places:
        return LogProblem(str(path), header.line, f"no column is known to hold the text. {names}")
    if "role" not in places and "sender" not in places:
        return LogProblem(str(path), header.line, f"no column is known to say who wrote. {names}")
    return places


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]", "", name).casefold()


def _without_blank_start(lines: Iterator[LineItem]) -> Iterator[LineItem]:
    for line in lines:
        if isinstance(line, LogProblem) or line.text.strip():
            yield line
            break
    yield from lines


def _chain(first: Line, rest: Iterator[LineItem]) -> Iterator[LineItem]:
    yield first
    yield from rest
