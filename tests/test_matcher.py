"""The literal scan: two scanners, one result."""

from hypothesis import given
from hypothesis import strategies as st

from replylint.matcher import Matcher

LITERALS = st.lists(st.text(alphabet="微信发票vx\ud8001", min_size=1, max_size=3), min_size=1, max_size=8, unique=True)


def test_overlapping_literals_are_all_found() -> None:
    matcher = Matcher(("微信", "信", "微信号"))
    assert sorted(matcher.scan("加微信号")) == [(1, 3, 0), (1, 4, 2), (2, 3, 1)]


def test_without_literals_nothing_is_found() -> None:
    assert Matcher(()).scan("微信") == []


@given(LITERALS, st.text(alphabet="微信发票vx1\ud800 ,", max_size=30))
def test_both_scanners_find_the_same(literals: list[str], text: str) -> None:
    sound = [literal for literal in literals if "\ud800" not in literal]
    assert sorted(Matcher(sound).scan(text)) == sorted(Matcher(sound, plain=True).scan(text))


@given(st.text(alphabet="微信\ud800", max_size=12))
def test_hits_are_where_they_say(text: str) -> None:
    literals = ("微", "微信", "信")
    assert all(text[start:end] == literals[number] for start, end, number in Matcher(literals).scan(text))
