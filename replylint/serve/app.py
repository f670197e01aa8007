"""The web application: routes, and nothing that judges."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from time import perf_counter, time
from typing import Any

from fastapi import Depends, FastAPI, Request, Response

from replylint import __version__
from replylint.messages import LANGUAGES
from replylint.model import RequestError
from replylint.serve import native, openapi
from replylint.serve.dialects import DIALECTS
from replylint.serve.dialects.shape import Call
from replylint.serve.guard import Guard, header_map
from replylint.serve.hooks import answer_to
from replylint.serve.hosts import Host
from replylint.serve.page import Page
from replylint.serve.service import NotJudgedError, Service, tell
from replylint.serve.wire import UnreadableError, read_json, write_json

Work = Callable[[Any, bool], Awaitable[dict[str, Any]]]


class _RefusedError(Exception):
    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


def build_app(
    service: Service, guard: Guard, hosts: Mapping[str, Host], page: Page, *, language: str = "zh", watch: float = 0
) -> FastAPI:
    """The application. `watch`: every how many seconds to look whether the packs have changed; 0 for never."""

    @asynccontextmanager
    async def alive(_app: FastAPI) -> AsyncIterator[None]:
        watcher = asyncio.create_task(service.watch(watch)) if watch else None
        yield
        if watcher is not None:
            watcher.cancel()
        service.close()

    app = FastAPI(
        title="replylint", version=__version__, lifespan=alive, docs_url=None, redoc_url=None,
        description="Judges a customer-service reply before it is sent.",
    )  # fmt: skip

    async def may_call(request: Request) -> None:
        refusal = guard.refusal(header_map(request.headers.raw))
        if refusal is not None:
            raise _RefusedError(*refusal)

    guarded = (Depends(may_call),)

    @app.exception_handler(_RefusedError)
    async def refused(_request: Request, error: _RefusedError) -> Response:
        return _json({"id": None, "error": error.words}, error.status)

    async def native_answer(request: Request, work: Work) -> Response:
        begun, wire = perf_counter(), None
        try:
            wire = read_json(await _json_body(request, service))
            return _json(await work(wire, request.query_params.get("offset_encoding") == "utf-16"))
        except _RefusedError:
            raise
        except (UnreadableError, RequestError) as error:
            service.metrics.failed(native.NATIVE, "unreadable", "refused")
            return _json(native.flaw(wire, str(error)), 400)
        except NotJudgedError as error:
            service.metrics.failed(native.NATIVE, error.cause, "refused")
            return _json(native.flaw(wire, f"not judged: {error.cause}"), 503)
        except Exception as error:
            tell(error)
            service.metrics.failed(native.NATIVE, "internal", "refused")
            return _json(native.flaw(wire, "not judged: internal"), 503)
        finally:
            service.metrics.took(native.NATIVE, perf_counter() - begun)

    @app.post(
        "/v1/check",
        dependencies=guarded,
        responses=openapi.answers(openapi.REPORT),
        openapi_extra=openapi.body(openapi.REQUEST, offsets=True),
    )
    async def check(request: Request) -> Response:
        """Judges one reply."""
        return await native_answer(request, lambda wire, utf16: native.check(wire, service, utf16=utf16))

    @app.post(
        "/v1/check-batch",
        dependencies=guarded,
        responses=openapi.answers(openapi.REPORTS),
        openapi_extra=openapi.body(openapi.BATCH, offsets=True),
    )
    async def check_batch(request: Request) -> Response:
        """Judges several replies; one that cannot be read is answered in its place."""
        return await native_answer(request, lambda wire, utf16: native.check_batch(wire, service, utf16=utf16))

    @app.post(
        "/v1/explain",
        dependencies=guarded,
        responses=openapi.answers(openapi.REPORT),
        openapi_extra=openapi.body(openapi.REQUEST, offsets=True),
    )
    async def explain(request: Request) -> Response:
        """Judges one reply and tells of every suspicious place why it was flagged or let go."""
        return await native_answer(request, lambda wire, utf16: native.explain(wire, service, utf16=utf16))

    @app.post(
        "/v1/turns",
        dependencies=guarded,
        responses=openapi.answers({"type": "object"}),
        openapi_extra=openapi.body(openapi.NOTE),
    )
    async def turns(request: Request) -> Response:
        """Remembers what was said in a conversation, without judging it."""

        async def work(wire: Any, _utf16: bool) -> dict[str, Any]:
            return native.note(wire, service)

        return await native_answer(request, work)

    @app.get("/v1/rules", dependencies=guarded, responses=openapi.answers({"type": "object"}))
    async def rules(lang: str = language) -> Response:
        """The rules in use, in Chinese or English."""
        return _json(native.rules(service.keeper.linter, lang if lang in LANGUAGES else language))

    @app.post("/v1/reload", dependencies=guarded, responses=openapi.answers({"type": "object"}))
    async def reload() -> Response:
        """Reads the rule packs again; broken ones change nothing, and the answer (409) says what is wrong."""
        done = await service.reload()
        return _json(_state(service), 200 if done else 409)

    @app.get("/healthz")
    async def healthz() -> Response:
        """The process answers."""
        return _json({"status": "ok"})

    @app.get("/readyz")
    async def readyz(request: Request) -> Response:
        """Rules are loaded; to those who may call, `trouble` tells when newer ones could not be, and why."""
        state = _state(service)
        if guard.refusal(header_map(request.headers.raw)) is not None:
            del state["trouble"]
        return _json(state)

    @app.get("/metrics", dependencies=guarded)
    async def metrics() -> Response:
        """Counters for Prometheus."""
        return Response(service.metrics.page(), media_type="text/plain; version=0.0.4")

    @app.get("/", include_in_schema=False)
    async def try_it() -> Response:
        return Response(page.html, media_type="text/html; charset=utf-8", headers=dict(page.headers))

    @app.post("/hooks/{name}", responses=openapi.answers({"type": "object"}))
    @app.post("/hooks/{name}/{tail:path}", include_in_schema=False)
    async def hook(request: Request, name: str, tail: str = "") -> Response:
        """The callback of a chat server, in its own format."""
        host, dialect = hosts.get(name), DIALECTS.get(name)
        if host is None or dialect is None:
            return _json({"error": "this chat server is not set up here"}, 404)
        try:
            body = await _read(request, service)
        except _RefusedError:
            service.metrics.failed(name, "unreadable", "refused")
            raise
        call = Call(body, dict(request.query_params), header_map(request.headers.raw), tail, time())
        answer = await answer_to(call, dialect, host, service, language)
        return _json(answer.value, answer.status)

    return app


async def _json_body(request: Request, service: Service) -> bytes:
    """The body of a call in our own format."""
    # A page elsewhere could send text/plain without asking the browser first.
    if request.headers.get("content-type", "").split(";", 1)[0].strip().lower() != "application/json":
        raise _RefusedError(415, "send application/json")
    return await _read(request, service)


async def _read(request: Request, service: Service) -> bytes:
    try:
        return await asyncio.wait_for(_collect(request, service.bounds.body), service.bounds.reading)
    except TimeoutError:
        raise _RefusedError(408, "the body took too long") from None


async def _collect(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _RefusedError(413, f"the body has at most {most} bytes")
    return bytes(body)


def _state(service: Service) -> dict[str, Any]:
    keeper = service.keeper
    return {"status": "ok", "version": keeper.linter.version, "trouble": list(keeper.trouble)}


def _json(value: Any, status: int = 200) -> Response:
    return Response(write_json(value), status, media_type="application/json")
