"""What a check costs, as ratios inside one run: against the tokenizer, the bare literal scan and a bare interpreter.

    python -m benchmarks.bench [--chatlogs DIR] [--json FILE]

Candidates of a table run interleaved in one process, round by round, garbage collection off; medians are compared.
Every round gets fresh
`str` objects, since a string caches its UTF-8 form after the first scan. Replies come from the bundled sample logs,
or from `--chatlogs`
(JSONL with `reply` and `history`), which is the mix that the goals mean.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.audit import goals_of_audits
from benchmarks.goal import Goal
from benchmarks.growth import goal_of_memory, goals_of_growth
from benchmarks.page import markdown, put_between_marks
from benchmarks.peers import peers
from replylint.chatlog import LogProblem, read_log
from replylint.linter import Linter
from replylint.matcher import Matcher
from replylint.model import Turn
from replylint.tokens import WordEdges

ROUNDS = 7
SAMPLE = 2000
PROCESS_RUNS = 9


class Talk(NamedTuple):
    """A reply with the turns before it."""

    reply: str
    history: tuple[Turn, ...]


def sample_talk(chatlogs: Path | None, seed: int) -> list[Talk]:
    """Replies to measure on, in a fixed shuffled order."""
    talk = _real_talk(chatlogs) if chatlogs else _bundled_talk()
    random.Random(seed).shuffle(talk)
    return [talk[number % len(talk)] for number in range(SAMPLE)]


def _real_talk(directory: Path) -> list[Talk]:
    talk = []
    for path in sorted(directory.glob("*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            talk.append(Talk(row["reply"], tuple(Turn(turn["role"], turn["text"]) for turn in row["history"])))
    return talk


def _bundled_talk() -> list[Talk]:
    talk = []
    for path in sorted((Path(__file__).parent.parent / "examples" / "logs").glob("*.*")):
        if path.suffix == ".md":
            continue
        for chat in read_log(path):
            if isinstance(chat, LogProblem):
                raise SystemExit(str(chat))
            for index, turn in enumerate(chat.turns):
                if turn.role in ("agent", "bot"):
                    talk.append(Talk(turn.text, chat.turns[max(0, index - 4) : index]))
    return talk


def fresh(text: str) -> str:
    """The same text as a new object."""
    return "".join(list(text))


def interleaved(candidates: dict[str, Callable[[], Any]]) -> dict[str, list[float]]:
    """Seconds per round of each candidate, their order shuffled in every round, after one warm-up."""
    for run in candidates.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    order = list(candidates)
    gc.disable()
    try:
        for number in range(ROUNDS):
            random.Random(number).shuffle(order)
            for name in order:
                begin = time.perf_counter()
                candidates[name]()
                seconds[name].append(time.perf_counter() - begin)
    finally:
        gc.enable()
    return seconds


def over(replies: Sequence[Talk], act: Callable[[str, tuple[Turn, ...]], Any], *, history: bool) -> Callable[[], None]:
    """A run of `act` over all replies, on fresh strings each time it is called."""

    def run() -> None:
        for reply, turns in replies:
            act(fresh(reply), tuple(turn._replace(text=fresh(turn.text)) for turn in turns) if history else ())

    return run


def goals_of_single_checks(linter: Linter, talk: Sequence[Talk]) -> list[Goal]:
    edges = WordEdges()
    scan = Matcher(tuple(linter.ruleset.words)).scan
    clean = [
        item
        for item in talk
        if not linter.check(item.reply, item.history).findings and not linter.check(item.reply).findings
    ]
    risky = [item for item in talk if linter.check(item.reply, item.history).findings] or list(talk[:50])

    def check(reply: str, turns: tuple[Turn, ...]) -> Any:
        return linter.check(reply, turns, rewrite=False)

    def nothing(reply: str, turns: tuple[Turn, ...]) -> Any:
        return reply, turns

    median = _medians(
        {
            "overhead": over(clean, nothing, history=False),
            "jieba": over(clean, lambda reply, _: edges.words(reply), history=False),
            "scan": over(clean, lambda reply, _: scan(reply), history=False),
            "check": over(clean, check, history=False),
            "mix overhead": over(talk, nothing, history=True),
            "mix jieba": over(talk, lambda reply, _: edges.words(reply), history=True),
            "mix check": over(talk, check, history=True),
            "risky overhead": over(risky, nothing, history=True),
            "risky jieba": over(risky, lambda reply, _: edges.words(reply), history=True),
            "risky check": over(risky, check, history=True),
            "risky rewrite": over(risky, lambda reply, turns: linter.check(reply, turns), history=True),
        }
    )

    def net(name: str, base: str, count: int) -> float:
        return max(median[name] - median[base], 1e-9) / count * 1e6

    clean_check, clean_jieba = net("check", "overhead", len(clean)), net("jieba", "overhead", len(clean))
    bare_scan = net("scan", "overhead", len(clean))
    mix_check, mix_jieba = net("mix check", "mix overhead", len(talk)), net("mix jieba", "mix overhead", len(talk))
    risky_check, risky_jieba = (
        net("risky check", "risky overhead", len(risky)),
        net("risky jieba", "risky overhead", len(risky)),
    )
    rewrite = net("risky rewrite", "risky overhead", len(risky))
    return [
        Goal(
            "1a",
            "clean reply / jieba",
            clean_check / clean_jieba,
            1 / 30,
            f"{clean_check:.1f} / {clean_jieba:.1f} us, {len(clean)} replies",
        ),
        Goal(
            "1b",
            "clean reply / bare literal scan",
            clean_check / bare_scan,
            4.0,
            f"{clean_check:.1f} / {bare_scan:.2f} us",
        ),
        Goal(
            "2",
            "mix with history / jieba",
            mix_check / mix_jieba,
            1 / 12,
            f"{mix_check:.1f} / {mix_jieba:.1f} us, {len(talk)} replies",
        ),
        Goal(
            "3a",
            "reply with findings / jieba",
            risky_check / risky_jieba,
            1 / 5,
            f"{risky_check:.1f} / {risky_jieba:.1f} us, {len(risky)} replies",
        ),
        Goal(
            "3b",
            "the same with its rewrite / jieba",
            rewrite / risky_jieba,
            1.0,
            f"{rewrite:.1f} / {risky_jieba:.1f} us",
        ),
        _tail(linter, talk),
    ]


def _tail(linter: Linter, talk: Sequence[Talk]) -> Goal:
    """Each reply's best of five, so that the scheduler's noise does not count as ours."""
    best = []
    for reply, turns in talk:
        times = []
        for _ in range(5):
            text = fresh(reply)
            begin = time.perf_counter()
            linter.check(text, turns, rewrite=False)
            times.append(time.perf_counter() - begin)
        best.append(min(times))
    best.sort()
    middle, last = statistics.median(best), best[int(len(best) * 0.99)]
    return Goal("4", "p99 of a check / its median", last / middle, 5.0, f"{last * 1e6:.1f} / {middle * 1e6:.1f} us")


def goal_of_a_process() -> list[Goal]:
    """Whole processes, caches warm: an empty interpreter, one that checks a reply, one that initialises jieba."""
    commands = {
        "pass": [sys.executable, "-c", "pass"],
        "check": [sys.executable, "-m", "replylint", "check", "--exit-zero", "-"],
        "jieba": [sys.executable, "-W", "ignore", "-c", "import jieba; jieba.setLogLevel(60); jieba.initialize()"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as cache:
        # An installed package has its bytecode; so have all three here, whatever this shell tells Python.
        environment = {**os.environ, "XDG_CACHE_HOME": cache, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(PROCESS_RUNS + 1):
            for name, command in commands.items():
                begin = time.perf_counter()
                subprocess.run(
                    command, input="亲,这款有现货的\n".encode(), capture_output=True, check=True, env=environment
                )
                if number:
                    seconds[name].append(time.perf_counter() - begin)
    median = {name: statistics.median(rounds) for name, rounds in seconds.items()}
    detail = f"{median['check'] * 1e3:.0f} ms"
    return [
        Goal(
            "7a",
            "process that checks a reply / python -c pass",
            median["check"] / median["pass"],
            5.0,
            f"{detail} / {median['pass'] * 1e3:.0f} ms",
        ),
        Goal(
            "7b",
            "the same / one that initialises jieba",
            median["check"] / median["jieba"],
            1 / 10,
            f"{detail} / {median['jieba'] * 1e3:.0f} ms",
        ),
    ]


def _medians(candidates: dict[str, Callable[[], Any]]) -> dict[str, float]:
    return {name: statistics.median(rounds) for name, rounds in interleaved(candidates).items()}


def table_of_peers(linter: Linter, talk: Sequence[Talk]) -> list[tuple[str, float]]:
    """Microseconds a reply takes, replylint's judgement first, then what only finds words."""
    runs: dict[str, tuple[Callable[[str], Any], int]] = {
        "replylint, judged": (lambda reply: linter.check(reply, rewrite=False), 1000),
        **peers(linter.ruleset.words),
    }

    def run(search: Callable[[str], Any], count: int) -> Callable[[], None]:
        def over_some() -> None:
            for reply, _ in talk[:count]:
                search(fresh(reply))

        return over_some

    took = _medians({name: run(search, count) for name, (search, count) in runs.items()})
    return [(name, took[name] / min(count, len(talk)) * 1e6) for name, (_, count) in runs.items()]


def _report(goals: Sequence[Goal], rivals: Sequence[tuple[str, float]], version: str) -> Iterator[str]:
    """What was measured, as Markdown."""
    yield f"Measured on {date.today().isoformat()} with version {version}."
    yield from markdown(
        ("#", "goal", "measured", "limit", "holds", "detail"),
        (
            (
                goal.number,
                goal.what,
                f"{goal.ratio:.3f}",
                f"{goal.limit:.3f}",
                "yes" if goal.holds else "**no**",
                goal.detail,
            )
            for goal in goals
        ),
    )
    own = rivals[0][1]
    yield from markdown(
        ("on the same words", "us a reply", "of replylint"),
        ((name, f"{microseconds:.1f}", f"{microseconds / own:.2f}x") for name, microseconds in rivals),
    )


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chatlogs", type=Path, help="directory of real replies (JSONL)")
    parser.add_argument("--json", type=Path, help="write the table as JSON")
    parser.add_argument("--table", type=Path, help="write the tables into this Markdown file, between its markers")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    linter = Linter()
    linter.warm_up()
    talk = sample_talk(options.chatlogs, options.seed)
    goals = goals_of_single_checks(linter, talk)
    goals += goals_of_growth([reply for reply, _ in talk[:500]], _medians)
    goals += [*goal_of_a_process(), goal_of_memory(), *goals_of_audits()]
    rivals = table_of_peers(linter, talk)
    for line in (report := list(_report(goals, rivals, linter.version))):
        print(line)
    if options.table:
        put_between_marks(options.table, report)
    if options.json:
        table = [{**goal._asdict(), "holds": goal.holds} for goal in goals]
        options.json.write_text(
            json.dumps(
                {"version": linter.version, "goals": table, "peers": dict(rivals)}, ensure_ascii=False, indent=1
            ),
            "utf-8",
        )
        print(f"written to {options.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
