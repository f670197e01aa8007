"""The frame notation: how a rule says which concepts meet, and its translation to nodes.

=====================  ==========================================================================================
``微信``                these characters
``{messenger}``        any member of the concept
``{@mobile}``          a recognised entity (phone number, address, …)
``{#}``                a number, in digits or written out
``(a|b {c})``          one of several; ``{c}?`` and ``(…)?`` may be missing
``加{messenger}``       written together; a symbol or two may stand between
``a b``                in this order, at most two characters between
``a .. b`` ``a ..9 b``  in this order, at most six (nine) characters between, in one clause
``a // b`` ``a //40 b`` in this order, at most 24 (40) characters between, clause ends included
``a & b`` ``a &12 b``   in either order, at most 8 (12) characters between, in one clause
``a && b`` ``&&60``     in either order, at most 40 (60) characters between, clause ends included
``^`` ``$``            the clause begins or ends here (greetings and final particles do not count)
``!(a|b)``             what follows directly is none of these
``<!(a|b)``            what stands directly before is none of these
``[…]``                the part to mark
=====================  ==========================================================================================

A frame becomes a node of a table shared by a whole pack set, so that a concept is looked for once in a text however
many frames use it. What a node means on a text is `passage.Passage.spans`' business.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from replylint.expression import Expression

BREAKS = ",!?;\n"
"""Signs that end a clause, after folding (。 is a ! by then)."""

ENTITY_KINDS = (
    "mobile", "landline", "id_card", "bank_card", "email", "address", "plate", "handle", "number_5_11",
    "link", "masked_mobile", "redacted", "hotline", "masked_phone",
)  # fmt: skip

ENTITY_GROUPS = {
    "phone": ("mobile", "landline", "masked_phone"),
    "account": ("handle", "number_5_11", "mobile", "email"),
    "id": ("id_card",),
    "card": ("bank_card",),
}
"""Entity names a frame may also use, each standing for several kinds."""

TOUCHING = -1
"""A reach: nothing but a symbol or two between the parts."""

_NEAR = 2
_USUAL_REACH = {"..": 6, "//": 24, "&": 8, "&&": 40}
_MOST = 80
_MOST_MISSING = 16
"""Parts of a chain with a wider gap before one of them that may be missing: each may double the ways it is written."""
_ACROSS = ("//", "&&")

Op = Literal["words", "entity", "number", "any", "chain", "meet"]


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


class Link(NamedTuple):
    """A part of a chain and how it hangs on the part before it.

    reach      most characters between the two, or TOUCHING
    across     a clause may end between them
    before     a node that must not end where this part starts, or -1
    behind     a node that must not start where this part ends, or -1
    """

    node: int
    reach: int = TOUCHING
    across: bool = False
    optional: bool = False
    before: int = -1
    behind: int = -1
    marked: bool = False


class Node(NamedTuple):
    """A piece of a frame. Other nodes are named by their number in the table.

    words   any of `words`
    entity  a recognised entity of a kind in `words`
    number  a number
    any     any of the links' nodes
    chain   the links in order; `opens`/`closes`: where a clause begins/ends
    meet    two links in either order

    `benign` is a node inside whose spans this one means nothing, or -1.
    """

    op: Op
    words: frozenset[str] = frozenset()
    links: tuple[Link, ...] = ()
    opens: bool = False
    closes: bool = False
    benign: int = -1


Piece: TypeAlias = int | frozenset[str]
"""A part of a frame while it is read: a node's number, or plain words that have none yet."""


class Frame(NamedTuple):
    """A translated frame and its node."""

    source: str
    node: int


class Grammar:
    """Translates frames over a fixed set of concepts into one table of nodes."""

    def __init__(self, concepts: Mapping[str, Concept], fold: Callable[[str], str] = str) -> None:
        """`fold` is applied to every word, so that a pack may say VX or 發票 and meet the folded reply."""
        self._concepts = concepts
        self._fold = fold
        self._nodes: list[Node] = []
        self._numbers: dict[Node, int] = {}
        self._named: dict[str, int] = {}
        self._open: list[str] = []

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The table, so far."""
        return tuple(self._nodes)

    def translate(self, source: str) -> Frame:
        """The frame; raises FrameError."""
        return Frame(source, self._number(self._parse(source)))

    def either(self, frames: Sequence[Frame]) -> Frame:
        """Several frames as one that holds where any of them does."""
        source = " | ".join(frame.source for frame in frames)
        return Frame(source, self._number(self._one_of([frame.node for frame in frames])))

    @property
    def used(self) -> Set[str]:
        """The concepts that frames have used so far, and those that these use."""
        return self._named.keys()

    def node(self, number: int) -> Node:
        """A node of the table."""
        return self._nodes[number]

    def any_of(self, sources: Sequence[str], benign: Sequence[str] = ()) -> int:
        """The node of any of several frames; raises FrameError."""
        unless = self.any_of(benign) if benign else -1
        return self._number(self._one_of(list(map(self._parse, sources)), unless))

    def _parse(self, source: str) -> Piece:
        if source and _SPECIAL.isdisjoint(source):
            return frozenset((self._fold(source),))
        return _Parser(source, self._fold, self._concept, self._one_of, self._number).parse()

    def _concept(self, name: str, at: int) -> int:
        """The node of a concept; it may use others, but not itself."""
        if name in self._named:
            return self._named[name]
        if name not in self._concepts:
            raise FrameError(f"unknown concept {{{name}}}", at)
        if name in self._open:
            raise FrameError(f"concept {{{name}}} contains itself", at)
        self._open.append(name)
        concept = self._concepts[name]
        try:
            number = self._named[name] = self.any_of(concept.phrases, concept.benign)
        finally:
            self._open.pop()
        return number

    def _one_of(self, pieces: Sequence[Piece], benign: int = -1) -> Piece:
        """Alternatives, plain words among them as one set."""
        found: set[str] = set()
        others: list[int] = []
        for piece in dict.fromkeys(pieces):
            if isinstance(piece, frozenset):
                found |= piece
            elif self._nodes[piece].op == "words" and self._nodes[piece].benign < 0:
                found |= self._nodes[piece].words
            else:
                others.append(piece)
        words = frozenset(found)
        if not others:
            return words if benign < 0 else self._add(Node("words", words, benign=benign))
        if len(others) == 1 and not words and benign < 0:
            return others[0]
        options = [*([self._number(words)] if words else []), *others]
        return self._add(Node("any", links=tuple(map(Link, options)), benign=benign))

    def _number(self, piece: Piece | Node) -> int:
        """The number of a node, or of a set of words as one."""
        if isinstance(piece, int):
            return piece
        return self._add(Node("words", piece) if isinstance(piece, frozenset) else piece)

    def _add(self, node: Node) -> int:
        number = self._numbers.get(node)
        if number is None:
            number = self._numbers[node] = len(self._nodes)
            self._nodes.append(node)
        return number


def words_in(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Every word of some nodes, once."""
    return tuple(dict.fromkeys(word for node in nodes if node.op == "words" for word in sorted(node.words)))


_SIGNS = "{}()[]|?^$!<.& /"
_SPECIAL = frozenset(_SIGNS)
_PLAIN = f"[^{re.escape(_SIGNS)}]"
_PLAIN_OPTION = Expression(rf" *({_PLAIN}+) *(?=[|)\]]|\Z)")
# A single full stop is a character (1.5), two are a gap; so with slashes.
_CHARACTERS = Expression(rf"(?:{_PLAIN}|(?<!\.)\.(?!\.)|(?<!/)/(?!/))+")


class _Parser:
    """Recursive descent over one frame."""

    def __init__(
        self,
        source: str,
        fold: Callable[[str], str],
        concept: Callable[[str, int], int],
        one_of: Callable[[Sequence[Piece]], Piece],
        number: Callable[[Piece | Node], int],
    ) -> None:
        self._source = source
        self._fold = fold
        self._concept = concept
        self._one_of = one_of
        self._number = number
        self._at = 0

    def parse(self) -> Piece:
        piece = self._alternatives()
        if self._at < len(self._source):
            raise FrameError(f"unexpected {self._source[self._at]!r}", self._at)
        return piece

    def _alternatives(self) -> Piece:
        options = [self._option()]
        while self._peek("|"):
            self._at += 1
            options.append(self._option())
        return self._one_of(options)

    def _option(self) -> Piece:
        """What stands between two bars: a plain word, three times out of four."""
        plain = _PLAIN_OPTION.match(self._source, self._at)
        if plain is None:
            return self._meeting()
        self._at = plain.end()
        return self._word(plain[1])

    def _meeting(self) -> Piece:
        piece = self._chain()
        while self._peek("&"):
            sign = "&&" if self._peek("&&") else "&"
            self._at += len(sign)
            reach = self._reach(sign)
            self._blanks()
            other = Link(self._number(self._chain()), reach, sign in _ACROSS)
            piece = self._number(Node("meet", links=(Link(self._number(piece)), other)))
        return piece

    def _chain(self) -> Piece:
        pieces: list[Piece] = []
        links: list[Link] = []
        opens = closes = False
        reach, across, before = TOUCHING, False, -1
        self._blanks()
        start = self._at
        if self._peek("^"):
            self._at += 1
            opens = True
            self._blanks()
        while not self._ends():
            char = self._source[self._at]
            if char == " ":
                self._blanks()
                reach = _NEAR if links and reach == TOUCHING else reach
            elif char in "./" and self._peek(char * 2):
                sign = self._source[self._at : self._at + 2]
                self._at += 2
                reach, across = self._reach(sign), sign in _ACROSS
                self._blanks()
            elif char == "<" and self._peek("<!("):
                self._at += 2
                before = self._number(self._group())
            elif char == "!" and self._peek("!("):
                at = self._at
                self._at += 1
                behind = self._number(self._group())
                if not links:
                    raise FrameError("nothing stands before !(", at)
                links[-1] = links[-1]._replace(behind=behind)
            elif char == "$":
                at = self._at
                self._at += 1
                closes = True
                self._blanks()
                if not self._ends():
                    raise FrameError("$ stands at the end", at)
            else:
                for piece, link in self._part(Link(-1, reach, across, before=before)):
                    pieces.append(piece)
                    links.append(link)
                reach, across, before = TOUCHING, False, -1
        if not any(not link.optional for link in links):
            raise FrameError("no words here", self._at)
        if links[0].reach != TOUCHING:
            raise FrameError("a gap stands between two parts", start)
        return self._placed(pieces, links, opens, closes)

    def _placed(self, pieces: Sequence[Piece], links: Sequence[Link], opens: bool, closes: bool) -> Piece:
        """The parts as one piece. What begins with a part that may be missing is one of two, and so is what has one
        behind a gap: in `a ..4 b?c` the gap is there without it, too.
        """
        first = links[0]._replace(reach=TOUCHING, across=False, optional=False)
        if links[0].optional:
            shorter = self._placed(pieces[1:], links[1:], opens, closes)
            return self._one_of([self._placed(pieces, [first, *links[1:]], opens, closes), shorter])
        for at, (link, following) in enumerate(pairwise(links)):
            across, reach = max((link.across, link.reach), (following.across, following.reach))
            if link.optional and (across, reach) != (following.across, following.reach):
                if sum(part.optional for part in links) > _MOST_MISSING:
                    raise FrameError(f"at most {_MOST_MISSING} parts may be missing beside a wider gap", self._at)
                there = [*links[:at], link._replace(optional=False), *links[at + 1 :]]
                missing = [*links[:at], following._replace(reach=reach, across=across), *links[at + 2 :]]
                others = [*pieces[:at], *pieces[at + 1 :]]
                ways = [self._placed(pieces, there, opens, closes), self._placed(others, missing, opens, closes)]
                return self._one_of(ways)
        if len(links) == 1 and first == Link(-1) and not (opens or closes):
            return pieces[0]
        parts = zip(pieces, [first, *links[1:]], strict=True)
        placed = tuple(link._replace(node=self._number(piece)) for piece, link in parts)
        return self._number(Node("chain", links=placed, opens=opens, closes=closes))

    def _part(self, link: Link) -> list[tuple[Piece, Link]]:
        """The next part; characters of which the last may be missing are two."""
        if self._peek("{"):
            piece = self._braces()
        elif self._peek("("):
            piece = self._group()
        elif self._peek("["):
            self._at += 1
            piece = self._alternatives()
            self._expect("]")
            return [(piece, link._replace(marked=True))]
        else:
            return self._characters(link)
        return [(piece, link._replace(optional=self._may_be_missing()))]

    def _reach(self, sign: str) -> int:
        start = self._at
        while self._at < len(self._source) and self._source[self._at].isdecimal():
            self._at += 1
        reach = int(self._source[start : self._at] or _USUAL_REACH[sign])
        if not 0 < reach <= _MOST:
            raise FrameError(f"a gap is 1 to {_MOST} characters", self._at)
        return reach

    def _group(self) -> Piece:
        self._expect("(")
        piece = self._alternatives()
        self._expect(")")
        return piece

    def _braces(self) -> Piece:
        close = self._source.find("}", self._at)
        if close < 0:
            raise FrameError("missing }", len(self._source))
        name, at = self._source[self._at + 1 : close], self._at
        self._at = close + 1
        if name == "#":
            return self._number(Node("number"))
        if not name.startswith("@"):
            return self._concept(name, at)
        kinds = ENTITY_GROUPS.get(name[1:], (name[1:],))
        if any(kind not in ENTITY_KINDS for kind in kinds):
            raise FrameError(f"unknown entity {{{name}}}", at)
        return self._number(Node("entity", frozenset(kinds)))

    def _characters(self, link: Link) -> list[tuple[Piece, Link]]:
        start = self._at
        found = _CHARACTERS.match(self._source, start)
        word = found[0] if found else ""
        self._at += len(word)
        if not word:
            raise FrameError(f"unexpected {self._source[start]!r}", start)
        if not self._may_be_missing():
            return [(self._word(word), link)]
        if len(word) == 1:
            return [(self._word(word), link._replace(optional=True))]
        return [(self._word(word[:-1]), link), (self._word(word[-1]), Link(-1, optional=True))]

    def _word(self, word: str) -> frozenset[str]:
        return frozenset((self._fold(word),))

    def _may_be_missing(self) -> bool:
        if not self._peek("?"):
            return False
        self._at += 1
        return True

    def _ends(self) -> bool:
        return self._at >= len(self._source) or self._source[self._at] in "|)]&"

    def _blanks(self) -> None:
        while self._peek(" "):
            self._at += 1

    def _peek(self, sign: str) -> bool:
        return self._source.startswith(sign, self._at)

    def _expect(self, char: str) -> None:
        if not self._peek(char):
            raise FrameError(f"missing {char}", self._at)
        self._at += 1
