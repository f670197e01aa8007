"""Rules about the moment of a reply, its length and the agent's turns before; and mending by what is put beside a
clause.
"""

from pathlib import Path

import pytest

from replylint.linter import Linter, load_rules
from replylint.scene import SOME_MOMENT, Moment
from replylint.selfcheck import check_rules
from replylint.source import RulePackError

PACK = Path(__file__).parent / "data" / "packs" / "moments.yaml"
OPENS, CLOSES = Moment(opens=True), Moment(closes=True)


@pytest.fixture(scope="module")
def timed() -> Linter:
    return Linter(packs=[PACK])


@pytest.mark.parametrize(
    ("reply", "moment", "marked"),
    [
        pytest.param("有货", OPENS, ["有货"], id="a first reply without a greeting"),
        pytest.param("有货", SOME_MOMENT, [], id="a reply from the middle"),
        pytest.param("请稍候", CLOSES, ["请稍候"], id="the last reply"),
        pytest.param("请稍候", OPENS._replace(closes=False), ["请稍候"], id="a first reply that is not the last"),
        pytest.param("一" * 20, SOME_MOMENT, ["一" * 20], id="as long as that"),
        pytest.param("一" * 19, SOME_MOMENT, [], id="one character less"),
        pytest.param("\u200b".join("一" * 19), SOME_MOMENT, [], id="invisible characters do not count"),
        pytest.param("一" * 19 + "\n" + "一" * 19, SOME_MOMENT, [], id="two lines, each short"),
        pytest.param("没货！！！", SOME_MOMENT, ["！！！"], id="marks that are signs only"),
        pytest.param("😭😭😭没货", SOME_MOMENT, ["😭😭😭"], id="one of a class, repeated"),
    ],
)
def test_what_is_marked(timed: Linter, reply: str, moment: Moment, marked: list[str]) -> None:
    assert [finding.text for finding in timed.check(reply, moment=moment).findings] == marked


def test_a_conversation_has_a_first_and_a_last_reply(timed: Linter) -> None:
    texts = ["buyer: 在吗", "agent: 有货", "agent: 请稍候", "buyer: ?", "bot: 请稍候", "buyer: ?"]
    turns = [text.split(": ") for text in texts]
    wire = {"turns": [{"role": role, "text": text} for role, text in turns]}
    found = [(report.turn, finding.rule) for report in timed.check_conversation(wire) for finding in report.findings]
    assert found == [(1, "moments/hello"), (4, "moments/last-word")]


def test_what_the_agent_said_before_lets_it_go(timed: Linter) -> None:
    assert timed.check("已发货", [("buyer", "先验货吗")]).findings, "the buyer's words are not the agent's"
    assert {verdict.reason for verdict in timed.explain("已发货", [("agent", "收到先验货哦")])} == {"said"}


@pytest.mark.parametrize(
    ("reply", "moment", "rewrite"),
    [
        pytest.param("有货", OPENS, "您好,有货", id="put before the clause"),
        pytest.param("亲,已发货,祝好", SOME_MOMENT, "亲,已发货,收到先验货,祝好", id="put behind the clause"),
        pytest.param("没货!!!!!改天再来", SOME_MOMENT, "没货~改天再来", id="what an expression finds is replaced"),
        pytest.param("😂😂😂😂没货", SOME_MOMENT, "😊没货", id="the second edit"),
    ],
)
def test_mending(timed: Linter, reply: str, moment: Moment, rewrite: str) -> None:
    assert timed.check(reply, moment=moment).rewrite == rewrite


def test_the_pack_keeps_its_promises() -> None:
    assert [str(complaint) for complaint in check_rules(Linter(ruleset=load_rules([PACK])))] == []


def test_an_edit_is_by_words_or_by_an_expression(tmp_path: Path) -> None:
    text = PACK.read_text(encoding="utf-8").replace("{edits: [{regex: ", "{edits: [{from: 没货, regex: ")
    (tmp_path / "both.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RulePackError, match="an edit reads"):
        Linter(packs=[tmp_path / "both.yaml"])
