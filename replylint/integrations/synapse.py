"""A module for the Matrix homeserver Synapse: an agent's message is judged before the room has it.

    modules:
      - module: replylint.integrations.synapse.ReplyLintModule
        config:
          agents: ["@kf_*:example.org"]
          on_block: reject        # or rewrite: send the compliant wording instead, where there is one
          on_warn: allow          # or reject, rewrite
          on_error: allow         # or block: what becomes of a message that could not be judged
          packs: [invoice, payment]
          policy: policy.yaml
          shop: shop.yaml
          lang: zh

The client is told why in `error`; `org.replylint.findings` and `org.replylint.rewrite` are for clients that show more.
Encrypted messages have no text here and pass.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast, get_args

from replylint.linter import Linter
from replylint.messages import LANGUAGES, say
from replylint.model import PLATFORMS, Meta, Report, Turn
from replylint.serve.deeds import Outcome, before, decide, why
from replylint.serve.dialects.shape import Why
from replylint.serve.dialects.synapse import FINDINGS, REWRITE, words_of
from replylint.serve.hosts import Deed, Host, OnError
from replylint.serve.memory import Memory
from replylint.source import RulePackError, did_you_mean

if TYPE_CHECKING:
    from synapse.api.errors import Codes
    from synapse.events import EventBase
    from synapse.module_api import ModuleApi

LOG = logging.getLogger("replylint.synapse")
_LONGEST = 20_000
_KEYS = ("agents", "on_block", "on_warn", "on_error", "packs", "policy", "shop", "lang", "platform")


class Settings(NamedTuple):
    """The module's configuration, read."""

    host: Host
    packs: tuple[str, ...] | None
    policy: str | None
    shop: str | None
    language: str


class ReplyLintModule:
    """Judges the messages of agents, and remembers what was said last in each room."""

    def __init__(self, config: Settings, api: ModuleApi) -> None:
        self._api, self._host, self._language = api, config.host, config.language
        self._linter = Linter(config.packs, config.policy, config.shop, config.language)
        self._linter.warm_up()
        self._memory = Memory()
        api.register_spam_checker_callbacks(check_event_for_spam=self.check_event_for_spam)
        if "rewrite" in (config.host.on_block, config.host.on_warn):
            api.register_third_party_rules_callbacks(check_event_allowed=self.check_event_allowed)

    @staticmethod
    def parse_config(config: Mapping[str, Any]) -> Settings:
        """The configuration as homeserver.yaml has it; raises ValueError naming the key, and reads packs to be sure."""
        for key in config:
            if key not in _KEYS:
                raise ValueError(f"replylint: unknown key {key!r}{did_you_mean(key, _KEYS)}")
        host = Host(
            "synapse",
            agents=_listed(config, "agents") or (),
            meta=Meta(platform=_one_of(config, "platform", ("", *PLATFORMS))),
            on_block=cast(Deed, _one_of(config, "on_block", ("reject", "rewrite"))),
            on_warn=cast(Deed, _one_of(config, "on_warn", ("allow", "reject", "rewrite"))),
            on_error=cast(OnError, _one_of(config, "on_error", get_args(OnError))),
        )
        settings = Settings(
            host,
            _listed(config, "packs"),
            _text(config, "policy"),
            _text(config, "shop"),
            _one_of(config, "lang", LANGUAGES),
        )
        try:
            Linter(settings.packs, settings.policy, settings.shop, settings.language)
        except RulePackError as error:
            raise ValueError(f"replylint: {error}") from None
        return settings

    async def check_event_for_spam(self, event: EventBase) -> Literal["NOT_SPAM"] | tuple[Codes, dict[str, Any]]:
        """Synapse asks this of every event about to be sent. A message that passes is remembered as said."""
        from synapse.api.errors import Codes

        text = words_of(event.type, event.content)
        if text is None:
            return "NOT_SPAM"
        if self._host.is_agent(event.sender):
            judged = await self._judge(event, text)
            if isinstance(judged, Why):
                return Codes.FORBIDDEN, {
                    "error": judged.sentence,
                    FINDINGS: list(judged.findings),
                    REWRITE: judged.rewrite,
                }
        self._memory.remember(("synapse", event.room_id), (Turn("buyer", text, None, event.sender),))
        return "NOT_SPAM"

    async def check_event_allowed(self, event: EventBase, _state: object) -> tuple[bool, dict[str, Any] | None]:
        """Synapse asks this before the other, and takes another event in its place."""
        text = words_of(event.type, event.content)
        if text is None or not self._host.is_agent(event.sender):
            return True, None
        judged = await self._judge(event, text)
        if not isinstance(judged, Outcome) or judged.deed != "rewrite":
            return True, None
        changed: dict[str, Any] = event.get_dict()
        changed["content"] = _said(event.content, judged.texts[0])
        return True, changed

    async def _judge(self, event: EventBase, text: str) -> Outcome | Why:
        """What is done with the message, or why it is held back."""
        history = before(event.sender, self._host, self._memory.recall(("synapse", event.room_id)))
        try:
            if len(text) > _LONGEST:
                raise ValueError("too long")
            report = await self._api.defer_to_thread(self._report, text, history)
        except Exception as error:
            # Whatever it is, its text may quote the message, and the homeserver must go on.
            LOG.error("a message could not be judged: %s", type(error).__name__)
            unjudged = self._host.on_error == "block"
            return Why(say(self._language, "serve.unjudged")) if unjudged else Outcome("allow", (text,))
        outcome = decide((text,), (report,), self._host)
        return why((report,), self._language) if outcome.deed == "reject" else outcome

    def _report(self, text: str, history: Sequence[Turn]) -> Report:
        return self._linter.check(text, history, self._host.meta)


def _said(content: Mapping[str, Any], words: str) -> dict[str, Any]:
    """Message content with other words. Its HTML form goes, since it would still say the old ones."""
    plain = {key: value for key, value in content.items() if key not in ("format", "formatted_body")}
    new = plain.get("m.new_content")
    if isinstance(new, Mapping):
        return {**plain, "body": f"* {words}", "m.new_content": _said(new, words)}
    return {**plain, "body": words}


def _text(config: Mapping[str, Any], key: str) -> str | None:
    value = config.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"replylint: {key} is text, not {type(value).__name__}")
    return value


def _listed(config: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
    value = config.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"replylint: {key} is a list of texts")
    return tuple(value)


def _one_of(config: Mapping[str, Any], key: str, choices: Sequence[str]) -> str:
    """The value of a key, or the first choice where there is none."""
    value = config.get(key, choices[0])
    if value not in choices:
        raise ValueError(f"replylint: {key} is one of {', '.join(choices)}, not {value!r}")
    return str(value)
