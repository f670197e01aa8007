"""Word lists for back offices: only what is at fault wherever it stands, within the limits of who takes it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from replylint.cli import main
from replylint.export import (
    LONGEST_PHRASE,
    WECOM,
    Export,
    Keyword,
    WeComLimitError,
    export,
    keyword_table,
    phrases_of,
    wecom_rules,
)
from replylint.linter import Linter, load_rules
from replylint.profile import Policy
from replylint.rule import Ruleset

PACK = """\
pack: words
title: {zh: 词, en: words}
concepts:
  silver: [白银]
rules:
  - id: words/gold
    title: {zh: 黄金, en: gold}
    severity: error
    points: 1
    confidence: high
    message: {zh: 不要说黄金。, en: No gold.}
    sources: [{cite: 店规, url: "", checked: "2026-11-01", status: read}]
    match: [卖黄金, 黄金便宜, 黄金号13800138000, 黄金是我们店里最好的东西大家都喜欢, 黄金来啦]
    bad:
      - "我们[[卖黄金]]"
      - "亲,[[黄金便宜]]"
      - "[[黄金号13800138000]]"
      - "[[黄金是我们店里最好的东西大家都喜欢]]"
      - "[[黄金来啦]]"
    good: [{say: "不卖黄金", because: negated}]
  - id: words/silver
    title: {zh: 白银, en: silver}
    severity: warning
    points: 1
    confidence: high
    message: {zh: 少说白银。, en: Less silver.}
    sources: [{cite: 店规, url: "", checked: "2026-11-01", status: read}]
    match: [白银, {say: 来一块, about: silver}]
    bad: ["[[白银]]便宜", "[[白银]]来啦", "白银,[[来一块]]"]
    good: [{say: "黄铜", because: no-act}]
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packs") / "words.yaml"
    path.write_text(PACK, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def words(pack: Path) -> Ruleset:
    return load_rules([pack])


@pytest.fixture(scope="module")
def made(words: Ruleset) -> Export:
    return export(Linter(ruleset=words), words.rules)


def test_phrases_are_the_marked_words_of_the_bad_examples(words: Ruleset) -> None:
    assert phrases_of(words.rules[1]) == ("白银", "来一块")


def test_only_what_stands_by_itself_and_is_harmless_nowhere_becomes_a_keyword(made: Export) -> None:
    assert [(keyword.text, keyword.severity) for keyword in made.keywords] == [
        ("黄金便宜", "error"),
        ("黄金来啦", "error"),
        ("白银", "warning"),
    ]


def test_what_stays_behind_is_counted_with_the_reason(made: Export) -> None:
    gold, silver = made.coverage
    assert (gold.kept, dict(gold.left)) == (2, {"ambiguous": 1, "shape": 1, "long": 1})
    assert (silver.kept, dict(silver.left)) == (1, {"context": 1})


@pytest.fixture(scope="module")
def bundled() -> Ruleset:
    return load_rules()


@pytest.fixture(scope="module")
def everything(bundled: Ruleset) -> Export:
    return export(Linter(ruleset=bundled), bundled.rules)


def test_every_bundled_keyword_breaks_its_rule_by_itself(bundled: Ruleset, everything: Export) -> None:
    linter = Linter(ruleset=bundled)
    assert len(everything.keywords) > 100
    for keyword in everything.keywords:
        assert 2 <= len(keyword.text) <= LONGEST_PHRASE
        found = {finding.rule: finding.severity for finding in linter.check(keyword.text, rewrite=False).findings}
        assert found[keyword.rule.id] == keyword.severity


def test_no_bundled_keyword_occurs_in_a_harmless_sentence(bundled: Ruleset, everything: Export) -> None:
    harmless = [example.reply for rule in bundled.rules for example in rule.good]
    assert not [keyword.text for keyword in everything.keywords if any(keyword.text in reply for reply in harmless)]


def test_no_keyword_of_a_rule_contains_another(everything: Export) -> None:
    texts: dict[str, list[str]] = {}
    for keyword in everything.keywords:
        texts.setdefault(keyword.rule.id, []).append(keyword.text)
    assert not [(a, b) for own in texts.values() for a in own for b in own if a != b and a in b]


def test_every_bundled_wording_is_kept_or_counted(bundled: Ruleset, everything: Export) -> None:
    assert [coverage.rule.id for coverage in everything.coverage] == [rule.id for rule in bundled.rules]
    for rule, kept, left in everything.coverage:
        assert kept + sum(left.values()) == len(phrases_of(rule))


def test_a_policy_decides_what_is_exported_and_how_hard(words: Ruleset) -> None:
    policy = Policy(ignore=frozenset({"words/silver"}), severities={"words/gold": "warning"})
    made = export(Linter(ruleset=words, policy=policy), words.rules)
    assert {(keyword.rule.id, keyword.severity) for keyword in made.keywords} == {("words/gold", "warning")}
    assert [coverage.rule.id for coverage in made.coverage] == ["words/gold"]


def test_the_table_reads_back_and_holds_no_formula(made: Export) -> None:
    rule = made.keywords[0].rule
    words = (Keyword("+我,聊", rule, "error"), Keyword('开"票"', rule, "warning"))
    header, *rows = csv.reader(io.StringIO(keyword_table(words, "zh")))
    assert header == ["keyword", "rule", "severity", "message"]
    assert rows == [
        ["'+我,聊", rule.id, "error", rule.message["zh"]],
        ['开"票"', rule.id, "warning", rule.message["zh"]],
    ]


def test_wecom_bodies_have_the_documented_shape(made: Export) -> None:
    members = {"user_list": ["zhangsan"], "department_list": [2, 3]}
    assert wecom_rules(made.keywords, {"words": "词"}, ["zhangsan"], [2, 3]) == [
        {
            "rule_name": "词 error 1",
            "word_list": ["黄金便宜", "黄金来啦"],
            "semantics_list": [],
            "intercept_type": 1,
            "applicable_range": members,
        },
        {
            "rule_name": "词 warning 1",
            "word_list": ["白银"],
            "semantics_list": [],
            "intercept_type": 2,
            "applicable_range": members,
        },
    ]


def test_wecom_limits_are_kept(made: Export) -> None:
    rule = made.keywords[0].rule
    many = [Keyword(f"词{number}", rule, "error") for number in range(WECOM.words * 2 + 1)]
    too_long = Keyword("长" * (WECOM.word + 1), rule, "error")
    silent = Keyword("提示", rule, "info")
    bodies = wecom_rules([*many, too_long, silent], {"words": "一个特别特别特别特别特别特别长的名字"}, ["u"], [])
    assert [len(body["word_list"]) for body in bodies] == [300, 300, 1]
    assert len({body["rule_name"] for body in bodies}) == 3
    assert all(1 <= len(body["rule_name"]) <= 20 for body in bodies)
    assert all(1 <= len(word) <= 32 for body in bodies for word in body["word_list"])
    assert "提示" not in [word for body in bodies for word in body["word_list"]]


def test_wecom_limits_that_cannot_be_kept_are_named(made: Export) -> None:
    rule = made.keywords[0].rule
    far_too_many = [Keyword(f"词{number}", rule, "error") for number in range(WECOM.words * WECOM.rules + 1)]
    for limit, words, users in (
        ("nobody", made.keywords, []),
        ("members", made.keywords, [str(number) for number in range(1001)]),
        ("rules", far_too_many, ["u"]),
    ):
        with pytest.raises(WeComLimitError) as caught:
            wecom_rules(words, {"words": "词"}, users, [])
        assert caught.value.limit == limit


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pack: Path
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.chdir(tmp_path)

    def start(*options: str) -> tuple[int, str, str]:
        status = main(["rules", "export", *options, "--packs", str(pack), "--lang", "zh"])
        return status, *capsys.readouterr()

    return start


def test_the_command_prints_the_bodies_and_accounts_for_the_rest(run: Callable[..., tuple[int, str, str]]) -> None:
    status, out, err = run("wecom", "--department", "2", "--select", "words/gold")
    assert status == 0
    assert [body["word_list"] for body in json.loads(out)] == [["黄金便宜", "黄金来啦"]]
    assert err.splitlines() == [
        "2 个关键词,来自 1 条规则。",
        "不能写成关键词的说法:",
        "  words/gold  3/5  1 种在正常话里也有、1 种是每次不同的号码或账号、1 种太长",
    ]


def test_the_command_writes_a_table_excel_can_read(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    assert run("keywords", "--output", "words.csv")[:2] == (0, "")
    data = (tmp_path / "words.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfkeyword,rule,severity,message\r\n")
    assert "白银,words/silver,warning,少说白银。" in data.decode()


def test_the_command_wants_to_know_for_whom(run: Callable[..., tuple[int, str, str]]) -> None:
    status, out, err = run("wecom")
    assert (status, out) == (2, "")
    assert "--user" in err
