"""Packs are read strictly: every mistake is named at its place, all at once, and nothing starts on a broken pack."""

from pathlib import Path

import pytest

from replylint.linter import Linter, bundled_rules, load_rules, pack_paths
from replylint.rulepack import read_marks
from replylint.source import RulePackError

HEAD = """\
pack: own
title: {zh: 自己的, en: Own}
concepts:
  own_thing: [红包]
requests:
  own.ask: {ask: ["有 ..3 {own_thing}"]}
rules:
"""
RULE = """\
  - id: own/thing
    title: {zh: 红包, en: Red packet}
    severity: warning
    points: 2
    message: {zh: 不发红包, en: No red packets}
    match: ["发 ..3 {own_thing}"]
    fix: {reply: [店铺首页有满减券]}
    bad: ["给您[[发个红包]]"]
    good: [{say: 我们不发红包, because: negated}]
"""


def _pack(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_own_pack_works_beside_the_bundled_lexicon(tmp_path: Path) -> None:
    linter = Linter(packs=[_pack(tmp_path, HEAD + RULE)])
    assert [finding.rule for finding in linter.check("给您发个红包哈").findings] == ["own/thing"]
    assert not linter.check("我们不发红包").findings


@pytest.mark.parametrize(
    ("change", "line", "column", "message"),
    [
        pytest.param(("severity:", "severty:"), 10, 5, "unknown key 'severty'", id="a misspelt key"),
        pytest.param(("warning", "warnng"), 10, 15, "did you mean 'warning'?", id="a misspelt severity"),
        pytest.param(
            ('{own_thing}"]\n    fix', '{own_thin}"]\n    fix'),
            13,
            13,
            "did you mean 'own_thing'?",
            id="an unknown concept in a frame",
        ),
        pytest.param(("points: 2", "points: 200"), 11, 13, "200", id="points out of range"),
        pytest.param(("own/thing\n", "other/thing\n"), 8, 9, "own/kebab-name", id="an id of another pack"),
        pytest.param(
            ("because: negated", "because: negatd"), 16, 35, "did you mean 'negated'?", id="an unknown reason"
        ),
        pytest.param(("[[发个红包]]", "发个红包"), 15, 11, "marks what is wrong", id="a bad example without marks"),
        pytest.param(("店铺首页有满减券", '"{没有的空}"'), 14, 19, "unknown slot {没有的空}", id="an unknown slot"),
        pytest.param((", en: No red packets", ""), 12, 14, "has no en text", id="a missing translation"),
        pytest.param(
            ('["发 ..3 {own_thing}"]', "[{asked: own.ak, answer: yes}]"),
            13,
            21,
            "did you mean 'own.ask'?",
            id="an unknown request",
        ),
        pytest.param(
            ('["发 ..3 {own_thing}"]', r'[{regex: "红包\\b"}]'), 13, 21, r"\b is refused", id="a word boundary"
        ),
        pytest.param(
            ('["发 ..3 {own_thing}"]', '[{say: "{own_thing}", utter: "{own_thing}"}]'),
            13,
            41,
            "say or utter, not both",
            id="two acts at once",
        ),
        pytest.param(
            ('["发 ..3 {own_thing}"]', '[{say: "{own_thing}", as_typed: true}]'),
            13,
            44,
            "as_typed needs regex",
            id="a frame on the reply as typed",
        ),
        pytest.param(('["发 ..3 {own_thing}"]', "[{answer: yes}]"), 13, 13, "needs asked", id="an answer to nothing"),
        pytest.param(
            ('["发 ..3 {own_thing}"]', '["{#}"]'), 13, 13, "needs at least one word", id="a frame without words"
        ),
    ],
)
def test_a_mistake_is_named_at_its_place(
    tmp_path: Path, change: tuple[str, str], line: int, column: int, message: str
) -> None:
    broken = (HEAD + RULE).replace(*change, 1)
    assert broken != HEAD + RULE
    with pytest.raises(RulePackError) as caught:
        Linter(packs=[_pack(tmp_path, broken)])
    told = [str(problem).split("own.yaml:")[1] for problem in caught.value.problems]
    assert any(text.startswith(f"{line}:{column}: ") and message in text for text in told), told


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    broken = (
        (HEAD + RULE).replace("severity:", "severty:").replace("points: 2", "points: x").replace("negated", "negatd")
    )
    with pytest.raises(RulePackError) as caught:
        Linter(packs=[_pack(tmp_path, broken)])
    assert len(caught.value.problems) >= 4


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("- a\n- b\n", id="a list"),
        pytest.param("pack: [", id="not YAML"),
        pytest.param("a: &x [1]\nb: *x\n", id="an alias"),
        pytest.param("pack: !!python/object/apply:os.system [id]\n", id="a tag that would run something"),
        pytest.param("pack: own\npack: own\n", id="a key twice"),
    ],
)
def test_what_is_no_pack_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RulePackError):
        Linter(packs=[_pack(tmp_path, text)])


def test_a_file_that_is_not_utf8_names_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes("pack: 发票".encode("gb18030"))
    with pytest.raises(RulePackError, match="not UTF-8 at byte 6"):
        Linter(packs=[path])


def test_a_missing_file_and_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(RulePackError, match="cannot be read"):
        Linter(packs=[tmp_path / "none.yaml"])
    with pytest.raises(ValueError, match="did you mean 'invoice'"):
        Linter(packs=["invoce"])


def test_every_bundled_pack_is_found_by_name() -> None:
    names = [path.stem for path in pack_paths(None) if path.stem != "lexicon"]
    assert set(names) >= {"invoice", "payment", "contact", "privacy", "fit"}
    assert all((bundled_rules() / f"{name}.yaml").is_file() for name in names)
    assert [pack.id for pack in load_rules(["fit"]).packs] == ["fit"]


def test_marks_are_taken_out_of_an_example() -> None:
    assert read_marks("亲,[[不开]]的[[哦]]") == ("亲,不开的哦", ((2, 4), (5, 6)))
    assert read_marks("是[[[电话x]]]的") == ("是[电话x]的", ((1, 6),))
