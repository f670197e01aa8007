"""Regular expressions of packs: what they need, and running them against a clock."""

from __future__ import annotations

import re._parser as _regex_parser  # type: ignore[import-not-found]  # the only way to see what a pattern requires
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from replylint.characters import DIGITS, digit_kinds
from replylint.passage import Extent

SECONDS = 0.25
"""How long one expression may run on one reply; after that it counts as not matching."""


FEW_TRIES = 1_000_000
"""Tries that take no more than some hundredths of a second, so that nobody need look at a clock."""


def extents(regex_source: str, text: str) -> Iterator[Extent]:
    """Where an expression matches, as far as the time allows."""
    compiled, shortest = _compiled(regex_source)
    if len(text) < shortest:
        return
    # A clock costs thirty times what `^嗯{1,3}$` does on a reply.
    timed = most_tries(regex_source, len(text).bit_length()) > FEW_TRIES
    try:
        for found in compiled.finditer(text, timeout=SECONDS if timed else None):
            if found.end() > found.start():
                yield found.span()
    except TimeoutError:
        return


@lru_cache(maxsize=1024)
def _compiled(regex_source: str) -> tuple[Any, int]:
    """An expression, and the characters of the shortest text in which it can match.

    Kept here: `regex.finditer` takes ten times as long to find a compiled expression as to run it on a reply.
    """
    import regex  # slow to import, and only packs with a `regex:` match need it

    return regex.compile(regex_source), _regex_parser.parse(regex_source).getwidth()[0]


@lru_cache(maxsize=4096)
def most_tries(regex_source: str, bits: int) -> int:
    """How many ways there are at most to try an expression on a text with a length of so many binary digits."""
    length = 1 << bits
    return length * _ways(_regex_parser.parse(regex_source), length)


def _ways(tree: Iterable[tuple[object, Any]], length: int) -> int:
    """In how many ways an expression could match from one place on: every choice and every number of repetitions, but
    for those of a look ahead or behind, which is tried once for all that comes behind it.
    """
    ways = 1
    for operation, argument in reversed(list(tree)):
        name = str(operation)
        if name == "BRANCH":
            ways *= sum(_ways(branch, length) for branch in argument[1])
        elif name == "SUBPATTERN":
            ways *= _ways(argument[3], length)
        elif name in ("ASSERT", "ASSERT_NOT"):
            ways += _ways(argument[1], length)
        elif name in _REPEATS:
            low, high, repeated = argument
            ways *= _ways_of_repeats(low, min(high, length), _ways(repeated, length))
        elif name not in _SINGLE:
            return FEW_TRIES + 1
        if ways > FEW_TRIES:
            break
    return ways


def _ways_of_repeats(low: int, high: int, each: int) -> int:
    """The ways of repeating what has a number of ways itself; of too many any number that is too large."""
    if each == 1:
        return max(high - low, 0) + 1
    ways = 0
    for times in range(low, high + 1):
        ways += each**times
        if ways > FEW_TRIES:
            break
    return max(ways, 1)


_SINGLE = ("LITERAL", "NOT_LITERAL", "IN", "ANY", "AT", "GROUPREF")
"""What can be tried in one way only."""


_FEW = 64
_SHORT_RANGE = 16


def required_words(regex_source: str) -> tuple[frozenset[str], ...]:
    """Sets of words (`@digits`, `@many_digits` for so many of these) of each of which one must occur for an expression
    to match; raises re.error.
    """
    tree = _regex_parser.parse(regex_source)
    many = [frozenset((f"@{kind}",)) for kind in digit_kinds(_digits(tree))[-1:]]
    return tuple(dict.fromkeys([*many, *_required(tree)]))


def _required(tree: Iterable[tuple[object, Any]]) -> list[frozenset[str]]:
    needs: list[frozenset[str]] = []
    run = ""
    for operation, argument in tree:
        name = str(operation)
        if name == "LITERAL":
            run += chr(argument)
            continue
        if run:
            needs.append(frozenset((run,)))
            run = ""
        if name == "SUBPATTERN":
            needs += _required(argument[3])
        elif name == "ASSERT" and argument[0] > 0:
            needs += _required(argument[1])
        elif name == "BRANCH":
            branches = [_required(branch) for branch in argument[1]]
            if all(branches):
                needs.append(frozenset().union(*(max(branch, key=_shortest) for branch in branches)))
        elif name == "IN":
            chars = _characters(argument)
            if chars and len(chars) <= _FEW and not chars <= DIGITS:
                needs.append(chars)
        elif name in _REPEATS and argument[0] > 0:
            needs += _required(argument[2])
    if run:
        needs.append(frozenset((run,)))
    return needs


_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def _digits(tree: Iterable[tuple[object, Any]]) -> int:
    """How many digits whatever matches has at least."""
    count = 0
    for operation, argument in tree:
        name = str(operation)
        if name == "SUBPATTERN":
            count += _digits(argument[3])
        elif name == "BRANCH":
            count += min(map(_digits, argument[1]))
        elif name in _REPEATS:
            count += argument[0] * _digits(argument[2])
        elif name == "LITERAL":
            count += chr(argument) in DIGITS
        elif name == "IN":
            chars = _characters(argument)
            count += bool(chars) and chars <= DIGITS
    return count


def _characters(members: Iterable[tuple[object, Any]]) -> frozenset[str]:
    """The characters of a class; none when it names them otherwise than one by one or in short ranges."""
    chars: set[str] = set()
    for operation, argument in members:
        if str(operation) == "LITERAL":
            chars.add(chr(argument))
        elif str(operation) == "RANGE" and argument[1] - argument[0] < _SHORT_RANGE:
            chars.update(map(chr, range(argument[0], argument[1] + 1)))
        else:
            return frozenset()
    return frozenset(chars)


def _shortest(need: frozenset[str]) -> int:
    return min(map(len, need))
