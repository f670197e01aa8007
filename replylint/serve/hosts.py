"""The chat servers that may ask, read from YAML: who signs how, whose words are checked, what a verdict leads to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, cast

from replylint.located import Node, check_keys, mapping, one_of, read, strings, text, whole
from replylint.model import PLATFORMS, Meta
from replylint.serve.dialects import DIALECTS
from replylint.source import Problem, RulePackError, did_you_mean

OnError: TypeAlias = Literal["allow", "block"]
Deed: TypeAlias = Literal["allow", "reject", "rewrite"]
_KEYS = ("secret", "secret-env", "app", "agents", "platform", "shop", "on-error", "on-block", "on-warn", "timeout-ms")
_MARGIN = 0.75
"""The part of the server's patience that judging may take; the rest is the way there and back."""


class Host(NamedTuple):
    """One chat server.

    agents    accounts (with * and ?) whose messages are checked; empty: everybody's
    on_error  what becomes of a message that could not be judged
    on_block  reject it, or send the rewrite instead where there is one
    on_warn   let it pass, reject it, or send the rewrite instead where there is one
    """

    dialect: str
    secret: str = ""
    app: str = ""
    agents: tuple[str, ...] = ()
    meta: Meta = Meta()
    on_error: OnError = "allow"
    on_block: Deed = "reject"
    on_warn: Deed = "allow"
    seconds: float = 1.0

    def is_agent(self, sender: str) -> bool:
        """Whether messages of this account are checked."""
        return not self.agents or any(fnmatchcase(sender, pattern) for pattern in self.agents)


def read_hosts(path: Path) -> Mapping[str, Host]:
    """The chat servers of a file, by dialect; raises RulePackError with every problem."""
    node, found = read(path)
    problems = list(found)
    hosts = {}
    if node is not None and node.value is not None:
        for name, entry in mapping(node, problems).items():
            if name in DIALECTS:
                hosts[name] = _host(name, entry, problems)
            else:
                mark = node.keys.get(name, entry.mark)
                problems.append(Problem(mark, f"unknown chat server {name!r}{did_you_mean(name, DIALECTS)}"))
    if problems:
        raise RulePackError(problems)
    return hosts


def _host(name: str, node: Node, problems: list[Problem]) -> Host:
    entries = mapping(node, problems) if node.value is not None else {}
    check_keys(node, _KEYS, problems, name)
    patience = DIALECTS[name].patience * _MARGIN

    def chosen(key: str, choices: tuple[str, ...]) -> str:
        return one_of(entries[key], choices, problems) if key in entries else choices[0]

    def word(key: str) -> str:
        return text(entries[key], problems) if key in entries else ""

    secret = _secret(node, entries, problems)
    if DIALECTS[name].signed and not {"secret", "secret-env"} & entries.keys():
        problems.append(Problem(node.mark, f"{name} signs its calls, so its secret is needed: secret or secret-env"))
    if "agents" in entries and not DIALECTS[name].accounts:
        problems.append(Problem(node.keys["agents"], f"{name} names no accounts: all it sends is judged"))
    return Host(
        dialect=name,
        secret=secret,
        app=word("app"),
        agents=strings(entries["agents"], problems) if "agents" in entries else (),
        meta=Meta(platform=chosen("platform", ("", *PLATFORMS)), shop=word("shop")),
        on_error=cast(OnError, chosen("on-error", ("allow", "block"))),
        on_block=cast(Deed, chosen("on-block", ("reject", "rewrite"))),
        on_warn=cast(Deed, chosen("on-warn", ("allow", "reject", "rewrite"))),
        seconds=whole(entries["timeout-ms"], problems, 10, 60_000) / 1000 if "timeout-ms" in entries else patience,
    )


def _secret(node: Node, entries: Mapping[str, Node], problems: list[Problem]) -> str:
    """The secret as written, or from the environment variable that `secret-env` names."""
    if "secret" in entries and "secret-env" in entries:
        problems.append(Problem(node.keys["secret-env"], "give secret or secret-env, not both"))
    if "secret-env" in entries:
        name = text(entries["secret-env"], problems)
        found = os.environ.get(name, "")
        if name and not found:
            problems.append(Problem(entries["secret-env"].mark, f"the environment has no variable {name}"))
        return found
    if "secret" not in entries:
        return ""
    given = text(entries["secret"], problems)
    if not given:
        problems.append(Problem(entries["secret"].mark, "a secret must not be empty"))
    return given
