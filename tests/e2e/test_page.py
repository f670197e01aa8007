"""The try-it page in a real Chromium, used with keyboard and finger."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from serving import Served, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright, Route

DESKTOP = {"width": 1280, "height": 820}
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
    yield browser
    browser.close()


def _open(browser: Browser, url: str, complaints: list[str], viewport: dict[str, int] = DESKTOP, **more: Any) -> Page:
    page = browser.new_context(viewport=viewport, locale="zh-CN", **more).new_page()
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    return page


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, served: Served, complaints: list[str]) -> Iterator[Page]:
    """The page; whatever the browser complains of, broken scripts and refused content too, fails the test."""
    page = _open(browser, served.url, complaints)
    yield page
    page.context.close()
    assert complaints == []


def _write(page: Page, said: str, reply: str) -> None:
    page.fill("#said", said)
    page.fill("#reply", "")
    page.locator("#reply").press_sequentially(reply)


def _verdict(page: Page, kind: str) -> None:
    page.locator(f"#verdict.{kind}").wait_for(timeout=10_000)


def test_words_at_fault_are_marked_as_one_types(page: Page) -> None:
    _write(page, "能开发票吗", "😀亲,我们不开发票的哦")
    _verdict(page, "block")
    assert page.locator("#marks mark.error").all_inner_texts() == ["不开发票"]
    finding = page.locator(".finding")
    assert finding.locator(".words").inner_text() == "不开发票"
    assert finding.locator(".why").inner_text()
    assert finding.locator(".source").inner_text().startswith("依据:")


def test_the_marks_lie_exactly_under_the_words(page: Page) -> None:
    _write(page, "能开发票吗", "亲," + "今天下单今天就能发出哦," * 6 + "我们不开发票的哦")
    _verdict(page, "block")
    area, marks = page.locator("#reply").bounding_box(), page.locator("#marks").bounding_box()
    assert area == marks
    styles = "el => ['font', 'letterSpacing', 'paddingLeft', 'width', 'whiteSpace'].map(k => getComputedStyle(el)[k])"
    assert page.locator("#reply").evaluate(styles) == page.locator("#marks").evaluate(styles)
    assert page.locator("#reply").evaluate("el => el.scrollHeight <= el.clientHeight"), "the box grows with the words"


def test_one_key_takes_the_rewrite_and_undo_brings_the_words_back(page: Page) -> None:
    _write(page, "能开发票吗", "亲,我们不开发票的哦")
    _verdict(page, "block")
    better = page.locator(".better p").inner_text()
    page.locator("#reply").press("Control+Enter")
    _verdict(page, "allow")
    assert page.input_value("#reply") == better
    page.locator("#reply").press("Control+z")
    _verdict(page, "block")
    assert page.input_value("#reply") == "亲,我们不开发票的哦"


def test_the_keyboard_reaches_the_rewrite(page: Page) -> None:
    _write(page, "能开发票吗", "亲,我们不开发票的哦")
    page.locator("#accept").wait_for()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "accept":
            break
    page.keyboard.press("Enter")
    _verdict(page, "allow")


def test_what_the_buyer_said_decides(page: Page) -> None:
    _write(page, "能加个微信吗", "可以的亲")
    _verdict(page, "block")
    page.fill("#said", "今天能发货吗")
    _verdict(page, "allow")


def test_the_language_is_switched_and_kept(page: Page) -> None:
    _write(page, "能开发票吗", "亲,我们不开发票的哦")
    _verdict(page, "block")
    chinese = page.locator(".finding p").first.inner_text()
    page.click("[data-lang=en]")
    page.get_by_text("Must not be sent").wait_for()
    page.wait_for_function("before => document.querySelector('.finding p').textContent !== before", arg=chinese)
    assert re.fullmatch(r"[ -~’“”…]+", page.locator(".finding p").first.inner_text())
    page.reload()
    page.get_by_text("Write a reply to see").wait_for()
    assert page.evaluate("document.documentElement.lang") == "en"


def test_the_platform_goes_with_the_request(page: Page) -> None:
    page.fill("#reply", "亲,我们不开发票的哦")
    _verdict(page, "block")
    with page.expect_request("**/v1/check*") as asked:
        page.select_option("#platform", "jd")
    assert json.loads(asked.value.post_data or "")["meta"] == {"platform": "jd"}


def test_rules_are_browsed_searched_and_opened_from_a_finding(page: Page) -> None:
    page.click("#browse")
    page.locator("#list details").first.wait_for()
    everything = page.locator("#list details").count()
    page.fill("#search", "invoice/refusal")
    assert 1 <= page.locator("#list details").count() < everything
    page.keyboard.press("Escape")
    assert not page.locator("#drawer").is_visible()
    _write(page, "能开发票吗", "亲,我们不开发票的哦")
    page.locator(".finding .id").first.click()
    opened = page.locator("#list details[open]")
    assert opened.get_attribute("data-rule") == "invoice/refusal"
    assert opened.locator("p").first.inner_text()


def test_markup_in_a_reply_stays_text(page: Page) -> None:
    page.fill("#said", "<script>document.title='caught'</script>")
    page.fill("#reply", "<img src=x onerror=\"document.title='caught'\">不开发票</div>")
    _verdict(page, "block")
    assert page.title() == "replylint"
    assert page.locator("main img").count() == 0


def test_typing_on_keeps_the_marks_that_still_hold(page: Page) -> None:
    _write(page, "能开发票吗", "亲,我们不开发票的哦")
    _verdict(page, "block")
    page.route("**/v1/check*", lambda _route: None)  # nobody answers
    page.locator("#reply").press("Home")
    page.keyboard.insert_text("您好,")
    assert page.locator("#marks mark").all_inner_texts() == ["不开发票"]
    assert page.locator("#marks").inner_text().startswith("您好,亲")


def test_a_service_that_is_away_is_told_and_met_again(browser: Browser, served: Served, complaints: list[str]) -> None:
    page = _open(browser, served.url, complaints)
    down = True

    def answer(route: Route) -> None:
        if down:
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/check*", answer)
    page.fill("#reply", "亲,我们不开发票的哦")
    page.locator("#trouble").get_by_text("没有应答").wait_for()
    down = False
    _verdict(page, "block")
    assert not page.locator("#trouble").is_visible()
    assert all("ERR_FAILED" in complaint for complaint in complaints)
    page.context.close()


def test_a_service_with_a_secret_asks_for_it_once(browser: Browser, complaints: list[str]) -> None:
    with serving("--packs", "invoice", env={"REPLYLINT_SECRET": "sesame-42"}) as service:
        page = _open(browser, service.url, complaints)
        page.locator("#trouble input").fill("sesame-42")
        page.keyboard.press("Enter")
        page.fill("#reply", "亲,我们不开发票的哦")
        _verdict(page, "block")
        page.reload()
        page.fill("#reply", "亲,我们不开发票的哦")
        _verdict(page, "block")
        assert not page.locator("#trouble").is_visible()
        page.context.close()


def test_on_a_phone_nothing_is_wider_than_the_screen(browser: Browser, served: Served, complaints: list[str]) -> None:
    page = _open(browser, served.url, complaints, PHONE, has_touch=True, is_mobile=True)
    page.locator("#samples button").nth(1).tap()
    _verdict(page, "block")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("#accept").tap()
    _verdict(page, "allow")
    page.locator("#browse").tap()
    drawer = page.locator("#drawer").bounding_box()
    assert drawer is not None
    assert drawer["width"] == PHONE["width"]
    page.context.close()
    assert complaints == []
