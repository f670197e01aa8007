# /// script
# requires-python = "==3.11.*"
# dependencies = ["opencc==1.4.2"]
# ///
"""Builds replylint/data/fold.tsv, the table that makes one sign of the many ways to write it.

A line is `source<TAB>target`, one code point on each side, sorted by source. Because no fold changes the length of a
text, an offset in the folded text is an offset in the original. The linter reads the file; it needs neither this script
nor OpenCC.

    python scripts/make_fold_table.py           # write the file
    python scripts/make_fold_table.py --check   # exit 1 if the file is not what would be written

The Unicode version (Python 3.11 has 14.0.0) and the OpenCC version are pinned, so that two machines build the same
table.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

import opencc

TABLE = Path(__file__).parent.parent / "replylint" / "data" / "fold.tsv"
UNICODE_VERSION = "14.0.0"
OPENCC_VERSION = "1.4.2"

Step = Callable[[str], str]

# Letters of the Greek and Cyrillic blocks that no reader can tell from a Latin one. A capital goes by its own shape:
# Ν looks like N although its lower case ν looks like v.
LOOKALIKES = {
    # Greek
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿ", "abezhikmnoptyxcj", strict=True)),
    **dict(zip("νοϲϳ", "vocj", strict=True)),
    # Cyrillic
    **dict(zip("АВЕКМНОРСТУХЅІЈԚԜѴ", "abekmhopctyxsijqwv", strict=True)),
    **dict(zip("аеорсухѕіјԁԛԝѵһӏ", "aeopcyxsijdqwvhl", strict=True)),
}  # fmt: skip

# Quotation marks (“”‘’「」『』«»), 【】, 、 and … are not here: clauses are judged by them, so they stay as they are.
# The full stop 。 becomes ! (not the . of 1.5): every sign that ends a clause is then an ASCII one.
PUNCTUATION = {
    "､": ",",
    **dict.fromkeys("。｡", "!"),
    **dict.fromkeys("〈《", "<"),
    **dict.fromkeys("〉》", ">"),
    **dict.fromkeys("～〜∼", "~"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("·・•‧∙⋅", "·"),
    "\N{OGHAM SPACE MARK}": " ",
    "➕": "+",
    # OpenCC keeps the feminine 妳; a reply to her is the same reply.
    "妳": "你",
}

# Dropped by the folded view, not replaced; NFKC would turn them into another invisible filler.
INVISIBLE = "\N{HANGUL FILLER}\N{HALFWIDTH HANGUL FILLER}"

# GB 2312 level 1 are the 3,755 everyday simplified characters: 著 and 么 are words of their own there, though Taiwan
# writes 着 and 幺 that way. 乾 alone is let through: 乾淨 and 餅乾 are what a buyer types, 乾坤 is not.
TRADITIONAL_ALTHOUGH_EVERYDAY = "乾"
# Rarer characters that simplified text uses as they are: 哪吒, 蒜薹, 袷袢.
SIMPLIFIED_ALTHOUGH_RARE = "吒薹袷"


def main() -> int:
    """Write or check the table; 0 when it is up to date, 1 when it is stale, 2 when this machine cannot build it."""
    parser = argparse.ArgumentParser(description="Build the character fold table.")
    parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")
    only_check = parser.parse_args().check
    if wrong := wrong_versions():
        print(f"make_fold_table: {wrong}", file=sys.stderr)
        return 2
    table = fold_table()
    prove(table)
    lines = "".join(f"{source}\t{target}\n" for source, target in sorted(table.items()))
    if not only_check:
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_bytes(lines.encode())
    elif not TABLE.exists() or TABLE.read_bytes() != lines.encode():
        print(f"{TABLE} is stale: run python scripts/make_fold_table.py", file=sys.stderr)
        return 1
    print(f"{TABLE.name}: {len(table)} entries")
    return 0


def wrong_versions() -> str | None:
    """What keeps this machine from building the same table as every other, or None."""
    if unicodedata.unidata_version != UNICODE_VERSION:
        return f"needs Unicode {UNICODE_VERSION} (Python 3.11), this Python has {unicodedata.unidata_version}"
    if opencc.__version__ != OPENCC_VERSION:
        return f"needs opencc {OPENCC_VERSION}, found {opencc.__version__}"
    return None


def fold_table() -> dict[str, str]:
    """Every character that folds to another one, with the character it ends up as."""
    steps: tuple[Step, ...] = (lookalike, punctuation, digit, compatible, lower, Simplifier())
    everything = (chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point <= 0xDFFF)
    return {char: folded for char in everything if (folded := fold(char, steps)) != char}


def fold(char: str, steps: tuple[Step, ...]) -> str:
    """The character after the first step that changes it, again and again until none does: 𝚴 -> Ν -> n."""
    seen: list[str] = []
    while char not in seen:
        seen.append(char)
        char = next((changed for step in steps if (changed := step(char)) != char), char)
    if char != seen[-1]:
        raise AssertionError(f"the steps go round in circles: {' '.join(seen)}")
    return char


def lookalike(char: str) -> str:
    """Greek and Cyrillic letters as the Latin letter they look like."""
    return LOOKALIKES.get(char, char)


def punctuation(char: str) -> str:
    """One sign for each kind of dash, wave, middle dot and angle bracket."""
    return PUNCTUATION.get(char, char)


def digit(char: str) -> str:
    """Circled, superscript and other scripts' digits as 0-9; 三 is a word and no digit."""
    value = unicodedata.digit(char, None)
    return char if value is None else str(value)


def compatible(char: str) -> str:
    """Full-width, styled and spacing variants as the plain character, where that is one character (℃ would be two)."""
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 and char not in INVISIBLE else char


def lower(char: str) -> str:
    """The lower-case letter, where that is one character (İ would become two)."""
    small = char.lower()
    return small if len(small) == 1 else char


class Simplifier:
    """Traditional characters, also those only Hong Kong or Taiwan use, as simplified ones."""

    def __init__(self) -> None:
        self._converters = tuple(opencc.OpenCC(config) for config in ("t2s", "hk2s", "tw2s"))

    def __call__(self, char: str) -> str:
        if not is_han(char) or is_simplified(char):
            return char
        candidates = (converter.convert(char) for converter in self._converters)
        return next((simple for simple in candidates if simple != char and len(simple) == 1), char)


def is_han(char: str) -> bool:
    """Whether OpenCC may know the character: unified ideographs up to extension B, and compatibility ones."""
    point = ord(char)
    return 0x3400 <= point <= 0x9FFF or 0xF900 <= point <= 0xFAFF or 0x20000 <= point <= 0x2A6DF


def is_simplified(char: str) -> bool:
    """Whether simplified text uses the character in its own right, so that folding it would mix up two words."""
    if char in TRADITIONAL_ALTHOUGH_EVERYDAY:
        return False
    return char in SIMPLIFIED_ALTHOUGH_RARE or b"\xb0\xa1" <= char.encode("gb2312", "ignore") <= b"\xd7\xf9"


def prove(table: Mapping[str, str]) -> None:
    """Raise AssertionError unless the table keeps lengths, reads line by line and changes nothing the second time."""
    for source, target in table.items():
        line = f"{source}\t{target}"
        if len(source) != 1 or len(target) != 1 or line.splitlines() != [line] or line.count("\t") != 1:
            raise AssertionError(f"not one character on each side of one line: {line!a}")
        if target in table:
            raise AssertionError(f"{source} folds to {target}, which folds on to {table[target]}")


if __name__ == "__main__":
    sys.exit(main())
