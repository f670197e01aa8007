"""Views of a reply and the way back: no offset is ever lost, whatever people type."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replylint.characters import DIGIT, DROPPED, FOLDED, NUMERAL, SIGN, SYMBOL, digits_in
from replylint.linter import Linter, bundled_folder, bundled_rules
from replylint.sound import Ear, Sounds, SoundTable, hearing_of
from replylint.source import RulePackError
from replylint.text import Folder, Spelling, Unmasker, View, stretches

FOLDER = bundled_folder()
READINGS = {"fa": "发法罚", "piao": "票嫖飘", "zui": "最醉", "di": "低弟的", "de": "的得", "jia": "价家"}
SOUNDS = Sounds(("发票", "最低价"), READINGS, frozenset({"发飘", "醉低家"}))
UNMASKER = Unmasker(
    [
        Spelling("薇信", "微信", "homophone"),
        Spelling("vx", "微信", "slang"),
        Spelling("威信", "微信", "homophone"),
        Spelling("有威信", "", ""),
        Spelling("发piao", "发票", "pinyin"),
    ],
    ["微信", "发票", "开不了", "35天", "x天", "最终解释权"],
    ear=Ear(hearing_of(SOUNDS)),
)
# The characters that break offset maps: width, case, traditional, zero-width, keycaps, surrogates, glosses, separators.
HOSTILE = st.text(
    alphabet="微信薇發票嫖飘醉弟得价Ｖv１1①一幺零〇oİß\u200b\ufe0f\u20e3\ud800❤👨‍👩 \t\n,。·*._-()tǒng統➕", max_size=40
)


@pytest.mark.parametrize(
    ("text", "kinds", "digits"),
    [
        pytest.param("亲,有货的", 0, 0, id="nothing to look at"),
        pytest.param("亲，有貨的", FOLDED, 0, id="a full-width comma and a traditional character"),
        pytest.param("微*信_号", SYMBOL, 0, id="symbols inside words"),
        pytest.param("“不合身包退”不算", 0, 0, id="quotation marks are no symbols"),
        pytest.param("一号楼", NUMERAL | DIGIT, 1, id="a numeral before a house word"),
        pytest.param("幺三8", NUMERAL | DIGIT | SIGN, 3, id="digits in figures and written out"),
        pytest.param("１号", FOLDED | DIGIT | SIGN, 1, id="a full-width digit counts as what it becomes"),
        pytest.param("統(tǒng)一", FOLDED | DROPPED | SYMBOL | SIGN | NUMERAL | DIGIT, 1, id="a reading with its tone"),
    ],
)
def test_the_kinds_of_characters_that_a_text_has(text: str, kinds: int, digits: int) -> None:
    seen = FOLDER.glance(text)
    assert (seen & 63, digits_in(seen)) == (kinds, digits)


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
        pytest.param("最终 解释权归店", "最终解释权归店", "separator", id="a blank inside a long word"),
        pytest.param("微[信]号", "微信]号", "separator", id="a character in brackets"),
        pytest.param("发piao有", "发票有", "pinyin", id="half in pinyin"),
        pytest.param("没有发嫖", "没有发票", "homophone", id="a character that sounds alike"),
        pytest.param("醉的价", "最低价", "homophone", id="two of three that sound alike, one by its second reading"),
        pytest.param("發*嫖", "发票", "homophone", id="a homophone behind a symbol"),
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
        pytest.param("头发飘起来", id="innocent, whatever it sounds like"),
        pytest.param("罚嫖", id="a word of two with none of its characters"),
        pytest.param("醉弟家", id="a word of three with none of its characters"),
        pytest.param("发,嫖", id="a clause end between"),
        pytest.param("3-5天内 3 - 5天", id="a range of numbers"),
        pytest.param("预计[数字x]天", id="a number that an export left out"),
        pytest.param("您说的微[微笑]信不过吗", id="a smiley by its name"),
        pytest.param("好的呢#E-s18", id="a smiley by its number"),
        pytest.param("开 不了", id="a pause in a short word"),
    ],
)
def test_nothing_to_unmask(typed: str) -> None:
    assert UNMASKER.unmask(FOLDER.fold(typed)) is None


@given(
    st.lists(st.tuples(st.integers(0, 2000), st.sampled_from(["薇信", "微*信", "1 3 8 0 0 1 3 8 0 0 0"])), min_size=1),
    st.integers(0, 2000),
)
def test_the_stretches_around_disguises_have_all_of_them_and_little_else(
    parts: list[tuple[int, str]], rest: int
) -> None:
    text = "".join("好" * plain + "," + disguise for plain, disguise in parts) + "," + "好" * rest
    whole = UNMASKER.unmask(View(text))
    assert whole is not None
    around = list(stretches(whole))
    assert sum(part.text.count(word) for part in around for word in ("微信", "13800138000")) == len(parts)
    assert sum(len(part.text) for part in around) <= min(len(whole.text), len(parts) * 420)
    for part in around:
        _is_sound(part, text)
        assert part.text in whole.text
        assert part.span(0, len(part.text))[1] <= len(text)


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
    tiny = Folder("甲", "乙")
    assert tiny.fold("甲丙").text == "乙丙"


@given(st.text(alphabet="发法罚票嫖飘最醉低弟的得价家*a 1", max_size=16))
def test_what_is_heard_sounds_like_its_word(text: str) -> None:
    for start, end, word in Ear(hearing_of(SOUNDS)).hidden(text):
        written = text[start:end]
        assert written != word
        assert written not in SOUNDS.innocent
        assert any(one == other for one, other in zip(written, word, strict=True))
        for one, other in zip(written, word, strict=True):
            assert any(one in chars and other in chars for chars in READINGS.values())


@given(
    st.sampled_from(SOUNDS.words),
    st.sampled_from("法嫖醉弟的家"),
    st.text(alphabet="发飘最*a 1,", max_size=4),
    st.text(alphabet="价得嫖*a 1,", max_size=4),
)
def test_a_word_is_heard_wherever_it_stands(word: str, other: str, before: str, after: str) -> None:
    place = next((at for at, char in enumerate(word) for same in READINGS.values() if {char, other} <= {*same}), None)
    if place is not None:
        hidden = word[:place] + other + word[place + 1 :]
        found = Ear(hearing_of(SOUNDS)).hidden(before + hidden + after)
        assert (len(before), len(before) + len(word), word) in found


def test_a_word_in_letters_has_every_mixture_but_itself() -> None:
    table = SoundTable({"发": ["fa"], "票": ["piao"], "恶": ["e", "wu"]})
    assert [*table.in_letters("发票")] == ["发piao", "fa票", "fapiao"]
    assert [*table.in_letters("恶票")] == ["恶piao", "wu票", "wupiao"]


RULES = Linter().ruleset
BUNDLED = Unmasker(RULES.spellings, (), (), Ear(RULES.hearing))


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("最好佣的面膜", "最好用的面膜"),
        ("我们保zheng是真的", "我们保证是真的"),
        ("没有发嫖", "没有发票"),
        ("不给退kuan", "不给退款"),
        ("给个好瓶吧", "给个好评吧"),
        ("曰本原装的", "日本原装的"),
        ("都是假huo", "都是假货"),
        ("帮刷dan", "帮刷单"),
        ("莆tian鞋", "莆田鞋"),
        ("加公zhong号", "加公众号"),
        ("全网zui低", "全网最低"),
        ("国家ji标准", "国家级标准"),
        ("zhi愈失眠", "治愈失眠"),
        ("私xia转给我", "私下转给我"),
        ("扫ma转zhang", "扫码转账"),
        ("jia一下我", "加一下我"),
        ("原妆进口", "原装进口"),
        ("你个傻币", "你个傻逼"),
        ("粉丝裙里说", "粉丝群里说"),
        ("ZUIDI价", "最低价"),
    ],
)
def test_the_bundled_words_are_heard(typed: str, seen: str) -> None:
    view = BUNDLED.unmask(FOLDER.fold(typed))
    assert view is not None
    assert view.text == seen


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("头发飘逸", id="a seam: 头发|飘"),
        pytest.param("确保证品质", id="a seam: 保证|品质"),
        pytest.param("可以货到付款吗", id="a question: 付款|吗"),
        pytest.param("满减标准是满300", id="a seam: 满减|标准"),
        pytest.param("价格已封顶即可下单", id="a seam: 封顶|即可"),
        pytest.param("手机抗摔吗", id="a word of shops"),
        pytest.param("这把伞最耗电", id="最 with an adjective"),
        pytest.param("加裙子一套多少", id="a garment"),
        pytest.param("花杯子有货", id="a cup"),
        pytest.param("fancy款, jiji牌, v领xs码, cool", id="letters of other words"),
        pytest.param("https://v.douyin.com/abc", id="an address"),
        pytest.param("gundam模型", id="letters inside a longer Latin word"),
    ],
)
def test_honest_talk_is_heard_as_it_is(typed: str) -> None:
    view = BUNDLED.unmask(FOLDER.fold(typed))
    assert view is None or view.text == FOLDER.fold(typed).text


def test_the_table_of_what_is_innocent_was_made_for_the_words_of_the_lexicon() -> None:
    table = bundled_rules().parent / "replylint" / "data" / "innocent.tsv"
    words = [line.split("\t")[0] for line in table.read_text(encoding="utf-8").splitlines()]
    assert words == list(RULES.hearing.words), "run python scripts/make_innocent_table.py"


def test_a_single_character_cannot_be_told_by_its_sound(tmp_path: Path) -> None:
    lexicon = (bundled_rules() / "lexicon.yaml").read_text(encoding="utf-8")
    (tmp_path / "lexicon.yaml").write_text(lexicon.replace("pinyin: [加我", "pinyin: [加, 加我"), encoding="utf-8")
    with pytest.raises(RulePackError, match="加: a single character"):
        Linter(packs=[tmp_path / "lexicon.yaml"])
