"""The tab layout of the JDDC corpus: seven columns, and quotes that mean nothing.

session_id  user_id  waiter_send  is_transfer  is_repeat  content  (empty)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from replylint.chatlog.lines import LineItem, LogProblem
from replylint.chatlog.table import Message
from replylint.model import Meta, Turn

_HEADER = ("session_id", "user_id", "waiter_send", "is_transfer", "is_repeat", "content")


def looks_like_jddc(line: str) -> bool:
    """Whether a line is the header of the layout."""
    return tuple(line.strip().split("\t"))[: len(_HEADER)] == _HEADER


def jddc_messages(path: Path, lines: Iterable[LineItem]) -> Iterator[Message | LogProblem]:
    """The messages one by one. Lines are split at tabs and nothing else: a lone quote would swallow the rest."""
    for line in lines:
        if isinstance(line, LogProblem):
            yield line
            continue
        if not line.text.strip() or looks_like_jddc(line.text):
            continue
        cells = line.text.split("\t")
        if len(cells) < len(_HEADER):
            yield LogProblem(str(path), line.number, f"{len(cells)} cells instead of {len(_HEADER)} or more")
            continue
        session, user, by_waiter = (cell.strip() for cell in cells[:3])
        if by_waiter not in ("0", "1") or not session:
            yield LogProblem(str(path), line.number, f"waiter_send is 0 or 1, not {by_waiter!r:.40}")
            continue
        # A tab within the text is one more cell; the empty last one is the layout's.
        text = "\t".join(cells[5:]).removesuffix("\t").rstrip("\r")
        yield Message(
            session, line.number, Turn("agent" if by_waiter == "1" else "buyer", text), None, Meta(buyer_id=user)
        )
