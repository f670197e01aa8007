"""The linter in use, and how another one takes its place.

A new linter is built aside and put in place by one assignment: a check that has begun ends with the rules it began
with. Packs that cannot be read change nothing but `trouble`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock

from replylint.linter import Linter
from replylint.source import RulePackError

Fingerprint = tuple[tuple[str, int, int], ...]


class Keeper:
    """Holds the linter of a service.

    build  makes a linter from the files as they are now; raises RulePackError, ValueError or OSError
    files  names the files it reads
    """

    def __init__(self, build: Callable[[], Linter], files: Callable[[], Iterable[Path]]) -> None:
        self._build, self._files, self._lock = build, files, Lock()
        self._seen = fingerprint(files())
        self.linter = build()
        self.trouble: tuple[str, ...] = ()

    def changed(self) -> bool:
        """Whether a file looks different from when it was last read, well or badly."""
        return fingerprint(self._files()) != self._seen

    def reload(self) -> bool:
        """Reads everything again; False, with the reasons in `trouble`, when the old linter stays. Takes seconds."""
        with self._lock:
            self._seen = fingerprint(self._files())
            try:
                linter = self._build()
            except RulePackError as error:
                self.trouble = tuple(str(problem) for problem in error.problems)
                return False
            except (ValueError, OSError) as error:
                self.trouble = (str(error),)
                return False
            self.linter, self.trouble = linter, ()
            return True


def fingerprint(files: Iterable[Path]) -> Fingerprint:
    """Size and time of each file that is there."""
    marks = []
    for path in files:
        try:
            facts = path.stat()
        except OSError:
            continue
        marks.append((str(path), facts.st_mtime_ns, facts.st_size))
    return tuple(marks)
