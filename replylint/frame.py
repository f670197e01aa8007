"""The frame notation: how a rule says which concepts meet in which order, and its translation to a regular expression.

A frame is read aloud from left to right, e.g. ``{add} .. {messenger}`` or ``^{can} 开 $``:

======================  =====================================================================================
``微信``                 these characters
``{messenger}``         any phrase of the concept
``{@mobile}``           a recognised entity (phone number, address, …)
``{#}``                 a number, in digits or written out
``{:letter}``           one Latin letter; ``{:digit}`` one digit, ``{:han}`` one Chinese character
``(a|b {c})``           one of several; ``(…)?`` may be missing; ``{c}?`` and a character with ``?`` likewise
a space                 nothing or up to two characters of the same clause
``..``  ``..9``         up to six (nine) characters of the same clause
``//``  ``//30``        up to 24 (30) characters, clause breaks included
``^``  ``$``            the clause begins or ends here (greetings and final particles do not count)
``!(a|b)``              what follows is none of these
``<!(a|b)``             what stands before is none of these (characters only)
``[…]``                 the part to mark; without brackets all of it is marked
======================  =====================================================================================

The translation is bounded everywhere (no unlimited repetition outside an entity), so a frame cannot run away. What
stands in a gap is
captured, because a denial hiding there (加 *不了* 微信) turns the frame around.
"""

from __future__ import annotations

import re
import re._parser as _regex_parser  # type: ignore[import-not-found]  # the only way to see what a pattern requires
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from replylint.rarity import Cost, cost_of

BREAK = r",!?;\n"
"""Signs that end a clause, after folding (。 is a ! by then), as the inside of a character class."""

ENTITY_CHARS = {
    kind: chr(0xA000 + number)
    for number, kind in enumerate(
        ("mobile", "landline", "id_card", "bank_card", "email", "address", "plate", "handle", "number_5_11",
         "link", "masked_mobile", "redacted", "hotline", "masked_phone")
    )
}  # fmt: skip
"""The character that stands for each character of a recognised entity while frames are matched.

Yi syllables: letters to every pattern, and typed by nobody in these chats.
"""

ENTITY_GROUPS = {
    "phone": ("mobile", "landline", "masked_phone"),
    "account": ("handle", "number_5_11", "mobile", "email"),
    "id": ("id_card",),
    "card": ("bank_card",),
}
"""Entity names a frame may also use, each standing for several kinds."""

_NEAR, _FAR, _ACROSS = 2, 6, 24
_MOST = 60

REACH = 160
"""How far from one of its needed words a match may extend; frames of several wide gaps stay well below it."""


_JOINT = rf"[^\w{BREAK}]{{0,2}}"
"""What may stand between two parts of a frame that touch: 不支持😊信用卡, 直接 v我."""

_NUMBER = r"(?:[0-9]{1,12}(?:\.[0-9]{1,4})?%?|[零一二两三四五六七八九十百千万半几]{1,8})"

_CLASSES = {"{:letter}": "[a-z]", "{:digit}": "[0-9]", "{:han}": r"[^\W0-9a-z_]"}


class FrameError(ValueError):
    """A frame that cannot be read; `at` is the offset of the trouble in the frame's text."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class Concept(NamedTuple):
    """A named set of phrases (themselves frames). `benign` are longer words in which a phrase means nothing."""

    name: str
    phrases: tuple[str, ...]
    benign: tuple[str, ...] = ()


class Needs(NamedTuple):
    """What must occur for a pattern to match: one literal of each of `words`, and of each group one of its
    alternatives' needs.

    An entity stands among the literals as the character of its kind.
    """

    words: tuple[frozenset[str], ...] = ()
    groups: tuple[tuple[Needs, ...], ...] = ()

    def literals(self) -> Iterator[str]:
        """Every literal that is needed somewhere."""
        for need in self.words:
            yield from need
        for group in self.groups:
            for option in group:
                yield from option.literals()


class Pattern(NamedTuple):
    """A translated frame. Of `anchor`, its rarest words, one must occur; it is empty when nothing must.

    A match is never longer than `REACH` characters on either side of an anchor.
    """

    source: str
    regex: str
    needs: Needs
    anchor: frozenset[str]


class _Piece(NamedTuple):
    """A translated part of a frame; `solid` when it stands for characters, not for a gap or a condition."""

    regex: str
    needs: Needs = Needs()
    solid: bool = True


_EMPTY = _Piece("", solid=False)


def anchor_of(needs: Needs, cost: Cost) -> frozenset[str]:
    """The rarest set of literals of which one must occur, or nothing when nothing must."""
    anchors = list(needs.words)
    for group in needs.groups:
        options = [anchor_of(option, cost) for option in group]
        if all(options):
            anchors.append(frozenset().union(*options))
    return min(anchors, key=cost, default=frozenset())


class Grammar:
    """Translates frames over a fixed set of concepts; `fillers` and `particles` are what ``^`` and ``$`` look past."""

    def __init__(
        self,
        concepts: Mapping[str, Concept],
        fillers: Iterable[str] = (),
        particles: Iterable[str] = (),
        fold: Callable[[str], str] = str,
        cost: Cost = cost_of({}),  # noqa: B008 - a function of an empty table
    ) -> None:
        """`fold` is applied to every word, so that a pack may say VX or 發票 and meet the folded reply; `cost` ranks
        words.
        """
        self._cost = cost
        self._concepts = concepts
        self._fold = fold
        self._open: list[str] = []
        self._pieces: dict[str, _Piece] = {}
        filler, particle = alternation(map(fold, fillers)), alternation(map(fold, particles))
        lead = rf"(?:(?:{filler})[ ~]{{0,2}}){{0,3}}" if filler else ""
        self._start = rf"(?:(?<=[{BREAK} ~])|\A){lead}"
        tail = rf"(?:{particle}){{0,3}}" if particle else ""
        self._end = rf"(?={tail}[\W_]{{0,6}}(?:[{BREAK} ~]|\Z))"

    def translate(self, source: str) -> Pattern:
        """The pattern of a frame; raises FrameError."""
        piece = self._parse(source)
        return Pattern(source, piece.regex, piece.needs, anchor_of(piece.needs, self._cost))

    def _parse(self, source: str) -> _Piece:
        return _Parser(source, self._concept, self._fold, self._start, self._end).parse()

    def _concept(self, name: str, at: int) -> _Piece:
        """A concept's phrases as one alternation; a concept may use others, but not itself."""
        if name in self._pieces:
            return self._pieces[name]
        if name not in self._concepts:
            raise FrameError(f"unknown concept {{{name}}}", at)
        if name in self._open:
            raise FrameError(f"concept {{{name}}} contains itself", at)
        self._open.append(name)
        concept = self._concepts[name]
        try:
            plain = [phrase for phrase in concept.phrases if is_plain(phrase)]
            pieces = [self._literals(plain, concept.benign)] if plain else []
            for phrase in concept.phrases:
                if not is_plain(phrase):
                    pieces.append(self._parse(phrase))
        finally:
            self._open.pop()
        piece = self._pieces[name] = _one_of(pieces)
        return piece

    def _literals(self, phrases: Sequence[str], benign: Sequence[str]) -> _Piece:
        phrases, benign = [self._fold(phrase) for phrase in phrases], [self._fold(word) for word in benign]
        guard = benign_guard(phrases, benign)
        return _Piece(f"{guard}(?:{alternation(phrases)})", Needs((frozenset(phrases),)))


_SPECIAL = set("{}()[]|?^$!<. /\\")


def is_plain(phrase: str) -> bool:
    """True for a phrase that is nothing but characters."""
    return not _SPECIAL.intersection(phrase)


def alternation(phrases: Iterable[str]) -> str:
    """A regular expression for any of the phrases, the longest at each place, as a prefix tree."""
    tree: dict[str, dict[str, object]] = {}
    for phrase in phrases:
        node = tree
        for char in phrase:
            node = node.setdefault(char, {})  # type: ignore[assignment]
        node[""] = {}
    return _tree_regex(tree)


def _tree_regex(node: Mapping[str, object]) -> str:
    ends_here = "" in node
    singles: list[str] = []
    branches: list[str] = []
    for char, below in node.items():
        if not char:
            continue
        rest = _tree_regex(below)  # type: ignore[arg-type]
        if rest:
            branches.append(re.escape(char) + rest)
        else:
            singles.append(re.escape(char))
    if singles:
        branches.append(singles[0] if len(singles) == 1 else f"[{''.join(singles)}]")
    if not branches:
        return ""
    body = branches[0] if len(branches) == 1 and not ends_here else f"(?:{'|'.join(branches)})"
    return f"{body}?" if ends_here else body


def benign_guard(phrases: Iterable[str], benign: Iterable[str]) -> str:
    """Lookarounds that keep a phrase from matching inside a longer harmless word (微信 in 微信支付, 信 in 相信)."""
    ahead: set[tuple[str, str]] = set()
    for word in benign:
        for phrase in phrases:
            offset = word.find(phrase)
            while offset >= 0:
                ahead.add((word[:offset], word[offset:]))
                offset = word.find(phrase, offset + 1)
    if not ahead:
        return ""
    whole = alternation(rest for before, rest in ahead if not before)
    parts = [whole] if whole else []
    by_before: dict[str, list[str]] = {}
    for before, rest in sorted(ahead):
        if before:
            by_before.setdefault(before, []).append(rest)
    parts += [f"(?<={re.escape(before)}){alternation(rests)}" for before, rests in by_before.items()]
    return f"(?!{'|'.join(f'(?:{part})' for part in parts)})"


def _sequence(pieces: Sequence[_Piece]) -> _Piece:
    if len(pieces) == 1:
        return pieces[0]
    regex = ""
    for before, piece in zip((_EMPTY, *pieces), pieces, strict=False):
        regex += (_JOINT if before.solid and piece.solid else "") + piece.regex
    return _Piece(
        regex,
        Needs(
            tuple(words for piece in pieces for words in piece.needs.words),
            tuple(group for piece in pieces for group in piece.needs.groups),
        ),
    )


def _one_of(pieces: Sequence[_Piece]) -> _Piece:
    """Alternatives need what one of them needs; plain words among them are simply words."""
    if len(pieces) == 1:
        return pieces[0]
    regex = f"(?:{'|'.join(piece.regex for piece in pieces)})"
    if not all(piece.needs.words or piece.needs.groups for piece in pieces):
        return _Piece(regex)
    words = [piece.needs.words[0] for piece in pieces if len(piece.needs.words) == 1 and not piece.needs.groups]
    rest = tuple(piece.needs for piece in pieces if len(piece.needs.words) != 1 or piece.needs.groups)
    if not rest:
        return _Piece(regex, Needs((frozenset().union(*words),)))
    plain = (Needs((frozenset().union(*words),)),) if words else ()
    return _Piece(regex, Needs((), ((*plain, *rest),)))


class _ConceptLookup(Protocol):
    def __call__(self, name: str, at: int, /) -> _Piece: ...


class _Parser:
    """Recursive descent over one frame."""

    def __init__(self, source: str, concept: _ConceptLookup, fold: Callable[[str], str], start: str, end: str) -> None:
        self._source = source
        self._fold = fold
        self._at = 0
        self._concept = concept
        self._start = start
        self._end = end

    def parse(self) -> _Piece:
        piece = self._alternatives()
        if self._at < len(self._source):
            raise FrameError(f"unexpected {self._source[self._at]!r}", self._at)
        return piece

    def _alternatives(self) -> _Piece:
        options = [self._run()]
        while self._peek("|"):
            self._at += 1
            options.append(self._run())
        return _one_of(options)

    def _run(self) -> _Piece:
        pieces: list[_Piece] = []
        while self._at < len(self._source) and self._source[self._at] not in "|)]":
            pieces.append(self._item())
        return _sequence(pieces)

    def _item(self) -> _Piece:
        source, at = self._source, self._at
        if source.startswith("..", at):
            self._at += 2
            return self._gap(_FAR, f"[^{BREAK}]")
        if source.startswith("//", at):
            self._at += 2
            return self._gap(_ACROSS, r"[\s\S]")
        if source.startswith("!(", at):
            self._at += 2
            return _Piece(f"(?!{self._group().regex})", solid=False)
        if source.startswith("<!(", at):
            return self._behind()
        char = source[at]
        if char == " ":
            self._at = at + len(source[at:]) - len(source[at:].lstrip(" "))
            return _EMPTY if self._beside_gap(at) else _Piece(f"([^{BREAK}]{{0,{_NEAR}}}?)", solid=False)
        if char == "{":
            return self._optional(self._braces())
        if char == "(":
            self._at += 1
            return self._optional(self._group())
        if char == "[":
            self._at += 1
            inner = self._alternatives()
            self._expect("]")
            return inner._replace(regex=f"(?P<mark>{inner.regex})")
        if char in "^$":
            self._at += 1
            return _Piece(self._start if char == "^" else self._end, solid=False)
        return self._characters()

    def _beside_gap(self, space: int) -> bool:
        """A space next to a gap sign or at an edge is only layout."""
        before, after = self._source[:space].rstrip(" "), self._source[self._at :]
        return (
            not before
            or not after
            or bool(re.search(r"(?:\.\.|//)[0-9]*\Z|[|(\[^]\Z", before))
            or after.startswith(("..", "//", "|", ")", "]", "$"))
        )

    def _gap(self, most: int, inside: str) -> _Piece:
        digits = re.compile(r"[0-9]*").match(self._source, self._at)
        assert digits is not None
        if digits[0]:
            self._at = digits.end()
            most = int(digits[0])
        if not 0 < most <= _MOST:
            raise FrameError(f"a gap is 1 to {_MOST} characters", self._at)
        return _Piece(f"({inside}{{0,{most}}}?)", solid=False)

    def _behind(self) -> _Piece:
        self._at += 3
        close = self._source.find(")", self._at)
        if close < 0:
            raise FrameError("missing )", len(self._source))
        words = self._source[self._at : close].split("|")
        for word in words:
            if word not in _CLASSES and (not word or not is_plain(word.replace(".", "_"))):
                raise FrameError("<!(…) takes plain words", self._at)
        self._at = close + 1
        shapes = [_CLASSES.get(word) or re.escape(self._fold(word)) for word in words]
        return _Piece("".join(f"(?<!{shape})" for shape in shapes), solid=False)

    def _group(self) -> _Piece:
        inner = self._alternatives()
        self._expect(")")
        return inner._replace(regex=f"(?:{inner.regex})")

    def _braces(self) -> _Piece:
        close = self._source.find("}", self._at)
        if close < 0:
            raise FrameError("missing }", len(self._source))
        name, at = self._source[self._at + 1 : close], self._at
        self._at = close + 1
        if name == "#":
            return _Piece(_NUMBER)
        if f"{{{name}}}" in _CLASSES:
            return _Piece(_CLASSES[f"{{{name}}}"])
        if not name.startswith("@"):
            piece = self._concept(name, at)
            return piece._replace(regex=f"(?:{piece.regex})")
        kinds = ENTITY_GROUPS.get(name[1:], (name[1:],))
        unknown = [kind for kind in kinds if kind not in ENTITY_CHARS]
        if unknown:
            raise FrameError(f"unknown entity {{{name}}}", at)
        chars = [ENTITY_CHARS[kind] for kind in kinds]
        return _Piece(f"[{''.join(chars)}]+", Needs((frozenset(chars),)))

    def _optional(self, piece: _Piece) -> _Piece:
        if not self._peek("?"):
            return piece
        self._at += 1
        return _Piece(f"(?:{piece.regex})?")

    def _characters(self) -> _Piece:
        start = self._at
        while self._at < len(self._source) and self._is_character(self._at):
            self._at += 1
        if self._peek("?") and self._at - start > 1:
            self._at -= 1
        word = self._source[start : self._at]
        if not word:
            raise FrameError(f"unexpected {self._source[start]!r}", start)
        if self._peek("?"):
            return self._optional(_Piece(re.escape(self._fold(word))))
        word = self._fold(word)
        return _Piece(re.escape(word), Needs((frozenset((word,)),)))

    def _is_character(self, at: int) -> bool:
        """A single full stop is one (1.5), two are a gap."""
        char = self._source[at]
        alone = char == "." and not self._source.startswith("..", at) and not self._source.startswith("..", at - 1)
        return alone or char not in _SPECIAL

    def _peek(self, char: str) -> bool:
        return self._source.startswith(char, self._at)

    def _expect(self, char: str) -> None:
        if not self._peek(char):
            raise FrameError(f"missing {char}", self._at)
        self._at += 1


def required_literals(regex: str) -> Needs:
    """What must occur for a regular expression to match, derived from its parse tree; raises re.error."""
    return Needs(tuple(_required(_regex_parser.parse(regex))))


def _required(tree: Iterable[tuple[object, Any]]) -> list[frozenset[str]]:
    needs: list[frozenset[str]] = []
    run = ""
    for operation, argument in tree:
        name = str(operation)
        if name == "LITERAL":
            run += chr(argument)
            continue
        if run:
            needs.append(frozenset((run,)))
            run = ""
        if name == "SUBPATTERN":
            needs += _required(argument[3])
        elif name == "BRANCH":
            branches = [_required(branch) for branch in argument[1]]
            if all(branches):
                needs.append(frozenset().union(*(max(branch, key=_length) for branch in branches)))
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and argument[0] > 0:
            needs += _required(argument[2])
    if run:
        needs.append(frozenset((run,)))
    return needs


def _length(need: frozenset[str]) -> int:
    return min(map(len, need))
