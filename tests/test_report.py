"""The page and the workbook of an audit: what they hold, what they escape, and what comes back from a reviewer."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from replylint.audit import FINDINGS, PARQUET, REPORT, SUMMARY, WORKBOOK, Auditor, Card, Masker, Review, Source, Task
from replylint.audit.markup import Markup, tag
from replylint.audit.page import Story
from replylint.audit.review import read_review
from replylint.audit.scorecard import Campaign
from replylint.audit.sums import Sums
from replylint.audit.workbook import write_workbook
from replylint.cli.audit import audit_logs
from replylint.cli.console import Console
from replylint.linter import Linter

GOLDEN = Path(__file__).parent / "golden"
openpyxl = pytest.importorskip("openpyxl")

HOSTILE = [
    "<script>alert(1)</script>不开发票",
    '"><img src=x onerror=alert(1)>不开发票',
    '=HYPERLINK("http://x.example/","不开发票")',
    "+1不开发票",
    "@SUM(1)不开发票",
    "不开发票\x00\x1b[31m\u202e\ufffe",
    "不开发票]]></script>--><!--",
    "http://x.example/不开发票",
    "不开发票" + "哦" * 40_000,
]


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor(Linter(packs=[GOLDEN / "shop.yaml"], lang="zh"), Masker(b"key"), Card(teams={"甲": "早班"}))


def audited(auditor: Auditor, log: Path, out: Path, language: str = "zh") -> Sums:
    with io.StringIO() as screen:
        return audit_logs(Task((log,), out, Source()), auditor, Console(language, screen, screen, False), 1)


@pytest.fixture(scope="module")
def hostile(auditor: Auditor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of an audit in which everything that can hold a text holds a hostile one."""
    home = tmp_path_factory.mktemp("hostile")
    with (home / "log.jsonl").open("w", encoding="utf-8") as file:
        for number, text in enumerate(HOSTILE):
            turns = [
                {"role": "buyer", "text": f"开发票吗{text}", "sender": f"买{text[:60]}"},
                {"role": "system", "text": text},
                {"role": "agent", "text": text, "sender": f"{text[:60]}", "at": "2026-11-11T09:00:00"},
            ]
            meta = {"shop": text[:60], "buyer_id": f"买{text[:60]}"}
            file.write(json.dumps({"id": f"{number}{text[:60]}", "turns": turns, "meta": meta}) + "\n")
    audited(auditor, home / "log.jsonl", home / "out")
    return home / "out"


class Seen(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(path: Path) -> Seen:
    reader = Seen()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def test_no_message_becomes_part_of_the_page(hostile: Path) -> None:
    page = seen(hostile / REPORT)
    assert [name for name, _ in page.elements].count("script") == 1
    assert not {"img", "iframe", "link", "object", "embed", "base"} & {name for name, _ in page.elements}
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "style")]
        assert attributes.get("href", "#").startswith("#")  # type: ignore[union-attr]
    assert "<script>alert(1)</script>" in page.text
    assert not set("\x00\x1b\u202e") & set(page.text)


def test_the_page_may_load_nothing(hostile: Path) -> None:
    text = (hostile / REPORT).read_text(encoding="utf-8")
    policy = next(
        attributes["content"] for name, attributes in seen(hostile / REPORT).elements if "content" in attributes
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"(?:src|href)=\"?https?:|url\(|@import", text)


def cells(book: Path, **how: Any) -> Iterator[Any]:
    for sheet in openpyxl.load_workbook(book, **how):
        for row in sheet.iter_rows():
            yield from row


def test_no_message_becomes_a_formula_or_a_link(hostile: Path) -> None:
    found = list(cells(hostile / WORKBOOK))
    assert not [cell for cell in found if cell.data_type == "f" or cell.hyperlink]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in found)
    assert max(len(str(cell.value)) for cell in found) <= 32_767


def test_the_words_at_fault_are_red_in_the_workbook(hostile: Path) -> None:
    findings = [json.loads(line) for line in (hostile / FINDINGS).read_text("utf-8").splitlines()]
    reds = []
    for cell in cells(hostile / WORKBOOK, rich_text=True):
        for part in cell.value if isinstance(cell.value, openpyxl.cell.rich_text.CellRichText) else ():
            if not isinstance(part, str) and part.font.color is not None and part.font.color.rgb == "FFC0281C":
                reds.append(part.text)
    whole = [found for found in findings if found["reply"] == found["text"]]
    assert len(reds) == len(findings) - len(whole) >= len(HOSTILE) - 1
    assert set(reds) == {found["text"] for found in findings if found not in whole}


def test_findings_go_on_on_another_sheet_where_one_is_full(auditor: Auditor, hostile: Path, tmp_path: Path) -> None:
    lines = (hostile / FINDINGS).read_bytes().splitlines(keepends=True)
    story = Story(Sums(), auditor.card, auditor.linter, "zh", masked=True)
    with (tmp_path / "book.xlsx").open("wb") as file:
        write_workbook(story, lines, file, rows=4)
    sheets = [sheet for sheet in openpyxl.load_workbook(tmp_path / "book.xlsx") if sheet.title.startswith("问题")]
    assert sum(sheet.max_row - 1 for sheet in sheets) == len(lines) > 4
    assert all(sheet.max_row <= 5 for sheet in sheets)


def test_parquet_holds_the_same_findings(hostile: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = parquet.read_table(hostile / PARQUET).to_pylist()
    for row, line in zip(rows, (hostile / FINDINGS).read_text("utf-8").splitlines(), strict=True):
        found = json.loads(line)
        assert found.pop("mark") == [row.pop("mark_start"), row.pop("mark_end")]
        assert {key: value for key, value in row.items() if key in found} == found
        assert not any(value for key, value in row.items() if key not in found)


def test_a_megabyte_in_a_message_and_thousands_of_turns_stay_out_of_the_page(auditor: Auditor, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    turns = [{"role": "agent", "text": "哦" * 1_000_000 + "不开发票"}]
    turns += [{"role": "agent", "text": "不开发票" if number % 50 == 0 else "好"} for number in range(10_000)]
    log.write_text(json.dumps({"id": "c", "turns": turns}) + "\n", encoding="utf-8")
    sums = audited(auditor, log, tmp_path / "out")
    assert sums.tally.table("all")[""]["findings"] == 201
    assert (tmp_path / "out" / REPORT).stat().st_size < 300_000
    assert "条略" in seen(tmp_path / "out" / REPORT).text
    assert (tmp_path / "out" / WORKBOOK).stat().st_size < 300_000


PAGES = {"in Chinese": ("zh", "大促预测", "早班"), "in English": ("en", "Campaign forecast", "Conversations")}


@pytest.mark.parametrize("case", PAGES)
def test_the_page_tells_the_sums(case: str, auditor: Auditor, tmp_path: Path) -> None:
    language, *words = PAGES[case]
    log = tmp_path / "log.jsonl"
    turns = [
        {"role": "buyer", "text": "能开票吗", "at": "2026-11-11T09:00:00"},
        {"role": "agent", "text": "亲,不开发票哦", "sender": "甲", "at": "2026-11-11T09:00:40"},
    ]
    log.write_text(json.dumps({"id": "c7", "turns": turns}) + "\n", encoding="utf-8")
    card = auditor.card._replace(campaign=Campaign("", 10, 4200, 60))
    audited(auditor._replace(card=card), log, tmp_path / "out", language)
    page = seen(tmp_path / "out" / REPORT)
    for word in (*words, "420", "c7", "甲", "2026-11-11"):
        assert word in page.text
    marks = [name for name, _ in page.elements if name == "mark"]
    assert len(marks) == 1
    talk = next(attributes for name, attributes in page.elements if name == "details")
    assert (talk["data-agent"], talk["data-rule"], talk["data-day"]) == ("甲", "shop/no-ticket", "2026-11-11")


def test_an_audit_without_findings_says_so(auditor: Auditor, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"turns": [{"role": "agent", "text": "在的"}]}\n', encoding="utf-8")
    audited(auditor, log, tmp_path / "out")
    assert "没有发现问题" in seen(tmp_path / "out" / REPORT).text


@pytest.mark.parametrize(("package", "file"), [("xlsxwriter", WORKBOOK), ("pyarrow", PARQUET)])
def test_without_a_package_its_file_is_left_out_and_that_is_said(
    package: str, file: str, auditor: Auditor, refusals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audited(auditor, refusals, tmp_path / "out")
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, "replylint.audit.columnar", raising=False)
    screen = io.StringIO()
    audit_logs(Task((refusals,), tmp_path / "out"), auditor, Console("en", screen, screen, False), 1)
    assert f"no {file} was written" in screen.getvalue()
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert {WORKBOOK, PARQUET} - left == {file}


# ---- appeals and baseline


@pytest.fixture
def refusals(tmp_path: Path) -> Path:
    log = tmp_path / "log.jsonl"
    said = ("亲,不开发票哦", "这边不开发票的呢", "不开发票")
    log.write_text("".join(json.dumps({"reply": text}) + "\n" for text in said), encoding="utf-8")
    return log


def reviewed_workbook(path: Path, verdicts: list[str]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["问题"]
    heads = [cell.value for cell in sheet[1]]
    for row, verdict in enumerate(verdicts, 2):
        sheet.cell(row, heads.index("复核结论") + 1, verdict)
    book.save(path)


def test_a_rejected_finding_is_gone_and_counts_against_its_rule(
    auditor: Auditor, refusals: Path, tmp_path: Path
) -> None:
    audited(auditor, refusals, tmp_path / "first")
    reviewed_workbook(tmp_path / "first" / WORKBOOK, ["误报", "属实", ""])
    review = read_review([tmp_path / "first" / WORKBOOK], [])
    audited(auditor._replace(review=review), refusals, tmp_path / "second")
    summary = json.loads((tmp_path / "second" / SUMMARY).read_text("utf-8"))
    (rule,) = summary["rules"]
    assert (summary["findings"], rule["upheld"], rule["rejected"], rule["precision"]) == (2, 1, 1, 0.5)
    assert "50%" in seen(tmp_path / "second" / REPORT).text


def test_verdicts_come_from_a_csv_too_and_the_later_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "appeals.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([["指纹", "复核结论"], ["a1", "误报"], ["a2", "属实"], ["a1", "维持"], ["a3", ""]])
    assert read_review([path], []) == Review(frozenset(), frozenset({"a1", "a2"}), frozenset())


BAD_REVIEWS = {
    "a verdict nobody knows": ("指纹,复核结论\na1,也许\n", ":2: the verdict '也许' is not known"),
    "no headers": ("a1,误报\n", ":1: no row of headers names 指纹/fingerprint and 复核结论/verdict"),
}


@pytest.mark.parametrize("case", BAD_REVIEWS)
def test_a_review_that_cannot_be_understood_is_refused(case: str, tmp_path: Path) -> None:
    text, message = BAD_REVIEWS[case]
    path = tmp_path / "appeals.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(message)):
        read_review([path], [])


def test_against_a_baseline_only_what_is_new_counts(auditor: Auditor, refusals: Path, tmp_path: Path) -> None:
    audited(auditor, refusals, tmp_path / "first")
    with refusals.open("a", encoding="utf-8") as file:
        file.write('{"reply": "真的不开发票"}\n')
    review = read_review([], [tmp_path / "first" / FINDINGS])
    audited(auditor._replace(review=review), refusals, tmp_path / "second")
    (found,) = [json.loads(line) for line in (tmp_path / "second" / FINDINGS).read_text("utf-8").splitlines()]
    assert found["reply"] == "真的不开发票"


def test_a_baseline_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"reply": "在"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"log\.jsonl:1: is no finding"):
        read_review([], [path])


def test_markup_escapes_what_is_no_markup() -> None:
    made = tag("p", "a<b", Markup("<br/>"), [1, None, "&"], title='"x"', hidden=False, data_day="1")
    assert made == '<p title="&quot;x&quot;" data-day="1">a&lt;b<br/>1&amp;</p>'
