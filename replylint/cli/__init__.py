"""The command line: reads its words, runs one command, and turns every way it can end into an exit status.

0 nothing at or above the fail level · 1 findings · 2 usage, pack, policy or input error · 130 interrupted · 141 nobody
reads the output any more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from replylint.collector import collector_at_rest
from replylint.messages import LANGUAGES, language_of

INTERRUPTED = 130
NOBODY_READS = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit status."""
    with collector_at_rest():
        return _main(list(sys.argv[1:] if argv is None else argv))


def _main(words: Sequence[str]) -> int:
    from replylint.cli.console import standard_streams

    out, err = standard_streams()
    language = _language(words)
    try:
        try:
            return _run(words, language)
        finally:
            out.flush()
    except BrokenPipeError:
        # What is still in the buffer would be written at exit, to nobody, with a traceback.
        _let_go()
        return NOBODY_READS
    except KeyboardInterrupt:
        from replylint.messages import say

        print(f"replylint: {say(language, 'interrupted')}", file=err)
        return INTERRUPTED


def _run(words: Sequence[str], language: str) -> int:
    from replylint.cli.parser import build_parser

    parser = build_parser(language, words)
    try:
        args = parser.parse_args(words)
    except SystemExit as end:
        return int(end.code or 0)
    if args.command is None:
        parser.print_help(sys.stderr)
        return 2
    return _execute(args, language)


def _execute(args: object, language: str) -> int:
    import argparse

    from replylint.cli import commands
    from replylint.cli.console import CommandError, Console, print_problems, wants_colour
    from replylint.cli.options import complete, spoken_language
    from replylint.source import RulePackError

    assert isinstance(args, argparse.Namespace)
    console = Console(language, sys.stdout, sys.stderr, wants_colour(sys.stdout))
    try:
        complete(args)
        console = console._replace(language=spoken_language(args))
        return commands.run(args, console)
    except RulePackError as error:
        print_problems(console, error.problems)
        console.complain(console.say("pack.broken", n=len(error.problems)))
    except CommandError as error:
        console.complain(str(error))
    return 2


def _language(words: Sequence[str]) -> str:
    """The language of help and of complaints about the words themselves, before anything is parsed."""
    for at, word in enumerate(words):
        given = word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        if word == "--lang" and at + 1 < len(words):
            given = words[at + 1]
        if given in LANGUAGES:
            return given
    return language_of()


def _let_go() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
