"""Which matches are worth weighing for a text: the literal scan that lets most replies go at once.

A match holds in one of several *ways*, each a few sets of words of all of which one must be there, none too far from
the rarest. Every way hangs on its rarest words; what these call must then find the others before a single frame is
looked for.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from replylint.lexis import Known, Lexis, Words
from replylint.rule import Ask, Caller, Match
from replylint.validators import Entity
from replylint.ways import Way


class Skim(NamedTuple):
    """A text at a first look.

    words     the words in it
    entities  what in it tells itself by its shape
    called    matches with a way that it meets
    asks      requests it may make (buyer's turns only)
    """

    words: Words
    entities: Sequence[Entity]
    called: frozenset[int]
    asks: frozenset[int] = frozenset()


_Others: TypeAlias = tuple[tuple[frozenset[int], int, int], ...]
"""What a way needs besides its rarest words: words, and where they may begin, counted from the rarest."""


def _numbered(lexis: Lexis, way: Way) -> tuple[frozenset[int], _Others]:
    """The rarest words of a way, and the others."""
    anchor, *others = way
    return lexis.numbers(anchor.words), tuple((lexis.numbers(need.words), need.first, need.last) for need in others)


class _Calls(NamedTuple):
    """What hangs on the same rare words: matches or asks, each with what must be met besides.

    `seconds` are the words of which one must be there for any of them; None where some need nothing more.
    """

    seconds: frozenset[int] | None
    made: Sequence[tuple[_Others, int]]


class _Calling(NamedTuple):
    """Words that call something, and what each calls."""

    words: frozenset[int]
    by_word: Mapping[int, Sequence[_Calls]]

    @classmethod
    def of(cls, lexis: Lexis, callers: Iterable[tuple[int, Iterable[Way]]]) -> _Calling:
        """Every way hangs on its rarest words, and must find the others."""
        hanging: dict[frozenset[int], list[tuple[_Others, int]]] = {}
        for number, ways in callers:
            for way in ways:
                anchor, others = _numbered(lexis, way)
                hanging.setdefault(anchor, []).append((others, number))
        by_word: dict[int, list[_Calls]] = {}
        for anchor, made in hanging.items():
            alone = any(not others for others, _ in made)
            calls = _Calls(None if alone else frozenset().union(*(others[0][0] for others, _ in made)), made)
            for word in anchor:
                by_word.setdefault(word, []).append(calls)
        return cls(frozenset(by_word), by_word)

    def made_by(self, words: Words) -> frozenset[int]:
        """What a text with some words calls."""
        present, by_word = words.numbers, self.by_word
        called: list[int] = []
        for word in self.words & present:
            for seconds, made in by_word[word]:
                if seconds is None or not seconds.isdisjoint(present):
                    places = words.starts[word]
                    called += [number for others, number in made if _are_near(others, places, words)]
        return frozenset(called)


def _are_near(others: _Others, places: Sequence[int], words: Words) -> bool:
    """Whether one each of some words begins where it may, counted from one of the places of a rare word.

    Of a word that stands in many places it is enough that the others are there, or a long text could cost its square.
    """
    present, starts = words.numbers, words.starts
    if len(places) > _MANY:
        return not any(need.isdisjoint(present) for need, _, _ in others)
    for at in places:
        for need, first, last in others:
            found = need & present
            if not found:
                return False
            if not _begins(found, starts, at + first, at + last):
                break
        else:
            return True
    return False


_MANY = 256


def _begins(numbers: Iterable[int], starts: Mapping[int, Sequence[int]], first: int, last: int) -> bool:
    """Whether one of some words begins in a stretch of text."""
    for number in numbers:
        places = starts[number]
        at = bisect_left(places, first)
        if at < len(places) and places[at] <= last:
            return True
    return False


class _Part(NamedTuple):
    """A part of a match: its ways, and which texts may meet one of them."""

    ways: int
    in_reply: bool
    in_turns: bool


class Index:
    """The words of a set of matches and asks; immutable. Matches and asks are named by their numbers."""

    __slots__ = (
        "_answers", "_asks", "_besides", "_lengths", "_lexis", "_long", "_longest_short", "_own", "_parts",
        "_short", "_shortest_long", "_topics", "_ways", "as_typed", "disguises", "for_others", "moments", "pieces",
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
        known: dict[tuple[Way, ...], int] = {}

        def parts_of(match: Match, without: Caller = "") -> tuple[_Part, ...]:
            act = () if match.pieces else match.ways.act
            parts = {
                "act": (act, True, False),
                "about": (match.ways.about, True, True),
                "heard": (match.ways.heard, False, True),
            }
            return tuple(
                _Part(known.setdefault(ways, len(known)), in_reply, in_turns)
                for name, (ways, in_reply, in_turns) in parts.items()
                if ways and name != without
            )

        self._parts = [parts_of(match) for match in matches]
        self._besides = [parts_of(match, match.caller) for match in matches]
        parts = tuple(known)
        self._ways: Known[int, _Calling] = Known(lambda number: _Calling.of(lexis, [(number, parts[number])]))
        self._lengths = [range(match.longer, match.shorter or sys.maxsize) for match in matches]

        called = [(n, match) for n, match in enumerate(matches) if match.caller and n not in self.for_others]
        in_replies = [(n, match) for n, match in called if match.caller != "heard"]
        self._own = _Calling.of(lexis, ((n, match.called) for n, match in in_replies if not match.shorter))
        self._short = _Calling.of(lexis, ((n, match.called) for n, match in in_replies if match.shorter))
        self._topics = _Calling.of(lexis, ((n, match.called) for n, match in called if match.caller != "act"))
        self._asks = _Calling.of(lexis, ((n, ask.ways) for n, ask in enumerate(asks)))
        self._lexis = lexis

    def skim_reply(self, text: str, entities: Sequence[Entity], digits: bool) -> Skim:
        """A first look at a reply with some entities, and perhaps many digits."""
        words = self._lexis.words_of(text, entities, digits)
        called = self._own.made_by(words)
        if len(text) < self._longest_short:
            called |= self._short.made_by(words)
        if self._long and len(text) >= self._shortest_long:
            called |= self._long
        return Skim(words, entities, called)

    def skim_turn(self, text: str, entities: Sequence[Entity], digits: bool) -> Skim:
        """A first look at what the buyer or the system said."""
        words = self._lexis.words_of(text, entities, digits)
        return Skim(words, entities, self._topics.made_by(words), self._asks.made_by(words))

    def answers(self, asks: Iterable[int]) -> set[int]:
        """Matches that are about an answer to one of these asks."""
        return {number for ask in asks for number in self._answers[ask]}

    def able(
        self,
        called: Iterable[int],
        others: Iterable[int],
        length: int,
        reply: Sequence[Words],
        turns: Sequence[Words],
    ) -> set[int]:
        """Those of the matches that may hold for a reply of a length with some words, after turns with others.

        Those `called` were called by the words of one of their parts.
        """
        met: dict[_Part, bool] = {}
        return {
            number
            for matches, parts in ((called, self._besides), (others, self._parts))
            for number in matches
            if length in self._lengths[number] and all(self._is_met(part, reply, turns, met) for part in parts[number])
        }

    def _is_met(self, part: _Part, reply: Sequence[Words], turns: Sequence[Words], met: dict[_Part, bool]) -> bool:
        known = met.get(part)
        if known is None:
            texts = (*(reply if part.in_reply else ()), *(turns if part.in_turns else ()))
            known = met[part] = any(map(self._ways[part.ways].made_by, texts))
        return known
