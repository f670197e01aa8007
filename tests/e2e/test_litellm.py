"""The guardrail in a real LiteLLM proxy, in front of a model server on loopback that says what it is asked to say."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from replylint.linter import Linter

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        find_spec("litellm") is None or find_spec("apscheduler") is None,
        reason="needs the LiteLLM proxy: pip install 'replylint[litellm]'",
    ),
]

ROOT = Path(__file__).parents[2]
REFUSAL = "亲,我们不开发票的哦"
LONG = "亲,您好呀。可以开发票的,电子发票。今天下单明天就发,您放心拍。"
KEY = "sk-only-for-this-test"
GREETING = [{"role": "user", "content": "在吗"}]
QUESTION = [{"role": "user", "content": "能开发票吗"}]

CONFIG = """\
model_list:
  - model_name: bot
    litellm_params: {{model: lm_studio/bot, api_key: none, api_base: "http://127.0.0.1:{upstream}/v1"}}
guardrails:
  - guardrail_name: replylint
    litellm_params:
      guardrail: replylint.integrations.litellm.ReplyLintGuardrail
      mode: post_call
      default_on: true
      packs: [invoice, contact, {own}]
      meta: {{platform: tmall}}
general_settings: {{master_key: {key}}}
"""
OWN_PACK = """\
pack: own
title: {zh: 自己的, en: own}
rules:
  - id: own/no-way-out
    title: {zh: 没有改写的规则, en: a rule without rewrite}
    severity: error
    points: 1
    confidence: high
    message: {zh: 不要说天机。, en: Keep it to yourself.}
    sources: [{cite: 店规, url: "", checked: "2026-11-01", status: read}]
    match: [天机]
    bad: ["[[天机]]"]
    good: [{say: 飞机, because: no-act}]
"""


class _Model(BaseHTTPRequestHandler):
    """A chat model: it says what stands behind SAY: in the system prompt, a letter a chunk when it is streamed."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        line = next(str(m["content"]) for m in request["messages"] if m["role"] == "system").removeprefix("SAY:")
        if not request.get("stream"):
            self._send("application/json", _completion({"message": {"role": "assistant", "content": line}}, "stop"))
            return
        chunks = [_completion({"delta": {"role": "assistant", "content": letter}}, None, "chunk") for letter in line]
        if "[broken off]" not in request["messages"][-1]["content"]:
            chunks += [_completion({"delta": {}}, "stop", "chunk"), b"[DONE]"]
        self._send("text/event-stream", b"".join(b"data: " + chunk + b"\n\n" for chunk in chunks))

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_given: Any) -> None:
        pass


def _completion(choice: dict[str, Any], reason: str | None, kind: str = "") -> bytes:
    whole = {
        "id": "1",
        "created": 1,
        "model": "bot",
        "object": f"chat.completion{'.chunk' if kind else ''}",
        "choices": [{"index": 0, "finish_reason": reason, **choice}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
    return json.dumps(whole, ensure_ascii=False).encode()


class Answer(NamedTuple):
    status: int
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        lines = (line.removeprefix("data:").strip() for line in self.body.splitlines() if line.startswith("data:"))
        return [json.loads(line) for line in lines if line and line != "[DONE]"]


class Proxy(NamedTuple):
    port: int

    def ask(self, route: str, line: str, **body: Any) -> Answer:
        """What a client gets when the model says `line`."""
        if route == "messages":
            body = {"max_tokens": 100, "system": f"SAY:{line}", "messages": QUESTION, **body}
        elif route == "responses":
            body = {"instructions": f"SAY:{line}", "input": QUESTION, **body}
        else:
            talk = body.pop("messages", QUESTION)
            body = {"messages": [{"role": "system", "content": f"SAY:{line}"}, *talk], **body}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/{route}",
            json.dumps({"model": "bot", **body}).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Answer(response.status, response.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode())


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _start(home: Path, upstream: int, own_pack: str) -> tuple[int, subprocess.Popen[bytes]]:
    """A proxy in `home` and its port; it logs to `home/log`."""
    (home / "own.yaml").write_text(own_pack, encoding="utf-8")
    config = CONFIG.format(upstream=upstream, key=KEY, own=home / "own.yaml")
    (home / "config.yaml").write_text(config, encoding="utf-8")
    port = _free_port()
    program = str(Path(sys.executable).parent / "litellm")
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [program, "--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)],
            cwd=home,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        )
    return port, server


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    home = tmp_path_factory.mktemp("litellm")
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), _Model)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    port, server = _start(home, upstream.server_port, OWN_PACK)
    try:
        _wait_for(port, server, home / "log")
        yield Proxy(port)
    finally:
        server.terminate()
        server.wait(timeout=20)
        upstream.shutdown()
        upstream.server_close()


def test_the_proxy_does_not_start_with_a_broken_pack(tmp_path: Path) -> None:
    _, server = _start(tmp_path, _free_port(), OWN_PACK.replace("severity: error", "severity: deadly"))
    try:
        assert server.wait(timeout=180) != 0
    finally:
        server.kill()
    assert "own.yaml:6:15: " in (tmp_path / "log").read_text(errors="replace")


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"the proxy did not start:\n{log.read_text(errors='replace')[-3000:]}")


@pytest.fixture(scope="module")
def rewrite(linter: Linter) -> str:
    better = linter.check(REFUSAL, [("buyer", "能开发票吗")], {"platform": "tmall"}).rewrite
    assert better is not None
    return better


def said(answer: Answer) -> str:
    """The text of a chat completion, whole or in chunks."""
    if answer.body.startswith("data:"):
        choices = [choice for event in answer.events for choice in event.get("choices", ())]
        return "".join(choice["delta"].get("content") or "" for choice in choices)
    return str(answer.json["choices"][0]["message"]["content"])


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_fine_answer_comes_through(proxy: Proxy, stream: bool) -> None:
    assert said(proxy.ask("chat/completions", LONG, stream=stream)) == LONG


def test_a_streamed_answer_begins_before_it_ends(proxy: Proxy) -> None:
    events = proxy.ask("chat/completions", LONG, stream=True).events
    texts = [choice["delta"].get("content") for event in events for choice in event["choices"]]
    assert len([text for text in texts if text]) > 2


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_blocked_answer_is_replaced_by_its_rewrite(proxy: Proxy, rewrite: str, stream: bool) -> None:
    assert said(proxy.ask("chat/completions", REFUSAL, stream=stream)) == rewrite


def test_the_rest_of_an_answer_that_breaks_off_is_judged_too(proxy: Proxy) -> None:
    talk = [{"role": "user", "content": "在吗[broken off]"}]
    assert said(proxy.ask("chat/completions", LONG, messages=talk, stream=True)) == LONG
    assert "不开发票" not in proxy.ask("chat/completions", REFUSAL, messages=talk, stream=True).body


def test_without_a_rewrite_the_request_fails_with_the_reasons(proxy: Proxy) -> None:
    answer = proxy.ask("chat/completions", "亲,天机来啦", messages=GREETING)
    assert answer.status == 400
    assert "own/no-way-out「天机」不要说天机。" in answer.json["error"]["message"]


def test_without_a_rewrite_a_stream_ends_with_the_reasons(proxy: Proxy) -> None:
    answer = proxy.ask("chat/completions", "亲,天机来啦", messages=GREETING, stream=True)
    assert "own/no-way-out" in answer.body
    assert "亲,天机" not in "".join(
        event.get("choices", [{}])[0].get("delta", {}).get("content") or ""
        for event in answer.events
        if event.get("choices")
    )


@pytest.mark.parametrize(
    ("question", "kept"),
    [("能加个微信吗", False), ("能用微信支付吗", True)],
    ids=["consent to an offence is replaced", "consent to a duty stays"],
)
def test_the_buyers_question_decides(proxy: Proxy, question: str, kept: bool) -> None:
    talk = [{"role": "user", "content": "在吗"}, {"role": "assistant", "content": "在的亲"}]
    answer = proxy.ask("chat/completions", "可以的", messages=[*talk, {"role": "user", "content": question}])
    assert (said(answer) == "可以的") is kept


def test_what_the_buyer_writes_is_not_judged(proxy: Proxy) -> None:
    answer = proxy.ask(
        "chat/completions", "在这里说就行的亲", messages=[{"role": "user", "content": "加我微信abc12345"}]
    )
    assert said(answer) == "在这里说就行的亲"


def test_meta_that_cannot_be_read_lets_nothing_out(proxy: Proxy) -> None:
    metadata = {"replylint": {"platform": "nowhere"}}
    for stream in (False, True):
        answer = proxy.ask("chat/completions", LONG, metadata=metadata, stream=stream)
        assert "meta.platform is one of" in answer.body
        assert "您好" not in answer.body


@pytest.mark.parametrize("route", ["messages", "responses"])
def test_answers_in_other_formats_are_rewritten(proxy: Proxy, rewrite: str, route: str) -> None:
    whole = proxy.ask(route, REFUSAL).json
    content = whole["content"] if route == "messages" else whole["output"][0]["content"]
    assert [part["text"] for part in content] == [rewrite]


@pytest.mark.parametrize("route", ["messages", "responses"])
def test_streams_in_other_formats_are_held_to_their_verdict(proxy: Proxy, route: str) -> None:
    fine = proxy.ask(route, LONG, stream=True)
    assert fine.status == 200
    deltas = [event["delta"] for event in fine.events if event.get("type", "").endswith("delta") and "delta" in event]
    texts = [delta if isinstance(delta, str) else delta.get("text", "") for delta in deltas]
    assert "".join(texts) == LONG
    blocked = proxy.ask(route, REFUSAL, stream=True)
    assert "invoice/refusal" in blocked.body
    assert "我们不" not in "".join(
        delta if isinstance(delta, str) else delta.get("text", "")
        for event in blocked.events
        if isinstance(delta := event.get("delta"), (str, dict))
    )
