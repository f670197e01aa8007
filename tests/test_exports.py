"""Logs that programs write: workbooks, Parquet, help-desk exports, archives, corpora."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replylint import schema
from replylint.chatlog import FORMATS, LogFormat, LogItem, LogProblem, detect_format, read_log
from replylint.cli.parser import LOG_FORMATS
from replylint.model import Conversation

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("python_calamine")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def brief(items: list[LogItem]) -> list[Any]:
    """A conversation as its (role, text) pairs, a problem as its line."""
    return [
        item.line if isinstance(item, LogProblem) else [(turn.role, turn.text) for turn in item.turns] for item in items
    ]


def chats(items: list[LogItem]) -> list[Conversation]:
    return [item for item in items if isinstance(item, Conversation)]


def test_the_command_line_offers_every_format() -> None:
    assert set(LOG_FORMATS) == set(schema.LOG_FORMATS) == {"auto", *FORMATS} == {"auto", *get_args(LogFormat)}


# ---- workbooks

HEADER = ("客户名", "消息序号", "发送时间", "发送内容", "发送账号", "账号类型")
Workbook = Callable[..., Path]


@pytest.fixture
def workbook(tmp_path: Path) -> Workbook:
    def write(**sheets: list[tuple[Any, ...]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "log.xlsx")
        return tmp_path / "log.xlsx"

    return write


def test_the_exporters_workbook_has_a_sheet_for_each_buyer(workbook: Workbook) -> None:
    path = workbook(
        导出汇总=[HEADER, ("小鹿", 1, "09:05:03", "在吗", "小鹿", "客户")],
        小鹿=[
            HEADER,
            ("小鹿", 2, "09:05:30", "在的\n亲", "青禾:小满", "客服"),
            ("小鹿", 1, "09:05:03", "在吗", "小鹿", "客户"),
        ],
        老王=[HEADER, ("老王", 1, time(10, 0, 1), 123456, "老王", "客户")],
    )
    first, second = chats(list(read_log(path)))
    assert detect_format(path) == "xlsx"
    assert [(turn.role, turn.text, turn.at) for turn in first.turns] == [
        ("buyer", "在吗", "09:05:03"),
        ("agent", "在的\n亲", "09:05:30"),
    ]
    assert [(turn.text, turn.at) for turn in second.turns] == [("123456", "10:00:01")]
    assert (first.meta.buyer_id, second.meta.buyer_id) == ("小鹿", "老王")


SHEETS: dict[str, tuple[dict[str, list[tuple[Any, ...]]], list[Any]]] = {
    "blank rows and columns before the header": (
        {"a": [(), (None, None), ("会话ID", "角色", "内容"), ("A", "客服", "在")]},
        [[("agent", "在")]],
    ),
    "ids and times as numbers and dates": (
        {"a": [("会话ID", "角色", "内容", "时间"), (7, "客服", 5, datetime(2026, 11, 3, 9, 5))]},
        [[("agent", "5")]],
    ),
    "a formula is text to read, not to compute": (
        {"a": [("会话ID", "角色", "内容"), ("A", "客服", "'=1+1")]},
        [[("agent", "'=1+1")]],
    ),
    "a merged cell names the rows below it": (
        {"a": [("会话ID", "角色", "内容"), ("A", "客户", "在吗"), (None, "客服", "在")]},
        [[("buyer", "在吗"), ("agent", "在")]],
    ),
    "a bad row costs its row": (
        {"a": [("会话ID", "角色", "内容"), ("A", "老板", "一"), ("A", "客服", "二")]},
        [2, [("agent", "二")]],
    ),
    "a sheet of notes beside the chats": (
        {"a": [("说明",)], "b": [("角色", "内容"), ("客服", "在")]},
        [[("agent", "在")]],
    ),
    "nothing but notes": ({"a": [("说明",), ("没有",)]}, [1]),
}


@pytest.mark.parametrize("case", SHEETS)
def test_workbooks(case: str, workbook: Workbook) -> None:
    sheets, expected = SHEETS[case]
    assert brief(list(read_log(workbook(**sheets)))) == expected


def test_columns_of_a_workbook_can_be_mapped(workbook: Workbook) -> None:
    path = workbook(a=[("谁", "说的话"), ("客服", "在")])
    assert brief(list(read_log(path, columns={"text": "说的话", "role": "谁"}))) == [[("agent", "在")]]


def test_what_only_begins_like_a_workbook_is_a_problem_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"x" * 100)
    with pytest.raises(OSError, match="no workbook"):
        list(read_log(path))


# ---- Parquet


def test_parquet_rows_are_messages(tmp_path: Path) -> None:
    path = tmp_path / "log"
    table = {
        "session_id": [1, 1, 2, 1],
        "role": ["客服", "客户", "agent", "boss"],
        "text": ["在的", "在吗", None, "x"],
        "ts": [datetime(2026, 11, 3, 9, 5, 9), datetime(2026, 11, 3, 9, 5, 3), None, None],
        "sender": ["小满", "小鹿", None, None],
    }
    parquet.write_table(pyarrow.table(table), path)
    assert detect_format(path) == "parquet"
    items = list(read_log(path))
    assert brief(items) == [[("buyer", "在吗"), ("agent", "在的")], [("agent", "")], 4]
    assert chats(items)[0].turns[0].at == "2026-11-03T09:05:03"


def test_parquet_rows_may_be_conversations(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    turns = [[{"role": "buyer", "text": "在吗", "at": None}, {"role": "agent", "text": "在", "at": "2026-11-03"}], []]
    parquet.write_table(pyarrow.table({"id": ["a", None], "turns": turns}), path)
    first, second = chats(list(read_log(path)))
    assert brief([first]) == [[("buyer", "在吗"), ("agent", "在")]]
    assert (first.id, second.id) == ("a", "log.parquet:2")


def test_damaged_parquet_costs_what_is_behind_the_damage(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    table = pyarrow.table({"role": ["客服"] * 40_000, "text": [f"在{number}" for number in range(40_000)]})
    parquet.write_table(table, path, row_group_size=20_000, compression="none", use_dictionary=False)
    data = bytearray(path.read_bytes())
    second = parquet.ParquetFile(path).metadata.row_group(1).column(1)
    for place in range(second.data_page_offset, second.data_page_offset + 40):
        data[place] = 255
    path.write_bytes(data)
    chat, problem = read_log(path)
    assert isinstance(chat, Conversation)
    assert len(chat.turns) == 20_000
    assert isinstance(problem, LogProblem)
    assert problem.line == 20_001


# ---- JSON

AT = 1762131903
EXPORTS: dict[str, tuple[str, Any, list[Any]]] = {
    "a Zendesk chat": (
        "zendesk",
        {
            "id": "z1",
            "visitor": {"id": "v1"},
            "history": [
                {"type": "chat.memberjoin", "name": "V"},
                {
                    "type": "chat.msg",
                    "name": "V",
                    "sender_type": "Visitor",
                    "msg": "在吗",
                    "timestamp": "2026-11-03T09:05:03Z",
                },
                {"type": "chat.msg", "name": "T", "sender_type": "Trigger", "msg": "稍等"},
                {"type": "chat.msg", "name": "小满", "sender_type": "Agent", "msg": "在"},
            ],
        },
        [("buyer", "在吗"), ("bot", "稍等"), ("agent", "在")],
    ),
    "an Intercom conversation": (
        "intercom",
        {
            "id": 5,
            "created_at": AT,
            "source": {"body": "<p>在吗</p>", "author": {"type": "user", "id": "u1", "name": "小鹿"}},
            "conversation_parts": {
                "conversation_parts": [
                    {"part_type": "note", "body": "内部", "author": {"type": "admin"}, "created_at": AT},
                    {"part_type": "assignment", "body": None, "author": {"type": "admin"}, "created_at": AT},
                    {"part_type": "comment", "body": "稍等", "author": {"type": "bot"}, "created_at": AT},
                    {"part_type": "comment", "body": "a&lt;b<br>在", "author": {"type": "admin", "name": "小满"}},
                ]
            },
        },
        [("buyer", "在吗"), ("bot", "稍等"), ("agent", "a<b\n在")],
    ),
    "a Chatwoot conversation": (
        "chatwoot",
        {
            "id": 9,
            "messages": [
                {"content": "在吗", "message_type": 0, "created_at": AT, "sender": {"name": "小鹿", "type": "contact"}},
                {"content": "内部", "message_type": 1, "private": True},
                {"content": "已分配", "message_type": 2},
                {"content": "您好", "message_type": 3},
                {"content": "稍等", "message_type": 1, "sender": {"type": "agent_bot"}},
                {"content": "在", "message_type": "outgoing", "sender": {"type": "user", "name": "小满"}},
            ],
        },
        [("buyer", "在吗"), ("system", "已分配"), ("bot", "您好"), ("bot", "稍等"), ("agent", "在")],
    ),
    "chat completions": (
        "messages",
        {
            "messages": [
                {"role": "system", "content": "你是客服"},
                {"role": "user", "content": [{"type": "text", "text": "在"}, {"type": "text", "text": "吗"}]},
                {"role": "assistant", "content": "在"},
            ]
        },
        [("system", "你是客服"), ("buyer", "在吗"), ("bot", "在")],
    ),
    "from and value": (
        "messages",
        {"conversations": [{"from": "human", "value": "在吗"}, {"from": "gpt", "value": "在"}]},
        [("buyer", "在吗"), ("bot", "在")],
    ),
}


@pytest.mark.parametrize("case", EXPORTS)
@pytest.mark.parametrize("shape", ["a line", "an array", "an indented document"])
def test_exports(case: str, shape: str, tmp_path: Path) -> None:
    layout, wire, expected = EXPORTS[case]
    path = tmp_path / "log.json"
    content = {
        "a line": json.dumps(wire) + "\n" + json.dumps(wire),
        "an array": json.dumps([wire, wire]),
        "an indented document": json.dumps([wire, wire], indent=2, ensure_ascii=False),
    }[shape]
    path.write_text(content, encoding="utf-8")
    assert detect_format(path) == layout
    items = list(read_log(path))
    assert brief(items) == [expected, expected]


def test_times_of_exports_are_on_the_clock_of_the_chats(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(json.dumps(EXPORTS["a Chatwoot conversation"][1]), encoding="utf-8")
    (chat,) = chats(list(read_log(path)))
    assert chat.turns[0].at == "2025-11-03T09:05:03+08:00"
    assert (chat.id, chat.turns[0].sender, chat.turns[-1].sender) == ("9", "小鹿", "小满")


BROKEN = {
    "an unknown sender": ("zendesk", {"history": [{"type": "chat.msg", "sender_type": "Boss", "msg": "x"}]}),
    "a history that is none": ("zendesk", {"history": 7}),
    "a text that is none": ("messages", {"messages": [{"role": "user", "content": 7}]}),
    "no object": ("chatwoot", [1]),
    "half a character": ("messages", {"messages": [{"role": "user", "content": "\ud83d"}]}),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_object_costs_that_object(case: str, tmp_path: Path) -> None:
    layout, wire = BROKEN[case]
    good = next(wire for name, wire, _ in EXPORTS.values() if name == layout)
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, (good, wire, good))) + "\n{broken}\n", encoding="utf-8")
    items = list(read_log(path, layout))
    assert len(chats(items)) == 2
    assert [item.line for item in items if isinstance(item, LogProblem)] == [2, 4]


def archived(sender: str, to: str, minute: int, text: str = "", **more: Any) -> dict[str, Any]:
    moment = 1762131900000 + minute * 60_000
    body = {"msgtype": "text", "text": {"content": text}} if text else {}
    return {"msgid": f"m{minute}", "action": "send", "from": sender, "tolist": [to], "msgtime": moment, **body, **more}


def test_the_archive_of_wecom_is_cut_into_talks(tmp_path: Path) -> None:
    wires = [
        archived("xiaoman", "wmB", 2, "在的"),
        archived("wmB", "xiaoman", 1, "在吗"),
        archived("wmC", "xiaoman", 1, "你好"),
        archived("xiaoman", "wmB", 3, msgtype="image"),
        archived("xiaoman", "wmB", 4, action="recall"),
        archived("wmB", "xiaoman", 1000, "又来了"),
        {"msgid": "s", "action": "switch", "time": 1, "user": "x"},
        {"msgid": "x", "tolist": [], "from": "a", "msgtime": "soon"},
    ]
    path = tmp_path / "archive.jsonl"
    path.write_text("\n".join(map(json.dumps, wires)), encoding="utf-8")
    assert detect_format(path) == "wecom"
    items = list(read_log(path))
    assert brief(items) == [
        8,
        [("buyer", "在吗"), ("agent", "在的"), ("agent", ""), ("system", "xiaoman 撤回了一条消息")],
        [("buyer", "又来了")],
        [("buyer", "你好")],
    ]
    first = chats(items)[0]
    assert (first.id, first.meta.buyer_id, first.turns[0].at) == ("archive.jsonl:2", "wmB", "2025-11-03T09:06:00+08:00")


def test_jddc_lines_are_split_at_tabs_only(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    head = "session_id\tuser_id\twaiter_send\tis_transfer\tis_repeat\tcontent\t\n"
    rows = ['s1\tu\t0\t0\t0\t27"屏 有货吗\t\n', 's1\tu\t1\t0\t0\t"有的,亲\t\n', "s2\tu\t9\t0\t0\tx\t\n", "s2\tu\n"]
    path.write_text(head + "".join(rows), encoding="utf-8")
    assert detect_format(path) == "jddc"
    assert brief(list(read_log(path))) == [[("buyer", '27"屏 有货吗'), ("agent", '"有的,亲')], 4, 5]


# ---- order

ORDERS = {
    "by number": (["3,,三", "1,,一", "2,,二"], "一二三"),
    "by number though the times are coarse": (["2,2026-11-03 09:05,二", "1,2026-11-03 09:05,一"], "一二"),
    "by time": ([",2026-11-03 09:05:03,二", ",2026-11-03 09:05:01,一"], "一二"),
    "by time across zones": ([",2026-11-03T09:00:00+08:00,二", ",2026-11-03T00:30:00Z,一"], "一二"),
    "numbers that begin anew say nothing": (["1,,一", "2,,二", "1,,三"], "一二三"),
    "a missing time says nothing": ([",2026-11-03 09:05:03,一", ",,二", ",2026-11-03 09:05:01,三"], "一二三"),
    "times without a date say nothing": ([",23:59:00,一", ",00:01:00,二"], "一二"),
}  # fmt: skip


@pytest.mark.parametrize("case", ORDERS)
def test_the_order_of_a_conversation(case: str, tmp_path: Path) -> None:
    rows, expected = ORDERS[case]
    path = tmp_path / "log.csv"
    path.write_text("会话ID,角色,消息序号,时间,内容\n" + "".join(f"A,客服,{row}\n" for row in rows), encoding="utf-8")
    (chat,) = chats(list(read_log(path)))
    assert "".join(turn.text for turn in chat.turns) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*("messages", "role", "content", "history", "sender_type", "from", "tolist", "msgtime"),
                             *("conversation_parts", "source", "author", "body", "message_type", "msgid", "payload")]),
            inner, max_size=4,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON, st.sampled_from(["wecom", "zendesk", "intercom", "chatwoot", "messages", "auto"]))
def test_no_json_breaks_a_reader(tmp_path_factory: pytest.TempPathFactory, wire: Any, layout: str) -> None:
    path = tmp_path_factory.mktemp("json") / "log.json"
    path.write_text(json.dumps(wire), encoding="utf-8")
    for item in read_log(path, layout):
        str(item).encode("utf-8")
