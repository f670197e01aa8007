"""What every bot framework does with a checked reply."""

import pickle
from pathlib import Path
from typing import Any

import pytest

from replylint.integrations.guard import ReplyBlockedError, advice, meta_of, sendable, turns_of
from replylint.linter import Linter
from replylint.model import Report, Turn

REFUSAL = "亲,不开发票哦"
HURRY = "亲,赶紧拍吧"
FALLBACK = "亲,我请同事来回复您"


@pytest.fixture(scope="module")
def shop() -> Linter:
    return Linter(packs=[Path(__file__).parent / "golden" / "shop.yaml"])


def without_rewrite(report: Report) -> Report:
    return report._replace(rewrite=None)


def test_a_fine_reply_is_sent_as_it_is(shop: Linter) -> None:
    assert sendable("在的亲", shop.check("在的亲"), FALLBACK) == "在的亲"


def test_a_warning_stops_nothing(shop: Linter) -> None:
    report = shop.check(HURRY)
    assert report.action == "warn"
    assert sendable(HURRY, report, FALLBACK) == HURRY


def test_a_blocked_reply_is_replaced_by_its_rewrite(shop: Linter) -> None:
    report = shop.check(REFUSAL)
    sent = sendable(REFUSAL, report, FALLBACK)
    assert sent == report.rewrite
    assert shop.check(sent).action == "allow"


def test_without_a_rewrite_the_fallback_is_sent(shop: Linter) -> None:
    assert sendable(REFUSAL, without_rewrite(shop.check(REFUSAL)), FALLBACK) == FALLBACK


def test_without_either_nothing_is_sent(shop: Linter) -> None:
    report = without_rewrite(shop.check(REFUSAL))
    with pytest.raises(ReplyBlockedError, match="shop/no-ticket") as caught:
        sendable(REFUSAL, report)
    assert caught.value.report == report
    assert pickle.loads(pickle.dumps(caught.value)).report == report


def test_advice_names_the_words_the_reason_and_the_way_out(shop: Linter) -> None:
    report = shop.check(REFUSAL)
    told = advice(report)
    assert told.splitlines()[1] == f"- shop/no-ticket「不开发票」{report.findings[0].message}"
    assert f"可以这样说:{report.rewrite}" in told
    assert "可以这样说" not in advice(without_rewrite(report))


def test_advice_in_english(shop: Linter) -> None:
    told = advice(Linter(ruleset=shop.ruleset, lang="en").check(REFUSAL), "en")
    assert told.startswith("This reply must not be sent to the buyer:\n- shop/no-ticket 「不开发票」 An invoice must")


def test_what_is_known_about_the_chat_may_depend_on_the_run() -> None:
    assert meta_of({"platform": "jd"}, None) == {"platform": "jd"}
    assert meta_of(lambda run: {"shop": run}, "s1") == {"shop": "s1"}


MESSAGES: list[tuple[str, Any, tuple[Turn, ...]]] = [
    ("a question", {"role": "user", "content": "能开发票吗"}, (Turn("buyer", "能开发票吗"),)),
    ("an answer", {"role": "assistant", "content": "可以的"}, (Turn("bot", "可以的"),)),
    (
        "text beside a picture",
        {"role": "user", "content": [{"type": "text", "text": "这个"}, {"type": "image_url", "image_url": {}}]},
        (Turn("buyer", "这个"),),
    ),
    (
        "an answer of the responses interface",
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "有的"}]},
        (Turn("bot", "有的"),),
    ),
    ("a prompt", {"role": "system", "content": "你是客服"}, ()),
    ("a tool call", {"role": "assistant", "content": None, "tool_calls": []}, ()),
    ("a tool's result", {"role": "tool", "content": "有货"}, ()),
    ("a picture alone", {"role": "user", "content": [{"type": "image_url", "image_url": {}}]}, ()),
    ("what is no message", "能开发票吗", ()),
]


@pytest.mark.parametrize(("message", "turns"), [case[1:] for case in MESSAGES], ids=[case[0] for case in MESSAGES])
def test_turns_of_messages(message: Any, turns: tuple[Turn, ...]) -> None:
    assert tuple(turns_of([message])) == turns
