"""The frame notation: what it matches, what it needs, and that it cannot run away."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replylint.frame import ENTITY_CHARS, Concept, FrameError, Grammar, alternation, benign_guard, required_literals

MOBILE = ENTITY_CHARS["mobile"]
GRAMMAR = Grammar(
    {
        "add": Concept("add", ("加", "添加")),
        "messenger": Concept("messenger", ("微信", "微信号", "qq"), ("微信支付", "qq弹", "细微信息")),
        "issue": Concept("issue", ("开", "开具", "出{#}张")),
        "loop": Concept("loop", ("{loop}",)),
    },
    fillers=("亲", "您好"),
    particles=("哦", "的"),
)


@pytest.mark.parametrize(
    ("frame", "text", "found"),
    [
        pytest.param("{add}{messenger}", "您加微信吧", "加微信", id="adjacent"),
        pytest.param("{add} {messenger}", "加下微信", "加下微信", id="a space lets two characters in"),
        pytest.param("{add} {messenger}", "加一下我微信", None, id="a space lets no more than two in"),
        pytest.param("{add} .. {messenger}", "加一下我们微信", "加一下我们微信", id="two dots let six in"),
        pytest.param("{add} .. {messenger}", "加上,微信", None, id="two dots stay in the clause"),
        pytest.param("{add} // {messenger}", "加上,微信", "加上,微信", id="two slashes cross clauses"),
        pytest.param("^{add}", "亲,您好加微信", "您好加", id="a clause may begin with a greeting"),
        pytest.param("^{add}", "不加", None, id="the clause does not begin here"),
        pytest.param("{messenger} $", "发微信哦的~", "微信", id="a clause may end in particles"),
        pytest.param("{messenger} $", "微信上说", None, id="the clause does not end here"),
        pytest.param("{add}{messenger}", "加微信支付", None, id="a harmless longer word to the right"),
        pytest.param("{messenger}", "细微信息", None, id="a harmless longer word around it"),
        pytest.param("{messenger}", "细微信", "微信", id="only a part of the longer word"),
        pytest.param("加!(微信|qq)", "加微信", None, id="not followed by"),
        pytest.param("<!(不|别)加", "别加", None, id="not preceded by"),
        pytest.param("<!({:letter})qq", "xqq", None, id="not preceded by a letter"),
        pytest.param("(加|搜 {messenger})?您", "您", "您", id="a group that may be missing"),
        pytest.param("我们?加", "我加", "我加", id="a character that may be missing"),
        pytest.param("1.5", "1.5", "1.5", id="a single full stop is a character"),
        pytest.param("出{#}张", "出三张", "出三张", id="a number in words"),
        pytest.param("{issue}票", "出2张票", "出2张票", id="a concept made of frames"),
        pytest.param("{@mobile}", f"打{MOBILE * 3}吧", MOBILE * 3, id="a recognised entity"),
    ],
)
def test_matching(frame: str, text: str, found: str | None) -> None:
    match = re.search(GRAMMAR.translate(frame).regex, text)
    assert (match and match[0]) == found


def test_brackets_mark_a_part() -> None:
    match = re.search(GRAMMAR.translate("加 [{messenger}] 聊").regex, "加我微信聊")
    assert match is not None
    assert match["mark"] == "微信"


@pytest.mark.parametrize(
    ("frame", "at", "message"),
    [
        pytest.param("{ad}", 0, "unknown concept {ad}", id="an unknown concept"),
        pytest.param("{add", 4, "missing }", id="an open brace"),
        pytest.param("(加|搜", 4, "missing )", id="an open group"),
        pytest.param("加)", 1, "unexpected ')'", id="a stray bracket"),
        pytest.param("加..99微信", 5, "a gap is 1 to 60 characters", id="a gap too wide"),
        pytest.param("{@mobil}", 0, "unknown entity {@mobil}", id="an unknown entity"),
        pytest.param("{loop}", 0, "contains itself", id="a concept that contains itself"),
        pytest.param("<!({add})加", 3, "takes plain words", id="a concept behind"),
    ],
)
def test_mistakes_name_their_place(frame: str, at: int, message: str) -> None:
    with pytest.raises(FrameError, match=re.escape(message)) as caught:
        GRAMMAR.translate(frame)
    assert caught.value.at == at


def test_needs_are_what_must_occur() -> None:
    needs = GRAMMAR.translate("{add} .. (微信|qq 号)?吧").needs
    assert set(needs.words) == {frozenset({"加", "添加"}), frozenset({"吧"})}
    assert not needs.groups


def test_alternatives_need_what_one_of_them_needs() -> None:
    needs = GRAMMAR.translate("(加|搜 号|{messenger} 聊)").needs
    assert [sorted(option.literals()) for option in needs.groups[0]] == [
        ["加"],
        ["号", "搜"],
        sorted(["微信", "微信号", "qq", "聊"]),
    ]


def test_the_anchor_is_the_rarest_need() -> None:
    grammar = Grammar({}, cost=lambda literals: sum({"加": 50.0, "微信": 3.0, "搜": 9.0}[word] for word in literals))
    assert grammar.translate("加 微信").anchor == {"微信"}
    assert grammar.translate("(加 微信|搜)").anchor == {"微信", "搜"}
    assert not grammar.translate("(加)?").anchor


@given(st.text(alphabet="加微信q细息支付qq弹不别您,", max_size=16))
def test_a_match_is_never_without_what_it_needs(text: str) -> None:
    pattern = GRAMMAR.translate("({add}|您) .. {messenger}")
    if re.search(pattern.regex, text):
        assert all(any(literal in text for literal in need) for need in pattern.needs.words)
        assert any(literal in text for literal in pattern.anchor)


@given(
    st.lists(st.text(alphabet="微信号加", min_size=1, max_size=4), min_size=1, max_size=8), st.text(alphabet="微信号加")
)
def test_an_alternation_finds_what_a_plain_one_finds(phrases: list[str], text: str) -> None:
    longest_first = sorted(phrases, key=len, reverse=True)
    plain = re.findall("|".join(map(re.escape, longest_first)), text)
    assert re.findall(alternation(phrases), text) == plain


@given(st.text(alphabet="细微信息支付", max_size=12))
def test_a_guard_blocks_exactly_the_longer_words(text: str) -> None:
    guarded = re.compile(benign_guard(["微信"], ["微信支付", "细微信息"]) + "微信")
    for found in re.finditer("微信", text):
        at = found.start()
        harmless = text.startswith("微信支付", at) or (at > 0 and text.startswith("细微信息", at - 1))
        assert (guarded.match(text, at) is None) == harmless


@pytest.mark.parametrize(
    ("regex", "needs"),
    [
        pytest.param("返现[0-9]+元", (frozenset({"返现"}), frozenset({"元"})), id="literals around a class"),
        pytest.param("(?:微信|支付宝)转", (frozenset({"微信", "支付宝"}), frozenset({"转"})), id="alternatives"),
        pytest.param("(?:微信)?转?", (), id="nothing is certain"),
        pytest.param("(?:返现){1,3}", (frozenset({"返现"}),), id="repeated at least once"),
    ],
)
def test_literals_required_by_a_regular_expression(regex: str, needs: tuple[frozenset[str], ...]) -> None:
    assert required_literals(regex).words == needs


def test_a_frame_does_not_run_away() -> None:
    pattern = re.compile(GRAMMAR.translate("{add} .. {add} // {add} // {messenger}").regex)
    begin = time.perf_counter()
    assert pattern.search("加" * 4000) is None
    assert time.perf_counter() - begin < 20
