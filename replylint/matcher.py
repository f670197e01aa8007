"""Finding many literals in one pass.

Two scanners with one result: the compiled one where it was built, else a dictionary of first characters.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from itertools import accumulate, chain, pairwise
from typing import Any, AnyStr, overload

from replylint.core import core

Hit = tuple[int, int, int]
"""Start, end (code points, half-open) and the literal's number."""


class SideBySide(Sequence[AnyStr]):
    """Many texts, or many rows of bytes, side by side in one: forty thousand objects would take ten times the memory.

    whole  all of them
    ends   where each ends in it, as signed numbers of 32 bits in the machine's order
    """

    __slots__ = ("_ends", "ends", "whole")

    def __init__(self, whole: AnyStr, ends: bytes) -> None:
        self.whole: AnyStr = whole
        self.ends = ends
        self._ends = memoryview(ends).cast("i")

    def __len__(self) -> int:
        return len(self._ends)

    def __iter__(self) -> Iterator[AnyStr]:
        whole: AnyStr = self.whole
        return (whole[start:end] for start, end in pairwise(chain((0,), self._ends)))

    @overload
    def __getitem__(self, at: int) -> AnyStr: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[AnyStr]: ...
    def __getitem__(self, at: int | slice) -> AnyStr | Sequence[AnyStr]:
        if isinstance(at, slice):
            return tuple(self)[at]
        end = self._ends[at]
        at %= len(self._ends)
        found: AnyStr = self.whole[self._ends[at - 1] if at else 0 : end]
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SideBySide):
            return NotImplemented
        return bool(self.whole == other.whole) and self.ends == other.ends

    def __hash__(self) -> int:
        return hash((self.whole, self.ends))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.whole, self.ends)


def ends_of(parts: Iterable[Sized]) -> bytes:
    """Where parts end that stand side by side."""
    return array("i", accumulate(map(len, parts))).tobytes()


class WordList(SideBySide[str]):
    """Many words side by side."""

    __slots__ = ()

    def __init__(self, whole: str = "", ends: bytes = b"") -> None:
        super().__init__(whole, ends)

    @classmethod
    def of(cls, words: Iterable[str]) -> "WordList":
        """Words in this form; a list of words as it is."""
        if isinstance(words, WordList):
            return words
        words = tuple(words)
        return cls("".join(words), ends_of(words))


class PlainScanner:
    """The scanner that needs nothing: literals by first character. Slower, same hits."""

    __slots__ = ("_by_first",)

    def __init__(self, literals: Sequence[str]) -> None:
        by_first: dict[str, list[tuple[str, int]]] = {}
        for number, literal in enumerate(literals):
            by_first.setdefault(literal[0], []).append((literal, number))
        self._by_first = {first: sorted(found, key=_length) for first, found in by_first.items()}

    def scan(self, text: str, /) -> list[Hit]:
        """Every occurrence of every literal, overlapping ones too, by start."""
        hits: list[Hit] = []
        by_first = self._by_first
        for start, char in enumerate(text):
            for literal, number in by_first.get(char, ()):
                if text.startswith(literal, start):
                    hits.append((start, start + len(literal), number))
        return hits


def _length(entry: tuple[str, int]) -> int:
    return len(entry[0])


class Matcher:
    """The scanner over a set of literals. Literals must be distinct and not empty.

    `stands` says as which other character some characters count, by code point, as `str.translate` takes it.
    """

    __slots__ = ("_stands", "literals", "scan")

    def __init__(
        self, literals: Iterable[str], stands: Mapping[int, str] | None = None, *, plain: bool = False
    ) -> None:
        self.literals = WordList.of(literals)
        self._stands = dict(stands or {})
        self.scan: Callable[[str], list[Hit]]
        if plain or core is None:
            scan = PlainScanner(self.literals).scan
            self.scan = (lambda text: scan(text.translate(self._stands))) if self._stands else scan
        else:
            self.scan = core.Literals(self.literals.whole, self.literals.ends, self._stands).scan

    def __reduce__(self) -> tuple[Any, ...]:
        return Matcher, (self.literals, self._stands)
