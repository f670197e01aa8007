"""Acts in context: what the engine makes of clauses, answers, bubbles and conditions. The toy pack stands for any
pack.
"""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replylint.linter import Linter, load_rules
from replylint.model import Turn, read_history
from replylint.profile import Profile
from replylint.scene import Moment, repetitions, waiting_seconds

TOY = Path(__file__).parent / "data" / "packs" / "toy.yaml"


@pytest.fixture(scope="module")
def toy() -> Linter:
    return Linter(packs=[TOY])


def _reasons(linter: Linter, reply: str, *turns: tuple[str, str]) -> set[str | None]:
    return {verdict.reason for verdict in linter.explain(reply, turns)}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        pytest.param("加我微信吧", None, id="said plainly"),
        pytest.param("我们不加微信的", "negated", id="a denial before it"),
        pytest.param("不急的亲加我微信", None, id="a denial of the clause before"),
        pytest.param("不仅便宜 加微信还送", None, id="不仅 denies nothing"),
        pytest.param("没有不加微信的", None, id="two denials cancel out"),
        pytest.param("怎么会加您微信呢", "negated", id="a rhetorical question denies"),
        pytest.param("加不了微信", "negated", id="a denial between the words"),
        pytest.param("不会 加微信就能看", None, id="a refusal before a blank is an answer by itself"),
        pytest.param("红包没有 加微信聊", None, id="a denial of something else before a blank"),
        pytest.param("不要 加微信哦", "negated", id="a warning off before a blank denies what follows"),
        pytest.param("能便宜不 加微信聊", None, id="a question's 不 before a blank"),
        pytest.param("咱 不 加微信", "negated", id="a 不 between blanks denies"),
        pytest.param("别搜别加微信", "negated", id="the same denial before each of two acts"),
        pytest.param("加微信不行的", "negated", id="a denial as the predicate"),
        pytest.param("加微信的话,我们不支持哦", "negated", id="a denial after the topic and a comma"),
        pytest.param("加微信吧,这里不能发图", None, id="another clause's denial"),
        pytest.param("谨防有人让您加微信", "warned", id="a warning before it"),
        pytest.param("加微信小心被骗", "warned", id="a warning behind it"),
        pytest.param("您把“加个微信吧”这句发我看看", "quoted", id="in quotation marks"),
        pytest.param("您说的加微信我们没做过", "reported", id="the buyer's words"),
        pytest.param("发您一张微信主题壁纸", "exempt", id="an exception of the rule"),
        pytest.param("加微信这块只能平台内沟通", "cleared", id="a clearing phrase"),
    ],
)
def test_what_the_clause_does(toy: Linter, reply: str, reason: str | None) -> None:
    assert reason in _reasons(toy, reply)
    assert bool(toy.check(reply).findings) == (reason is None)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        pytest.param("我们不开发票的", None, id="a refusal before the act"),
        pytest.param("发票开不了", None, id="a complement behind it"),
        pytest.param("开不出发票", None, id="a complement inside it"),
        pytest.param("发票开不成", None, id="a complement that would be a predicate too denies once"),
        pytest.param("发票的话,我们这边不开的", None, id="the topic in the clause before"),
        pytest.param("开不开发票都一样", "affirmed", id="either or"),
        pytest.param("哪有 两块八也给您开发票", "affirmed", id="a rhetorical answer before a blank"),
        pytest.param("不出票的", None, id="不出 before the act, not behind a word"),
        pytest.param("这票抬头改不了 可以重新开", "affirmed", id="a complement of another word"),
        pytest.param("开发票的话不行哦", None, id="a predicate at the clause's end"),
        pytest.param("可以开发票", "affirmed", id="no denial at all"),
        pytest.param("没有不开发票的", "affirmed", id="two denials"),
        pytest.param("怎么会不给您开发票", "affirmed", id="a rhetorical question around a denial"),
        pytest.param("不用开发票也能保修", "needless", id="no need is no refusal"),
        pytest.param("还没开发票呢", "pending", id="not yet is no refusal"),
        pytest.param("不开发票是违法的,谨防被骗", "warned", id="a warning"),
    ],
)
def test_what_counts_as_a_refusal(toy: Linter, reply: str, reason: str | None) -> None:
    assert reason in {verdict.reason for verdict in toy.explain(reply) if verdict.rule == "toy/refusal"}
    assert bool(toy.check(reply).findings) == (reason is None)


@pytest.mark.parametrize(
    ("buyer", "reply", "flagged"),
    [
        pytest.param("能开发票吗", "可以的亲", False, id="yes to a question is yes"),
        pytest.param("能开发票吗", "不能哦", True, id="no to a question is no"),
        pytest.param("能开发票吗", "不好意思亲", True, id="an apology and nothing else is no"),
        pytest.param("能开发票吗", "不好意思久等了,可以的", False, id="an apology before a yes is not"),
        pytest.param("不开发票是吧", "是的亲", True, id="agreeing to a negative question is no"),
        pytest.param("不开发票是吧", "嗯嗯", True, id="a grunt to a negative question is no"),
        pytest.param("不开发票是吧", "可不是吗", True, id="an idiom that looks like one is an answer"),
        pytest.param("不开发票吗", "不是的,可以开", False, id="contradicting a negative question is yes"),
        pytest.param("不开发票是吧", "怎么会", False, id="a rhetorical contradiction is yes"),
        pytest.param("有发票没", "👌", False, id="an emoji agrees"),
        pytest.param("有邮票没", "没有", False, id="another thing altogether"),
        pytest.param("加个微信吧", "好嘞", True, id="consent to a proposal"),
        pytest.param("加个微信吧", "稍等发您", True, id="a promise is consent"),
        pytest.param("加个微信吧", "中", True, id="dialect consents"),
        pytest.param("加个微信吧", "1", True, id="a digit consents"),
        pytest.param("加個微信吧", "可以喔", True, id="traditional characters"),
        pytest.param("加个微信吧", "不方便哦", False, id="a refusal"),
        pytest.param("加个微信吧", "嗯嗯您是要发图是吗", False, id="a question that makes sure answers nothing"),
        pytest.param("官方微信在哪加个微信", "可以的", False, id="what rules a request out, in its clause"),
        pytest.param("官方的?加个微信吧", "可以的", True, id="in another clause it rules out nothing"),
    ],
)
def test_answers(toy: Linter, buyer: str, reply: str, flagged: bool) -> None:
    assert bool(toy.check(reply, [("buyer", buyer)]).findings) == flagged


@pytest.mark.parametrize(
    ("turns", "flagged"),
    [
        pytest.param(
            [("buyer", "加个微信吧"), ("buyer", "在吗")], True, id="在吗 asks for nothing, the request is still open"
        ),
        pytest.param([("buyer", "加个微信吧"), ("buyer", "[图片]")], True, id="so does a picture"),
        pytest.param(
            [("buyer", "加个微信吧"), ("agent", "稍等哦"), ("buyer", "好的")], True, id="the agent only stalled"
        ),
        pytest.param(
            [("buyer", "加个微信吧"), ("agent", "不加的哦"), ("buyer", "好的")], False, id="the request was answered"
        ),
        pytest.param([("buyer", "加个微信吧"), ("buyer", "有运费险吗")], False, id="another question came after it"),
        pytest.param([("buyer", "加个微信吧"), ("buyer", "包安装吧?")], False, id="so does one with its question mark"),
        pytest.param([("buyer", "加个微信吧"), ("system", "客服小美进入会话")], True, id="a system note is no answer"),
    ],
)
def test_the_referent_is_the_last_open_request(toy: Linter, turns: list[tuple[str, str]], flagged: bool) -> None:
    assert bool(toy.check("可以的", turns).findings) == flagged


@pytest.mark.parametrize(
    ("reply", "flagged"),
    [
        pytest.param("包的 您前面说那个也行", True, id="an answer to what was asked before"),
        pytest.param("包的,头一个可以", True, id="the first of two"),
        pytest.param("包的,您刚才说的不行哦", False, id="a refusal of what was asked before"),
        pytest.param("包的", False, id="only the last question is answered"),
    ],
)
def test_a_reply_may_go_back_to_an_earlier_request(toy: Linter, reply: str, flagged: bool) -> None:
    assert bool(toy.check(reply, [("buyer", "加个微信吧"), ("buyer", "包安装吗")]).findings) == flagged


def test_a_number_in_pieces(toy: Linter) -> None:
    turns = [("agent", "138"), ("agent", "0013")]
    report = toy.check("8000", turns)
    assert [(finding.rule, finding.text) for finding in report.findings] == [("toy/contact", "8000")]
    assert not toy.check("8000", turns[:1]).findings


def test_a_bare_handle_after_its_announcement(toy: Linter) -> None:
    assert toy.check("linmu_2046", [("agent", "我报个号您加下")]).findings
    assert not toy.check("linmu_2046", [("agent", "您好")]).findings


def test_what_must_be_said_yields_to_what_was_said_wrong(toy: Linter) -> None:
    ask = [("buyer", "能开发票吗")]
    assert [finding.text for finding in toy.check("您看中哪款了", ask).findings] == ["您看中哪款了"]
    assert [finding.text for finding in toy.check("不开发票", ask).findings] == ["不开发票"]


def test_platforms_and_profile(toy: Linter) -> None:
    reply = "加个微信吧"
    assert toy.check(reply).action == "block"
    assert toy.check(reply, meta={"platform": "wxshop"}).action == "warn"
    assert toy.check(reply, meta={"platform": "jd"}).action == "allow"
    shop = Linter(packs=[TOY], shop=Profile(facts=frozenset({"own_component"})))
    assert shop.check(reply).action == "allow"


def test_a_fact_without_a_name_switches_nothing_off(toy: Linter) -> None:
    nameless, ask = Linter(packs=[TOY], shop=Profile(facts=frozenset({""}))), [("buyer", "能开发票吗")]
    assert toy.check("不开发票", ask).findings
    assert nameless.check("不开发票", ask).findings == toy.check("不开发票", ask).findings


@pytest.mark.parametrize(
    ("reply", "trick"),
    [
        pytest.param("加薇信", "homophone", id="homophone"),
        pytest.param("加VX吧", "pinyin", id="letters"),
        pytest.param("加我微*信", "separator", id="a symbol inside"),
        pytest.param("加 我 微 信", "separator", id="characters apart"),
    ],
)
def test_a_disguise_is_seen_through_and_named(toy: Linter, reply: str, trick: str) -> None:
    findings = toy.check(reply).findings
    assert [finding.rule for finding in findings] == ["toy/contact"]
    assert findings[0].trick == trick
    assert reply[findings[0].start : findings[0].end] == findings[0].text


@pytest.mark.parametrize(
    ("reply", "rewrite"),
    [
        pytest.param(
            "在的亲,加个微信吧,图片我发您", "在的亲,直接在这里说就好,图片我发您", id="words are edited, the rest stays"
        ),
        pytest.param("加我微信聊", "亲,有问题在平台聊天窗口里说就好", id="no edit fits, so another reply"),
        pytest.param("加我微信聊,速加", "亲,有问题在平台聊天窗口里说就好", id="what leans on the words goes with them"),
        pytest.param("亲,不开发票,价格是98元", "亲,发票可以开,价格是98元", id="a clause takes the clause's place"),
        pytest.param("亲,不开发票,还请见谅,价98元", "亲,发票可以开,价98元", id="a pardon goes with its refusal"),
        pytest.param("这款有现货", None, id="nothing to rewrite"),
    ],
)
def test_rewrites(toy: Linter, reply: str, rewrite: str | None) -> None:
    report = toy.check(reply)
    assert report.rewrite == rewrite
    if rewrite is not None:
        assert not toy.check(rewrite).findings


def test_a_rule_has_its_dates() -> None:
    ruleset = load_rules([TOY])
    dated = Linter(
        ruleset=ruleset._replace(
            packs=tuple(
                pack._replace(rules=tuple(rule._replace(since="2025-10-15") for rule in pack.rules))
                for pack in ruleset.packs
            )
        )
    )
    assert dated.check("加个微信吧").findings, "the day is not known"
    assert dated.check("加个微信吧", moment=Moment("2025-10-15T09:00:00+08:00")).findings
    assert not dated.check("加个微信吧", moment=Moment("2025-10-14T09:00:00+08:00")).findings


@pytest.mark.parametrize(
    ("turns", "count"),
    [
        pytest.param([], 0, id="nothing before"),
        pytest.param([("agent", "领券哦"), ("agent", " 领券哦")], 2, id="twice, blanks aside"),
        pytest.param([("agent", "领券哦"), ("buyer", "?"), ("agent", "领券哦")], 1, id="the buyer spoke in between"),
        pytest.param([("agent", "有货"), ("agent", "领券哦")], 1, id="something else before that"),
    ],
)
def test_repetitions(turns: list[tuple[str, str]], count: int) -> None:
    assert repetitions("领券哦", read_history(turns)) == count


@pytest.mark.parametrize(
    ("times", "at", "seconds"),
    [
        pytest.param(["10:00:00", "10:00:40"], "10:03:00", 180, id="from the first unanswered turn on"),
        pytest.param([None], "10:03:00", 0, id="a turn without a time"),
        pytest.param(["10:00:00"], None, 0, id="a reply without a time"),
        pytest.param(["soon"], "10:03:00", 0, id="no time at all"),
    ],
)
def test_waiting(times: list[str | None], at: str | None, seconds: float) -> None:
    turns = [Turn("agent", "在的"), *(Turn("buyer", "在吗", time and f"2026-11-11T{time}") for time in times)]
    assert waiting_seconds(turns, at and f"2026-11-11T{at}") == seconds


PIECES = [
    "加",
    "微信",
    "薇信",
    "发票",
    "开",
    "不",
    "不了",
    "没有",
    "怎么会",
    "可以的",
    "好嘞",
    "138",
    "0013",
    "*",
    " ",
    ",",
    "?",
    "😊",
    "ｖｘ",
    "票",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14), st.lists(st.sampled_from(PIECES), max_size=8))
@settings(max_examples=150, deadline=None)
def test_every_scanner_judges_alike_and_spans_are_the_words(reply: list[str], buyer: list[str]) -> None:
    text, history = "".join(reply), [("buyer", "".join(buyer))]
    report = FAST.check(text, history)
    assert report == PLAIN.check(text, history)
    assert all(text[finding.start : finding.end] == finding.text for finding in report.findings)


FAST, PLAIN = Linter(packs=[TOY]), Linter(packs=[TOY], plain=True)
