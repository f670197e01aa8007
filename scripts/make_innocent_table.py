"""Builds replylint/data/innocent.tsv: what sounds like a word that people hide, but is met in honest talk.

A line is `word<TAB>what only sounds like it`, parted by blanks, one for each word under `sounds_alike: any:` in
rules/lexicon.yaml. Run it after a change to that list or to replylint/data/sounds.tsv (a test tells when).

    python scripts/make_innocent_table.py           # write the file
    python scripts/make_innocent_table.py --check   # exit 1 if the file is not what would be written

Innocent is

- what stands in a word of jieba's dictionary: 低价 sounds like 底价;
- what two words give that meet: 确保|证品质 has 证品. How often they meet is reckoned from how often words end and
  begin so, by jieba's counts or by those of service talk (data/rarity.tsv), whichever is higher;
- what service talk itself has often (data/rarity.tsv).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from pathlib import Path

import jieba

from replylint.linter import bundled_sounds, load_rules
from replylint.rarity import read_table
from replylint.sound import Sounds, most_changed

DATA = Path(__file__).parent.parent / "replylint" / "data"
TABLE = DATA / "innocent.tsv"
OFTEN = 0.2
"""What is expected more often than so many times in a million words is innocent."""
TURNS_OF_A_MILLION_WORDS = 10.0
"""The table of rarity counts in 10,000 turns, of about ten words each."""
OF_HIDDEN_WORDS = 1000.0
"""How often in a million words the words in those that people hide are taken to be met at least: 收款 in 收款码 is rare
in jieba's newspapers, and 收款吗 is what a buyer asks.
"""


def main() -> int:
    """Write or check the table; 0 when it is up to date, 1 when it is stale."""
    parser = argparse.ArgumentParser(description="Build the table of what only sounds like a word that people hide.")
    parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")
    only_check = parser.parse_args().check
    sounds = bundled_sounds().of(load_rules().hearing.words)
    table = innocents(sounds, Talk(sounds.words))
    lines = "".join(f"{word}\t{' '.join(others)}\n" for word, others in table.items())
    if not only_check:
        TABLE.write_bytes(lines.encode())
    elif not TABLE.exists() or TABLE.read_bytes() != lines.encode():
        print(f"{TABLE} is stale: run python scripts/make_innocent_table.py", file=sys.stderr)
        return 1
    print(f"{TABLE.name}: {sum(map(len, table.values()))} for {len(table)} words")
    return 0


class Talk:
    """How often words begin and end with some characters, in a million words."""

    def __init__(self, hidden: Sequence[str]) -> None:
        rarity = read_table((DATA / "rarity.tsv").read_text(encoding="utf-8").rstrip("\n").split("\n"))
        self._usual = {gram: count * TURNS_OF_A_MILLION_WORDS for gram, count in rarity.items()}
        self._words = Counter[str]()
        self._within = Counter[str]()
        self._begin = Counter[str]()
        self._end = Counter[str]()
        for word, count in _dictionary():
            self._words[word] += count
            for start, end in combinations(range(len(word) + 1), 2):
                self._within[word[start:end]] += count
            for length in range(1, len(word) + 1):
                self._begin[word[:length]] += count
                self._end[word[-length:]] += count
        self._million = self._words.total() / 1e6
        for word in hidden:
            for at in range(1, len(word)):
                for part in (word[:at], word[at:]):
                    if len(part) > 1 and part in self._words:
                        self._usual[part] = max(self._usual.get(part, 0.0), OF_HIDDEN_WORDS)

    def has(self, written: str) -> bool:
        """Whether it is to be expected in honest talk."""
        return written in self._within or written in self._usual or self._meetings(written) > OFTEN

    def _meetings(self, written: str) -> float:
        """How often two words, or three around those in the middle, meet so that they give it."""
        two = sum(
            self._rate(self._end, written[:at]) * self._rate(self._begin, written[at:]) / 1e6
            for at in range(1, len(written))
        )
        if len(written) < 3:
            return two
        ends, middle, begins = written[0], written[1:-1], written[-1]
        three = self._rate(self._end, ends) * self._rate(self._words, middle) * self._rate(self._begin, begins) / 1e12
        return two + three

    def _rate(self, counts: Mapping[str, int], part: str) -> float:
        """The higher of jieba's rate and that of service talk, where what the part does is reckoned by jieba's."""
        if not counts[part]:
            return 0.0
        return max(counts[part] / self._million, self._usual.get(part, 0.0) * counts[part] / self._within[part])


def _dictionary() -> Iterator[tuple[str, int]]:
    with jieba.get_dict_file() as file:
        for line in file:
            word, count, _ = line.decode().split(" ")
            yield word, int(count)


def innocents(sounds: Sounds, talk: Talk) -> Mapping[str, list[str]]:
    """For each word what only sounds like it."""
    return {word: [other for other in alike(word, sounds) if talk.has(other)] for word in sounds.words}


def alike(word: str, sounds: Sounds) -> Iterator[str]:
    """Everything that would be taken for a word by its sound."""
    others = [_homophones(char, sounds) for char in word]
    for changed in range(1, most_changed(word) + 1):
        for places in combinations(range(len(word)), changed):
            for written in product(*(others[at] if at in places else char for at, char in enumerate(word))):
                if (other := "".join(written)) not in sounds.words:
                    yield other


def _homophones(char: str, sounds: Sounds) -> list[str]:
    read_alike = dict.fromkeys("".join(chars for chars in sounds.readings.values() if char in chars))
    return [other for other in read_alike if other != char]


if __name__ == "__main__":
    sys.exit(main())
