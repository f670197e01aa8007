"""Running the real service for a test: the program on a free port, or an application in this process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import uvicorn
from fastapi import FastAPI

from replylint.serve.run import listen

PATIENCE = 120.0
_LISTENING = re.compile(r"http://\S+?:\d+/")


class Served(NamedTuple):
    """A service that runs: its address, a client for it and what it has written to its error stream so far."""

    url: str
    client: httpx.Client
    process: subprocess.Popen[str]
    log: list[str]


@contextmanager
def serving(*options: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> Iterator[Served]:
    """`replylint serve` with these options, on a free port, ended afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "replylint", "serve", "--port", "0", "--lang", "zh", "--timeout-ms", "20000", *options],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, encoding="utf-8", cwd=cwd,
        env={**os.environ, "NO_PROXY": "*", **(env or {})},
    )  # fmt: skip
    log: list[str] = []
    reader = threading.Thread(target=_collect, args=(process, log), daemon=True)
    reader.start()
    try:
        url = _address(process, log)
        with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
            yield Served(url, client, process, log)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(5)


def _collect(process: subprocess.Popen[str], log: list[str]) -> None:
    assert process.stderr is not None
    with process.stderr as lines:
        log.extend(lines)


def _address(process: subprocess.Popen[str], log: list[str]) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = _LISTENING.search("".join(log))
        if found:
            return found[0]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"the service did not start: {''.join(log)}")


@contextmanager
def in_process(app: FastAPI) -> Iterator[httpx.Client]:
    """The application on a real server in a thread of this process, for what options cannot bring about."""
    sock = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    eventually(lambda: server.started)
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{sock.getsockname()[1]}", timeout=PATIENCE, trust_env=False
        ) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(15)
        sock.close()


def eventually(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Waits until `holds()` is true; fails when it does not become so."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} seconds")
