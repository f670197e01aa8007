"""Load on the pre-send service: python -m benchmarks.load --seconds 60 [--reload-every 1] [--hostile 1] [--json FILE]

Starts `replylint serve` on loopback and asks it over kept-alive connections with the agents' turns of the sample logs,
each with up to six turns before it. Ends with status 1 when a good request was answered by anything but 200, or a
hostile one by a failure of the server (500; 503, not judged in time, is an answer). The generator shares the machine's
cores with the service; `cpu_ms`, the service's own computing time per request, does not depend on the neighbours.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from replylint.chatlog import read_log
from replylint.linter import bundled_rules
from replylint.model import Conversation

LOGS = Path(__file__).parent.parent / "examples" / "logs"
HISTORY = 6
HOSTILE = (
    b"{", b"\xff\xfe\x00", b"[" * 50_000, b'{"reply":' + b"9" * 6_000 + b"}", b'{"reply":["a"]}', b'"\\ud83d"',
    b'{"reply":"a","history":{"role":"buyer"}}', b'{"reply":"a","meta":{"platform":[]}}', b"null", b"",
    json.dumps({"reply": "\ud83d" * 50, "history": [{"role": "buyer", "text": "\x00" * 500}]}).encode(),
    json.dumps({"reply": "加微信不开发票" * 1_400}).encode(), json.dumps({"reply": "a" * 20_000}).encode(),
    json.dumps({"reply": "((((((不" * 1_000}).encode(), b"x" * 1_100_000,
)  # fmt: skip


class Tally(NamedTuple):
    """What came back: milliseconds of good requests, and how often each status for good and for hostile ones."""

    milliseconds: list[float]
    good: Counter[int]
    hostile: Counter[int]


def wires() -> list[bytes]:
    """The agents' turns of the sample logs as requests."""
    found = []
    for path in sorted(LOGS.iterdir()):
        if path.suffix not in (".csv", ".txt", ".jsonl"):
            continue
        for chat in read_log(path):
            if not isinstance(chat, Conversation):
                continue
            for at, turn in enumerate(chat.turns):
                if turn.role == "agent":
                    before = [{"role": old.role, "text": old.text} for old in chat.turns[max(0, at - HISTORY) : at]]
                    found.append(json.dumps({"reply": turn.text, "history": before}, ensure_ascii=False).encode())
    return found


@contextmanager
def service(packs: Path | None) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """`replylint serve` on a free port, once its patterns are compiled."""
    options = ["--packs", str(packs)] if packs else []
    command = [sys.executable, "-m", "replylint", "serve", "--port", "0", "--lang", "en", "--no-watch", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert process.stderr is not None
    try:
        line = next(line for line in process.stderr if "listening on" in line)
        yield int(line.split("127.0.0.1:")[1].split("/")[0]), process
    finally:
        process.terminate()
        process.communicate(timeout=30)


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: bytes) -> int:
    """The status of one request on an open connection."""
    head = (
        f"POST {path} HTTP/1.1",
        "host: 127.0.0.1",
        "content-type: application/json",
        f"content-length: {len(body)}",
    )
    writer.write("\r\n".join((*head, "", "")).encode() + body)
    await writer.drain()
    answer = await reader.readuntil(b"\r\n\r\n")
    status = int(answer.split(b" ", 2)[1])
    length = next(
        int(line.split(b":")[1]) for line in answer.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    await reader.readexactly(length)
    return status


async def asker(
    port: int, bodies: Iterator[bytes], until: float, hostile: float, tally: Tally, dice: random.Random
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        if dice.random() * 100 < hostile:
            try:
                tally.hostile[await ask(reader, writer, "/v1/check", dice.choice(HOSTILE))] += 1
            except (OSError, asyncio.IncompleteReadError):
                tally.hostile[0] += 1  # the server hung up on a body it would not read
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            continue
        begun = time.perf_counter()
        tally.good[await ask(reader, writer, "/v1/check", next(bodies))] += 1
        tally.milliseconds.append((time.perf_counter() - begun) * 1000)
    writer.close()


async def reloader(port: int, pack: Path, every: float, until: float, done: Counter[int]) -> None:
    """Changes a pack and has it read again, at most once in `every` seconds."""
    for number in itertools.count():
        if time.monotonic() >= until:
            return
        begun = time.monotonic()
        with pack.open("a", encoding="utf-8") as file:
            file.write(f"# {number}\n")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        done[await ask(reader, writer, "/v1/reload", b"{}")] += 1
        writer.close()
        await asyncio.sleep(max(0.0, every - (time.monotonic() - begun)))


def cpu_seconds(pid: int) -> float:
    """Computing time of a process so far (Linux; 0 elsewhere)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def load(port: int, pid: int, pack: Path | None, args: argparse.Namespace) -> tuple[Tally, Counter[int], float]:
    tally, reloads, dice = Tally([], Counter(), Counter()), Counter[int](), random.Random(7)
    bodies = itertools.cycle(wires())
    # Every pattern is compiled when first met; a service that has run for a minute has met them.
    await asker(port, bodies, time.monotonic() + args.warm, 0, Tally([], Counter(), Counter()), dice)
    before = cpu_seconds(pid)
    until = time.monotonic() + args.seconds
    jobs = [asker(port, bodies, until, args.hostile, tally, dice) for _ in range(args.connections)]
    if pack is not None:
        jobs.append(reloader(port, pack, args.reload_every, until, reloads))
    await asyncio.gather(*jobs)
    return tally, reloads, cpu_seconds(pid) - before


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--warm", type=float, default=20)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--reload-every", type=float, default=0)
    parser.add_argument("--hostile", type=float, default=0, help="percent of the requests")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        packs, pack = None, None
        if args.reload_every:
            packs = Path(folder)
            for path in bundled_rules().glob("*.yaml"):
                (packs / path.name).write_bytes(path.read_bytes())
            pack = packs / "invoice.yaml"
        with service(packs) as (port, process):
            tally, reloads, cpu = asyncio.run(load(port, process.pid, pack, args))
    figures = summary(tally, reloads, cpu, args)
    for name, value in figures.items():
        print(f"{name:<12} {value}")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    failed = any(status != 200 for status in tally.good) or 500 in tally.hostile
    return 1 if failed else 0


def summary(tally: Tally, reloads: Counter[int], cpu: float, args: argparse.Namespace) -> dict[str, Any]:
    times = sorted(tally.milliseconds)

    def at(share: float) -> float:
        return round(times[min(len(times) - 1, int(len(times) * share))], 2)

    return {
        "rate": round(len(times) / args.seconds, 1), "p50_ms": at(0.5), "p90_ms": at(0.9), "p99_ms": at(0.99),
        "max_ms": at(1.0), "cpu_ms": round(cpu * 1000 / len(times), 2), "answers": dict(tally.good),
        "hostile": dict(sorted(tally.hostile.items())),
        "reloads": dict(reloads), "connections": args.connections, "seconds": args.seconds,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
