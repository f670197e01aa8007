"""The commands and their options, with help in Chinese and in English."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from replylint import __version__
from replylint.cli.help import COMMANDS, GROUPS, OPTIONS, PROGRAM
from replylint.messages import LANGUAGES, say
from replylint.model import PLATFORMS, SEVERITIES
from replylint.render import FORMATS
from replylint.render.width import wrap

INPUTS = ("auto", "text", "markdown", "jsonl", "csv")
LOG_FORMATS = (
    "auto", "jsonl", "csv", "xlsx", "parquet", "qianniu", "wecom", "jddc", "zendesk", "intercom", "chatwoot",
    "messages",
)  # fmt: skip
_HELP_CELLS = 92
MOST_JOBS = 256
WORD_LISTS = ("wecom", "keywords")
SCHEMAS = ("pack", "lexicon", "profile", "policy", "card", "config")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the texts as they were laid out, and says "usage" in the user's language."""

    usage_word = "usage: "

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, self.usage_word if prefix is None else prefix)


class _ChineseFormatter(_Formatter):
    usage_word = "用法: "


class _Parser(argparse.ArgumentParser):
    language = "en"

    def error(self, message: str) -> NoReturn:
        command = self.prog.removeprefix("replylint").strip()
        hint = say(self.language, "hint.help", command=command).replace("  ", " ")
        self.exit(2, f"replylint: {say(self.language, 'error')}: {message}\n{hint}\n")


class _ChineseParser(_Parser):
    language = "zh"


def build_parser(language: str, argv: Sequence[str]) -> argparse.ArgumentParser:
    """The parser, with the options of the one command that `argv` names: building them all would cost every run."""
    chosen = next((word for word in argv if not word.startswith("-")), None)
    formatter, make = (_ChineseFormatter, _ChineseParser) if language == "zh" else (_Formatter, _Parser)
    parser = make(
        prog="replylint", description=wrap(PROGRAM[language].about, _HELP_CELLS, ""), epilog=PROGRAM[language].examples,
        formatter_class=formatter, add_help=False, allow_abbrev=False,
    )  # fmt: skip
    general = parser.add_argument_group(GROUPS["options"][language])
    general.add_argument("-h", "--help", action="help", help=OPTIONS["--help"][language])
    general.add_argument(
        "--version", action="version", version=f"replylint {__version__}", help=OPTIONS["--version"][language]
    )
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title=GROUPS["commands"][language], parser_class=make, prog=parser.prog
    )
    for name in COMMANDS:
        if " " in name:
            continue
        command = commands.add_parser(
            name, formatter_class=formatter, add_help=False, allow_abbrev=False, **_texts(name, language)
        )
        if name == chosen:
            _CONFIGURE[name](command, language)
    return parser


_ARGUMENTS = {
    "check": "[FILE …]",
    "fix": "[FILE …]",
    "audit": "LOG … --out DIR",
    "mcp": "",
    "explain": "RULE | --reply TEXT",
    "rules": "TASK …",
    "rules list": "",
    "rules show": "RULE",
    "rules test": "[WHAT …]",
    "rules schema": "[SCHEMA]",
    "rules export": "FORMAT",
    "rules new": "[NAME]",
    "serve": "",
    "demo": "--out DIR",
}


def _texts(command: str, language: str) -> dict[str, Any]:
    """What argparse is told of a command, wrapped: its own wrapping takes a Chinese character for one cell."""
    words = ("replylint", command, _ARGUMENTS[command], f"[{GROUPS['options'][language]}]")
    text = COMMANDS[command][language]
    return {
        "usage": " ".join(word for word in words if word),
        "help": text.line,
        "description": wrap(text.about, _HELP_CELLS, ""),
        "epilog": text.examples,
    }


class _Adder:
    """Adds options to a parser with their help in one language."""

    def __init__(self, parser: argparse.ArgumentParser, language: str) -> None:
        self.parser, self.language = parser, language
        self._positional = parser.add_argument_group(GROUPS["positional"][language])
        self._own = parser.add_argument_group(GROUPS["options"][language])

    def positional(self, name: str, **given: Any) -> None:
        self._positional.add_argument(name, help=OPTIONS[name][self.language], **given)

    def option(self, *flags: str, **given: Any) -> None:
        self._own.add_argument(*flags, help=OPTIONS[flags[-1]][self.language], **given)

    def general(self, *, judging: bool = True, output: bool = True) -> None:
        """The options that all commands share, those that choose rules and those that decide the exit status."""
        group = self.parser.add_argument_group(GROUPS["common"][self.language])

        def add(*flags: str, **given: Any) -> None:
            group.add_argument(*flags, help=OPTIONS[flags[-1]][self.language], **given)

        add("--packs", action="extend", type=_listed, metavar="PACK,…")
        add("--policy", metavar="FILE")
        add("--shop", metavar="FILE")
        add("--select", action="extend", type=_listed, metavar="RULE,…")
        add("--ignore", action="extend", type=_listed, metavar="RULE,…")
        add("--lang", choices=LANGUAGES, metavar="LANG")
        add("--config", metavar="FILE")
        if judging:
            add("--fail-level", choices=SEVERITIES, metavar="LEVEL")
            add("--exit-zero", action="store_true", default=None)
        if output:
            add("--output", metavar="FILE")
        add("-h", "--help", action="help")


def _listed(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip())]


def _check(parser: argparse.ArgumentParser, language: str) -> None:
    add = _Adder(parser, language)
    add.positional("FILE", nargs="*")
    add.option("--input", choices=INPUTS, metavar="KIND")
    add.option("--format", choices=FORMATS, metavar="FORMAT")
    add.option("--buyer", action="append", metavar="TEXT")
    add.option("--platform", choices=PLATFORMS, metavar="NAME")
    add.general()


def _fix(parser: argparse.ArgumentParser, language: str) -> None:
    add = _Adder(parser, language)
    add.positional("FILE", nargs="*")
    add.option("--input", choices=INPUTS, metavar="KIND")
    add.option("--diff", action="store_true")
    add.option("--write", action="store_true")
    add.option("--buyer", action="append", metavar="TEXT")
    add.option("--platform", choices=PLATFORMS, metavar="NAME")
    add.general()


def _audit(parser: argparse.ArgumentParser, language: str) -> None:
    add = _Adder(parser, language)
    add.positional("LOG", nargs="+")
    add.option("--out", required=True, metavar="DIR")
    add.option("--jobs", type=int, metavar="N")
    add.option("--input-format", choices=LOG_FORMATS, metavar="KIND")
    add.option("--map", metavar="FIELD=HEADER,…")
    add.option("--card", metavar="FILE")
    add.option("--appeals", action="append", metavar="FILE")
    add.option("--baseline", action="append", metavar="FILE")
    add.option("--max-points", type=int, metavar="N")
    add.option("--unmask", action="store_true")
    add.option("--pseudonym-key", metavar="FILE")
    add.general()


def _mcp(parser: argparse.ArgumentParser, language: str) -> None:
    _Adder(parser, language).general(judging=False, output=False)


def _explain(parser: argparse.ArgumentParser, language: str) -> None:
    add = _Adder(parser, language)
    add.positional("RULE", nargs="?")
    add.option("--reply", metavar="TEXT")
    add.option("--buyer", action="append", metavar="TEXT")
    add.option("--platform", choices=PLATFORMS, metavar="NAME")
    add.general(judging=False)


def _rules(parser: argparse.ArgumentParser, language: str) -> None:
    parser.add_argument("-h", "--help", action="help", help=argparse.SUPPRESS)
    tasks = parser.add_subparsers(
        dest="task",
        metavar="TASK",
        title=GROUPS["tasks"][language],
        required=True,
        parser_class=type(parser),
        prog=parser.prog,
    )

    def task(name: str) -> _Adder:
        made = tasks.add_parser(
            name,
            formatter_class=parser.formatter_class,
            add_help=False,
            allow_abbrev=False,
            **_texts(f"rules {name}", language),
        )
        return _Adder(made, language)

    add = task("list")
    add.option("--json", action="store_true")
    add.general(judging=False)
    add = task("show")
    add.positional("RULE")
    add.general(judging=False)
    add = task("test")
    add.positional("WHAT", nargs="*")
    add.option("--jobs", type=int, metavar="N")
    add.general(judging=False)
    add = task("schema")
    add.positional("SCHEMA", nargs="?", choices=SCHEMAS, default="pack", metavar="SCHEMA")
    add.general(judging=False)
    add = task("export")
    add.positional("WORDLIST", choices=WORD_LISTS, metavar="FORMAT")
    add.option("--user", action="append", metavar="ID")
    add.option("--department", action="append", type=int, metavar="ID")
    add.general(judging=False)
    add = task("new")
    add.positional("NAME", nargs="?", default="mypack")
    add.general(judging=False)


def _serve(parser: argparse.ArgumentParser, language: str) -> None:
    add = _Adder(parser, language)
    add.option("--host", default="127.0.0.1", metavar="ADDRESS")
    add.option("--port", type=_port, default=8787, metavar="N")
    add.option("--hosts", metavar="FILE")
    add.option("--secret-file", metavar="FILE")
    add.option("--timeout-ms", type=_milliseconds, default=1000, metavar="N")
    add.option("--no-watch", action="store_true")
    add.general(judging=False, output=False)


def _port(text: str) -> int:
    return _whole(text, 0, 65_535)


def _milliseconds(text: str) -> int:
    return _whole(text, 10, 60_000)


def _whole(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(f"{low}–{high}, not {text!r}")
    return int(text)


def _demo(parser: argparse.ArgumentParser, language: str) -> None:
    add = _Adder(parser, language)
    add.option("--out", required=True, metavar="DIR")
    add.general(judging=False)


_CONFIGURE: dict[str, Callable[[argparse.ArgumentParser, str], None]] = {
    "check": _check,
    "fix": _fix,
    "audit": _audit,
    "mcp": _mcp,
    "explain": _explain,
    "rules": _rules,
    "serve": _serve,
    "demo": _demo,
}
