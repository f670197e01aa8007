"""Which module runs which command; only that one is loaded."""

from __future__ import annotations

import argparse

from replylint.cli.console import Console


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command the user named; returns its exit status."""
    match args.command:
        case "check":
            from replylint.cli.check import run
        case "fix":
            from replylint.cli.fix import run
        case "audit":
            from replylint.cli.audit import run
        case "mcp":
            from replylint.cli.mcp import run
        case "explain":
            from replylint.cli.explain import run
        case "rules":
            from replylint.cli.rules import run
        case "serve":
            from replylint.cli.serve import run
        case _:
            from replylint.cli.demo import run
    return run(args, console)
