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


@pytest.fixture(scope="module")
def invoice() -> Ruleset:
    return load_rules(["invoice"])


@pytest.fixture(scope="module")
def made(invoice: Ruleset) -> Export:
    return export(Linter(ruleset=invoice), invoice.rules)


def test_phrases_are_the_marked_words_of_the_bad_examples(invoice: Ruleset) -> None:
    refusal = next(rule for rule in invoice.rules if rule.id == "invoice/refusal")
    phrases = phrases_of(refusal)
    assert "开不了票" in phrases
    assert all(any(phrase in example.reply for example in refusal.bad) for phrase in phrases)
    assert len(set(phrases)) == len(phrases)


def test_every_keyword_breaks_its_rule_by_itself(invoice: Ruleset, made: Export) -> None:
    linter = Linter(ruleset=invoice)
    assert len(made.keywords) > 20
    for keyword in made.keywords:
        assert 2 <= len(keyword.text) <= LONGEST_PHRASE
        found = {finding.rule: finding.severity for finding in linter.check(keyword.text).findings}
        assert found[keyword.rule.id] == keyword.severity


def test_no_keyword_occurs_in_a_harmless_sentence(invoice: Ruleset, made: Export) -> None:
    harmless = [example.reply for rule in invoice.rules for example in rule.good]
    assert not [keyword.text for keyword in made.keywords if any(keyword.text in reply for reply in harmless)]


def test_no_keyword_of_a_rule_contains_another(made: Export) -> None:
    texts = [(keyword.rule.id, keyword.text) for keyword in made.keywords]
    assert not [(a, b) for rule, a in texts for other, b in texts if rule == other and a != b and a in b]


def test_every_wording_is_kept_or_counted_with_a_reason(invoice: Ruleset, made: Export) -> None:
    assert [coverage.rule.id for coverage in made.coverage] == [rule.id for rule in invoice.rules]
    for rule, kept, left in made.coverage:
        assert kept + sum(left.values()) == len(phrases_of(rule))
    reasons = {reason for coverage in made.coverage for reason in coverage.left}
    assert {"context", "shape", "long"} <= reasons


def test_a_policy_decides_what_is_exported_and_how_hard(invoice: Ruleset) -> None:
    refusal = "invoice/refusal"
    policy = Policy(ignore=frozenset({"invoice/surcharge"}), severities={refusal: "warning"})
    made = export(Linter(ruleset=invoice, policy=policy), invoice.rules)
    assert {keyword.severity for keyword in made.keywords if keyword.rule.id == refusal} == {"warning"}
    assert "invoice/surcharge" not in {coverage.rule.id for coverage in made.coverage}


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
    bodies = wecom_rules(made.keywords, {"invoice": "发票"}, ["zhangsan"], [2, 3])
    assert [body["intercept_type"] for body in bodies] == sorted(body["intercept_type"] for body in bodies)
    for body in bodies:
        assert list(body) == ["rule_name", "word_list", "semantics_list", "intercept_type", "applicable_range"]
        assert body["applicable_range"] == {"user_list": ["zhangsan"], "department_list": [2, 3]}
    blocked = [word for body in bodies if body["intercept_type"] == 1 for word in body["word_list"]]
    assert blocked == [keyword.text for keyword in made.keywords if keyword.severity == "error"]


def test_wecom_limits_are_kept(made: Export) -> None:
    rule = made.keywords[0].rule
    many = [Keyword(f"词{number}", rule, "error") for number in range(WECOM.words * 2 + 1)]
    too_long = Keyword("长" * (WECOM.word + 1), rule, "error")
    silent = Keyword("提示", rule, "info")
    bodies = wecom_rules([*many, too_long, silent], {"invoice": "一个特别特别特别特别特别特别长的名字"}, ["u"], [])
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
            wecom_rules(words, {"invoice": "发票"}, users, [])
        assert caught.value.limit == limit


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., list[str]]:
    monkeypatch.chdir(tmp_path)

    def start(*words: str) -> list[str]:
        status = main(["rules", "export", *words, "--packs", "invoice", "--lang", "zh"])
        captured = capsys.readouterr()
        return [str(status), captured.out, captured.err]

    return start


def test_the_command_prints_the_bodies_and_accounts_for_the_rest(run: Callable[..., list[str]]) -> None:
    status, out, err = run("wecom", "--department", "2", "--select", "invoice/refusal")
    assert status == "0"
    assert {body["applicable_range"]["department_list"][0] for body in json.loads(out)} == {2}
    assert "开不了票" in json.loads(out)[0]["word_list"]
    lines = err.splitlines()
    assert lines[0].endswith("来自 1 条规则。")
    assert lines[1] == "不能写成关键词的说法:"
    assert lines[2].startswith("  invoice/refusal  ")
    assert "要看对话才能判断" in lines[2]


def test_the_command_writes_a_table_excel_can_read(run: Callable[..., list[str]], tmp_path: Path) -> None:
    status, out, _ = run("keywords", "--output", "words.csv")
    assert (status, out) == ("0", "")
    data = (tmp_path / "words.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfkeyword,rule,severity,message\r\n")
    assert "开不了票,invoice/refusal,error," in data.decode()


def test_the_command_wants_to_know_for_whom(run: Callable[..., list[str]]) -> None:
    status, out, err = run("wecom")
    assert (status, out) == ("2", "")
    assert "--user" in err
