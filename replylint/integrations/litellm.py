"""LiteLLM proxy: a guardrail that mends or stops what a model answers, for every bot behind the proxy.

guardrails:
  - guardrail_name: replylint
    litellm_params:
      guardrail: replylint.integrations.litellm.ReplyLintGuardrail
      mode: post_call
      default_on: true
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from typing import Any

from litellm.exceptions import GuardrailRaisedException
from litellm.integrations.custom_guardrail import CustomGuardrail
from litellm.proxy.guardrails.guardrail_hooks.unified_guardrail.unified_guardrail import UnifiedLLMGuardrails

from replylint.integrations.guard import ReplyBlockedError, advice, sendable, turns_of
from replylint.linter import Linter
from replylint.model import Meta, RequestError, Turn, read_meta
from replylint.stream import ReplyStream


class ReplyLintGuardrail(CustomGuardrail):
    """Replaces a blocked answer by its rewrite, else by `fallback`, else refuses it with HTTP 400 and the reasons.

    A streamed answer is let through as `Linter.stream` releases it. Where the proxy has to translate the stream
    (Anthropic's and other formats) it is held to its end, and a blocked one is refused: the proxy would drop a rewrite.

    packs, policy, shop, lang  as of `Linter`
    meta                       what is known about every chat; a request may add to it under `metadata.replylint`
    """

    streaming_buffer_until_moderated = True
    """Read by the proxy: translated streams wait for the verdict."""

    def __init__(
        self,
        packs: Sequence[str] | None = None,
        policy: str | None = None,
        shop: str | None = None,
        lang: str = "zh",
        meta: Mapping[str, Any] | None = None,
        fallback: str | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self._chat = dict(meta or {})
        try:
            self._linter = Linter(packs=packs, policy=policy, shop=shop, lang=lang)
            read_meta(self._chat)
        except ValueError as error:
            # At a ValueError the proxy would log a line and start without the guardrail.
            raise RuntimeError(f"replylint cannot guard anything: {error}") from error
        self._lang = lang
        self._fallback = fallback

    async def apply_guardrail(
        self, inputs: Any, request_data: Mapping[str, Any], input_type: str, logging_obj: Any = None
    ) -> Any:
        """The inputs with every text that may be sent; what buyers say is not judged."""
        del logging_obj
        if input_type != "response" or not inputs.get("texts"):
            return inputs
        streamed = request_data.get("stream") is True
        turns, meta = self._talk(request_data)
        return {**inputs, "texts": [self._checked(text, turns, meta, streamed) for text in inputs["texts"]]}

    async def async_post_call_streaming_iterator_hook(
        self, user_api_key_dict: Any, response: AsyncIterable[Any], request_data: Mapping[str, Any]
    ) -> AsyncIterator[Any]:
        """The chunks of a streamed answer, each with the text that is safe by then."""
        turns, meta = self._talk(request_data)
        streams: dict[int, ReplyStream] = {}
        async for chunk in response:
            if not hasattr(chunk, "choices"):
                # Events of the Responses interface: the proxy knows how to gather their text for apply_guardrail.
                held = UnifiedLLMGuardrails().async_post_call_streaming_iterator_hook(
                    user_api_key_dict, _again(chunk, response), request_data, guardrail_to_apply=self
                )
                async for event in held:
                    yield event
                return
            for choice in chunk.choices:
                stream = streams.setdefault(choice.index, self._linter.stream(turns, meta))
                text = stream.feed(choice.delta.content or "")
                if choice.finish_reason:
                    text += self._end(streams.pop(choice.index))
                if choice.delta.content or text:
                    choice.delta.content = text
            yield chunk

    def _talk(self, request_data: Mapping[str, Any]) -> tuple[tuple[Turn, ...], Meta]:
        """What was said before, and what is known about the chat. What could not be judged must not go out."""
        try:
            meta = read_meta({**self._chat, **_given(request_data)})
        except RequestError as error:
            raise self._refusal(str(error)) from None
        return tuple(turns_of(request_data.get("messages") or ())), meta

    def _checked(self, reply: str, turns: Sequence[Turn], meta: Meta, streamed: bool) -> str:
        report = self._linter.check(reply, turns, meta)
        if streamed and report.action == "block":
            raise self._refusal(advice(report, self._lang), judged=True)
        try:
            return sendable(reply, report, self._fallback)
        except ReplyBlockedError:
            raise self._refusal(advice(report, self._lang), judged=True) from None

    def _end(self, stream: ReplyStream) -> str:
        """What may still be sent of an answer that has ended."""
        rest = stream.flush()
        if not stream.held:
            return rest
        if stream.remedy is not None:
            return stream.remedy
        if not stream.released and self._fallback is not None:
            return self._fallback
        assert stream.report is not None
        raise self._refusal(advice(stream.report, self._lang), judged=True)

    def _refusal(self, message: str, *, judged: bool = False) -> GuardrailRaisedException:
        return GuardrailRaisedException(
            guardrail_name=self.guardrail_name,
            message=message,
            should_wrap_with_default_message=False,
            blocked_content=judged,
        )


def _given(request_data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the request says about its chat."""
    for key in ("metadata", "litellm_metadata"):
        metadata = request_data.get(key)
        if isinstance(metadata, Mapping) and isinstance(metadata.get("replylint"), Mapping):
            return dict(metadata["replylint"])
    return {}


async def _again(first: Any, rest: AsyncIterable[Any]) -> AsyncIterator[Any]:
    """An iteration from its start, when its first item has been taken already."""
    yield first
    async for item in rest:
        yield item
