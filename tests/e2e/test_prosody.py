"""A real XMPP server and two clients: the agent of a shop and a buyer."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from serving import Served

from replylint import Linter

from .processes import free_port, running

MODULE = Path(__file__).parent.parent.parent / "hooks" / "prosody"
REFUSE, FINE, UNSURE = "亲,我们不开发票的哦", "亲,今天就给您发货", "拍M码就对了,百分百合适"
PASSWORD = "pw-of-the-test"
PATIENCE = 60.0


@contextmanager
def _prosody(folder: Path, service: str, **options: str) -> Iterator[int]:
    """A server for the users kf_1 and guest on loopback, with the module; yields its port."""
    program, port = shutil.which("prosody"), free_port()
    if program is None:
        pytest.skip("no Prosody: apt-get install prosody")
    accounts = folder / "localhost" / "accounts"
    accounts.mkdir(parents=True)
    for name in ("kf_1", "guest"):
        (accounts / f"{name.replace('_', '%5f')}.dat").write_text(f'return {{ ["password"] = "{PASSWORD}"; }};\n')
    own = "\n".join(f'replylint_{name} = "{value}"' for name, value in options.items())
    (folder / "prosody.cfg.lua").write_text(
        f"""
run_as_root = true
daemonize = false
pidfile = "{folder}/prosody.pid"
data_path = "{folder}"
plugin_paths = {{ "{MODULE}" }}
modules_enabled = {{ "roster", "saslauth", "disco", "presence", "message", "iq", "c2s", "replylint" }}
modules_disabled = {{ "s2s", "offline", "tls" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
log = {{ info = "*console" }}
replylint_url = "{service}"
replylint_agents = {{ "kf_*@localhost" }}
replylint_timeout = 20
{own}
VirtualHost "localhost"
""",
        encoding="utf-8",
    )
    command = [program, "--config", str(folder / "prosody.cfg.lua"), "-F"]
    with running(command, folder / "out.log", lambda: _listens(port)):
        yield port


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) == 0


class Client:
    """Somebody who is logged in, and every message that came."""

    def __init__(self, xmpp: Any) -> None:
        self.xmpp = xmpp
        self.came: asyncio.Queue[Any] = asyncio.Queue()
        for event in ("message", "message_error"):
            xmpp.add_event_handler(event, self._keep)

    def _keep(self, message: Any) -> None:
        if message["type"] == "error" or message["body"]:
            self.came.put_nowait(message)

    def say(self, to: str, text: str) -> None:
        self.xmpp.send_message(mto=to, mbody=text, mtype="chat")

    async def next(self) -> Any:
        return await asyncio.wait_for(self.came.get(), PATIENCE)


def _meet(port: int, scene: Callable[[Client, Client], Awaitable[None]]) -> None:
    """Logs agent and buyer in and plays a scene."""
    slixmpp = pytest.importorskip("slixmpp", reason="no slixmpp: pip install --group e2e")

    async def play() -> None:
        clients = []
        for name in ("kf_1", "guest"):
            xmpp = slixmpp.ClientXMPP(
                f"{name}@localhost", PASSWORD, plugin_config={"feature_mechanisms": {"unencrypted_plain": True}}
            )
            xmpp.enable_starttls, xmpp.enable_direct_tls, xmpp.enable_plaintext = False, False, True
            client, there = Client(xmpp), asyncio.Event()
            xmpp.add_event_handler("session_start", lambda _event, there=there: there.set())
            xmpp.connect("127.0.0.1", port)
            await asyncio.wait_for(there.wait(), PATIENCE)
            xmpp.send_presence()
            clients.append(client)
        try:
            await scene(*clients)
        finally:
            for client in clients:
                await client.xmpp.disconnect(wait=1)

    # A thread of its own: a browser driver of another test may have its event loop in this one.
    with ThreadPoolExecutor(1) as stage:
        stage.submit(lambda: asyncio.run(play())).result()


AGENT, BUYER = "kf_1@localhost", "guest@localhost"


def test_a_reply_that_must_not_be_sent_comes_back_with_our_words(
    tmp_path: Path, served: Served, linter: Linter
) -> None:
    report = linter.check(REFUSE)

    async def scene(agent: Client, buyer: Client) -> None:
        agent.say(BUYER, REFUSE)
        refused = await agent.next()
        assert (refused["type"], refused["error"]["condition"]) == ("error", "not-acceptable")
        assert report.findings[0].message in refused["error"]["text"]
        assert str(report.rewrite) in refused["error"]["text"]
        rewrite = refused.xml.find(".//{urn:replylint:0}rewrite")
        assert rewrite is not None
        assert rewrite.text == report.rewrite
        agent.say(BUYER, FINE)
        assert (await buyer.next())["body"] == FINE
        assert buyer.came.empty()

    with _prosody(tmp_path, served.url) as port:
        _meet(port, scene)


def test_the_conversation_is_remembered_and_buyers_say_what_they_like(tmp_path: Path, served: Served) -> None:
    async def scene(agent: Client, buyer: Client) -> None:
        agent.say(BUYER, "可以的亲")
        assert (await buyer.next())["body"] == "可以的亲"
        buyer.say(AGENT, "不开发票?能加个微信吗")
        assert (await agent.next())["body"] == "不开发票?能加个微信吗"
        agent.say(BUYER, "可以的亲")
        assert (await agent.next())["type"] == "error"
        assert buyer.came.empty()

    with _prosody(tmp_path, served.url) as port:
        _meet(port, scene)


def test_the_compliant_wording_is_sent_instead(tmp_path: Path, served: Served, linter: Linter) -> None:
    async def scene(agent: Client, buyer: Client) -> None:
        agent.say(BUYER, REFUSE)
        assert (await buyer.next())["body"] == linter.check(REFUSE).rewrite
        agent.say(BUYER, UNSURE)
        assert (await buyer.next())["body"] == UNSURE, "a warning passes"
        assert agent.came.empty()

    with _prosody(tmp_path, served.url, on_block="rewrite") as port:
        _meet(port, scene)


@pytest.mark.parametrize("on_error", ["allow", "block"])
def test_without_the_service_the_configured_door_is_taken(tmp_path: Path, on_error: str) -> None:
    async def scene(agent: Client, buyer: Client) -> None:
        agent.say(BUYER, REFUSE)
        if on_error == "allow":
            assert (await buyer.next())["body"] == REFUSE
        else:
            assert "没有发出" in (await agent.next())["error"]["text"]
            assert buyer.came.empty()

    with _prosody(tmp_path, "http://127.0.0.1:9", on_error=on_error) as port:
        _meet(port, scene)


def test_an_option_misspelt_is_told_in_the_log(tmp_path: Path, served: Served) -> None:
    with _prosody(tmp_path, served.url, on_block="delete"):
        said = (tmp_path / "out.log").read_text(encoding="utf-8")
    assert "replylint_on_block is one of reject, rewrite" in said
