"""Which matches are worth weighing for a text: the literal scans that let most replies go at once.

Every match hangs on its anchor, the rarest words it needs. Whatever an anchor calls must then find all its needs,
kept as bits of one
number, before a single regular expression is run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from replylint.frame import ENTITY_CHARS, Needs, Pattern
from replylint.matcher import Matcher
from replylint.rule import Ask, Match

_ENTITIES = frozenset(ENTITY_CHARS.values())


class Index:
    """The words of a set of matches and asks; immutable. Matches and asks are named by their numbers."""

    __slots__ = (
        "_anchors",
        "_ask_needs",
        "_by_request",
        "_entity_asks",
        "_entity_calls",
        "_entity_context",
        "_entity_meets",
        "_heard_needs",
        "_in_asks",
        "_in_context",
        "_in_reply",
        "_meets",
        "_needed",
        "_needs",
        "always",
        "for_others",
        "pieces",
    )

    def __init__(self, matches: Sequence[Match], asks: Sequence[Ask], *, plain: bool) -> None:
        in_reply: dict[str, list[int]] = {}
        in_context: dict[str, list[int]] = {}
        in_asks: dict[str, list[int]] = {}
        by_request: dict[str, list[int]] = {}
        for number, match in enumerate(matches):
            for request in match.asked:
                by_request.setdefault(request, []).append(number)
            anchor = match.anchor if "other_account" not in match.when else None
            for literal in anchor.literals if anchor is not None else ():
                if anchor is not None and anchor.reply:
                    in_reply.setdefault(literal, []).append(number)
                if anchor is not None and anchor.context:
                    in_context.setdefault(literal, []).append(number)
        for number, ask in enumerate(asks):
            for literal in ask.pattern.anchor:
                in_asks.setdefault(literal, []).append(number)
        self.always = frozenset(
            n for n, match in enumerate(matches) if not match.asked and match.anchor is None and not match.when
        )
        self.pieces = frozenset(number for number, match in enumerate(matches) if match.pieces)
        self._by_request = {request: tuple(numbers) for request, numbers in by_request.items()}
        self._entity_calls = {char: frozenset(in_reply.get(char, ())) for char in _ENTITIES}
        self._entity_context = {char: frozenset(in_context.get(char, ())) for char in _ENTITIES}
        self._entity_asks = {char: frozenset(in_asks.get(char, ())) for char in _ENTITIES}
        words = tuple(word for word in dict.fromkeys((*in_reply, *in_context, *in_asks)) if word not in _ENTITIES)
        self._anchors = Matcher(words, plain=plain)
        self._in_reply = [frozenset(in_reply.get(word, ())) for word in words]
        self._in_context = [frozenset(in_context.get(word, ())) for word in words]
        self._in_asks = [frozenset(in_asks.get(word, ())) for word in words]
        bits: dict[frozenset[str], int] = {}
        self._needs = [_as_bits(_own_needs(match), bits) for match in matches]
        self._heard_needs = [tuple(_as_bits(pattern.needs, bits) for pattern in match.heard) for match in matches]
        self._ask_needs = [_as_bits(ask.pattern.needs, bits) for ask in asks]
        self.for_others = frozenset(n for n, match in enumerate(matches) if "other_account" in match.when)
        meets: dict[str, int] = {}
        for need, bit in bits.items():
            for literal in need:
                meets[literal] = meets.get(literal, 0) | bit
        needed = tuple(word for word in meets if word not in _ENTITIES)
        self._needed = Matcher(needed, plain=plain)
        self._meets = [meets[word] for word in needed]
        self._entity_meets = {char: bits for char, bits in meets.items() if char in _ENTITIES}

    def called(self, text: str, kinds: Iterable[str]) -> set[int]:
        """Matches whose anchor occurs in a view of the reply; `kinds` are those of the entities in it."""
        called = set(self.always)
        in_reply = self._in_reply
        for _, _, number in self._anchors.scan(text):
            called |= in_reply[number]
        for kind in kinds:
            called |= self._entity_calls[ENTITY_CHARS[kind]]
        return called

    def heard(self, text: str, kinds: Iterable[str]) -> tuple[set[int], set[int]]:
        """Matches and asks whose anchor occurs in the buyer's turns; `kinds` are those of the entities in them."""
        matches: set[int] = set()
        asks: set[int] = set()
        for kind in kinds:
            matches |= self._entity_context[ENTITY_CHARS[kind]]
            asks |= self._entity_asks[ENTITY_CHARS[kind]]
        for _, _, number in self._anchors.scan(text):
            matches |= self._in_context[number]
            asks |= self._in_asks[number]
        return matches, asks

    def for_request(self, request: str) -> tuple[int, ...]:
        """Matches that are about an answer to this request."""
        return self._by_request.get(request, ())

    def met(self, text: str, kinds: Iterable[str]) -> int:
        """The needs that a text meets, as bits."""
        meets = self._meets
        met = 0
        for number in {hit[2] for hit in self._needed.scan(text)}:
            met |= meets[number]
        for kind in kinds:
            met |= self._entity_meets.get(ENTITY_CHARS[kind], 0)
        return met

    def able(self, matches: Iterable[int], met: int) -> list[int]:
        """Those of the matches whose every need is met, in order."""
        needs, unmet = self._needs, ~met
        return sorted(number for number in matches if _holds(needs[number], unmet))

    def able_heard(self, matches: Iterable[int], met: int) -> set[int]:
        """Those of the matches for which the buyer's turns, meeting these needs, can be what must have been heard."""
        unmet = ~met
        heard = self._heard_needs
        return {n for n in matches if not heard[n] or any(_holds(needs, unmet) for needs in heard[n])}

    def able_asks(self, asks: Iterable[int], met: int) -> list[int]:
        """Those of the asks whose every need is met, in order."""
        needs, unmet = self._ask_needs, ~met
        return sorted(number for number in asks if _holds(needs[number], unmet))

    def places(self, text: str) -> dict[str, list[int]]:
        """Where each needed word begins in a text, in order."""
        found: dict[str, list[int]] = {}
        words = self._needed.literals
        for start, _, number in sorted(self._needed.scan(text)):
            found.setdefault(words[number], []).append(start)
        return found


def _own_needs(match: Match) -> Needs:
    """What the reply itself must contain; a frame over several bubbles may find its words in the ones before."""
    pattern: Pattern | None = match.say or match.search
    return pattern.needs if pattern is not None and not match.pieces else Needs()


class _Bits(NamedTuple):
    """`Needs` with a bit for each set of words."""

    words: int
    groups: tuple[tuple[_Bits, ...], ...]


def _as_bits(needs: Needs, bits: dict[frozenset[str], int]) -> _Bits:
    words = 0
    for need in needs.words:
        words |= bits.setdefault(need, 1 << len(bits))
    groups = sorted(needs.groups, key=len)
    return _Bits(words, tuple(tuple(_as_bits(option, bits) for option in group) for group in groups))


def _holds(needs: _Bits, unmet: int) -> bool:
    """Whether none of the needs is unmet. Plain loops: this runs for every called match of every reply."""
    words, groups = needs
    if words & unmet:
        return False
    for group in groups:
        for option in group:
            if _holds(option, unmet):
                break
        else:
            return False
    return True
