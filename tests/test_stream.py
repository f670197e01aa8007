"""A reply shown while it is generated: nothing the whole-reply check would block gets out, however it is cut."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from snippets import run_python_of

from replylint.linter import Linter, load_rules
from replylint.model import HistoryItem, RequestError
from replylint.profile import Policy
from replylint.stream import ReplyStream

REFUSAL = "亲,不开发票哦"
HOSTILE = "微信发票不开可以加我转账1一幺零0138-.x\u200b\ufe0f\ud800❤ ,。!?~“”\r\n"
LONG = "亲,您好呀。这款是纯棉的,可以机洗。颜色有三种,都有现货。今天下单明天就发,发票随货寄出,您放心拍。"


@pytest.fixture(scope="module")
def shop() -> Linter:
    return Linter(packs=[Path(__file__).parent / "golden" / "shop.yaml"])


class Case(NamedTuple):
    reply: str
    turns: tuple[HistoryItem, ...]
    meta: dict[str, str]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Examples of the bundled rules, good and bad, and mixtures of them as long as generated replies are."""
    rules = load_rules().rules
    proofs = [example for rule in rules for example in (*rule.bad, *rule.good)]
    dice = random.Random(7)
    alone = [Case(e.reply, e.turns, dict(e.meta)) for e in dice.sample(proofs, min(600, len(proofs)))]

    def mixed(case: Case) -> Case:
        parts = [dice.choice(alone).reply, case.reply, dice.choice(alone).reply]
        joints = [dice.choice([",", "，", "。", "！", "\n", "～"]) for _ in parts]
        return case._replace(reply="".join(part + joint for part, joint in zip(parts, joints, strict=True)))

    return alone + [mixed(dice.choice(alone)) for _ in range(300)]


def cut(reply: str, at: Sequence[int]) -> Iterator[str]:
    """The reply in chunks, cut at these places (in any order, wherever they fall)."""
    places = sorted({0, len(reply), *(place % (len(reply) + 1) for place in at)})
    for first, last in pairwise(places):
        yield reply[first:last]


def run(linter: Linter, case: Case, chunks: Iterator[str]) -> tuple[list[str], ReplyStream]:
    """What was visible after each chunk and after the end, and the stream."""
    stream = linter.stream(case.turns, case.meta)
    visible = [""]
    for chunk in chunks:
        visible.append(visible[-1] + stream.feed(chunk))
        assert visible[-1] == stream.released
        assert stream.released + stream.held == stream.text
    visible.append(visible[-1] + stream.flush())
    return visible, stream


@pytest.fixture(scope="module")
def letter_by_letter(linter: Linter, cases: list[Case]) -> list[tuple[Case, list[str], ReplyStream]]:
    return [(case, *run(linter, case, iter(case.reply))) for case in cases]


def test_what_the_whole_reply_check_blocks_is_not_touched(
    linter: Linter, letter_by_letter: list[tuple[Case, list[str], ReplyStream]]
) -> None:
    blocked = touched = 0
    for case, visible, stream in letter_by_letter:
        report = linter.check(case.reply, case.turns, case.meta)
        assert stream.report == report
        if report.action != "block":
            assert visible[-1] == case.reply
            continue
        assert visible[-1] != case.reply
        blocked += 1
        first = min(finding.start for finding in report.findings if finding.severity == "error")
        touched += len(visible[-1]) > first
    assert blocked > len(letter_by_letter) / 4
    # A word more than two clauses later can make an offence of what was none; nothing else may.
    assert touched <= blocked / 50


def test_what_is_visible_is_always_a_prefix_that_is_not_blocked(
    linter: Linter, letter_by_letter: list[tuple[Case, list[str], ReplyStream]]
) -> None:
    for case, visible, _ in letter_by_letter:
        for shown in dict.fromkeys(visible):
            assert case.reply.startswith(shown)
            assert linter.check(shown, case.turns, case.meta, rewrite=False).action != "block"


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_cuts_between_chunks_change_nothing(
    linter: Linter, letter_by_letter: list[tuple[Case, list[str], ReplyStream]], data: st.DataObject
) -> None:
    case, by_letter, _ = data.draw(st.sampled_from(letter_by_letter))
    chunks = list(cut(case.reply, data.draw(st.lists(st.integers(0, 400), max_size=8))))
    visible, _ = run(linter, case, iter(chunks))
    fed = 0
    for number, chunk in enumerate(chunks, 1):
        fed += len(chunk)
        assert visible[number] == by_letter[fed], "as much is visible as if it had come letter by letter"
    assert visible[-1] == by_letter[-1]


@given(
    st.lists(
        st.text(alphabet=HOSTILE, max_size=12),
        max_size=12,
    )
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_hostile_gets_out_or_is_lost(linter: Linter, chunks: list[str]) -> None:
    whole = "".join(chunks)
    visible, stream = run(linter, Case(whole, (), {}), iter(chunks))
    for shown in dict.fromkeys(visible):
        assert whole.startswith(shown)
        assert linter.check(shown, rewrite=False).action != "block"
    assert (stream.held == "") == (linter.check(whole).action != "block" or not whole)


def test_a_clause_is_shown_two_clauses_later(shop: Linter) -> None:
    stream = shop.stream()
    steps = [stream.feed(clause) for clause in ("亲,您好呀。", "这款是纯棉的,", "可以机洗。", "颜色有三种,", "都有")]
    assert steps == ["", "", "", "亲,您好呀。", "这款是纯棉的,"]


def test_most_of_a_long_reply_is_shown_before_it_ends(shop: Linter) -> None:
    stream = shop.stream()
    shown = "".join(stream.feed(letter) for letter in LONG)
    assert LONG.startswith(shown)
    assert len(shown) > len(LONG) / 2
    assert shown + stream.flush() == LONG


def test_the_end_of_a_clause_can_still_save_it(shop: Linter) -> None:
    begun, rest = "现金给我", "不行的哦"
    assert shop.check(begun).action == "block"
    stream = shop.stream()
    assert stream.feed(begun) == ""
    assert stream.feed(rest) + stream.flush() == begun + rest


def test_the_rest_of_the_rewrite_takes_the_place_of_what_is_held(shop: Linter) -> None:
    stream = shop.stream()
    shown = stream.feed("亲,您好呀。这款是纯棉的,可以机洗。颜色有三种,都有现货。不开发票哦")
    assert shown
    assert stream.flush() == ""
    assert stream.report is not None
    assert stream.report.rewrite is not None
    assert stream.remedy is not None
    assert shown + stream.remedy == stream.report.rewrite
    assert shop.check(shown + stream.remedy).action == "allow"


def test_there_is_no_remedy_for_what_needs_none(shop: Linter) -> None:
    stream = shop.stream()
    stream.feed(REFUSAL)
    assert stream.remedy is None, "the reply has not ended"
    fine = shop.stream()
    fine.feed("在的亲")
    assert (fine.flush(), fine.remedy) == ("在的亲", None)


def test_a_policy_decides_what_is_held(shop: Linter) -> None:
    lenient = Linter(ruleset=shop.ruleset, policy=Policy(actions={"error": "warn", "warning": "warn", "info": "allow"}))
    stream = lenient.stream()
    assert stream.feed(REFUSAL) + stream.flush() == REFUSAL
    assert stream.report is not None
    assert stream.report.action == "warn"


def test_the_buyers_question_counts(shop: Linter) -> None:
    asked = shop.stream([("buyer", "开发票吗")])
    assert asked.feed("不能哦") + asked.flush() == ""
    assert asked.held == "不能哦"


def test_after_the_end_nothing_more_is_taken(shop: Linter) -> None:
    stream = shop.stream()
    stream.feed("在的")
    stream.flush()
    assert stream.flush() == ""
    with pytest.raises(ValueError, match="has ended"):
        stream.feed("亲")


def test_wrong_calls_are_refused(shop: Linter) -> None:
    with pytest.raises(TypeError, match="a chunk is a string, not bytes"):
        shop.stream().feed(b"\xe4")  # type: ignore[arg-type]
    with pytest.raises(RequestError, match=r"history\[0\]"):
        shop.stream([("nobody", "在吗")])


@pytest.mark.parametrize(
    "reply",
    ["," * 40_000, "好的," * 10_000, "一," * 20_000, "1~" * 20_000, "好" * 40_000, "亲," + "“" * 40_000],
    ids=["signs alone", "short clauses", "clauses of a letter", "ranges", "one clause", "open quotes"],
)
def test_a_hostile_length_does_not_hang(shop: Linter, reply: str) -> None:
    stream = shop.stream()
    begun = time.process_time()
    for at in range(0, len(reply), 7):
        stream.feed(reply[at : at + 7])
    stream.flush()
    assert time.process_time() - begun < 10


def test_the_page_shows_what_works() -> None:
    shown: list[str] = []
    run_python_of("streaming.md", chunks=["这款是纯棉的,可以", "机洗。我们不开", "发票的哦"], show=shown.append)
    assert "".join(shown).startswith("这款是纯棉的,可以机洗。")
    assert "不开" not in "".join(shown)
