"""What a short reply says to what the buyer asked.

可以 after 能加微信吗 is a violation and after 能开发票吗 a duty; 是的 after 不开发票是吧 confirms the refusal. This
module finds the buyer's
last open request and reads the reply's stance towards the thing asked for. The words for both come from the packs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from replylint.frame import BREAK
from replylint.model import Role

Stance: TypeAlias = Literal["yes", "no", "promise", "none"]
Form: TypeAlias = Literal["positive", "negative"]

STANCES: tuple[Stance, ...] = ("yes", "no", "promise", "none")

STANCE_KINDS = (
    "affirm", "affirm_weak", "agree", "agree_weak", "promise", "deny", "deny_inside", "contradict", "apologise",
    "openers", "tails", "idle", "stall",
)  # fmt: skip
"""The stance lists a pack set must declare. The weak ones (有, 能, 是) answer only when little follows them in their
clause.
"""


class Reading(NamedTuple):
    """A stance and the span of the reply that takes it (empty when there is none)."""

    stance: Stance
    start: int
    end: int


class Stances(NamedTuple):
    """The stance words of a pack set. `idle` matches buyer turns that ask for nothing (在吗, 好的, [图片]);
    `stall` matches agent turns that answer nothing yet (稍等, 帮您看下)."""

    opener: re.Pattern[str]
    at_start: re.Pattern[str]
    at_end: re.Pattern[str]
    inside: re.Pattern[str]
    idle: re.Pattern[str]
    stall: re.Pattern[str]


_NO_WORD = r"[\W_]"


def read_stances(words: Mapping[str, str]) -> Stances:
    """Compiles the stance words; `words` holds one regular expression for each of `STANCE_KINDS`."""
    tails = rf"(?:{words['tails']})*+{_NO_WORD}*+\Z"
    # 能开的 is an answer, 能便宜的我肯定给您想办法 is not; 是的 is one, 是纯棉的 is not.
    soon, now = rf"(?=[^{BREAK} ]{{0,4}}?{tails})", f"(?={tails})"
    start = "|".join(
        (
            f"(?P<contradict>{words['contradict']})",
            f"(?P<apologise>{words['apologise']})",
            f"(?P<deny>{words['deny']})",
            f"(?P<promise>{words['promise']})",
            f"(?P<affirm>{words['affirm']}|(?:{words['affirm_weak']}){soon})",
            f"(?P<agree>{words['agree']}|(?:{words['agree_weak']}){now})",
        )
    )
    end = "|".join(f"(?P<{kind}>{words[kind]})" for kind in ("contradict", "deny", "affirm", "agree"))
    return Stances(
        opener=re.compile(rf"(?:(?:{words['openers']})|[{BREAK} ~])++"),
        at_start=re.compile(start),
        at_end=re.compile(rf"(?:{end}){now}"),
        inside=re.compile(rf"(?P<deny>{words['deny_inside']}){soon}"),
        idle=re.compile(rf"(?:(?:{words['idle']}|{words['tails']})|{_NO_WORD})*+\Z"),
        stall=re.compile(rf"(?:(?:{words['stall']}|{words['openers']}|{words['tails']})|{_NO_WORD})*+\Z"),
    )


def open_turns(stances: Stances, turns: Sequence[tuple[Role, str]]) -> tuple[int, ...]:
    """Indices of the buyer turns the reply answers, the latest first; `turns` are folded, oldest first.

    They reach back to the agent's last real words: a turn that only stalls (稍等哦) leaves the request open, and so
    does
    a buyer turn that asks for nothing (在吗).
    """
    found: list[int] = []
    asked = False
    for index in range(len(turns) - 1, -1, -1):
        role, text = turns[index]
        if role == "buyer":
            found.append(index)
            asked = asked or not stances.idle.match(text)
        elif role != "system" and found and (asked or not stances.stall.match(text)):
            break
        if len(found) >= _LOOK_BACK:
            break
    return tuple(found)


_LOOK_BACK = 6
_CLAUSES = re.compile(rf"[^{BREAK} ]+")
_MOST_CLAUSES = 3


def read_stance(stances: Stances, text: str, form: Form = "positive") -> Reading:
    """The reply's stance towards the thing asked for.

    `form` is the form of the question: after a negative one (不能开吗) agreement means no and contradiction yes.
    An apology counts as a refusal only when nothing else follows it.
    """
    sorry: Reading | None = None
    for number, clause in enumerate(_CLAUSES.finditer(text)):
        if number >= _MOST_CLAUSES:
            break
        start, end = clause.span()
        opener = stances.opener.match(text, start, end)
        found = (
            stances.at_start.match(text, opener.end() if opener else start, end)
            or stances.at_start.match(text, start, end)
            or stances.at_end.search(text, start, end)
            or stances.inside.search(text, start, end)
        )
        kind = found.lastgroup if found else None
        if kind == "apologise":
            sorry = sorry or Reading("no", start, end)
        elif kind is not None and not (text[end : end + 1] == "?" and kind in ("affirm", "agree")):
            return Reading(_resolve(kind, form), start, end)
    return sorry or Reading("none", 0, 0)


def _resolve(kind: str, form: Form) -> Stance:
    if kind == "promise":
        return "promise"
    if kind == "agree":
        return "yes" if form == "positive" else "no"
    if kind == "contradict":
        return "no" if form == "positive" else "yes"
    return "yes" if kind == "affirm" else "no"
