"""The files a linter is configured by, as texts, and the problems found in them. Knows no YAML."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_LONGEST_WORD = 60


class Mark(NamedTuple):
    """A place in a file; line and column count from 1, columns in code points."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Problem(NamedTuple):
    """What is wrong at a place."""

    mark: Mark
    message: str

    def __str__(self) -> str:
        return f"{self.mark}: {self.message}"


class RulePackError(ValueError):
    """A pack set that cannot be used; `problems` holds every problem with file, line and column."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SourceFile(NamedTuple):
    """A YAML file as read: its path (for messages) and its text."""

    path: str
    text: str


class Content(NamedTuple):
    """A file as it is: its path and its bytes."""

    path: str
    data: bytes


def read_contents(paths: Iterable[Path]) -> tuple[Content, ...]:
    """The files' bytes; raises RulePackError naming each file that cannot be read."""
    contents: list[Content] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            contents.append(Content(str(path), path.read_bytes()))
        except OSError as error:
            problems.append(Problem(Mark(str(path), 1, 1), f"cannot be read: {error.strerror}"))
    if problems:
        raise RulePackError(problems)
    return tuple(contents)


def sources_of(contents: Iterable[Content]) -> tuple[SourceFile, ...]:
    """The files' texts; raises RulePackError naming each file that is not UTF-8."""
    sources: list[SourceFile] = []
    problems: list[Problem] = []
    for path, data in contents:
        try:
            sources.append(SourceFile(path, data.decode("utf-8-sig")))
        except UnicodeDecodeError as error:
            problems.append(Problem(Mark(path, 1, 1), f"cannot be read: not UTF-8 at byte {error.start}"))
    if problems:
        raise RulePackError(problems)
    return tuple(sources)


def read_sources(paths: Iterable[Path]) -> tuple[SourceFile, ...]:
    """The files' texts; raises RulePackError naming each file that cannot be read as UTF-8."""
    return sources_of(read_contents(paths))


def digest(sources: Iterable[SourceFile]) -> str:
    """A fingerprint of the files' content, for versions and caches."""
    import hashlib  # most processes take it from the compiled packs

    sha = hashlib.sha256()
    for source in sources:
        sha.update(
            Path(source.path).name.encode("utf-8", "replace") + b"\0" + source.text.encode("utf-8", "replace") + b"\0"
        )
    return sha.hexdigest()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` to put behind a message, or nothing when no known word is near."""
    import difflib  # slow to import, and only needed when something is wrong

    # difflib takes quadratic time, and a longer word is no misspelling of ours.
    if len(word) > _LONGEST_WORD:
        return ""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
