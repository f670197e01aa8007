"""Finding many literals in one pass.

Two scanners with one result: daachorse's double-array automaton where its wheel exists, else a dictionary of first
characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Protocol

HAS_AUTOMATON = find_spec("daachorse") is not None
"""False where its wheel does not exist (ARM Linux, musl)."""

Hit = tuple[int, int, int]
"""Start, end (code points, half-open) and the literal's number."""


class Scanner(Protocol):
    """What a literal scanner must be able to do."""

    def scan(self, text: str) -> list[Hit]:
        """Every occurrence of every literal, overlapping ones too; those of one literal from left to right."""


class PlainScanner:
    """The scanner that needs nothing: literals by first character, longest first. Slower, same hits."""

    __slots__ = ("_by_first",)

    def __init__(self, literals: Sequence[str]) -> None:
        by_first: dict[str, list[tuple[str, int]]] = {}
        for number, literal in enumerate(literals):
            by_first.setdefault(literal[0], []).append((literal, number))
        self._by_first = by_first

    def scan(self, text: str) -> list[Hit]:
        """See `Scanner.scan`."""
        hits: list[Hit] = []
        by_first = self._by_first
        for start, char in enumerate(text):
            for literal, number in by_first.get(char, ()):
                if text.startswith(literal, start):
                    hits.append((start, start + len(literal), number))
        return hits


class AutomatonScanner:
    """daachorse behind the protocol. Text that UTF-8 cannot carry (lone surrogates) is scanned with a stand-in
    character.
    """

    __slots__ = ("_automaton",)

    def __init__(self, literals: Sequence[str]) -> None:
        import daachorse

        self._automaton = daachorse.CharwiseDoubleArrayAhoCorasick(list(literals))

    def scan(self, text: str) -> list[Hit]:
        """See `Scanner.scan`."""
        try:
            hits: list[Hit] = self._automaton.find_overlapping(text)
        except UnicodeEncodeError:
            hits = self._automaton.find_overlapping(text.encode("utf-8", "replace").decode("utf-8"))
        return hits


class Matcher:
    """The scanner over a set of literals. Literals must be distinct and not empty."""

    __slots__ = ("_scanner", "literals", "scan")

    def __init__(self, literals: Sequence[str], *, plain: bool = False) -> None:
        self.literals = tuple(literals)
        self._scanner: Scanner
        if plain or not HAS_AUTOMATON or not literals:
            self._scanner = PlainScanner(self.literals)
        else:
            self._scanner = AutomatonScanner(self.literals)
        self.scan = self._scanner.scan

    def __reduce__(self) -> tuple[type[Matcher], tuple[tuple[str, ...]]]:
        return Matcher, (self.literals,)
