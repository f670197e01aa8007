"""Words that are hidden by their sound: 发嫖 for 发票, 最弟价 for 最低价.

A text is heard, not read: every character is replaced by one that stands for all with its readings, and the words are
looked for in what is left. Tones do not count, since nobody types them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import NamedTuple, Self

from replylint.matcher import Matcher, WordList

_FEWEST = 2
"""The letters of the shortest reading that is told from a model or a size by its letters: not e, a, o."""


class Sounds(NamedTuple):
    """The words to listen for.

    readings  for each reading of their characters all characters that may be read so
    innocent  what sounds like one of the words and is a word, or two that meet: 底价 and 低价, 确保|证品质
    """

    words: tuple[str, ...] = ()
    readings: Mapping[str, str] = {}
    innocent: frozenset[str] = frozenset()


class Hearing(NamedTuple):
    """What it takes to listen, worked out.

    words     the words to listen for
    heard     what they sound like, each character as the one that stands for all with its readings
    behind    the words behind each of these
    chars     the characters that are heard as another, and `signs` the other, for each of these
    innocent  what sounds like one of the words and hides none
    """

    words: tuple[str, ...] = ()
    heard: WordList = WordList()
    behind: tuple[tuple[str, ...], ...] = ()
    chars: str = ""
    signs: str = ""
    innocent: WordList = WordList()


def hearing_of(sounds: Sounds) -> Hearing:
    """What it takes to listen for some words."""
    ways: defaultdict[str, set[str]] = defaultdict(set)
    for reading, chars in sounds.readings.items():
        for char in chars:
            ways[char].add(reading)
    stands: dict[frozenset[str], str] = {}
    heard_as = {char: stands.setdefault(frozenset(known), char) for char, known in ways.items()}
    signs: defaultdict[str, list[str]] = defaultdict(list)
    for known, sign in stands.items():
        for reading in known:
            signs[reading].append(sign)
    behind: dict[str, list[str]] = {}
    for word in sounds.words:
        # A character without a reading (A货) is heard as it is.
        heard = [{sign for reading in ways[char] for sign in signs[reading]} or {char} for char in word]
        for literal in map("".join, product(*map(sorted, heard))):
            behind.setdefault(literal, []).append(word)
    return Hearing(
        sounds.words,
        WordList.of(behind),
        tuple(map(tuple, behind.values())),
        "".join(heard_as),
        "".join(heard_as.values()),
        # 报警 is no 报净: what is one of the words hides none.
        WordList.of(sorted(sounds.innocent.union(sounds.words))),
    )


class SoundTable(NamedTuple):
    """How characters are read, without tones, and what is innocent whatever it sounds like."""

    readings: Mapping[str, Sequence[str]] = {}
    innocent: frozenset[str] = frozenset()

    @classmethod
    def from_tsv(cls, sounds: Iterable[str], innocents: Iterable[str]) -> Self:
        """From lines `character<TAB>readings` and `word<TAB>what only sounds like it`, parted by blanks."""
        return cls(
            {line[0]: line[2:].split(" ") for line in sounds},
            frozenset(other for line in innocents for other in line.split("\t")[1].split()),
        )

    def of(self, words: Iterable[str]) -> Sounds:
        """What it takes to listen for some words."""
        known = tuple(dict.fromkeys(words))
        needed = {reading for word in known for char in word for reading in self.readings.get(char, ())}
        groups: dict[str, str] = {}
        for char, readings in self.readings.items():
            for reading in readings:
                if reading in needed:
                    groups[reading] = groups.get(reading, "") + char
        return Sounds(known, groups, self.innocent)

    def in_letters(self, word: str) -> Iterator[str]:
        """A word with some of its characters, or all, in the letters of their readings: fa票, 发piao, fapiao."""
        ways = [(char, *(way for way in self.readings.get(char, ()) if len(way) >= _FEWEST)) for char in word]
        for written in map("".join, product(*ways)):
            if written != word:
                yield written


def most_changed(word: str) -> int:
    """How many characters of a word may sound alike only; one must stay as it is."""
    return min(2, len(word) - 1)


class Ear:
    """Finds words by their sound; immutable."""

    def __init__(self, hearing: Hearing) -> None:
        self._words = hearing.behind
        self._matcher = Matcher(hearing.heard, dict(zip(map(ord, hearing.chars), hearing.signs, strict=True)))
        self._hearing = hearing

    @cached_property
    def _innocent(self) -> frozenset[str]:
        """A set of thousands, made when something sounds like a word."""
        return frozenset(self._hearing.innocent)

    def hears(self, text: str) -> bool:
        """Whether something in a folded text only sounds like a word that people hide."""
        return next(self.hidden(text), None) is not None

    def hidden(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end and the word behind what only sounds like it."""
        for start, end, number in self._matcher.scan(text):
            written = text[start:end]
            if written not in self._innocent:
                for word in self._words[number]:
                    if sum(map(str.__ne__, written, word)) <= most_changed(word):
                        yield start, end, word
