"""Files of replies: where each phrase stands, and that putting one back leaves the rest alone."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from replylint.phrases import (
    Flaw,
    Phrase,
    has_phrase_header,
    index_lines,
    offset_in_file,
    read_library,
    read_lines,
    read_markdown,
    replaced,
    written,
)

HEADER = "快捷短语编码,快捷短语,快捷短语分组\n"
LIBRARIES = {
    "千牛 with group and code": (HEADER + "F1,在的亲,问候\n", [("在的亲", "问候 / F1")]),
    "京东 names the code otherwise": ("快捷编码,快捷短语,快捷短语分组\n1,在的,\n", [("在的", "1")]),
    "tabs between the columns": ("快捷短语编码\t快捷短语\nF1\t在的,亲\n", [("在的,亲", "F1")]),
    "quotes, doubled quotes and a line break in a cell": (HEADER + 'F1,"说""好""\n的",g\n', [('说"好"\n的', "g / F1")]),
    "Windows line ends and none at the end": (HEADER.replace("\n", "\r\n") + "F1,在的,g", [("在的", "g / F1")]),
    "rows without a phrase are left out": (HEADER + "F1,,g\n\nF2,好,g\n", [("好", "g / F2")]),
    "columns in another order": ("快捷短语,备注\n在的,x\n", [("在的", "")]),
}


@pytest.mark.parametrize(("text", "expected"), LIBRARIES.values(), ids=LIBRARIES)
def test_a_library_gives_its_phrases(text: str, expected: list[tuple[str, str]]) -> None:
    assert has_phrase_header(text)
    assert [(item.text, item.label) for item in read_library(text) if isinstance(item, Phrase)] == expected
    assert not [item for item in read_library(text) if isinstance(item, Flaw)]


FLAWS = {
    "no phrase column": ("编码,内容\nF1,在的\n", [("no-phrase-column", 1)], []),
    "a quote nobody closes spoils its cell only": (
        HEADER + 'F1,"在的,g\nF2,好,g\n',
        [("open-quote", 2)],
        ['"在的', "好"],
    ),
    "a row that ends before the phrase": (HEADER + "F1\nF2,好\n", [("short-row", 2)], ["好"]),
}


@pytest.mark.parametrize(("text", "flaws", "phrases"), FLAWS.values(), ids=FLAWS)
def test_a_flaw_is_located_and_the_rest_goes_on(text: str, flaws: list[tuple[str, int]], phrases: list[str]) -> None:
    items = read_library(text)
    lines = index_lines(text)
    assert [(item.kind, lines.position(item.offset)[0]) for item in items if isinstance(item, Flaw)] == flaws
    assert [item.text for item in items if isinstance(item, Phrase)] == phrases


HOSTILE = st.text(alphabet='a好",\t;\r\n ', max_size=40)


@given(st.lists(st.text(alphabet='好",\n a', min_size=1).filter(str.strip), min_size=1, max_size=5))
def test_whatever_a_spreadsheet_writes_is_read_back_with_every_character_in_its_place(cells: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["快捷短语", "x"], *([cell, "1"] for cell in cells)])
    text = out.getvalue()
    phrases = [item for item in read_library(text) if isinstance(item, Phrase)]
    assert [phrase.text for phrase in phrases] == cells
    for phrase in phrases:
        for index, char in enumerate(phrase.text):
            assert text[offset_in_file(text, phrase, index)] == char


@example(rows=',"\r";"', words=",")
@given(HOSTILE, st.text(alphabet='好",\n', min_size=1, max_size=6).filter(str.strip))
def test_a_rewrite_changes_its_own_cell_only(rows: str, words: str) -> None:
    text = f"快捷短语\n{rows}"
    items = read_library(text)
    phrases = [item for item in items if isinstance(item, Phrase)]
    changed = replaced(text, [(phrase, written(phrase, words, cell=True)) for phrase in phrases])
    if len(items) == len(phrases):
        assert [item.text for item in read_library(changed) if isinstance(item, Phrase)] == [words] * len(phrases)
    assert replaced(text, [(phrase, text[phrase.start : phrase.end]) for phrase in phrases]) == text


@given(HOSTILE)
def test_every_position_of_a_text_has_the_line_an_editor_shows(text: str) -> None:
    lines = index_lines(text)
    for phrase in read_lines(text):
        line, column = lines.position(phrase.start)
        assert text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[line - 1] == phrase.text
        assert column == 1


def test_a_rewrite_stays_on_one_line_of_a_text_file() -> None:
    assert written(Phrase("x", 0, 1), "一\n二", cell=False) == "一 二"


MARKDOWN = """# 售后 #

- 亲,发票可以开的
* [ ] 不开发票哦
1. {昵称}您好

> 稍等一下

| --- | --- |
```
code
```
## 售前
一行话
"""


def test_markdown_holds_phrases_under_headings() -> None:
    found = read_markdown(MARKDOWN)
    assert [(phrase.label, phrase.text) for phrase in found] == [
        ("售后", "亲,发票可以开的"),
        ("售后", "不开发票哦"),
        ("售后", "{昵称}您好"),
        ("售后", "稍等一下"),
        ("售前", "一行话"),
    ]
    for phrase in found:
        assert MARKDOWN[phrase.start : phrase.end] == phrase.text
    assert replaced(MARKDOWN, [(found[1], "可以开的")]) == MARKDOWN.replace("不开发票哦", "可以开的")
