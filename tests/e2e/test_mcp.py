"""The MCP server as an assistant starts it, spoken to by the client of the official library."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="needs the MCP library: pip install 'replylint[mcp]'")

from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.stdio import stdio_client

from replylint.linter import Linter

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("default")]

ROOT = Path(__file__).parents[2]
REFUSAL = "亲,我们不开发票的哦"
QUESTION = [{"role": "buyer", "text": "能开发票吗"}]
SERVER = StdioServerParameters(
    command=sys.executable,
    args=["-m", "replylint", "mcp", "--packs", "invoice,contact", "--lang", "zh"],
    env={**os.environ, "PYTHONPATH": str(ROOT)},
)


def talk(conversation: Callable[[Client], Awaitable[Any]]) -> Any:
    """A session with a freshly started server."""

    async def session() -> Any:
        async with asyncio.timeout(60), Client(stdio_client(SERVER)) as client:
            return await conversation(client)

    return asyncio.run(session())


def call(tool: str, **arguments: Any) -> Any:
    """The result of one call, as the assistant's program sees it."""
    return talk(lambda client: client.call_tool(tool, arguments))


@pytest.fixture(scope="module")
def chinese() -> Linter:
    return Linter(packs=["invoice", "contact"], lang="zh")


def test_the_tools_say_what_they_take() -> None:
    tools = {tool.name: tool for tool in talk(lambda client: client.list_tools()).tools}
    assert set(tools) == {"check_reply", "rewrite_reply", "explain_rule"}
    for tool in tools.values():
        assert tool.description
    schema = tools["check_reply"].input_schema
    assert schema["required"] == ["reply"]
    assert schema["$defs"]["PastTurn"]["properties"]["role"]["enum"] == ["buyer", "agent", "bot", "system"]


def test_check_reply_answers_in_the_wire_format(chinese: Linter) -> None:
    result = call("check_reply", reply=REFUSAL, history=QUESTION, meta={"platform": "tmall"})
    expected = chinese.check(REFUSAL, QUESTION, {"platform": "tmall"}).to_dict()
    assert expected["action"] == "block"
    assert result.structured_content == expected
    assert json.loads(result.content[0].text) == expected


@pytest.mark.parametrize(
    ("question", "action"),
    [("能加个微信吗", "block"), ("能用微信支付吗", "allow")],
    ids=["consent to an offence", "consent to a duty"],
)
def test_the_history_counts(question: str, action: str) -> None:
    result = call("check_reply", reply="可以的", history=[{"role": "buyer", "text": question}])
    assert result.structured_content["action"] == action


def test_rewrite_reply_gives_the_text_to_send(chinese: Linter) -> None:
    result = call("rewrite_reply", reply=REFUSAL, history=QUESTION).structured_content
    assert result["reply"] == chinese.check(REFUSAL, QUESTION).rewrite
    assert result["changed"] is True
    assert result["findings"][0]["rule"] == "invoice/refusal"


def test_rewrite_reply_leaves_a_fine_reply_alone() -> None:
    result = call("rewrite_reply", reply="可以开的亲", history=QUESTION).structured_content
    assert result == {"reply": "可以开的亲", "changed": False, "findings": []}


def test_explain_rule_brings_reasons_and_examples(chinese: Linter) -> None:
    result = call("explain_rule", rule="invoice/refusal").structured_content
    rule = chinese.rule("invoice/refusal")
    assert (result["rule"], result["wants"]) == (rule.id, rule.message["zh"])
    assert result["sources"]
    assert any("[[" in example["reply"] for example in result["flagged"])
    assert result["left_alone"]


MISTAKES: list[tuple[str, str, dict[str, Any], str]] = [
    ("an unknown rule", "explain_rule", {"rule": "invoice/refusel"}, "did you mean 'invoice/refusal'"),
    ("an unknown platform", "check_reply", {"reply": "在", "meta": {"platform": "x"}}, "meta.platform is one of"),
    ("an unknown role", "check_reply", {"reply": "在", "history": [{"role": "x", "text": ""}]}, "role"),
    ("no reply", "check_reply", {}, "reply"),
    ("a reply that is no text", "check_reply", {"reply": 7}, "reply"),
]


@pytest.mark.parametrize(("tool", "arguments", "words"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistaken_call_is_told_what_is_wrong_and_the_session_goes_on(
    tool: str, arguments: dict[str, Any], words: str
) -> None:
    async def conversation(client: Client) -> Any:
        refused = await client.call_tool(tool, arguments)
        return refused, await client.call_tool("check_reply", {"reply": "在的亲"})

    refused, after = talk(conversation)
    assert refused.is_error
    assert words in refused.content[0].text
    assert after.structured_content["action"] == "allow"
