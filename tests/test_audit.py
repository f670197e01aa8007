"""Audits: the files they write, their sums, and that the number of processes changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from replylint.audit import FINDINGS, PROBLEMS, SUMMARY, Totals, audit, read_logs, write_results
from replylint.chatlog import LogProblem
from replylint.linter import Linter
from replylint.workers import ordered_map

GOLDEN = Path(__file__).parent / "golden"
CONTRACT_KEYS = {
    *("rule", "severity", "confidence", "points", "start", "end", "text", "message"),
    *("conversation", "turn", "agent", "at", "platform", "shop"),
}


@pytest.fixture(scope="module")
def shop() -> Linter:
    return Linter(packs=[GOLDEN / "shop.yaml"])


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


def run(linter: Linter, log: Path, out: Path, jobs: int = 1) -> dict[str, Any]:
    totals = Totals()
    for _ in write_results(out, audit(linter, read_logs([log]), jobs), totals, "v1", {}):
        pass
    summary: dict[str, Any] = json.loads((out / SUMMARY).read_text(encoding="utf-8"))
    return summary


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_findings_carry_the_keys_of_the_contract_and_point_at_their_words(
    shop: Linter, log: Path, tmp_path: Path
) -> None:
    run(shop, log, tmp_path / "out")
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
    assert (found[0]["platform"], found[0]["shop"], found[0]["agent"]) == ("jd", "s1", "agent")
    assert (found[2]["platform"], found[2]["shop"]) == (None, None)


def test_the_sums_add_up(shop: Linter, log: Path, tmp_path: Path) -> None:
    summary = run(shop, log, tmp_path / "out")
    assert (summary["conversations"], summary["replies"], summary["flagged_replies"], summary["findings"]) == (
        4,
        5,
        3,
        4,
    )
    assert summary["actions"] == {"block": 2, "warn": 1, "allow": 2}
    assert summary["problems"] == 1
    assert [problem["line"] for problem in lines(tmp_path / "out" / PROBLEMS)] == [3]
    for key in ("rules", "packs", "agents", "days"):
        assert sum(row["findings"] for row in summary[key]) == summary["findings"], key
        assert sum(row["points"] for row in summary[key]) == summary["points"], key
    assert [row["agent"] for row in summary["agents"]] == ["agent", "bot"]
    assert [row["day"] for row in summary["days"]] == ["2026-11-10", "2026-11-11", "2026-11-12"]


def test_two_processes_write_the_same_files_as_one(shop: Linter, tmp_path: Path) -> None:
    log = tmp_path / "long.jsonl"
    log.write_text("".join(line + "\n" for line in LOG * 40), encoding="utf-8")
    for jobs in (1, 2):
        run(shop, log, tmp_path / str(jobs), jobs)
    for name in (FINDINGS, SUMMARY, PROBLEMS):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    assert len(lines(tmp_path / "2" / FINDINGS)) == 160


def test_an_audit_that_breaks_off_leaves_the_old_files_alone(shop: Linter, log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(shop, log, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    going = write_results(out, audit(shop, read_logs([log])), Totals(), "v2", {})
    next(going)
    going.close()
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


PROBLEM_FILES = {
    "a file that is not there": (None, "No such file or directory"),
    "a file with text and no conversation": ("\n \n", "is empty"),
}


@pytest.mark.parametrize(("content", "message"), PROBLEM_FILES.values(), ids=PROBLEM_FILES)
def test_a_log_without_conversations_is_a_problem_and_the_next_goes_on(
    log: Path, tmp_path: Path, content: str | None, message: str
) -> None:
    other = tmp_path / "other.jsonl"
    if content is not None:
        other.write_text(content, encoding="utf-8")
    (first, problem), *rest = read_logs([other, log])
    assert isinstance(problem, LogProblem)
    assert (first, problem.line, problem.message) == (str(other), 1, message)
    assert len(rest) == len(LOG)


def test_half_a_character_does_not_stop_an_audit(shop: Linter, tmp_path: Path) -> None:
    log = tmp_path / "half.jsonl"
    log.write_text(
        r'{"id": "c", "turns": [{"role": "agent", "text": "\ud83d不开发票"}]}' + "\n" + LOG[0] + "\n", encoding="utf-8"
    )
    summary = run(shop, log, tmp_path / "out")
    assert summary["conversations"] + summary["problems"] == 2
    assert summary["findings"] >= 1


def _shifted(by: int, item: int) -> int:
    return item + by


@pytest.mark.parametrize("jobs", [1, 2], ids=["one process", "two processes"])
@pytest.mark.parametrize("count", [0, 1, 7, 100], ids=["nothing", "one item", "part of a batch", "many batches"])
def test_results_come_in_the_order_of_the_items(jobs: int, count: int) -> None:
    assert list(ordered_map(_shifted, 1000, range(count), jobs, batch=8)) == [1000 + item for item in range(count)]
