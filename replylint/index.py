"""Which matches are worth weighing for a text: the literal scan that lets most replies go at once.

Every match hangs on its anchor, the rarest words it needs. Whatever an anchor calls must then find all its needs,
kept as bits of one number, before a single frame is looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from replylint.frame import Frame, Node, needs_of
from replylint.matcher import Hit, Matcher
from replylint.rule import Ask, Match


class _Call(NamedTuple):
    """What a word calls for: numbers of matches (by their own words, by their topic) and of asks."""

    acts: tuple[int, ...]
    topics: tuple[int, ...]
    asks: tuple[int, ...]
    disguise: bool


class Skim(NamedTuple):
    """A text at a first look: what could hold in it, all words needed for it being there.

    acts     matches it may break as a reply
    topics   matches that it may call for as something heard
    asks     requests it may make
    """

    acts: frozenset[int]
    topics: frozenset[int]
    asks: frozenset[int]
    disguised: bool

    @property
    def is_silent(self) -> bool:
        """Whether nothing is called for, which is so for most texts."""
        return not (self.acts or self.topics or self.asks)


_NONE: frozenset[int] = frozenset()
_SILENCE = Skim(_NONE, _NONE, _NONE, False)


class Index:
    """The words of a set of matches and asks; immutable. Matches and asks are named by their numbers."""

    __slots__ = (
        "_acts", "_alone", "_asks", "_by_request", "_calls", "_entity_calls", "_entity_meets", "_meets", "_topics",
        "_words", "always", "for_others", "latin", "moments", "needs", "pieces", "words",
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
        self.moments = frozenset(
            n for n, match in enumerate(matches) if match.repeated or match.opens or match.closes or match.waited
        )
        unanchored = {n for n, match in enumerate(matches) if not (match.asked or match.anchor or match.when)}
        self.always = frozenset(unanchored - self.moments)
        self.for_others = frozenset(n for n, match in enumerate(matches) if "other_account" in match.when)
        self.pieces = frozenset(number for number, match in enumerate(matches) if match.pieces)
        self._by_request: dict[str, list[int]] = {}
        for number, match in enumerate(matches):
            for request in match.asked:
                self._by_request.setdefault(request, []).append(number)

        bits: dict[frozenset[str], int] = {}
        self.needs = _node_needs(nodes, bits)
        """For each node what a text must meet for it to hold, as bits."""
        meets: dict[str, int] = {}
        for need, bit in bits.items():
            for word in need:
                meets[word] = meets.get(word, 0) | bit

        def needed(frame: Frame | None) -> int:
            return self.needs[frame.node] if frame is not None else 0

        self._acts = [0 if match.pieces else needed(match.act) for match in matches]
        self._alone = [act | needed(match.about) for act, match in zip(self._acts, matches, strict=True)]
        self._topics = [needed(match.heard) or needed(match.about) for match in matches]
        self._asks = [needed(ask.frame) for ask in asks]

        calls = _calls(matches, asks, frozenset(disguises))
        words = dict.fromkeys(word for node in nodes if node.op == "words" for word in sorted(node.words))
        words.update(dict.fromkeys(word for word in calls if not word.startswith("@")))
        self.words = tuple(words)
        self.latin = tuple(word[0] < "{" or word[-1] < "{" for word in self.words)
        """Whether a word begins or ends in a Latin letter or a digit, and so must not cut a longer one."""
        self._words = Matcher(self.words, plain=plain)
        self._calls = [calls.get(word) for word in self.words]
        self._meets = [meets.get(word, 0) for word in self.words]
        self._entity_calls = {word[1:]: call for word, call in calls.items() if word.startswith("@")}
        self._entity_meets = {word[1:]: bits for word, bits in meets.items() if word.startswith("@")}

    def scan(self, text: str) -> list[Hit]:
        """Every word of the pack set in a text; numbers are places in `words`."""
        return self._words.scan(text)

    def skim(self, text: str, kinds: Iterable[str] = (), *, alone: bool = False) -> Skim:
        """A first look at a text with entities of some kinds; a reply `alone` must name its topic itself."""
        met = 0
        called: list[_Call] = []
        meets, calls = self._meets, self._calls
        for number in {hit[2] for hit in self._words.scan(text)}:
            met |= meets[number]
            call = calls[number]
            if call is not None:
                called.append(call)
        for kind in kinds:
            met |= self._entity_meets.get(kind, 0)
            if kind in self._entity_calls:
                called.append(self._entity_calls[kind])
        if not called:
            return _SILENCE
        unmet = ~met
        acts, topics, asks = self._alone if alone else self._acts, self._topics, self._asks
        return Skim(
            frozenset([n for call in called for n in call.acts if not acts[n] & unmet]),
            frozenset([n for call in called for n in call.topics if not topics[n] & unmet]),
            frozenset([n for call in called for n in call.asks if not asks[n] & unmet]),
            any(call.disguise for call in called),
        )

    def for_request(self, request: str) -> Sequence[int]:
        """Matches that are about an answer to this request."""
        return self._by_request.get(request, ())

    def met(self, numbers: Iterable[int], kinds: Iterable[str]) -> int:
        """The needs that a text with these words (places in `words`) and entities meets, as bits."""
        met = 0
        for number in numbers:
            met |= self._meets[number]
        for kind in kinds:
            met |= self._entity_meets.get(kind, 0)
        return met

    def able(self, matches: Iterable[int], met: int) -> set[int]:
        """Those of the matches whose words a reply that meets so much has."""
        acts, unmet = self._acts, ~met
        return {number for number in matches if not acts[number] & unmet}


def _calls(matches: Sequence[Match], asks: Sequence[Ask], disguises: frozenset[str]) -> dict[str, _Call]:
    """What each word calls for; a match hangs on its anchor, an ask on its frame's."""
    acts: dict[str, list[int]] = {}
    topics: dict[str, list[int]] = {}
    asked: dict[str, list[int]] = {}
    for number, match in enumerate(matches):
        anchor = match.anchor if "other_account" not in match.when else None
        for word in anchor.words if anchor is not None else ():
            if anchor is not None and anchor.reply:
                acts.setdefault(word, []).append(number)
            if anchor is not None and anchor.context:
                topics.setdefault(word, []).append(number)
    for number, ask in enumerate(asks):
        for word in ask.frame.anchor:
            asked.setdefault(word, []).append(number)
    return {
        word: _Call(
            tuple(acts.get(word, ())), tuple(topics.get(word, ())), tuple(asked.get(word, ())), word in disguises
        )
        for word in dict.fromkeys((*acts, *topics, *asked, *disguises))
    }


def _node_needs(nodes: Sequence[Node], bits: dict[frozenset[str], int]) -> list[int]:
    """The needs of every node as bits; `bits` takes a bit for each set of words."""
    needs: list[tuple[frozenset[str], ...]] = []
    masks: list[int] = []
    for node in nodes:
        needs.append(needs_of(node, needs, _size))
        mask = 0
        for need in needs[-1]:
            mask |= bits.setdefault(need, 1 << len(bits))
        masks.append(mask)
    return masks


def _size(words: Iterable[str]) -> float:
    return float(sum(1 for _ in words))
