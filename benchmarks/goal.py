"""A goal of the performance table: a ratio inside one run, and the most it may be."""

from __future__ import annotations

from typing import NamedTuple


class Goal(NamedTuple):
    """A ratio and the most it may be."""

    number: str
    what: str
    ratio: float
    limit: float
    detail: str

    @property
    def holds(self) -> bool:
        """Whether the ratio is within its limit."""
        return self.ratio <= self.limit
