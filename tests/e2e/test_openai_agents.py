"""The guardrail in a real agent of the OpenAI Agents SDK whose model is scripted."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("agents", reason="needs the OpenAI Agents SDK: pip install 'replylint[openai-agents]'")

from agents import Agent, OutputGuardrailTripwireTriggered, Runner, set_tracing_disabled
from agents.testing import ScriptedModel, assistant_message
from snippets import run_python_of

from replylint.integrations.openai_agents import reply_guardrail
from replylint.linter import Linter

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("main_loop"), pytest.mark.filterwarnings("default")]

REFUSAL = "亲,我们不开发票的哦"


@pytest.fixture(autouse=True)
def _no_traces() -> None:
    set_tracing_disabled(True)


def bot(linter: Linter, line: str, **settings: Any) -> Agent[Any]:
    model = ScriptedModel([[assistant_message(line)]])
    return Agent(name="客服", model=model, output_guardrails=[reply_guardrail(linter, **settings)])


def test_a_fine_reply_is_the_final_output(linter: Linter) -> None:
    assert Runner.run_sync(bot(linter, "可以开的亲"), "能开发票吗").final_output == "可以开的亲"


def test_a_blocked_reply_trips_the_wire_and_brings_its_rewrite(linter: Linter) -> None:
    with pytest.raises(OutputGuardrailTripwireTriggered) as caught:
        Runner.run_sync(bot(linter, REFUSAL), "能开发票吗")
    result = caught.value.guardrail_result
    assert result.guardrail.get_name() == "replylint"
    assert result.output.output_info == linter.check(REFUSAL, [("buyer", "能开发票吗")]).to_dict()
    assert result.output.output_info["rewrite"]


def test_a_warning_does_not_trip(linter: Linter) -> None:
    result = Runner.run_sync(bot(linter, "亲,色差是没有的,放心拍"), "有色差吗")
    assert result.final_output == "亲,色差是没有的,放心拍"
    assert [guardrail.output.output_info["action"] for guardrail in result.output_guardrail_results] == ["warn"]


@pytest.mark.parametrize(
    ("question", "trips"),
    [("能加个微信吗", True), ("能用微信支付吗", False)],
    ids=["consent to an offence trips", "consent to a duty does not"],
)
def test_the_conversation_decides(linter: Linter, question: str, trips: bool) -> None:
    talk: list[Any] = [
        {"role": "user", "content": "在吗"},
        {"role": "assistant", "content": "在的亲"},
        {"role": "user", "content": question},
    ]
    if trips:
        with pytest.raises(OutputGuardrailTripwireTriggered):
            Runner.run_sync(bot(linter, "可以的"), talk)
    else:
        assert Runner.run_sync(bot(linter, "可以的"), talk).final_output == "可以的"


def test_what_is_known_about_the_chat_comes_from_the_context(linter: Linter) -> None:
    seen: list[Any] = []

    def meta(context: Any) -> dict[str, str]:
        seen.append(context.context)
        return {"platform": context.context["platform"]}

    Runner.run_sync(bot(linter, "可以开的亲", meta=meta), "能开发票吗", context={"platform": "jd"})
    assert seen == [{"platform": "jd"}]


def test_the_page_shows_what_works(linter: Linter) -> None:
    made = run_python_of("openai-agents.md", model=ScriptedModel([[assistant_message(REFUSAL)]]))
    assert made["reply"] == linter.check(REFUSAL, [("buyer", "能开发票吗")], {"platform": "tmall"}).rewrite
