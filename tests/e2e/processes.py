"""Starting a real server for a test, and being sure that it ends."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx


@contextmanager
def running(
    command: Sequence[str],
    log: Path,
    ready: Callable[[], object],
    *,
    seconds: float = 180,
    env: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A server from when it is `ready` until the end of the block. What it says goes into `log`."""
    with log.open("wb") as out:
        process = subprocess.Popen(list(command), stdout=out, stderr=subprocess.STDOUT, env=env, cwd=log.parent)
    try:
        until = time.monotonic() + seconds
        while not ready():
            said = log.read_text(encoding="utf-8", errors="replace")[-3_000:]
            assert process.poll() is None, f"{command[0]} ended with {process.returncode}: {said}"
            assert time.monotonic() < until, f"{command[0]} is not ready after {seconds} seconds: {said}"
            time.sleep(0.2)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def answers(url: str) -> Callable[[], bool]:
    """Whether something answers at an address."""

    def ready() -> bool:
        try:
            return httpx.get(url, timeout=2, trust_env=False).status_code < 500
        except httpx.HTTPError:
            return False

    return ready
