"""What the service does with requests in its own format; values in, values out, no HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from replylint.linter import Linter
from replylint.model import Request as Wire
from replylint.model import RequestError, Turn, read_history, read_request
from replylint.serve.service import NotJudgedError, Service
from replylint.serve.wire import in_utf16

NATIVE = "native"
_LONGEST_KEY = 200


async def check(wire: Any, service: Service, *, utf16: bool = False) -> dict[str, Any]:
    """The report of a wire request, in the wire format; raises RequestError and NotJudgedError.

    With `conversation`, `history` need hold only what was said since the last request: the rest is remembered. A
    reply that may be sent is remembered as sent; of any other `note` tells what became of it.
    """
    key = conversation_of(wire)
    request = bounded(wire, service)
    if key:
        service.memory.remember((NATIVE, key), request.history)
    history = service.memory.recall((NATIVE, key)) if key else request.history
    report = await service.check(request.reply, history, request.meta, NATIVE)
    if key and report.action == "allow":
        service.memory.remember((NATIVE, key), (Turn("agent", request.reply),))
    answer = report._replace(id=request.id).to_dict()
    return in_utf16(answer, request.reply) if utf16 else answer


async def check_batch(wire: Any, service: Service, *, utf16: bool = False) -> dict[str, Any]:
    """The reports of `requests`, in order; what cannot be read or judged is answered in its place."""
    requests = wire.get("requests") if isinstance(wire, Mapping) else None
    if not isinstance(requests, Sequence) or isinstance(requests, str):
        raise RequestError("requests is a list of requests")
    if len(requests) > service.bounds.batch:
        raise RequestError(f"a batch has at most {service.bounds.batch} requests, not {len(requests)}")
    reports = []
    for request in requests:
        try:
            reports.append(await check(request, service, utf16=utf16))
        except RequestError as error:
            reports.append(flaw(request, str(error)))
        except NotJudgedError as error:
            service.metrics.failed(NATIVE, error.cause, "refused")
            reports.append(flaw(request, f"not judged: {error.cause}"))
    return {"reports": reports}


async def explain(wire: Any, service: Service, *, utf16: bool = False) -> dict[str, Any]:
    """The report of a wire request and every candidate weighed for it; raises RequestError and NotJudgedError."""
    request = bounded(wire, service)
    verdicts = await service.run(lambda linter: linter.explain(request.reply, request.history, request.meta))
    report = await service.check(request.reply, request.history, request.meta, NATIVE)
    answer = {**report._replace(id=request.id).to_dict(), "verdicts": [verdict._asdict() for verdict in verdicts]}
    return in_utf16(answer, request.reply) if utf16 else answer


def note(wire: Any, service: Service) -> dict[str, Any]:
    """Remembers `turns` of a conversation without judging them; raises RequestError."""
    key = conversation_of(wire)
    if not key:
        raise RequestError("conversation is missing")
    try:
        turns = read_history(wire.get("turns", ()))
    except RequestError as error:
        raise RequestError(str(error).replace("history", "turns", 1)) from None
    service.memory.remember((NATIVE, key), turns)
    return {"conversation": key, "turns": len(service.memory.recall((NATIVE, key)))}


def rules(linter: Linter, language: str) -> dict[str, Any]:
    """Every rule in use, in one language."""
    return {
        "version": linter.version,
        "rules": [
            {
                "id": rule.id,
                "pack": rule.pack,
                "severity": rule.severity,
                "points": rule.points,
                "title": rule.title.get(language, rule.id),
                "message": rule.message.get(language, ""),
                "why": rule.why.get(language, ""),
                "sources": [{"cite": source.cite, "url": source.url} for source in rule.sources],
            }
            for rule in linter.ruleset.rules
        ],
    }


def conversation_of(wire: Any) -> str:
    """The conversation a request names, or empty text; raises RequestError."""
    key = wire.get("conversation") if isinstance(wire, Mapping) else None
    if key is None:
        return ""
    if not isinstance(key, str) or not 0 < len(key) <= _LONGEST_KEY:
        raise RequestError(f"conversation is a string of 1 to {_LONGEST_KEY} characters")
    return key


def bounded(wire: Any, service: Service) -> Wire:
    """A wire request within the bounds of the service; raises RequestError."""
    request = read_request(wire)
    bounds = service.bounds
    if len(request.reply) > bounds.reply:
        raise RequestError(f"reply has at most {bounds.reply} characters, not {len(request.reply)}")
    if len(request.history) > bounds.history:
        raise RequestError(f"history has at most {bounds.history} turns, not {len(request.history)}")
    for number, turn in enumerate(request.history):
        if len(turn.text) > bounds.reply:
            raise RequestError(f"history[{number}].text has at most {bounds.reply} characters, not {len(turn.text)}")
    return request


def flaw(wire: Any, words: str) -> dict[str, Any]:
    """The answer to a request that could not be read or judged."""
    given = wire.get("id") if isinstance(wire, Mapping) else None
    return {"id": given if isinstance(given, (str, int)) and not isinstance(given, bool) else None, "error": words}
