"""The words of a pack set by number, and its nodes in these numbers: what a text has is then a set to compare with."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Protocol, Self, TypeVar

from replylint.characters import DIGIT_KINDS, digit_kinds
from replylint.core import core
from replylint.frame import ENTITY_KINDS
from replylint.matcher import Hit, PlainScanner, WordList
from replylint.nodes import NodeRows, NodeTable, NumberedNode
from replylint.validators import Entity

_KINDS = (*ENTITY_KINDS, *(kind for kind, _ in DIGIT_KINDS))
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Known(dict[_Key, _Value]):
    """What a function says of a key, worked out once."""

    def __init__(self, work_out: Callable[[_Key], _Value]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, key: _Key) -> _Value:
        value = self[key] = self._work_out(key)
        return value


def numbers_of(words: Iterable[str]) -> dict[str, int]:
    """The numbers of words, all of them different, and behind these of the kinds of entities (`@kind`)."""
    numbers = {word: number for number, word in enumerate(words)}
    return numbers | _kinds_behind(len(numbers))


def _kinds_behind(words: int) -> dict[str, int]:
    """The numbers of the kinds of entities behind those of so many words."""
    return {f"@{kind}": number for number, kind in enumerate(_KINDS, words)}


class Words(Protocol):
    """The words of a text and the kinds of its entities.

    hits     the places of all words, by start
    numbers  the words and kinds that occur
    """

    @property
    def hits(self) -> Sequence[Hit]:
        """The places of all words, by start."""

    @property
    def numbers(self) -> AbstractSet[int]:
        """The words and kinds that occur."""

    def is_less_than(self, other: Any, /) -> bool:
        """Whether the words of another reading of the text are more, or others."""


class PlainWords:
    """`Words` that need nothing, with the starts of each word and kind, in order."""

    __slots__ = ("hits", "numbers", "starts")

    def __init__(self, hits: Sequence[Hit], marks: Sequence[Hit] = ()) -> None:
        """`marks` are the places of entities."""
        starts: defaultdict[int, list[int]] = defaultdict(list)
        for start, _, number in hits:
            starts[number].append(start)
        for start, _, number in marks:
            starts[number].append(start)
        self.hits = hits
        self.starts: Mapping[int, Sequence[int]] = starts
        self.numbers = set(starts)

    def is_less_than(self, other: Self, /) -> bool:
        """See `Words.is_less_than`."""
        return len(other.hits) > len(self.hits) or not other.numbers <= self.numbers


class Lexis:
    """The words and nodes of a pack set. Kinds of entities have numbers too, behind those of the words.

    table     its nodes as they were written down
    nodes     those that were asked for, read
    latin     for each word whether it must not cut a Latin word or a number
    compiled  whether texts are read by the compiled core

    Immutable from outside.
    """

    __slots__ = ("_kinds", "_options", "_read", "compiled", "latin", "nodes", "table")

    def __init__(self, words: Iterable[str], table: NodeTable, *, plain: bool = False) -> None:
        """`words`, each once, are those of the nodes and whatever else is to be found."""
        self.compiled = core is not None and not plain
        literals = _literals(WordList.of(words), self.compiled)
        self.latin = literals.latin
        self._read = literals.read
        self._kinds = _kinds_behind(len(self.latin))
        self.table = table
        self.nodes: Known[int, NumberedNode] = Known(NodeRows(table).__getitem__)
        self._options: Known[int, Mapping[int, Sequence[int]]] = Known(self._by_word)

    def entity_kinds(self, number: int) -> frozenset[str]:
        """The kinds of entities that a node stands for."""
        return frozenset(_KINDS[kind - len(self.latin)] for need in self.nodes[number].needs for kind in need)

    def words_of(self, text: str, entities: Sequence[Entity] = (), digits: int = 0) -> Words:
        """What a text has, some entities and so many digits among it."""
        if not (entities or digits):
            return self._read(text)
        kinds = self._kinds
        marks = [(entity.start, entity.end, kinds[f"@{entity.kind}"]) for entity in entities]
        marks += [(0, len(text), kinds[f"@{kind}"]) for kind in digit_kinds(digits)]
        return self._read(text, marks)

    def standing(self, text: str, hits: Iterable[Hit]) -> list[Hit]:
        """The words found in a text that cut no Latin word and no number: vx in vxyz, 1 in 1380."""
        latin = self.latin
        return [hit for hit in hits if not (latin[hit[2]] and _cuts(text, hit[0], hit[1]))]

    def options(self, number: int, words: AbstractSet[int]) -> list[int]:
        """Those alternatives of an `any` node that a text with some words may have, in order."""
        by_word = self._options[number]
        found = {at for word in by_word.keys() & words for at in by_word[word]}
        links = self.nodes[number].links
        return [links[at].node for at in sorted(found.union(by_word.get(_NEEDS_NONE, ())))]

    def _by_word(self, number: int) -> Mapping[int, Sequence[int]]:
        """Every alternative hangs on its rarest words, so that a text need not be asked for hundreds of others."""
        by_word: dict[int, list[int]] = {}
        for at, link in enumerate(self.nodes[number].links):
            for word in self.nodes[link.node].anchor or (_NEEDS_NONE,):
                by_word.setdefault(word, []).append(at)
        return by_word


_NEEDS_NONE = -1
"""Stands for the words of an alternative that needs none."""


class _Literals(Protocol):
    """The words of a pack set, to be found in texts."""

    @property
    def latin(self) -> bytes:
        """See `Lexis.latin`."""

    def read(self, text: str, marks: Sequence[Hit] = (), /) -> Words:
        """The words of a text; `marks` are the places of entities."""


class _PlainLiterals:
    """`_Literals` that need nothing."""

    def __init__(self, words: WordList) -> None:
        self.latin = bytes(word[0] < "{" or word[-1] < "{" for word in words)
        self._scan = PlainScanner(words).scan

    def read(self, text: str, marks: Sequence[Hit] = (), /) -> Words:
        return PlainWords(self._scan(text), marks)


def _literals(words: WordList, compiled: bool) -> _Literals:
    made: _Literals = core.Literals(words.whole, words.ends) if compiled else _PlainLiterals(words)
    return made


def are_met(needs: Iterable[AbstractSet[int]], words: AbstractSet[int]) -> bool:
    """Whether a text with some words has one of each of some sets."""
    for need in needs:  # noqa: SIM110 - twice as quick as all() over a generator, and asked dozens of times a text
        if need.isdisjoint(words):
            return False
    return True


def _cuts(text: str, start: int, end: int) -> bool:
    """The characters on both sides of an edge are of one kind."""
    first, last = text[start], text[end - 1]
    if first < "{" and start and _same_kind(text[start - 1], first):
        return True
    return last < "{" and end < len(text) and _same_kind(last, text[end])


def _same_kind(one: str, other: str) -> bool:
    return (one.isdigit() and other.isdigit()) or ("a" <= one <= "z" and "a" <= other <= "z")
