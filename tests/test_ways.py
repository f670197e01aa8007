"""The ways of a frame: whatever holds somewhere meets one of them, and what stands too far apart meets none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replylint.frame import Concept, Grammar, words_in
from replylint.lexis import Lexis, numbers_of
from replylint.nodes import table_of
from replylint.passage import Edges, Passages
from replylint.rarity import cost_of
from replylint.ways import Way, WayFinder

CONCEPTS = {
    "messenger": Concept("messenger", ("微信", "qq", "v")),
    "add": Concept("add", ("加", "加个", "{reach} ..3 我")),
    "reach": Concept("reach", ("联系", "找")),
    "invoice": Concept("invoice", ("发票", "票"), ("车票",)),
}


def _ways(frame: str) -> tuple[Grammar, int, tuple[Way, ...]]:
    grammar = Grammar(CONCEPTS)
    number = grammar.translate(frame).node
    return grammar, number, WayFinder(grammar.node, cost_of({})).of(number)


def _meets(text: str, way: Way) -> bool:
    places = [[at for at in range(len(text)) if any(text.startswith(word, at) for word in need.words)] for need in way]
    return any(
        all(
            any(need.first <= start - at <= need.last for start in starts)
            for need, starts in zip(way, places, strict=True)
        )
        for at in places[0]
    )


@pytest.mark.parametrize(
    ("frame", "text", "met"),
    [
        pytest.param("{add}{messenger}", "加微信", True, id="written together"),
        pytest.param("{add}{messenger}", "微信加", False, id="the other order"),
        pytest.param("{add}{messenger}", "加一下您的微信", False, id="too far apart"),
        pytest.param("{add}{messenger}", "联系一下我微信", True, id="one of several ways may be longer"),
        pytest.param("开 & {invoice}", "发票能不能开", True, id="either order"),
        pytest.param("开 &2 {invoice}", "发票能不能现在开", False, id="either order, too far apart"),
        pytest.param("(开|出)(一张)? {invoice}", "开一张发票", True, id="with a part that may be missing"),
        pytest.param("开 .. 发票 .. 税", "开发票的税", True, id="three in a row"),
        pytest.param("开 .. 发票 .. 税", "税开发票", False, id="three in another row"),
    ],
)
def test_words_must_stand_where_they_may(frame: str, text: str, met: bool) -> None:
    _, _, ways = _ways(frame)
    assert any(_meets(text, way) for way in ways) is met


FRAMES = (
    "{add}{messenger}", "{add} {messenger}?我", "{add} .. {messenger} // {invoice}",
    "{add} & ({messenger}|{invoice} 我)",
    "({add}|{reach}我) &&9 {messenger} & {invoice}", "<!(不)加 ..3 [{messenger}]!(群) $",
    "{invoice} & 找 & {messenger}",
)  # fmt: skip
WORDS = ("加", "个", "我", "不", "找", "联系", "微信", "qq", "v", "发票", "车票", ",", "一", " ", "群")


@given(st.sampled_from(FRAMES), st.lists(st.sampled_from(WORDS)).map("".join))
def test_a_frame_that_holds_meets_one_of_its_ways(frame: str, text: str) -> None:
    grammar, number, ways = _ways(frame)
    words = words_in(grammar.nodes)
    lexis = Lexis(words, table_of(grammar.nodes, numbers_of(words)))
    if Passages(lexis, Edges()).of(text, lexis.words_of(text), ()).has(number):
        assert any(_meets(text, way) for way in ways)
