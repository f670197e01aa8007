"""What the user asked for: command line first, then the configuration file, then the usual.

What reads YAML is loaded only when a file is given: a hook that starts the program for every reply waits for it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from replylint.cli.console import CommandError, Console
from replylint.collector import start_collecting
from replylint.linter import Linter, bundled_folder, compiled_rules, load_rules
from replylint.messages import language_of
from replylint.model import SEVERITIES
from replylint.profile import Policy, Profile
from replylint.rule import Rule, Ruleset
from replylint.source import RulePackError, did_you_mean

CONFIG_NAME = ".replylint.yaml"


def complete(args: argparse.Namespace) -> None:
    """Fills what the command line left open from the configuration file; raises RulePackError with all its problems."""
    path = Path(args.config) if getattr(args, "config", None) else find_config(Path.cwd())
    if path is None:
        return
    from replylint.cli.config import read_config

    for key, value in read_config(path).items():
        if hasattr(args, key) and getattr(args, key) is None:
            setattr(args, key, value)


def find_config(start: Path) -> Path | None:
    """The nearest `.replylint.yaml`, here or in a directory above."""
    return next((file for folder in (start, *start.parents) if (file := folder / CONFIG_NAME).is_file()), None)


def spoken_language(args: argparse.Namespace) -> str:
    """The language of messages: --lang or the configuration's, else the shop's, else that of the environment.

    Raises RulePackError for a shop profile that cannot be read.
    """
    if args.lang:
        return str(args.lang)
    return _profile(args.shop).language if args.shop else language_of()


def _profile(path: str | None) -> Profile:
    if path is None:
        return Profile()
    from replylint.settings import read_profile

    return read_profile(Path(path))


def _policy(path: str | None, ruleset: Ruleset) -> Policy:
    if path is None:
        return Policy()
    from replylint.settings import read_policy

    return read_policy(Path(path), {rule.id for rule in ruleset.rules} | {pack.id for pack in ruleset.packs})


def failing_severities(args: argparse.Namespace) -> frozenset[str]:
    """The severities that make the run fail: the level given (usually warning) and the harder ones."""
    level = args.fail_level or "warning"
    return frozenset(SEVERITIES[: SEVERITIES.index(level) + 1])


def build_linter(
    args: argparse.Namespace, console: Console, packs: Sequence[str] | None = None, *, examples: bool = False
) -> Linter:
    """The linter the options describe, its rules with their `examples` where a command shows or runs them.

    The chosen rules replace the policy's choice, the ignored ones are added to it. Raises RulePackError for broken
    files and CommandError for wrong options.
    """
    ruleset = _ruleset(packs if packs is not None else args.packs, examples=examples)
    policy = _policy(args.policy, ruleset)
    select = resolve(args.select or (), "--select", ruleset, console)
    ignore = resolve(args.ignore or (), "--ignore", ruleset, console)
    policy = policy._replace(select=select or policy.select, ignore=policy.ignore | ignore)
    linter = Linter(policy=policy, shop=_profile(args.shop), lang=console.language, ruleset=ruleset)
    start_collecting()
    return linter


def _ruleset(packs: Sequence[str] | None, *, examples: bool) -> Ruleset:
    try:
        return load_rules(packs) if examples else compiled_rules(packs, bundled_folder())
    except RulePackError:
        raise
    except ValueError as error:
        raise CommandError(str(error)) from None


def resolve(names: Iterable[str], option: str, ruleset: Ruleset, console: Console) -> frozenset[str]:
    """Rule ids (also former ones) and packs as the ids and packs of today; raises CommandError for an unknown name."""
    ids = today(ruleset)
    packs = {pack.id for pack in ruleset.packs}
    for name in names:
        if name not in ids and name not in packs:
            hint = did_you_mean(name, [*ids, *packs])
            raise CommandError(console.say("usage.unknown", option=option, name=name, hint=hint))
    return frozenset(ids.get(name, name) for name in names)


def today(ruleset: Ruleset) -> Mapping[str, str]:
    """Every id a rule has or had, with the one it has now."""
    return {name: rule.id for rule in ruleset.rules for name in (rule.id, *rule.aliases)}


def find_rule(linter: Linter, name: str, console: Console) -> Rule:
    """A rule by its id of today or a former one; raises CommandError with a suggestion."""
    ids = today(linter.ruleset)
    if name not in ids:
        raise CommandError(console.say("usage.rule", name=name, hint=did_you_mean(name, ids)))
    return next(rule for rule in linter.ruleset.rules if rule.id == ids[name])
