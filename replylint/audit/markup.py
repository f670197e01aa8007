"""HTML and SVG as values. Whatever is not markup already is escaped, so no message can become part of the page."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TypeAlias

from replylint.render.width import visible


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child: TypeAlias = "str | int | float | Iterable[Child] | None"

_VOID = frozenset({"meta", "br", "input", "rect", "line", "path", "circle"})
_NAMES = {"class_": "class", "http_equiv": "http-equiv"}


def tag(name: str, /, *children: Child, **attributes: str | int | float | bool | None) -> Markup:
    """An element. Attributes that are None or False are left out; `class_` is class, `data_rule` is data-rule."""
    words = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        shown = _NAMES.get(key, key.replace("_", "-"))
        words.append(shown if value is True else f'{shown}="{html.escape(_plain(str(value)))}"')
    head = " ".join(words)
    # Within SVG an element without a slash would stay open.
    return Markup(f"<{head}/>" if name in _VOID else f"<{head}>{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Markup:
    """All of them, one after the other."""
    return Markup("".join(map(_markup, children)))


def _markup(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return html.escape(_plain(child), quote=False)
    if isinstance(child, (int, float)):
        return str(child)
    return joined(child)


def _plain(text: str) -> str:
    """What would hide, turn or break the text is one visible sign each; lines stay lines."""
    return text if text.isprintable() else "\n".join(map(visible, text.split("\n")))
