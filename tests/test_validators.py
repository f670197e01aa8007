"""Personal data, accounts and links: what is found, where exactly, what only looks alike, and how it is masked."""

from __future__ import annotations

import datetime
import pickle
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from replylint.validators import (
    KINDS,
    SHAPES,
    Shape,
    Vocabulary,
    find_entities,
    is_bank_card,
    is_cn_mobile,
    is_id_card,
    is_landline,
    mask,
)

WORDS = Vocabulary(
    phone_words=("电话", "手机号"),
    labels=("订单号", "单号", "条码", "货号", "型号", "批号", "编号", "备案号", "许可证号"),
    road_words=("路", "街", "大道", "巷", "街道"),
    building_words=("花园", "小区", "大厦", "科技园"),
    unit_words=("号", "号院", "号楼", "院", "幢", "栋", "座", "单元", "室", "楼", "层", "段"),
    not_address=("路由器", "号链接", "号电池", "号仓"),
    region_words=("省", "市", "区", "县"),
    before_words=("是", "在", "到", "收货"),
)

ID_WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]


def id_card(region: str, birth: str, serial: str) -> str:
    """An invented number with its check digit, by the formula of the standard and not by the table under test."""
    digits = region + birth + serial
    total = sum(int(digit) * weight for digit, weight in zip(digits, ID_WEIGHTS, strict=True))
    return digits + "0123456789x"[(12 - total) % 11]


def bank_card(body: str) -> str:
    """`body` with the one last digit that makes its Luhn sum, found by trying."""
    return next(body + last for last in "0123456789" if luhn(body + last) == 0)


def luhn(digits: str) -> int:
    places = [int(digit) for digit in reversed(digits)]
    return sum(digit if place % 2 == 0 else digit // 5 + digit * 2 % 10 for place, digit in enumerate(places)) % 10


def seen(text: str) -> list[tuple[str, str]]:
    return [(entity.kind, text[entity.start : entity.end]) for entity in find_entities(text, WORDS)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        pytest.param("电话13800138000哦", "mobile", "13800138000", id="mobile between ideographs"),
        pytest.param("打138-0013-8000", "mobile", "138-0013-8000", id="mobile in hyphened groups"),
        pytest.param("打138 0013 8000吧", "mobile", "138 0013 8000", id="mobile in spaced groups"),
        pytest.param("打1380 0138 000吧", "mobile", "1380 0138 000", id="mobile grouped otherwise"),
        pytest.param("tel:+86 13800138000", "mobile", "+86 13800138000", id="mobile with country code"),
        pytest.param("好的13800 138000记下了", "mobile", "13800 138000", id="mobile cut in two"),
        pytest.param("打1380 0138000", "mobile", "1380 0138000", id="mobile cut after four digits"),
        pytest.param("(+86)138-0013-8000", "mobile", "(+86)138-0013-8000", id="country code in brackets"),
        pytest.param("8613800138000", "mobile", "8613800138000", id="country code without a plus"),
        pytest.param("13800138000-1234", "mobile", "13800138000-1234", id="privacy number with extension"),
        pytest.param("13800138000 2件", "mobile", "13800138000", id="another number behind a space"),
        pytest.param("手机0912-345-678", "mobile", "0912-345-678", id="Taiwan mobile in groups"),
        pytest.param("手机0912345678", "mobile", "0912345678", id="Taiwan mobile"),
        pytest.param("打0571-88888888", "landline", "0571-88888888", id="landline"),
        pytest.param("打(0571)8888888", "landline", "(0571)8888888", id="landline with bracketed area"),
        pytest.param("打02155556666-801", "landline", "02155556666-801", id="landline with extension"),
        pytest.param("致电400-800-1234", "hotline", "400-800-1234", id="400 hotline"),
        pytest.param("顺丰95338", "hotline", "95338", id="95xxx hotline"),
        pytest.param("发zhang.san@example.com哈", "email", "zhang.san@example.com", id="e-mail"),
        pytest.param("13800138000@example.com", "email", "13800138000@example.com", id="a mobile inside an e-mail"),
        pytest.param("看https://a.example.cn/x?y=1,好", "link", "https://a.example.cn/x?y=1", id="link up to a comma"),
        pytest.param("上www.example.com看", "link", "www.example.com", id="www"),
        pytest.param("上example.com/13800138000", "link", "example.com/13800138000", id="domain with a number"),
        pytest.param("点192.168.1.1:8080/a", "link", "192.168.1.1:8080/a", id="IP address"),
        pytest.param("复制¥abc¥打开", "link", "¥abc¥", id="share token"),
        pytest.param("车牌京a12345", "plate", "京a12345", id="car plate"),
        pytest.param("粤bd12345的车", "plate", "粤bd12345", id="electric car plate"),
        pytest.param("加abc_def", "handle", "abc_def", id="handle with underscore"),
        pytest.param("加xiaomei88", "handle", "xiaomei88", id="handle with digits"),
        pytest.param("加v13800138000", "handle", "v13800138000", id="a letter before a mobile makes a handle"),
        pytest.param("加12345678", "number_5_11", "12345678", id="eight digits that are no date"),
        pytest.param("尾号138****8000", "masked_mobile", "138****8000", id="masked mobile"),
        pytest.param("是[电话x]哦", "masked_phone", "[电话x]", id="a phone number redacted in a log"),
        pytest.param("110***********2316", "redacted", "110***********2316", id="starred-out number"),
    ],
)
def test_shapes_are_found_at_their_place(text: str, kind: str, value: str) -> None:
    assert seen(text) == [(kind, value)]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("地址是文三路100号3幢502室吧", "文三路100号3幢502室"),
        ("阳光花园3栋2单元601", "阳光花园3栋2单元601"),
        ("建国路88号院2号楼1101", "建国路88号院2号楼1101"),
        ("科技园a座1203", "科技园a座1203"),
        ("体育西路1号", "体育西路1号"),
        ("信义路五段7号", "信义路五段7号"),
        ("文3路100号", "文3路100号"),
        ("阳光花园3-2-601", "阳光花园3-2-601"),
        ("文三路边上3幢502室", "文三路边上3幢502室"),
        ("收货浙江省宁波市鄞州区福明街道江悦府6幢1203", "浙江省宁波市鄞州区福明街道江悦府6幢1203"),
        ("寄到西湖区 文三路100号 13800138000", "西湖区 文三路100号"),
        ("寄到锦江区东大街芷泉段88号", "锦江区东大街芷泉段88号"),
        ("就是6栋2单元901", "6栋2单元901"),
        ("鄞州区江悦府6幢1203", "鄞州区江悦府6幢1203"),
    ],
)
def test_street_level_addresses(text: str, address: str) -> None:
    assert ("address", address) in seen(text)


def test_two_addresses_in_a_row_stay_two() -> None:
    assert seen("文三路1号体育路2号") == [("address", "文三路1号"), ("address", "体育路2号")]


@pytest.mark.parametrize(
    "text",
    [
        "三级以上", "拍3号链接", "5号电池2节", "在2号楼", "16号发货", "1号仓", "路由器3号", "这条路一层一层铺",
        "4栋901", "从路口走10-15分钟", "花园3号链接", "2026-11-01", "路100",
    ],
)  # fmt: skip
def test_numbers_with_place_words_are_no_address_by_themselves(text: str) -> None:
    assert seen(text) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("订单号13800138000", id="order number like a mobile"),
        pytest.param("单号是: 13800138000", id="a label, one word and a colon"),
        pytest.param("编号(0571-88888888)", id="label and bracket"),
        pytest.param("型号kf-13800", id="model number"),
        pytest.param("订单33101380013800045", id="a mobile inside seventeen digits"),
        pytest.param("yt8888888888888", id="tracking number"),
        pytest.param("sf1234567890123", id="another courier"),
        pytest.param("ee123456789cn", id="international parcel"),
        pytest.param("6901234567892", id="barcode"),
        pytest.param("20261101发货", id="a date"),
        pytest.param("¥12800", id="a price"),
        pytest.param("12000*800", id="a size"),
        pytest.param("1999.00元", id="a decimal"),
        pytest.param("138-0013-8000-1234567", id="a mobile that goes on"),
        pytest.param("1234-138-0013-8000", id="a mobile behind more digits"),
        pytest.param("v1.2.3", id="a version"),
        pytest.param("尺码135 145 155 165", id="sizes"),
        pytest.param("256.1.1.1", id="no IP address"),
        pytest.param("٠١٢٣٤٥٦٧٨٩", id="digits of another script"),
        pytest.param("", id="nothing"),
        pytest.param("好的亲", id="no digit or letter"),
    ],
)
def test_look_alikes_are_left_alone(text: str) -> None:
    assert seen(text) == []


@pytest.mark.parametrize("text", ["a13800138000", "kf-13800138000", "13800138000a", "_13800138000", "113800138000"])
def test_a_mobile_inside_a_longer_token_is_no_mobile(text: str) -> None:
    assert "mobile" not in [kind for kind, _ in seen(text)]


def test_a_label_speaks_only_for_the_number_right_behind_it() -> None:
    assert seen("单号,电话13800138000") == [("mobile", "13800138000")]
    assert seen("单号123,13800138000") == [("mobile", "13800138000")]


def test_without_words_nothing_is_labelled_and_no_address_is_known() -> None:
    assert [entity.kind for entity in find_entities("订单号13800138000文三路1号", Vocabulary())] == ["mobile"]


def test_a_vocabulary_is_a_value() -> None:
    copied = pickle.loads(pickle.dumps(WORDS))
    assert copied == WORDS
    assert hash(copied) == hash(WORDS)
    assert find_entities("文三路1号", copied) == find_entities("文三路1号", WORDS)


@pytest.mark.parametrize(
    ("holds", "value", "expected"),
    [
        (is_cn_mobile, "13800138000", True),
        (is_cn_mobile, "12800138000", False),
        (is_cn_mobile, "1380013800", False),
        (is_cn_mobile, "１３８００１３８０００", False),
        (is_landline, "0571-88888888", True),
        (is_landline, "010-1234567", False),
        (is_landline, "0571-18888888", False),
        (is_id_card, id_card("110101", "19900307", "231"), True),
        (is_id_card, id_card("110101", "19900229", "231"), False),
        (is_id_card, id_card("110101", "18900307", "231"), False),
        (is_id_card, id_card("160101", "19900307", "231"), False),
        (is_id_card, id_card("810101", "20001231", "001"), True),
        (is_id_card, "²" * 18, False),
        (is_bank_card, bank_card("622202123456789012"), True),
        (is_bank_card, bank_card("411111111111111"), True),
        (is_bank_card, bank_card("331013800138000451"), False),
        (is_bank_card, bank_card("20477183668209"), False),
        (is_bank_card, "", False),
        (is_bank_card, "²" * 16, False),
    ],
)
def test_single_values(holds: object, value: str, expected: bool) -> None:
    assert callable(holds)
    assert holds(value) is expected


def test_a_card_is_found_grouped_and_beside_another_number() -> None:
    card = bank_card("622202123456789")
    grouped = " ".join((card[:4], card[4:8], card[8:12], card[12:]))
    assert seen(f"卡{card}") == [("bank_card", card)]
    assert seen(f"卡{grouped}哦") == [("bank_card", grouped)]
    assert seen(f"{grouped} 2张") == [("bank_card", grouped)]
    assert seen(grouped.replace(" ", "-")) == [("bank_card", grouped.replace(" ", "-"))]


@pytest.mark.parametrize(
    ("kind", "text", "masked"),
    [
        ("mobile", "13800138000", "138****8000"),
        ("mobile", "+86 138-0013-8000", "138****8000"),
        ("mobile", "13800138000-1234", "138****8000"),
        ("mobile", "0912-345-678", "0912***678"),
        ("mobile", "+886 912345678", "0912***678"),
        ("id_card", "110101199003072316", "110***********2316"),
        ("bank_card", "6222 0212 3456 7890", "****7890"),
        ("email", "zhang@example.com", "z***@example.com"),
        ("landline", "(0571)88888888", "0571-****"),
        ("landline", "02155556666", "021-****"),
        ("address", "浙江省宁波市鄞州区福明街道6幢1203", "浙江省宁波市鄞州区***"),
        ("address", "阳光小区3栋2单元601", "***"),
        ("handle", "xiaomei88", "xi***"),
        ("number_5_11", "12345678", "12***"),
        ("plate", "京a12345", "京a***"),
        ("hotline", "95338", "95338"),
        ("unheard-of", "13800138000", "***"),
    ],
)
def test_masks(kind: str, text: str, masked: str) -> None:
    assert mask(kind, text, WORDS) == masked


def test_an_address_without_region_words_is_masked_whole() -> None:
    assert mask("address", "浙江省文三路1号") == "***"


context = st.text(alphabet="亲好的地址电话路号,。!", max_size=6)
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
id_cards = st.builds(
    lambda region, birth, serial: id_card(region, birth.strftime("%Y%m%d"), serial),
    st.sampled_from(["110101", "330106", "440305", "650102", "810000"]),
    st.dates(min_value=datetime.date(1900, 1, 1), max_value=datetime.date(2026, 1, 1)),
    st.from_regex(r"[0-9]{3}", fullmatch=True),
)
bank_cards = st.from_regex(r"62[0-9]{13,16}|4[0-9]{14}|5[0-9]{14}", fullmatch=True).map(bank_card)


@given(context, st.one_of(mobiles.map(lambda m: ("mobile", m)), id_cards.map(lambda i: ("id_card", i))), context)
def test_a_valid_number_is_found_in_any_context(before: str, number: tuple[str, str], after: str) -> None:
    kind, value = number
    assert (kind, len(before), len(before) + len(value)) in find_entities(before + value + after, WORDS)


@given(context, bank_cards, context)
def test_a_valid_card_is_found_in_any_context(before: str, card: str, after: str) -> None:
    found = find_entities(before + card + after, WORDS)
    assert [entity[1:] for entity in found if entity.kind in ("bank_card", "id_card")] == [
        (len(before), len(before) + len(card))
    ]


@pytest.mark.parametrize(
    "shape",
    [shape for shape in SHAPES if shape.digits or shape.sign],
    ids=lambda shape: f"{shape.kind}, {shape.expression.source[-24:]}",
)
@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], max_examples=30)
@given(data=st.data())
def test_a_shape_is_only_passed_over_where_it_cannot_be(shape: Shape, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(shape.expression.source, alphabet=st.characters(codec="utf-8")))
    assert shape.may_be_in(text, sum(map("0123456789".__contains__, text)))


@given(id_cards, st.sampled_from("0123456789x"))
def test_any_other_check_digit_is_no_id_card(card: str, last: str) -> None:
    assert is_id_card(card[:-1] + last) is (last == card[-1])


@given(bank_cards, st.integers(0, 9))
def test_any_other_last_digit_is_no_bank_card(card: str, last: int) -> None:
    assert is_bank_card(card[:-1] + str(last)) is (str(last) == card[-1])


hostile = st.text(alphabet="0169-. @*ax+([¥/:京路号室二x市\ud800\n", max_size=60)


@given(hostile)
def test_spans_are_ordered_apart_and_inside(text: str) -> None:
    end = 0
    for entity in find_entities(text, WORDS):
        assert entity.kind in KINDS
        assert end <= entity.start < entity.end <= len(text)
        end = entity.end


@given(hostile)
def test_masking_never_raises_and_hides_what_is_personal(text: str) -> None:
    for entity in find_entities(text, WORDS):
        value = text[entity.start : entity.end]
        is_public = entity.kind in ("hotline", "link", "masked_mobile", "redacted")
        assert (mask(entity.kind, value, WORDS) == value) is is_public


@pytest.mark.parametrize(
    ("piece", "seconds"),
    [
        *((piece, 2) for piece in (
            "1", "1-", "1 ", "@", "a@", "a.", "a-", "a@a.", "1.", "0571-", "http://", "www.", "a1_", "12345678901-",
            "¥a", "1*", "1380013 ", "京a", "[电", "路路路",
        )),
        # Tens of thousands of real addresses cost more, each the same.
        *((piece, 4) for piece in ("1号", "路1号", "文三路1号 ", "省市区路1号号链")),
    ],
)  # fmt: skip
def test_a_quarter_of_a_million_hostile_characters_take_seconds_at_most(piece: str, seconds: int) -> None:
    text = (piece * 250_000)[:250_000] + "1"
    # The processor time of this process: the machine may be busy with something else.
    started = time.process_time()
    find_entities(text, WORDS)
    assert time.process_time() - started < seconds
