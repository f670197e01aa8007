"""Chat-log readers: layouts, encodings, damage, and the sample logs that come with the project."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replylint.chatlog import LogItem, LogProblem, detect_format, read_log
from replylint.chatlog.lines import iso_time
from replylint.model import Conversation

DATA = Path(__file__).parent / "data" / "chatlog"
SAMPLES = Path(__file__).parents[1] / "examples" / "logs"


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Path]:
    def write(content: str | bytes, name: str = "log.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def conversations(items: list[LogItem]) -> list[Conversation]:
    return [item for item in items if isinstance(item, Conversation)]


def brief(items: list[LogItem]) -> list[Any]:
    """A conversation as its (role, text) pairs, a problem as its line."""
    return [
        item.line if isinstance(item, LogProblem) else [(turn.role, turn.text) for turn in item.turns] for item in items
    ]


LAYOUTS = {
    "client.txt": [
        [
            ("buyer", "在吗\n这款有货不"),
            ("agent", "在的亲\n--------\n有货的"),
            ("system", "青禾:小满 撤回了一条消息"),
            ("buyer", "好"),
        ],
        [
            ("buyer", "到哪了\n预计送达时间: 2026-11-12 18:00:00"),
            ("agent", "您看看这里 https://example.com/a"),
        ],
    ],
    "two_lines.txt": [
        [("buyer", "在吗"), ("bot", "您好,人工马上就来"), ("buyer", "好")],
        [("buyer", "又来了")],
    ],
    "web.txt": [
        [
            ("buyer", "在吗\n\n有货不"),
            ("agent", "有的,预计到货\n2026-11-12"),
            ("buyer", "谢谢"),
            ("system", "系统提示:会话已结束"),
        ],
    ],
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_qianniu_layout_gives_its_conversations(name: str) -> None:
    assert detect_format(DATA / name) == "qianniu"
    assert brief(list(read_log(DATA / name))) == LAYOUTS[name]


def test_the_client_layout_keeps_who_when_and_where() -> None:
    first, second = conversations(list(read_log(DATA / "client.txt")))
    assert (first.id, first.meta.shop, first.meta.buyer_id) == ("client.txt:2", "青禾", "tb小鹿")
    assert first.turns[1].at == "2026-11-03T09:05:30"
    assert first.turns[1].sender == "青禾:小满"
    assert (second.id, second.meta.shop, second.meta.buyer_id) == ("client.txt:16", "青禾", "老王")


def test_the_web_layout_takes_the_date_from_its_own_line() -> None:
    (chat,) = conversations(list(read_log(DATA / "web.txt")))
    times = [turn.at for turn in chat.turns]
    assert times == ["2026-11-03T09:05:03", "2026-11-03T09:05:30", "2026-11-04T10:00:00", "2026-11-04T10:00:30"]


QIANNIU = {
    "a shop's main account is an agent once a sub-account is known": (
        "青禾:小满 2026-11-3 9:05:03\n在\n青禾 2026-11-3 9:05:04\n我是店长\n",
        [[("agent", "在"), ("agent", "我是店长")]],
    ),
    "another buyer starts another conversation": (
        "甲 2026-11-3 9:05:03\n在\n乙 2026-11-3 9:05:04\n在么\n甲 2026-11-3 9:05:05\n人呢\n",
        [[("buyer", "在")], [("buyer", "在么")], [("buyer", "人呢")]],
    ),
    "a blank line alone does not": (
        "甲 2026-11-3 23:59:03\n在\n\n甲 2026-11-4 0:05:04\n人呢\n",
        [[("buyer", "在"), ("buyer", "人呢")]],
    ),
    "a picture that was not exported is an empty text": (
        "甲 2026-11-3 9:05:03\n青禾:小满 2026-11-3 9:05:04\n已读\n甲 2026-11-3 9:06:00\n已读\n",
        [[("buyer", ""), ("agent", ""), ("buyer", "已读")]],
    ),
    "text under nobody's name is a problem and the rest goes on": (
        "聊天记录导出\n\n甲 2026-11-3 9:05:03\n在\n",
        [1, [("buyer", "在")]],
    ),
    "an impossible time is text": (
        "甲 2026-11-3 9:05:03\n乙 2026-13-3 9:05:03\n",
        [[("buyer", "乙 2026-13-3 9:05:03")]],
    ),
    "an agent's link to another place stays": (
        "青禾:小满 2026-11-3 9:05:03\nhttps://example.com/pay\nhttps://taobao.com.example.com/\n",
        [[("agent", "https://example.com/pay\nhttps://taobao.com.example.com/")]],
    ),
    "a bare time inside a message is text where names and times share a line": (
        "青禾:小满 2026-11-3 9:05:03\n预计送达\n2026-11-12 18:00:00\n请留意\n",
        [[("agent", "预计送达\n2026-11-12 18:00:00\n请留意")]],
    ),
    "a platform notice is a system turn": (
        "系统消息 2026-11-3 9:05:03\n会话已转接\n甲 2026-11-3 9:05:04\n在\n系统提示:对方正忙\n",
        [[("system", "会话已转接"), ("buyer", "在"), ("system", "系统提示:对方正忙")]],
    ),
    "a time without text and sender is a problem of the web layout": (
        "09:05:03\n在吗\n甲\n09:06:00\n甲\n09:07:00\n嗯\n甲\n",
        [[("buyer", "在吗"), ("buyer", "嗯")], 4],
    ),
}


@pytest.mark.parametrize("case", QIANNIU)
def test_qianniu_text(case: str, log: Callable[..., Path]) -> None:
    text, expected = QIANNIU[case]
    assert brief(list(read_log(log(text)))) == expected


def test_a_mapped_table_keeps_quotes_line_breaks_and_merged_cells() -> None:
    columns = {"role": "who", "text": "said", "at": "When"}
    items = list(read_log(DATA / "columns.csv", columns=columns))
    assert brief(items) == [
        [("buyer", "你好\n在吗"), ("agent", '在的, 27"屏'), ("agent", "接着说")],
        [("agent", '说的是"这款"')],
    ]
    assert conversations(items)[0].turns[0].at == "2026-11-03T09:05:00"


HEADER = "会话ID,账号类型,发送内容,发送时间,发送账号\n"
TABLES = {
    "rows of two conversations may be mixed": (
        HEADER + "A,客户,一,,\nB,客户,二,,\nA,客服,三,,\n",
        [[("buyer", "一"), ("agent", "三")], [("buyer", "二")]],
    ),
    "tabs separate too": (
        "session_id\tuser_id\twaiter_send\tcontent\n1\tu\t0\t在吗\n1\tu\t1\t在\n",
        [[("buyer", "在吗"), ("agent", "在")]],
    ),
    "without a role the account tells": (
        "客户名,发送内容,发送账号\n甲,在吗,甲\n甲,在,青禾:小满\n",
        [[("buyer", "在吗"), ("agent", "在")]],
    ),
    "the words of an agent": ("role,text\n客服,x\n商家,x\n卖家,x\nAgent,x\n1,x\n", [[("agent", "x")] * 5]),
    "the words of a buyer": ("role,text\n客户,x\n买家,x\n顾客,x\nbuyer,x\n0,x\n", [[("buyer", "x")] * 5]),
    "the words of a machine": ("role,text\n机器人,x\nBOT,x\n系统,x\n", [[("bot", "x"), ("bot", "x"), ("system", "x")]]),
    "an unknown role costs its row": (HEADER + "A,老板,一,,\nA,客服,二,,\n", [2, [("agent", "二")]]),
    "a row that ends early costs its row": (HEADER + "A,客服\nA,客服,二\n", [2, [("agent", "二")]]),
    "a row with too many cells costs its row": (HEADER + "A,客服,一,二,,三\nA,客服,二,,\n", [2, [("agent", "二")]]),
    "a forgotten quote costs its row": (
        HEADER + 'A,客服,"一,,\nA,客服,二,,\nA,客服,"三",,\n',
        [2, [("agent", "二"), ("agent", "三")]],
    ),
    "a quote inside a cell is a character": (HEADER + 'A,客服,27"屏,,\n', [[("agent", '27"屏')]]),
    "an unreadable time costs the time": (HEADER + "A,客服,一,昨天,\n", [[("agent", "一")], 2]),
    "empty rows are nothing": (HEADER + "\n,,,,\nA,客服,一,,\n", [[("agent", "一")]]),
    "a table without text is one problem": ("会话ID,账号类型\nA,客服\n", [1]),
    "a table without senders is one problem": ("会话ID,内容\nA,在\n", [1]),
}


@pytest.mark.parametrize("case", TABLES)
def test_tables(case: str, log: Callable[..., Path]) -> None:
    text, expected = TABLES[case]
    assert brief(list(read_log(log(text), "csv"))) == expected


def test_a_mapped_column_that_is_not_there_is_named_with_its_neighbour(log: Callable[..., Path]) -> None:
    (problem,) = read_log(log(HEADER + "A,客服,一,,\n", "a.csv"), columns={"text": "发送内客"})
    assert "发送内客" in str(problem)
    assert "Did you mean 发送内容?" in str(problem)


JSON_LINES = {
    "a conversation": ('{"id":"7","turns":[{"role":"buyer","text":"在"}]}', [("buyer", "在")]),
    "a request becomes a conversation": (
        '{"reply":"在的","history":[{"role":"buyer","text":"在"}],"meta":{"agent":"小满"}}',
        [("buyer", "在"), ("agent", "在的")],
    ),
    "a whole pair of escapes": ('{"reply":"\\ud83d\\ude00"}', [("agent", "\U0001f600")]),
    "a null character": ('{"reply":"a\\u0000b"}', [("agent", "a\0b")]),
}


@pytest.mark.parametrize("case", JSON_LINES)
def test_json_lines(case: str, log: Callable[..., Path]) -> None:
    text, expected = JSON_LINES[case]
    assert brief(list(read_log(log(text)))) == [expected]


def test_ids_and_senders_of_json_lines(log: Callable[..., Path]) -> None:
    named, unnamed = conversations(
        list(read_log(log('{"id":7,"turns":[]}\n\n{"reply":"在","meta":{"agent":"小满"}}', "a.jsonl")))
    )
    assert (named.id, unnamed.id) == ("7", "a.jsonl:3")
    assert unnamed.turns[-1].sender == "小满"


BROKEN_JSON = {
    "half a surrogate pair": '{"turns":[{"role":"buyer","text":"\\ud83d"}]}',
    "half a surrogate pair in meta": '{"reply":"x","meta":{"shop":"\\uDE00"}}',
    "broken JSON": '{"turns":[',
    "an array": '[{"reply":"x"}]',
    "no known key": '{"text":"x"}',
    "a wrong role": '{"turns":[{"role":"boss","text":"x"}]}',
    "a wrong platform": '{"reply":"x","meta":{"platform":"ebay"}}',
    "deep nesting": '{"turns":' + "[" * 100_000,
    "a huge number": '{"id":' + "9" * 5000 + ',"turns":[]}',
    "a raw null byte": '{"reply":"a\0b"}',
}


@pytest.mark.parametrize("case", BROKEN_JSON)
def test_a_broken_line_costs_that_line(case: str, log: Callable[..., Path]) -> None:
    path = log('{"reply":"一"}\n' + BROKEN_JSON[case] + '\n{"reply":"三"}\n', "a.jsonl")
    items = list(read_log(path))
    assert brief(items) == [[("agent", "一")], 2, [("agent", "三")]]
    assert re.match(rf"{re.escape(str(path))}:2: \S", str(items[1]))
    str(items[1]).encode("utf-8")


ENCODED = {
    "UTF-8": "utf-8",
    "UTF-8 with a mark": "utf-8-sig",
    "GB18030": "gb18030",
    "UTF-16 with a mark": "utf-16",
}


@pytest.mark.parametrize("case", ENCODED)
@pytest.mark.parametrize("name", ["lanting-dress.csv", "wanwu-home.jsonl", "qinghe-food.txt"])
def test_the_encoding_does_not_change_what_is_read(case: str, name: str, log: Callable[..., Path]) -> None:
    text = (SAMPLES / name).read_text("utf-8").replace("\n", "\r\n")
    path = log(text.encode(ENCODED[case]), name)
    assert list(read_log(path)) == list(read_log(SAMPLES / name))


def test_short_gb18030_lines_that_could_be_utf8_are_read_like_the_rest(log: Callable[..., Path]) -> None:
    path = log("甲 2026-11-3 9:05:03\n一\n麻烦发下货\n谢谢老板\n".encode("gb18030"))
    assert brief(list(read_log(path))) == [[("buyer", "一\n麻烦发下货\n谢谢老板")]]


def test_a_line_in_no_encoding_costs_that_line(log: Callable[..., Path]) -> None:
    content = HEADER.encode() + "A,客服,一,,\n".encode() + b"A,\xff\xff,x,,\n" + "A,客服,三,,\n".encode()
    items = list(read_log(log(content, "a.csv")))
    assert brief(items) == [[("agent", "一"), ("agent", "三")], 3]


TIMES = {
    "2026-11-03T09:05:03+08:00": "2026-11-03T09:05:03+08:00",
    "2026/11/3 9:05": "2026-11-03T09:05:00",
    "2026年11月3日 9:05:03": "2026-11-03T09:05:03",
    "2026.11.3": "2026-11-03",
    "9:05:03": "09:05:03",
    "2026-02-30 09:05": None,
    "25:00:00": None,
    "0000-01-01 00:00": None,
    "昨天 9:05": None,
    "": None,
}


@pytest.mark.parametrize("written", TIMES)
def test_times_become_iso_8601_and_what_is_no_time_becomes_none(written: str) -> None:
    assert iso_time(written) == TIMES[written]


DETECTED = {
    "jsonl": ['{"turns":[]}', '\ufeff\n  {"reply":"x"}', 'broken\n{"reply":"x"}'],
    "csv": [HEADER, '"role","text"\n', "text\trole\n", HEADER + 'A,客服,"甲 2026-11-3 9:05:03",,\n'],
    "qianniu": ["甲 2026-11-3 9:05:03\n在\n", "甲\n2026-11-3 9:05:03\n在\n", "09:05:03\n在\n甲\n", "随便写写"],
}


@pytest.mark.parametrize(("expected", "text"), [(key, text) for key, texts in DETECTED.items() for text in texts])
def test_the_format_is_told_by_the_content(expected: str, text: str, log: Callable[..., Path]) -> None:
    assert detect_format(log(text)) == expected


def test_a_missing_file_and_an_unknown_format_are_told_at_once(tmp_path: Path, log: Callable[..., Path]) -> None:
    with pytest.raises(FileNotFoundError):
        read_log(tmp_path / "none.csv")
    with pytest.raises(ValueError, match="docx"):
        read_log(log(""), "docx")
    with pytest.raises(ValueError, match="txet"):
        read_log(log(""), columns={"txet": "内容"})


TEXT_PIECES = [
    "{", "}", "[", '"', ",", "\t", "\n", "\r\n", "\0", "\\ud800", '{"reply":"', '"turns":[', "role", "text", "客服",
    "甲", "青禾:小满", " ", " --> ", "2026-11-3 9:05:03", "09:05:03", "2026-11-03", "已读", "====", "甲 撤回了一条消息",
]  # fmt: skip
BYTE_PIECES = [b"\xff", b"\xff\xfe", b"\xed\xa0\x80", b"\x81\x30\x81", "一".encode("gb18030")]
PIECES = st.sampled_from([piece.encode() for piece in TEXT_PIECES] + BYTE_PIECES)


@given(st.lists(PIECES, max_size=30), st.sampled_from(["auto", "jsonl", "csv", "qianniu"]))
def test_nothing_hostile_raises_and_all_that_is_read_can_be_printed(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], layout: str
) -> None:
    path = tmp_path_factory.mktemp("hostile") / "log.txt"
    path.write_bytes(b"".join(pieces))
    lines = b"".join(pieces).count(b"\n") + 1
    for item in read_log(path, layout):
        str(item).encode("utf-8")
        if isinstance(item, LogProblem):
            assert 1 <= item.line <= lines
        else:
            "".join(turn.text for turn in item.turns).encode("utf-8")


@given(st.lists(st.lists(st.text('a",\n 客', max_size=5), min_size=1, max_size=3), min_size=1, max_size=5))
def test_any_quoted_text_comes_back_from_a_table(
    tmp_path_factory: pytest.TempPathFactory, chats: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("table") / "log.csv"
    rows = [f'{number},客服,"{text.replace(chr(34), chr(34) * 2)}"\n' for number, c in enumerate(chats) for text in c]
    path.write_text("会话ID,角色,内容\n" + "".join(rows), "utf-8", newline="")
    assert brief(list(read_log(path, "csv"))) == [[("agent", text) for text in chat] for chat in chats]


LONG = {
    "one megabyte in a qianniu message": "甲 2026-11-3 9:05:03\n" + " 2026-11-3" * 100_000 + "\n",
    "one megabyte of blanks": "甲 2026-11-3 9:05:03\n" + " " * 1_000_000 + "x\n",
    "one megabyte in a cell": HEADER + 'A,客服,"' + 'x""' * 300_000 + '",,\n',
    "one megabyte of quotes": HEADER + '"' * 999_999 + "\n",
    "a quote that is never closed": HEADER + 'A,客服,"' + "x\n" * 100_000,
    "two hundred thousand quotes": HEADER + '"\n' * 200_000,
    "fifty thousand times": "09:05:03\n" * 50_000,
    "fifty thousand names": "甲\n2026-11-3 9:05:03\n" * 50_000,
}


@pytest.mark.parametrize("case", LONG)
def test_long_input_is_read_to_its_end(case: str, log: Callable[..., Path]) -> None:
    assert len(list(read_log(log(LONG[case])))) >= 1


STREAMED = {
    "jsonl": '{"reply":"在的"}\n',
    "qianniu": "甲 2026-11-3 9:05:03\n在\n====\n",
}


@pytest.mark.parametrize("layout", STREAMED)
def test_lines_are_read_as_they_are_asked_for(layout: str, log: Callable[..., Path]) -> None:
    path = log(STREAMED[layout] * 50_000)
    tracemalloc.start()
    try:
        assert len(list(islice(read_log(path, layout), 1))) == 1
        for _ in islice(read_log(path, layout), 10_000, 10_010):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The head that decides encoding and layout is a mebibyte; nothing else may grow with the file.
    assert peak < 16 << 20


SAMPLE_SIZES = {"wanwu-home.jsonl": ("jsonl", 26), "lanting-dress.csv": ("csv", 20), "qinghe-food.txt": ("qianniu", 16)}


@pytest.mark.parametrize("name", SAMPLE_SIZES)
def test_every_sample_log_reads_without_a_problem(name: str) -> None:
    layout, least = SAMPLE_SIZES[name]
    items = list(read_log(SAMPLES / name))
    assert detect_format(SAMPLES / name) == layout
    assert [item for item in items if isinstance(item, LogProblem)] == []
    assert len(items) >= least
    for chat in conversations(items):
        times = [turn.at or "" for turn in chat.turns]
        assert {turn.role for turn in chat.turns} >= {"buyer", "agent"}
        assert times == sorted(times)
        assert all("2026-11-05" <= at < "2026-11-13" for at in times)


@pytest.mark.parametrize("name", SAMPLE_SIZES)
def test_every_sample_log_has_several_agents_and_one_bot(name: str) -> None:
    turns = [turn for chat in conversations(list(read_log(SAMPLES / name))) for turn in chat.turns]
    names = {role: {turn.sender for turn in turns if turn.role == role} for role in ("agent", "bot")}
    assert len(names["agent"]) >= 3
    assert len(names["bot"]) == 1


def guide_rows() -> list[tuple[str, str, str]]:
    """Conversation, offence and look-alike of every row of the guide to the sample logs."""
    guide = (SAMPLES / "README.md").read_text("utf-8")
    return re.findall(r"^\| `([^`]+)` \| ([\w/-]*) ?\| ([\w/-]*) ?\| ", guide, re.M)


def test_the_guide_lists_every_conversation_of_the_sample_logs_once() -> None:
    read = [chat.id for name in SAMPLE_SIZES for chat in conversations(list(read_log(SAMPLES / name)))]
    assert Counter(row[0] for row in guide_rows()) == Counter(read)


def test_every_risk_of_the_guide_has_an_offence_and_a_look_alike() -> None:
    rows = guide_rows()
    offences = {row[1] for row in rows if row[1]}
    assert offences == {row[2] for row in rows if row[2]}
    assert len(offences) == 27
    assert sum(not row[1] for row in rows) >= len(rows) / 2


def test_the_samples_survive_a_round_trip_through_json_lines(log: Callable[..., Path]) -> None:
    chats = [chat for name in SAMPLE_SIZES for chat in conversations(list(read_log(SAMPLES / name)))]
    wire = [
        {"id": chat.id, "meta": chat.meta._asdict(), "turns": [turn._asdict() for turn in chat.turns]} for chat in chats
    ]
    path = log("".join(json.dumps(chat) + "\n" for chat in wire), "all.jsonl")
    assert list(read_log(path)) == chats
