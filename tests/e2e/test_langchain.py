"""The middleware in a real LangChain agent whose model is scripted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytest.importorskip("langchain", reason="needs LangChain: pip install 'replylint[langchain]'")

from langchain.agents import create_agent
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from snippets import run_python_of

from replylint.integrations.guard import ReplyBlockedError
from replylint.integrations.langchain import ReplyLintMiddleware
from replylint.linter import Linter

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("default")]

REFUSAL = "亲,我们不开发票的哦"
SYSTEM = "你是客服,能加微信"


class Model(GenericFakeChatModel):
    """Says its lines one after another, whatever tools it is given."""

    def bind_tools(self, *_tools: Any, **_settings: Any) -> Any:
        return self


def agent(middleware: ReplyLintMiddleware, *lines: AIMessage | str, tools: Any = ()) -> Any:
    messages = [AIMessage(line) if isinstance(line, str) else line for line in lines]
    return create_agent(Model(messages=iter(messages)), list(tools), system_prompt=SYSTEM, middleware=[middleware])


def ask(bot: Any, *messages: Any) -> list[Any]:
    return list(bot.invoke({"messages": list(messages)})["messages"])


def test_a_fine_reply_stays(linter: Linter) -> None:
    messages = ask(agent(ReplyLintMiddleware(linter), "可以开的亲"), HumanMessage("能开发票吗"))
    assert [message.text for message in messages] == ["能开发票吗", "可以开的亲"]


def test_the_rewrite_takes_the_place_of_a_blocked_reply(linter: Linter) -> None:
    messages = ask(agent(ReplyLintMiddleware(linter), REFUSAL), HumanMessage("能开发票吗"))
    expected = linter.check(REFUSAL, [("buyer", "能开发票吗")]).rewrite
    assert [message.text for message in messages] == ["能开发票吗", expected]


def test_it_works_in_an_asynchronous_run(linter: Linter) -> None:
    bot = agent(ReplyLintMiddleware(linter), REFUSAL)
    messages = asyncio.run(bot.ainvoke({"messages": [HumanMessage("能开发票吗")]}))["messages"]
    assert messages[-1].text == linter.check(REFUSAL, [("buyer", "能开发票吗")]).rewrite


@pytest.mark.parametrize(
    ("question", "kept"),
    [("能加个微信吗", False), ("能用微信支付吗", True)],
    ids=["consent to an offence is replaced", "consent to a duty stays"],
)
def test_the_buyers_question_decides(linter: Linter, question: str, kept: bool) -> None:
    messages = ask(
        agent(ReplyLintMiddleware(linter), "可以的"), HumanMessage("在吗"), AIMessage("在的亲"), HumanMessage(question)
    )
    assert (messages[-1].text == "可以的") is kept


def test_what_is_known_about_the_chat_comes_from_the_run(linter: Linter) -> None:
    seen: list[Any] = []

    def meta(runtime: Any) -> dict[str, str]:
        seen.append(runtime.context)
        return {"platform": runtime.context["platform"]}

    bot = agent(ReplyLintMiddleware(linter, meta=meta), REFUSAL)
    bot.invoke({"messages": [HumanMessage("能开发票吗")]}, context={"platform": "tmall"})
    assert seen == [{"platform": "tmall"}]


def test_words_beside_a_tool_call_are_checked_and_the_call_is_kept(linter: Linter) -> None:
    def stock(goods: str) -> str:
        """有没有货"""
        return f"{goods}有货"

    call = {"name": "stock", "args": {"goods": "杯子"}, "id": "1", "type": "tool_call"}
    content = [{"type": "text", "text": REFUSAL}, {"type": "reasoning", "reasoning": "想一想"}]
    lines = AIMessage(content, tool_calls=[call]), "有货的亲"
    messages = ask(agent(ReplyLintMiddleware(linter), *lines, tools=[stock]), HumanMessage("能开发票吗"))
    assert [message.type for message in messages] == ["human", "ai", "tool", "ai"]
    assert "不开发票" not in messages[1].text
    assert messages[1].content[1] == content[1]
    assert messages[2].text == "杯子有货"


def test_without_rewrite_the_fallback_is_sent_or_the_run_ends() -> None:
    class NoRewrite(Linter):
        def check(self, *given: Any, **named: Any) -> Any:
            return super().check(*given, **named)._replace(rewrite=None)

    messages = ask(agent(ReplyLintMiddleware(NoRewrite(), fallback="亲,请稍等"), REFUSAL), HumanMessage("能开发票吗"))
    assert messages[-1].text == "亲,请稍等"
    with pytest.raises(ReplyBlockedError, match="invoice/refusal"):
        ask(agent(ReplyLintMiddleware(NoRewrite()), REFUSAL), HumanMessage("能开发票吗"))


def test_the_page_shows_what_works() -> None:
    made = run_python_of("langchain.md", model=Model(messages=iter([AIMessage(REFUSAL)])))
    assert made["reply"] == Linter().check(REFUSAL, [("buyer", "能开发票吗")], {"platform": "tmall"}).rewrite
