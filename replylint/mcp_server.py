"""The linter as tools for an assistant, over the Model Context Protocol on standard input and output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from replylint.linter import Linter
from replylint.model import PLATFORMS, Report, RequestError, Role
from replylint.rule import Example, Rule

_INSTRUCTIONS = """\
Checks replies of Chinese e-commerce customer service against laws and platform rules (invoices, payment, contact, \
privacy, …). Check a reply before it is sent, together with what the buyer said: 可以的 breaks a rule after \
能加个微信吗 and keeps one after 能开发票吗. A reply whose action is block must not be sent."""


class PastTurn(BaseModel):
    """One message of the chat so far."""

    role: Role = Field(description="who said it")
    text: str


class Chat(BaseModel):
    """What is known about the chat besides its words."""

    platform: str | None = Field(None, description=f"one of {', '.join(PLATFORMS)}")
    shop: str | None = None
    agent: str | None = None
    buyer_id: str | None = Field(None, description="the account that is asking")
    order_buyer_id: str | None = Field(None, description="the account that ordered")


Reply = Annotated[str, Field(description="the reply about to be sent, word for word")]
History = Annotated[list[PastTurn] | None, Field(description="the messages before the reply, oldest first")]
Known = Annotated[Chat | None, Field(description="what is known about the chat")]


def build(linter: Linter, find_rule: Callable[[str], Rule], language: str) -> MCPServer:
    """The server with its tools. `find_rule` gives a rule with its examples, or raises KeyError with a suggestion."""
    server = MCPServer("replylint", instructions=_INSTRUCTIONS, version=linter.version, log_level="WARNING")

    def judged(reply: str, history: list[PastTurn] | None, meta: Chat | None) -> Report:
        turns = [(turn.role, turn.text) for turn in history or ()]
        try:
            return linter.check(reply, turns, meta.model_dump() if meta is not None else None)
        except RequestError as error:
            raise ToolError(str(error)) from None

    @server.tool()
    def check_reply(reply: Reply, history: History = None, meta: Known = None) -> dict[str, Any]:
        """Whether a reply may be sent: `action` is allow, warn or block; each finding names the rule, the words at
        fault (`reply[start:end]`, in code points) and what is wrong; `rewrite` is a whole compliant reply, or null."""
        return judged(reply, history, meta).to_dict()

    @server.tool()
    def rewrite_reply(reply: Reply, history: History = None, meta: Known = None) -> dict[str, Any]:
        """A reply put right: `reply` is the text to send (unchanged where nothing is wrong), or null where a person has
        to write it; `findings` says what was wrong with the one given."""
        report = judged(reply, history, meta)
        better = report.rewrite if report.rewrite is not None else reply if report.action == "allow" else None
        findings = [finding.to_dict() for finding in report.findings]
        return {"reply": better, "changed": better is not None and better != reply, "findings": findings}

    @server.tool()
    def explain_rule(
        rule: Annotated[str, Field(description="a rule id as in a finding, for example invoice/refusal")],
    ) -> dict[str, Any]:
        """What a rule wants, why, by which law or platform clause, and examples of what it flags and leaves alone."""
        try:
            return card(find_rule(rule), language)
        except KeyError as error:
            raise ToolError(error.args[0]) from None

    return server


def card(rule: Rule, language: str) -> dict[str, Any]:
    """A rule in plain values, its texts in one language."""
    return {
        "rule": rule.id,
        "severity": rule.severity,
        "points": rule.points,
        "title": rule.title.get(language, ""),
        "wants": rule.message.get(language, ""),
        "why": rule.why.get(language, ""),
        "sources": [source._asdict() for source in rule.sources],
        "flagged": [_shown(example) for example in rule.bad],
        "left_alone": [_shown(example) for example in rule.good],
    }


def _shown(example: Example) -> Mapping[str, Any]:
    """The example with the words at fault in [[…]]."""
    reply = example.reply
    for start, end in sorted(example.marks, reverse=True):
        reply = f"{reply[:start]}[[{reply[start:end]}]]{reply[end:]}"
    before = [{"role": role, "text": text} for role, text, *_ in example.turns]
    return {"history": before, "reply": reply} if before else {"reply": reply}
