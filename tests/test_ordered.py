"""Logs that are put in order outside of memory, and audits that are killed."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from replylint.atomic import clear_remains
from replylint.audit import Source, pieces
from replylint.audit.ordered import order, problems_of, read_ordered, row_groups
from replylint.audit.pieces import cut, read_piece
from replylint.chatlog import LogItem, LogProblem, read_log
from replylint.model import Conversation
from replylint.workers import apart

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("duckdb")

ROOT = Path(__file__).parents[1]
SHOP = str(Path(__file__).parent / "golden" / "shop.yaml")
HEADER = ("会话ID", "消息序号", "账号类型", "发送内容", "发送时间", "发送账号", "客户名")


def rows_of(count: int, chats: int, seed: int) -> list[tuple[str, ...]]:
    """Messages of several chats, mixed; some rows cannot be read."""
    dice = random.Random(seed)
    rows: list[tuple[str, ...]] = []
    for number in range(count):
        chat = dice.randrange(chats)
        role = dice.choice(["客户", "客服", "客服", "机器人", "老板"] if number % 97 else ["老板"])
        text = dice.choice(["在吗", "能开发票吗", "亲,不开发票哦", "赶紧拍吧", '带"引号"和\n换行', "', '); --"])
        rows.append(
            (f"c{chat}", str(number), role, text, f"2026-11-1{number % 9} 09:00:00", f"店:{role}", f"买家{chat}")
        )
    dice.shuffle(rows)
    return rows


def table(path: Path, rows: Sequence[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def parts(items: Sequence[LogItem]) -> tuple[list[Conversation], list[LogProblem]]:
    chats = [item for item in items if isinstance(item, Conversation)]
    return chats, [item for item in items if isinstance(item, LogProblem)]


LAYOUTS = ["csv", "parquet"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_the_engine_puts_in_order_is_what_memory_would(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of(3000, 40, seed=1)
    log = table(tmp_path / "it's a log.csv", rows)
    if layout == "parquet":
        columns = {name: [row[place] for row in rows] for place, name in enumerate(HEADER)}
        log = tmp_path / "it's a log.parquet"
        parquet.write_table(pyarrow.table(columns), log)
    monkeypatch.setattr(pieces, "SMALL", 1000)
    monkeypatch.setattr(pieces, "FEW", 1000)
    work = tmp_path / "wo'rk"
    work.mkdir()
    made = cut(log, Source(), work, 0)
    assert {piece.kind for piece in made} == {"lines", "rows"}
    assert {piece.log for piece in made} == {str(log)}
    read = [item for piece in made for item in read_piece(piece, Source())]
    assert parts(read) == parts(list(read_log(log)))
    assert len(parts(read)[0]) == 40


def test_a_conversation_that_ends_in_another_group_of_rows_is_whole(tmp_path: Path) -> None:
    rows = [
        (f"c{number % 7}" if number % 2 else "long", "", "客服", f"{number}", "", "", "") for number in range(30_000)
    ]
    log = table(tmp_path / "log.csv", rows)
    target = tmp_path / "ordered.parquet"
    assert order(log, "csv", None, target) == 30_000
    groups = row_groups(target)
    assert groups > 1
    each = [list(read_ordered(target, group, group + 1)) for group in range(groups)]
    assert [chat for chats in each for chat in chats] == list(read_log(log))
    assert not problems_of(target).read_text()


def test_an_engine_that_runs_out_of_memory_gets_more(tmp_path: Path) -> None:
    log = table(tmp_path / "log.csv", rows_of(20_000, 3_000, seed=3))
    usual, spare = tmp_path / "usual.parquet", tmp_path / "spare.parquet"
    order(log, "csv", None, usual)
    with pytest.raises(OSError, match="in order"):
        order(log, "csv", None, spare, megabytes=(1, 2))
    assert not spare.exists()
    order(log, "csv", None, spare, megabytes=(1, 96))
    assert parquet.read_table(spare).equals(parquet.read_table(usual))


def test_a_log_that_cannot_be_read_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log.xlsx"
    log.write_bytes(b"PK\x03\x04" + bytes(5000))
    monkeypatch.setattr(pieces, "SMALL", 1000)
    made = cut(log, Source(), tmp_path, 0)
    (problem,) = (item for piece in made for item in read_piece(piece, Source()))
    assert isinstance(problem, LogProblem)
    assert "no workbook" in problem.message


def test_without_the_engine_a_table_is_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = table(tmp_path / "log.csv", rows_of(500, 9, seed=2))
    monkeypatch.setattr(pieces, "SMALL", 1000)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    made = cut(log, Source(), tmp_path, 0)
    assert {piece.kind for piece in made} == {"lines"}
    assert [item for piece in made for item in read_piece(piece, Source())] == list(read_log(log))


def test_a_process_apart_gives_back_its_result_or_its_error() -> None:
    assert apart(pow, 2, 10) == 1024
    with pytest.raises(ZeroDivisionError):
        apart(divmod, 1, 0)


# ---- killed


def files_of(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir()) if path.is_file()}


def audit(log: Path, out: Path, home: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "replylint", "audit", log, "--out", out, "--jobs", "2", "--packs", SHOP]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(home), "XDG_CACHE_HOME": str(home)}
    return subprocess.Popen(
        [*map(str, words), "--exit-zero"], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def killed_and_resumed(tmp_path: Path, kills: int, rows: int) -> None:
    """An audit killed at random moments, again and again, ends as one that was left alone."""
    padding = ("哦" * 100,)
    readable = [(*row[:6], *padding) for row in rows_of(rows, rows // 12, seed=3) if row[2] != "老板"]
    log = table(tmp_path / "log.csv", readable)
    begun = time.monotonic()
    with audit(log, tmp_path / "whole", tmp_path) as whole:
        assert whole.wait(timeout=300) == 0
    length = time.monotonic() - begun
    dice = random.Random(7)
    for _ in range(kills):
        with audit(log, tmp_path / "killed", tmp_path) as program:
            try:
                program.wait(timeout=dice.uniform(0, length))
            except subprocess.TimeoutExpired:
                program.send_signal(signal.SIGKILL)
    with audit(log, tmp_path / "killed", tmp_path) as last:
        assert last.wait(timeout=300) == 0
    assert files_of(tmp_path / "killed") == files_of(tmp_path / "whole")
    assert len(files_of(tmp_path / "whole")["findings.jsonl"].splitlines()) > rows // 20


def test_what_a_killed_writer_left_goes_with_the_next(tmp_path: Path) -> None:
    kept = [tmp_path / name for name in ("audit.xlsx", ".audit.xlsx.part", ".other.xlsx.abc.part")]
    for path in (*kept, tmp_path / ".audit.xlsx.abc123.part", tmp_path / ".audit.xlsx.def_45.part"):
        path.write_bytes(b"")
    clear_remains(tmp_path / "audit.xlsx")
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def test_an_audit_killed_a_few_times_ends_like_one_left_alone(tmp_path: Path) -> None:
    killed_and_resumed(tmp_path, kills=2, rows=4000)


@pytest.mark.e2e
def test_an_audit_killed_fifty_times_ends_like_one_left_alone(tmp_path: Path) -> None:
    killed_and_resumed(tmp_path, kills=50, rows=60_000)
