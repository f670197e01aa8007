"""`replylint mcp`: the linter as tools for an assistant, on standard input and output."""

from __future__ import annotations

import argparse
from functools import cache

from replylint.cli.console import CommandError, Console
from replylint.cli.options import build_linter
from replylint.rule import Rule


def run(args: argparse.Namespace, console: Console) -> int:
    """Serves until the client closes its end."""
    try:
        from replylint.mcp_server import build
    except ImportError:
        raise CommandError(console.say("mcp.missing")) from None
    linter = build_linter(args, console)

    @cache
    def proved() -> dict[str, Rule]:
        # Reading all examples takes seconds, and most sessions ask for no rule.
        with_examples = build_linter(args, console, examples=True)
        return {name: rule for rule in with_examples.ruleset.rules for name in (rule.id, *rule.aliases)}

    def find_rule(identity: str) -> Rule:
        return proved()[linter.rule(identity).id]

    build(linter, find_rule, console.language).run()
    return 0
