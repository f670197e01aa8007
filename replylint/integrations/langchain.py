"""LangChain: a middleware that looks at every message of the model before the agent goes on.

create_agent(model, middleware=[ReplyLintMiddleware(meta={"platform": "tmall"}, fallback="亲,我请同事来回复您")])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from replylint.integrations.guard import MetaSource, meta_of, sendable
from replylint.linter import Linter
from replylint.model import Turn


class ReplyLintMiddleware(AgentMiddleware):
    """Replaces a blocked reply by its rewrite, else by `fallback`; raises ReplyBlockedError where there is none.

    meta  what is known about the chat, or a function of LangChain's `Runtime`
    """

    def __init__(self, linter: Linter | None = None, *, meta: MetaSource = None, fallback: str | None = None) -> None:
        super().__init__()
        self._linter = linter if linter is not None else Linter()
        self._meta = meta
        self._fallback = fallback

    def after_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """The message with other words and the same id, which takes its place; None when it may stay."""
        *before, message = state["messages"]
        if not isinstance(message, AIMessage) or not message.text:
            return None
        reply = str(message.text)
        report = self._linter.check(reply, tuple(_turns(before)), meta_of(self._meta, runtime))
        if report.action != "block":
            return None
        better = sendable(reply, report, self._fallback)
        return {"messages": [message.model_copy(update={"content": _with_text(message.content, better)})]}


def _turns(messages: Sequence[BaseMessage]) -> Iterator[Turn]:
    """What buyer and bot said; prompts and tool results are no part of the chat."""
    for message in messages:
        if message.text and isinstance(message, (HumanMessage, AIMessage)):
            yield Turn("buyer" if isinstance(message, HumanMessage) else "bot", str(message.text))


def _with_text(content: Any, text: str) -> Any:
    """The content with one text in the place of all its texts; tool calls and the like stay where they are."""
    if isinstance(content, str):
        return text
    blocks: list[Any] = []
    written = False
    for block in content:
        if isinstance(block, dict) and block.get("type") != "text":
            blocks.append(block)
        elif not written:
            blocks.append({"type": "text", "text": text})
            written = True
    return blocks
