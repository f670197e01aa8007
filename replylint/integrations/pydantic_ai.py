"""Pydantic AI: an output validator with which the model repairs its own reply.

agent = Agent(model)
agent.output_validator(reply_validator(meta={"platform": "tmall"}))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pydantic_ai import ModelRetry, RunContext
from pydantic_ai.messages import ModelMessage, TextPart, UserPromptPart

from replylint.integrations.guard import MetaSource, advice, meta_of
from replylint.linter import Linter
from replylint.model import Turn


def reply_validator(
    linter: Linter | None = None, *, meta: MetaSource = None, lang: str = "zh"
) -> Callable[[RunContext[Any], str], str]:
    """A validator for agents whose output is the reply's text.

    A blocked reply goes back to the model with what is wrong with it, in `lang`. When it has no attempt left its
    rewrite is returned, and without one the run ends with Pydantic AI's `UnexpectedModelBehavior`.

    meta  what is known about the chat, or a function of Pydantic AI's `RunContext` (which brings your `deps`)
    """
    judge = linter if linter is not None else Linter(lang=lang)

    def validate(context: RunContext[Any], reply: str) -> str:
        if context.partial_output:
            return reply
        report = judge.check(reply, tuple(_turns(context.messages)), meta_of(meta, context))
        if report.action != "block":
            return reply
        if context.retry >= context.max_retries and report.rewrite is not None:
            return report.rewrite
        raise ModelRetry(advice(report, lang))

    return validate


def _turns(messages: Sequence[ModelMessage]) -> Iterator[Turn]:
    """What was said up to the buyer's last words. What the model was told to repair was never said."""
    said: list[Turn] = []
    for message in messages:
        for part in message.parts:
            if isinstance(part, UserPromptPart):
                yield from said
                yield Turn("buyer", _words(part.content))
                said.clear()
            elif isinstance(part, TextPart):
                said.append(Turn("bot", part.content))
            elif part.part_kind.startswith("retry"):
                said.clear()


def _words(content: Any) -> str:
    """The texts of a prompt; pictures and files have none."""
    return content if isinstance(content, str) else "\n".join(piece for piece in content if isinstance(piece, str))
