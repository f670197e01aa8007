"""Where the program writes: UTF-8 whatever the locale, colours where a person looks, problems with an excerpt."""

import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from replylint.messages import say
from replylint.render.width import clip, visible, width

if TYPE_CHECKING:
    from replylint.source import Problem

_EXCERPT = 100
_LARGEST_EXCERPTED = 16 * 1024 * 1024


class CommandError(Exception):
    """The command cannot go on; the text is for the user. Ends with status 2."""


class Console(NamedTuple):
    """The two streams and how to speak on them."""

    language: str
    out: TextIO
    err: TextIO
    colour: bool

    def say(self, key: str, /, **values: object) -> str:
        """A message in the user's language."""
        return say(self.language, key, **values)

    def write(self, text: str) -> None:
        """Text for whoever reads the results."""
        self.out.write(text)

    def warn(self, text: str) -> None:
        """A line for whoever runs the program. What was written so far comes first."""
        with suppress(BrokenPipeError):
            self.out.flush()
        print(visible(text) if "\n" not in text else text, file=self.err, flush=True)

    def complain(self, message: str) -> None:
        """A line that says what went wrong."""
        self.warn(f"replylint: {self.say('error')}: {message}")


def standard_streams() -> tuple[TextIO, TextIO]:
    """Standard output and error set to UTF-8. Half a surrogate pair is written as its escape, \\ud83d."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
    return sys.stdout, sys.stderr


def wants_colour(stream: TextIO) -> bool:
    """FORCE_COLOR and NO_COLOR decide (any value but an empty one), else whether a person looks at the stream."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def writing_to(console: Console, output: str | None, mark: str = "") -> Iterator[Console]:
    """The console with its results going to a file that appears whole or not at all, or unchanged without a file.

    `mark` is what the file has to begin with. Raises CommandError when the file cannot be written.
    """
    if output is None or output == "-":
        yield console
        return
    from replylint.atomic import replacing

    try:
        with replacing(Path(output)) as binary:
            out = io.TextIOWrapper(binary, encoding="utf-8", errors="backslashreplace", newline="")
            out.write(mark)
            yield console._replace(out=out, colour=False)
            out.flush()
            out.detach()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CommandError(f"{output}: {error.strerror or error}") from None


def print_problems(console: Console, problems: "Iterable[Problem]") -> None:
    """Every problem as path:line:column with its line and a caret below the place."""
    sources: dict[str, list[str]] = {}
    for problem in problems:
        path, line, column = problem.mark
        if path not in sources:
            sources[path] = _lines(Path(path))
        console.warn(f"{_shown_path(path)}:{line}:{column}: {problem.message}")
        if line <= len(sources[path]):
            for excerpt in _excerpt(sources[path][line - 1], column - 1):
                print(f"    {excerpt}", file=console.err)


def _shown_path(path: str) -> str:
    """Relative to here where that is shorter, as editors and people prefer it."""
    try:
        near = os.path.relpath(path)
    except ValueError:
        return path
    return near if len(near) < len(path) else path


def _lines(path: Path) -> list[str]:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_EXCERPTED:
            return []
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return []
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _excerpt(line: str, at: int) -> tuple[str, ...]:
    first = max(0, at - _EXCERPT // 2) if width(line[:at]) > _EXCERPT - 10 else 0
    shown = visible(line[first:])
    if not shown.strip():
        return ()
    return clip(shown, _EXCERPT), " " * width(shown[: at - first]) + "^"
