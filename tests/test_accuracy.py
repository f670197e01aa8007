"""The maintainers' measurement of the packs: what counts, what is written down, and where the figures go."""

import json
from pathlib import Path

import pytest

from benchmarks.accuracy import main, share
from benchmarks.borrowed import main as borrowed
from benchmarks.labelled import catalogue_cases, devset_cases
from benchmarks.page import BEGIN, END, put_between_marks
from benchmarks.tricks import disguises
from replylint.linter import Linter, bundled_rules
from replylint.scene import Moment

CATALOGUE = """
rules:
  - id: invoice/refusal
    severity: error
    detect: [span, context]
    bad: [我们不开发票, 发票的颜色很好看]
    good: [没有不开发票的, 我们不加微信的]
    context_bad: [{buyer: 能开发票吗, reply: 不能哦}]
  - id: etiquette/missing-greeting
    severity: info
    detect: [conversation]
    bad: [(first reply) 有, (别的场景) 有]
    context_bad: [{buyer: (首条) 在吗, reply: 有}]
"""
SINGLES = [
    {"id": "T-001", "buyer": ["能开发票吗"], "reply": "不能哦", "packs": ["invoice"], "severity": "error", "note": ""},
    {"id": "T-002", "buyer": [], "reply": "加我微信吧", "packs": ["contact"], "severity": "error", "note": ""},
    {"id": "T-003", "buyer": [], "reply": "有货的哦", "packs": [], "severity": "", "note": ""},
    {"id": "T-004", "buyer": [], "reply": "今天的秘密很多", "packs": ["contact"], "severity": "error", "note": ""},
    {"id": "T-006", "buyer": [], "reply": "没货了!!!", "packs": ["etiquette"], "severity": "info", "note": ""},
]


@pytest.fixture
def material(tmp_path: Path) -> Path:
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE, encoding="utf-8")
    for folder, name, rows in (
        ("devset", "single.jsonl", SINGLES),
        (
            "chatlogs",
            "shop.jsonl",
            [{"id": "1", "reply": "加我微信吧", "history": []}, {"id": "2", "reply": "好", "history": []}],
        ),
    ):
        (tmp_path / folder).mkdir()
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        (tmp_path / folder / name).write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_a_scene_in_parentheses_is_set_or_the_sentence_left_out(material: Path) -> None:
    cases = list(catalogue_cases(material / "catalogue.yaml", ["etiquette"]))
    assert [(case.reply, case.moment, [turn.text for turn in case.history]) for case in cases] == [
        ("有", Moment(opens=True), []),
        ("有", Moment(opens=True), ["在吗"]),
    ]


@pytest.mark.parametrize(("half", "ids"), [("odd", ["T-001", "T-003"]), ("even", ["T-002", "T-004"])])
def test_halves_without_hints(material: Path, half: str, ids: list[str]) -> None:
    assert [case.id for case in devset_cases(material / "devset" / "single.jsonl", half)] == ids


def test_everything_at_once(material: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, out = material / "page.md", material / "out"
    page.write_text(f"# Figures\n{BEGIN}\nold\n{END}\nend\n", encoding="utf-8")
    status = main(
        ["--catalogue", str(material / "catalogue.yaml"), "--evasion", "--devset", str(material / "devset"),
         "--chatlogs", str(material / "chatlogs"), "--half", "even", "--out", str(out), "--table", str(page)]
    )  # fmt: skip
    screen, text = capsys.readouterr().out, page.read_text(encoding="utf-8")
    assert status == 0
    assert "秘密" not in screen, "rows to measure with stay off the screen"
    assert "MISS  T-004" in (out / "devset.txt").read_text(encoding="utf-8")
    assert "发票的颜色很好看" in (out / "catalogue.txt").read_text(encoding="utf-8")
    assert "| invoice | 66.7% (2/3) | 0 of 2 | – | – | 0 | 0 |" in text
    assert "| contact | – (0/0) | 0 of 0 | 50.0% (1/2) | 100.0% (1/1) | 1 | 0 |" in text
    assert "| etiquette | 100.0% (2/2) |" in text
    assert "| shop.jsonl | 2 | 50.0% (1/2) | 0.0% (0/2) |" in text
    assert "| a symbol inside | 100.0% (2/2) |" in text
    assert "old" not in text
    assert text.startswith("# Figures\n")
    assert text.endswith("\nend\n")


def test_what_is_absent_is_named(material: Path, capsys: pytest.CaptureFixture[str]) -> None:
    absent = ["--catalogue", str(material / "no.yaml"), "--chatlogs", str(material / "no")]
    assert main(absent) == 2
    assert "CATALOGUE=…" in capsys.readouterr().err
    assert main([*absent, "--devset", str(material / "devset"), "--show"]) == 0
    assert "recall 100.0% (1/1)" in capsys.readouterr().out


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{END} {BEGIN}", encoding="utf-8")
    with pytest.raises(ValueError, match="in this order"):
        put_between_marks(page, ["figures"])
    assert page.read_text(encoding="utf-8") == f"{END} {BEGIN}"


def test_disguises_change_something(linter: Linter) -> None:
    findings = linter.check("我们不开发票").findings
    made = dict(disguises("我们不开发票", findings, 0, {"upside down": lambda text: text[::-1], "none": str}))
    assert made["a symbol between all"] == "我们不*开*发*票"
    assert made["homophones"] == "我们不开发piao"
    assert "upside down" in made
    assert "none" not in made
    assert "full width" not in made


def test_a_share_of_nothing() -> None:
    assert share(0, 0).strip() == "– (0/0)"


OWN_PACK = """
pack: own
title: {zh: 自家, en: own}
rules:
  - id: own/lamp
    title: {zh: 灯, en: lamp}
    severity: warning
    points: 1
    confidence: high
    message: {zh: 不说灯泡的寿命, en: say nothing of the life of bulbs}
    match: ["灯泡 & 十年"]
    fix: {reply: ["亲,这款以详情页为准哦"]}
    # 灯泡坏了您直接拿去门口换一个: somebody said so
    bad: ["这盏[[灯泡能亮十年]],坏了我上门给您换新的"]
    good: [{say: 灯泡是新的, because: no-act}]
"""


@pytest.mark.parametrize(
    ("said", "line"),
    [
        pytest.param("亲 坏了我上门给您换新的!", 14, id="a part of an example"),
        pytest.param("灯泡坏了您直接拿去门口换一个", 13, id="a comment"),
        pytest.param("灯泡是新的", None, id="too short to be anybody's"),
    ],
)
def test_what_real_people_said_is_no_example(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: str, line: int | None
) -> None:
    (tmp_path / "own.yaml").write_text(OWN_PACK, encoding="utf-8")
    row = {"id": "T-1", "reply": "好的", "history": [{"role": "buyer", "text": said}]}
    (tmp_path / "log.jsonl").write_text(json.dumps(row), encoding="utf-8")
    packs = [str(bundled_rules() / "lexicon.yaml"), str(tmp_path / "own.yaml")]
    status = borrowed([str(tmp_path), "--packs", *packs])
    places = [text for text in capsys.readouterr().out.splitlines() if "own.yaml" in text]
    assert status == (line is not None)
    assert [text.split("own.yaml:")[1].split(":")[0] for text in places] == ([str(line)] if line else [])
