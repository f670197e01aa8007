"""What a whole audit costs, over a generated log: work against the bare loop, workers against one, memory against size.

    python -m benchmarks.audit [--messages N] [--layout csv|parquet] [--pack PACK …]

`make bench` runs it small; with --messages 5000000 it is the log that does not fit into memory.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.chatlog import write_log
from benchmarks.goal import Goal
from replylint.audit import FINDINGS, SUMMARY, Auditor, Masker, Task
from replylint.chatlog import read_log
from replylint.cli.audit import audit_logs
from replylint.cli.console import Console
from replylint.linter import Linter
from replylint.model import Conversation

MESSAGES = 50_000
"""Of a log that workers share; one with ten times as many is measured beside it."""
OF_ONE_PIECE = 40_000
"""Messages of a log that one process reads at once."""
ROUNDS = 3
_SAMPLES_APART = 0.05


class Run(NamedTuple):
    """A program that ran: how long, and how much memory it and its children took at most."""

    seconds: float
    megabytes: float


def goals_of_audits(packs: Sequence[str] | None = None, layout: str = "parquet") -> list[Goal]:
    """Goals 8b to 10."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        piece, small, large = (home / f"{size}.{layout}" for size in ("piece", "small", "large"))
        write_log(piece, OF_ONE_PIECE)
        write_log(small, MESSAGES)
        write_log(large, MESSAGES * 10)
        return [_work(piece, home, packs), *_programs(small, large, home, packs)]


def _work(log: Path, home: Path, packs: Sequence[str] | None) -> Goal:
    """Goal 9, first half: the processor's work for an audit, from the log to the report, and for the bare loop."""
    linter = Linter(packs)
    chats = [item for item in read_log(log) if isinstance(item, Conversation)]
    replies = sum(turn.role != "buyer" for chat in chats for turn in chat.turns)

    def loop() -> None:
        for chat in chats:
            linter.check_conversation(chat)

    def audit() -> None:
        with io.StringIO() as screen:
            auditor = Auditor(linter, Masker(b"bench"))
            audit_logs(Task((log,), home / "work"), auditor, Console("en", screen, screen, False), 1)

    loop()
    spent = {act: float("inf") for act in (loop, audit)}
    for _ in range(ROUNDS):
        for act in spent:
            begin = _spent()
            act()
            spent[act] = min(spent[act], _spent() - begin)
    cost = [f"{spent[act] / replies * 1e6:.0f}" for act in (audit, loop)]
    return Goal(
        "9a", "work of an audit / loop over its replies", spent[audit] / spent[loop], 1.4,
        f"{' / '.join(cost)} us of processor a reply",
    )  # fmt: skip


def _spent() -> float:
    """Seconds of processor of this process and of those it waited for; a busy machine does not change them."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _programs(small: Path, large: Path, home: Path, packs: Sequence[str] | None) -> list[Goal]:
    """Goals 8, second half, to 10: whole programs, started anew."""
    few, many = (_measured(log, home / log.stem, packs, jobs=2) for log in (small, large))
    alone = _measured(large, home / "alone", packs, jobs=1)
    same = all(
        (home / "alone" / file).read_bytes() == (home / large.stem / file).read_bytes() for file in (FINDINGS, SUMMARY)
    )
    return [
        Goal("8b", "memory of auditing 10x the log / 1x", many.megabytes / few.megabytes, 1.1,
             f"{many.megabytes:.0f} / {few.megabytes:.0f} MB"),
        Goal("9b", "audit by two workers / by one", many.seconds / alone.seconds, 1 / 1.6,
             f"{many.seconds:.0f} / {alone.seconds:.0f} s"),
        Goal("10", "files of two workers that differ from one's", float(not same), 0.0, large.name),
    ]  # fmt: skip


def _measured(log: Path, out: Path, packs: Sequence[str] | None, jobs: int = 2) -> Run:
    words = [sys.executable, "-m", "replylint", "audit", str(log), "--out", str(out), "--jobs", str(jobs)]
    words.append("--exit-zero")
    words += ["--packs", ",".join(packs)] if packs else []
    begin = time.perf_counter()
    most = 0.0
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as program:
        while program.poll() is None:
            most = max(most, _memory(program.pid))
            time.sleep(_SAMPLES_APART)
    if program.returncode:
        raise RuntimeError(f"the audit of {log} ended with status {program.returncode}")
    return Run(time.perf_counter() - begin, most)


def _memory(root: int) -> float:
    """Megabytes of a process and all below it; what they share counts once. Nothing where /proc does not tell."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    total, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return total / 1024


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one size, and prints time and memory, or the goals when no size is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int)
    parser.add_argument("--layout", choices=("csv", "parquet"), default="parquet")
    parser.add_argument("--pack", action="append")
    options = parser.parse_args(argv)
    if options.messages is None:
        for goal in goals_of_audits(packs=options.pack, layout=options.layout):
            print(f"{goal.number:4s}  {goal.what:46s} {goal.ratio:9.3f}  {goal.limit:6.3f}  {goal.detail}")
        return 0
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as home:
        log = Path(home) / f"log.{options.layout}"
        write_log(log, options.messages)
        run = _measured(log, Path(home) / "out", options.pack)
        what = f"{options.messages:,} messages, {log.stat().st_size / 1e6:.0f} MB of {options.layout}"
        print(f"{what}: {run.seconds:.0f} s, {run.megabytes:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
