"""In which ways a node can hold: the words that must be there, in which order and how far apart.

A text that has all words of a frame seldom has them in the right places. So every way says how far from its rarest
words the others may begin, and most texts are let go before a frame is looked for.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from replylint.frame import TOUCHING, Link, Node
from replylint.rarity import Cost

ANYWHERE = 1_000_000
"""Farther than any text is long."""

_MOST_WAYS = 512
_LONGEST_NUMBER = 18
_MOST_SYMBOLS = 2


class Need(NamedTuple):
    """Words (`@kind` for entities) of which one must occur, beginning at least `first` and at most `last` characters
    behind the beginning of the way's first words; before it, where these are negative.
    """

    words: frozenset[str]
    first: int = -ANYWHERE
    last: int = ANYWHERE


Way: TypeAlias = tuple[Need, ...]
"""One way for a node to hold: all of these must be met, the rarest first. An empty one needs no words at all."""

_Reach: TypeAlias = tuple[int, int]
_HERE: _Reach = (0, 0)


class _Place(NamedTuple):
    """A set of words of a way in the making, and how many characters it is from where one of them begins.

    start  back to the beginning of the node
    end    on to the end of the node
    near   from the beginning of the rarest words of the way
    """

    words: frozenset[str]
    start: _Reach
    end: _Reach
    near: _Reach


class _Route(NamedTuple):
    """A way in the making: its words, the rarest first, and how long the places are where the node holds so."""

    places: tuple[_Place, ...]
    length: _Reach


_NOTHING = _Route((), (0, 0))


class WayFinder:
    """The ways of the nodes of a table that may still grow."""

    def __init__(self, node: Callable[[int], Node], cost: Cost) -> None:
        """`node` gives a node by its number; `cost` ranks words by how common they are."""
        self._node = node
        self._cost = cost
        self._ranks: dict[frozenset[str], tuple[float, int, str]] = {}
        self._routes: dict[int, tuple[_Route, ...]] = {}

    def of(self, number: int) -> tuple[Way, ...]:
        """The ways for a node to hold.

        {send} & ({account}|{scan} {code}) has two: {send} with {account}, and {send} with {scan} and {code}.
        """
        return tuple(
            tuple(Need(place.words, *place.near) for place in route.places) for route in self._routes_of(number)
        )

    def rarity(self, ways: Iterable[Way]) -> float:
        """In how many of 10,000 turns one of some ways may be looked for, the rarest words of each being."""
        return sum(self._rank(way[0].words)[0] for way in ways)

    def _rank(self, words: frozenset[str]) -> tuple[float, int, str]:
        rank = self._ranks.get(words)
        if rank is None:
            rank = self._ranks[words] = (self._cost(words), len(words), min(words))
        return rank

    def _routes_of(self, number: int) -> tuple[_Route, ...]:
        routes = self._routes.get(number)
        if routes is None:
            routes = self._routes[number] = self._distinct(self._found(self._node(number)))
        return routes

    def _found(self, node: Node) -> Sequence[_Route]:
        if node.op == "words":
            lengths = [len(word) for word in node.words]
            return [_of(node.words, (min(lengths), max(lengths)))]
        if node.op == "entity":
            return [_of(frozenset(f"@{kind}" for kind in node.words), (1, ANYWHERE))]
        if node.op == "number":
            return [_Route((), (1, _LONGEST_NUMBER))]
        if node.op == "any":
            return [route for link in node.links for route in self._routes_of(link.node)]
        return self._chained(node) if node.op == "chain" else self._met(*node.links)

    def _chained(self, node: Node) -> list[_Route]:
        """Its parts one behind the other, each in any of its ways."""
        parts = self._not_too_many([self._routes_of(link.node) for link in node.links if not link.optional])
        chained = [_NOTHING]
        for place, link in enumerate(node.links):
            gap = _most_between(link.reach) if place else 0
            if link.optional:
                _, longest = _around([route.length for route in self._routes_of(link.node)])
                chained = [_longer(one, gap + longest) for one in chained]
            else:
                routes = parts.pop(0)
                chained = [self._followed(_longer(one, gap), other) for one in chained for other in routes]
        return chained

    def _met(self, link: Link, other_link: Link) -> list[_Route]:
        """Two parts in either order, or the second in a gap of the first."""
        ones, others = self._not_too_many([self._routes_of(link.node), self._routes_of(other_link.node)])
        return [self._beside(one, other, other_link.reach) for one in ones for other in others]

    def _not_too_many(self, parts: Sequence[Sequence[_Route]]) -> list[Sequence[_Route]]:
        """The ways of some parts. Where they would be too many together, a part counts with its rarest words only."""
        kept = list(parts)
        together = 1
        for at in sorted(range(len(parts)), key=lambda at: len(parts[at])):
            if together * len(parts[at]) > _MOST_WAYS:
                kept[at] = [_united(parts[at])]
            together *= len(kept[at])
        return kept

    def _followed(self, one: _Route, other: _Route) -> _Route:
        """One part and then another."""
        before = [_Place(words, start, _sum(end, other.length), near) for words, start, end, near in one.places]
        behind = [_Place(words, _sum(start, one.length), end, near) for words, start, end, near in other.places]
        if self._is_first(one, other):
            rarest = one.places[0].end
            behind = [
                new._replace(near=_sum(rarest, place.start)) for new, place in zip(behind, other.places, strict=True)
            ]
            places = (*before, *behind)
        elif one.places:
            rarest = other.places[0].start
            before = [
                new._replace(near=_less(_sum(place.end, rarest))) for new, place in zip(before, one.places, strict=True)
            ]
            places = (*behind, *before)
        else:
            places = tuple(behind)
        return _Route(places, _sum(one.length, other.length))

    def _beside(self, one: _Route, other: _Route, reach: int) -> _Route:
        """Two parts, whichever comes first."""
        if not self._is_first(one, other):
            one, other = other, one
        (least, most), (least_other, most_other) = one.length, other.length
        more, more_other = most_other + reach, most + reach
        places = [_Place(words, _up(start, more), _up(end, more), near) for words, start, end, near in one.places]
        for words, start, end, _ in other.places:
            rarest = one.places[0]
            near = (-(end[1] + reach + rarest.start[1]), rarest.end[1] + reach + start[1])
            places.append(_Place(words, _up(start, more_other), _up(end, more_other), near))
        return _Route(tuple(places), (max(least, least_other), most + reach + most_other))

    def _is_first(self, one: _Route, other: _Route) -> bool:
        """Whether the rarest words of two ways are among those of the first."""
        if not one.places or not other.places:
            return bool(one.places)
        return self._rank(one.places[0].words) <= self._rank(other.places[0].words)

    def _distinct(self, routes: Sequence[_Route]) -> tuple[_Route, ...]:
        """The ways in order, those of the same words as one, and so those of a single set of words."""
        if not all(route.places for route in routes):
            return (_united(routes),)
        single: list[_Route] = []
        several: dict[tuple[frozenset[str], ...], list[_Route]] = {}
        for route in map(self._in_order, routes):
            if len(route.places) == 1:
                single.append(route)
            else:
                several.setdefault(tuple(place.words for place in route.places), []).append(route)
        return tuple(([_united(single)] if single else []) + [_hull(same) for same in several.values()])

    def _in_order(self, route: _Route) -> _Route:
        """The words of a way once each, the rarest first."""
        if len(route.places) == 1:
            return route
        places: dict[frozenset[str], _Place] = {}
        for place in route.places:
            places.setdefault(place.words, place)
        return _Route(tuple(sorted(places.values(), key=lambda place: self._rank(place.words))), route.length)


def _of(words: frozenset[str], length: _Reach) -> _Route:
    return _Route((_Place(words, _HERE, length, _HERE),), length)


def _most_between(reach: int) -> int:
    return _MOST_SYMBOLS if reach == TOUCHING else reach


def _longer(route: _Route, most: int) -> _Route:
    """A way behind which some characters may follow."""
    if not most:
        return route
    places = [_Place(words, start, _up(end, most), near) for words, start, end, near in route.places]
    return _Route(tuple(places), _up(route.length, most))


def _united(routes: Sequence[_Route]) -> _Route:
    """Of several ways the first words of each, as one set; no words at all where one needs none."""
    length = _around([route.length for route in routes])
    if not all(route.places for route in routes):
        return _Route((), length)
    firsts = [route.places[0] for route in routes]
    words = frozenset().union(*(place.words for place in firsts))
    start, end = _around([place.start for place in firsts]), _around([place.end for place in firsts])
    return _Route((_Place(words, start, end, _HERE),), length)


def _hull(routes: Sequence[_Route]) -> _Route:
    """Several ways of the same words as one."""
    if len(routes) == 1:
        return routes[0]
    places = tuple(
        _Place(same[0].words, *(_around([place[at] for place in same]) for at in (1, 2, 3)))
        for same in zip(*(route.places for route in routes), strict=True)
    )
    return _Route(places, _around([route.length for route in routes]))


def _around(reaches: Sequence[_Reach]) -> _Reach:
    return min([first for first, _ in reaches]), max([last for _, last in reaches])


def _sum(one: _Reach, other: _Reach) -> _Reach:
    return one[0] + other[0], one[1] + other[1]


def _less(reach: _Reach) -> _Reach:
    return -reach[1], -reach[0]


def _up(reach: _Reach, most: int) -> _Reach:
    return reach[0], reach[1] + most
