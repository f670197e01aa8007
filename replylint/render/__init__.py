"""Judged replies in, text out: one renderer a file, each a generator of chunks to write.

A renderer knows no rules and reads no files; what it needs to know of either comes in a `Setting`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from replylint.model import Report, Severity, Turn

FORMATS = ("text", "json", "jsonl", "sarif", "github", "junit", "csv")

STDIN = "<stdin>"
"""What standard input is called where a file's name belongs."""


class Spot(NamedTuple):
    """A stretch of a file: lines and columns from 1, the end behind the last code point. None: unknown."""

    line: int
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


class Checked(NamedTuple):
    """A judged reply and where it stands.

    spots        one for each finding of the report, in its order
    whole        the stretch to replace by `replacement`: the rewrite as it has to stand there, with quotes and all
    from_wire    it was a wire request, so its answer is a wire response and nothing more
    """

    path: str
    reply: str
    history: tuple[Turn, ...]
    report: Report
    whole: Spot
    spots: tuple[Spot, ...]
    replacement: str | None = None
    label: str = ""
    from_wire: bool = False


class Unreadable(NamedTuple):
    """Input that could not be read: a request, a row, or a file (then `line` is None)."""

    path: str
    line: int | None
    message: str
    id: str | None = None
    column: int | None = None
    from_wire: bool = False

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        return f"{place}: {self.message}"


Result: TypeAlias = Checked | Unreadable


class RuleCard(NamedTuple):
    """What a report says about a rule."""

    id: str
    title: str
    message: str
    why: str
    severity: Severity
    points: int
    url: str


class Setting(NamedTuple):
    """What a renderer is told besides the results. `fail` holds the severities that make the run fail."""

    language: str
    colour: bool
    fail: frozenset[str]
    cards: Mapping[str, RuleCard]
    program: str
    version: str


Renderer: TypeAlias = Callable[[Iterable[Result], Setting], Iterator[str]]


def renderer(name: str) -> Renderer:
    """The renderer of a format; only the one that is asked for is loaded."""
    match name:
        case "text":
            from replylint.render.text import render
        case "json":
            from replylint.render.json import render
        case "jsonl":
            from replylint.render.json import render_lines as render
        case "sarif":
            from replylint.render.sarif import render
        case "github":
            from replylint.render.github import render
        case "junit":
            from replylint.render.junit import render
        case "csv":
            from replylint.render.csv import render
        case _:
            raise ValueError(f"the format is one of {', '.join(FORMATS)}, not {name!r}")
    return render
