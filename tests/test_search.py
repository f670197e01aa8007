"""Regular expressions of packs: what they need, and which of them run against a clock."""

import time

import pytest

from replylint.search import FEW_TRIES, SECONDS, extents, most_tries, required_words


@pytest.mark.parametrize(
    ("source", "needs"),
    [
        ("[好行]{3}", {frozenset("好行")}),
        ("[^好]x", {frozenset("x")}),
        ("[a-z]x", {frozenset("x")}),
        ("[好行]?x", {frozenset("x")}),
        ("(?=甲乙)甲", {frozenset({"甲乙"}), frozenset("甲")}),
        ("[0-9]{4}-[0-9零一]{3}", {frozenset({"@digits"}), frozenset("-")}),
        ("1[3-9][0-9]{9}", {frozenset({"@many_digits"}), frozenset("1")}),
    ],
)
def test_what_an_expression_needs(source: str, needs: set[frozenset[str]]) -> None:
    assert set(required_words(source)) == needs


@pytest.mark.parametrize(
    ("source", "length", "few"),
    [
        pytest.param("^(?:哦|噢|嗯){1,2}[!,.~]*$", 200, True, id="a few words and a run of signs"),
        pytest.param("[0-9]{4}-[0-9]{3}", 30_000, True, id="no choice, however long the text"),
        pytest.param("(?:嗯+)+$", 30, False, id="a repetition of repetitions"),
        pytest.param("(?:嗯|嗯嗯)*$", 60, False, id="a repetition of choices"),
        pytest.param(".*嗯.*哦.*亲$", 200, False, id="three runs one after the other"),
        pytest.param("(?=.*嗯.*哦.*亲)好", 200, False, id="three runs ahead"),
        pytest.param("(.)?(?(1)嗯|哦)", 10, False, id="what is not known"),
    ],
)
def test_an_expression_that_may_take_long_runs_against_a_clock(source: str, length: int, few: bool) -> None:
    assert (most_tries(source, length.bit_length()) <= FEW_TRIES) == few


def test_an_expression_that_would_never_end_matches_nothing_after_a_while() -> None:
    begin = time.process_time()
    assert list(extents("(?:嗯+)+$", "嗯" * 40 + "好")) == []
    assert time.process_time() - begin < 4 * SECONDS
