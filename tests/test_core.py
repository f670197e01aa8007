"""The compiled core and its twin in Python: whatever they are asked, they say the same."""

from array import array
from collections.abc import Sequence
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replylint import Linter
from replylint.characters import glance_at
from replylint.core import core
from replylint.frame import Concept, Grammar, words_in
from replylint.index import calling
from replylint.lexis import Lexis, numbers_of
from replylint.linter import load_rules
from replylint.matcher import Matcher
from replylint.nodes import table_of
from replylint.passage import Edges, Passages
from replylint.plan import calls_of
from replylint.rarity import cost_of
from replylint.rule import Calls
from replylint.validators import Entity
from replylint.ways import WayFinder

pytestmark = pytest.mark.skipif(core is None, reason="the core was not compiled here")

CONCEPTS = {
    "messenger": Concept("messenger", ("微信", "qq", "v", "微信号")),
    "add": Concept("add", ("加", "加个", "{reach} ..3 我", "扫一下?")),
    "reach": Concept("reach", ("联系", "找")),
    "invoice": Concept("invoice", ("发票", "票"), ("车票", "发票 &3 车")),
}
FRAMES = (
    "{add}{messenger}", "{add} {messenger}?我", "{add} .. {messenger} // {invoice}",
    "{add} & ({messenger}|{invoice} 我)", "({add}|{reach}我) &&9 {messenger} & {invoice}",
    "<!(不)加 ..3 [{messenger}]!(群) $", "^ {invoice} & [找] & {messenger}", "[开] .. {invoice}? 不了",
    "开不了 & {invoice}",
    "(开 .. 不了) & {invoice}", "{#} ..4 {@mobile}", "[{@mobile}] & {add}", "{messenger} &9 {#}", "{invoice}",
)  # fmt: skip
WORDS = (
    "加", "个", "我", "不", "找", "联系", "微信", "号", "qq", "v", "q", "发票", "车票", "票", "开", "不了", "扫",
    "一下",
    ",", "?", "\n", "一", " ", "~", "群", "亲", "哦", "1", "88", "三", "_", "😊", "\ud800", "\0",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS), max_size=40).map("".join)
EDGES = Edges(frozenset(("亲", "亲亲")), frozenset(("哦", "的哦")))


def _twins(grammar: Grammar) -> list[Lexis]:
    words = words_in(grammar.nodes)
    table = table_of(grammar.nodes, numbers_of(words))
    return [Lexis(words, table, plain=plain) for plain in (False, True)]


def _frames() -> tuple[Grammar, Sequence[int]]:
    grammar = Grammar(CONCEPTS)
    return grammar, [grammar.translate(frame).node for frame in FRAMES]


GRAMMAR, NODES = _frames()
TWINS = _twins(GRAMMAR)
PASSAGES = [Passages(lexis, EDGES) for lexis in TWINS]


@given(
    st.lists(st.text("微信发票vx\ud8001", min_size=1, max_size=3), max_size=8, unique=True),
    st.dictionaries(st.sampled_from("微薇信票"), st.sampled_from("微信v")),
    st.text("微薇信发票vx1\ud800 ,", max_size=30),
)
def test_literals_are_found_at_the_same_places(literals: list[str], stands: dict[str, str], text: str) -> None:
    table = {ord(one): other for one, other in stands.items()}
    assert Matcher(literals, table).scan(text) == Matcher(literals, table, plain=True).scan(text)


@pytest.mark.parametrize("plane", range(17))
def test_every_character_is_of_the_same_kinds(plane: int) -> None:
    glances = [glance_at("Ａ，１號", "a,1号", compiled=compiled) for compiled in (False, True)]
    characters = [chr(plane * 0x10000 + code) for code in range(0x10000)]
    seen, also_seen = (list(map(glance, characters)) for glance in glances)
    assert seen == also_seen


@given(st.one_of(TEXTS, st.text(max_size=40)))
def test_the_same_characters_are_seen_in_a_text(text: str) -> None:
    plain, compiled = (glance_at("Ａ，１號", "a,1号", compiled=compiled)(text) for compiled in (False, True))
    assert plain == compiled


@pytest.mark.parametrize("broken", [({"ab": 1}, "", ""), ({"a": -1}, "", ""), ({"a": 64}, "", ""), ({}, "ab", "a")])
def test_kinds_that_cannot_be_are_refused(broken: tuple[dict[str, int], str, str]) -> None:
    with pytest.raises(ValueError, match="character"):
        core.Characters(*broken)


@given(TEXTS, TEXTS)
def test_the_words_of_a_text_are_the_same(text: str, other: str) -> None:
    compiled, plain = ([lexis.words_of(each) for each in (text, other)] for lexis in TWINS)
    assert [words.hits for words in compiled] == [words.hits for words in plain]
    assert [words.numbers for words in compiled] == [words.numbers for words in plain]
    assert compiled[0].is_less_than(compiled[1]) is plain[0].is_less_than(plain[1])


def _calls() -> Calls:
    finder = WayFinder(GRAMMAR.node, cost_of({}))
    ways = [[way for way in finder.of(node) if way] for node in NODES]
    return calls_of(numbers_of(words_in(GRAMMAR.nodes)), enumerate(ways), enumerate(each[:1] for each in ways))


CALLS = _calls()
CALLINGS = [calling(CALLS, compiled=compiled) for compiled in (True, False)]


# Up to a length the core counts places by bits, beyond it by search.
LONG = st.tuples(st.lists(TEXTS, min_size=2, max_size=8), st.sampled_from(("", "加微信" * 30, "\n" * 200))).map(
    lambda parts: parts[1].join(parts[0])
)


@given(st.one_of(TEXTS, LONG, st.tuples(TEXTS, st.integers(250, 300)).map(lambda many: "加微信" * many[1] + many[0])))
def test_words_call_the_same(text: str) -> None:
    entities = [Entity("mobile", 0, 3)] if len(text) > 3 else []
    for kinds in ((0, 1), (1,), (1, 0)):
        called = [
            made.made_by(lexis.words_of(text, entities), *kinds) for made, lexis in zip(CALLINGS, TWINS, strict=True)
        ]
        assert called[0] == called[1]


@pytest.mark.parametrize("kinds", [(), (2,), (-1,), (0, 2**70)], ids=["none", "unknown", "negative", "huge"])
def test_kinds_that_nothing_calls_are_refused(kinds: tuple[int, ...]) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        CALLINGS[0].made_by(TWINS[0].words_of("加微信"), *kinds)


@given(TEXTS, st.integers(-3, 40), st.integers(-3, 40))
def test_nodes_hold_at_the_same_places(text: str, first: int, last: int) -> None:
    entities = [Entity("mobile", 2, 5), Entity("link", 4, 6)] if len(text) > 6 else []
    one, other = (
        passages.of(text, lexis.words_of(text, entities), entities)
        for passages, lexis in zip(PASSAGES, TWINS, strict=True)
    )
    for node in range(len(GRAMMAR.nodes)):
        assert list(one.spans(node)) == list(other.spans(node))
        assert list(one.near(node, first, last)) == list(other.near(node, first, last))
        assert one.has(node) is other.has(node)
    assert one.clause(max(first, 0), max(last, 0)) == other.clause(max(first, 0), max(last, 0))
    assert one.breaks_between(first, last) is other.breaks_between(first, last)


@pytest.mark.parametrize("number", [-1, 10**6, 2**40])
def test_a_node_that_is_none_is_refused(number: int) -> None:
    passage = PASSAGES[0].of("加微信", TWINS[0].words_of("加微信"), ())
    with pytest.raises(IndexError):
        passage.spans(number)


def test_words_of_another_text_are_refused() -> None:
    with pytest.raises(ValueError, match="another text"):
        PASSAGES[0].of("加", TWINS[0].words_of("请您加我微信"), ())


SOUND = {"set_ends": [1, 2], "set_words": [3, 4], "groups": [0, 0, 1], "ways": [0, 1, 0, 0, 1], "needs": [1, 0, 0]}


def _called(**rows: list[int]) -> object:
    return core.Calling(**{name: array("i", numbers).tobytes() for name, numbers in (SOUND | rows).items()}, kinds=1)


@pytest.mark.parametrize(
    ("field", "numbers"),
    [
        pytest.param("set_words", [-1, 2], id="a word below zero"),
        pytest.param("set_ends", [1, 3], id="words that are not there"),
        pytest.param("groups", [2, 0, 1], id="a set that is none"),
        pytest.param("groups", [0, 0, 9], id="a way that is none"),
        pytest.param("ways", [-1, 1, 0, 0, 0], id="a number below zero"),
        pytest.param("groups", [0, 1, 1], id="a kind that is none"),
        pytest.param("ways", [0, 2, 0, 0, 0], id="a way that needs a set that is none"),
        pytest.param("ways", [0, 1, 0, 0, 9], id="a need that is none"),
        pytest.param("needs", [7, 0, 0], id="a need of a set that is none"),
    ],
)
def test_calls_of_what_does_not_exist_are_refused(field: str, numbers: list[int]) -> None:
    assert _called()
    with pytest.raises(ValueError, match="no such"):
        _called(**{field: numbers})


def test_half_a_row_of_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="rows of numbers"):
        core.Calling(*CALLS._replace(ways=CALLS.ways[:-2]))


def test_what_fails_in_python_comes_out_as_it_is() -> None:
    def find(*asked: object) -> None:
        raise LookupError(asked)

    grammar = Grammar(CONCEPTS)
    number = grammar.translate("{#}").node
    nodes = core.Nodes(*table_of(grammar.nodes, {}), find, tuple, TWINS[0].latin, (), ())
    with pytest.raises(LookupError):
        core.Passage(nodes, "加微信", TWINS[0].words_of("加微信"), ()).spans(number)


TABLE = {
    "set_ends": [1], "set_words": [3], "nodes": [0, -1, 0, 1, 27, 0, 2, 1], "links": [0, 2, 1, -1, 0, -1, 6, 0],
    "besides": [0, -1], "needs": [0],
}  # fmt: skip


def _nodes(**rows: list[int]) -> object:
    table = {name: array("i", numbers).tobytes() for name, numbers in (TABLE | rows).items()}
    return core.Nodes(**table, find=None, span=tuple, latin=b"\0" * 4, fillers=(), particles=())


@pytest.mark.parametrize(
    ("field", "numbers"),
    [
        pytest.param("set_words", [-1], id="a word below zero"),
        pytest.param("set_ends", [2], id="words that are not there"),
        pytest.param("nodes", [5, -1, 0, 1], id="a kind that is none"),
        pytest.param("nodes", [32, -1, 0, 1], id="an edge that is none"),
        pytest.param("nodes", [0, 0, 0, 1], id="a node that means nothing inside itself"),
        pytest.param("nodes", [0, -1, 0, 0], id="words that are none"),
        pytest.param("nodes", [0, -1, 3, 1], id="links that are not there"),
        pytest.param("nodes", [0, -1, 0, 2], id="needs that are not there"),
        pytest.param("nodes", [0, -1, 0, 1, 4, -1, 1, 1], id="a meeting of one"),
        pytest.param("links", [1, 2, 0, -1, 0, -1, 0, -1], id="a node that is part of itself"),
        pytest.param("links", [-1, 2, 0, -1, 0, -1, 0, -1], id="a part that is none"),
        pytest.param("links", [0, 2, 0, 1, 0, -1, 0, -1], id="a neighbour that is not there"),
        pytest.param("besides", [1, -1], id="a node that stands beside itself"),
        pytest.param("needs", [1], id="a set that is none"),
    ],
)
def test_nodes_of_what_does_not_exist_are_refused(field: str, numbers: list[int]) -> None:
    assert _nodes()
    with pytest.raises(ValueError, match="no such"):
        _nodes(**{field: numbers})


def test_examples_of_the_packs_are_judged_the_same() -> None:
    ruleset = load_rules()
    linters = [Linter(ruleset=ruleset, plain=plain) for plain in (False, True)]
    examples = (example for rule in ruleset.rules for example in (*rule.bad, *rule.good))
    for example in islice(examples, 0, None, 20):
        one, other = (linter.explain(example.reply, example.turns, example.meta) for linter in linters)
        assert one == other, example.reply
