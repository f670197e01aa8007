"""The frame notation and where frames hold in a text."""

import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replylint.frame import Concept, FrameError, Grammar, words_in
from replylint.lexis import Lexis, numbers_of
from replylint.nodes import table_of
from replylint.passage import Edges, Passages, Span, peeled
from replylint.validators import Entity

CONCEPTS = {
    "add": Concept("add", ("加", "添加")),
    "messenger": Concept("messenger", ("微信", "微信号", "qq"), ("微信支付", "qq弹", "细微信息", "微信..2红包")),
    "issue": Concept("issue", ("开", "开具", "出{#}张")),
    "invoice": Concept("invoice", ("发票", "票")),
    "loop": Concept("loop", ("{loop}",)),
}
EDGES = Edges(frozenset(("亲", "您好")), frozenset(("哦", "的")))


def _lexis(grammar: Grammar) -> Lexis:
    words = words_in(grammar.nodes)
    return Lexis(words, table_of(grammar.nodes, numbers_of(words)))


def _spans(frame: str, text: str, *entities: Entity) -> Sequence[Span]:
    grammar = Grammar(CONCEPTS)
    node = grammar.translate(frame).node
    lexis = _lexis(grammar)
    return Passages(lexis, EDGES).of(text, lexis.words_of(text, entities), entities).spans(node)


@pytest.mark.parametrize(
    ("frame", "text", "found"),
    [
        pytest.param("{add}{messenger}", "您加微信吧", "加微信", id="written together"),
        pytest.param("{add}{messenger}", "加😊微信", "加😊微信", id="a symbol may stand between"),
        pytest.param("{add}{messenger}", "加下微信", None, id="a character may not"),
        pytest.param("{add} {messenger}", "加下微信", "加下微信", id="a space lets two characters in"),
        pytest.param("{add} {messenger}", "加一下我微信", None, id="a space lets no more than two in"),
        pytest.param("{add} .. {messenger}", "加一下我们微信", "加一下我们微信", id="two dots let six in"),
        pytest.param("{add} ..2 {messenger}", "加一下我微信", None, id="a number says how many"),
        pytest.param("{add} .. {messenger}", "加上,微信", None, id="two dots stay in the clause"),
        pytest.param("{add} // {messenger}", "加上,微信", "加上,微信", id="two slashes cross clauses"),
        pytest.param("{issue} & {invoice}", "发票能不能开", "发票能不能开", id="an ampersand takes either order"),
        pytest.param("{issue} & {invoice}", "开张发票", "开张发票", id="and the usual one"),
        pytest.param("{issue} & {invoice}", "发票吗,要开车", None, id="an ampersand stays in the clause"),
        pytest.param("{issue} && {invoice}", "发票吗,可以开", "发票吗,可以开", id="two ampersands cross clauses"),
        pytest.param("加 .. 聊 & {messenger}", "加我微信聊", "加我微信聊", id="a part inside the other's gap"),
        pytest.param("^{add}", "亲,您好加微信", "加", id="a clause may begin with a greeting"),
        pytest.param("^{add}", "不加", None, id="the clause does not begin here"),
        pytest.param("{messenger} $", "发微信哦的~", "微信", id="a clause may end in particles"),
        pytest.param("{messenger} $", "微信上说", None, id="the clause does not end here"),
        pytest.param("{add}{messenger}", "加微信支付", None, id="a harmless longer word to the right"),
        pytest.param("{messenger}", "细微信息", None, id="a harmless longer word around it"),
        pytest.param("{messenger}", "微信发红包", None, id="a harmless frame"),
        pytest.param("{messenger}", "细微信", "微信", id="only a part of the longer word"),
        pytest.param("{messenger}", "微信号是", "微信号", id="the longest of a concept's words"),
        pytest.param("加!(微信|qq)", "加微信", None, id="not followed by"),
        pytest.param("<!(不|不能)能", "不能退", None, id="not preceded by a word inside a longer one"),
        pytest.param("<!(不|别)加", "别加", None, id="not preceded by"),
        pytest.param("qq", "xqq", None, id="no Latin word inside a longer one"),
        pytest.param("1", "13", None, id="no digit inside a longer number"),
        pytest.param("加 (我|你)? {messenger}", "加我微信", "加我微信", id="a group that may be missing"),
        pytest.param("^ (您|你)?说的对", "您说的对", "您说的对", id="a first part that may be missing and is there"),
        pytest.param("^ (您|你)?说的对", "说的对", "说的对", id="a first part that may be missing and is"),
        pytest.param("加 ..4 (我的)?{messenger}", "加个别的微信", "加个别的微信", id="a missing part's gap stays"),
        pytest.param("加 ..4 我? ..2 的?{messenger}", "加上别人的微信", "加上别人的微信", id="the widest of gaps"),
        pytest.param("加 // (下)?{messenger}", "加上,聊微信", "加上,聊微信", id="a gap over clauses stays, too"),
        pytest.param("加(我的)? ..4 {messenger}", "加个别的微信", "加个别的微信", id="a wider gap behind it"),
        pytest.param("加 ..2 (我的)?{messenger}", "加上别的微信", None, id="the gap of a missing part gets no wider"),
        pytest.param("我们?加", "我加", "我加", id="a character that may be missing"),
        pytest.param("1.5", "1.5", "1.5", id="a single full stop is a character"),
        pytest.param("出{#}张", "出三张", "出三张", id="a number in words"),
        pytest.param("{issue}票", "出2张票", "出2张票", id="a concept made of frames"),
    ],
)
def test_matching(frame: str, text: str, found: str | None) -> None:
    assert [text[span.start : span.end] for span in _spans(frame, text)][:1] == ([found] if found else [])


def test_an_entity_is_named_by_its_kind() -> None:
    assert _spans("打 {@phone}", "打13800138000", Entity("mobile", 1, 12)) == [Span(0, 12)]
    assert not _spans("打 {@id}", "打13800138000", Entity("mobile", 1, 12))


def test_brackets_mark_a_part_in_either_order() -> None:
    assert [span.mark for span in _spans("加 [{messenger}] 聊", "加我微信聊")] == [(2, 4)]
    assert [span.mark for span in _spans("[{invoice}] & {issue}", "开发票")] == [(1, 3)]


def test_what_stands_between_the_parts_is_kept() -> None:
    assert _spans("{issue} & {invoice}", "开不了发票") == [Span(0, 5, ((1, 3),))]


@pytest.mark.parametrize(
    ("frame", "at", "message"),
    [
        pytest.param("{ad}", 0, "unknown concept {ad}", id="an unknown concept"),
        pytest.param("{add", 4, "missing }", id="an open brace"),
        pytest.param("(加|搜", 4, "missing )", id="an open group"),
        pytest.param("加)", 1, "unexpected ')'", id="a stray bracket"),
        pytest.param("加..99微信", 5, "a gap is 1 to 80 characters", id="a gap too wide"),
        pytest.param("加" + " ..9 我? ..8 你?" * 9 + "号", 128, "at most 16 parts may be", id="too many gaps"),
        pytest.param("..加", 0, "a gap stands between two parts", id="a gap at the front"),
        pytest.param("加 & ", 4, "no words here", id="half of a meeting"),
        pytest.param("!(加)微信", 0, "nothing stands before !(", id="a look ahead of nothing"),
        pytest.param("加 $ 微信", 2, "$ stands at the end", id="an end in the middle"),
        pytest.param("{@mobil}", 0, "unknown entity {@mobil}", id="an unknown entity"),
        pytest.param("{loop}", 0, "contains itself", id="a concept that contains itself"),
    ],
)
def test_mistakes_name_their_place(frame: str, at: int, message: str) -> None:
    with pytest.raises(FrameError, match=re.escape(message)) as caught:
        Grammar(CONCEPTS).translate(frame)
    assert caught.value.at == at


@pytest.mark.parametrize(
    ("frame", "needs"),
    [
        pytest.param("加 .. 微信", [{"加"}, {"微信"}], id="every part of a chain"),
        pytest.param("(加|搜) & {invoice}", [{"加", "搜"}, {"发票", "票"}], id="one of several"),
        pytest.param("加 我? 微信", [{"加"}, {"微信"}], id="not what may be missing"),
        pytest.param("加{@phone}", [{"加"}, {"@mobile", "@landline", "@masked_phone"}], id="an entity of a kind"),
        pytest.param("{#}", [], id="a number may be any"),
    ],
)
def test_what_must_occur(frame: str, needs: list[set[str]]) -> None:
    grammar = Grammar(CONCEPTS)
    number = grammar.translate(frame).node
    lexis = _lexis(grammar)
    numbers = numbers_of(words_in(grammar.nodes))
    assert list(lexis.nodes[number].needs) == [{numbers[word] for word in need} for need in needs]


HOSTILE = st.text(alphabet="加微信发票开qq12 ,!?~不😊\n", max_size=60)
FRAMES = (
    "{add} .. {messenger}",
    "{issue} & {invoice}",
    "^{add} // [{messenger}] $",
    "(加|开 {#}) && {invoice}",
    "加!(微)",
)


@given(HOSTILE, st.sampled_from(FRAMES))
def test_spans_lie_in_the_text_in_order(text: str, frame: str) -> None:
    spans = _spans(frame, text)
    assert [span[:2] for span in spans] == sorted({span[:2] for span in spans})
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert all(span.start <= low < high <= span.end for low, high in span.gaps)
        assert span.mark is None or span.start <= span.mark[0] < span.mark[1] <= span.end


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("pump", ["加微信", "发票开", "加", "开1", "加,微信!"])
def test_a_long_text_costs_time_in_proportion(frame: str, pump: str) -> None:
    begin = time.process_time()
    _spans(frame, pump * (20_000 // len(pump)))
    assert time.process_time() - begin < 3


def test_words_are_peeled_off_an_end() -> None:
    assert peeled("可以的哦~", EDGES.particles, at_end=True) == "可以"
    assert peeled("亲,您好在的", EDGES.fillers, at_end=False) == "在的"
