"""A reply while it is being generated: what of it may already be shown.

A reply is released clause by clause. What a clause means can change with what follows (加微信 / 不行的), and an
offence may need more than one (我号是… / abc123), so the open clause and the two before it are held back.

What holds, whatever the linter's rules are:

- What is released is a prefix of the reply, and depends on the text alone, not on how it was cut into chunks.
- Every prefix that has been released was itself checked and is not blocked.
- `flush` releases the rest if the whole reply is not blocked, and nothing otherwise.

What holds as far as rules look no further than two clauses ahead: no span that the check of the whole reply blocks is
touched by what was released. A rule that looks further (加七个点可以, and 专票 three clauses on) finds fault with words
that were fine when they went out; what completes the offence is held.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from replylint.expression import Expression
from replylint.model import Action, Finding, Report, Severity

_HELD_CLAUSES = 2
_SHORTEST_CLAUSE = 2
"""In letters: 微,信 is one word pushed apart, not two clauses."""
_MOST_CHECKS = 64
"""Each clause is checked with all before it, so in a long text a clause is at least this part of it."""

_SIGNS = ",，。!！?？;；~～…\n"
_TAIL = _SIGNS + "”’」』)）】》 \t\r\u3000"
"""What still belongs to the clause that a sign has ended."""

_SIGN = Expression(f"[{_SIGNS}]")
_BREAK = Expression(f"[{_SIGNS}][{_TAIL}]*")
_LETTER = Expression(r"[^\W_]")


class Check(Protocol):
    """The whole-reply check, in the context the reply is for; a rewrite `begins` with what can not be taken back."""

    def __call__(self, reply: str, *, rewrite: bool, begins: str = "") -> Report: ...


class _Clause(NamedTuple):
    """The end of a complete clause; `fine` when the reply up to there is not blocked."""

    end: int
    fine: bool


class ReplyStream:
    """Takes a generated reply in chunks and gives back what may be shown. For one reply, in one thread."""

    def __init__(self, check: Check, actions: Mapping[Severity, Action]) -> None:
        self._check = check
        self._actions = actions
        self._chunks: list[str] = []
        self._clauses: list[_Clause] = []
        self._looked_at = 0
        self._pending = False
        self._sent = 0
        self._report: Report | None = None
        self._ended = False

    @property
    def text(self) -> str:
        """Everything that was fed."""
        if len(self._chunks) > 1:
            self._chunks = ["".join(self._chunks)]
        return self._chunks[0] if self._chunks else ""

    @property
    def released(self) -> str:
        """What may be shown so far: all that `feed` and `flush` gave back."""
        return self.text[: self._sent]

    @property
    def held(self) -> str:
        """What was fed and not released; after a `flush`, what must not be shown."""
        return self.text[self._sent :]

    @property
    def report(self) -> Report | None:
        """The latest check: of the whole reply after `flush`, before that of the complete clauses. None before any."""
        return self._report

    @property
    def remedy(self) -> str | None:
        """After a `flush` that released nothing: what to show instead of `held`, so that all that is shown reads as
        the rewrite does. None when there is no rewrite that begins with what was released.
        """
        if not (self._ended and self.held) or self._report is None or self._report.rewrite is None:
            return None
        better = self._report.rewrite
        if not better.startswith(self.released):
            better = self._check(self.text, rewrite=True, begins=self.released).rewrite or ""
        return better[self._sent :] or None

    def feed(self, chunk: str) -> str:
        """Adds to the reply; returns what may be shown now (possibly nothing). Raises ValueError after `flush`."""
        if self._ended:
            raise ValueError("the reply has ended: flush was called")
        if not isinstance(chunk, str):
            raise TypeError(f"a chunk is a string, not {type(chunk).__name__}")
        self._chunks.append(chunk)
        # Joining all chunks at every letter would make a long clause slow.
        if not (self._pending or _SIGN.search(chunk)):
            return ""
        before = self._sent
        for end in self._new_clauses():
            self._close(end)
        return self.text[before : self._sent]

    def flush(self) -> str:
        """Ends the reply; returns the rest of it if the whole reply is not blocked, else nothing (see `remedy`)."""
        if self._ended:
            return ""
        self._ended = True
        self._report = self._check(self.text, rewrite=True)
        if self._report.action == "block":
            return ""
        rest = self.held
        self._sent = len(self.text)
        return rest

    def _new_clauses(self) -> list[int]:
        """Ends of clauses completed since the last look. An end counts once the character behind it is known."""
        text = self.text
        last = self._clauses[-1].end if self._clauses else 0
        ends = []
        for found in _BREAK.finditer(text, self._looked_at):
            end = found.end()
            if end == len(text):
                break
            self._looked_at = end
            if _ends_clause(text, last, found.start(), end):
                ends.append(end)
                last = end
        self._pending = text.endswith(tuple(_TAIL))
        return ends

    def _close(self, end: int) -> None:
        """Checks the reply up to the end of a clause, and releases what nothing in it speaks against any more."""
        report = self._check(self.text[:end], rewrite=False)
        self._report = report
        self._clauses.append(_Clause(end, report.action != "block"))
        limit = self._first_fault(report.findings) if report.action == "block" else end
        fine = (clause.end for clause in self._clauses[:-_HELD_CLAUSES] if clause.fine and clause.end <= limit)
        self._sent = max([self._sent, *fine])

    def _first_fault(self, findings: tuple[Finding, ...]) -> int:
        return min((finding.start for finding in findings if self._actions[finding.severity] == "block"), default=0)


def _ends_clause(text: str, start: int, sign: int, end: int) -> bool:
    """Whether the signs `text[sign:end]` end a clause that begins at `start`; those of 3~5天 and 3,000 do not."""
    if end - sign == 1 and text[end].isdecimal() and sign and text[sign - 1].isdecimal():
        return False
    return end - start >= end // _MOST_CHECKS and len(_LETTER.findall(text, start, end)) >= _SHORTEST_CLAUSE
