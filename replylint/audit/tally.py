"""Sums that can be added to each other: every table of the report is a name, its keys, and counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

Table = dict[str, Counter[str]]


class Tally:
    """Counters by table and key, all whole numbers, so that no order of adding changes a sum."""

    __slots__ = ("tables",)

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}

    def row(self, table: str, key: str = "") -> Counter[str]:
        """The counters of a key, to be added to."""
        # The obvious setdefault would make a Counter for every call, and this is called a few times for each turn.
        keys = self.tables.get(table)
        if keys is None:
            keys = self.tables[table] = {}
        counts = keys.get(key)
        if counts is None:
            counts = keys[key] = Counter()
        return counts

    def table(self, table: str) -> Mapping[str, Counter[str]]:
        """All keys of a table, in the order they came in."""
        return self.tables.get(table, {})

    def merge(self, wire: Mapping[str, Mapping[str, Mapping[str, int]]]) -> None:
        """Adds the sums of a part."""
        for table, keys in wire.items():
            for key, counts in keys.items():
                add(self.row(table, key), counts)

    def keep(self, table: str, most: int) -> None:
        """Leaves only the most frequent counters of every key: what people said has no end."""
        for key, counts in self.table(table).items():
            if len(counts) > most:
                self.tables[table][key] = Counter(dict(ranked(counts)[:most]))

    def to_wire(self) -> dict[str, Any]:
        """The sums as JSON takes them."""
        return self.tables


def add(row: Counter[str], counts: Mapping[str, int]) -> None:
    """Adds counts to the counters of a key; quicker than `Counter.update`, which looks at what it is given."""
    for name, count in counts.items():
        row[name] += count


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The most frequent first; equal ones by name, so that the order does not hang on who came first."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
