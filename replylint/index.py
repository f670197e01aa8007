"""Which matches are worth weighing for a text: the literal scans that let most replies go at once.

Every match hangs on its anchor, the rarest words it needs. Whatever an anchor calls must then find all its needs,
kept as bits of one number, before a single frame is looked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from replylint.frame import Node, needs_of
from replylint.matcher import Hit, Matcher
from replylint.rule import Ask, Match


class Call(NamedTuple):
    """What the words of a text call for: numbers of matches and of asks; or a closer look, where one is a disguise."""

    in_reply: frozenset[int]
    in_context: frozenset[int]
    asks: frozenset[int]
    disguised: bool = False


SILENCE = Call(frozenset(), frozenset(), frozenset())
"""Nothing is called for: what most texts say."""


class Index:
    """The words of a set of matches and asks; immutable. Matches and asks are named by their numbers."""

    __slots__ = (
        "_acts", "_anchors", "_asks", "_by_request", "_calls", "_entity_calls", "_meets", "_topics", "_words",
        "always", "anchor_kinds", "for_others", "latin", "moments", "needs", "pieces", "words",
    )  # fmt: skip

    def __init__(
        self,
        matches: Sequence[Match],
        asks: Sequence[Ask],
        nodes: Sequence[Node],
        disguises: Collection[str] = (),
        *,
        plain: bool,
    ) -> None:
        in_reply: dict[str, set[int]] = {}
        in_context: dict[str, set[int]] = {}
        in_asks: dict[str, set[int]] = {}
        by_request: dict[str, list[int]] = {}
        for number, match in enumerate(matches):
            for request in match.asked:
                by_request.setdefault(request, []).append(number)
            anchor = match.anchor
            if anchor is None or "other_account" in match.when:
                continue
            for word in anchor.words:
                if anchor.reply:
                    in_reply.setdefault(word, set()).add(number)
                if anchor.context:
                    in_context.setdefault(word, set()).add(number)
        for number, ask in enumerate(asks):
            for word in ask.frame.anchor:
                in_asks.setdefault(word, set()).add(number)
        self.moments = frozenset(n for n, match in enumerate(matches) if match.repeated or match.opens or match.waited)
        unanchored = {n for n, match in enumerate(matches) if not (match.asked or match.anchor or match.when)}
        self.always = frozenset(unanchored - self.moments)
        self.for_others = frozenset(n for n, match in enumerate(matches) if "other_account" in match.when)
        self.pieces = frozenset(number for number, match in enumerate(matches) if match.pieces)
        self._by_request = {request: tuple(numbers) for request, numbers in by_request.items()}

        def call(word: str) -> Call:
            replies, contexts, requests = (frozenset(c.get(word, ())) for c in (in_reply, in_context, in_asks))
            return Call(replies, contexts, requests, word in disguises)

        anchors = list(dict.fromkeys((*in_reply, *in_context, *in_asks, *disguises)))
        literals = [word for word in anchors if not word.startswith("@")]
        self._anchors = Matcher(literals, plain=plain)
        self._calls = [call(word) for word in literals]
        self._entity_calls = {word[1:]: call(word) for word in anchors if word.startswith("@")}
        self.anchor_kinds = frozenset(self._entity_calls)

        self.words = tuple(dict.fromkeys(word for node in nodes if node.op == "words" for word in sorted(node.words)))
        self.latin = tuple(word[0] < "{" or word[-1] < "{" for word in self.words)
        """Whether a word begins or ends in a Latin letter or a digit, and so must not cut a longer one."""
        self._words = Matcher(self.words, plain=plain)
        bits: dict[frozenset[str], int] = {}
        self.needs = _node_needs(nodes, bits)
        """For each node what a text must meet for it to hold, as bits."""
        self._acts = [self.needs[match.act.node] if match.act and not match.pieces else 0 for match in matches]
        self._topics = [self.needs[match.about.node] if match.about else 0 for match in matches]
        self._asks = [self.needs[ask.frame.node] for ask in asks]
        self._meets: dict[str, int] = {}
        for need, bit in bits.items():
            for word in need:
                self._meets[word] = self._meets.get(word, 0) | bit

    def anchored(self, text: str, kinds: Iterable[str] = ()) -> Call:
        """What a text calls for; `kinds` are those of the entities in it."""
        calls = self._calls
        found = [calls[number] for number in {hit[2] for hit in self._anchors.scan(text)}]
        found += [self._entity_calls[kind] for kind in kinds if kind in self._entity_calls]
        return united(found)

    def scan(self, text: str) -> list[Hit]:
        """Every word of the pack set in a text; numbers are places in `words`."""
        return self._words.scan(text)

    def for_request(self, request: str) -> tuple[int, ...]:
        """Matches that are about an answer to this request."""
        return self._by_request.get(request, ())

    def met(self, words: Iterable[str], kinds: Iterable[str]) -> int:
        """The needs that a text with these words and entities meets, as bits."""
        meets = self._meets
        met = 0
        for word in words:
            met |= meets.get(word, 0)
        for kind in kinds:
            met |= meets.get(f"@{kind}", 0)
        return met

    def able(self, matches: Iterable[int], met: int, *, alone: bool) -> list[int]:
        """Those of the matches whose words the reply has, in order; a reply `alone` must name its topic itself."""
        acts, topics, unmet = self._acts, self._topics, ~met
        if alone:
            return sorted(n for n in matches if not (acts[n] | topics[n]) & unmet)
        return sorted(n for n in matches if not acts[n] & unmet)

    def able_asks(self, asks: Iterable[int], met: int) -> list[int]:
        """Those of the asks whose every need is met, in order."""
        needs, unmet = self._asks, ~met
        return sorted(number for number in asks if not needs[number] & unmet)


def united(calls: Sequence[Call]) -> Call:
    """What several texts call for together."""
    if len(calls) < 2:
        return calls[0] if calls else SILENCE
    return Call(
        frozenset().union(*(call.in_reply for call in calls)),
        frozenset().union(*(call.in_context for call in calls)),
        frozenset().union(*(call.asks for call in calls)),
        any(call.disguised for call in calls),
    )


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
