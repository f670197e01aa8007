"""A text with everything frames may ask of it: where words, entities and clauses are, and where a node holds.

A passage is read once and asked often. What one frame found out (where {invoice} stands) is kept for the next.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import NamedTuple, Protocol

from replylint.core import core
from replylint.expression import Expression
from replylint.frame import BREAKS, TOUCHING, Link
from replylint.lexis import Lexis, Words, are_met
from replylint.matcher import Hit
from replylint.nodes import NumberedNode
from replylint.validators import Entity

Extent = tuple[int, int]


class Span(NamedTuple):
    """Where a node holds: half-open, with what stands between its parts and the marked part, if one is marked."""

    start: int
    end: int
    gaps: tuple[Extent, ...] = ()
    mark: Extent | None = None


class Edges(NamedTuple):
    """Words that do not count at a clause's ends: greetings before it, particles behind it."""

    fillers: frozenset[str] = frozenset()
    particles: frozenset[str] = frozenset()


_FEW = 12
_PARTNERS = 3
"""How many of the nearest right-hand parts a left-hand part is tried with; keeps hostile texts linear."""
_BREAK = Expression(f"[{BREAKS}]")
_CLAUSE_END = Expression(f"[{BREAKS} ~]")
_WORD = Expression(r"[^\W_]")
_NUMBER = Expression(r"[0-9]{1,12}(?:\.[0-9]{1,4})?%?|[零一二两三四五六七八九十百千万半几]{1,8}")
_LONGEST_EDGE = 4
_EDGE_REACH = 24


_NOWHERE: Sequence[Span] = ()


class Passage(Protocol):
    """A text and its words: the places of every word of the pack set that occurs in it, and its entities."""

    @property
    def text(self) -> str:
        """The text."""

    @property
    def memo(self) -> dict[str, object]:
        """What others worked out about this text once, by name."""

    def spans(self, number: int, /) -> Sequence[Span]:
        """Where a node of the table holds, in order of start."""

    def near(self, number: int, first: int, last: int, /) -> Sequence[Span]:
        """The spans of a node that start in a stretch of text."""

    def has(self, number: int, /) -> bool:
        """Whether a node holds anywhere."""

    def clause(self, start: int, end: int, /) -> Extent:
        """The clause around a span, the closing sign excluded."""

    def breaks_between(self, start: int, end: int, /) -> bool:
        """Whether a clause ends inside the span."""


class Passages:
    """Makes passages with the words and nodes of a pack set."""

    def __init__(self, lexis: Lexis, edges: Edges) -> None:
        self._lexis = lexis
        self._edges = edges
        self._nodes = core.Nodes(*lexis.table, self._find, Span, lexis.latin, *edges) if lexis.compiled else None

    def of(self, text: str, words: Words, entities: Sequence[Entity]) -> Passage:
        """A text with its words and entities as a passage."""
        if self._nodes is None:
            return PlainPassage(text, words, entities, self._lexis, self._edges)
        passage: Passage = core.Passage(self._nodes, text, words, entities)
        return passage

    def _find(self, number: int, text: str, entities: Sequence[Entity]) -> Sequence[Extent]:
        return found_by_shape(self._lexis.entity_kinds(number), text, entities)


def found_by_shape(kinds: AbstractSet[str], text: str, entities: Sequence[Entity]) -> Sequence[Extent]:
    """Where the entities of some kinds are, or of no kind the numbers that belong to none."""
    if kinds:
        return [(entity.start, entity.end) for entity in entities if entity.kind in kinds]
    numbers = (found.span() for found in _NUMBER.finditer(text))
    return [(start, end) for start, end in numbers if not _is_inside(start, entities)]


def _is_inside(at: int, entities: Sequence[Entity]) -> bool:
    """Whether a place is in one of the entities, which stand in order and apart."""
    before = bisect_right(entities, at, key=_start)
    return before > 0 and at < entities[before - 1].end


def _start(entity: Entity) -> int:
    return entity.start


class PlainPassage:
    """`Passage` that needs nothing."""

    __slots__ = ("_breaks", "_edges", "_entities", "_hits", "_known", "_lexis", "_places", "_words", "memo", "text")

    def __init__(
        self,
        text: str,
        words: Words,
        entities: Sequence[Entity],
        lexis: Lexis,
        edges: Edges,
    ) -> None:
        self.text = text
        self.memo: dict[str, object] = {}
        self._hits = words.hits
        self._words = words.numbers
        self._entities = entities
        self._lexis = lexis
        self._edges = edges
        self._known: dict[int, Sequence[Span]] = {}
        self._breaks: list[int] | None = None
        self._places: dict[int, list[Hit]] | None = None

    def spans(self, number: int, /) -> Sequence[Span]:
        """See `Passage.spans`."""
        known = self._known.get(number)
        if known is None:
            known = self._find(number) if self._may_hold(number) else _NOWHERE
            self._known[number] = known
        return known

    def _may_hold(self, number: int) -> bool:
        """Whether the text has the words that a node cannot do without."""
        return are_met(self._lexis.nodes[number].needs, self._words)

    def near(self, number: int, first: int, last: int, /) -> Sequence[Span]:
        """See `Passage.near`."""
        spans = self.spans(number)
        if len(spans) < _FEW:
            return [span for span in spans if first <= span.start < last]
        return spans[bisect_left(spans, (first,)) : bisect_left(spans, (last,))]

    def has(self, number: int, /) -> bool:
        """See `Passage.has`."""
        return bool(self.spans(number))

    def breaks_between(self, start: int, end: int, /) -> bool:
        """See `Passage.breaks_between`."""
        at = bisect_left(self.breaks, start)
        return at < len(self.breaks) and self.breaks[at] < end

    @property
    def breaks(self) -> list[int]:
        """The places of the signs that end clauses."""
        if self._breaks is None:
            self._breaks = [found.start() for found in _BREAK.finditer(self.text)]
        return self._breaks

    def clause(self, start: int, end: int, /) -> Extent:
        """See `Passage.clause`."""
        before, behind = bisect_left(self.breaks, start), bisect_left(self.breaks, end)
        return (
            self.breaks[before - 1] + 1 if before else 0,
            self.breaks[behind] if behind < len(self.breaks) else len(self.text),
        )

    def _find(self, number: int) -> Sequence[Span]:
        node = self._lexis.nodes[number]
        spans = self._found(number, node)
        return _outside(spans, self.spans(node.benign)) if node.benign >= 0 and spans else spans

    def _found(self, number: int, node: NumberedNode) -> Sequence[Span]:
        if node.kind == "words":
            return self._of_words(node.anchor)
        if node.kind == "any":
            found = [spans for option in self._lexis.options(number, self._words) if (spans := self.spans(option))]
            return found[0] if len(found) == 1 else _in_order(chain.from_iterable(found))
        if node.kind == "chain":
            return self._chain(node)
        if node.kind == "meet":
            return self._meeting(*node.links)
        kinds = self._lexis.entity_kinds(number)
        return [Span(start, end) for start, end in found_by_shape(kinds, self.text, self._entities)]

    def _of_words(self, words: AbstractSet[int]) -> list[Span]:
        found = self._hits_of(words)
        return [Span(start, end) for start, end, _ in found] if len(found) < 2 else _longest(found)

    def _hits_of(self, words: AbstractSet[int]) -> list[Hit]:
        places = self._places
        if places is None:
            places = self._places = {}
            for hit in self._lexis.standing(self.text, self._hits):
                places.setdefault(hit[2], []).append(hit)
        return [hit for number in words & self._words if number in places for hit in places[number]]

    def _chain(self, node: NumberedNode) -> list[Span]:
        spans: list[Span] = []
        for number, link in enumerate(node.links):
            parts = self._parts(link)
            if number == 0:
                spans = [span._replace(mark=span[:2]) for span in parts] if link.marked else list(parts)
                if node.opens:
                    spans = [span for span in spans if self._opens_clause(span.start)]
            else:
                joined = self._joined(spans, parts, link)
                spans = _in_order([*joined, *spans]) if link.optional else _in_order(joined)
            if not spans:
                return spans
        return [span for span in spans if self._closes_clause(span.end)] if node.closes else spans

    def _parts(self, link: Link) -> Sequence[Span]:
        """Where a link's node holds, conditions on what stands beside it included."""
        parts = self.spans(link.node)
        if link.before >= 0 and parts:
            ends = {end for _, end in self._anywhere(link.before)}
            parts = [part for part in parts if part.start not in ends]
        if link.behind >= 0 and parts:
            starts = {start for start, _ in self._anywhere(link.behind)}
            parts = [part for part in parts if part.end not in starts]
        return parts

    def _anywhere(self, number: int) -> Iterable[Extent]:
        """Where a node holds; of words also those inside longer ones: before the 能 of 不能 stands a 不."""
        node = self._lexis.nodes[number]
        if node.kind == "words":
            return [(start, end) for start, end, _ in self._hits_of(node.anchor)]
        return [(span.start, span.end) for span in self.spans(number)]

    def _joined(self, lefts: Sequence[Span], rights: Sequence[Span], link: Link) -> list[Span]:
        """Every left part with the nearest right ones within reach."""
        found: list[Span] = []
        starts = [right.start for right in rights]
        reach = 2 if link.reach == TOUCHING else link.reach
        for left in lefts:
            partners = 0
            for at in range(bisect_left(starts, left.end), len(rights)):
                right = rights[at]
                if right.start - left.end > reach or partners >= _PARTNERS:
                    break
                if self._joins(left.end, right.start, link):
                    partners += 1
                    found.append(_both(left, right, link.marked))
        return found

    def _joins(self, end: int, start: int, link: Link) -> bool:
        if start == end:
            return True
        if link.reach == TOUCHING and _WORD.search(self.text, end, start):
            return False
        return link.across or not self.breaks_between(end, start)

    def _meeting(self, one: Link, other: Link) -> list[Span]:
        """Two parts in either order, or the second in a gap of the first (开 [发票] 不了)."""
        lefts, rights = self._parts(one), self._parts(other)
        if not lefts or not rights:
            return []
        swapped = other._replace(marked=one.marked)
        inside = [
            left._replace(gaps=_without(left.gaps, right))
            for left in lefts
            if left.gaps
            for right in rights[bisect_left(rights, (left.start,)) :][:_PARTNERS]
            if any(low <= right.start and right.end <= high for low, high in left.gaps)
        ]
        return _in_order([*self._joined(lefts, rights, other), *self._joined(rights, lefts, swapped), *inside])

    def _opens_clause(self, at: int) -> bool:
        start, _ = self.clause(at, at)
        before = self.text[max(start, at - _EDGE_REACH) : at]
        blank = max(before.rfind(" "), before.rfind("~"))
        if blank >= 0:
            before = before[blank + 1 :]
        return not peeled(before, self._edges.fillers, at_end=True)

    def _closes_clause(self, at: int) -> bool:
        behind = self.text[at : at + _EDGE_REACH]
        end = _CLAUSE_END.search(behind)
        if end is None and at + _EDGE_REACH < len(self.text):
            return False
        return not peeled(behind[: end.start()] if end else behind, self._edges.particles, at_end=True)


def peeled(text: str, words: Collection[str], *, at_end: bool) -> str:
    """The text without words (and signs) of a list at one of its ends: 的哦 off 可以的哦."""
    while text:
        if not (text[-1] if at_end else text[0]).isalnum():
            text = text[:-1] if at_end else text[1:]
            continue
        for length in range(min(_LONGEST_EDGE, len(text)), 0, -1):
            if (text[-length:] if at_end else text[:length]) in words:
                text = text[:-length] if at_end else text[length:]
                break
        else:
            break
    return text


def _in_order(spans: Iterable[Span]) -> list[Span]:
    unique: dict[Extent, Span] = {}
    for span in spans:
        unique.setdefault((span[0], span[1]), span)
    return sorted(unique.values()) if len(unique) > 1 else list(unique.values())


def _longest(hits: Sequence[Hit]) -> list[Span]:
    """The places of words as spans, without those that lie in another one: where 发票 is, 票 is not."""
    spans: list[Span] = []
    last = -1
    for start, end, _ in sorted(hits, key=outermost_first):
        if end > last:
            last = end
            spans.append(Span(start, end))
    return spans


def outermost_first(hit: Hit | Extent) -> Extent:
    """In this order what begins at a place stands longest first."""
    return hit[0], -hit[1]


def _both(left: Span, right: Span, marked: bool) -> Span:
    gap = ((left.end, right.start),) if right.start > left.end else ()
    mark = (right.start, right.end) if marked else (left.mark or right.mark)
    return Span(left.start, right.end, (*left.gaps, *gap, *right.gaps), mark)


def _without(gaps: Sequence[Extent], part: Span) -> tuple[Extent, ...]:
    """The gaps with a part taken out of the one it stands in."""
    left: list[Extent] = []
    for low, high in gaps:
        if low <= part.start and part.end <= high:
            left += [piece for piece in ((low, part.start), (part.end, high)) if piece[0] < piece[1]]
        else:
            left.append((low, high))
    return tuple(left)


def _outside(spans: Sequence[Span], benign: Sequence[Span]) -> list[Span]:
    """The spans that stand in none of the benign ones."""
    if not benign:
        return list(spans)
    kept = []
    starts = [span.start for span in benign]
    reach = max(span.end - span.start for span in benign)
    for span in spans:
        first, last = bisect_left(starts, span.end - reach), bisect_left(starts, span.start + 1)
        if not any(benign[at].end >= span.end for at in range(first, last)):
            kept.append(span)
    return kept
