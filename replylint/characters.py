"""Kinds of characters. Which of them a text has is seen at one glance, and spares most texts a closer look."""

from collections.abc import Callable, Mapping

from replylint.core import core

FOLDED = 1
"""Is replaced by a plainer one (width, case, traditional form)."""
DROPPED = 2
"""May be left out when a text is folded: an invisible one, or a letter with a tone mark, of which glosses are made."""
SYMBOL = 4
"""May have been pushed into a word: neither a letter nor a sign that ends a clause or quotes."""
DIGIT = 8
"""A digit, in figures or written out."""
SIGN = 16
"""A figure, a Latin letter or a sign, of which every shape of personal data has one, but for addresses."""
NUMERAL = 32
"""A Chinese numeral, as before 号楼 in an address."""

_COUNTED = 64
"""How many digits a text has stands above all kinds."""

# Zero-width characters, direction marks, soft hyphen, variation selectors, the keycap ring of 1️⃣, Hangul filler, tags.
_INVISIBLE = (
    "\u00ad", "\u034f", "\u061c", "\u115f-\u1160", "\u17b4-\u17b5", "\u180b-\u180e", "\u200b-\u200f", "\u202a-\u202e",
    "\u2060-\u206f", "\u20e3", "\u3164", "\ufe00-\ufe0f", "\ufeff", "\uffa0", "\U000e0000-\U000e01ef",
)  # fmt: skip
INVISIBLE = "".join(_INVISIBLE)
"""What nobody sees, as the inside of a class of a regular expression."""
TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ"
"""Letters of a reading with its tone; 統(tǒng): mirrored pages print it after the character."""
DIGIT_WORDS = dict(zip("零〇o幺一二两三四五六七八九壹贰叁肆伍陆柒捌玖", "00011223456789123456789", strict=True))
"""Digits that are written out."""
DIGITS = frozenset((*"0123456789", *DIGIT_WORDS))
"""The characters of numbers, in figures or written out."""
CLAUSE_SIGNS = ",!?;\n“”「」『』‘’"
"""Signs that nobody reads over: “不合身包退”不算 is no 退不."""
NUMERALS = "零〇一二三四五六七八九十百"
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz@¥￥["


def _invisible() -> str:
    """Each of the invisible characters."""
    return "".join(chr(code) for run in _INVISIBLE for code in range(ord(run[0]), ord(run[-1]) + 1))


def _unless_told(character: str) -> int:
    """The kinds of a character of which nothing else is known."""
    return 0 if character.isalnum() else SYMBOL


def _kinds() -> dict[str, int]:
    """The kinds of the characters of which more is known."""
    kinds = dict.fromkeys(CLAUSE_SIGNS, 0) | dict.fromkeys("_", SYMBOL)
    for kind, those in (
        (DIGIT, "".join(DIGITS)), (SIGN, _SIGNS), (NUMERAL, NUMERALS), (DROPPED, _invisible() + TONED),
    ):  # fmt: skip
        for character in those:
            kinds[character] = kinds.get(character, _unless_told(character)) | kind
    return kinds


class PlainCharacters:
    """`Characters` that need nothing."""

    def __init__(self, kinds: Mapping[str, int], folded: str, plain: str) -> None:
        self._kinds = dict(kinds)
        for one, other in zip(folded, plain, strict=True):
            self._kinds[one] = FOLDED | self._kind(other)

    def glance(self, text: str, /) -> int:
        """See `Glance`."""
        seen = 0
        for character in text:
            kind = self._kind(character)
            seen = (seen | kind) + (_COUNTED if kind & DIGIT else 0)
        return seen

    def _kind(self, character: str) -> int:
        kind = self._kinds.get(character)
        return _unless_told(character) if kind is None else kind


Glance = Callable[[str], int]
"""Says which kinds of characters a text has, a bit each; `digits_in` knows how many digits it saw."""


def glance_at(folded: str = "", plain: str = "", *, compiled: bool = core is not None) -> Glance:
    """A glance at texts in which some characters are folded to others, each of which counts as what it becomes."""
    make = core.Characters if compiled else PlainCharacters
    glance: Glance = make(_kinds(), folded, plain).glance
    return glance


def digits_in(seen: int) -> int:
    """How many digits a text has, in figures or written out."""
    return seen // _COUNTED


DIGIT_KINDS = (("digits", 5), ("many_digits", 10))
"""Entity kinds that a text has with at least so many digits, wherever they stand: fewer make no number to look for."""
LEAST_DIGITS = min(least for _, least in DIGIT_KINDS)
"""Fewer are of no kind."""


def digit_kinds(number: int) -> tuple[str, ...]:
    """The kinds that so many digits make, the one that wants most last."""
    return tuple(kind for kind, least in DIGIT_KINDS if number >= least)
