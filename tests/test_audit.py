"""Audits: the files they write, their sums, and that neither processes nor interruptions change anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replylint.audit import FINDINGS, PROBLEMS, SUMMARY, Auditor, Card, Masker, Task
from replylint.audit.pieces import PIECE, Source, cut, read_piece
from replylint.audit.privacy import Fingerprints, Masked, read_key
from replylint.audit.run import prepare, work_off
from replylint.audit.scorecard import Campaign, read_card, score
from replylint.audit.sums import Sums
from replylint.audit.tally import Tally
from replylint.audit.workload import add_workload, forecast, moment_of, waits
from replylint.chatlog import LogProblem, read_log
from replylint.cli.audit import audit_logs
from replylint.cli.console import Console
from replylint.linter import Linter
from replylint.model import Conversation, Meta, Turn
from replylint.source import RulePackError
from replylint.workers import ordered_map

GOLDEN = Path(__file__).parent / "golden"
CONTRACT_KEYS = {
    *("rule", "severity", "confidence", "points", "start", "end", "text", "message"),
    *("conversation", "turn", "agent", "at", "platform", "shop"),
}
KEY = b"a key of the tests"


@pytest.fixture(scope="module")
def shop() -> Linter:
    return Linter(packs=[GOLDEN / "shop.yaml"])


@pytest.fixture
def auditor(shop: Linter) -> Auditor:
    return Auditor(shop, Masker(KEY))


@pytest.fixture
def console(tmp_path: Path) -> Any:
    with (tmp_path / "screen").open("w+", encoding="utf-8") as stream:
        yield Console("en", stream, stream, False)


def chat(number: int, *turns: tuple[str, str], **meta: str) -> str:
    listed = [
        {"role": role, "text": text, "at": f"2026-11-1{number % 3}T09:00:00", "sender": role} for role, text in turns
    ]
    return json.dumps({"id": f"c{number}", "meta": meta, "turns": listed}, ensure_ascii=False)


LOG = [
    chat(0, ("buyer", "能开发票吗"), ("agent", "亲,不开发票哦"), platform="jd", shop="s1"),
    chat(1, ("buyer", "开发票吗"), ("bot", "不能哦")),
    '{"id": "broken"',
    chat(2, ("agent", "赶紧拍吧,自己看"), ("buyer", "好"), ("agent", "在的")),
    chat(3, ("buyer", "不开发票"), ("agent", "可以开的亲")),
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(LOG) + "\n", encoding="utf-8")
    return path


def run(auditor: Auditor, log: Path, out: Path, console: Console, jobs: int = 1) -> dict[str, Any]:
    audit_logs(Task((log,), out), auditor, console, jobs)
    summary: dict[str, Any] = json.loads((out / SUMMARY).read_text(encoding="utf-8"))
    return summary


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def files_of(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


def test_findings_carry_the_keys_of_the_contract_and_point_at_their_words(
    auditor: Auditor, log: Path, tmp_path: Path, console: Console
) -> None:
    run(auditor, log, tmp_path / "out", console)
    found = lines(tmp_path / "out" / FINDINGS)
    chats = {record["id"]: record for line in LOG if line.endswith("}") for record in [json.loads(line)]}
    assert [(item["conversation"], item["turn"], item["rule"]) for item in found] == [
        ("c0", 1, "shop/no-ticket"),
        ("c1", 1, "shop/no-ticket"),
        ("c2", 0, "shop/slow"),
        ("c2", 0, "shop/curt"),
    ]
    for item in found:
        assert set(item) >= CONTRACT_KEYS
        said = chats[item["conversation"]]["turns"][item["turn"]]["text"]
        assert said[item["start"] : item["end"]] == item["text"]
        assert item["reply"][slice(*item["mark"])] == item["text"]
    assert (found[0]["platform"], found[0]["shop"], found[0]["agent"]) == ("jd", "s1", "agent")
    assert (found[2]["platform"], found[2]["shop"]) == (None, None)
    assert found[0]["buyer"] == "能开发票吗"


def test_the_sums_add_up(auditor: Auditor, log: Path, tmp_path: Path, console: Console) -> None:
    summary = run(auditor, log, tmp_path / "out", console)
    counts = ("conversations", "replies", "flagged_replies", "findings")
    assert tuple(summary[name] for name in counts) == (4, 5, 3, 4)
    assert summary["actions"] == {"block": 2, "warn": 1, "allow": 2}
    assert summary["problems"] == 1
    assert [problem["line"] for problem in lines(tmp_path / "out" / PROBLEMS)] == [3]
    for key in ("rules", "packs", "agents", "days", "shops"):
        assert sum(row["findings"] for row in summary[key]) == summary["findings"], key
        assert sum(row["points"] for row in summary[key]) == summary["points"], key
    assert [row["agent"] for row in summary["agents"]] == ["agent", "bot"]
    assert [row["bot"] for row in summary["agents"]] == [False, True]
    assert [row["day"] for row in summary["days"]] == ["2026-11-10", "2026-11-11", "2026-11-12"]


def test_two_processes_write_the_same_files_as_one(auditor: Auditor, tmp_path: Path, console: Console) -> None:
    log = tmp_path / "long.jsonl"
    filler = chat(4, ("buyer", "在" * 2000), ("agent", "在的"))
    log.write_text("".join(line + "\n" for line in (LOG + [filler] * 10) * 40), encoding="utf-8")
    assert log.stat().st_size > 2 * PIECE
    for jobs in (1, 2):
        run(auditor, log, tmp_path / str(jobs), console, jobs)
    assert files_of(tmp_path / "1") == files_of(tmp_path / "2")
    assert len(lines(tmp_path / "2" / FINDINGS)) == 160
    assert {problem["line"] % 15 for problem in lines(tmp_path / "2" / PROBLEMS)} == {3}


def test_an_audit_that_was_stopped_goes_on_where_it_was(auditor: Auditor, tmp_path: Path, console: Console) -> None:
    log = tmp_path / "long.jsonl"
    filler = chat(4, ("buyer", "在" * 2000), ("agent", "在的"))
    log.write_text("".join(line + "\n" for line in (LOG + [filler] * 10) * 40), encoding="utf-8")
    run(auditor, log, tmp_path / "whole", console)
    task = Task((log,), tmp_path / "halted")
    task.out.mkdir()
    going = work_off(task, prepare(task, auditor), auditor, 1)
    next(going)
    next(going)
    del going
    assert [step.again for step in work_off(task, prepare(task, auditor), auditor, 1)][:3] == [True, True, False]
    run(auditor, log, task.out, console)
    assert files_of(tmp_path / "whole") == files_of(task.out)
    assert not (task.out / ".audit").exists()


def test_another_card_starts_anew(auditor: Auditor, log: Path, tmp_path: Path, console: Console) -> None:
    task = Task((log,), tmp_path / "out")
    task.out.mkdir()
    assert [step.again for step in work_off(task, prepare(task, auditor), auditor, 1)] == [False]
    dearer = auditor._replace(card=Card(points={"shop": 9}))
    assert [step.again for step in work_off(task, prepare(task, dearer), dearer, 1)] == [False]
    assert run(dearer, log, task.out, console)["points"] == 36


PROBLEM_FILES = {
    "a file that is not there": (None, "No such file or directory"),
    "a file with text and no conversation": ("\n \n", "is empty"),
}


@pytest.mark.parametrize(("content", "message"), PROBLEM_FILES.values(), ids=PROBLEM_FILES)
def test_a_log_without_conversations_is_a_problem(tmp_path: Path, content: str | None, message: str) -> None:
    log = tmp_path / "other.jsonl"
    if content is not None:
        log.write_text(content, encoding="utf-8")
    (piece,) = cut(log, Source(), tmp_path, 0)
    (problem,) = read_piece(piece, Source())
    assert isinstance(problem, LogProblem)
    assert (problem.path, problem.line, problem.message) == (str(log), 1, message)


@given(st.lists(st.integers(0, 400), max_size=40))
def test_pieces_of_any_size_hold_every_line_once(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    log = tmp_path_factory.mktemp("cut") / "log.jsonl"
    log.write_text("".join(json.dumps({"reply": "在" * size}) + "\n" for size in sizes), encoding="utf-8")
    from replylint.audit import pieces
    from replylint.audit.pieces import _line_pieces

    whole = list(read_log(log, "jsonl"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "PIECE", 64)
        made = list(_line_pieces(str(log), log))
    assert [item for piece in made for item in read_piece(piece, Source())] == whole


def test_half_a_character_does_not_stop_an_audit(auditor: Auditor, tmp_path: Path, console: Console) -> None:
    log = tmp_path / "half.jsonl"
    log.write_text(
        r'{"id": "c", "turns": [{"role": "agent", "text": "\ud83d不开发票"}]}' + "\n" + LOG[0] + "\n", encoding="utf-8"
    )
    summary = run(auditor, log, tmp_path / "out", console)
    assert summary["conversations"] + summary["problems"] == 2
    assert summary["findings"] >= 1


# ---- score card

SCORES = {
    "every offence costs its points": (Card(), [("a", "p/x", 3), ("a", "p/y", 4)], (7, False, 93), {"a": 93}),
    "a rule counts twice": (Card(), [("a", "p/x", 3)] * 5, (6, False, 94), {"a": 94}),
    "as often as it happened without a cap": (Card(times=0), [("a", "p/x", 3)] * 5, (15, False, 85), {"a": 85}),
    "each pays for what they said": (Card(), [("a", "p/x", 3), ("b", "p/y", 4)], (7, False, 93), {"a": 97, "b": 96}),
    "a conversation has a most": (Card(most=5), [("a", "p/x", 3), ("b", "p/y", 4)], (5, False, 95), {"a": 97, "b": 98}),
    "a score ends at zero": (Card(full=5), [("a", "p/x", 9)], (9, False, 0), {"a": 0}),
    "a heavy one fails it": (Card(), [("a", "p/x", 10), ("b", "p/y", 1)], (11, True, 0), {"a": 0, "b": 99}),
    "a red line of the card fails it": (Card(red_lines=frozenset({"p"})), [("a", "p/x", 1)], (1, True, 0), {"a": 0}),
    "a repeated red line fails it too": (
        Card(times=1, red_lines=frozenset({"p/x"})), [("a", "p/x", 1), ("b", "p/x", 1)], (1, True, 0), {"a": 0, "b": 0},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SCORES)
def test_scores(case: str) -> None:
    card, findings, total, agents = SCORES[case]
    whole, each = score(card, findings)
    assert tuple(whole) == total
    assert {agent: left.left for agent, left in each.items()} == agents


CARD = """
full: 50
points: {shop/slow: 7, shop: 2}
caps: {times: 1, conversation: 20}
red-lines: [shop/curt]
red-line-points: 0
grades: {good: 40, bad: 0}
teams:
  late: [agent, 店:小美]
forecast: {month: 2026-10, last-average: 100, last-campaign-day: 550, per-agent: 60}
"""


def test_a_card_is_read_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(CARD, encoding="utf-8")
    card = read_card(path, {"shop", "shop/slow", "shop/curt"})
    assert (card.weight("shop/slow", 3), card.weight("shop/curt", 3), card.weight("other/x", 3)) == (7, 2, 3)
    assert (card.full, card.times, card.most, card.is_red_line("shop/curt", 1)) == (50, 1, 20, True)
    assert (card.is_red_line("shop/slow", 999), card.grade(40), card.grade(39.9)) == (False, "good", "bad")
    assert card.teams == {"agent": "late", "店:小美": "late"}
    assert card.campaign == Campaign("2026-10", 100, 550, 60)


BAD_CARDS = {
    "points: {shop/sloww: 1}": "1:10: unknown rule or pack 'shop/sloww'; did you mean 'shop/slow'?",
    "red-lines: [nobody]": "1:13: unknown rule or pack 'nobody'",
    "red_lines: []": "red-lines",
    "forecast: {month: October, last-average: 1, last-campaign-day: 1, per-agent: 1}": "a month is written as 2026-10",
    "forecast: {last-average: 1}": "forecast needs per-agent",
    "full: none": "1:7:",
}


@pytest.mark.parametrize("text", BAD_CARDS)
def test_a_broken_card_is_refused_at_its_place(text: str, tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RulePackError) as refused:
        read_card(path, {"shop", "shop/slow"})
    assert BAD_CARDS[text] in str(refused.value)


# ---- personal data

MASKED = {
    "a mobile number": ("我手机13900001357哦", "我手机139****1357哦"),
    "one in full width": ("１３９００００１３５７", "139****1357"),
    "one written out": ("打一三九零零零零五七九三", "打139****5793"),
    "an address below its district": ("寄江南省云上市彩虹区棉花路8号3幢502", "江南省云上市彩虹区***"),
    "an order number": ("订单号 240123456789012345 已发", "订单号 ****2345 已发"),
    "a receiver's name": ("收件人许柚子,在吗", "收件人**,在吗"),
    "words behind a label are no name": ("收件人电话地址写对没", "收件人电话地址写对没"),
    "an account": ("加我 qinghe_maizi 吧", "加我 qi*** 吧"),
    "the buyer's own name": ("tb小鹿 在吗", "buyer-"),
    "prices and sizes stay": ("3件299元,M码,48小时发", "3件299元,M码,48小时发"),
}


@pytest.mark.parametrize("case", MASKED)
def test_what_is_masked(case: str) -> None:
    text, expected = MASKED[case]
    shown = Masker(KEY).text(text, ["tb小鹿"]).text
    assert expected in shown
    assert Masker(KEY, off=True).text(text, ["tb小鹿"]).text == text


@given(st.text(st.sampled_from("1390 号订单a_路8微信\n１"), max_size=60), st.data())
def test_a_span_moves_with_its_words_when_something_before_it_is_masked(text: str, data: st.DataObject) -> None:
    masked: Masked = Masker(KEY).text(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = masked.span(start, end)
    assert 0 <= first <= last <= len(masked.text)
    if not any(edit.start < end and edit.end > start for edit in masked.edits):
        assert masked.text[first:last] == text[start:end]


def test_one_buyer_is_one_pseudonym_and_another_key_another() -> None:
    assert Masker(KEY).pseudonym("小鹿") == Masker(KEY).pseudonym("小鹿")
    assert len({Masker(KEY).pseudonym("小鹿"), Masker(KEY).pseudonym("老王"), Masker(b"x").pseudonym("小鹿")}) == 3


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "pseudonym.key"
    assert read_key(path) == read_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("\n", encoding="ascii")
    with pytest.raises(ValueError, match="no key"):
        read_key(path)


def test_a_fingerprint_is_of_the_content() -> None:
    mark = Fingerprints.of("亲,不开发票 哦").mark("a/b", "不开发票")
    assert mark == Fingerprints.of("亲，不开发票哦").mark("a/b", "不开发票")
    assert mark != Fingerprints.of("亲,不开发票哦").mark("a/c", "不开发票")
    assert mark != Fingerprints.of("不开发票").mark("a/b", "不开发票")
    numbers = ("13900001357", "13911111357")
    assert len({Fingerprints.of(f"打{number}").mark("a/b", number) for number in numbers}) == 1


def test_no_file_of_an_audit_holds_what_is_masked(auditor: Auditor, tmp_path: Path, console: Console) -> None:
    log = tmp_path / "log.jsonl"
    turns = [("buyer", "我是桃子味的风,电话13900001357,能开发票吗"), ("agent", "13900001357收到,桃子味的风,不开发票哦")]
    log.write_text(chat(0, *turns, buyer_id="桃子味的风") + "\n", encoding="utf-8")
    run(auditor, log, tmp_path / "out", console)
    for name, content in files_of(tmp_path / "out").items():
        for secret in ("13900001357", "桃子味的风"):
            assert secret.encode() not in content, name
    assert Masker(KEY).pseudonym("桃子味的风") in lines(tmp_path / "out" / FINDINGS)[0]["reply"]


# ---- workload

MOMENTS = {
    "2026-11-11T09:05:03+08:00": ("2026-11-11", 9, 2),
    "2026-11-11T23:05:03": ("2026-11-11", 23, 2),
    "2026-11-11": ("2026-11-11", None, 2),
    "09:05:03": (None, 9, None),
    "99:99": (None, 3, None),
    "yesterday": (None, None, None),
    "2026-13-40T00:00:00": (None, None, None),
    None: (None, None, None),
}


@pytest.mark.parametrize("at", MOMENTS)
def test_the_moment_of_a_turn(at: str | None) -> None:
    assert moment_of(at)[:3] == MOMENTS[at]


def talk(*turns: tuple[str, str], day: str = "2026-11-11T") -> Conversation:
    listed = [Turn(role, "在", f"{day}{at}", role) for role, at in turns]  # type: ignore[arg-type]
    return Conversation("c", tuple(listed), Meta())


WAITS = {
    "the answer to the first of two questions": (
        [("buyer", "09:00:00"), ("buyer", "09:00:20"), ("agent", "09:00:30")], 1, 30.0, 30.0,
    ),
    "a robot is no answer": ([("buyer", "09:00:00"), ("bot", "09:00:01"), ("agent", "09:01:00")], 1, 60.0, 60.0),
    "later answers count only in the mean of all": (
        [("buyer", "09:00:00"), ("agent", "09:00:10"), ("buyer", "09:01:00"), ("agent", "09:01:50")], 2, 10.0, 30.0,
    ),
    "who writes first answers nobody": ([("agent", "09:00:00"), ("buyer", "09:01:00")], 0, None, None),
}  # fmt: skip


@pytest.mark.parametrize("case", WAITS)
def test_response_times(case: str) -> None:
    turns, answers, first, mean = WAITS[case]
    tally = Tally()
    add_workload(tally, talk(*turns))
    assert (waits(tally, "any").answers, waits(tally, "first").mean, waits(tally, "any").mean) == (answers, first, mean)


def test_an_answer_after_midnight_waited_minutes_where_times_have_no_date() -> None:
    tally = Tally()
    add_workload(tally, talk(("buyer", "23:59:00"), ("agent", "00:01:00"), day=""))
    assert waits(tally, "first").mean == 120.0


def test_the_forecast_scales_last_years_campaign_day() -> None:
    tally = Tally()
    for day, count in (("2026-10-01T", 80), ("2026-10-02T", 120), ("2026-11-01T", 999)):
        for _ in range(count):
            add_workload(tally, talk(("buyer", "09:00:00"), day=day))
    made = forecast(tally, Campaign("2026-10", 50, 275, 60))
    assert (made.days, made.average, made.conversations, made.staff) == (2, 100.0, 550, 10)


def test_sums_of_parts_are_the_sums_of_the_whole(auditor: Auditor, log: Path) -> None:
    chats = [item for item in read_log(log) if isinstance(item, Conversation)]
    whole, merged = Sums(), Sums()
    for item in chats:
        whole.add(auditor.judge(item), auditor)
        part = Sums()
        part.add(auditor.judge(item), auditor)
        merged.merge(json.loads(json.dumps(part.to_wire())))
    assert json.dumps(merged.to_wire()) == json.dumps(whole.to_wire())


def _shifted(by: int, item: int) -> int:
    return item + by


@pytest.mark.parametrize("jobs", [1, 2], ids=["one process", "two processes"])
@pytest.mark.parametrize("count", [0, 1, 7, 100], ids=["nothing", "one item", "part of a batch", "many batches"])
def test_results_come_in_the_order_of_the_items(jobs: int, count: int) -> None:
    assert list(ordered_map(_shifted, 1000, range(count), jobs, batch=8)) == [1000 + item for item in range(count)]
