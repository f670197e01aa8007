"""Files of replies: text with one reply a line, and the quick-phrase libraries (话术库) of agents, as CSV.

Every phrase knows where it stands, so that a finding can be pointed at, and a rewrite put in its place with all the
rest of the file left as it is. Offsets are half-open code points of the file's text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from replylint.expression import Expression

# The headers that 千牛 and 京东咚咚 write. They name columns, they are not matched in anyone's replies.
PHRASE_HEADER = "快捷短语"
CODE_HEADERS = ("快捷短语编码", "快捷编码")
GROUP_HEADERS = ("快捷短语分组",)

_DELIMITERS = (",", "\t", ";")
_LINE = Expression(r"[^\r\n]+")
_NEWLINE = Expression(r"\r\n|\r|\n")
_FENCE = Expression(r" {0,3}(```|~~~)")
_HEADING = Expression(r" {0,3}#{1,6}[ \t]+(.*?)#*\s*$")
_MARKDOWN_LEAD = Expression(r"(?:[ \t]*(?:[-*+]|[0-9]{1,3}[.)]|>)[ \t]+)*(?:\[[ xX]\][ \t]+)?[ \t]*")
_MARKDOWN_RULE = Expression(r"[-*_=| :]+|<!--.*-->")
_QUOTED = Expression(r'"(?:[^"]|"")*+"')

FlawKind: TypeAlias = Literal["no-phrase-column", "open-quote", "short-row"]


class Phrase(NamedTuple):
    """A reply in a file. The span covers the line or the whole cell with its quotes; `label` is its group and code."""

    text: str
    start: int
    end: int
    quoted: bool = False
    label: str = ""


class Book(NamedTuple):
    """A workbook with a phrase library. `text` is sheet number `chosen` as CSV, `rows` where in it each row begins."""

    sheets: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
    chosen: int
    text: str
    rows: tuple[int, ...]


class Flaw(NamedTuple):
    """A place of a library that could not be read. What stands around it was."""

    offset: int
    kind: FlawKind


class _Cell(NamedTuple):
    text: str
    start: int
    end: int
    quoted: bool


class LineIndex(NamedTuple):
    """Where the lines of a text begin."""

    starts: tuple[int, ...]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def index_lines(text: str) -> LineIndex:
    """The index of a text whose lines end with any of CR LF, CR and LF."""
    return LineIndex((0, *(newline.end() for newline in _NEWLINE.finditer(text))))


def read_lines(text: str) -> tuple[Phrase, ...]:
    """One phrase for every line that is not blank."""
    return tuple(Phrase(line[0], line.start(), line.end()) for line in _LINE.finditer(text) if line[0].strip())


def read_markdown(text: str) -> tuple[Phrase, ...]:
    """The phrases of a Markdown page: list items, quotes and lines of paragraphs, each under its nearest heading.

    Marks of the page (bullets, numbers, quotes, task boxes) are no part of a phrase and stay where they are; code,
    tables' rules and comments hold none.
    """
    found: list[Phrase] = []
    heading, fence = "", ""
    for line in _LINE.finditer(text):
        mark = _FENCE.match(line[0])
        if mark:
            fence = "" if fence else mark[1]
        title = _HEADING.match(line[0])
        if title and not fence:
            heading = title[1].strip()
        if fence or mark or title:
            continue
        lead = _MARKDOWN_LEAD.match(line[0])
        start = line.start() + (lead.end() if lead else 0)
        words = text[start : line.end()].rstrip()
        if words and not _MARKDOWN_RULE.fullmatch(words):
            found.append(Phrase(words, start, start + len(words), label=heading))
    return tuple(found)


def has_phrase_header(text: str) -> bool:
    """Whether the first line names a phrase column."""
    first = _NEWLINE.split(text, 1)[0]
    return any(cell.strip().strip('"') == PHRASE_HEADER for cell in first.split(_delimiter(first)))


def read_library(text: str) -> tuple[Phrase | Flaw, ...]:
    """The phrases and flaws of a quick-phrase library, in the order of the file; rows without a phrase are left out."""
    flaws: list[Flaw] = []
    rows = _rows(text, _delimiter(_NEWLINE.split(text, 1)[0]), flaws)
    header = [cell.text.strip() for cell in next(rows, [])]
    if PHRASE_HEADER not in header:
        return (Flaw(0, "no-phrase-column"),)
    column = header.index(PHRASE_HEADER)
    naming = [header.index(name) for name in (*GROUP_HEADERS, *CODE_HEADERS) if name in header]
    found: list[Phrase | Flaw] = []
    for row in rows:
        if column >= len(row):
            if any(cell.text.strip() for cell in row):
                flaws.append(Flaw(row[0].start, "short-row"))
        elif row[column].text.strip():
            label = " / ".join(row[at].text.strip() for at in naming if at < len(row) and row[at].text.strip())
            cell = row[column]
            found.append(Phrase(cell.text, cell.start, cell.end, cell.quoted, label))
    return tuple(sorted((*found, *flaws), key=_offset))


def offset_in_file(text: str, phrase: Phrase, index: int) -> int:
    """Where code point `index` of a phrase stands in the file (its end for the phrase's length)."""
    if not phrase.quoted:
        return phrase.start + index
    at = phrase.start + 1
    for _ in range(index):
        at += 2 if text[at] == '"' else 1
    return at


def written(phrase: Phrase, words: str, *, cell: bool) -> str:
    """`words` as they have to stand in the file in the phrase's place: one line of text, or a cell with its quotes."""
    if not cell:
        return " ".join(words.splitlines())
    if phrase.quoted or any(sign in words for sign in ('"', "\r", "\n", *_DELIMITERS)):
        return '"' + words.replace('"', '""') + '"'
    return words


def replaced(text: str, changes: Sequence[tuple[Phrase, str]]) -> str:
    """The text with each phrase's span replaced; the changes are in the order of the file."""
    parts: list[str] = []
    at = 0
    for phrase, words in changes:
        parts += (text[at : phrase.start], words)
        at = phrase.end
    return "".join((*parts, text[at:]))


def _offset(item: Phrase | Flaw) -> int:
    return item.start if isinstance(item, Phrase) else item.offset


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _rows(text: str, delimiter: str, flaws: list[Flaw]) -> Iterator[list[_Cell]]:
    plain = re.compile(f"[^{delimiter}\r\n]*")
    row: list[_Cell] = []
    at = 0
    while True:
        cell = _cell(text, at, delimiter, plain, flaws)
        row.append(cell)
        at = cell.end
        if text.startswith(delimiter, at):
            at += 1
            continue
        yield row
        row = []
        newline = _NEWLINE.match(text, at)
        if newline is None or newline.end() == len(text):
            return
        at = newline.end()


def _cell(text: str, at: int, delimiter: str, plain: re.Pattern[str], flaws: list[Flaw]) -> _Cell:
    quoted = _QUOTED.match(text, at)
    if quoted is not None and (quoted.end() == len(text) or text[quoted.end()] in (delimiter, "\r", "\n")):
        return _Cell(quoted[0][1:-1].replace('""', '"'), at, quoted.end(), True)
    if text.startswith('"', at) and (quoted is None or _NEWLINE.search(quoted[0])):
        # 亲,在的"没有收口: taking it for an opening quote would swallow the rest of the file, or the lines up to the
        # quote of another cell.
        flaws.append(Flaw(at, "open-quote"))
    found = plain.match(text, at)
    end = found.end() if found else at
    return _Cell(text[at:end], at, end, False)
