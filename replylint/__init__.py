"""replylint: a compliance-aware linter for Chinese e-commerce customer-service replies.

    import replylint
    report = replylint.check("亲,我们不开发票的哦", history=[("buyer", "能开发票吗")])
    report.action, report.findings, report.rewrite

`check` uses all bundled packs; build a `Linter` for your own packs, policy or shop profile. Importing this package
loads nothing: every name is looked up when it is first used.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replylint.linter import Linter
    from replylint.model import (
        Conversation,
        Finding,
        HistoryItem,
        Meta,
        Report,
        Request,
        RequestError,
        Turn,
        Verdict,
    )
    from replylint.profile import Policy, Profile
    from replylint.settings import read_policy, read_profile
    from replylint.source import RulePackError
    from replylint.stream import ReplyStream

__version__ = "0.1.0"

__all__ = [
    "Conversation",
    "Finding",
    "Linter",
    "Meta",
    "Policy",
    "Profile",
    "ReplyStream",
    "Report",
    "Request",
    "RequestError",
    "RulePackError",
    "Turn",
    "Verdict",
    "__version__",
    "check",
    "read_policy",
    "read_profile",
]

_HOMES = {
    "Linter": "linter",
    **dict.fromkeys(
        ("Conversation", "Finding", "Meta", "Report", "Request", "RequestError", "Turn", "Verdict"), "model"
    ),
    **dict.fromkeys(("Policy", "Profile"), "profile"),
    **dict.fromkeys(("read_policy", "read_profile"), "settings"),
    "RulePackError": "source",
    "ReplyStream": "stream",
}


def check(reply: str, history: Iterable[HistoryItem] = (), meta: Mapping[str, Any] | Meta | None = None) -> Report:
    """Judges one reply by all bundled packs; raises RequestError for a malformed request only.

    history  earlier turns, oldest first: `(role, text)` pairs, `Turn`s or wire objects
    meta     what is known about the chat: platform, shop, agent, buyer_id, order_buyer_id
    """
    return _default_linter().check(reply, history, meta)


@cache
def _default_linter() -> Linter:
    from replylint.linter import Linter

    return Linter()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
