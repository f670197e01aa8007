"""Views of a reply and the way back: no offset is ever lost, whatever people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replylint.linter import bundled_folder
from replylint.text import Folder, Spelling, Unmasker, View

FOLDER = bundled_folder()
UNMASKER = Unmasker(
    [
        Spelling("薇信", "微信", "homophone"),
        Spelling("vx", "微信", "slang"),
        Spelling("威信", "微信", "homophone"),
        Spelling("有威信", "", ""),
        Spelling("发piao", "发票", "pinyin"),
    ],
    ["微信", "发票", "开不了"],
)
# The characters that break offset maps: width, case, traditional, zero-width, keycaps, surrogates, glosses, separators.
HOSTILE = st.text(
    alphabet="微信薇發票Ｖv１1①一幺零〇oİß\u200b\ufe0f\u20e3\ud800❤👨‍👩 \t\n,。·*._-()tǒng統➕", max_size=40
)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        pytest.param("發票開不了", "发票开不了", id="traditional becomes simplified"),
        pytest.param("ＶＸ１２３", "vx123", id="full width becomes half width"),
        pytest.param("加我Ⅴ：x", "加我v:x", id="a roman numeral that looks like a letter"),
        pytest.param("①③⑧", "138", id="circled digits"),
        pytest.param("1️⃣3️⃣8️⃣", "138", id="keycap emoji"),
        pytest.param("微\u200b信", "微信", id="a zero-width space inside a word"),
        pytest.param("系統(tǒng)一", "系统一", id="a pinyin gloss from a mirrored page"),
        pytest.param("尺码(xl)的", "尺码(xl)的", id="brackets with a size are no gloss"),
        pytest.param("三包", "三包", id="written digits stay in words"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_fold(typed: str, folded: str) -> None:
    assert FOLDER.fold(typed).text == folded


@pytest.mark.parametrize(
    ("typed", "seen", "trick"),
    [
        pytest.param("加薇信", "加微信", "homophone", id="a homophone"),
        pytest.param("加VX吧", "加微信吧", "slang", id="an abbreviation in capitals"),
        pytest.param("微*信", "微信", "separator", id="a symbol between the characters"),
        pytest.param("开 不 了 发 票", "开不了发票", "separator", id="every character cut off"),
        pytest.param("发piao有", "发票有", "pinyin", id="half in pinyin"),
        pytest.param("幺三八零零一三八零零零", "13800138000", "written-out digits", id="a phone number in words"),
        pytest.param("1 3 8 0 0 1 3 8 0 0 0", "13800138000", "separator", id="a phone number digit by digit"),
    ],
)
def test_unmask(typed: str, seen: str, trick: str) -> None:
    view = UNMASKER.unmask(FOLDER.fold(typed))
    assert view is not None
    assert view.text == seen
    assert view.trick(0, len(typed)) == trick


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("这位老师傅有威信", id="a harmless longer word"),
        pytest.param("vxyz型号", id="letters inside a longer Latin word"),
        pytest.param("138-0013-8000", id="a number grouped as people do"),
        pytest.param("三包一年", id="a digit word in a word"),
        pytest.param("微信支付可以的", id="the plain word itself"),
    ],
)
def test_nothing_to_unmask(typed: str) -> None:
    assert UNMASKER.unmask(FOLDER.fold(typed)) is None


def _is_sound(view: View, original: str) -> None:
    assert view.starts is None or len(view.starts) == len(view.text)
    places = [view.span(at, at + 1) for at in range(len(view.text))]
    assert all(0 <= start < end <= len(original) for start, end in places)
    assert places == sorted(places)


@given(HOSTILE)
def test_every_character_of_a_view_has_its_place_in_the_original(typed: str) -> None:
    view = FOLDER.fold(typed)
    _is_sound(view, typed)
    unmasked = UNMASKER.unmask(view)
    if unmasked is not None:
        _is_sound(unmasked, typed)


@given(HOSTILE)
def test_folding_twice_changes_nothing_more(typed: str) -> None:
    once = FOLDER.fold(typed).text
    assert FOLDER.fold(once).text == once


@given(HOSTILE)
def test_folding_keeps_the_length_unless_something_invisible_was_dropped(typed: str) -> None:
    view = FOLDER.fold(typed)
    assert (view.starts is None) == (len(view.text) == len(typed))


@given(st.text(alphabet="微信发票开不了加您的", max_size=12), st.sampled_from(["\u200b", "\ufeff", "\u2060"]))
def test_invisible_characters_hide_nothing(words: str, invisible: str) -> None:
    assert FOLDER.fold(invisible.join(words)).text == words


def test_a_folder_needs_only_its_table() -> None:
    tiny = Folder({ord("甲"): ord("乙")})
    assert tiny.fold("甲丙").text == "乙丙"
