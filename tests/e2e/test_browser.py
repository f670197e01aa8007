"""The browser extension in a real Chromium, on pages built like the workbenches it is for.

The pages are answered at the addresses of the real sites, so that the extension's own profiles and permissions are in
force; what they hold is ours. Each keeps what it sent in `window.sent`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from serving import Served

from replylint import Linter

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright, Route

PAGES = Path(__file__).parent / "pages"
EXTENSION = Path(__file__).parent.parent.parent / "hooks" / "browser"
REFUSE, FINE, UNSURE = "亲,我们不开发票的哦", "不好意思亲,这边只能在平台上聊哦", "拍M码就对了,百分百合适"

TALK = [("buyer", "你好"), ("agent", "在的亲"), ("buyer", "能加个微信吗")]


class Site(NamedTuple):
    """A page at its address, where its box is, and how its button is found."""

    url: str
    page: str
    box: str
    button: str
    frame: bool = False


SITES = {
    "textarea": Site("https://im.jinritemai.com/chat", "textarea.html", "textarea", ".chat-editor-send"),
    "contenteditable": Site(
        "https://mms.pinduoduo.com/chat-merchant", "contenteditable.html", "[contenteditable]", ".send-btn"
    ),
    "editor in a frame": Site("https://dongdong.jd.com/desk", "frame.html", "[contenteditable]", "#btn-send", True),
    "shadow tree": Site("https://open.rocket.chat/direct", "shadow.html", "textarea", "button"),
    "unknown page": Site("https://desk.example/chat", "plain.html", "textarea", "button >> nth=1"),
    "own site": Site("https://dongdong.jd.com/own", "plain.html", "textarea", "button >> nth=1"),
}


@pytest.fixture(scope="module")
def context(
    playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    context = playwright.chromium.launch_persistent_context(
        str(tmp_path_factory.mktemp("profile")), executable_path=chromium, headless=False, locale="zh-CN",
        viewport={"width": 1000, "height": 760}, ignore_default_args=["--disable-extensions"],
        args=[
            "--headless=new", "--no-sandbox", "--disable-gpu",
            f"--disable-extensions-except={EXTENSION}", f"--load-extension={EXTENSION}",
        ],
    )  # fmt: skip
    for site in SITES.values():
        context.route(site.url, partial(_answer, PAGES / site.page))
    context.route("**/desk.js", partial(_answer, PAGES / "desk.js"))
    yield context
    context.close()


def _answer(file: Path, route: Route) -> None:
    route.fulfill(path=file)


@pytest.fixture(scope="module")
def worker(context: BrowserContext) -> Any:
    """The extension's background."""
    return context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")


@pytest.fixture(autouse=True)
def fresh_settings(worker: Any, served: Served) -> None:
    _set(
        worker,
        service=served.url.rstrip("/"),
        secret="",
        onError="allow",
        overrideBlock=False,
        timeoutMs=10000,
        profiles=[],
    )


def _set(worker: Any, **values: Any) -> None:
    worker.evaluate("values => chrome.storage.local.set(values)", values)


def _say(worker: Any, key: str) -> str:
    """A text of the extension in the language of this browser."""
    return str(worker.evaluate("key => chrome.i18n.getMessage(key)", key))


class Desk:
    """An agent in front of a page."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site = page, site
        page.goto(site.url)
        if site.frame:
            page.wait_for_function("window.ready")
        scope: Any = page.frame_locator("iframe") if site.frame else page
        self.box, self.button = scope.locator(site.box), page.locator(site.button)

    def write(self, text: str) -> None:
        """Types into the box, without waiting for anything."""
        self.box.click()
        self.box.press_sequentially(text)

    def words(self) -> str:
        return str(self.box.evaluate("box => 'value' in box ? box.value : box.innerText")).strip()

    def sent(self) -> list[str]:
        return [text.strip() for text in self.page.evaluate("window.sent")]

    def wait_sent(self, count: int) -> list[str]:
        self.page.wait_for_function("count => window.sent.length >= count", arg=count, timeout=30_000)
        return self.sent()

    def panel(self, kind: str) -> str:
        """What the panel says, once it is of this kind."""
        panel = self.page.locator(f"replylint-panel[data-kind={kind}]")
        panel.wait_for(state="attached", timeout=30_000)
        return panel.get_attribute("aria-label") or ""


@pytest.fixture(params=["textarea", "contenteditable", "editor in a frame", "shadow tree"])
def desk(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Desk]:
    page = context.new_page()
    yield Desk(page, SITES[request.param])
    page.close()


@pytest.fixture
def feige(context: BrowserContext) -> Iterator[Desk]:
    page = context.new_page()
    yield Desk(page, SITES["textarea"])
    page.close()


def test_enter_is_held_back_one_key_takes_the_rewrite_and_that_is_sent(desk: Desk, linter: Linter) -> None:
    report = linter.check(REFUSE, TALK)
    desk.write(REFUSE)
    desk.box.press("Enter")
    told = desk.panel("block")
    assert report.findings[0].message in told
    assert report.rewrite is not None
    assert report.rewrite in told
    assert (desk.sent(), desk.words()) == ([], REFUSE)
    desk.box.press("Tab")
    assert desk.words() == report.rewrite
    desk.box.press("Enter")
    assert desk.wait_sent(1) == [report.rewrite]


def test_the_button_is_held_back_too(desk: Desk) -> None:
    desk.write(REFUSE)
    desk.button.click()
    desk.panel("block")
    assert (desk.sent(), desk.words()) == ([], REFUSE)


@pytest.mark.parametrize("how", ["enter", "button"])
@pytest.mark.parametrize("pause", [0.0, 1.0], ids=["at once", "after a look"])
def test_a_reply_that_is_fine_is_sent_once(desk: Desk, how: str, pause: float) -> None:
    desk.write(FINE)
    time.sleep(pause)
    if how == "enter":
        desk.box.press("Enter")
    else:
        desk.button.click()
    assert desk.wait_sent(1) == [FINE]
    time.sleep(0.5)
    assert desk.sent() == [FINE]
    assert desk.page.locator("replylint-panel").count() == 0


def test_what_the_buyer_asked_is_read_from_the_page(desk: Desk) -> None:
    """可以的亲 is fine on its own; here the buyer has just asked for an account on another messenger."""
    desk.write("可以的亲")
    desk.box.press("Enter")
    desk.panel("block")
    assert desk.sent() == []


def test_the_finding_shows_beside_the_box_while_one_types(desk: Desk) -> None:
    desk.write(REFUSE)
    assert "不开发票" in desk.panel("block")
    assert desk.sent() == []


def test_shift_enter_makes_a_line_and_sends_nothing(feige: Desk) -> None:
    feige.write(REFUSE)
    feige.box.press("Shift+Enter")
    assert (feige.words(), feige.sent()) == (REFUSE, [])


def test_a_warning_is_overridden_by_a_second_deliberate_send(feige: Desk, worker: Any) -> None:
    feige.write(UNSURE)
    feige.box.press("Enter")
    assert _say(worker, "sendAgain") in feige.panel("warn")
    feige.box.press("Enter")
    feige.box.press("Enter")
    assert feige.sent() == [], "two quick presses are one"
    time.sleep(0.7)
    feige.box.press("Enter")
    assert feige.wait_sent(1) == [UNSURE]


def test_a_changed_reply_starts_anew(feige: Desk) -> None:
    feige.write(UNSURE)
    feige.box.press("Enter")
    feige.panel("warn")
    time.sleep(0.7)
    feige.box.press_sequentially("哦")
    feige.box.press("Enter")
    time.sleep(0.7)
    assert feige.sent() == []


@pytest.mark.parametrize("policy", [False, True], ids=["usually", "where the policy says so"])
def test_a_block_is_overridden_only_by_policy(context: BrowserContext, worker: Any, policy: bool) -> None:
    _set(worker, overrideBlock=policy)
    page = context.new_page()
    desk = Desk(page, SITES["textarea"])
    desk.write(REFUSE)
    for _ in range(3):
        desk.box.press("Enter")
        time.sleep(0.7)
    assert desk.sent() == ([REFUSE] if policy else [])
    page.close()


def test_enter_that_chooses_a_word_is_left_alone(feige: Desk) -> None:
    """An input method composes: Enter takes the word, and neither the page nor the extension may see a send."""
    feige.write("不开发")
    keyboard = feige.page.context.new_cdp_session(feige.page)
    keyboard.send("Input.imeSetComposition", {"text": "piao", "selectionStart": 4, "selectionEnd": 4})
    before = feige.page.evaluate("window.keys")
    for kind in ("keyDown", "keyUp"):
        keyboard.send("Input.dispatchKeyEvent", {"type": kind, "key": "Enter", "windowsVirtualKeyCode": 229})
    assert feige.page.evaluate("window.keys") == before + 1, "the key reaches the page"
    assert feige.sent() == []
    keyboard.send("Input.insertText", {"text": "票"})
    assert feige.words() == "不开发票"
    feige.box.press("Enter")
    feige.panel("block")
    assert feige.sent() == []


def test_escape_closes_the_panel_and_tab_is_the_pages_again(feige: Desk) -> None:
    feige.write(REFUSE)
    feige.panel("block")
    feige.box.press("Escape")
    assert feige.page.locator("replylint-panel").count() == 0
    feige.box.press("Tab")
    assert feige.words() == REFUSE


@pytest.mark.parametrize(("on_error", "sent"), [("allow", [REFUSE]), ("block", [])], ids=["open", "closed"])
def test_without_the_service_the_setting_decides_and_says_so(
    context: BrowserContext, worker: Any, on_error: str, sent: list[str]
) -> None:
    _set(worker, service="http://127.0.0.1:9", onError=on_error)
    page = context.new_page()
    desk = Desk(page, SITES["textarea"])
    desk.write(REFUSE)
    desk.box.press("Enter")
    assert _say(worker, "unchecked" if sent else "unavailable") in desk.panel("trouble")
    assert desk.sent() == sent
    page.close()


def test_a_secret_goes_with_every_question(context: BrowserContext, worker: Any) -> None:
    from serving import serving

    with serving("--packs", "invoice", env={"REPLYLINT_SECRET": "sesame"}) as service:
        _set(worker, service=service.url.rstrip("/"), secret="sesame")
        page = context.new_page()
        desk = Desk(page, SITES["textarea"])
        desk.write(REFUSE)
        desk.panel("block")
        page.close()


def test_a_page_the_extension_is_not_for_is_left_alone(context: BrowserContext) -> None:
    page = context.new_page()
    desk = Desk(page, SITES["unknown page"])
    desk.write(REFUSE)
    desk.box.press("Enter")
    assert desk.wait_sent(1) == [REFUSE]
    page.close()


def test_a_site_of_ones_own_needs_little_more_than_its_address(context: BrowserContext, worker: Any) -> None:
    """The rest is the profile for any page: a box is a box, and a button says 发送. The address is one allowed here."""
    _set(worker, profiles=[{"name": "own", "matches": ["https://dongdong.jd.com/own*"], "box": "textarea"}])
    page = context.new_page()
    desk = Desk(page, SITES["own site"])
    desk.write(REFUSE)
    desk.button.click()
    desk.panel("block")
    assert desk.sent() == []
    page.close()


def test_the_options_save_and_say_whether_the_service_answers(
    context: BrowserContext, worker: Any, served: Served
) -> None:
    page = context.new_page()
    page.goto(f"chrome-extension://{worker.url.split('/')[2]}/options.html")
    page.wait_for_function("document.querySelector('[name=service]').value !== ''")
    page.fill("[name=service]", served.url)
    page.select_option("[name=onError]", "block")
    page.click("button")
    page.locator("#told").get_by_text(_say(worker, "optionReached")).wait_for()
    assert worker.evaluate("chrome.storage.local.get('onError')") == {"onError": "block"}
    page.fill("[name=profiles]", "[{}]")
    page.click("button")
    page.locator("#told").get_by_text("name").wait_for()
    page.close()
