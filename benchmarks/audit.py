"""What a whole audit costs, over a generated log: time against the bare loop, workers against one, memory against size.

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
from collections.abc import Callable, Sequence
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

MESSAGES = 20_000
ROUNDS = 2
_SAMPLES_APART = 0.05


class Run(NamedTuple):
    """A program that ran: how long, and how much memory it and its children took at most."""

    seconds: float
    megabytes: float


def goals_of_audits(messages: int = MESSAGES, packs: Sequence[str] | None = None, layout: str = "parquet") -> list[Goal]:
    """Goals 8b to 10 on a log of `messages` messages and one of ten times as many."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        small, large = home / f"small.{layout}", home / f"large.{layout}"
        write_log(small, messages)
        write_log(large, messages * 10)
        return [*_times(small, home, packs), *_sizes(small, large, home, packs)]


def _times(log: Path, home: Path, packs: Sequence[str] | None) -> list[Goal]:
    linter = Linter(packs)
    chats = [item for item in read_log(log) if isinstance(item, Conversation)]
    replies = sum(turn.role != "buyer" for chat in chats for turn in chat.turns)

    def loop() -> None:
        for chat in chats:
            linter.check_conversation(chat)

    def audit(jobs: int) -> Callable[[], None]:
        def run() -> None:
            with io.StringIO() as screen:
                auditor = Auditor(linter, Masker(b"bench"))
                audit_logs(Task((log,), home / f"jobs{jobs}"), auditor, Console("en", screen, screen, False), jobs)

        return run

    loop()
    best = dict.fromkeys(("loop", "one", "two"), float("inf"))
    work = dict.fromkeys(best, float("inf"))
    for _ in range(ROUNDS):
        for what, act in (("loop", loop), ("one", audit(1)), ("two", audit(2))):
            begin, spent = time.perf_counter(), _spent()
            act()
            best[what] = min(best[what], time.perf_counter() - begin)
            work[what] = min(work[what], _spent() - spent)
    each = {what: f"{seconds / replies * 1e6:.0f}" for what, seconds in best.items()}
    cost = {what: f"{seconds / replies * 1e6:.0f}" for what, seconds in work.items()}
    same = all(
        (home / "jobs1" / file).read_bytes() == (home / "jobs2" / file).read_bytes() for file in (FINDINGS, SUMMARY)
    )
    return [
        Goal("9a", "work of an audit / loop over its replies", work["one"] / work["loop"], 1.4,
             f"{cost['one']} / {cost['loop']} us of processor a reply"),
        Goal("9b", "audit by two workers / by one", best["two"] / best["one"], 1 / 1.6,
             f"{each['two']} / {each['one']} us a reply"),
        Goal("10", "files of two workers that differ from one's", float(not same), 0.0, f"{replies} replies"),
    ]  # fmt: skip


def _spent() -> float:
    """Seconds of processor of this process and of those it waited for; a busy machine does not change them."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _sizes(small: Path, large: Path, home: Path, packs: Sequence[str] | None) -> list[Goal]:
    one, ten = (_measured(log, home / f"{log.stem}-out", packs) for log in (small, large))
    return [
        Goal(
            "8b",
            "memory of auditing 10x the log / 1x",
            ten.megabytes / one.megabytes,
            1.1,
            f"{ten.megabytes:.0f} / {one.megabytes:.0f} MB, {ten.seconds:.0f} / {one.seconds:.0f} s",
        )
    ]


def _measured(log: Path, out: Path, packs: Sequence[str] | None) -> Run:
    words = [sys.executable, "-m", "replylint", "audit", str(log), "--out", str(out), "--jobs", "2", "--exit-zero"]
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
