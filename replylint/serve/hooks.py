"""One call of a chat server, from its signature to the answer it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from replylint.messages import say
from replylint.model import Report, Turn
from replylint.serve.dialects.shape import Answer, Call, Dialect, Heard, Message, Why
from replylint.serve.hosts import Host
from replylint.serve.memory import seen_by
from replylint.serve.service import NotJudgedError, Service, worst
from replylint.serve.wire import UnreadableError

_LONGEST_SENTENCE = 600


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
            service.memory.remember((dialect.name, asked.key), asked.turns)
            return dialect.allow(call)
        return await _judged(call, asked, dialect, host, service, language)
    except UnreadableError:
        return _unjudged(call, "unreadable", dialect, host, service, language)
    except NotJudgedError as error:
        return _unjudged(call, error.cause, dialect, host, service, language)
    finally:
        service.metrics.took(dialect.name, perf_counter() - begun)


async def _judged(
    call: Call, message: Message, dialect: Dialect, host: Host, service: Service, language: str
) -> Answer:
    key = (dialect.name, message.key)
    if not host.is_agent(message.sender):
        _remember(service, key, message, message.texts)
        return dialect.allow(call)
    if any(len(text) > service.bounds.reply for text in message.texts):
        raise NotJudgedError("too-long")
    history = message.history or _before(message, host, service.memory.recall(key) if message.key else ())
    reports = [
        await service.check(text, history, host.meta, dialect.name, host.seconds) for text in message.texts
    ]  # fmt: skip
    deed = {"block": host.on_block, "warn": host.on_warn, "allow": "allow"}[worst(reports)]
    if deed == "rewrite":
        texts = _rewritten(message.texts, reports, host)
        changed = dialect.rewrite(call, texts) if texts is not None else None
        if changed is not None and texts is not None:
            _remember(service, key, message, texts)
            return changed
        deed = "reject" if worst(reports) == "block" else "allow"
    if deed == "reject":
        return dialect.reject(call, _why(reports, language))
    _remember(service, key, message, message.texts)
    return dialect.allow(call)


def _before(message: Message, host: Host, turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns before, with roles: by the accounts of the agents where they are known, else by who writes now."""
    if not host.agents:
        return seen_by(message.sender, turns)
    return tuple(
        turn._replace(role="agent" if host.is_agent(turn.sender or "") else "buyer") for turn in turns
    )  # fmt: skip


def _remember(service: Service, key: tuple[str, str], message: Message, texts: Sequence[str]) -> None:
    if message.key:
        service.memory.remember(key, (Turn("buyer", text, None, message.sender) for text in texts))


def _rewritten(texts: Sequence[str], reports: Sequence[Report], host: Host) -> tuple[str, ...] | None:
    """The texts with those at fault replaced, or None when one has to go and nothing can take its place."""
    new = []
    for text, report in zip(texts, reports, strict=True):
        if report.rewrite is not None and report.action != "allow":
            new.append(report.rewrite)
        elif report.action == "block" or (report.action == "warn" and host.on_warn == "reject"):
            return None
        else:
            new.append(text)
    return tuple(new)


def _why(reports: Sequence[Report], language: str) -> Why:
    """What the agent is told, shortened to what a chat client shows."""
    findings = [finding for report in reports for finding in report.findings if finding.severity != "info"]
    messages = list(dict.fromkeys(finding.message for finding in findings))
    sentence = say(language, "serve.held", why=" ".join(messages))
    better = reports[0].rewrite if len(reports) == 1 else None
    if better is not None:
        sentence += say(language, "serve.instead", rewrite=better)
    if len(sentence) > _LONGEST_SENTENCE:
        sentence = f"{sentence[: _LONGEST_SENTENCE - 1]}…"
    return Why(sentence, tuple(finding.to_dict() for finding in findings), better)


def _unjudged(
    call: Call, cause: str, dialect: Dialect, host: Host, service: Service, language: str
) -> Answer:  # fmt: skip
    service.metrics.failed(dialect.name, cause, host.on_error)
    if host.on_error == "block":
        return dialect.reject(call, Why(say(language, "serve.unjudged")))
    try:
        return dialect.allow(call)
    except UnreadableError:
        return Answer({"error": "the call cannot be read"}, 400)
