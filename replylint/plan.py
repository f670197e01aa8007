"""Which words call which matches and requests, worked out once for a ruleset and written down as plain numbers.

A match holds in one of several *ways*, each a few sets of words of all of which one must be there, none too far from
the rarest. Every way hangs on its rarest words; what these call must then find the others before a single frame is
looked for.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence

from replylint.lexis import numbers_of
from replylint.matcher import WordList
from replylint.nodes import sets_as_numbers, table_of
from replylint.rule import Ask, Caller, Calls, Match, Occasions, Parts, Plan, Ruleset
from replylint.ways import Need, Way

HIDDEN = 0
"""The number that is called by words which may mean that something is disguised."""


def planned(ruleset: Ruleset) -> Plan:
    """The plan of a ruleset. Matches and asks are named by their places, rule by rule."""
    matches = [match for rule in ruleset.rules for match in rule.matches]
    meant = {spelling.disguise: spelling.word for spelling in ruleset.spellings}
    disguises = [disguise for disguise, word in meant.items() if word]
    of_nodes = ruleset.words
    words = WordList.of(dict.fromkeys((*of_nodes, *disguises, *_words_of_expressions(matches))))
    numbers = numbers_of(words)

    known: dict[tuple[Way, ...], int] = {}
    parts = [_parts(match, known) for match in matches]
    besides = [_parts(match, known, match.caller) for match in matches]
    needed = [*besides, *(part for part, match in zip(parts, matches, strict=True) if match.may_be_called_otherwise)]
    needed_by_called = [part for part, match in zip(besides, matches, strict=True) if match.caller]
    said_first = {number for part in needed_by_called for number in (part.said, part.about)}
    said_else = {number for part in needed for number in (part.said, part.about)} - said_first
    heard = {number for part in needed for number in (part.heard, part.about)}

    called = [(n, match) for n, match in enumerate(matches) if match.caller and "other_account" not in match.when]
    hidden = [(HIDDEN, ((Need(frozenset(disguises)),),))] if disguises else []
    in_reply = calls_of(
        numbers,
        ((n, match.called) for n, match in called if match.caller != "heard"),
        ((number, ways) for ways, number in known.items() if number in said_first),
        hidden,
        ((number, ways) for ways, number in known.items() if number in said_else),
    )
    in_turn = calls_of(
        numbers,
        ((n, match.called) for n, match in called if match.caller != "act"),
        ((number, ways) for ways, number in known.items() if number in heard),
        hidden,
        ((n, ask.ways) for n, ask in enumerate(ruleset.asks)),
    )
    nodes = table_of(ruleset.nodes, numbers)
    occasions = _occasions(matches, ruleset.asks)
    return Plan(words, len(of_nodes), nodes, in_reply, in_turn, _written(parts), _written(besides), occasions)


def _occasions(matches: Sequence[Match], asks: Sequence[Ask]) -> Occasions:
    by_request: dict[str, list[int]] = {}
    for number, match in enumerate(matches):
        for request in match.asked:
            by_request.setdefault(request, []).append(number)

    def those(holds: Callable[[Match], object]) -> tuple[int, ...]:
        return tuple(number for number, match in enumerate(matches) if holds(match))

    return Occasions(
        moments=those(lambda match: match.repeated or match.opens or match.closes or match.waited),
        long=those(lambda match: match.longer and not (match.caller or match.asked)),
        for_others=those(lambda match: "other_account" in match.when),
        as_typed=those(lambda match: match.as_typed),
        pieces=those(lambda match: match.pieces),
        requests=tuple(ask.request for ask in asks),
        answers=tuple(tuple(by_request.get(ask.request, ())) for ask in asks),
        lengths=_written((match.longer, match.shorter or LONGEST) for match in matches),
    )


LONGEST = 2**31 - 1
"""More characters than any reply has."""


def _written(rows: Iterable[Iterable[int]]) -> bytes:
    return array("i", (number for row in rows for number in row)).tobytes()


def _words_of_expressions(matches: Iterable[Match]) -> list[str]:
    """The words that regular expressions cannot do without; those of frames are among the words of the nodes."""
    ways = {way for match in matches if match.search for way in match.ways.act}
    return sorted({word for way in ways for need in way for word in need.words if not word.startswith("@")})


def _parts(match: Match, known: dict[tuple[Way, ...], int], without: Caller = "") -> Parts:
    """The parts of a match that need words, new ones getting a number."""

    def part(name: Caller, ways: tuple[Way, ...]) -> int:
        return known.setdefault(ways, len(known)) if ways and name != without else -1

    act = () if match.pieces else match.ways.act
    return Parts(part("act", act), part("heard", match.ways.heard), part("about", match.ways.about))


def calls_of(numbers: Mapping[str, int], *kinds: Iterable[tuple[int, Iterable[Way]]]) -> Calls:
    """What calls each number of some kinds. Every way hangs on its rarest words, and must find the others."""
    sets: dict[frozenset[str], int] = {}
    hanging: dict[tuple[frozenset[str], int], list[tuple[int, Sequence[Need]]]] = {}
    for kind, callers in enumerate(kinds):
        for number, found in callers:
            for way in found:
                hanging.setdefault((way[0].words, kind), []).append((number, way[1:]))

    def place(words: frozenset[str]) -> int:
        return sets.setdefault(words, len(sets))

    groups, ways, needs = array("i"), array("i"), array("i")
    for (anchor, kind), made in hanging.items():
        for number, others in made:
            for need in others[1:]:
                needs.extend((place(need.words), need.first, need.last))
            next_rarest = (place(others[0].words), others[0].first, others[0].last) if others else (-1, 0, 0)
            ways.extend((number, *next_rarest, len(needs) // 3))
        groups.extend((place(anchor), kind, len(ways) // 5))
    told = sets_as_numbers([{numbers[word] for word in words} for words in sets])
    return Calls(*told, groups.tobytes(), ways.tobytes(), needs.tobytes(), len(kinds))
