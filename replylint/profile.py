"""What a shop declares about itself, and what its supervisor decides.

A profile says what is true in this shop (slots for rewrites, official hotlines and addresses, facts that switch a
rule off). A policy says
what to do about findings (severity of a rule, rules left out, which severity blocks).
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from replylint.model import Action, Severity

ACTIONS: tuple[Action, ...] = ("block", "warn", "allow")


class Profile(NamedTuple):
    """A shop's own facts. `slots` fill rewrites; `facts` are names that rules list under `profile_off`."""

    slots: Mapping[str, str] = {}
    facts: frozenset[str] = frozenset()
    hotlines: frozenset[str] = frozenset()
    addresses: tuple[str, ...] = ()
    language: str = "zh"

    def is_hotline(self, number: str) -> bool:
        """Whether a number, however grouped, is one the shop publishes."""
        return bool(self.hotlines) and digits_of(number) in self.hotlines

    def is_own_address(self, address: str) -> bool:
        """Whether an address is (part of) the shop's own: its store, its returns warehouse."""
        return any(address in own or own in address for own in self.addresses)


class Policy(NamedTuple):
    """What to do about findings. Empty `select` means all; both take rule ids and pack names."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = {}
    actions: Mapping[Severity, Action] = {"error": "block", "warning": "warn", "info": "allow"}

    def admits(self, rule: str, pack: str) -> bool:
        """Whether findings of this rule are wanted."""
        chosen = not self.select or rule in self.select or pack in self.select
        return chosen and rule not in self.ignore and pack not in self.ignore

    def action(self, severities: Iterable[Severity]) -> Action:
        """The strongest action that any of the severities calls for."""
        called = {self.actions[severity] for severity in severities}
        return next((action for action in ACTIONS if action in called), "allow")


def digits_of(number: str) -> str:
    return "".join(char for char in number if char.isdigit())
