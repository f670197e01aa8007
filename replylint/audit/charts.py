"""The charts of the report, as SVG: plain shapes and texts, coloured by the page's style sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from replylint.audit.markup import Markup, tag

_WIDTH = 520
"""Units of a chart's width: about the pixels it has on a desktop; a phone shows it at two thirds."""

_LEFT, _TOP, _BOTTOM = 44, 12, 26
_TREND_HEIGHT, _HOURS_HEIGHT = 190, 150
_CELL = 20
_BAR_ROW = 42
_MOST_LABELS = 6


class Bar(NamedTuple):
    """A bar of parts, from the bottom up: (class of the style sheet, how much)."""

    label: str
    parts: tuple[tuple[str, int], ...]
    title: str


def columns(bars: Sequence[Bar], height: int = _TREND_HEIGHT) -> Markup:
    """Upright bars from left to right."""
    most = _round_up(max((sum(size for _, size in bar.parts) for bar in bars), default=0))
    room = height - _TOP - _BOTTOM
    step = (_WIDTH - _LEFT) / max(1, len(bars))
    thick = max(1.0, min(26.0, step * 0.62 if step > 3 else step))
    shapes: list[Markup] = []
    for share in (0, 0.5, 1):
        y = _TOP + room * (1 - share)
        shapes.append(tag("line", x1=_LEFT, x2=_WIDTH, y1=_n(y), y2=_n(y), class_="rule" if share else "base"))
        if share == 1 or most % 2 == 0:
            shapes.append(tag("text", f"{most * share:g}", x=_LEFT - 6, y=_n(y + 4), class_="end"))
    every = max(1, -(-len(bars) // _MOST_LABELS))
    for number, bar in enumerate(bars):
        x, y = _LEFT + step * (number + 0.5), float(_TOP + room)
        rects = []
        for name, size in bar.parts:
            tall = room * size / most
            y -= tall
            rects.append(tag("rect", x=_n(x - thick / 2), y=_n(y), width=_n(thick), height=_n(tall), class_=name))
        hit = tag("rect", x=_n(x - step / 2), y=_TOP, width=_n(step), height=room, class_="hit")
        shapes.append(tag("g", tag("title", bar.title), hit, rects))
        if number % every == 0:
            shapes.append(tag("text", bar.label, x=_n(x), y=height - 8, class_="mid"))
    return _svg(height, shapes)


def hour_columns(bars: Sequence[Bar]) -> Markup:
    """Bars of a day's hours."""
    return columns(bars, _HOURS_HEIGHT)


def heat(cells: Mapping[tuple[int, int], tuple[int, str]], weekdays: Sequence[str]) -> Markup:
    """Weekday by hour, the darker the more; `cells` holds how much and what is said about it."""
    most = max((size for size, _ in cells.values()), default=0) or 1
    shapes: list[Markup] = []
    for weekday, name in enumerate(weekdays):
        y = _TOP + weekday * _CELL
        shapes.append(tag("text", name, x=_LEFT - 6, y=y + 14, class_="end"))
        for hour in range(24):
            size, title = cells.get((weekday, hour), (0, ""))
            x = _LEFT + hour * (_WIDTH - _LEFT) / 24
            level = 0 if not size else 1 + min(4, int(5 * (size - 1) / most))
            box = tag(
                "rect", x=_n(x), y=y, width=_n((_WIDTH - _LEFT) / 24 - 2), height=_CELL - 2, rx=2, class_=f"heat{level}"
            )
            shapes.append(tag("g", tag("title", title), box) if title else box)
    for hour in range(0, 24, 3):
        x = _LEFT + (hour + 0.5) * (_WIDTH - _LEFT) / 24 - 1
        shapes.append(tag("text", f"{hour:02}", x=_n(x), y=_TOP + 7 * _CELL + 14, class_="mid"))
    return _svg(_TOP + 7 * _CELL + 22, shapes)


def shares(bars: Sequence[Bar]) -> Markup:
    """Lying bars with their label above and their title behind them."""
    most = max((sum(size for _, size in bar.parts) for bar in bars), default=0) or 1
    shapes: list[Markup] = []
    for number, bar in enumerate(bars):
        y = number * _BAR_ROW
        shapes.append(tag("text", bar.label, x=0, y=y + 16, class_="strong"))
        x = 0.0
        for name, size in bar.parts:
            wide = (_WIDTH - 100) * size / most
            shapes.append(tag("rect", x=_n(x), y=y + 23, width=_n(wide), height=8, class_=name))
            x += wide
        shapes.append(tag("text", bar.title, x=_n(x + 8), y=y + 32))
    return _svg(len(bars) * _BAR_ROW, shapes)


def spark(share: float, name: str) -> Markup:
    """A small bar for a cell of a table; `share` is from 0 to 1."""
    filled = tag("rect", x=0, y=0, width=_n(72 * share), height=6, class_=name)
    return tag("svg", filled, viewBox="0 0 72 6", width=72, height=6, class_="spark", aria_hidden="true")


def _svg(height: float, shapes: Sequence[Markup]) -> Markup:
    return tag("svg", shapes, viewBox=f"0 0 {_WIDTH} {_n(height)}", role="img", class_="chart")


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _round_up(value: int) -> int:
    """The next number that reads well at the end of an axis."""
    if value <= 4:
        return max(2, value + value % 2)
    size: int = 10 ** (len(str(value)) - 1)
    return next(step for step in (size, 2 * size, 4 * size, 6 * size, 8 * size, 10 * size) if step >= value)
