"""A real Matrix homeserver with two users: the agent of a shop and a buyer."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import serving

from replylint import Linter

from .conftest import environment
from .processes import answers, free_port, running

REFUSE, FINE = "亲,我们不开发票的哦", "亲,今天就给您发货"
_numbers = itertools.count()


class User:
    """Somebody with an account on the homeserver."""

    def __init__(self, url: str, name: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/_matrix/client/v3", timeout=60, trust_env=False)
        account = {"username": name, "password": "pw-of-the-test", "auth": {"type": "m.login.dummy"}}
        made = self.http.post("/register", json=account).json()
        self.id = str(made["user_id"])
        self.http.headers["authorization"] = f"Bearer {made['access_token']}"

    def open_room(self, guest: User) -> str:
        room = str(self.http.post("/createRoom", json={"invite": [guest.id]}).json()["room_id"])
        assert guest.http.post(f"/join/{room}", json={}).status_code == 200
        return room

    def say(self, room: str, text: str, **more: Any) -> httpx.Response:
        content = {"msgtype": "m.text", "body": text, **more}
        return self.http.put(f"/rooms/{room}/send/m.room.message/{next(_numbers)}", json=content)

    def read(self, room: str) -> list[dict[str, Any]]:
        """The contents of the messages of a room, oldest first."""
        chunk = self.http.get(f"/rooms/{room}/messages", params={"dir": "f", "limit": 100}).json()["chunk"]
        return [event["content"] for event in chunk if event["type"] == "m.room.message"]


@contextmanager
def _homeserver(folder: Path, modules: list[dict[str, Any]]) -> Iterator[str]:
    """A homeserver with SQLite on loopback, and these modules."""
    python, port = environment("synapse", "synapse"), free_port()
    common = [python, "-m", "synapse.app.homeserver", "--config-path", str(folder / "homeserver.yaml")]
    subprocess.run(
        [*common, "--server-name", "test.local", "--report-stats", "no", "--generate-config"],
        check=True, capture_output=True, cwd=folder, timeout=120,
    )  # fmt: skip
    own = {
        "listeners": [
            {
                "port": port, "type": "http", "bind_addresses": ["127.0.0.1"], "tls": False,
                "resources": [{"names": ["client"]}],
            }
        ],
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "trusted_key_servers": [],
        "rc_message": {"per_second": 1000, "burst_count": 1000},
        "rc_registration": {"per_second": 1000, "burst_count": 1000},
        "modules": modules,
    }  # fmt: skip
    # JSON is YAML; what comes later in the list of files counts.
    (folder / "own.yaml").write_text(json.dumps(own), encoding="utf-8")
    url = f"http://127.0.0.1:{port}"
    with running([*common, "--config-path", str(folder / "own.yaml")], folder / "out.log", answers(f"{url}/health")):
        yield url


@contextmanager
def _agent_and_buyer(url: str) -> Iterator[tuple[User, User]]:
    agent, buyer = User(url, "kf_1"), User(url, "guest")
    with closing(agent.http), closing(buyer.http):
        yield agent, buyer


def _module(**config: Any) -> list[dict[str, Any]]:
    settings = {"agents": ["@kf_*:test.local"], **config}
    return [{"module": "replylint.integrations.synapse.ReplyLintModule", "config": settings}]


@pytest.fixture(scope="module")
def rejecting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[User, User]]:
    with _homeserver(tmp_path_factory.mktemp("hs"), _module(on_warn="reject")) as url, _agent_and_buyer(url) as users:
        yield users


def test_a_reply_that_must_not_be_sent_is_refused_with_our_words(rejecting: tuple[User, User], linter: Linter) -> None:
    agent, buyer = rejecting
    room = agent.open_room(buyer)
    report = linter.check(REFUSE)
    refused = agent.say(room, REFUSE)
    told = refused.json()
    assert (refused.status_code, told["errcode"]) == (403, "M_FORBIDDEN")
    assert report.findings[0].message in told["error"]
    assert told["org.replylint.findings"] == [finding.to_dict() for finding in report.findings]
    assert told["org.replylint.rewrite"] == report.rewrite
    assert agent.say(room, str(report.rewrite)).status_code == 200
    assert [content["body"] for content in buyer.read(room)] == [report.rewrite]


def test_the_room_is_remembered_and_buyers_say_what_they_like(rejecting: tuple[User, User]) -> None:
    agent, buyer = rejecting
    room = agent.open_room(buyer)
    assert agent.say(room, "可以的亲").status_code == 200
    assert buyer.say(room, "不开发票?能加个微信吗").status_code == 200
    assert agent.say(room, "可以的亲").status_code == 403
    assert [content["body"] for content in buyer.read(room)] == ["可以的亲", "不开发票?能加个微信吗"]


def test_an_edit_is_judged_too(rejecting: tuple[User, User]) -> None:
    agent, buyer = rejecting
    room = agent.open_room(buyer)
    first = agent.say(room, FINE).json()["event_id"]
    edit = {
        "m.new_content": {"msgtype": "m.text", "body": REFUSE},
        "m.relates_to": {"rel_type": "m.replace", "event_id": first},
    }
    assert agent.say(room, f"* {FINE}", **edit).status_code == 403


def test_what_is_no_text_passes(rejecting: tuple[User, User]) -> None:
    agent, buyer = rejecting
    room = agent.open_room(buyer)
    assert agent.say(room, REFUSE, msgtype="m.image", url="mxc://test.local/abc").status_code == 200


def test_the_compliant_wording_is_sent_instead(tmp_path: Path, linter: Linter) -> None:
    with _homeserver(tmp_path, _module(on_block="rewrite")) as url, _agent_and_buyer(url) as (agent, buyer):
        room = agent.open_room(buyer)
        sent = agent.say(room, REFUSE, format="org.matrix.custom.html", formatted_body=f"<b>{REFUSE}</b>")
        assert sent.status_code == 200
        assert agent.say(room, FINE).status_code == 200
        read = buyer.read(room)
        assert [content["body"] for content in read] == [linter.check(REFUSE).rewrite, FINE]
        assert all("formatted_body" not in content for content in read)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"on_blok": "reject"}, "on_block"),
        ({"on_block": "delete"}, "reject, rewrite"),
        ({"packs": ["nonsense"]}, "nonsense"),
    ],
    ids=["a key misspelt", "a value unknown", "a pack unknown"],
)
def test_a_wrong_configuration_stops_the_homeserver_with_the_reason(
    tmp_path: Path, config: dict[str, Any], words: str
) -> None:
    with pytest.raises(AssertionError, match=words), _homeserver(tmp_path, _module(**config)):
        pass


def test_the_service_judges_for_synapse_http_antispam(tmp_path: Path, linter: Linter) -> None:
    """The same through the module of others that asks an HTTP service; with the service away it lets events pass."""
    hosts = tmp_path / "hosts.yaml"
    hosts.write_text('synapse: {secret: s3cret, agents: ["@kf_*:test.local"]}\n', encoding="utf-8")
    with serving("--hosts", str(hosts)) as service:
        asks = {
            "module": "synapse_http_antispam.HTTPAntispam",
            "config": {
                "base_url": f"{service.url}hooks/synapse", "authorization": "s3cret", "do_ping": True,
                "enabled_callbacks": ["check_event_for_spam"],
            },
        }  # fmt: skip
        with _homeserver(tmp_path, [asks]) as url, _agent_and_buyer(url) as (agent, buyer):
            room = agent.open_room(buyer)
            refused = agent.say(room, REFUSE)
            assert refused.status_code == 403
            assert linter.check(REFUSE).findings[0].message in refused.json()["error"]
            assert agent.say(room, FINE).status_code == 200
            assert 'replylint_checks_total{action="block",dialect="synapse"} 1.0' in service.client.get("/metrics").text
            service.process.terminate()
            service.process.wait(15)
            assert agent.say(room, REFUSE).status_code == 200
    assert "Successfully pinged" in (tmp_path / "out.log").read_text(encoding="utf-8") or (
        "Successfully pinged" in (tmp_path / "homeserver.log").read_text(encoding="utf-8")
    )
