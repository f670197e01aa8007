"""The public face: reports, batches, conversations; same findings however it is used, and nothing hostile gets
through.
"""

import json
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from replylint.linter import Linter
from replylint.model import HistoryItem, RequestError, Turn
from replylint.profile import Policy, Profile

REFUSAL = "亲,我们不开发票的哦"
HOSTILE = st.text(
    alphabet="微信发票不开可以加我转账码色差VvⅤ1一幺零0138-@.x\u200b\ufe0f\ud800❤👌 ,。!?“”[]{}\n統(tǒng)", max_size=60
)


TALK = [
    "加个微信吧",
    "能开发票吗",
    "不开发票是吧",
    "在吗",
    "M码我能穿吗",
    "好的",
    "稍等哦",
    "有运费险吧",
    "我转你微信行不",
]


def test_a_report_in_the_wire_format(linter: Linter) -> None:
    wire = linter.check(REFUSAL, [("buyer", "能开发票吗")], {"platform": "tmall"}, id="7").to_dict()
    assert wire["id"] == "7"
    assert wire["action"] == "block"
    finding = wire["findings"][0]
    assert finding["rule"] == "invoice/refusal"
    assert REFUSAL[finding["start"] : finding["end"]] == finding["text"] == "不开发票"
    assert set(finding) >= {"rule", "severity", "confidence", "points", "start", "end", "text", "message", "suggestion"}
    assert wire["rewrite"]
    assert json.loads(json.dumps(wire, ensure_ascii=False)) == wire


def test_a_fine_reply(linter: Linter) -> None:
    report = linter.check("亲,今天下单明天发货哦")
    assert (report.action, report.findings, report.rewrite) == ("allow", (), None)


@given(HOSTILE, st.lists(st.tuples(st.sampled_from(["buyer", "agent", "system"]), HOSTILE), max_size=3))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_finding_is_where_it_says(linter: Linter, reply: str, history: list[tuple[str, str]]) -> None:
    report = linter.check(reply, history)
    for finding in report.findings:
        assert 0 <= finding.start < finding.end <= len(reply)
        assert reply[finding.start : finding.end] == finding.text
    if report.rewrite is not None:
        again = linter.check(report.rewrite, history)
        assert all(finding.severity == "info" for finding in again.findings)


@given(HOSTILE)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_plain_scanner_judges_the_same(linter: Linter, plain_linter: Linter, reply: str) -> None:
    assert plain_linter.check(reply).findings == linter.check(reply).findings


@given(HOSTILE, st.lists(st.tuples(st.sampled_from(["buyer", "agent"]), st.sampled_from(TALK)), max_size=4))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_explaining_finds_what_checking_finds(linter: Linter, reply: str, history: list[tuple[str, str]]) -> None:
    found = {(finding.rule, finding.start, finding.end) for finding in linter.check(reply, history).findings}
    verdicts = linter.explain(reply, history)
    assert {(verdict.rule, verdict.start, verdict.end) for verdict in verdicts if verdict.reason is None} == found


@pytest.fixture(scope="module")
def plain_linter(linter: Linter) -> Linter:
    return Linter(ruleset=linter.ruleset, plain=True)


REQUESTS: list[dict[str, Any]] = [
    {"id": "1", "reply": REFUSAL},
    {"reply": "可以的亲", "history": [{"role": "buyer", "text": "加个微信吧"}], "meta": {"platform": "jd"}},
    {"id": "3", "reply": "在的"},
]


def test_a_batch_judges_as_one_by_one(linter: Linter) -> None:
    batch = list(linter.check_many(REQUESTS))
    alone = [
        linter.check(wire["reply"], wire.get("history", ()), wire.get("meta"), id=wire.get("id")) for wire in REQUESTS
    ]
    assert batch == alone


def test_a_linter_survives_pickling_and_threads(linter: Linter) -> None:
    copied = pickle.loads(pickle.dumps(linter))
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda wire: next(iter(copied.check_many([wire]))), REQUESTS * 5))
    assert reports == list(linter.check_many(REQUESTS * 5))


def test_a_conversation_is_judged_turn_by_turn(linter: Linter) -> None:
    chat = {
        "id": "c",
        "turns": [
            {"role": "buyer", "text": "能开发票吗"},
            {"role": "agent", "text": "亲,不能哦"},
            {"role": "buyer", "text": "加个微信吧"},
            {"role": "agent", "text": "不加的哦"},
        ],
    }
    reports = {report.turn: report for report in linter.check_conversation(chat)}
    assert list(reports) == [1, 3]
    assert [finding.rule for finding in reports[1].findings] == ["invoice/refusal"]
    assert not reports[3].findings


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        pytest.param({}, "reply is missing", id="no reply"),
        pytest.param({"reply": 3}, "reply is a string, not int", id="a reply that is no text"),
        pytest.param([], "a request is an object", id="no object"),
        pytest.param(
            {"reply": "x", "history": [{"role": "boss", "text": "x"}]},
            "history[0]: role is one of",
            id="an unknown role",
        ),
        pytest.param(
            {"reply": "x", "history": [{"role": "buyer"}]}, "history[0]: a turn's text", id="a turn without text"
        ),
        pytest.param({"reply": "x", "history": "在吗"}, "history is a list", id="a history that is text"),
        pytest.param(
            {"reply": "x", "meta": {"platform": "amazon"}}, "meta.platform is one of", id="an unknown platform"
        ),
        pytest.param({"reply": "x", "meta": 3}, "meta is an object", id="meta that is no object"),
    ],
)
def test_a_request_that_cannot_be_read(linter: Linter, wire: Any, message: str) -> None:
    with pytest.raises(RequestError, match=message.replace("[", r"\[")):
        next(linter.check_many([wire]))


def test_history_takes_turns_pairs_and_wire_objects(linter: Linter) -> None:
    text = "能开发票吗"
    forms: list[HistoryItem] = [Turn("buyer", text), ("buyer", text), {"role": "buyer", "text": text}]
    assert len({linter.check("不能哦", [form]).findings for form in forms}) == 1


def test_policy_and_profile(linter: Linter) -> None:
    lenient = Policy(severities={"invoice/refusal": "info"})
    assert Linter(ruleset=linter.ruleset, policy=lenient).check(REFUSAL).action == "allow"
    ignoring = Policy(ignore=frozenset({"invoice"}))
    assert not Linter(ruleset=linter.ruleset, policy=ignoring).check(REFUSAL).findings
    english = Linter(ruleset=linter.ruleset, shop=Profile(language="en"))
    assert "invoice" in english.check(REFUSAL).findings[0].message.lower()


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param("", id="nothing"),
        pytest.param("\ud800\udfff", id="lone surrogates"),
        pytest.param("\x00\x01", id="control characters"),
        pytest.param("加" * 200_000, id="one character"),
        pytest.param("加微信" * 70_000, id="a violation over and over"),
        pytest.param("不" * 100_000 + "开发票", id="denials without end"),
        pytest.param("微*" * 100_000, id="symbols between"),
        pytest.param("1" * 200_000, id="digits"),
        pytest.param("a-" * 100_000 + "@", id="letters and hyphens"),
        pytest.param("“" * 50_000 + "加微信", id="quotation marks"),
        pytest.param("一二三四" * 40_000, id="written digits"),
        pytest.param("开 不 了 " * 30_000, id="characters apart"),
        pytest.param("好的" * 100_000, id="stances"),
    ],
)
def test_long_and_hostile_replies_end_soon(linter: Linter, reply: str) -> None:
    begin = time.process_time()
    report = linter.check(reply, [("buyer", "加个微信吧"), ("buyer", reply[:5000])], rewrite=False)
    assert time.process_time() - begin < 20
    assert all(reply[finding.start : finding.end] == finding.text for finding in report.findings)
