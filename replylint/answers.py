"""What a short reply says to what the buyer asked.

可以 after 能加微信吗 is a violation and after 能开发票吗 a duty; 是的 after 不开发票是吧 confirms the refusal. This
module finds the buyer's last open request and reads the reply's stance towards the thing asked for. The words for
both come from the packs.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

from replylint.expression import Expression
from replylint.frame import BREAKS
from replylint.model import Role
from replylint.passage import Passage, peeled

Stance: TypeAlias = Literal["yes", "no", "promise", "none"]
Form: TypeAlias = Literal["positive", "negative"]

STANCES: tuple[Stance, ...] = ("yes", "no", "promise", "none")

_ANSWERS = ("contradict", "apologise", "deny", "promise", "affirm", "agree", "affirm_weak", "agree_weak")
"""What an answer can be; of equally long words at a place the earlier kind wins."""

STANCE_NODES = (*_ANSWERS, "deny_inside", "recalls", "takes_back", "checks")
"""The stance lists whose members may be frames. `recalls` go back to an earlier request (您前面说的那个); with
`takes_back` the buyer undoes his own (打错了, 当我没说); what ends in one of `checks` makes sure of it
(您要的是大码对吗).
"""

STANCE_WORDS = ("openers", "tails", "idle", "stall")
"""The stance lists of plain words."""

STANCE_KINDS = (*STANCE_NODES, *STANCE_WORDS)
"""The stance lists a pack set must declare. The weak ones (有, 能, 是) answer only when little follows them in their
clause.
"""


class Reading(NamedTuple):
    """A stance and the span of the reply that takes it (empty when there is none)."""

    stance: Stance
    start: int
    end: int


class Stances(NamedTuple):
    """The stance words of a pack set. `idle` are buyer turns that ask for nothing (在吗, 好的, [图片]); `stall` are
    agent turns that answer nothing yet (稍等, 帮您看下).
    """

    nodes: Mapping[str, int]
    words: Mapping[str, frozenset[str]]


_LOOK_BACK = 6
_MOST_CLAUSES = 3
_SOON = 4
_LONGEST_CONSENT = 16
_LONGEST_IDLE = 40
_LONGEST_IDLE_WORD = 8
_LONGEST_OPENER = 5
_BESIDE_PARDON = 3
_CLAUSE = Expression(rf"[^{BREAKS} ]+")
_SIGNS = Expression(r"[\W_]+")


def open_turns(stances: Stances, turns: Sequence[tuple[Role, str]]) -> tuple[int, ...]:
    """Indices of the buyer turns the reply answers, the latest first; `turns` are folded, oldest first.

    They reach back to the agent's last real words: a turn that only stalls (稍等哦) leaves the request open, and so
    does a buyer turn that asks for nothing (在吗).
    """
    found: list[int] = []
    for index in range(len(turns) - 1, -1, -1):
        role, text = turns[index]
        if role == "buyer":
            found.append(index)
        elif role != "system" and found:
            asked = any(not is_idle(stances, turns[number][1]) for number in found)
            if asked or not _is_made_of(text, stances, ("stall", "openers", "tails")):
                break
        if len(found) >= _LOOK_BACK:
            break
    return tuple(found)


def is_idle(stances: Stances, text: str) -> bool:
    """Whether a buyer's turn asks for nothing."""
    return _is_made_of(text, stances, ("idle", "tails"))


def _is_made_of(text: str, stances: Stances, kinds: Sequence[str]) -> bool:
    if len(text) > _LONGEST_IDLE:
        return False
    text = _SIGNS.sub("", text)
    words = [stances.words[kind] for kind in kinds]
    reached, last = {0}, len(text)
    for start in range(last):
        if start in reached:
            for end in range(start + 1, min(start + _LONGEST_IDLE_WORD, last) + 1):
                if any(text[start:end] in group for group in words):
                    reached.add(end)
    return last in reached


def read_stance(stances: Stances, passage: Passage, form: Form = "positive") -> Reading:
    """The reply's stance towards the thing asked for.

    `form` is the form of the question: after a negative one (不能开吗) agreement means no and contradiction yes.
    An apology counts as a refusal only when nothing else follows it.
    """
    text = passage.text
    sorry: Reading | None = None
    for number, clause in enumerate(_CLAUSE.finditer(text, 0, 400)):
        if number >= _MOST_CLAUSES:
            break
        start, end = clause.span()
        kind = _kind(stances, passage, start, end)
        if kind == "apologise":
            sorry = sorry or Reading("no", start, end)
        elif kind is not None and not _asks_back(stances, passage, start, end, kind):
            return Reading(_resolve(kind, form), start, end)
    return sorry or Reading("none", 0, 0)


def _asks_back(stances: Stances, passage: Passage, start: int, end: int, kind: str) -> bool:
    """Whether a clause that would be a yes asks whether it is one, with a sign or without: 嗯嗯您现在拆的一小包是吗."""
    if passage.text[end : end + 1] == "?" and kind in ("affirm", "agree"):
        return True
    return kind == "agree" and any(span.end == end for span in passage.near(stances.nodes["checks"], start, end))


def only_apologises(stances: Stances, passage: Passage) -> bool:
    """Whether a text asks for pardon and says hardly anything else: 还请见谅哦."""
    spans = passage.spans(stances.nodes["apologise"])
    said = sum(map(str.isalnum, passage.text))
    return bool(spans) and said - max(span.end - span.start for span in spans) <= _BESIDE_PARDON


def only_addresses(stances: Stances, text: str) -> bool:
    """Whether words do no more than address the buyer: 亲, 您好."""
    return _is_made_of(text, stances, ("openers",))


def recalls(stances: Stances, passage: Passage) -> bool:
    """Whether a reply goes back to an earlier request: 包的 您前面说那个也行."""
    return passage.has(stances.nodes["recalls"])


def taken_back(stances: Stances, passage: Passage) -> int:
    """Where a buyer's turn stops taking back what he asked for: what he asks before is void. 0 if he does not."""
    return max((span.end for span in passage.spans(stances.nodes["takes_back"])), default=0)


def read_recalled(stances: Stances, passage: Passage, form: Form = "positive") -> Reading:
    """The reply's stance towards an earlier request that it goes back to."""
    for span in passage.spans(stances.nodes["recalls"]):
        for clause in islice(_CLAUSE.finditer(passage.text, span.end, span.end + 60), 2):
            kind = _kind(stances, passage, *clause.span())
            if kind is not None and kind != "apologise":
                return Reading(_resolve(kind, form), span.start, clause.end())
    return Reading("none", 0, 0)


def _kind(stances: Stances, passage: Passage, start: int, end: int) -> str | None:
    """The kind of stance a clause takes: by how it begins, else by how it ends, else by a denial shortly before."""
    text = passage.text
    tails = stances.words["tails"]
    there = _kinds_in(stances, passage)
    at = start
    while at < end:
        begins = _longest_at(stances, passage, at, end)
        if begins is not None:
            return begins
        step = _opener_at(text, at, end, stances.words["openers"])
        if not step:
            break
        at += step
    body = start + len(peeled(text[start:end], tails, at_end=True))
    kinds: tuple[str, ...] = ("contradict", "deny")
    # 因为之前不是我给您处理的: how a long clause ends is no consent to anything.
    if body - start <= _LONGEST_CONSENT:
        kinds += ("promise", "affirm", "agree")
    for kind in filter(there.__contains__, kinds):
        # 您看下收到没: a single 没 at the end asks, it denies nothing.
        shortest = 2 if kind == "deny" else 1
        spans = passage.near(stances.nodes[kind], start, end)
        if any(body <= span.end <= end and span.end - span.start >= shortest for span in spans):
            return kind
    inside = passage.near(stances.nodes["deny_inside"], start, end)
    soon = any(span.end <= end and body - span.end <= _SOON for span in inside)
    return "deny" if soon else None


def _kinds_in(stances: Stances, passage: Passage) -> tuple[str, ...]:
    """The kinds of answers that a text has words of, in the order in which they count; most have two of eight."""
    known = passage.memo.get("answers")
    if known is None:
        known = passage.memo["answers"] = tuple(kind for kind in _ANSWERS if passage.has(stances.nodes[kind]))
    return known  # type: ignore[return-value]


def _opener_at(text: str, at: int, end: int, openers: frozenset[str]) -> int:
    """The length of what may stand before the answer proper at a place (您好, 那, a symbol), or 0."""
    if not text[at].isalnum():
        return 1
    return next((n for n in range(min(_LONGEST_OPENER, end - at), 0, -1) if text[at : at + n] in openers), 0)


def _longest_at(stances: Stances, passage: Passage, at: int, end: int) -> str | None:
    """The kind of the longest stance word at a place; weak ones (能, 有, 是) need the clause to end soon."""
    best, length = None, 0
    for kind in _kinds_in(stances, passage):
        for span in passage.near(stances.nodes[kind], at, at + 1):
            if length < span.end - at and span.end <= end:
                rest = len(peeled(passage.text[span.end : end], stances.words["tails"], at_end=True))
                # 能开的 is an answer, 能便宜的我肯定给您想办法 is not; 是的 is one, 是纯棉的 is not.
                if (kind == "affirm_weak" and rest > _SOON) or (kind == "agree_weak" and rest):
                    continue
                best, length = kind.removesuffix("_weak"), span.end - at
    return best


def _resolve(kind: str, form: Form) -> Stance:
    if kind == "promise":
        return "promise"
    if kind == "agree":
        return "yes" if form == "positive" else "no"
    if kind == "contradict":
        return "no" if form == "positive" else "yes"
    return "yes" if kind == "affirm" else "no"
