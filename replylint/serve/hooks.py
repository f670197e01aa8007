"""One call of a chat server, from its signature to the answer it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from replylint.messages import say
from replylint.model import Turn
from replylint.serve.deeds import before, decide, why
from replylint.serve.dialects.shape import Answer, Call, Dialect, Heard, Message, Why
from replylint.serve.hosts import Host
from replylint.serve.service import NotJudgedError, Service, tell
from replylint.serve.wire import UnreadableError


async def answer_to(call: Call, dialect: Dialect, host: Host, service: Service, language: str) -> Answer:
    """What the chat server is told. A call that is not signed as it should be gets 401 and teaches us nothing."""
    begun = perf_counter()
    if host.secret and not dialect.genuine(call, host.secret, host.app):
        service.metrics.failed(dialect.name, "unsigned", "refused")
        return Answer({"error": "the call is not signed with the secret of this service"}, 401)
    try:
        asked = dialect.read(call)
        if asked is None:
            return dialect.allow(call)
        if isinstance(asked, Heard):
            if asked.key:
                service.memory.remember((dialect.name, asked.key), asked.turns)
            return dialect.allow(call)
        return await _judged(call, asked, dialect, host, service, language)
    except UnreadableError:
        return _unjudged(call, "unreadable", dialect, host, service, language)
    except NotJudgedError as error:
        return _unjudged(call, error.cause, dialect, host, service, language)
    except Exception as error:
        tell(error)
        return _unjudged(call, "internal", dialect, host, service, language)
    finally:
        service.metrics.took(dialect.name, perf_counter() - begun)


async def _judged(
    call: Call, message: Message, dialect: Dialect, host: Host, service: Service, language: str
) -> Answer:
    key = (dialect.name, message.key)
    if dialect.accounts and not host.is_agent(message.sender):
        _remember(service, key, message, message.texts)
        return dialect.allow(call)
    if any(len(text) > service.bounds.reply for text in message.texts):
        raise NotJudgedError("too-long")
    history = message.history or before(message.sender, host, service.memory.recall(key) if message.key else ())
    reports = [await service.check(text, history, host.meta, dialect.name, host.seconds) for text in message.texts]
    outcome = decide(message.texts, reports, host)
    changed = dialect.rewrite(call, outcome.texts) if outcome.deed == "rewrite" else None
    if outcome.deed == "rewrite" and changed is None:
        outcome = decide(message.texts, reports, host, can_rewrite=False)
    if outcome.deed == "reject":
        return dialect.reject(call, why(reports, language))
    _remember(service, key, message, outcome.texts)
    return changed or dialect.allow(call)


def _remember(service: Service, key: tuple[str, str], message: Message, texts: Sequence[str]) -> None:
    if message.key:
        service.memory.remember(key, (Turn("buyer", text, None, message.sender) for text in texts))


def _unjudged(call: Call, cause: str, dialect: Dialect, host: Host, service: Service, language: str) -> Answer:
    service.metrics.failed(dialect.name, cause, host.on_error)
    if host.on_error == "block":
        return dialect.reject(call, Why(say(language, "serve.unjudged")))
    try:
        return dialect.allow(call)
    except UnreadableError:
        return Answer({"error": "the call cannot be read"}, 400)
