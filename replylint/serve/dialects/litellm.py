"""LiteLLM: the generic guardrail API, for replies that a model writes.

https://docs.litellm.ai/docs/adding_provider/generic_guardrail_api: with `mode: [pre_call, post_call]` the question
comes first (`input_type: request`) and is only remembered; the answer (`response`) is judged. The secret comes as
`api_key` of the guardrail, in the header X-API-Key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from replylint.model import Role, Turn
from replylint.serve.dialects.shape import Answer, Call, Dialect, Heard, Message, bearer, text_or
from replylint.serve.wire import UnreadableError, read_object

_ROLES: Mapping[str, Role] = {"user": "buyer", "assistant": "bot"}


def _read(call: Call) -> Message | Heard | None:
    body = read_object(call.body)
    key = text_or(body, "litellm_call_id") or text_or(body, "litellm_trace_id")
    said = _said(body.get("structured_messages"))
    if text_or(body, "input_type") != "response":
        return Heard(said or tuple(Turn("buyer", text, None, "user") for text in _texts(body)), key)
    texts = _texts(body)
    return Message(texts, "assistant", key, said) if texts else None


def _texts(body: Mapping[str, Any]) -> tuple[str, ...]:
    texts = body.get("texts")
    if texts is None:
        return ()
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise UnreadableError("texts is not a list of strings")
    return tuple(texts)


def _said(messages: Any) -> tuple[Turn, ...]:
    """The turns of buyer and assistant among OpenAI messages, whose content is a string or a list of parts."""
    turns = []
    for message in messages if isinstance(messages, list) else ():
        role = text_or(message, "role")
        words = _content(message.get("content")) if role in _ROLES else ""
        if words:
            turns.append(Turn(_ROLES[role], words, None, role))
    return tuple(turns)


def _content(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    return "\n".join(text_or(part, "text") for part in parts if text_or(part, "type") == "text")


def _rewrite(_call: Call, texts: tuple[str, ...]) -> Answer:
    return Answer({"action": "GUARDRAIL_INTERVENED", "texts": list(texts)})


DIALECT = Dialect(
    "litellm", False, 10.0, bearer, _read,
    lambda _call: Answer({"action": "NONE"}),
    lambda _call, why: Answer({"action": "BLOCKED", "blocked_reason": why.sentence}),
    _rewrite,
    accounts=False,
)  # fmt: skip
