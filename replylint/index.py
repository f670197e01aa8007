"""Which matches are worth weighing for a text: the literal scan that lets most replies go at once.

A match holds in one of several *ways*, each a few sets of words of all of which one must be there, none too far from
the rarest. Every way hangs on its rarest words; what these call must then find the others before a single frame is
looked for.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from replylint.core import core
from replylint.lexis import Lexis, PlainWords, Words
from replylint.rule import Ask, Caller, Match
from replylint.validators import Entity
from replylint.ways import Need, Way


class Skim(NamedTuple):
    """A text at a first look.

    words     the words in it
    entities  what in it tells itself by its shape
    called    matches with a way that it meets
    met       parts of matches with a way that it meets
    hidden    whether it has a word that may mean that something is disguised
    asks      requests it may make (buyer's turns only)
    """

    words: Words
    entities: Sequence[Entity]
    called: frozenset[int]
    met: frozenset[int]
    hidden: bool
    asks: frozenset[int] = frozenset()


_Needs: TypeAlias = tuple[tuple[int, int, int], ...]
"""What a way needs besides its rarest words: the number of a set, and where its words may begin, counted from these."""

_Group: TypeAlias = tuple[int, int, tuple[tuple[int, int, _Needs], ...]]
"""What hangs on the same rare words: the number of their set; that of the words of which one must be there for any of
it, or -1 where some of it needs nothing more; and each kind and number that is called, with what must be met besides.
"""


class Calling(Protocol):
    """Words that call something of several kinds, and what each calls."""

    def made_by(self, words: Any, /) -> tuple[frozenset[int], ...]:
        """What a text with some words calls of each kind."""


def calling(lexis: Lexis, *kinds: Iterable[tuple[int, Iterable[Way]]]) -> Calling:
    """Every way of a caller hangs on its rarest words, and must find the others."""
    sets: dict[frozenset[int], int] = {}
    hanging: dict[frozenset[str], list[tuple[int, int, Way]]] = {}
    for kind, callers in enumerate(kinds):
        for number, ways in callers:
            for way in ways:
                hanging.setdefault(way[0].words, []).append((kind, number, way[1:]))

    def place(words: frozenset[str]) -> int:
        return sets.setdefault(lexis.numbers(words), len(sets))

    groups: list[_Group] = []
    for anchor, made in hanging.items():
        alone = any(not others for _, _, others in made)
        seconds = -1 if alone else place(frozenset().union(*(others[0].words for _, _, others in made)))
        called = tuple(
            (kind, number, tuple((place(need.words), need.first, need.last) for need in others))
            for kind, number, others in made
        )
        groups.append((place(anchor), seconds, called))
    made_of = core.Calling if lexis.compiled else PlainCalling
    found: Calling = made_of(list(sets), groups, len(kinds))
    return found


class PlainCalling:
    """`Calling` that needs nothing: groups by the words they hang on."""

    def __init__(self, sets: Sequence[frozenset[int]], groups: Iterable[_Group], kinds: int) -> None:
        self._sets = sets
        self._kinds = kinds
        self._by_word: dict[int, list[_Group]] = {}
        for group in groups:
            for word in sets[group[0]]:
                self._by_word.setdefault(word, []).append(group)
        self._words = frozenset(self._by_word)

    def made_by(self, words: PlainWords, /) -> tuple[frozenset[int], ...]:
        """See `Calling.made_by`."""
        present, by_word, sets = words.numbers, self._by_word, self._sets
        made: list[list[int]] = [[] for _ in range(self._kinds)]
        for word in self._words & present:
            for _, seconds, ways in by_word[word]:
                if seconds < 0 or not sets[seconds].isdisjoint(present):
                    places = words.starts[word]
                    for kind, number, needs in ways:
                        if _are_near(sets, needs, places, words):
                            made[kind].append(number)
        return tuple(map(frozenset, made))


def _are_near(sets: Sequence[frozenset[int]], needs: _Needs, places: Sequence[int], words: PlainWords) -> bool:
    """Whether one each of some words begins where it may, counted from one of the places of a rare word.

    Of a word that stands in many places it is enough that the others are there, or a long text could cost its square.
    """
    present, starts = words.numbers, words.starts
    if len(places) > _MANY:
        return not any(sets[need].isdisjoint(present) for need, _, _ in needs)
    for at in places:
        for need, first, last in needs:
            found = sets[need] & present
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


class _Parts(NamedTuple):
    """What a match needs besides what calls it, by numbers of parts: in the reply, in turns before it, in either."""

    said: frozenset[int]
    heard: frozenset[int]
    about: frozenset[int]

    @classmethod
    def of(cls, match: Match, known: dict[tuple[Way, ...], int], without: Caller = "") -> _Parts:
        """The parts of a match that need words, new ones getting a number."""
        act = () if match.pieces else match.ways.act

        def part(name: Caller, ways: tuple[Way, ...]) -> frozenset[int]:
            return frozenset((known.setdefault(ways, len(known)),) if ways and name != without else ())

        return cls(part("act", act), part("heard", match.ways.heard), part("about", match.ways.about))

    def are_met(self, said: frozenset[int], heard: frozenset[int]) -> bool:
        """Whether a reply and turns that meet some parts meet these."""
        return self.said <= said and self.heard <= heard and all(part in said or part in heard for part in self.about)


class Index:
    """The words of a set of matches and asks; immutable. Matches and asks are named by their numbers."""

    __slots__ = (
        "_answers", "_besides", "_in_reply", "_in_turn", "_lengths", "_lexis", "_long", "_parts", "_shortest_long",
        "as_typed", "for_others", "moments", "pieces",
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
        by_request: dict[str, list[int]] = {}
        for number, match in enumerate(matches):
            for request in match.asked:
                by_request.setdefault(request, []).append(number)
        self._answers = [tuple(by_request.get(ask.request, ())) for ask in asks]

        self._lengths = [range(match.longer, match.shorter or sys.maxsize) for match in matches]
        known: dict[tuple[Way, ...], int] = {}
        self._parts = [_Parts.of(match, known) for match in matches]
        self._besides = [_Parts.of(match, known, match.caller) for match in matches]
        asked = frozenset(n for n, match in enumerate(matches) if match.asked)
        uncalled = asked.union(self.moments, self.for_others, self.as_typed, self.pieces)
        needed = [*self._besides, *(self._parts[number] for number in uncalled)]
        said = frozenset().union(*(parts.said | parts.about for parts in needed))
        heard = frozenset().union(*(parts.heard | parts.about for parts in needed))
        called = [(n, match) for n, match in enumerate(matches) if match.caller and n not in self.for_others]
        hidden = [(0, ((Need(disguises),),))] if disguises else []
        self._in_reply = calling(
            lexis,
            ((n, match.called) for n, match in called if match.caller != "heard"),
            ((number, ways) for ways, number in known.items() if number in said),
            hidden,
        )
        self._in_turn = calling(
            lexis,
            ((n, match.called) for n, match in called if match.caller != "act"),
            ((number, ways) for ways, number in known.items() if number in heard),
            hidden,
            ((n, ask.ways) for n, ask in enumerate(asks)),
        )
        self._lexis = lexis

    def skim_reply(self, text: str, entities: Sequence[Entity], digits: bool) -> Skim:
        """A first look at a reply with some entities, and perhaps many digits."""
        words = self._lexis.words_of(text, entities, digits)
        called, met, hidden = self._in_reply.made_by(words)
        if self._long and len(text) >= self._shortest_long:
            called |= self._long
        return Skim(words, entities, called, met, bool(hidden))

    def skim_turn(self, text: str, entities: Sequence[Entity], digits: bool) -> Skim:
        """A first look at what the buyer or the system said."""
        words = self._lexis.words_of(text, entities, digits)
        called, met, hidden, asks = self._in_turn.made_by(words)
        return Skim(words, entities, called, met, bool(hidden), asks)

    def answers(self, asks: Iterable[int]) -> set[int]:
        """Matches that are about an answer to one of these asks."""
        return {number for ask in asks for number in self._answers[ask]}

    def able(
        self, called: Iterable[int], others: Iterable[int], length: int, reply: Sequence[Skim], turns: Sequence[Skim]
    ) -> set[int]:
        """Those of the matches that may hold for a reply of a length, seen so, after turns seen so.

        Those `called` were called by the words of one of their parts.
        """
        said = frozenset().union(*(skim.met for skim in reply))
        heard = frozenset().union(*(skim.met for skim in turns))
        return {
            number
            for numbers, parts in ((called, self._besides), (others, self._parts))
            for number in numbers
            if length in self._lengths[number] and parts[number].are_met(said, heard)
        }
