"""What the renderers print: golden files to read, and that hostile replies break neither a format nor a terminal."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replylint.messages import LANGUAGES, TEXTS, language_of
from replylint.model import Finding, Report, Severity, Turn
from replylint.render import FORMATS, Checked, Result, RuleCard, Setting, Spot, Unreadable, renderer
from replylint.render.width import clip, table, underline, visible, width, window, wrap

GOLDEN = Path(__file__).parent / "golden"
CARDS = {
    "shop/no-ticket": RuleCard(
        "shop/no-ticket", "拒开发票", "得开", "法律这样规定", "error", 6, "https://example.com/law"
    ),
    "shop/curt": RuleCard("shop/curt", "生硬", "可以更热情些", "", "info", 0, ""),
}


def finding(reply: str, words: str, rule: str = "shop/no-ticket", severity: Severity = "error") -> Finding:
    start = reply.index(words)
    return Finding(rule, severity, "high", 6, start, start + len(words), words, "买家要发票就得开。", "发票可以开")


def report(*findings: Finding, rewrite: str | None = None) -> Report:
    return Report("block" if findings else "allow", findings, rewrite, "0.1.0+abc", None)


def setting(language: str = "zh", *, colour: bool = False) -> Setting:
    return Setting(language, colour, frozenset(("error", "warning")), CARDS, "0.1.0", "0.1.0+abc")


def rendered(name: str, results: list[Result], language: str = "zh", *, colour: bool = False) -> str:
    return "".join(renderer(name)(results, setting(language, colour=colour)))


REFUSAL = "亲,这边不开发票,自己看"
RESULTS: list[Result] = [
    Checked("话术/a.txt", "在的亲", (), report(), Spot(1, 1, 1, 4), ()),
    Checked(
        "话术/a.txt",
        REFUSAL,
        (Turn("buyer", "能开发票吗"),),
        report(
            finding(REFUSAL, "不开发票"),
            finding(REFUSAL, "自己看", "shop/curt", "info"),
            rewrite="亲,发票可以开,100%的",
        ),
        Spot(2, 1, 2, 12),
        (Spot(2, 5, 2, 9), Spot(2, 10, 2, 13)),
        "亲,发票可以开,100%的",
        "发票 / F01",
    ),
    Unreadable("话术/a.txt", 3, "读不懂", column=4),
    Checked("b.jsonl", "不开发票", (), report(finding("不开发票", "不开发票")), Spot(7), (Spot(7),), from_wire=True),
]


@pytest.mark.parametrize(
    ("name", "language"), [*((name, "zh") for name in FORMATS), ("text", "en")], ids=lambda value: str(value)
)
def test_the_output_is_the_golden_file(name: str, language: str) -> None:
    """Set GOLDEN=write to write the files anew, then read the difference."""
    golden = GOLDEN / f"{'en' if language == 'en' else 'check'}.{name}"
    output = rendered(name, RESULTS, language)
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(output, encoding="utf-8")
    assert output == golden.read_text(encoding="utf-8")


def test_sarif_is_valid_and_its_regions_hold_the_words() -> None:
    run = json.loads(rendered("sarif", RESULTS))["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert REFUSAL[region["startColumn"] - 1 : region["endColumn"] - 1] == region["snippet"]["text"]


def test_the_same_reply_keeps_its_fingerprint_when_it_moves() -> None:
    def fingerprints(line: int, copies: int = 1) -> list[str]:
        moved: list[Result] = [
            Checked("a", "不开发票", (), report(finding("不开发票", "不开发票")), Spot(line), (Spot(line),))
        ] * copies
        results: list[dict[str, Any]] = json.loads(rendered("sarif", moved))["runs"][0]["results"]
        return [result["partialFingerprints"]["replylint/v1"] for result in results]

    assert fingerprints(3) == fingerprints(9)
    assert len(set(fingerprints(3, copies=2))) == 2


def test_a_formula_in_a_chat_stays_text_in_the_table() -> None:
    reply = '=HYPERLINK("x")不开发票'
    results: list[Result] = [Checked("a", reply, (), report(finding(reply, "不开发票")), Spot(1), (Spot(1),))]
    row = next(csv.DictReader(io.StringIO(rendered("csv", results))))
    assert row["reply"] == "'" + reply


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("发票", 4), ("ｖｘ", 4), ("é", 1), ("e\u0301", 1), ("👍", 2), ("", 0), ("ab发", 4)],
    ids=["latin", "Chinese", "full width", "composed", "combining", "emoji", "nothing", "mixed"],
)
def test_width_counts_cells(text: str, cells: int) -> None:
    assert width(text) == cells


def test_marks_stand_below_the_characters_they_mark() -> None:
    assert underline("亲,VX发票", 2, 5) == "   ^^^^"


def test_a_terminal_cannot_be_steered_by_a_reply() -> None:
    assert visible("a\x1b[31m\u202e\u200b发\ud83d\n") == "a␛[31m··发\ufffd␊"


HOSTILE = st.text(alphabet="a发\x1b\n\r\t\u200b\ud83d<&%:,\"'\x00e\u0301👍", max_size=30)


@given(HOSTILE)
def test_what_is_shown_keeps_every_offset(text: str) -> None:
    assert len(visible(text)) == len(text)
    assert "\x1b" not in visible(text)
    assert "\n" not in visible(text)


@given(st.text(alphabet="a发e\u0301👍 ", min_size=1, max_size=300), st.data())
def test_a_window_fits_and_holds_the_words(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    line, first, last = window(text, start, end, 60)
    assert width(line) <= 60
    shown = line[first:last]
    assert shown == text[start:end] or (shown.endswith("…") and text[start:end].startswith(shown[:-1]))


@given(st.text(alphabet="a发e\u0301👍", max_size=80), st.integers(2, 40))
def test_clipped_text_fits(text: str, cells: int) -> None:
    assert width(clip(text, cells)) <= cells
    assert clip(text, cells) == text or width(text) > cells


@given(st.lists(st.tuples(HOSTILE.map(visible), HOSTILE.map(visible)), min_size=1, max_size=5))
def test_columns_are_aligned(rows: list[tuple[str, str]]) -> None:
    lines = table([(*row, "x") for row in rows])
    assert len({width(line) for line in lines}) == 1


def test_wrapped_lines_keep_words_whole_and_do_not_begin_with_a_sign() -> None:
    assert wrap("说明写在文件 .replylint.yaml 里,请看", 14, "  ") == "说明写在文件\n  .replylint.yaml\n  里,请看"
    assert wrap("一二三,四", 6, "") == "一二三,\n四"


@pytest.mark.parametrize("name", FORMATS)
@given(text=HOSTILE)
def test_no_reply_breaks_a_format(name: str, text: str) -> None:
    reply = f"{text}不开发票"
    results: list[Result] = [
        Checked("a,%:b", reply, (), report(finding(reply, "不开发票"), rewrite=text), Spot(1, 1), (Spot(1, 1),)),
        Unreadable("a,%:b", 2, text),
    ]
    output = rendered(name, results, colour=False).encode("utf-8", "backslashreplace").decode("utf-8")
    match name:
        case "json" | "sarif":
            json.loads(output)
        case "jsonl":
            assert [bool(json.loads(line)) for line in output.splitlines()] == [True, True]
        case "junit":
            ElementTree.fromstring(output.encode())
        case "github":
            assert output.count("\n") == 2
            assert all(line.startswith("::error file=") for line in output.rstrip("\n").split("\n"))
        case "csv":
            assert len(list(csv.reader(io.StringIO(output, newline="")))) == 3
        case _:
            assert "\x1b" not in output


def test_colour_wraps_only_the_words_at_fault() -> None:
    assert "\x1b[1;31m不开发票\x1b[0m" in rendered("text", RESULTS, colour=True)
    assert "\x1b" not in rendered("text", RESULTS)


def test_every_text_exists_in_every_language_with_the_same_places() -> None:
    import string

    def places(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    for key, texts in TEXTS.items():
        assert set(texts) == set(LANGUAGES), key
        assert len({frozenset(places(text)) for text in texts.values()}) == 1, key


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "zh_CN"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_CN"}, "zh"),
        ({}, "en"),
    ],
    ids=["mainland", "Taiwan", "English", "LC_ALL goes first", "an empty one says nothing", "nothing"],
)
def test_the_language_is_that_of_the_environment(environ: dict[str, str], language: str) -> None:
    assert language_of(environ) == language
