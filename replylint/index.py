"""Which matches are worth weighing for a text: the literal scan that lets most replies go at once.

A match holds in one of several *ways*, each a few sets of words of all of which one must be there. Every way hangs on
its rarest words; what these call must then find the others, kept as bits of one number, before a single frame is
looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from replylint.frame import ENTITY_KINDS, Node, Way, needs_of
from replylint.matcher import Hit, Matcher
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


_Calls = Mapping[int, Sequence[tuple[int, int]]]
"""For each word that calls something: the bits that must be met besides, and the number of a match or an ask."""


class Index:
    """The words of a set of matches and asks; immutable. Matches and asks are named by their numbers."""

    __slots__ = (
        "_about", "_act", "_answers", "_asks", "_bits", "_heard", "_kinds", "_longest_short", "_node_bits", "_own",
        "_short", "_shorter", "_topics", "_words", "disguises", "for_others", "latin", "moments", "needs", "pieces",
        "words",
    )  # fmt: skip

    def __init__(
        self,
        matches: Sequence[Match],
        asks: Sequence[Ask],
        nodes: Sequence[Node],
        disguises: Iterable[str] = (),
        *,
        plain: bool,
    ) -> None:
        self.moments = frozenset(n for n, match in enumerate(matches) if match.repeated or match.opens or match.waited)
        self.for_others = frozenset(n for n, match in enumerate(matches) if "other_account" in match.when)
        self.pieces = frozenset(n for n, match in enumerate(matches) if match.pieces)
        self._longest_short = max((match.shorter for match in matches), default=0)
        by_request: dict[str, list[int]] = {}
        for number, match in enumerate(matches):
            for request in match.asked:
                by_request.setdefault(request, []).append(number)
        self._answers = [tuple(by_request.get(ask.request, ())) for ask in asks]

        words = dict.fromkeys(word for node in nodes if node.op == "words" for word in sorted(node.words))
        needed = {word for match in matches for way in match.needed for need in way for word in need}
        words.update(dict.fromkeys((*sorted(word for word in needed if not word.startswith("@")), *disguises)))
        self.words = tuple(words)
        self.latin = tuple(word[0] < "{" or word[-1] < "{" for word in self.words)
        """Whether a word begins or ends in a Latin letter or a digit, and so must not cut a longer one."""
        kinds = [f"@{kind}" for kind in (*ENTITY_KINDS, "digits")]
        self._kinds = {kind[1:]: len(words) + at for at, kind in enumerate(kinds)}
        numbers = _Numbers((*self.words, *kinds))
        self.disguises = numbers.of(frozenset(disguises))
        """The numbers of words that may mean that something is hidden."""

        self.needs, self._node_bits = _node_needs(nodes, numbers)
        """For each node what a text must meet for it to hold, as bits."""
        self._act = [numbers.of_ways(() if match.pieces else match.ways.act) for match in matches]
        self._about = [numbers.of_ways(match.ways.about) for match in matches]
        self._heard = [numbers.of_ways(match.ways.heard) for match in matches]
        self._shorter = [match.shorter for match in matches]

        called = [(n, match) for n, match in enumerate(matches) if match.caller and n not in self.for_others]
        in_replies = [(n, match) for n, match in called if match.caller != "heard"]
        calls = _Callers(numbers)
        self._own = calls.of((n, match.called) for n, match in in_replies if not match.shorter)
        self._short = calls.of((n, match.called) for n, match in in_replies if match.shorter)
        self._topics = calls.of((n, match.called) for n, match in called if match.caller != "act")
        self._asks = calls.of((n, ask.ways) for n, ask in enumerate(asks))
        self._bits = calls.bits()
        self._words = Matcher(self.words, plain=plain)

    def scan(self, text: str) -> list[Hit]:
        """Every word of the pack set in a text; numbers are places in `words`."""
        return self._words.scan(text)

    def skim_reply(self, text: str, entities: Sequence[Entity], kinds: Iterable[str]) -> Skim:
        """A first look at a reply with some entities."""
        hits, numbers, met = self._look(text, kinds)
        called = _called(self._own, numbers, met)
        if len(text) < self._longest_short:
            called |= _called(self._short, numbers, met)
        return Skim(hits, entities, numbers, called)

    def skim_turn(self, text: str, entities: Sequence[Entity], kinds: Iterable[str]) -> Skim:
        """A first look at what the buyer or the system said."""
        hits, numbers, met = self._look(text, kinds)
        called, asks = _called(self._topics, numbers, met), _called(self._asks, numbers, met)
        return Skim(hits, entities, numbers, called, asks)

    def _look(self, text: str, kinds: Iterable[str]) -> tuple[list[Hit], set[int], int]:
        hits = self._words.scan(text)
        numbers = {hit[2] for hit in hits}
        for kind in kinds:
            numbers.add(self._kinds[kind])
        met, bits = 0, self._bits
        for number in bits.keys() & numbers:
            met |= bits[number]
        return hits, numbers, met

    def met_by(self, numbers: set[int]) -> int:
        """The needs of nodes that a text with these words and entities meets, as bits."""
        met, bits = 0, self._node_bits
        for number in bits.keys() & numbers:
            met |= bits[number]
        return met

    def answers(self, asks: Iterable[int]) -> set[int]:
        """Matches that are about an answer to one of these asks."""
        return {number for ask in asks for number in self._answers[ask]}

    def able(self, matches: Iterable[int], reply: str, words: set[int], heard: set[int]) -> set[int]:
        """Those of the matches that may hold for a reply with some words after turns with others."""
        act, about, turns, shorter = self._act, self._about, self._heard, self._shorter
        everything = words | heard if heard else words
        return {
            number
            for number in matches
            if not 0 < shorter[number] <= len(reply)
            and turns[number].holds(heard)
            and about[number].holds(everything)
            and act[number].holds(words)
        }


def _called(calls: _Calls, numbers: set[int], met: int) -> frozenset[int]:
    callers = calls.keys() & numbers
    return frozenset([called for number in callers for rest, called in calls[number] if rest & met == rest])


class _Ways(NamedTuple):
    """Ways in numbers; `rarest` has the rarest words of each. None at all needs nothing."""

    rarest: frozenset[int]
    ways: tuple[tuple[frozenset[int], ...], ...]

    def holds(self, words: set[int]) -> bool:
        """Whether one of the ways is met."""
        if self.rarest.isdisjoint(words):
            return not self.ways
        for way in self.ways:
            for need in way:
                if need.isdisjoint(words):
                    break
            else:
                return True
        return False


class _Numbers:
    """Words and kinds of entities by their places in the index."""

    def __init__(self, words: Sequence[str]) -> None:
        self._places = {word: place for place, word in enumerate(words)}
        self._sets: dict[frozenset[str], frozenset[int]] = {}

    def of(self, words: frozenset[str]) -> frozenset[int]:
        numbers = self._sets.get(words)
        if numbers is None:
            numbers = self._sets[words] = frozenset(map(self._places.__getitem__, words))
        return numbers

    def of_ways(self, ways: Sequence[Way]) -> _Ways:
        rarest = frozenset().union(*(self.of(way[0]) for way in ways))
        return _Ways(rarest, tuple(tuple(map(self.of, way)) for way in ways))


class _Bits:
    """A bit for each set of words, and the bits of each word."""

    def __init__(self, numbers: _Numbers) -> None:
        self._numbers = numbers
        self._bits: dict[frozenset[int], int] = {}

    def of(self, needs: Iterable[frozenset[str]]) -> int:
        mask = 0
        for need in map(self._numbers.of, needs):
            mask |= self._bits.setdefault(need, 1 << len(self._bits))
        return mask

    def by_word(self) -> Mapping[int, int]:
        bits: dict[int, int] = {}
        for need, bit in self._bits.items():
            for number in need:
                bits[number] = bits.get(number, 0) | bit
        return bits


class _Callers:
    """What words call for: every way hangs on its rarest words, and must find the others."""

    def __init__(self, numbers: _Numbers) -> None:
        self._numbers = numbers
        self._bits = _Bits(numbers)

    def of(self, callers: Iterable[tuple[int, Sequence[Way]]]) -> _Calls:
        calls: dict[int, list[tuple[int, int]]] = {}
        for called, ways in callers:
            for anchor, *rest in ways:
                call = (self._bits.of(rest), called)
                for number in self._numbers.of(anchor):
                    calls.setdefault(number, []).append(call)
        return calls

    def bits(self) -> Mapping[int, int]:
        """The bits of every word that is needed besides."""
        return self._bits.by_word()


def _node_needs(nodes: Sequence[Node], numbers: _Numbers) -> tuple[list[int], Mapping[int, int]]:
    """The needs of every node, and what each word meets of them, as bits."""
    needs: list[tuple[frozenset[str], ...]] = []
    for node in nodes:
        needs.append(needs_of(node, needs, len))
    bits = _Bits(numbers)
    return [bits.of(need) for need in needs], bits.by_word()
