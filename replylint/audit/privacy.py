"""Personal data out of what leaves the audit: values masked by their shape, buyers called by stable pseudonyms.

A pseudonym is a keyed hash: the same buyer is the same word in every report made with the same key, and without the
key nobody can find out who it is by trying names.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from replylint.linter import bundled_folder
from replylint.model import Conversation
from replylint.text import Unmasker
from replylint.validators import Vocabulary, find_entities, mask

_KEY_BYTES = 32
_LONGEST_MASKED = 20_000
"""Code points of one message that are looked at closely; behind them only runs of digits are masked."""

_REMEMBERED = 300

_ORDER_NUMBER = re.compile(r"(?<![0-9])[0-9]{12,}(?![0-9])", re.ASCII)
_MANY_DIGITS = re.compile(r"[0-9]{6,}", re.ASCII)
_SHORTEST_ACCOUNT_NUMBER = 6
_SHOWN_OF_A_NUMBER = 4


class Edit(NamedTuple):
    """A span of a text and what stands in its place."""

    start: int
    end: int
    to: str


class Masked(NamedTuple):
    """A text that may be shown, and how offsets of the original move into it."""

    text: str
    edits: tuple[Edit, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the original is shown; what lies inside a masked value is the whole of it."""
        return self._moved(start, 0), self._moved(end, 1)

    def _moved(self, offset: int, side: int) -> int:
        shift = 0
        for edit in self.edits:
            if edit.end <= offset:
                shift += len(edit.to) - (edit.end - edit.start)
            elif edit.start < offset:
                return edit.start + shift + side * len(edit.to)
            else:
                break
        return offset + shift


class Masker(NamedTuple):
    """What may be shown of names and texts. With `off` everything may."""

    key: bytes
    off: bool = False

    def pseudonym(self, name: str) -> str:
        """What a buyer is called."""
        if self.off or not name:
            return name
        digest = hmac.digest(self.key, name.encode("utf-8", "replace"), "sha256")
        return "buyer-" + base64.b32encode(digest[:5]).decode("ascii").lower()

    def text(self, text: str, buyers: Iterable[str] = ()) -> Masked:
        """A message with personal values masked, and the names of its chat's buyers replaced."""
        if self.off:
            return Masked(text, ())
        names = {name: self.pseudonym(name) for name in buyers if name in text}
        return _applied(text, [*_name_edits(text, names), *value_edits(text)])

    def identity(self) -> str:
        """A word for the key and the switch, which tells nothing about the key."""
        return "shown" if self.off else hmac.digest(self.key, b"replylint", "sha256").hex()[:16]


def buyers_of(chat: Conversation) -> frozenset[str]:
    """The names by which a chat calls its buyer."""
    names = {turn.sender for turn in chat.turns if turn.role == "buyer" and turn.sender}
    return frozenset(name for name in (*names, chat.meta.buyer_id, chat.meta.order_buyer_id) if name)


class Fingerprints(NamedTuple):
    """The fingerprints of findings in one reply, which is `content` in its plain form."""

    content: str

    @classmethod
    def of(cls, reply: str) -> Fingerprints:
        """Those of a reply."""
        return cls(_content(reply))

    def mark(self, rule: str, words: str) -> str:
        """A finding by its content, so that it is known again in another export: the rule, the words, the whole reply.

        Masked values count by their mask, so a fingerprint cannot be used to try out telephone numbers.
        """
        plain = "\0".join((rule, _content(words), self.content))
        return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:16]


def _content(text: str) -> str:
    """A text without what differs between two exports of it: masked values, blanks, width, case."""
    return "".join(unicodedata.normalize("NFKC", _applied(text, value_edits(text)).text).casefold().split())


def value_edits(text: str) -> Sequence[Edit]:
    """What has to be masked in a text, whoever wrote it."""
    return _short_edits(text) if len(text) <= _REMEMBERED else _edits(text)


@lru_cache(maxsize=4096)
def _short_edits(text: str) -> Sequence[Edit]:
    """A third of what agents say, and all that rules suggest, is said again and again."""
    return _edits(text)


def _edits(text: str) -> Sequence[Edit]:
    edits = [
        Edit(match.start(), match.end(), "****" + match[0][-_SHOWN_OF_A_NUMBER:])
        for match in _ORDER_NUMBER.finditer(text)
    ]
    if len(text) > _LONGEST_MASKED:
        # A pasted megabyte is nobody's address; a number in it still is a number.
        tail = _MANY_DIGITS.finditer(text, _LONGEST_MASKED)
        edits += [Edit(match.start(), match.end(), "***") for match in tail]
        text = text[:_LONGEST_MASKED]
    vocabulary, names, unmasker = _words()
    view = bundled_folder().fold(text)
    for seen in (view, unmasker.unmask(view)):
        if seen is None:
            continue
        for entity in find_entities(seen.text, vocabulary):
            if entity.kind == "number_5_11" and entity.end - entity.start < _SHORTEST_ACCOUNT_NUMBER:
                continue
            value = seen.text[entity.start : entity.end]
            shown = mask(entity.kind, value, vocabulary)
            if shown != value:
                edits.append(Edit(*seen.span(entity.start, entity.end), shown))
    edits += [Edit(match.start("name"), match.end("name"), "**") for match in names.finditer(text)]
    return edits


def read_key(path: Path) -> bytes:
    """The key of a file, which is made where there is none; raises OSError, and ValueError for a file without one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_hex(_KEY_BYTES) + "\n", encoding="ascii")
        # Of two audits that start together the first one's key stays.
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    key = path.read_bytes().strip()
    if not key:
        raise ValueError(f"{path}: there is no key in this file")
    return key


def default_key_path() -> Path:
    """Where the key lies when nobody names a file: with the user's data, since a lost key renames every buyer."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "replylint" / "pseudonym.key"


@cache
def _words() -> tuple[Vocabulary, re.Pattern[str], Unmasker]:
    data = json.loads((Path(__file__).parents[1] / "data" / "personal.json").read_text(encoding="utf-8"))
    labels, others = (data.pop(name) for name in ("name_labels", "not_names"))
    names = re.compile(
        f"(?:{'|'.join(map(re.escape, labels))})[是叫为:： ]{{0,2}}"
        f"(?P<name>(?!{'|'.join(map(re.escape, others))})[一-鿿]{{2,3}}(?:女士|先生|小姐)?)"
    )
    vocabulary = Vocabulary(**{name: tuple(words) for name, words in data.items()})
    return vocabulary, names, Unmasker((), ())


def _name_edits(text: str, names: dict[str, str]) -> list[Edit]:
    edits = []
    for name, to in names.items():
        at = text.find(name) if len(name) > 1 else -1
        while at >= 0:
            edits.append(Edit(at, at + len(name), to))
            at = text.find(name, at + len(name))
    return edits


def _applied(text: str, edits: Sequence[Edit]) -> Masked:
    """The longest edit wins where two meet."""
    chosen: list[Edit] = []
    taken = bytearray(len(text)) if edits else bytearray()
    for edit in sorted(edits, key=lambda edit: (edit.start - edit.end, edit.start)):
        if taken.find(1, edit.start, edit.end) == -1:
            taken[edit.start : edit.end] = b"\1" * (edit.end - edit.start)
            chosen.append(edit)
    chosen.sort()
    parts: list[str] = []
    at = 0
    for edit in chosen:
        parts += (text[at : edit.start], edit.to)
        at = edit.end
    return Masked("".join((*parts, text[at:])), tuple(chosen))
