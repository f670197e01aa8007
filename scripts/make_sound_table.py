# /// script
# requires-python = ">=3.11"
# dependencies = ["pypinyin==0.55.0", "jieba==0.42.1"]
# ///
"""Builds replylint/data/sounds.tsv: how the characters in use are read, without tones.

A line is `character<TAB>readings`, the commonest reading first, sorted by character. The readings are those of pypinyin
(MIT licence, https://github.com/mozillazg/python-pinyin); a reading counts if at least one in fifty uses of the
character in the words of jieba's dictionary (MIT licence) has it, so 不 is bu and no fou. The linter reads the file; it
needs neither this script nor pypinyin.

    python scripts/make_sound_table.py           # write the file
    python scripts/make_sound_table.py --check   # exit 1 if the file is not what would be written
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import jieba
import pypinyin

DATA = Path(__file__).parent.parent / "replylint" / "data"
TABLE = DATA / "sounds.tsv"
VERSIONS = {"pypinyin": "0.55.0", "jieba": "0.42.1"}
LEAST_USES = 20
"""Characters that are rarer in jieba's counts are not typed in chats, by mistake or on purpose."""
LEAST_SHARE = 0.02


def main() -> int:
    """Write or check the table; 0 when it is up to date, 1 when it is stale, 2 when this machine cannot build it."""
    parser = argparse.ArgumentParser(description="Build the table of readings.")
    parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")
    only_check = parser.parse_args().check
    for package, wanted in VERSIONS.items():
        if version(package) != wanted:
            print(f"make_sound_table: needs {package} {wanted}, found {version(package)}", file=sys.stderr)
            return 2
    table = sound_table()
    lines = "".join(f"{char}\t{' '.join(readings)}\n" for char, readings in sorted(table.items()))
    if not only_check:
        TABLE.write_bytes(lines.encode())
    elif not TABLE.exists() or TABLE.read_bytes() != lines.encode():
        print(f"{TABLE} is stale: run python scripts/make_sound_table.py", file=sys.stderr)
        return 1
    print(f"{TABLE.name}: {len(table)} characters")
    return 0


def sound_table() -> Mapping[str, list[str]]:
    """The readings of every simplified character in use, the commonest first."""
    uses: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word, count in dictionary():
        readings = pypinyin.pinyin(word, style=pypinyin.Style.NORMAL, errors="ignore", v_to_u=False)
        if len(readings) == len(word):
            for char, (reading,) in zip(word, readings, strict=True):
                uses[char][reading] += count
    folded = {line[0] for line in (DATA / "fold.tsv").read_text(encoding="utf-8").splitlines()}
    return {
        char: [reading for reading, count in counts.most_common() if count >= LEAST_SHARE * counts.total()]
        for char, counts in uses.items()
        if counts.total() >= LEAST_USES and char not in folded
    }


def dictionary() -> Iterator[tuple[str, int]]:
    """The words of jieba's dictionary with their counts."""
    with jieba.get_dict_file() as file:
        for line in file:
            word, count, _ = line.decode().split(" ")
            yield word, int(count)


if __name__ == "__main__":
    sys.exit(main())
