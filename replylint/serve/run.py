"""Running the service until somebody ends it."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from replylint.serve.service import Service

_GRACE = 5
_TURN = 0.0005
"""Seconds a thread may keep the interpreter: a reload computes for a second or two, and checks must not wait for it."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; raises OSError. Port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) only on sockets that say they are TCP; on others an answer, which is written
    # in two parts, waits 40 ms for the client's acknowledgement of the first.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def run(app: FastAPI, service: Service, sock: socket.socket, ready: Callable[[], None]) -> None:
    """Serves until SIGINT or SIGTERM; SIGHUP reads the packs again. `ready` is called once requests are answered."""
    sys.setswitchinterval(_TURN)
    # The access log would hold query strings, which hold secrets and ids.
    config = uvicorn.Config(
        app, access_log=False, log_level="warning", timeout_graceful_shutdown=_GRACE, server_header=False,
        limit_concurrency=2_000,
    )  # fmt: skip
    asyncio.run(_serve(uvicorn.Server(config), service, sock, ready))


async def _serve(server: uvicorn.Server, service: Service, sock: socket.socket, ready: Callable[[], None]) -> None:
    loop, reloads = asyncio.get_running_loop(), set[asyncio.Task[bool]]()

    def reload() -> None:
        task = loop.create_task(service.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    if hasattr(signal, "SIGHUP"):
        loop.add_signal_handler(signal.SIGHUP, reload)
    serving = loop.create_task(server.serve(sockets=[sock]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if server.started:
        ready()
    await serving
