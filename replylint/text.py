"""Views of a reply and the way back to the original.

Matching never looks at the reply as typed. It looks at *views*: the folded view (width, case, traditional to
simplified, invisible
characters, pinyin glosses) and, where someone dressed words up, the unmasked view (inserted symbols, homophones,
written-out digits).
Only this module knows how an offset in a view maps back; everybody else asks `View.span`.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Self

from replylint.characters import CLAUSE_SIGNS, DIGIT_WORDS, DROPPED, FOLDED, INVISIBLE, TONED, glance_at
from replylint.expression import Expression
from replylint.matcher import Matcher, WordList
from replylint.sound import Ear, Hearing

_DROPPED = Expression(rf"[{INVISIBLE}]+|(?<=[^\W0-9a-z_])\((?=[a-zü]*[{TONED}])[a-zü{TONED}]{{1,6}}\)")

_WORD = r"[^\W_]"
# Brackets around more than one character name a sign, [微笑], or what an export of logs has left out, [数字x]天.
_SYMBOL = rf"(?:[^\w{CLAUSE_SIGNS}\[\]]|\[(?=.\])|(?<=\[.)\])"
# What people put inside a word to hide it: anything that is neither a letter, a character nor a sentence sign. Between
# two digits it makes a range or a size (3-5天, 7*24), no word.
_SEPARATORS = Expression(rf"(?<={_WORD})(?:(?<![0-9]){_SYMBOL}{{1,3}}(?={_WORD})|{_SYMBOL}{{1,3}}(?=[^\W_0-9]))")
_NOT_WORD = Expression(r"[\W_]")
_WORDS = Expression(r"[^\W_]+")
_BLANKS = Expression(" *")
_TELLING = 4
"""Characters of a word that no pause falls into by chance: 最 终解释权, but 能 不."""
# 我们不*开*发*票哦, 加.微.信: characters each cut off from the next by the same signs (呢#E-s18 is a smiley); the first
# and the last may belong to a word.
_SPACED_OUT = Expression(rf"{_WORD}({_SYMBOL}{{1,2}}){_WORD}(?:(?!{_WORD})\1{_WORD})+")

_LETTER = Expression("[a-z]")

_WRITTEN_OUT = Expression(f"[{''.join(DIGIT_WORDS)}]")
_DIGIT = f"[0-9{''.join(DIGIT_WORDS)}]"
_DIGITISH = Expression(_DIGIT)
# What may stand between the digits of a number that is meant to be missed; prices, times and ranges are made of
# other signs.
_BETWEEN_DIGITS = r"[^\w,!?;:/()%~+=<>\n]{0,2}"
# 幺三八零零一三八零零零, 一三八 0013 8000, 1.3.8.0…, 13900😊000000: a run of phone length.
_FEWEST_DIGITS = 7
_NUMBER = Expression(rf"{_DIGIT}(?:{_BETWEEN_DIGITS}{_DIGIT}){{{_FEWEST_DIGITS - 1},24}}")
# 138-0013-8000 is how people write a number; 1 3 8 0 is not.
_SCATTERED = Expression(r"[^0-9 -]|[0-9](?:[ -]+[0-9](?![0-9])){3}")


class View(NamedTuple):
    """A text to match on. `starts`/`ends` give, per character, the span it stands for in the original; None means
    identity.

    `tricks` names, per character span of the *original*, the evasive spelling that was undone there.
    """

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None
    tricks: tuple[tuple[int, int, str], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original behind `text[start:end]`; an empty span stays empty."""
        if self.starts is None or self.ends is None:
            return start, end
        if start >= end:
            here = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return here, here
        return self.starts[start], self.ends[end - 1]

    def part(self, start: int, end: int) -> "View":
        """A part of the view, with the same way back."""
        starts, ends = (places if places is None else places[start:end] for places in (self.starts, self.ends))
        return View(self.text[start:end], starts, ends, self.tricks)

    @property
    def drops_characters(self) -> bool:
        """Whether characters of the original were left out (invisible ones, glosses)."""
        return self.starts is not None

    def trick(self, start: int, end: int) -> str | None:
        """The first evasive spelling inside an original span, or None."""
        return next((name for first, last, name in self.tricks if first < end and start < last), None)


# Four out of five replies with anything to fold have only these: replacing them one by one is quicker than a table.
_USUAL_SIGNS = "，。！？：；（）～"


class Folder:
    """Folds text with a character table; one instance per linter, immutable after construction."""

    def __init__(self, folded: str, plain: str) -> None:
        """The characters that are folded, and beside them what to."""
        self._pairs = folded, plain
        self._signs = tuple((sign, plain[folded.index(sign)]) for sign in _USUAL_SIGNS if sign in folded)
        self.glance = glance_at(folded, plain)

    @cached_property
    def _table(self) -> dict[int, int]:
        """Made when a text has more to fold than the usual signs."""
        return str.maketrans(*self._pairs)

    @classmethod
    def from_tsv(cls, text: str) -> Self:
        """A folder from `source<TAB>target` lines, one code point on each side."""
        return cls(text[0::4], text[2::4])

    def fold(self, text: str) -> View:
        """The folded view. Same length as the original unless invisible characters or glosses were dropped."""
        folded, seen = text, self.glance(text)
        if seen & FOLDED:
            for sign, plain in self._signs:
                folded = folded.replace(sign, plain)
            if self.glance(folded) & FOLDED:
                folded = folded.translate(self._table)
        return _drop(folded, _DROPPED) if seen & DROPPED else View(folded)


def _drop(text: str, what: Expression) -> View:
    kept: list[str] = []
    starts: list[int] = []
    at = 0
    for match in what.finditer(text):
        kept.append(text[at : match.start()])
        starts.extend(range(at, match.start()))
        at = match.end()
    if at == 0:
        return View(text)
    kept.append(text[at:])
    starts.extend(range(at, len(text)))
    return View("".join(kept), tuple(starts), tuple(start + 1 for start in starts))


class Spelling(NamedTuple):
    """An evasive way to write a word: `disguise` stands for `word`; `trick` says how it was hidden.

    Without a `word` the spelling is a harmless longer word that only looks like a disguise (小绿瓶, 有威信).
    """

    disguise: str
    word: str
    trick: str


_DEAF = Ear(Hearing())


class _Swap(NamedTuple):
    start: int
    end: int
    word: str
    trick: str


class Unmasker:
    """Undoes evasive spellings of the words a pack set declares; one instance per linter, immutable."""

    __slots__ = ("_ear", "_hidden", "_often_hidden", "_spellings", "_spelt", "_words")

    def __init__(
        self,
        spellings: Iterable[Spelling],
        words: Iterable[str],
        often_hidden: Iterable[str] = (),
        ear: Ear = _DEAF,
    ) -> None:
        """`words` are those that count when symbols were pushed between their characters (微*信); short of two they
        cannot. A blank counts only in long ones and in those that people are known to hide (微 信, but not 能 不).
        """
        self._often_hidden = frozenset(often_hidden)
        self._spellings = tuple({spelling.disguise: spelling for spelling in spellings}.values())
        self._spelt = Matcher(spelling.disguise for spelling in self._spellings)
        self._words = WordList.of(dict.fromkeys(word for word in words if len(word) > 1))
        self._hidden = Matcher(self._words)
        self._ear = ear

    def unmask(self, folded: View) -> View | None:
        """The view with every evasive spelling undone, or None when there is none."""
        # To a pattern an underscore is a letter; here it is one more symbol (微_信).
        text = folded.text.replace("_", "·")
        plain = View(text)
        numbers = list(_number_swaps(text))
        swaps = list(self._disguises(plain))
        if _SEPARATORS.search(text):
            squeezed = _drop(text, _SEPARATORS)
            swaps += self._disguises(squeezed)
            swaps += self._pushed_apart(text, squeezed)
            swaps += [
                _Swap(found.start(), found.end(), _NOT_WORD.sub("", found[0]), "separator")
                for found in _SPACED_OUT.finditer(text)
            ]
        return _swap(folded, _without_overlaps(numbers, swaps)) if numbers or swaps else None

    def _disguises(self, view: View) -> Iterator[_Swap]:
        """薇信, vx, 绿泡泡, 发嫖 in a view of the text, positions in the text itself."""
        text = view.text
        hits = [(start, end, self._spellings[number]) for start, end, number in self._spelt.scan(text)]
        hits += [
            (start, end, Spelling(text[start:end], word, "homophone")) for start, end, word in self._ear.hidden(text)
        ]
        harmless = [(start, end) for start, end, spelling in hits if not spelling.word]
        for start, end, spelling in hits:
            inside = any(low <= start and end <= high for low, high in harmless)
            if spelling.word and not inside and not _cuts_letters(text, start, end):
                yield _Swap(*view.span(start, end), spelling.word, spelling.trick)

    def _pushed_apart(self, text: str, squeezed: View) -> Iterator[_Swap]:
        """微*信, 税.点: words that only appear when the symbols between characters are left out."""
        for start, end, number in self._hidden.scan(squeezed.text):
            first, last = squeezed.span(start, end)
            if last - first == end - start or _cuts_letters(squeezed.text, start, end):
                continue
            word = self._words[number]
            told = len(word) >= _TELLING or word in self._often_hidden
            if told or not _BLANKS.fullmatch(_WORDS.sub("", text[first:last])):
                yield _Swap(first, last, word, "separator")


def stretches(view: View) -> Iterator[View]:
    """What of a view lies around the spellings that were undone in it: nearly always all of it. The rest of a long text
    reads as it did before, and bears no more on what was undone.
    """
    start = end = 0
    for first, last in _undone(view):
        if first - _AROUND > end:
            if end:
                yield view.part(start, end)
            start = first - _AROUND
        end = last + _AROUND
    yield view.part(start, end)


_AROUND = 200
"""Characters on both sides of a disguise: more than a frame reaches over, and than nearly every reply has."""


def _undone(view: View) -> Iterator[tuple[int, int]]:
    """Where in the view the spellings stand that were undone."""
    starts = view.starts or ()
    for first, last, _ in view.tricks:
        yield bisect_left(starts, first), bisect_left(starts, last)


def squeezed(text: str) -> str:
    """A folded text without the symbols inside its words (微*信)."""
    return _SEPARATORS.sub("", text.replace("_", "·"))


def may_spell_out_a_number(text: str, digits: int) -> bool:
    """Whether a folded text with so many digits has a run of them as long as a phone number, however written."""
    return digits >= _FEWEST_DIGITS and _NUMBER.search(text) is not None


def _cuts_letters(text: str, start: int, end: int) -> bool:
    """Whether a span begins or ends in the middle of a Latin word (vx in vxyz)."""
    before, after = text[max(0, start - 1) : start + 1], text[end - 1 : end + 1]
    return len(_LETTER.findall(before)) == 2 or len(_LETTER.findall(after)) == 2


def _number_swaps(text: str) -> Iterator[_Swap]:
    for found in _NUMBER.finditer(text):
        written_out = _WRITTEN_OUT.search(found[0]) is not None
        if written_out or _SCATTERED.search(found[0]):
            digits = "".join(DIGIT_WORDS.get(char, char) for char in found[0] if _DIGITISH.match(char))
            yield _Swap(found.start(), found.end(), digits, "written-out digits" if written_out else "separator")


def _without_overlaps(numbers: Sequence[_Swap], words: Iterable[_Swap]) -> list[_Swap]:
    """Numbers win (tel:1 3 8 0 … is one whatever letter stands before it), then the longest words, then the later.

    开*不*了*发*票 comes before 发*票 inside it, and in 加v信 v信 before 加v.
    """
    order = [*numbers, *sorted(words, key=lambda swap: (swap.start - swap.end, -swap.start))]
    taken = bytearray(max((swap.end for swap in order), default=0))
    chosen: list[_Swap] = []
    for swap in order:
        if taken.find(1, swap.start, swap.end) < 0:
            taken[swap.start : swap.end] = b"\1" * (swap.end - swap.start)
            chosen.append(swap)
    return sorted(chosen)


def _swap(view: View, swaps: Sequence[_Swap]) -> View:
    """The view with spans of its text replaced; every new character stands for the whole replaced span."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    tricks: list[tuple[int, int, str]] = []

    def keep(first: int, last: int) -> None:
        parts.append(view.text[first:last])
        starts.extend(view.starts[first:last] if view.starts is not None else range(first, last))
        ends.extend(view.ends[first:last] if view.ends is not None else range(first + 1, last + 1))

    at = 0
    for first, last, word, trick in swaps:
        keep(at, first)
        start, end = view.span(first, last)
        parts.append(word)
        starts.extend([start] * len(word))
        ends.extend([end] * len(word))
        tricks.append((start, end, trick))
        at = last
    keep(at, len(view.text))
    return View("".join(parts), tuple(starts), tuple(ends), tuple(tricks))
