"""`replylint serve`: the pre-send service and the try-it page."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from replylint.cli.console import CommandError, Console
from replylint.cli.options import build_linter
from replylint.linter import Linter, pack_paths

if TYPE_CHECKING:
    from replylint.serve.hosts import Host

WATCH_EVERY = 1.0


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command until it is interrupted; returns its exit status."""
    try:
        from replylint.serve.app import build_app
        from replylint.serve.guard import LOOPBACK, Guard, is_loopback
        from replylint.serve.hosts import read_hosts
        from replylint.serve.keeper import Keeper
        from replylint.serve.memory import Memory
        from replylint.serve.metrics import Metrics
        from replylint.serve.page import read_page
        from replylint.serve.run import listen, run
        from replylint.serve.service import Bounds, Service
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("replylint"):
            raise
        raise CommandError(console.say("serve.missing")) from None
    secret = _secret(args, console)
    hosts = read_hosts(Path(args.hosts)) if args.hosts else {}
    if not is_loopback(args.host):
        _refuse_open_doors(args.host, secret, hosts, console)
    # The message of a logger may name rules and files, never what somebody wrote.
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")

    def build() -> Linter:
        linter = build_linter(args, console)
        _rehearse(linter)
        return linter

    keeper = Keeper(build, lambda: _files(args))
    memory = Memory()
    modes = [(host.dialect, host.on_error) for host in hosts.values()]
    metrics, bounds = Metrics(lambda: len(memory), modes), Bounds(seconds=args.timeout_ms / 1000)
    service = Service(keeper, memory, metrics, bounds)
    guard = Guard(secret, (*LOOPBACK, args.host))
    app = build_app(
        service, guard, hosts, read_page(), language=console.language, watch=0 if args.no_watch else WATCH_EVERY
    )
    try:
        sock = listen(args.host, args.port)
    except OSError as error:
        reason = error.strerror or error
        raise CommandError(console.say("serve.busy", host=args.host, port=args.port, reason=reason)) from None
    host, port = sock.getsockname()[:2]
    url = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
    run(app, service, sock, lambda: console.warn(console.say("serve.ready", url=url, version=keeper.linter.version)))
    return 0


def _secret(args: argparse.Namespace, console: Console) -> str:
    """The secret of the service from a file or the environment, so that no process list shows it."""
    if args.secret_file is None:
        return os.environ.get("REPLYLINT_SECRET", "")
    path = Path(args.secret_file)
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if not secret:
        raise CommandError(console.say("serve.secret", path=path))
    return secret


def _refuse_open_doors(host: str, secret: str, hosts: Mapping[str, Host], console: Console) -> None:
    if not secret:
        raise CommandError(console.say("serve.open", host=host))
    for entry in hosts.values():
        if not entry.secret:
            raise CommandError(console.say("serve.open.host", host=host, dialect=entry.dialect))


def _rehearse(linter: Linter) -> None:
    """Answers the requests of the demo, so that what is made when first needed is there before a chat server waits."""
    linter.warm_up()
    lines = (Path(__file__).parent.parent / "data" / "demo.jsonl").read_text(encoding="utf-8").splitlines()
    for _ in linter.check_many(json.loads(line) for line in lines):
        pass


def _files(args: argparse.Namespace) -> Iterator[Path]:
    """Every file the linter is made from."""
    try:
        yield from pack_paths(args.packs)
    except ValueError:
        return
    yield from (Path(name) for name in (args.policy, args.shop) if name)
