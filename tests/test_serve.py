"""The pre-send service, asked over HTTP on loopback as its clients ask it."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import Served, eventually, in_process, serving

from replylint import Linter
from replylint.model import Turn
from replylint.serve.app import build_app
from replylint.serve.guard import Guard
from replylint.serve.hosts import Host
from replylint.serve.keeper import Keeper
from replylint.serve.memory import Limits, Memory, seen_by
from replylint.serve.metrics import Metrics
from replylint.serve.page import read_page
from replylint.serve.service import Bounds, Service

REFUSAL = {"reply": "亲,我们不开发票的哦", "history": [{"role": "buyer", "text": "能开发票吗"}]}
FINE = {"reply": "亲,今天就给您发货", "history": [{"role": "buyer", "text": "什么时候发货"}]}
SECRET = "open-sesame-7261"
SKELETON = Path(__file__).parent.parent / "replylint" / "data" / "skeleton.yaml"


PACKS = ("invoice", "contact")


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter(PACKS)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("--packs", ",".join(PACKS)) as service:
        yield service


def _post(client: httpx.Client, path: str, wire: Any, **headers: str) -> httpx.Response:
    return client.post(path, content=json.dumps(wire), headers={"content-type": "application/json", **headers})


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param({"id": "7", **REFUSAL, "meta": {"platform": "tmall"}}, id="a refusal is blocked with its rewrite"),
        pytest.param({"id": "8", **FINE}, id="a reply that is fine may go"),
        pytest.param(
            {"reply": "可以的亲", "history": [{"role": "buyer", "text": "能加个微信吗"}]},
            id="a short answer by its question",
        ),
        pytest.param({"reply": ""}, id="an empty reply"),
        pytest.param({"reply": "亲😀我们不开发票的哦\ud83d"}, id="half an emoji does not break the answer"),
    ],
)
def test_the_answer_is_the_one_the_library_gives(served: Served, linter: Linter, wire: dict[str, Any]) -> None:
    response = _post(served.client, "/v1/check", wire)
    assert response.status_code == 200
    report = linter.check(wire["reply"], wire.get("history", ()), wire.get("meta"), id=wire.get("id"))
    assert json.loads(response.text) == report.to_dict()


def test_an_answer_on_a_kept_connection_does_not_wait_for_an_acknowledgement(served: Served) -> None:
    """40 ms is what a client's system waits before it acknowledges the first part of an answer in two."""
    seconds = []
    for _ in range(20):
        begin = time.perf_counter()
        served.client.post("/v1/check", json={"reply": "亲,有货的哦"})
        seconds.append(time.perf_counter() - begin)
    assert min(seconds[5:]) < 0.03


def test_offsets_are_counted_as_javascript_does_on_request(served: Served) -> None:
    reply = "😀😀亲,我们不开发票的哦"
    ours = _post(served.client, "/v1/check", {"reply": reply}).json()["findings"][0]
    theirs = _post(served.client, "/v1/check?offset_encoding=utf-16", {"reply": reply}).json()["findings"][0]
    assert reply[ours["start"] : ours["end"]] == ours["text"]
    units = reply.encode("utf-16-le")
    assert units[2 * theirs["start"] : 2 * theirs["end"]].decode("utf-16-le") == ours["text"]
    assert theirs["start"] == ours["start"] + 2


def test_a_batch_is_answered_in_order_and_what_cannot_be_read_in_its_place(served: Served) -> None:
    wires = [{"id": "a", **REFUSAL}, {"id": "b", "reply": 3}, 17, {"id": "d", **FINE}]
    reports = _post(served.client, "/v1/check-batch", {"requests": wires}).json()["reports"]
    assert [report["id"] for report in reports] == ["a", "b", None, "d"]
    assert [report.get("action", report.get("error")) for report in reports] == [
        "block",
        "reply is a string, not int",
        "a request is an object, not int",
        "allow",
    ]


def test_explain_tells_why_words_were_let_go(served: Served) -> None:
    answer = _post(served.client, "/v1/explain", {"reply": "没有不开发票的情况哦"}).json()
    assert answer["action"] == "allow"
    assert any(verdict["reason"] and "发票" in verdict["text"] for verdict in answer["verdicts"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_rules_are_told_in_both_languages(served: Served, linter: Linter, language: str) -> None:
    told = served.client.get("/v1/rules", params={"lang": language}).json()
    assert [rule["id"] for rule in told["rules"]] == [rule.id for rule in linter.ruleset.rules]
    rule = next(rule for rule in told["rules"] if rule["id"] == "invoice/refusal")
    assert rule["message"] == linter.rule("invoice/refusal").message[language]
    assert rule["sources"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        pytest.param(b"{", 400, "not JSON", id="half a JSON"),
        pytest.param(b"\xff\xfe", 400, "not UTF-8", id="bytes that are no text"),
        pytest.param(b"[" * 100_000, 400, "nested too deeply", id="a hundred thousand brackets"),
        pytest.param(b'{"reply":' + b"9" * 9_000 + b"}", 400, "number", id="a number of nine thousand digits"),
        pytest.param(b"[]", 400, "a request is an object", id="a list"),
        pytest.param(b"{}", 400, "reply is missing", id="nothing to judge"),
        pytest.param(b'{"reply":"a","history":[{"role":"boss","text":"a"}]}', 400, "role is one of", id="a wrong role"),
        pytest.param(b'{"reply":"a","meta":{"platform":"ebay"}}', 400, "meta.platform", id="a wrong platform"),
        pytest.param(b'{"reply":"a","conversation":""}', 400, "conversation is a string", id="a nameless conversation"),
        pytest.param(json.dumps({"reply": "啊" * 10_001}).encode(), 400, "at most 10000", id="a long reply"),
        pytest.param(
            json.dumps({"reply": "a", "history": [{"role": "buyer", "text": "a"}] * 201}).encode(), 400,
            "at most 200 turns", id="a history that is too long",
        ),
        pytest.param(b'"' + b"a" * 1_100_000 + b'"', 413, "at most 1048576 bytes", id="a body that is too large"),
    ],
)  # fmt: skip
def test_a_bad_request_is_told_what_is_wrong(served: Served, body: bytes, status: int, words: str) -> None:
    response = served.client.post("/v1/check", content=body, headers={"content-type": "application/json"})
    assert (response.status_code, words in response.json()["error"]) == (status, True), response.text
    assert served.client.get("/healthz").json() == {"status": "ok"}


def test_the_error_of_a_request_carries_its_id(served: Served) -> None:
    assert _post(served.client, "/v1/check", {"id": "x", "reply": None}).json() == {
        "id": "x",
        "error": "reply is missing",
    }


def test_a_form_or_plain_text_is_not_read(served: Served) -> None:
    response = served.client.post("/v1/check", content=json.dumps(FINE), headers={"content-type": "text/plain"})
    assert response.status_code == 415


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"host": "evil.example"}, 421, id="another host name, as after DNS rebinding"),
        pytest.param({"origin": "https://evil.example"}, 403, id="a page elsewhere"),
        pytest.param({"origin": "null"}, 403, id="a page in a sandbox"),
        pytest.param({"origin": "chrome-extension://abcdefgh"}, 200, id="the browser extension"),
        pytest.param({"host": "localhost:8787", "origin": "http://localhost:8787"}, 200, id="our own page"),
    ],
)
def test_only_this_machine_and_no_foreign_page_may_call(served: Served, headers: dict[str, str], status: int) -> None:
    assert _post(served.client, "/v1/check", FINE, **headers).status_code == status


def test_with_a_conversation_only_the_new_turn_is_sent(served: Served) -> None:
    yes = {"reply": "可以的亲"}
    assert _post(served.client, "/v1/check", yes).json()["action"] == "allow"
    said = {"conversation": "m1", "turns": [{"role": "buyer", "text": "能加个微信吗"}]}
    assert _post(served.client, "/v1/turns", said).json() == {"conversation": "m1", "turns": 1}
    assert _post(served.client, "/v1/check", {**yes, "conversation": "m1"}).json()["action"] == "block"
    assert _post(served.client, "/v1/check", {**yes, "conversation": "m2"}).json()["action"] == "allow"


def test_a_reply_that_may_go_is_remembered_and_a_blocked_one_is_not(served: Served) -> None:
    ask = [{"role": "buyer", "text": "什么时候发货"}]
    _post(served.client, "/v1/check", {"conversation": "m3", "history": ask, "reply": "今天就给您发货"})
    _post(served.client, "/v1/check", {"conversation": "m3", "reply": "我们不开发票的哦"})
    assert _post(served.client, "/v1/turns", {"conversation": "m3", "turns": []}).json()["turns"] == 2


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_memory_is_bounded_and_forgets() -> None:
    clock = _Clock()
    memory = Memory(Limits(conversations=2, turns=3, seconds=60), clock)
    for number in range(5):
        memory.remember(("t", "a"), [Turn("buyer", f"{number}")])
    assert [turn.text for turn in memory.recall(("t", "a"))] == ["2", "3", "4"]
    clock.now = 30
    memory.remember(("t", "b"), [Turn("buyer", "x" * 5_000)])
    assert len(memory.recall(("t", "b"))[0].text) == 2_000
    memory.remember(("t", "c"), [Turn("buyer", "y")])
    assert memory.recall(("t", "a")) == (), "the conversation unused for longest makes room"
    clock.now = 95
    assert (len(memory), memory.recall(("t", "b"))) == (0, ())


def test_the_writer_of_the_next_turn_is_the_agent() -> None:
    turns = (Turn("buyer", "a", None, "kf"), Turn("buyer", "b", None, "guest"))
    assert [turn.role for turn in seen_by("kf", turns)] == ["agent", "buyer"]


def test_the_page_may_load_nothing_from_elsewhere(served: Served) -> None:
    response = served.client.get("/")
    assert response.status_code == 200
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "http://" not in response.text.replace("http://www.w3.org/2000/svg", "")


def test_metrics_count_rules_actions_and_failures_and_quote_nobody(served: Served) -> None:
    _post(served.client, "/v1/check", REFUSAL)
    page = served.client.get("/metrics").text
    assert 'replylint_checks_total{action="block",dialect="native"}' in page
    assert 'replylint_findings_total{rule="invoice/refusal",severity="error"}' in page
    assert "replylint_check_seconds_bucket" in page
    assert "发票" not in page


def test_the_service_describes_itself(served: Served) -> None:
    paths = served.client.get("/openapi.json").json()["paths"]
    assert {"/v1/check", "/v1/check-batch", "/v1/explain", "/v1/rules", "/v1/turns", "/healthz"} <= paths.keys()
    example = paths["/v1/check"]["post"]["requestBody"]["content"]["application/json"]["schema"]["example"]
    assert _post(served.client, "/v1/check", example).json()["action"] == "block"


def test_the_log_holds_no_word_of_a_message(served: Served) -> None:
    marker = "暗号七二六一"
    for wire in ({"reply": f"不开发票{marker}"}, {"reply": marker, "history": [{"role": marker, "text": marker}]}):
        _post(served.client, "/v1/check", wire)
    served.client.post(f"/hooks/easemob?key={marker}", content=marker.encode())
    served.client.get("/v1/rules", params={"lang": marker})
    assert marker not in "".join(served.log)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": f"Bearer {SECRET}"}, 200),
        ({"x-api-key": SECRET}, 200),
    ],
    ids=["no secret", "a wrong one", "the secret as a token", "the secret as a key"],
)
def test_an_open_service_wants_its_secret(opened: Served, headers: Mapping[str, str], status: int) -> None:
    assert _post(opened.client, "/v1/check", FINE, **headers).status_code == status
    assert opened.client.get("/v1/rules", headers=dict(headers)).status_code == status
    assert opened.client.get("/metrics", headers=dict(headers)).status_code == status
    assert opened.client.post("/v1/reload", headers=dict(headers)).status_code == status
    assert opened.client.get("/healthz").status_code == 200


@pytest.fixture(scope="module")
def opened() -> Iterator[Served]:
    with serving("--packs", str(SKELETON), env={"REPLYLINT_SECRET": SECRET}) as service:
        yield service


def _service(seconds: float = 5.0, **bounds: Any) -> Service:
    memory = Memory()
    return Service(
        Keeper(Linter, lambda: ()), memory, Metrics(lambda: len(memory), ()), Bounds(seconds=seconds, **bounds)
    )


@pytest.mark.parametrize(
    ("bounds", "cause"),
    [({"seconds": 0.0005}, "timeout"), ({"waiting": 0}, "overload")],
    ids=["no time to judge", "too many waiting"],
)
def test_what_is_not_judged_in_time_says_so(bounds: dict[str, Any], cause: str) -> None:
    service = _service(**bounds)
    with in_process(build_app(service, Guard(), {}, read_page())) as client:
        response = _post(client, "/v1/check", {"id": "9", "reply": "亲,我们不开发票的哦。" * 800})
        assert (response.status_code, response.json()) == (503, {"id": "9", "error": f"not judged: {cause}"})
        page = client.get("/metrics").text
        assert f'replylint_failures_total{{cause="{cause}",dialect="native",outcome="refused"}} 1.0' in page


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "mypack.yaml"
    path.write_text(SKELETON.read_text(encoding="utf-8"), encoding="utf-8")
    return path


GIFT = {"reply": "亲,这款没有赠品哦"}


def _say(pack: Path, words: str) -> None:
    text = SKELETON.read_text(encoding="utf-8")
    new = pack.with_suffix(".new")
    new.write_text(text.replace("页面写了赠品就要给,先核实再答复。", words), encoding="utf-8")
    new.replace(pack)


def test_changed_packs_are_read_by_themselves_and_broken_ones_leave_the_old(pack: Path) -> None:
    with serving("--packs", str(pack)) as service:
        said = _watcher(service)
        assert said()["findings"][0]["message"] == "页面写了赠品就要给,先核实再答复。"
        _say(pack, "第二版")
        eventually(lambda: said()["findings"][0]["message"] == "第二版")
        before = said()["version"]
        text = SKELETON.read_text(encoding="utf-8")
        pack.write_text(text.replace("    severity: warning", "    severity: dire"), encoding="utf-8")
        eventually(lambda: service.client.get("/readyz").json()["trouble"])
        assert (said()["findings"][0]["message"], said()["version"]) == ("第二版", before)
        assert (
            f"{pack}:{text[: text.index('severity: warning')].count(chr(10)) + 1}:"
            in service.client.get("/readyz").json()["trouble"][0]
        )
        reload = service.client.post("/v1/reload")
        assert (reload.status_code, bool(reload.json()["trouble"])) == (409, True)
        _say(pack, "第三版")
        eventually(lambda: said()["findings"][0]["message"] == "第三版")
        assert service.client.get("/readyz").json()["trouble"] == []
        assert 'replylint_reloads_total{result="failed"}' in service.client.get("/metrics").text
        assert any("the old ones stay" in line for line in service.log)


def test_sighup_reads_the_packs_again(pack: Path) -> None:
    with serving("--packs", str(pack), "--no-watch") as service:
        said = _watcher(service)
        _say(pack, "第二版")
        service.process.send_signal(signal.SIGHUP)
        eventually(lambda: said()["findings"][0]["message"] == "第二版")


def _watcher(service: Served) -> Callable[[], dict[str, Any]]:
    return lambda: dict(_post(service.client, "/v1/check", GIFT).json())


def test_a_reload_under_load_never_mixes_two_pack_sets(pack: Path) -> None:
    """Every answer pairs a message with the version it belongs to, and none is an error."""
    seen: set[tuple[str, str]] = set()
    errors: list[str] = []
    with serving("--packs", str(pack), "--no-watch") as service:
        done = threading.Event()

        def ask() -> None:
            with httpx.Client(base_url=service.url, timeout=30, trust_env=False) as client:
                while not done.is_set():
                    time.sleep(0.01)
                    response = _post(client, "/v1/check", GIFT)
                    if response.status_code != 200:
                        errors.append(response.text)
                        return
                    answer = response.json()
                    seen.add((answer["version"], answer["findings"][0]["message"]))

        askers = [threading.Thread(target=ask) for _ in range(2)]
        for asker in askers:
            asker.start()
        try:
            for number in range(2):
                _say(pack, f"第{number}版")
                assert service.client.post("/v1/reload").status_code == 200
                # On a busy machine a tenth of a second may pass without a single answer.
                waited = 0.0
                while len(seen) < number + 2 and waited < 10:
                    time.sleep(0.1)
                    waited += 0.1
        finally:
            done.set()
            for asker in askers:
                asker.join()
    assert not errors
    assert len({version for version, _ in seen}) == len(seen) == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--host", "0.0.0.0"), "REPLYLINT_SECRET"),
        (("--secret-file", "nowhere.txt"), "nowhere.txt"),
        (("--port", "99999"), "99999"),
        (("--packs", "nonsense"), "nonsense"),
        (("--hosts", "hosts.yaml"), "hosts.yaml:2:3"),
    ],
    ids=["open without a secret", "no secret file", "no such port", "no such pack", "a mistake in the hosts file"],
)
def test_a_wrong_start_ends_with_status_2_and_the_reason(
    options: tuple[str, ...],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from replylint.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "hosts.yaml").write_text("openim:\n  secert: a\n", encoding="utf-8")
    assert main(["serve", *options]) == 2
    assert words in capsys.readouterr().err


def test_an_open_service_wants_a_secret_of_every_chat_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from replylint.cli import main

    monkeypatch.setenv("REPLYLINT_SECRET", SECRET)
    hosts = tmp_path / "hosts.yaml"
    hosts.write_text("openim: {agents: [kf]}\n", encoding="utf-8")
    assert main(["serve", "--host", "0.0.0.0", "--hosts", str(hosts)]) == 2
    assert "openim" in capsys.readouterr().err


def test_a_host_knows_its_agents() -> None:
    assert Host("openim").is_agent("anybody")
    agents = Host("openim", agents=("kf_*", "boss"))
    assert [agents.is_agent(name) for name in ("kf_1", "boss", "guest")] == [True, True, False]
