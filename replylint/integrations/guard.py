"""What all frameworks do with a checked reply: send it, send its rewrite, or tell the model what to repair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from replylint.messages import say
from replylint.model import Meta, Report, Turn

MetaSource: TypeAlias = Mapping[str, Any] | Meta | Callable[[Any], Mapping[str, Any] | Meta | None] | None
"""What is known about the chat: fixed, or worked out from what the framework knows about the run."""


class ReplyBlockedError(Exception):
    """A reply must not be sent and nothing may be sent instead; `report` says why."""

    def __init__(self, report: Report) -> None:
        self.report = report
        rules = ", ".join(dict.fromkeys(finding.rule for finding in report.findings))
        super().__init__(f"the reply breaks {rules} and has no compliant rewrite")

    def __reduce__(self) -> tuple[type[ReplyBlockedError], tuple[Report]]:
        return type(self), (self.report,)


def meta_of(source: MetaSource, run: Any) -> Mapping[str, Any] | Meta | None:
    """What is known about the chat of this run of the framework."""
    return source(run) if callable(source) else source


def sendable(reply: str, report: Report, fallback: str | None = None) -> str:
    """The reply if it may be sent, else its rewrite, else the fallback; raises ReplyBlockedError where there is none.

    The fallback is the caller's own text (a hand-over to a person, say) and is not checked.
    """
    if report.action != "block":
        return reply
    better = report.rewrite if report.rewrite is not None else fallback
    if better is None:
        raise ReplyBlockedError(report)
    return better


def advice(report: Report, language: str = "zh") -> str:
    """What is wrong with a blocked reply, put so that the model that wrote it can repair it."""
    lines = [say(language, "advice.head")]
    lines += [
        say(language, "advice.finding", rule=finding.rule, text=finding.text, message=finding.message)
        for finding in report.findings
    ]
    if report.rewrite is not None:
        lines.append(say(language, "advice.rewrite", rewrite=report.rewrite))
    lines.append(say(language, "advice.task"))
    return "\n".join(lines)


def turns_of(messages: Sequence[Any]) -> Iterator[Turn]:
    """What buyer and bot said in messages of OpenAI's kind; prompts, tool calls and their results are no part of it."""
    for message in messages:
        if isinstance(message, Mapping) and message.get("role") in ("user", "assistant"):
            words = _words(message.get("content"))
            if words:
                yield Turn("buyer" if message["role"] == "user" else "bot", words)


def _words(content: Any) -> str:
    """The texts of a message; pictures and files have none."""
    if isinstance(content, str):
        return content
    pieces = content if isinstance(content, Sequence) else ()
    texts = (piece.get("text") for piece in pieces if isinstance(piece, Mapping))
    return "\n".join(text for text in texts if isinstance(text, str))
