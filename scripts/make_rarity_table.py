"""Counts in how many turns of service talk each character and pair of characters occurs, for
`replylint/data/rarity.tsv`.

    python scripts/make_rarity_table.py LOG.jsonl…

Logs are JSONL with `reply` and `history`. Only counts per 10,000 turns are written, and only of grams found in at
least ten of 10,000.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from replylint.linter import bundled_folder

TABLE = Path(__file__).parent.parent / "replylint" / "data" / "rarity.tsv"
LEAST = 10


def turns(path: Path) -> Iterator[str]:
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        yield row["reply"]
        yield from (turn["text"] for turn in row["history"])


def main(paths: list[str]) -> int:
    folder = bundled_folder()
    shares: Counter[str] = Counter()
    for path in map(Path, paths):
        counts: Counter[str] = Counter()
        total = 0
        for turn in turns(path):
            text = folder.fold(turn).text
            total += 1
            counts.update({*text, *(text[at : at + 2] for at in range(len(text) - 1))})
        for gram, count in counts.items():
            shares[gram] = max(shares[gram], round(count * 10_000 / total))
    kept = {gram: share for gram, share in shares.items() if share >= LEAST and not set(gram) & set("\t\r\n")}
    TABLE.write_text("".join(f"{gram}\t{share}\n" for gram, share in sorted(kept.items())), encoding="utf-8")
    print(f"{len(kept)} grams written to {TABLE}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
