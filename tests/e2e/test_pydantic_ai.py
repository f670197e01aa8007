"""The validator in a real Pydantic AI agent whose model is a function."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

pytest.importorskip("pydantic_ai", reason="needs Pydantic AI: pip install 'replylint[pydantic-ai]'")

from pydantic_ai import Agent, UnexpectedModelBehavior
from pydantic_ai.messages import ModelResponse, TextPart
from pydantic_ai.models.function import FunctionModel
from snippets import DOCS, run_python_of

from replylint.integrations.guard import advice
from replylint.integrations.pydantic_ai import reply_validator
from replylint.linter import Linter

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("main_loop"), pytest.mark.filterwarnings("default")]

REFUSAL = "亲,我们不开发票的哦"


class Script:
    """A model that says its lines one after another, the last again and again, and remembers what it was told."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.told: list[str] = []

    def __call__(self, messages: list[Any], _info: Any) -> ModelResponse:
        self.told.append(str(messages[-1].parts[-1].content))
        return ModelResponse(parts=[TextPart(self.lines.pop(0) if len(self.lines) > 1 else self.lines[0])])


def agent(script: Script, linter: Linter, retries: int = 1, **settings: Any) -> Agent[Any, str]:
    made = Agent(FunctionModel(script), retries=retries, deps_type=dict)
    made.output_validator(reply_validator(linter, **settings))
    return made


def test_a_fine_reply_is_returned(linter: Linter) -> None:
    script = Script("可以开的亲")
    assert agent(script, linter).run_sync("能开发票吗").output == "可以开的亲"
    assert script.told == ["能开发票吗"]


def test_the_model_repairs_itself_with_our_message(linter: Linter) -> None:
    script = Script(REFUSAL, "可以开的亲,电子发票")
    assert agent(script, linter).run_sync("能开发票吗").output == "可以开的亲,电子发票"
    assert len(script.told) == 2
    assert advice(linter.check(REFUSAL, [("buyer", "能开发票吗")])) in script.told[1]


def test_the_rewrite_is_returned_when_no_attempt_is_left(linter: Linter) -> None:
    script = Script(REFUSAL)
    reply = agent(script, linter, retries=2).run_sync("能开发票吗").output
    assert len(script.told) == 3
    assert reply == linter.check(REFUSAL, [("buyer", "能开发票吗")]).rewrite


def test_without_a_rewrite_nothing_is_returned() -> None:
    class NoRewrite(Linter):
        def check(self, *given: Any, **named: Any) -> Any:
            return super().check(*given, **named)._replace(rewrite=None)

    with pytest.raises(UnexpectedModelBehavior):
        agent(Script(REFUSAL), NoRewrite()).run_sync("能开发票吗")


def test_earlier_turns_count_and_failed_attempts_do_not() -> None:
    history: list[Any] = []

    class Watching(Linter):
        def check(self, *given: Any, **named: Any) -> Any:
            history.append([(turn.role, turn.text) for turn in given[1]])
            return super().check(*given, **named)

    bot = agent(Script(REFUSAL, "可以开的亲"), Watching())
    before = bot.run_sync("能开发票吗").all_messages()
    script = Script("可以的", "不好意思亲,在这里说就行")
    with bot.override(model=FunctionModel(script)):
        bot.run_sync("能加个微信吗", message_history=before)
    first = [("buyer", "能开发票吗")]
    second = [*first, ("bot", "可以开的亲"), ("buyer", "能加个微信吗")]
    assert history == [first, first, second, second]


def test_what_is_known_about_the_chat_comes_from_the_dependencies(linter: Linter) -> None:
    seen: list[Any] = []

    def meta(context: Any) -> dict[str, str]:
        seen.append(context.deps)
        return {"platform": context.deps["platform"]}

    agent(Script("可以开的亲"), linter, meta=meta).run_sync("能开发票吗", deps={"platform": "jd"})
    assert seen == [{"platform": "jd"}]


def test_advice_in_english(linter: Linter) -> None:
    script = Script(REFUSAL, "可以开的亲")
    english = Linter(ruleset=linter.ruleset, lang="en")
    agent(script, english, lang="en").run_sync("能开发票吗")
    assert "This reply must not be sent to the buyer:" in script.told[1]


def test_a_request_with_a_picture_is_read(linter: Linter) -> None:
    from pydantic_ai import ImageUrl

    script = Script("可以的", "不好意思亲,在这里说就行")
    agent(script, linter).run_sync(["能加个微信吗", ImageUrl("https://example.com/a.png")])
    assert len(script.told) == 2


def test_the_page_shows_what_works(linter: Linter) -> None:
    script = Script(REFUSAL, "可以开的亲")
    assert run_python_of("pydantic-ai.md", model=FunctionModel(script))["reply"] == "可以开的亲"
    shown = (DOCS / "pydantic-ai.md").read_text(encoding="utf-8")
    assert advice(linter.check(REFUSAL, [("buyer", "能开发票吗")], {"platform": "tmall"})) in shown


def test_the_end_of_a_streamed_reply_is_validated(linter: Linter) -> None:
    async def letters(_messages: Any, _info: Any) -> AsyncIterator[str]:
        for letter in REFUSAL:
            yield letter

    bot: Agent[Any, str] = Agent(FunctionModel(stream_function=letters))
    bot.output_validator(reply_validator(linter))

    async def outputs() -> list[str]:
        async with bot.run_stream("能开发票吗") as result:
            return [output async for output in result.stream_output(debounce_by=None)]

    *partial, last = asyncio.run(outputs())
    assert partial[-1] == REFUSAL, "what is shown on the way is not checked, as the page says"
    assert last == linter.check(REFUSAL, [("buyer", "能开发票吗")]).rewrite
