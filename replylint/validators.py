"""Recognisers of personal data, accounts and links by their shape inside a folded text.

Folded means half-width, lower-case and simplified; written-out digits are converted beforehand where that is wanted.
The words around a shape (what labels an order number, what names a road) are data and come in as a `Vocabulary`.
Offsets are half-open code points. Every pattern is bounded, so a text costs time in proportion to its length.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from replylint.characters import NUMERAL, NUMERALS, SIGN
from replylint.expression import Expression

# The most specific first: of two readings of the same characters the earlier kind wins.
KINDS = (
    "id_card", "bank_card", "mobile", "landline", "hotline", "email", "link", "address",
    "plate", "masked_mobile", "masked_phone", "redacted", "number_5_11", "handle",
)  # fmt: skip

# Numbers and codes that a label word before them turns into an order, tracking or model number.
_LABELLED_KINDS = frozenset(
    ("id_card", "bank_card", "mobile", "landline", "hotline", "plate", "number_5_11", "handle")
)  # fmt: skip


class Entity(NamedTuple):
    kind: str
    start: int
    end: int


# ---- single values


# GB/T 2260, the first two digits; 81, 82 and 83 are the residence permits of Hong Kong, Macao and Taiwan.
_ID_REGIONS = Expression(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
# GB 11643-1999: ISO 7064 MOD 11-2.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK_DIGITS = "10x98765432"
_ID_SHAPE = Expression(r"[0-9]{17}[0-9xX]")

# Issuer ranges of ISO/IEC 7812: 62 UnionPay, 4 Visa, 5 Mastercard, 34 and 37 Amex, 30, 36 and 38 Diners, 35 JCB; 9 are
# Chinese debit cards older than the 62 range. Order numbers have 18 or 19 digits and one in ten has a Luhn sum, so
# these lengths count only behind 62 and 9558, the ranges that issued them.
_CARD_SHAPE = Expression(
    r"62[0-9]{14,17}|4[0-9]{12}(?:[0-9]{3})?|5[0-9]{15}|3[47][0-9]{13}|3[068][0-9]{12}|35[0-9]{14}"
    r"|9[0-9]{15,16}|9558[0-9]{15}"
)
_CN_MOBILE_SHAPE = Expression(r"1[3-9][0-9]{9}")
# 010 and 02x have eight-digit numbers, 03xx to 09xx seven or eight; none starts with 0, 1 or 9.
_LANDLINE = (
    r"(?:(?:\((?:010|02[0-9])\) ?|(?:010|02[0-9])[- ]?)[2-8][0-9]{3}"
    r"|(?:\(0[3-9][0-9]{2}\) ?|0[3-9][0-9]{2}[- ]?)[2-8][0-9]{2,3})[- ]?[0-9]{4}"
)
_LANDLINE_SHAPE = Expression(_LANDLINE)


def is_cn_mobile(digits: str) -> bool:
    """Eleven bare digits of a mainland mobile number."""
    return _CN_MOBILE_SHAPE.fullmatch(digits) is not None


def is_landline(text: str) -> bool:
    """A mainland number with its area code, with or without brackets, space or hyphen."""
    return _LANDLINE_SHAPE.fullmatch(text) is not None


def is_id_card(text: str) -> bool:
    """GB 11643: a region, a birth date that exists in 1900 to 2099, the right check digit (`x` in either case)."""
    if not _ID_SHAPE.fullmatch(text) or not _ID_REGIONS.match(text) or not _is_date(text[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECK_DIGITS[total % 11] == text[17].lower()


def is_bank_card(digits: str) -> bool:
    """Thirteen to nineteen bare digits of a known issuer range with a Luhn sum, and no EAN-13 barcode."""
    return _CARD_SHAPE.fullmatch(digits) is not None and _has_luhn_sum(digits) and not _is_ean_13(digits)


def _has_luhn_sum(digits: str) -> bool:
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    kept = (int(digit) for digit in digits[-1::-2])
    return (sum(kept) + sum(digit - 9 if digit > 9 else digit for digit in doubled)) % 10 == 0


def _is_ean_13(digits: str) -> bool:
    weighted = sum(int(digit) for digit in digits[0::2]) + 3 * sum(int(digit) for digit in digits[1::2])
    return len(digits) == 13 and weighted % 10 == 0


def _is_date(digits: str) -> bool:
    if digits[:2] not in ("19", "20") or len(digits) != 8:
        return False
    from datetime import date  # few replies hold eight digits

    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


# ---- shapes in a text


class Shape(NamedTuple):
    """An expression and, where the characters alone do not decide, what its match without separators must fulfil. It is
    looked for in texts with at least so many `digits` and with its `sign`.
    """

    kind: str
    expression: Expression
    holds: Callable[[str], bool] | None = None
    digits: int = 0
    sign: str = ""

    def may_be_in(self, text: str, digits: int) -> bool:
        """Whether it is worth looking for in a text with so many digits: most have none at all."""
        return digits >= self.digits and self.sign in text


# A number is no part of a longer run, model number (kf-138...), decimal or size (12000*800).
_ALONE = r"(?<![0-9a-z_*×])(?<![0-9a-z_]-)(?<![0-9]\.){}(?![0-9a-z_*×])(?![-.][0-9])"
_MOBILE = (
    r"(?:\((?:\+|00)?86\) ?|(?:\+|00)?86[- ]?)?1[3-9][0-9]"
    # Privacy numbers of the platforms carry an extension: 138...-1234.
    r"(?:[0-9]{8}(?:-[0-9]{1,4})?|[- ][0-9]{4}[- ]?[0-9]{4}|[0-9]{4}[- ][0-9]{4}"
    r"|[0-9][- ][0-9]{3}[- ][0-9]{4}|[0-9][- ][0-9]{4}[- ][0-9]{3}"
    # 13800 138000 and the like: cut in two somewhere in the middle.
    r"|[0-9][- ][0-9]{7}|[0-9]{2}[- ][0-9]{6}|[0-9]{3}[- ][0-9]{5})"
)
_TAIWAN_MOBILE = r"(?:\+?886[- ]?0?9[0-9]{2}|09[0-9]{2})[- ]?[0-9]{3}[- ]?[0-9]{3}"
_HOTLINE = r"(?:[48]00[- ]?[0-9]{3}[- ]?[0-9]{4}|[48]00-[0-9]{4}-[0-9]{3}|95[0-9]{3})"
_EMAIL = r"(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}(?![a-z0-9-])"
_TOP_LEVEL = (
    "com|cn|net|org|top|xyz|shop|vip|cc|co|io|me|tv|info|biz|site|online|club|store|app|link|live|fun|ltd|tech|wang|"
    "mobi|asia|pro|im|la|ly|gl|tw|hk|jp|kr|us|uk|ru|de|fr|icu|ink|art|edu|gov"
)
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_PATH = r"(?::[0-9]{1,5})?(?:[/?#](?:[!#-;=?-~]{0,2000}[a-z0-9/=_~&#%-])?)?"
_LINK = (
    r"(?<![a-z0-9])(?:https?://|www\.)[!#-;=?-~]{0,2000}[a-z0-9/=_~&#%-]"
    rf"|(?<![a-z0-9@._-])(?:[a-z0-9][a-z0-9-]{{0,62}}\.){{1,5}}(?:{_TOP_LEVEL})(?![a-z0-9-]){_PATH}"
    rf"|(?<![a-z0-9._-])(?:{_BYTE}\.){{3}}{_BYTE}(?![a-z0-9_]|\.[0-9]){_PATH}"
    # A share token of Taobao: a code between two currency signs.
    r"|[¥￥€$₤](?=[0-9]{0,19}[a-z])[a-z0-9]{3,20}[¥￥€$₤]"
)
# GA 36-2018: the character of the province, a letter, five or six more; I and O are not used.
_PLATE = (
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-hj-np-z][·. -]?"
    r"(?=[a-z]{0,4}[0-9][a-z]{0,4}[0-9])[a-hj-np-z0-9]{4,5}[a-hj-np-z0-9挂学警港澳](?![0-9a-z_-])"
)
_HANDLE = r"(?<![a-z0-9_-])[a-z](?=[a-z]{0,19}[0-9_-])[a-z0-9_-]{4,19}(?![a-z0-9_-])"
# Couriers write two to four letters and a long number; the Universal Postal Union (S10) two, nine digits, two.
_TRACKING = Expression(r"[a-z]{1,4}(?P<number>[0-9]{10,})|[a-z]{2}[0-9]{9}[a-z]{2}")


def _is_no_tracking_number(token: str) -> bool:
    tracking = _TRACKING.fullmatch(token)
    return tracking is None or is_cn_mobile(tracking["number"] or "")


def _is_no_date(digits: str) -> bool:
    return not _is_date(digits)


def _alone(expression: str, before: str = "") -> Expression:
    return Expression(before + _ALONE.replace("{}", f"(?:{expression})", 1))


SHAPES = (
    Shape("id_card", _alone(r"[0-9]{6}[- ]?[0-9]{8}[- ]?[0-9]{3}[0-9x]"), is_id_card, 17),
    Shape("bank_card", _alone(r"[0-9]{13,19}"), is_bank_card, 13),
    Shape("bank_card", _alone(r"[0-9]{6}[- ][0-9]{10,13}"), is_bank_card, 16),
    Shape("bank_card", _alone(r"[0-9]{4}([- ])[0-9]{4}(?:\1[0-9]{4}){1,2}(?:\1[0-9]{1,4})?"), is_bank_card, 12),
    # The same without the tail, for a card that a space and another number follow.
    Shape("bank_card", _alone(r"[0-9]{4}([- ])[0-9]{4}(?:\1[0-9]{4}){2}"), is_bank_card, 16),
    Shape("mobile", _alone(_MOBILE), digits=11),
    Shape("mobile", _alone(_TAIWAN_MOBILE), digits=10),
    Shape("landline", _alone(rf"{_LANDLINE}(?:-[0-9]{{1,5}})?"), digits=11),
    Shape("hotline", _alone(rf"{_HOTLINE}(?:-[0-9]{{1,4}})?"), digits=5),
    Shape("email", Expression(_EMAIL), sign="@"),
    Shape("link", Expression(_LINK)),
    Shape("plate", Expression(_PLATE)),
    Shape("masked_mobile", Expression(r"(?<![0-9a-z_])1[3-9][0-9][*x●•]{4}[0-9]{4}(?![0-9a-z_])"), digits=7),
    # What log exports put in place of a value, [..x], and any other number starred out.
    Shape(
        "redacted",
        Expression(r"\[[一-鿿]{1,6}x\]|(?<![0-9a-z_*])[0-9]{1,6}[*●•]{3,20}[0-9]{0,6}x?(?![0-9a-z_*])"),
    ),
    Shape("number_5_11", _alone(r"[1-9][0-9]{4,10}", before="(?<![¥￥$€])"), _is_no_date, 5),
    Shape("handle", Expression(_HANDLE), _is_no_tracking_number),
)
_SEPARATORS = str.maketrans("", "", "- ")
_FIGURE = Expression("[0-9]")


def _shapes(text: str) -> Iterator[Entity]:
    digits = len(_FIGURE.findall(text))
    for shape in SHAPES:
        for match in shape.expression.finditer(text) if shape.may_be_in(text, digits) else ():
            value = match[0] if shape.kind == "handle" else match[0].translate(_SEPARATORS)
            if shape.holds is None or shape.holds(value):
                yield Entity(shape.kind, match.start(), match.end())


# ---- the words around a shape


def _any_of(words: Sequence[str]) -> str:
    """A pattern for any of `words`, the longest first; it never matches when there is none."""
    longest_first = sorted(filter(None, words), key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, longest_first))})" if longest_first else "(?!)"


_HOUSE_NUMBER = rf"(?:[0-9]{{1,5}}[a-z]?(?:-[0-9a-z]{{1,4}}){{0,3}}|[a-z][0-9]{{0,3}}|[{NUMERALS}]{{1,4}})"
_DOOR = r"(?:[ -]?(?:[0-9]{1,2}-)?[0-9]{3,5}(?![0-9a-z_.%*-]))?"
_BLOCK_ENTRANCE_DOOR = r"[0-9]{1,3}-[0-9]{1,2}-[0-9]{3,4}(?![0-9a-z_.*-])"
# The name of a place before its number: ideographs, and a digit as in "3rd Wen Road" once numerals are converted.
_LONGEST_NAME = 30
_NAME = Expression(rf"(?:[一-鿿㐀-䶿 ]|(?<![0-9a-z])[0-9](?![0-9a-z])){{1,{_LONGEST_NAME}}}\Z")
_LEVEL_NUMBER = Expression(r"[0-9a-z]+")
_FARTHEST_NUMBER = 6
_LONGEST_STRETCH = 3
_LONGEST_REGION_NAME = 3
_LONGEST_PLACE_NAME = 4
_LABEL_LINK = r"[ :=#'\"(\[<【「“]{0,3}[一-鿿]?[ :=#'\"(\[<【「“]{0,2}"
_LONGEST_LABEL_LINK = 6


def _numbers_of_an_address(unit_words: Sequence[str]) -> str:
    level = rf"{_HOUSE_NUMBER}{_any_of(unit_words)}{{1,2}}"
    return (
        rf"(?<![0-9a-z_.*{NUMERALS}-])"
        rf"(?:{level}(?:[ -]?{level}){{0,6}}{_DOOR}|(?P<hyphened>{_BLOCK_ENTRANCE_DOOR}))"
    )


class Vocabulary:
    """The words that decide what a number or a name is; immutable.

    labels: what stands before an order, tracking, batch or model number.
    road_words, building_words: what the name of a road, a housing estate or a building ends in.
    unit_words: what follows a number in an address (house number, block, entrance, room).
    not_address: phrases in which one of these words means something else.
    region_words: what the name of a province, city or district ends in; a masked address is cut behind the last.
    before_words: what stands before a place and is no part of its name ("at", "send to").
    phone_words: what a log export writes in place of a phone number ([phone x]).
    """

    def __init__(
        self,
        labels: Sequence[str] = (),
        road_words: Sequence[str] = (),
        building_words: Sequence[str] = (),
        unit_words: Sequence[str] = (),
        not_address: Sequence[str] = (),
        region_words: Sequence[str] = (),
        before_words: Sequence[str] = (),
        phone_words: Sequence[str] = (),
    ) -> None:
        self.labels = tuple(labels)
        self.road_words = tuple(road_words)
        self.building_words = tuple(building_words)
        self.unit_words = tuple(unit_words)
        self.not_address = tuple(not_address)
        self.region_words = tuple(region_words)
        self.before_words = tuple(before_words)
        self.phone_words = tuple(phone_words)

    def words(self) -> dict[str, tuple[str, ...]]:
        """The word lists by name, as the constructor takes them."""
        return {
            "labels": self.labels,
            "road_words": self.road_words,
            "building_words": self.building_words,
            "unit_words": self.unit_words,
            "not_address": self.not_address,
            "region_words": self.region_words,
            "before_words": self.before_words,
            "phone_words": self.phone_words,
        }

    def __eq__(self, other: object) -> bool:
        return self.words() == other.words() if isinstance(other, Vocabulary) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.words().values()))

    def __reduce__(self) -> tuple[Any, ...]:
        return Vocabulary, tuple(self.words().values())

    # Most texts ask for two of these, and compiling all takes longer than checking a hundred replies.

    @cached_property
    def _may_hold(self) -> re.Pattern[str]:
        return re.compile(
            rf"[0-9][0-9 ()*●•-]{{3}}|[a-z0-9_][a-z0-9_-]{{4}}|@|[¥￥][a-z0-9]|[a-z0-9][.][a-z0-9]|{_PLATE}"
            rf"|\[{_any_of(self.phone_words)}x\]|[0-9a-z{NUMERALS}]{_any_of(self.unit_words)}"
        )

    @cached_property
    def _house_number(self) -> re.Pattern[str]:
        return re.compile(rf"[{NUMERALS}]{_any_of(self.unit_words)}")

    @cached_property
    def _label(self) -> re.Pattern[str]:
        return re.compile(rf"{_any_of(self.labels)}{_LABEL_LINK}\Z")

    @cached_property
    def _place(self) -> re.Pattern[str]:
        return re.compile(_any_of(self.road_words + self.building_words))

    @cached_property
    def _numbers(self) -> re.Pattern[str]:
        return re.compile(_numbers_of_an_address(self.unit_words))

    @cached_property
    def _not_address(self) -> re.Pattern[str]:
        return re.compile(_any_of(self.not_address))

    @cached_property
    def _region(self) -> re.Pattern[str]:
        return re.compile(_any_of(self.region_words))

    @cached_property
    def _before(self) -> re.Pattern[str]:
        return re.compile(_any_of(self.before_words))

    def may_hold_an_entity(self, text: str, seen: int = SIGN | NUMERAL) -> bool:
        """A quick look that most texts fail: a digit, a Latin letter, or a numeral before a house or door word. `seen`
        are the kinds of characters seen in it.
        """
        if seen & SIGN:
            return self._may_hold.search(text) is not None
        return bool(seen & NUMERAL) and self._house_number.search(text) is not None

    def labels_number_at(self, text: str, start: int) -> bool:
        """Whether a label stands right before `start`, with at most a colon, a bracket or one word between."""
        reach = max(map(len, self.labels), default=0) + _LONGEST_LABEL_LINK
        return self._label.search(text, max(0, start - reach), start) is not None

    def kind_of(self, entity: Entity, text: str) -> str:
        """The entity's kind; a redacted phone number tells itself apart from other redacted values."""
        is_phone = entity.kind == "redacted" and text[entity.start + 1 : entity.end - 2] in self.phone_words
        return "masked_phone" if is_phone else entity.kind

    def addresses(self, text: str) -> Iterator[Entity]:
        """Street-level addresses: a named road, estate or building with a number, or three levels of numbers."""
        after = 0
        for numbers in self._numbers.finditer(text):
            start = self._address_start(text, numbers, after)
            if start is not None:
                after = numbers.end()
                yield Entity("address", start, numbers.end())

    def region_end(self, address: str) -> int:
        """How far province, city and district reach; 0 when none is named."""
        place = self._place.search(address)
        ends = [match.end() for match in self._region.finditer(address, 0, place.start() if place else len(address))]
        return ends[-1] if ends else 0

    def _address_start(self, text: str, numbers: re.Match[str], after: int) -> int | None:
        """Where the address of these numbers starts, not before `after`, the end of the address before; or None."""
        levels = len(_LEVEL_NUMBER.findall(numbers[0]))
        name = _NAME.search(text, max(after, numbers.start() - _LONGEST_NAME), numbers.start())
        name_start = name.start() if name else numbers.start()
        places = list(self._place.finditer(text, name_start, numbers.start()))
        if levels == 0 or not (places or levels > 1):
            return None
        anchor = places[-1].start() if places else numbers.start()
        for before in self._before.finditer(text, name_start, anchor):
            name_start = before.end()
        region = self._region.search(text, name_start, anchor)
        if places:
            gap = numbers.start() - places[-1].end()
            is_named = levels > 1 or text[name_start:anchor].strip() != ""
            # A stretch of a road may be named between the two: 锦江区东大街芷泉段88号.
            farthest = _FARTHEST_NUMBER if levels > 1 else _LONGEST_STRETCH if region else 0
            is_address = is_named and gap <= farthest and (gap == 0 or not numbers["hyphened"])
        else:
            is_address = levels > (1 if region else 2) and not numbers["hyphened"]
        if not is_address or self._means_something_else(text, anchor, numbers.end()):
            return None
        if region:
            start = max(name_start, region.start() - _LONGEST_REGION_NAME)
        elif places:
            first_place = next(place.start() for place in places if place.start() >= name_start)
            start = max(name_start, first_place - _LONGEST_PLACE_NAME)
        else:
            start = numbers.start()
        return start + len(text[start:anchor]) - len(text[start:anchor].lstrip())

    def _means_something_else(self, text: str, start: int, end: int) -> bool:
        reach = max(map(len, self.not_address), default=0)
        return any(
            phrase.start() < end and phrase.end() > start
            for phrase in self._not_address.finditer(text, max(0, start - reach), end + reach)
        )


# ---- all of a text


def find_entities(text: str, vocabulary: Vocabulary) -> tuple[Entity, ...]:
    """Every entity of a folded text in order, without overlaps; the longest reading wins, then the most specific."""
    if not vocabulary.may_hold_an_entity(text):
        return ()
    candidates = sorted(
        {*_shapes(text), *vocabulary.addresses(text)},
        key=lambda entity: (entity.start - entity.end, KINDS.index(entity.kind), entity.start),
    )
    taken = bytearray(len(text))
    found = []
    for entity in candidates:
        if taken.find(1, entity.start, entity.end) == -1:
            taken[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
            found.append(entity)
    return tuple(
        entity._replace(kind=vocabulary.kind_of(entity, text))
        for entity in sorted(found, key=lambda entity: entity.start)
        if entity.kind not in _LABELLED_KINDS or not vocabulary.labels_number_at(text, entity.start)
    )


# ---- masking


_PUBLIC_KINDS = frozenset(("hotline", "link", "masked_mobile", "masked_phone", "redacted"))
_NO_WORDS = Vocabulary()


def mask(kind: str, text: str, vocabulary: Vocabulary = _NO_WORDS) -> str:
    """The text of an entity as a report may show it; a kind that is no personal data comes back unchanged.

    An address is cut behind its district, which takes the region words of `vocabulary`; without them all of it goes.
    """
    if kind in _PUBLIC_KINDS:
        return text
    match kind:
        case "mobile":
            return _masked_mobile(text)
        case "id_card":
            bare = text.translate(_SEPARATORS)
            return bare[:3] + "*" * (len(bare) - 7) + bare[-4:]
        case "bank_card":
            return "****" + text.translate(_SEPARATORS)[-4:]
        case "email":
            return text[:1] + "***" + text[text.rfind("@") :]
        case "landline":
            digits = text.lstrip("(")
            return digits[: 3 if digits.startswith(("010", "02")) else 4] + "-****"
        case "address":
            return text[: vocabulary.region_end(text)] + "***"
        case "handle" | "plate" | "number_5_11":
            return text[:2] + "***"
        case _:
            return "***"


def _masked_mobile(text: str) -> str:
    bare = re.sub(r"[^0-9]", "", text)
    mainland = re.match(r"(?:(?:00)?86)?(1[3-9][0-9])[0-9]{4}([0-9]{4})", bare)
    if mainland:
        return f"{mainland[1]}****{mainland[2]}"
    return f"0{re.sub('^(?:886)?0?', '', bare)[:3]}***{bare[-3:]}"
