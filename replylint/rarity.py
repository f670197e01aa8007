"""How rare words are in service talk, so that the rarest word of a frame is the one to look for.

The table holds counts only: in how many of 10,000 turns a character or a pair of characters occurs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

_UNSEEN = 4.0
"""What a gram that is not in the table counts for; the table leaves out what is rarer than ten in 10,000."""

Cost = Callable[[frozenset[str]], float]


def read_table(lines: Iterable[str]) -> Mapping[str, float]:
    """The counts of a `gram<TAB>count` table."""
    pairs = (line.split("\t") for line in lines)
    return {gram: float(count) for gram, count in pairs}


def cost_of(table: Mapping[str, float]) -> Cost:
    """A function that says in how many of 10,000 turns one of some literals is to be expected (an upper estimate).

    A literal is taken to be as rare as its rarest character or pair of characters.
    """

    @cache
    def expected(literal: str) -> float:
        pairs = [literal[at : at + 2] for at in range(len(literal) - 1)]
        return min(table.get(gram, _UNSEEN) for gram in (*pairs, *literal))

    # The same words stand in dozens of concepts, and the same concepts in hundreds of frames.
    return cache(lambda literals: sum(map(expected, literals)))
