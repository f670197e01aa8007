"""The callbacks of chat servers: bytes as their documentation shows them, answers as it wants them.

Every case goes through a real server on loopback. The examples of requests keep the keys and the form of the vendors'
documents; the words and names are ours.
"""

from __future__ import annotations

import hmac
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from hashlib import md5, sha1, sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from serving import in_process

from replylint import Linter
from replylint.model import Meta
from replylint.serve.app import build_app
from replylint.serve.dialects import DIALECTS
from replylint.serve.dialects.shape import Call, Message, Why
from replylint.serve.guard import Guard
from replylint.serve.hosts import Host, read_hosts
from replylint.serve.keeper import Keeper
from replylint.serve.memory import Memory
from replylint.serve.metrics import Metrics
from replylint.serve.page import read_page
from replylint.serve.service import Bounds, Service
from replylint.serve.wire import UnreadableError, write_json
from replylint.source import RulePackError

SECRET = "s3cret-of-the-app"
ASK, REFUSE, FINE = "能开发票吗", "亲,我们不开发票的哦", "亲,今天就给您发货"


class Sent(NamedTuple):
    """A call on its way: path behind `/hooks/`, query, headers and body."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def tencent_im(text: str, sender: str = "kf_1", to: str = "guest", secret: str = SECRET, at: float = 0) -> Sent:
    stamp = str(int(at or time.time()))
    query = {
        "SdkAppid": "888888", "CallbackCommand": "C2C.CallbackBeforeSendMsg", "contenttype": "json",
        "ClientIP": "127.0.0.1", "OptPlatform": "Web", "RequestTime": stamp,
        "Sign": sha256(f"{secret}{stamp}".encode()).hexdigest(),
    }  # fmt: skip
    body = {
        "CallbackCommand": "C2C.CallbackBeforeSendMsg", "From_Account": sender, "To_Account": to, "MsgSeq": 48374,
        "MsgRandom": 2837546, "MsgTime": 1557481126, "MsgKey": "48374_2837546_1557481126", "OnlineOnlyFlag": 1,
        "MsgBody": [
            {"MsgType": "TIMTextElem", "MsgContent": {"Text": text}},
            {"MsgType": "TIMFaceElem", "MsgContent": {"Index": 6, "Data": "abc"}},
        ],
        "CloudCustomData": "custom", "EventTime": 1670574414123,
    }  # fmt: skip
    return Sent("tencent-im", query, {}, _json(body))


def easemob(text: str, sender: str = "kf_1", to: str = "guest", secret: str = SECRET) -> Sent:
    call, stamp = "shop#im_0990a64f-1111-2222-8696-cf3b48b20e7e", 1600060847294
    body = {
        "callId": call, "timestamp": stamp, "chat_type": "chat", "from": sender, "to": to, "msg_id": "8924312242322",
        "payload": {"ext": {}, "bodies": [{"msg": text, "type": "txt"}]}, "securityVersion": "1.0.0",
        "security": md5(f"{call}{secret}{stamp}".encode()).hexdigest(), "appkey": "shop#im", "host": "im@host",
    }  # fmt: skip
    return Sent("easemob", {}, {}, _json(body))


def rongcloud(text: str, sender: str = "kf_1", to: str = "guest", secret: str = SECRET, at: float = 0) -> Sent:
    stamp = str(int((at or time.time()) * 1000))
    query = {
        "appKey": "uwd1c0sxdlx2", "nonce": "14314", "signTimestamp": stamp,
        "signature": sha1(f"{secret}14314{stamp}".encode()).hexdigest(),
    }  # fmt: skip
    form = {
        "appKey": "uwd1c0sxdlx2", "fromUserId": sender, "targetId": to, "msgType": "RC:TxtMsg",
        "content": json.dumps({"content": text, "extra": ""}), "channelType": "PERSON",
        "msgTimeStamp": stamp, "messageId": "5FGT-7VA9-G4DD-4V5P", "os": "Websocket",
    }  # fmt: skip
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Sent("rongcloud", query, headers, urlencode(form).encode())


def yunxin(text: str, sender: str = "kf_1", to: str = "guest", secret: str = SECRET) -> Sent:
    body = _json(
        {
            "eventType": 1, "fromAccount": sender, "to": to, "msgType": "TEXT", "body": text, "fromNick": "小美",
            "msgidClient": "c1", "msgTimestamp": "1646883135222", "fromClientType": "WEB",
        }
    )  # fmt: skip
    digest, stamp = md5(body).hexdigest(), "1541583920979"
    headers = {
        "AppKey": "key1", "CurTime": stamp, "MD5": digest,
        "CheckSum": sha1(f"{secret}{digest}{stamp}".encode()).hexdigest(), "Content-Type": "application/json",
    }  # fmt: skip
    return Sent("yunxin", {}, headers, body)


def openim(text: str, sender: str = "kf_1", to: str = "guest", secret: str = SECRET) -> Sent:
    body = {
        "sendID": sender, "recvID": to, "callbackCommand": "callbackBeforeSendSingleMsgCommand",
        "serverMsgID": "server_msg_001", "clientMsgID": "client_msg_001", "operationID": "operation_001",
        "senderPlatformID": 5, "senderNickname": "kf", "sessionType": 1, "msgFrom": 100, "contentType": 101,
        "status": 1, "sendTime": 1719800000000, "createTime": 1719800000000,
        "content": json.dumps({"content": text}), "seq": 1, "atUserList": [], "faceURL": "", "ex": "",
    }  # fmt: skip
    path = f"openim/{secret}/callbackBeforeSendSingleMsgCommand"
    return Sent(path, {"contenttype": "json"}, {"operationID": "operation_001"}, _json(body))


def stream(text: str, sender: str = "kf_1", to: str = "guest", secret: str = SECRET) -> Sent:
    body = _json(
        {
            "message": {
                "id": "", "text": text, "html": "", "type": "regular", "attachments": [], "reply_count": 0,
                "mentioned_users": [], "silent": False,
            },
            "user": {"id": sender, "role": "user", "banned": False, "online": True},
            "channel": {"cid": f"messaging:{'-'.join(sorted((sender, to)))}", "type": "messaging"},
            "request_info": {"type": "client", "ip": "86.84.2.2"},
        }
    )  # fmt: skip
    headers = {
        "X-Api-Key": "key1",
        "X-Webhook-Attempt": "1",
        "X-Signature": hmac.new(secret.encode(), body, "sha256").hexdigest(),
    }
    return Sent("stream", {}, headers, body)


def litellm(text: str, sender: str = "kf_1", to: str = "guest", secret: str = SECRET) -> Sent:
    """A model's answer; what a guest says comes as the question of the same call."""
    answers = sender != "guest"
    body: dict[str, Any] = {
        "texts": [text], "input_type": "response" if answers else "request",
        "litellm_call_id": f"call of {sender if answers else to}", "litellm_trace_id": "t1",
        "request_data": {"user_api_key_hash": "h"}, "additional_provider_specific_params": {},
    }  # fmt: skip
    if not answers:
        body["structured_messages"] = [{"role": "system", "content": "你是客服"}, {"role": "user", "content": text}]
    return Sent("litellm/beta/litellm_basic_guardrail_api", {}, {"x-api-key": secret}, _json(body))


def synapse(text: str, sender: str = "kf_1", to: str = "guest", secret: str = SECRET) -> Sent:
    event = {
        "type": "m.room.message", "sender": sender, "room_id": f"!{'-'.join(sorted((sender, to)))}:hs",
        "event_id": "$1", "content": {"msgtype": "m.text", "body": text}, "origin_server_ts": 1,
    }  # fmt: skip
    return Sent(
        "synapse/check_event_for_spam", {}, {"authorization": f"Bearer {secret}"}, _json({"event": event})
    )  # fmt: skip


MAKERS: dict[str, Callable[..., Sent]] = {
    maker.__name__.replace("_", "-"): maker
    for maker in (tencent_im, easemob, rongcloud, yunxin, openim, stream, litellm, synapse)
}
ALLOWED: dict[str, Any] = {
    "tencent-im": {"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0},
    "easemob": {"valid": True},
    "rongcloud": {"pass": 1},
    "yunxin": {"errCode": 0, "responseCode": 200, "modifyResponse": "{}", "callbackExt": ""},
    "openim": {"actionCode": 0, "errCode": 0, "errMsg": "", "errDlt": "", "nextCode": 0},
    "stream": {},
    "litellm": {"action": "NONE"},
    "synapse": {},
}
WORDS: dict[str, Callable[[Any], str]] = {
    "tencent-im": lambda told: str(told["ErrorInfo"]),
    "easemob": lambda told: str(told["code"]),
    "rongcloud": lambda told: str(told["extra"]),
    "yunxin": lambda told: str(json.loads(told["callbackExt"])["message"]),
    "openim": lambda told: str(told["errMsg"]),
    "stream": lambda told: str(told["message"]["text"]),
    "litellm": lambda told: str(told["blocked_reason"]),
    "synapse": lambda told: str(told["error"]),
}
HELD: dict[str, Mapping[str, Any]] = {
    "tencent-im": {"ActionStatus": "OK", "ErrorCode": 120001},
    "easemob": {"valid": False},
    "rongcloud": {"pass": 0},
    "yunxin": {"errCode": 1, "responseCode": 20000},
    "openim": {"actionCode": 0, "errCode": 5001, "nextCode": 1},
    "stream": {},
    "litellm": {"action": "BLOCKED"},
    "synapse": {"errcode": "M_FORBIDDEN"},
}
NEW_TEXT: dict[str, Callable[[Any], str]] = {
    "tencent-im": lambda told: str(told["MsgBody"][0]["MsgContent"]["Text"]),
    "easemob": lambda told: str(told["payload"]["bodies"][0]["msg"]),
    "yunxin": lambda told: str(json.loads(told["modifyResponse"])["body"]),
    "openim": lambda told: str(json.loads(told["content"])["content"]),
    "stream": lambda told: str(told["message"]["text"]),
    "litellm": lambda told: str(told["texts"][0]),
}


def _client(linter: Linter, hosts: Mapping[str, Host]) -> AbstractContextManager[httpx.Client]:
    memory = Memory()
    modes = [(host.dialect, host.on_error) for host in hosts.values()]
    metrics = Metrics(lambda: len(memory), modes)
    service = Service(Keeper(lambda: linter, lambda: ()), memory, metrics, Bounds(seconds=20.0))
    return in_process(build_app(service, Guard(), hosts, read_page()))


def _hosts(**settings: Any) -> dict[str, Host]:
    return {name: Host(name, SECRET, **{"seconds": 20.0, **settings}) for name in DIALECTS}


@pytest.fixture(scope="module")
def rejecting(linter: Linter) -> Iterator[httpx.Client]:
    with _client(linter, _hosts(agents=("kf_*",), on_warn="reject")) as client:
        yield client


@pytest.fixture(scope="module")
def rewriting(linter: Linter) -> Iterator[httpx.Client]:
    with _client(linter, _hosts(on_block="rewrite", on_warn="rewrite")) as client:
        yield client


def _ask(client: httpx.Client, sent: Sent) -> httpx.Response:
    return client.post(f"/hooks/{sent.path}", params=dict(sent.query), headers=dict(sent.headers), content=sent.body)


every_dialect = pytest.mark.parametrize("name", MAKERS)


def test_every_dialect_has_its_cases() -> None:
    assert MAKERS.keys() == DIALECTS.keys() == ALLOWED.keys() == HELD.keys()


@every_dialect
def test_a_reply_that_is_fine_passes_unchanged(rejecting: httpx.Client, name: str) -> None:
    response = _ask(rejecting, MAKERS[name](FINE))
    assert (response.status_code, response.json()) == (200, ALLOWED[name])


@every_dialect
def test_a_blocked_reply_is_held_back_with_what_to_say_instead(
    rejecting: httpx.Client, linter: Linter, name: str
) -> None:
    response = _ask(rejecting, MAKERS[name](REFUSE))
    told = response.json()
    assert response.status_code == (403 if name == "synapse" else 200)
    assert told | dict(HELD[name]) == told
    finding = linter.check(REFUSE).findings[0]
    assert finding.message in WORDS[name](told)
    if name == "stream":
        assert told["message"]["type"] == "error"
    if name == "synapse":
        assert told["org.replylint.findings"] == [finding.to_dict()]


@every_dialect
def test_a_buyer_may_say_anything_and_decides_what_an_answer_means(rejecting: httpx.Client, name: str) -> None:
    maker = MAKERS[name]
    assert _ask(rejecting, maker("可以的亲", sender="kf_7", to="guest")).json() == ALLOWED[name]
    asked = _ask(rejecting, maker("不开发票?能加个微信吗", sender="guest", to="kf_7"))
    assert (asked.status_code, asked.json()) == (200, ALLOWED[name])
    held = _ask(rejecting, maker("可以的亲", sender="kf_7", to="guest"))
    assert held.json() != ALLOWED[name]
    assert _ask(rejecting, maker("可以的亲", sender="kf_8", to="other")).json() == ALLOWED[name]


@every_dialect
def test_without_the_secret_nothing_is_answered(rejecting: httpx.Client, name: str) -> None:
    response = _ask(rejecting, MAKERS[name](REFUSE, secret="guessed"))
    assert (response.status_code, response.json().keys()) == (401, {"error"})


@pytest.mark.parametrize("maker", [tencent_im, rongcloud], ids=["tencent-im", "rongcloud"])
def test_an_old_call_played_again_is_refused(rejecting: httpx.Client, maker: Callable[..., Sent]) -> None:
    assert _ask(rejecting, maker(FINE, at=time.time() - 3_600)).status_code == 401


@pytest.mark.parametrize("name", ["yunxin", "stream"])
def test_a_body_changed_on_its_way_is_refused(rejecting: httpx.Client, name: str) -> None:
    sent = MAKERS[name](REFUSE)
    changed = sent._replace(body=sent.body.replace("不开".encode(), "能开".encode()))
    assert _ask(rejecting, changed).status_code == 401


@pytest.mark.parametrize("name", NEW_TEXT)
def test_the_rewrite_is_sent_instead_where_the_server_takes_one(
    rewriting: httpx.Client, linter: Linter, name: str
) -> None:
    response = _ask(rewriting, MAKERS[name](REFUSE))
    assert response.status_code == 200
    assert NEW_TEXT[name](response.json()) == linter.check(REFUSE).rewrite


@pytest.mark.parametrize("name", sorted(DIALECTS.keys() - NEW_TEXT.keys()))
def test_a_server_that_takes_no_rewrite_is_told_no(rewriting: httpx.Client, name: str) -> None:
    told = _ask(rewriting, MAKERS[name](REFUSE)).json()
    assert told | dict(HELD[name]) == told


def test_tencent_keeps_the_parts_that_are_no_text(rewriting: httpx.Client) -> None:
    parts = _ask(rewriting, tencent_im(REFUSE)).json()["MsgBody"]
    assert parts[1] == {"MsgType": "TIMFaceElem", "MsgContent": {"Index": 6, "Data": "abc"}}


@pytest.mark.parametrize("length", [10, 120, 300, 1_200])
@pytest.mark.parametrize("fixture", ["rejecting", "rewriting"])
def test_easemob_is_never_told_more_than_it_takes(fixture: str, length: int, request: pytest.FixtureRequest) -> None:
    """An answer of more than 1,000 characters counts as an attack there."""
    client: httpx.Client = request.getfixturevalue(fixture)
    parcels = "".join(f"第{number:02}箱今天发货。" for number in range(length // 10))
    response = _ask(client, easemob(parcels + REFUSE))
    told = response.json()
    assert len(response.text) <= 1_000
    assert isinstance(told["valid"], bool)
    if "payload" in told:
        assert len(json.dumps(told["payload"], ensure_ascii=False, separators=(",", ":")).encode()) <= 1_024
    if length == 1_200:
        assert told["valid"] is False, "a rewrite that does not fit is not cut off; the message is held back"


def test_easemob_also_sends_its_older_payload(rejecting: httpx.Client) -> None:
    sent = easemob(REFUSE)
    body = json.loads(sent.body)
    body["payload"] = {"msg": REFUSE, "type": "txt"}
    assert _ask(rejecting, sent._replace(body=_json(body))).json()["valid"] is False


def test_litellm_sends_the_question_along(linter: Linter) -> None:
    with _client(linter, {"litellm": Host("litellm", SECRET, seconds=20)}) as client:
        body = json.loads(litellm("可以的亲").body)
        body["structured_messages"] = [
            {"role": "user", "content": [{"type": "text", "text": "能加个微信吗"}]},
            {"role": "tool", "content": "x"},
        ]
        assert _ask(client, litellm("可以的亲")).json() == {"action": "NONE"}
        assert _ask(client, litellm("可以的亲")._replace(body=_json(body))).json()["action"] == "BLOCKED"


def test_synapse_pings_and_asks_other_things(rejecting: httpx.Client) -> None:
    headers = {"authorization": f"Bearer {SECRET}"}
    ping = rejecting.post("/hooks/synapse/ping", json={"id": "abc"}, headers=headers)
    assert ping.json() == {"id": "abc", "status": "ok"}
    assert rejecting.post("/hooks/synapse/user_may_invite", json={"inviter": "a"}, headers=headers).json() == {}


def test_an_edit_is_judged_by_its_new_words(rejecting: httpx.Client) -> None:
    sent = synapse("* " + FINE)
    body = json.loads(sent.body)
    body["event"]["content"]["m.new_content"] = {"msgtype": "m.text", "body": REFUSE}
    assert _ask(rejecting, sent._replace(body=_json(body))).status_code == 403


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("tencent-im", {"MsgBody": [{"MsgType": "TIMImageElem", "MsgContent": {"UUID": "1"}}]}),
        ("tencent-im", {"CallbackCommand": "State.StateChange"}),
        ("easemob", {"payload": {"bodies": [{"type": "img", "url": "https://x"}]}}),
        ("openim", {"contentType": 102}),
        ("litellm", {"texts": []}),
    ],
    ids=["a picture", "another event", "a picture", "a picture", "no text"],
)
def test_what_has_no_text_passes(rejecting: httpx.Client, name: str, change: dict[str, Any]) -> None:
    sent = MAKERS[name](REFUSE)
    response = _ask(rejecting, sent._replace(body=_json({**json.loads(sent.body), **change})))
    assert (response.status_code, response.json()) == (200, ALLOWED[name])


BROKEN = [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 60_000]


@pytest.fixture(scope="module", params=["allow", "block"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def unsigned(linter: Linter, door: Any) -> Iterator[httpx.Client]:
    """No secrets, so that broken bodies get past the signature."""
    with _client(linter, {name: Host(name, on_error=door) for name in DIALECTS}) as client:
        yield client


@pytest.fixture(scope="module")
def hurried(linter: Linter, door: Any) -> Iterator[httpx.Client]:
    # A thread keeps the interpreter for 5 ms, in which a quick machine judges ten thousand characters.
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    with _client(linter, _hosts(seconds=0.0003, on_error=door)) as client:
        yield client
    sys.setswitchinterval(usual)


def _holds(told: Any, name: str, door: str) -> bool:
    """Whether the answer lets the message pass, or holds it back, as the configuration says."""
    return bool(told == ALLOWED[name] if door == "allow" else told != ALLOWED[name] and told | dict(HELD[name]) == told)


@every_dialect
def test_a_call_that_cannot_be_read_ends_as_configured(unsigned: httpx.Client, name: str, door: str) -> None:
    for body in BROKEN:
        response = _ask(unsigned, MAKERS[name](REFUSE)._replace(body=body))
        assert _holds(response.json(), name, door), body[:20]
    page = unsigned.get("/metrics").text
    assert f'replylint_fail_mode{{dialect="{name}",on_error="{door}"}} 1.0' in page
    assert f'{{cause="unreadable",dialect="{name}",outcome="{door}"}} {len(BROKEN)}.0' in page


@every_dialect
def test_a_call_of_the_wrong_shape_is_answered(unsigned: httpx.Client, name: str) -> None:
    for body in (b"{}", b'{"message": 3, "event": [], "payload": "x", "MsgBody": 1, "content": {}}'):
        response = _ask(unsigned, MAKERS[name](REFUSE)._replace(body=body))
        assert response.status_code in (200, 403)
        assert isinstance(response.json(), dict)


@every_dialect
def test_when_time_runs_out_the_configured_door_is_taken(hurried: httpx.Client, name: str, door: str) -> None:
    response = _ask(hurried, MAKERS[name](f"{REFUSE}。" * 700))
    assert _holds(response.json(), name, door)
    counted = f'replylint_failures_total{{cause="timeout",dialect="{name}",outcome="{door}"}} 1.0'
    assert counted in hurried.get("/metrics").text


def test_a_server_that_is_not_set_up_is_not_known(rejecting: httpx.Client) -> None:
    assert rejecting.post("/hooks/wechat", content=b"{}").status_code == 404


def test_a_body_that_is_too_large_is_not_read(rejecting: httpx.Client) -> None:
    assert rejecting.post("/hooks/stream", content=b"x" * 1_100_000).status_code == 413


def test_the_hosts_file_is_read_with_every_mistake_at_its_place(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hosts.yaml"
    monkeypatch.setenv("IM_SECRET", SECRET)
    path.write_text(
        'tencent-im:\n  secret-env: IM_SECRET\n  app: "888888"\n  agents: [kf_*]\n  platform: tmall\n'
        "  on-error: block\n  on-block: rewrite\n  timeout-ms: 900\nopenim:\n",
        encoding="utf-8",
    )
    hosts = read_hosts(path)
    assert hosts["tencent-im"] == Host(
        "tencent-im", SECRET, "888888", ("kf_*",), Meta(platform="tmall"), "block", "rewrite", "allow", 0.9
    )  # fmt: skip
    assert hosts["openim"] == Host("openim", seconds=3.75)
    path.write_text(
        'tencent: {secret: a}\nstream: {agents: kf}\nyunxin: {secret: ""}\neasemob:\n  secret-env: NOWHERE_SET\n'
        "  on-error: maybe\n  timeout-ms: fast\nlitellm: {agents: [kf]}\n",
        encoding="utf-8",
    )
    with pytest.raises(RulePackError) as caught:
        read_hosts(path)
    told = [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]
    assert [line.split(":")[0] for line in told] == ["1", "2", "3", "5", "6", "7", "8"]
    assert "tencent-im" in told[0], "a near miss is suggested"


ODD: tuple[Any, ...] = (None, True, 3, 1.5, "", "[[", '{"content": 3}', [], [None], {}, {"text": 3}, "\ud83d")


def _spoilt(value: Any) -> Iterator[Any]:
    """The value with each of its parts left out, and with each replaced by everything odd."""
    yield from ODD
    if isinstance(value, dict):
        for key, part in value.items():
            yield {other: kept for other, kept in value.items() if other != key}
            yield from ({**value, key: odd} for odd in _spoilt(part))
    if isinstance(value, list):
        for at, part in enumerate(value):
            yield from ([*value[:at], odd, *value[at + 1 :]] for odd in _spoilt(part))


@every_dialect
def test_no_shape_of_a_call_breaks_a_dialect(name: str) -> None:
    """Whatever comes is read, or refused as unreadable; and what was read can be answered in every way."""
    dialect, sent = DIALECTS[name], MAKERS[name](REFUSE)
    form = name == "rongcloud"
    whole = dict(parse_qsl(sent.body.decode())) if form else json.loads(sent.body)
    read = 0
    for spoilt in _spoilt(whole):
        if form and isinstance(spoilt, dict):
            body = urlencode({key: str(value) for key, value in spoilt.items()}, errors="replace").encode()
        else:
            body = write_json(spoilt)
        call = Call(body, {}, {}, sent.path.partition("/")[2], 0.0)
        assert name in ("openim", "easemob") or not dialect.genuine(call, SECRET, "")
        try:
            asked = dialect.read(call)
        except UnreadableError:
            continue
        if isinstance(asked, Message):
            read += 1
            for answer in (dialect.allow(call), dialect.reject(call, Why("不")), dialect.rewrite(call, asked.texts)):
                assert answer is None or isinstance(json.loads(write_json(answer.value)), dict)
    assert read > 10, "most parts of a call do not matter"


def test_the_example_of_the_documentation_is_a_hosts_file(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parent.parent / "docs" / "chat-servers.md").read_text(encoding="utf-8")
    monkeypatch.setenv("TENCENT_IM_TOKEN", SECRET)
    path = tmp_path / "hosts.yaml"
    path.write_text(page.split("```yaml\n", 1)[1].split("```", 1)[0], encoding="utf-8")
    assert read_hosts(path)["tencent-im"].agents == ("kf_*", "bot_*")
    assert all(f"`{name}`" in page for name in DIALECTS), "every chat server is on the page"
