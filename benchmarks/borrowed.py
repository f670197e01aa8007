"""Sentences of the packs that somebody really wrote: a maintainers' tool, run from a clone before packs are changed.

    make borrowed CHATLOGS=DIR

The packs are proved by sentences of our own. Real chats are somebody's; they may show what to look for, and none of
their sentences may enter the project. This lists every example and every comment of the packs with a piece that also
stands in the logs, letter for letter but for signs. Stock phrases that every desk types (非常抱歉给您带来不便) are
listed too: a person decides.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.labelled import chatlog_cases
from replylint.linter import load_rules, pack_paths

LEAST = 9
"""Fewer letters than these are anybody's words."""

_ENDS = re.compile(r"[,，。!！?？;；:：、…~～\s|/]+|->|=>")
_COMMENT = re.compile(r"(?:^|\s)#\s*(.+)")
_SIGNS = re.compile(r"[\W_]+")


class Sentence(NamedTuple):
    """Something written in a pack, and where."""

    place: str
    text: str


def pieces(text: str) -> Iterator[str]:
    """A text and the parts between its signs, bare of signs, as far as they are long enough to be somebody's."""
    for part in (text, *_ENDS.split(text)):
        bare = _SIGNS.sub("", part).lower()
        if len(bare) >= LEAST:
            yield bare


def written(packs: Iterable[Path]) -> Iterator[Sentence]:
    """The examples of the packs, their turns, and the comments."""
    packs = tuple(packs)
    for rule in load_rules(packs).rules:
        for example in (*rule.bad, *rule.good):
            yield Sentence(example.place, example.reply)
            for turn in example.turns:
                yield Sentence(example.place, turn.text)
    for path in packs:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if comment := _COMMENT.search(line):
                yield Sentence(f"{path}:{number}", comment[1])


def said(directory: Path) -> set[str]:
    """What the logs of a directory say, piece by piece."""
    known: set[str] = set()
    for path in sorted(directory.glob("*.jsonl")):
        for case in chatlog_cases(path):
            for text in (case.reply, *(turn.text for turn in case.history)):
                known.update(pieces(text))
    return known


def borrowed(sentences: Iterable[Sentence], known: set[str]) -> list[tuple[Sentence, str]]:
    """The sentences with a piece that is known, each with the longest of them."""
    found = []
    for sentence in sentences:
        shared = [piece for piece in pieces(sentence.text) if piece in known]
        if shared:
            found.append((sentence, max(shared, key=len)))
    return found


def main(argv: list[str] | None = None) -> int:
    """Runs the tool; 1 where something is borrowed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chatlogs", type=Path, help="directory of chat logs as in benchmarks/labelled.py")
    parser.add_argument("--packs", type=Path, nargs="+", default=list(pack_paths(None)), help="YAML files")
    options = parser.parse_args(argv)
    found = borrowed(written(options.packs), said(options.chatlogs))
    for sentence, piece in found:
        print(f"{sentence.place}: {piece}")
    print(f"{len(found)} sentences of the packs are in {options.chatlogs} too")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
