"""Which matches are worth weighing for a text: the literal scan that lets most replies go at once.

A match holds in one of several *ways*, each a few sets of words of all of which one must be there. Every way hangs on
its rarest words; what these call must then find the others before a single frame is looked for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from replylint.frame import Way
from replylint.lexis import Lexis, are_met
from replylint.matcher import Hit
from replylint.rule import Ask, Match
from replylint.validators import Entity


class Skim(NamedTuple):
    """A text at a first look.

    hits      the places of all words in it
    entities  what in it tells itself by its shape
    words     its words and kinds of entities, by their places in the index
    called    matches with a way that it meets
    asks      requests it may make (buyer's turns only)
    """

    hits: Sequence[Hit]
    entities: Sequence[Entity]
    words: set[int]
    called: frozenset[int]
    asks: frozenset[int] = frozenset()


class _Calls(NamedTuple):
    """For each word that calls something: the sets of words that must be met besides, and the number of a match or
    an ask.
    """

    words: frozenset[int]
    by_word: Mapping[int, Sequence[tuple[tuple[frozenset[int], ...], int]]]

    @classmethod
    def of(cls, lexis: Lexis, callers: Iterable[tuple[int, Sequence[Way]]]) -> _Calls:
        """Every way hangs on its rarest words, and must find the others."""
        by_word: dict[int, list[tuple[tuple[frozenset[int], ...], int]]] = {}
        for called, ways in callers:
            for way in ways:
                anchor, *rest = map(lexis.numbers, way)
                call = (tuple(rest), called)
                for number in anchor:
                    by_word.setdefault(number, []).append(call)
        return cls(frozenset(by_word), by_word)

    def made_by(self, words: set[int]) -> frozenset[int]:
        """What a text with some words calls."""
        by_word = self.by_word
        return frozenset(
            [number for word in self.words & words for rest, number in by_word[word] if are_met(rest, words)]
        )


class Index:
    """The words of a set of matches and asks; immutable. Matches and asks are named by their numbers."""

    __slots__ = (
        "_about", "_act", "_answers", "_asks", "_heard", "_lengths", "_lexis", "_long", "_longest_short", "_own",
        "_short", "_shortest_long", "_topics", "as_typed", "disguises", "for_others", "moments", "pieces",
    )  # fmt: skip

    def __init__(
        self,
        matches: Sequence[Match],
        asks: Sequence[Ask],
        lexis: Lexis,
        disguises: frozenset[str] = frozenset(),
    ) -> None:
        """`lexis` has all words of the matches and asks, and the disguises."""
        self.moments = frozenset(
            n for n, match in enumerate(matches) if match.repeated or match.opens or match.closes or match.waited
        )
        self._long = frozenset(
            n for n, match in enumerate(matches) if match.longer and not (match.caller or match.asked)
        )
        self._shortest_long = min((matches[n].longer for n in self._long), default=0)
        self.for_others = frozenset(n for n, match in enumerate(matches) if "other_account" in match.when)
        self.as_typed = frozenset(n for n, match in enumerate(matches) if match.as_typed)
        self.pieces = frozenset(n for n, match in enumerate(matches) if match.pieces)
        self._longest_short = max((match.shorter for match in matches), default=0)
        by_request: dict[str, list[int]] = {}
        for number, match in enumerate(matches):
            for request in match.asked:
                by_request.setdefault(request, []).append(number)
        self._answers = [tuple(by_request.get(ask.request, ())) for ask in asks]

        self.disguises = lexis.numbers(disguises)
        """The numbers of words that may mean that something is hidden."""
        self._act = [_Ways.of(lexis, () if match.pieces else match.ways.act) for match in matches]
        self._about = [_Ways.of(lexis, match.ways.about) for match in matches]
        self._heard = [_Ways.of(lexis, match.ways.heard) for match in matches]
        self._lengths = [range(match.longer, match.shorter or sys.maxsize) for match in matches]

        called = [(n, match) for n, match in enumerate(matches) if match.caller and n not in self.for_others]
        in_replies = [(n, match) for n, match in called if match.caller != "heard"]
        self._own = _Calls.of(lexis, ((n, match.called) for n, match in in_replies if not match.shorter))
        self._short = _Calls.of(lexis, ((n, match.called) for n, match in in_replies if match.shorter))
        self._topics = _Calls.of(lexis, ((n, match.called) for n, match in called if match.caller != "act"))
        self._asks = _Calls.of(lexis, ((n, ask.ways) for n, ask in enumerate(asks)))
        self._lexis = lexis

    def skim_reply(self, text: str, entities: Sequence[Entity], kinds: Iterable[str]) -> Skim:
        """A first look at a reply with some entities."""
        hits, words = self._look(text, kinds)
        called = self._own.made_by(words)
        if len(text) < self._longest_short:
            called |= self._short.made_by(words)
        if self._long and len(text) >= self._shortest_long:
            called |= self._long
        return Skim(hits, entities, words, called)

    def skim_turn(self, text: str, entities: Sequence[Entity], kinds: Iterable[str]) -> Skim:
        """A first look at what the buyer or the system said."""
        hits, words = self._look(text, kinds)
        return Skim(hits, entities, words, self._topics.made_by(words), self._asks.made_by(words))

    def _look(self, text: str, kinds: Iterable[str]) -> tuple[list[Hit], set[int]]:
        hits = self._lexis.scan(text)
        words = {hit[2] for hit in hits}
        words.update(map(self._lexis.kind, kinds))
        return hits, words

    def answers(self, asks: Iterable[int]) -> set[int]:
        """Matches that are about an answer to one of these asks."""
        return {number for ask in asks for number in self._answers[ask]}

    def able(self, matches: Iterable[int], length: int, words: set[int], heard: set[int]) -> set[int]:
        """Those of the matches that may hold for a reply of a length with some words, after turns with others."""
        act, about, turns, lengths = self._act, self._about, self._heard, self._lengths
        everything = words | heard if heard else words
        return {
            number
            for number in matches
            if length in lengths[number]
            and turns[number].holds(heard)
            and about[number].holds(everything)
            and act[number].holds(words)
        }


class _Ways(NamedTuple):
    """Ways in numbers; `rarest` has the rarest words of each. None at all needs nothing."""

    rarest: frozenset[int]
    ways: tuple[tuple[frozenset[int], ...], ...]

    @classmethod
    def of(cls, lexis: Lexis, ways: Sequence[Way]) -> _Ways:
        """Some ways in numbers."""
        numbered = tuple(tuple(map(lexis.numbers, way)) for way in ways)
        return cls(frozenset().union(*(way[0] for way in numbered)), numbered)

    def holds(self, words: set[int]) -> bool:
        """Whether one of the ways is met."""
        if self.rarest.isdisjoint(words):
            return not self.ways
        return any(are_met(way, words) for way in self.ways)
