"""Which matches are worth weighing for a text: the first look that lets most replies go at once.

It asks the plan: what do the words call, and are all parts of what is called met?
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, Protocol, TypeAlias

from replylint.core import core
from replylint.lexis import Lexis, PlainWords, Words
from replylint.rule import Calls, Plan
from replylint.validators import Entity


class Skim(NamedTuple):
    """A text at a first look.

    words     the words in it
    entities  what in it tells itself by its shape
    called    matches with a way that it meets
    met       parts of matches with a way that it meets (of a reply: those that matches called by words need)
    hidden    whether it has a word that may mean that something is disguised
    asks      requests it may make (turns before a reply only)
    """

    words: Words
    entities: Sequence[Entity]
    called: frozenset[int]
    met: frozenset[int]
    hidden: bool
    asks: frozenset[int] = frozenset()


_MATCHES, _PARTS, _HIDDEN, _ASKS = range(4)
"""The kinds of what words call, as a plan has them."""
_OTHER_PARTS = _ASKS
"""Words of a reply ask for nothing; in this place they call the parts that only matches need which no words call."""


class Calling(Protocol):
    """Words that call something of several kinds, and what each calls."""

    def made_by(self, words: Any, /, *kinds: int) -> tuple[frozenset[int], ...]:
        """What a text with some words calls of each of these kinds."""


def calling(calls: Calls, *, compiled: bool) -> Calling:
    """What words call, ready to be asked."""
    made: Calling = core.Calling(*calls) if compiled else PlainCalling(calls)
    return made


_Needs: TypeAlias = Sequence[tuple[int, ...]]
"""What a way needs besides its rarest words: the number of a set, and where its words may begin, counted from these."""
_Way: TypeAlias = tuple[int, int, _Needs]
"""The kind and number that a way calls, and what it needs."""


class PlainCalling:
    """`Calling` that needs nothing: groups by the words they hang on."""

    def __init__(self, calls: Calls) -> None:
        ends, words = _rows(calls.set_ends, 1), array("i", calls.set_words)
        self._sets = [frozenset(words[low:high]) for low, high in pairwise((0, *(end for (end,) in ends)))]
        self._kinds = calls.kinds
        self._by_word: dict[int, list[_Way]] = {}
        needs, ways = _rows(calls.needs, 3), _rows(calls.ways, 5)
        starts = [0, *(way[-1] for way in ways)]
        made = [
            (number, [need for need in ((word_set, first, last), *needs[low:end]) if need[0] >= 0])
            for low, (number, word_set, first, last, end) in zip(starts, ways, strict=False)
        ]
        begin = 0
        for anchor, kind, end in _rows(calls.groups, 3):
            here, begin = [(kind, *way) for way in made[begin:end]], end
            for word in self._sets[anchor]:
                self._by_word.setdefault(word, []).extend(here)
        self._words = frozenset(self._by_word)

    def made_by(self, words: PlainWords, /, *kinds: int) -> tuple[frozenset[int], ...]:
        """See `Calling.made_by`."""
        made: list[list[int]] = [[] for _ in range(self._kinds)]
        for word in self._words & words.numbers:
            places = words.starts[word]
            for kind, number, needs in self._by_word[word]:
                if kind in kinds and _are_near(self._sets, needs, places, words):
                    made[kind].append(number)
        return tuple(frozenset(made[kind]) for kind in kinds)


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


def _rows(numbers: bytes, width: int) -> list[tuple[int, ...]]:
    """Numbers side by side in rows of a width."""
    each = iter(array("i", numbers))
    return list(zip(*[each] * width, strict=True))


def united(numbers: Sequence[frozenset[int]]) -> frozenset[int]:
    """The numbers of all sets; most replies are seen in one way, and their only set need not be copied."""
    return numbers[0] if len(numbers) == 1 else frozenset().union(*numbers)


class Index:
    """What is called by words, by moments and by answers; immutable. Matches and asks are named by their numbers."""

    def __init__(self, plan: Plan, lexis: Lexis, off: AbstractSet[int]) -> None:
        """`lexis` has the words of the plan; matches that are `off` never hold."""
        occasions = plan.occasions
        self.moments = frozenset(occasions.moments)
        self.for_others = frozenset(occasions.for_others)
        self.as_typed = frozenset(occasions.as_typed)
        self.pieces = frozenset(occasions.pieces)
        self._requests, self._answers = occasions.requests, occasions.answers
        self.lengths = [range(*row) for row in _rows(occasions.lengths, 2)]
        self._long = frozenset(occasions.long)
        self._shortest_long = min((self.lengths[number].start for number in self._long), default=0)
        self.off = off
        self.parts, self.besides = (_rows(rows, 3) for rows in (plan.parts, plan.besides))
        self._in_reply = calling(plan.reply, compiled=lexis.compiled)
        self._turn_calls = plan.turn
        self._lexis = lexis

    @cached_property
    def _in_turn(self) -> Calling:
        """Made when a reply has turns before it, which that of a process that checks a single one has not."""
        return calling(self._turn_calls, compiled=self._lexis.compiled)

    def skim_reply(self, text: str, entities: Sequence[Entity], digits: int) -> Skim:
        """A first look at a reply with some entities and so many digits."""
        words = self._lexis.words_of(text, entities, digits)
        called, met, hidden = self._in_reply.made_by(words, _MATCHES, _PARTS, _HIDDEN)
        if self._long and len(text) >= self._shortest_long:
            called |= self._long
        return Skim(words, entities, called, met, bool(hidden))

    def skim_turn(self, text: str, entities: Sequence[Entity], digits: int) -> Skim:
        """A first look at what the buyer or the system said."""
        words = self._lexis.words_of(text, entities, digits)
        called, met, hidden, asks = self._in_turn.made_by(words, _MATCHES, _PARTS, _HIDDEN, _ASKS)
        return Skim(words, entities, called, met, bool(hidden), asks)

    def asks_for(self, requests: AbstractSet[str], asks: Iterable[int]) -> list[int]:
        """Those of some asks that are for one of these requests."""
        return [number for number in asks if self._requests[number] in requests]

    def answers(self, asks: Iterable[int]) -> set[int]:
        """Matches that are about an answer to one of these asks."""
        return {number for ask in asks for number in self._answers[ask]}

    def other_parts(self, skim: Skim) -> frozenset[int]:
        """The parts of matches that a reply meets, of those that only matches need which no words call."""
        return self._in_reply.made_by(skim.words, _OTHER_PARTS)[0]


class Given:
    """A reply and the turns before it at a first look, against which matches are held."""

    def __init__(self, index: Index, length: int, reply: Sequence[Skim], turns: Sequence[Skim]) -> None:
        """`length` is that of the reply; it and the turns may each be seen in several ways."""
        self._index = index
        self._length = length
        self._reply = reply
        self._said = united([skim.met for skim in reply])
        self._heard = united([skim.met for skim in turns])

    def called(self, numbers: Iterable[int]) -> set[int]:
        """Those of some matches that may hold. They were called by the words of one of their parts."""
        return self._able(numbers, self._index.besides, self._said)

    def others(self, numbers: Iterable[int]) -> set[int]:
        """Those of some matches that may hold and that no words call: few replies come to be held against any."""
        return self._able(numbers, self._index.parts, self._all_said) if numbers else set()

    @cached_property
    def _all_said(self) -> frozenset[int]:
        return self._said.union(*map(self._index.other_parts, self._reply))

    def _able(self, numbers: Iterable[int], parts: Sequence[tuple[int, ...]], in_reply: AbstractSet[int]) -> set[int]:
        off, lengths, length, in_turns = self._index.off, self._index.lengths, self._length, self._heard
        return {
            number
            for number in numbers
            if _are_met(parts[number], in_reply, in_turns) and length in lengths[number] and number not in off
        }


def _are_met(parts: tuple[int, ...], in_reply: AbstractSet[int], in_turns: AbstractSet[int]) -> bool:
    """Whether a reply and turns that meet some parts meet these (see `Parts`)."""
    said, heard, about = parts
    if said >= 0 and said not in in_reply:
        return False
    if heard >= 0 and heard not in in_turns:
        return False
    return about < 0 or about in in_reply or about in in_turns
