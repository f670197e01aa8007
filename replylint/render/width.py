"""How text looks in a terminal: its width in cells, cut and padded to fit, with marks below the right characters.

A Chinese character takes two cells and an accent none, so `len` is no measure. Every function that changes text for
display keeps its code points one to one, so offsets stay true.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from replylint.expression import Expression

_CLOSING = Expression("[,.;:!?)，。、；：！？）”」]+")
# A sign behind a Chinese character is a piece of its own; within a Latin word (`.replylint.yaml`) it is part of it.
_PIECES = Expression(r"(?<=[^\s!-~])[,.;:!?)]+|[!-~]+|.", re.DOTALL)
_SHOWN = {"\t": " ", "\u200d": "\u200d", "\ufe0f": "\ufe0f"}


def visible(text: str) -> str:
    """The text with everything that would act on a terminal or hide from the eye replaced by one visible character.

    An escape sequence in a chat must not recolour or rewrite the supervisor's screen, and a zero-width space is there
    to hide something.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _stand_in(char) for char in text)


def _stand_in(char: str) -> str:
    if char in _SHOWN:
        return _SHOWN[char]
    if char < " ":
        return chr(0x2400 + ord(char))
    if unicodedata.category(char) == "Zs":
        return "\u3000" if char == "\u3000" else " "
    return "·" if unicodedata.category(char) == "Cf" else "\ufffd"


def width(text: str) -> int:
    """How many cells the text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    return 0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 1


def pad(text: str, cells: int) -> str:
    """The text with blanks behind it up to a width."""
    return text + " " * (cells - width(text))


def pad_left(text: str, cells: int) -> str:
    """The text with blanks before it up to a width."""
    return " " * (cells - width(text)) + text


def clip(text: str, cells: int) -> str:
    """The text, or its beginning and an ellipsis, within a width of at least 2."""
    if len(text) * 2 <= cells or (len(text) <= cells * 2 and width(text) <= cells):
        return text
    used, end = 0, 0
    for char in text:
        used += _cells(char)
        if used > cells - 2:
            break
        end += 1
    return text[:end] + "…"


def window(text: str, start: int, end: int, cells: int) -> tuple[str, int, int]:
    """The part of a line around a span that fits the width, and the span in it; ellipses say what was left out."""
    if len(text) <= cells and width(text) <= cells:
        return text, start, end
    mark = text[start:end]
    if width(mark[:cells]) > cells - 24:
        mark = clip(mark, cells - 24)
    room = cells - width(mark) - 4
    first, last = start, end
    before = after = 0
    while first > 0 and before + _cells(text[first - 1]) <= max(room // 2, room - width(text[end : end + room])):
        first -= 1
        before += _cells(text[first])
    while last < len(text) and before + after + _cells(text[last]) <= room:
        after += _cells(text[last])
        last += 1
    head = ("…" if first else "") + text[first:start]
    return head + mark + text[end:last] + ("…" if last < len(text) else ""), len(head), len(head) + len(mark)


def underline(text: str, start: int, end: int, sign: str = "^") -> str:
    """A line that, printed below the text, marks a span of it."""
    return " " * width(text[:start]) + sign * max(1, width(text[start:end]))


def table(rows: Sequence[Sequence[str]], right: Iterable[int] = (), gap: str = "  ") -> list[str]:
    """Rows as lines with aligned columns; the columns named in `right` are flush right."""
    flush_right = frozenset(right)
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        gap.join(
            (pad_left if number in flush_right else pad)(cell, widths[number]) for number, cell in enumerate(row)
        ).rstrip()
        for row in rows
    ]


def wrap(text: str, cells: int, indent: str) -> str:
    """The text broken into lines of a width, the later ones indented. Latin words stay whole where they fit.

    No line begins with a closing sign.
    """
    lines: list[str] = []
    line = ""
    for piece in _PIECES.findall(text):
        if line and width(line) + width(piece) > cells and not _CLOSING.fullmatch(piece):
            lines.append(line.rstrip())
            line = ""
        line += piece if line or not piece.isspace() else ""
    return f"\n{indent}".join((*lines, line))
