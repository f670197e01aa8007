"""Finding many literals in one pass.

Two scanners with one result: the compiled one where it was built, else a dictionary of first characters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from replylint.core import core

Hit = tuple[int, int, int]
"""Start, end (code points, half-open) and the literal's number."""


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
        self, literals: Sequence[str], stands: Mapping[int, str] | None = None, *, plain: bool = False
    ) -> None:
        self.literals = tuple(literals)
        self._stands = dict(stands or {})
        self.scan: Callable[[str], list[Hit]]
        if plain or core is None:
            scan = PlainScanner(self.literals).scan
            self.scan = (lambda text: scan(text.translate(self._stands))) if self._stands else scan
        else:
            self.scan = core.Literals(self.literals, self._stands).scan

    def __reduce__(self) -> tuple[type[Matcher], tuple[tuple[str, ...], dict[int, str]]]:
        return Matcher, (self.literals, self._stands)
