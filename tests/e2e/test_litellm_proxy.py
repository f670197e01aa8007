"""A real LiteLLM proxy in front of a model whose answers are fixed, with the service as its guardrail."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from serving import serving

from replylint import Linter

from .conftest import environment
from .processes import answers, free_port, running

REFUSE, FINE, YES = "亲,我们不开发票的哦", "亲,今天就给您发货", "可以的亲"
ANSWERS = {"refuses": REFUSE, "fine": FINE, "agrees": YES}


@contextmanager
def _proxy(folder: Path, deed: str) -> Iterator[httpx.Client]:
    """The proxy with three models, guarded before and after the call."""
    litellm = Path(environment("litellm", "litellm")).parent / "litellm"
    hosts, port = folder / "hosts.yaml", free_port()
    hosts.write_text(f"litellm: {{secret: s3cret, on-block: {deed}}}\n", encoding="utf-8")
    with serving("--hosts", str(hosts)) as service:
        config: dict[str, Any] = {
            "model_list": [
                {"model_name": name, "litellm_params": {"model": "openai/x", "api_key": "none", "mock_response": words}}
                for name, words in ANSWERS.items()
            ],
            "guardrails": [
                {
                    "guardrail_name": "replylint",
                    "litellm_params": {
                        "guardrail": "generic_guardrail_api", "mode": ["pre_call", "post_call"], "default_on": True,
                        "api_base": f"{service.url}hooks/litellm", "api_key": "s3cret",
                        "unreachable_fallback": "fail_closed",
                    },
                }
            ],
        }  # fmt: skip
        (folder / "config.yaml").write_text(json.dumps(config), encoding="utf-8")
        env = {
            **os.environ, "LITELLM_MASTER_KEY": "sk-test-1234", "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "NO_PROXY": "*",
        }  # fmt: skip
        command = [str(litellm), "--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
        url = f"http://127.0.0.1:{port}"
        with (
            running(command, folder / "out.log", answers(f"{url}/health/liveliness"), seconds=180, env=env),
            httpx.Client(
                base_url=url, timeout=60, trust_env=False, headers={"authorization": "Bearer sk-test-1234"}
            ) as client,
        ):
            yield client


def _ask(client: httpx.Client, model: str, question: str) -> httpx.Response:
    messages = [{"role": "user", "content": question}]
    return client.post("/v1/chat/completions", json={"model": model, "messages": messages})


def _answer(response: httpx.Response) -> str:
    return str(response.json()["choices"][0]["message"]["content"])


def test_a_models_answer_is_blocked_with_the_reason(tmp_path: Path, linter: Linter) -> None:
    with _proxy(tmp_path, "reject") as client:
        fine = _ask(client, "fine", "什么时候发货")
        assert (fine.status_code, _answer(fine)) == (200, FINE)
        blocked = _ask(client, "refuses", "能开发票吗")
        assert blocked.status_code == 400
        assert linter.check(REFUSE).findings[0].message in blocked.json()["error"]["message"]
        assert _answer(_ask(client, "agrees", "今天能发货吗")) == YES
        assert _ask(client, "agrees", "能加个微信聊吗").status_code == 400, "the question decides what yes means"


def test_the_compliant_wording_takes_its_place(tmp_path: Path, linter: Linter) -> None:
    with _proxy(tmp_path, "rewrite") as client:
        rewritten = _ask(client, "refuses", "能开发票吗")
        report = linter.check(REFUSE, [("buyer", "能开发票吗")])
        assert (rewritten.status_code, _answer(rewritten)) == (200, report.rewrite)
