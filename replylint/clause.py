"""What a clause does with an act in it: affirms, refuses, quotes, warns of, asks, supposes, hedges it.

All words that signal this come from the packs (`cues:`); this module knows only where to look for each kind and how
far it reaches.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from replylint.expression import Expression
from replylint.passage import Extent, Passage, Span

FEATURES = ("warned", "quoted", "reported", "question", "conditional", "hedged")
"""Reasons for which a clause lets a candidate go; a rule's `unless` lists those it accepts."""

USUAL_FEATURES = ("warned", "quoted", "reported")
"""What `unless` holds when a rule says nothing: the act is not done by whoever warns of it or quotes it."""

POLARITIES = ("negated", "affirmed", "needless", "pending")
"""Reasons of `say` (negated) and of `deny` (the others)."""

DENIALS = ("pseudo_denials", "rhetorical", "needless", "pending", "complements", "refusals")
"""The kinds of denials, the first to claim a piece of text winning among equally long ones."""

CUE_KINDS = (*DENIALS, "denials", "denial_tails", "topics", "warnings", "reports", "questions", "conditions", "hedges",
             "soft_ends")  # fmt: skip
"""The cue lists a pack set must declare."""

_CLAUSE_REACH = 200
_DENIAL_REACH = 12
_PREDICATE_REACH = 8
_REPORT_REACH = 14
_WARNING_REACH = 16
_HEDGE_REACH = 24
_QUOTE_REACH = 40
_QUOTATION = Expression(
    "|".join(
        f"{opening}[^{opening}{closing}]{{1,{_QUOTE_REACH}}}{closing}"
        for opening, closing in ("“”", "「」", "『』", "‘’", '""', "''")
    )
)
_SENTENCE_END = Expression(r"[!?\n]")
_WARNING_END = Expression(r"[!\n]")
_BLANK_BEHIND_A_WORD = Expression(r"[^\W_] ")
_LONGEST_CUE = 8

Wanted: TypeAlias = Literal["affirmed", "refused", "either"]


Cues: TypeAlias = Mapping[str, int]
"""The nodes of the cue lists of a pack set, by kind."""


class Denial(NamedTuple):
    """A denying (or only seemingly denying) piece of text."""

    start: int
    end: int
    kind: str


class Polarity(NamedTuple):
    """What the denials around an act come to, and the extent of the act with those that refuse it."""

    reason: str | None
    start: int
    end: int


def polarity(cues: Cues, passage: Passage, span: Span, wanted: Wanted) -> Polarity:
    """Whether the act is affirmed, or refused, as wanted; else the reason why not.

    没有不开发票的 affirms (two denials), 不用开发票 denies without refusing, 开不了发票 has its denial inside.
    """
    if wanted == "either":
        return Polarity(None, span.start, span.end)
    denials = list(denials_over(cues, passage, span))
    odd = len(denials) % 2 == 1
    if wanted == "affirmed":
        return Polarity("negated" if odd else None, span.start, span.end)
    start = min([span.start, *(denial.start for denial in denials)])
    end = max([span.end, *(denial.end for denial in denials)])
    if not odd:
        return Polarity("affirmed", span.start, span.end)
    kinds = {denial.kind for denial in denials}
    return Polarity(next((kind for kind in ("needless", "pending") if kind in kinds), None), start, end)


def denials_over(cues: Cues, passage: Passage, span: Span) -> Iterator[Denial]:
    """The denials that bear on an act: before it in its clause, in its gaps, right behind it, at the clause's end."""
    first = _scope_start(cues, passage, span.start)
    found = [
        denial
        for denial in _denials_between(cues, passage, first, span.end + 1)
        if denial.kind != "pseudo_denials" and _bears_on(passage.text, denial, span)
    ]
    for denial, following in zip(found, [*found[1:], None], strict=False):
        if following is None or not _is_repeated(passage.text, denial, following):
            yield denial
    predicate = _predicate(cues, passage, span)
    # 票开不成: what completes the verb ends the clause too, and denies once.
    if predicate is not None and all(denial.start != predicate.start for denial in found):
        yield predicate


def _is_repeated(text: str, denial: Denial, following: Denial) -> bool:
    """别扫别填卡号, 不加不留: the same denial before each of several acts denies each of them once."""
    same = text[denial.start : denial.end] == text[following.start : following.end]
    return same and denial.end < following.start


def _bears_on(text: str, denial: Denial, span: Span) -> bool:
    at = denial.start
    if denial.kind == "complements":
        # 开不了发票, 发票开不了: it denies the word it follows. 小票报不了 我给您开发票 denies 报.
        # 我们不出票: no word comes before 不出 that it could complete.
        return at == span.end or any(at == low for low, _ in span.gaps) or at < span.start < denial.end
    if at < span.start:
        return True
    return any(low <= at < high and not _BLANK_BEHIND_A_WORD.search(text, denial.end, high) for low, high in span.gaps)


def denials_in(cues: Cues, passage: Passage) -> list[Denial]:
    """All denials of a text, the longest at each place: in 不仅 there is no 不."""
    known = passage.memo.get("denials")
    if known is None:
        order = sorted(
            (span.start, -span.end, rank, kind)
            for rank, kind in enumerate(DENIALS)
            for span in passage.spans(cues[kind])
        )
        found: list[Denial] = []
        at = 0
        for start, end, _, kind in order:
            if start >= at:
                at = -end
                asks = _is_either_or(passage.text, start) or _is_tag(passage.text, start, at, kind)
                found.append(Denial(start, at, "pseudo_denials" if asks else kind))
        known = passage.memo["denials"] = found
    return known  # type: ignore[return-value]


def _is_either_or(text: str, at: int) -> bool:
    """评不评价, 支不支持, 好评不好评: a word on both sides of the denial leaves it open."""
    return any(
        at >= length and text[at - length : at] == text[at + 1 : at + 1 + length] and text[at - 1].isalnum()
        for length in (1, 2)
    )


def _is_tag(text: str, start: int, end: int, kind: str) -> bool:
    """退了七天还能退不 我没拆: a single 不 behind a word and before a blank asks; 哎别 微信转的 does not."""
    alone = kind == "refusals" and end - start == 1
    return alone and text[end : end + 1] == " " and start > 0 and text[start - 1].isalnum()


def _denials_between(cues: Cues, passage: Passage, first: int, last: int) -> list[Denial]:
    denials = denials_in(cues, passage)
    return denials[bisect_left(denials, (first,)) : bisect_left(denials, (last,))]


_NOT_AHEAD = ("complements", "pseudo_denials")
"""Kinds of denials that deny nothing behind them."""


def _scope_start(cues: Cues, passage: Passage, start: int) -> int:
    """How far back a denial can stand: to the clause's start, past no final particle (不急的亲加我微信)."""
    text = passage.text
    first, _ = passage.clause(start, start)
    first = max(first, start - _DENIAL_REACH)
    for soft in passage.near(cues["soft_ends"], first, start):
        if soft.end <= start and text[soft.start : start].strip():
            first = soft.end
    space = text.rfind(" ", first, start)
    if space < 0:
        return first
    # 没优惠了 加微信: a blank ends the denial's clause; 不要 加微信: unless the denial stands right before it;
    # 不会 工程师都看过了: but a refusal that is all there is before the blank is an answer.
    # 没付款开不了 付了款随时开: a complement denies backwards only.
    denials = _denials_between(cues, passage, first, space)
    before = [denial for denial in denials if denial.end == space and denial.kind not in _NOT_AHEAD]
    # 一点激素没有 擦多久都没副作用: and so is one that ends what is said of something else.
    clause, _ = passage.clause(start, start)
    clause = max(clause, start - _CLAUSE_REACH)  # a text without signs is one clause, however long
    answer = any(
        denial.kind in ("refusals", "rhetorical") and not text[clause : denial.start].strip() for denial in before
    )
    said = any(end == space for _, end, *_ in passage.near(cues["denials"], first, space))
    return first if before and not answer and not said else space + 1


def _predicate(cues: Cues, passage: Passage, span: Span) -> Denial | None:
    """加微信不行的, 微信转账的话,我们不支持哦: a denial as the predicate of what came before ends its clause."""
    _, end = passage.clause(span.end, span.end)
    last = min(end, span.end + _PREDICATE_REACH)
    for topic in passage.near(cues["topics"], span.end, last + 1):
        if topic.end == end:
            _, last = passage.clause(end + 1, end + 1) if end < len(passage.text) else (0, end)
            last = min(last, end + 1 + _PREDICATE_REACH)
            break
    for denial in passage.near(cues["denials"], span.end, last + 1):
        if _ends_clause(cues, passage, denial.end):
            others = _denials_between(cues, passage, span.end, denial.start + 1)
            # 开票没问题, 加微信没有不行的: the predicate is no denial, or is denied itself.
            if all(other.start == denial.start and other.kind != "pseudo_denials" for other in others):
                return Denial(denial.start, denial.end, "refusals")
    return None


def _ends_clause(cues: Cues, passage: Passage, at: int) -> bool:
    text = passage.text
    for tail in passage.near(cues["denial_tails"], at, at + 1):
        at = tail.end
    return at >= len(text) or not text[at].isalnum() or bool(passage.near(cues["soft_ends"], at, at + 1))


def reason_to_drop(cues: Cues, passage: Passage, span: Span, features: Iterable[str]) -> str | None:
    """The first of `features` that holds for the candidate in this text, or None; others than `FEATURES` are not
    ours.
    """
    return next((name for name in features if name in _TESTS and _TESTS[name](cues, passage, span)), None)


def _sentence(text: str, span: Span, end: Expression = _SENTENCE_END) -> Extent:
    """The sentence around a span; commas do not end it."""
    first = max(0, span.start - _CLAUSE_REACH)
    for found in end.finditer(text, first, span.start):
        first = found.end()
    last = end.search(text, span.end, span.end + _CLAUSE_REACH)
    return first, last.start() if last else min(len(text), span.end + _CLAUSE_REACH)


def _near(passage: Passage, node: int, first: int, last: int) -> bool:
    return any(cue.end <= last for cue in passage.near(node, first, last))


def _warned(cues: Cues, passage: Passage, span: Span) -> bool:
    """A warning near it in its sentence, or behind a question about it: 您打款给他了吗?赶紧报警."""
    first, last = _sentence(passage.text, span, _WARNING_END)
    return _near(
        passage, cues["warnings"], max(first, span.start - _WARNING_REACH), min(last, span.end + _WARNING_REACH)
    )


def _quoted(_cues: Cues, passage: Passage, span: Span) -> bool:
    """Most of it stands in quotation marks: “要票加六个点”这话不对."""
    first, last = max(0, span.start - _QUOTE_REACH), span.end + _QUOTE_REACH
    inside = sum(
        max(0, min(found.end(), span.end) - max(found.start(), span.start))
        for found in _QUOTATION.finditer(passage.text, first, last)
    )
    return 2 * inside > span.end - span.start


def _reported(cues: Cues, passage: Passage, span: Span) -> bool:
    first, _ = _sentence(passage.text, span)
    return _near(passage, cues["reports"], max(first, span.start - _REPORT_REACH), span.start)


def _question(cues: Cues, passage: Passage, span: Span) -> bool:
    """Whether the clause around a span asks: a question mark or a question word at its end."""
    _, last = passage.clause(span.start, span.end)
    if passage.text[last : last + 1] == "?":
        return True
    return any(
        span.end <= cue.end <= last and _ends_clause(cues, passage, cue.end)
        for cue in passage.near(cues["questions"], span.end - _LONGEST_CUE, last)
    )


def asks_something(cues: Cues, passage: Passage) -> bool:
    """Whether some clause of a text is a question."""
    return "?" in passage.text or any(_ends_clause(cues, passage, cue.end) for cue in passage.spans(cues["questions"]))


def _conditional(cues: Cues, passage: Passage, span: Span) -> bool:
    first, _ = passage.clause(span.start, span.start)
    return _near(passage, cues["conditions"], max(first, span.start - _CLAUSE_REACH), span.start)


def _hedged(cues: Cues, passage: Passage, span: Span) -> bool:
    return _near(passage, cues["hedges"], max(0, span.start - _HEDGE_REACH), span.end + _HEDGE_REACH)


_TESTS: Mapping[str, Callable[[Cues, Passage, Span], bool]] = {
    "warned": _warned,
    "quoted": _quoted,
    "reported": _reported,
    "question": _question,
    "conditional": _conditional,
    "hedged": _hedged,
}
