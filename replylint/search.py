"""Regular expressions of packs: what they need, and running them against a clock."""

from __future__ import annotations

import re._parser as _regex_parser  # type: ignore[import-not-found]  # the only way to see what a pattern requires
from collections.abc import Iterable, Iterator
from typing import Any

from replylint.passage import Extent

SECONDS = 0.25
"""How long one expression may run on one reply; after that it counts as not matching."""


def extents(regex_source: str, text: str) -> Iterator[Extent]:
    """Where an expression matches, as far as the time allows."""
    import regex  # slow to import, and only packs with a `regex:` match need it

    try:
        for found in regex.finditer(regex_source, text, timeout=SECONDS):
            if found.end() > found.start():
                yield found.span()
    except TimeoutError:
        return


def required_words(regex_source: str) -> tuple[frozenset[str], ...]:
    """Sets of words of each of which one must occur for an expression to match; raises re.error."""
    return tuple(_required(_regex_parser.parse(regex_source)))


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
        if name == "IN" and all(str(kind) == "LITERAL" for kind, _ in argument):
            needs.append(frozenset(chr(point) for _, point in argument))
        elif name == "SUBPATTERN":
            needs += _required(argument[3])
        elif name == "BRANCH":
            branches = [_required(branch) for branch in argument[1]]
            if all(branches):
                needs.append(frozenset().union(*(max(branch, key=_shortest) for branch in branches)))
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and argument[0] > 0:
            needs += _required(argument[2])
    if run:
        needs.append(frozenset((run,)))
    return needs


def _shortest(need: frozenset[str]) -> int:
    return min(map(len, need))
