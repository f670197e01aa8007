"""OpenAI Agents SDK: an output guardrail that trips over a blocked reply.

agent = Agent(name="客服", output_guardrails=[reply_guardrail(meta={"platform": "tmall"})])
"""

from __future__ import annotations

from typing import Any

from agents import GuardrailFunctionOutput, OutputGuardrail

from replylint.integrations.guard import MetaSource, meta_of, turns_of
from replylint.linter import Linter


def reply_guardrail(linter: Linter | None = None, *, meta: MetaSource = None) -> OutputGuardrail[Any]:
    """A guardrail for agents whose final output is the reply's text.

    Its `output_info` is the report in the wire format, so whoever catches `OutputGuardrailTripwireTriggered` finds the
    rewrite there.

    meta  what is known about the chat, or a function of the SDK's `RunContextWrapper` (which brings your `context`)
    """
    judge = linter if linter is not None else Linter()

    def replylint(context: Any, _agent: Any, output: Any) -> GuardrailFunctionOutput:
        if not isinstance(output, str):
            raise TypeError(f"the guardrail checks replies as text, not an output of type {type(output).__name__}")
        report = judge.check(output, tuple(turns_of(context.turn_input)), meta_of(meta, context))
        return GuardrailFunctionOutput(output_info=report.to_dict(), tripwire_triggered=report.action == "block")

    return OutputGuardrail(guardrail_function=replylint, name="replylint")
