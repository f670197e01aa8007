"""The program as people and other programs run it."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from replylint.cli import main
from replylint.messages import TEXTS
from replylint.rulepack import BECAUSE

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden"
SHOP = str(GOLDEN / "shop.yaml")
ENVIRONMENT = {
    **{
        key: value
        for key, value in os.environ.items()
        if key not in ("NO_COLOR", "FORCE_COLOR", "LC_ALL", "LC_MESSAGES")
    },
    "LANG": "zh_CN.UTF-8",
    "PYTHONPATH": str(ROOT),
}
PROGRAM = [sys.executable, "-m", "replylint"]


class Ran(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Runs the program in this process, in an empty directory, with the small test pack."""

    def start(*words: str | Path, stdin: str | bytes = b"", packs: bool = True, **environ: str) -> Ran:
        for name in ("NO_COLOR", "FORCE_COLOR", "LC_ALL", "LC_MESSAGES"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"LANG": "zh_CN.UTF-8", **environ}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        streams = {"stdin": io.BytesIO(data), "stdout": io.BytesIO(), "stderr": io.BytesIO()}
        for name, stream in streams.items():
            monkeypatch.setattr(sys, name, io.TextIOWrapper(stream, encoding="ascii"))
        status = main([*map(str, words), *(["--packs", SHOP] if packs else [])])
        sys.stdout.flush()
        sys.stderr.flush()
        return Ran(status, streams["stdout"].getvalue().decode(), streams["stderr"].getvalue().decode())

    return start


@pytest.fixture
def spawn(tmp_path: Path) -> Callable[..., Ran]:
    """Runs the program as a process of its own."""

    def start(*words: str | Path, stdin: str = "", **environ: str) -> Ran:
        command = [*PROGRAM, *map(str, words), "--packs", SHOP]
        data = stdin.encode()
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            cwd=tmp_path,
            env={**ENVIRONMENT, **environ},
            check=False,
            timeout=60,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return start


REFUSAL = "亲,我们不开发票的哦\n"


# -- check -----------------------------------------------------------------------------------------------


def test_a_reply_from_standard_input_is_shown_with_its_words_marked(spawn: Callable[..., Ran]) -> None:
    ran = spawn("check", stdin=REFUSAL)
    assert (ran.status, ran.err) == (1, "")
    assert ran.out == (
        "<stdin>:1:5  错误  shop/no-ticket\n"
        "  回复  亲,我们不开发票的哦\n"
        "               ^^^^^^^^\n"
        "  问题  买家要发票就得开。\n"
        "  改写  亲,发票可以开\n"
        "\n"
        "检查了 1 条回复,1 条有问题:错误 1。1 条有合规改写。\n"
    )


def test_the_buyers_question_decides_and_english_is_spoken_outside_china(run: Callable[..., Ran]) -> None:
    assert run("check", stdin="不能哦\n").status == 0
    ran = run("check", "--buyer", "能开发票吗", stdin="不能哦\n", LANG="en_US.UTF-8")
    assert ran.status == 1
    assert "An invoice must be issued on request." in ran.out


STATUSES = {
    "nothing found": ("在的亲\n", (), 0),
    "no input at all": ("", (), 0),
    "info is below the usual level": ("自己看\n", (), 0),
    "info is at the level": ("自己看\n", ("--fail-level", "info"), 1),
    "a warning is below the level": ("赶紧拍\n", ("--fail-level", "error"), 0),
    "findings may be forgiven": (REFUSAL, ("--exit-zero",), 0),
    "an ignored rule": (REFUSAL, ("--ignore", "shop/no-ticket"), 0),
    "a rule by its former name": (REFUSAL, ("--ignore", "shop/ticket-refused"), 0),
    "only another rule chosen": (REFUSAL, ("--select", "shop/curt,shop/slow"), 0),
    "a misspelt rule": (REFUSAL, ("--ignore", "shop/no-tikcet", "--exit-zero"), 2),
    "a misspelt pack": (REFUSAL, ("--packs", "invoce", "--exit-zero"), 2),
    "an unknown option": (REFUSAL, ("--severe",), 2),
    "a missing file beside a good one": ("", ("nowhere.txt", "-", "--exit-zero"), 2),
    "a directory": ("", (".",), 2),
    "bytes of no encoding": (b"\xff\xfe\xfa\x00\xd8", (), 2),
    "a broken request": ('{"reply": 1}\n', ("--input", "jsonl", "--exit-zero"), 2),
}


@pytest.mark.parametrize(("stdin", "words", "status"), STATUSES.values(), ids=STATUSES)
def test_the_exit_status_is_that_of_the_contract(
    run: Callable[..., Ran], stdin: str, words: tuple[str, ...], status: int
) -> None:
    ran = run("check", *words, stdin=stdin)
    assert ran.status == status, ran
    assert "Traceback" not in ran.err
    assert bool(ran.err) == (status == 2)


def test_a_misspelt_rule_is_answered_with_the_right_one(run: Callable[..., Ran]) -> None:
    assert "'shop/no-ticket'" in run("check", "--select", "shop/no-tikcet").err


WIRE = [
    '{"id": "7", "reply": "不能哦", "history": [{"role": "buyer", "text": "能开发票吗"}]}',
    "{broken",
    '{"id": 8, "reply": ["x"]}',
    '{"id": "9", "reply": "\\ud83d不开发票", "meta": {"platform": "tmall"}}',
    '{"id": "10", "turns": []}',
    '{"reply": ""}',
]


def test_every_request_line_has_its_response_line_and_a_broken_one_stops_nothing(run: Callable[..., Ran]) -> None:
    ran = run("check", "--input", "jsonl", "--format", "jsonl", stdin="\ufeff" + "\n".join(WIRE))
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert [answer["id"] for answer in answers] == ["7", None, "8", "9", "10", None]
    assert [sorted(answer) == ["error", "id"] for answer in answers] == [False, True, True, False, True, False]
    assert [answer.get("action") for answer in answers] == ["block", None, None, "block", None, "allow"]
    assert answers[3]["findings"][0]["start"] == 1
    assert (ran.status, ran.err) == (2, "")


def test_a_response_is_there_before_the_next_request_is_sent(tmp_path: Path) -> None:
    command = [*PROGRAM, "check", "--input", "jsonl", "--format", "jsonl", "--packs", SHOP]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path, env=ENVIRONMENT, text=True
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for number in range(3):
            program.stdin.write(json.dumps({"id": str(number), "reply": "在的"}) + "\n")
            program.stdin.flush()
            assert json.loads(program.stdout.readline())["id"] == str(number)
        program.stdin.close()
        assert program.wait(timeout=20) == 0


LIBRARY = (
    "快捷短语编码,快捷短语,快捷短语分组\r\n"
    'F1,"亲,我们不开发票的""哦""",发票\r\n'
    "F2,在的,问候\r\n"
    'F3,"好的\n不开发票",发票\r\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_quick_phrase_library_is_checked_in_any_encoding(
    run: Callable[..., Ran], tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "话术.csv").write_bytes(LIBRARY.encode(encoding))
    ran = run("check", "话术.csv")
    assert re.findall(r"^话术\.csv:\d+:\d+", ran.out, re.MULTILINE) == ["话术.csv:2:9", "话术.csv:5:1"]
    assert "发票 / F1" in ran.out
    assert ran.status == 1


def test_columns_point_at_the_words_in_the_file(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(LIBRARY.encode())
    (tmp_path / "b.txt").write_text("\n  不开发票\n", encoding="utf-8")
    run_ = run("check", "a.csv", "b.txt", "--format", "sarif", "--output", "out.sarif")
    assert (run_.status, run_.out) == (1, "")
    results = json.loads((tmp_path / "out.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert len(results) == 3
    for result in results:
        place = result["locations"][0]["physicalLocation"]
        text = (tmp_path / place["artifactLocation"]["uri"]).read_bytes().decode()
        region = place["region"]
        line = text.replace("\r\n", "\n").split("\n")[region["startLine"] - 1]
        assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "不开发票" == region["snippet"]["text"]


def test_a_huge_reply_is_checked_and_shown_in_part(run: Callable[..., Ran]) -> None:
    ran = run("check", stdin="好" * 300_000 + "不开发票" + "好" * 50_000)
    assert ran.status == 1
    line = next(line for line in ran.out.splitlines() if line.startswith("  回复"))
    assert "…" in line
    assert len(line) < 100


LOCATED = {
    "a text that is an Excel file": ("a.csv", b"PK\x03\x04rest", "a.csv: 读不了:it is no workbook"),
    "a chat log given as a library": ("a.csv", "会话ID,发送内容,账号类型\n1,好,客户\n".encode(), "replylint audit"),
    "a conversation given as a request": ("a.jsonl", b'{"turns": []}', "a.jsonl:1: 这是整段对话"),
    "a file that is neither UTF-8 nor GB18030": ("a.txt", "在的\n".encode() * 3 + b"\xff\xff\n", "a.txt:4: 既不是"),
    "a quote nobody closes": ("a.csv", LIBRARY.encode() + '\nF4,"好,x\n'.encode(), "a.csv:7:4: 这里的引号没有收口"),
}


@pytest.mark.parametrize(("name", "content", "message"), LOCATED.values(), ids=LOCATED)
def test_what_cannot_be_read_is_said_with_its_place(
    run: Callable[..., Ran], tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    ran = run("check", name)
    assert message in ran.err
    assert ran.status == 2


# -- packs, policies, configuration ----------------------------------------------------------------------


def test_every_problem_of_a_pack_is_shown_with_a_caret_below_its_place(run: Callable[..., Ran], tmp_path: Path) -> None:
    text = (GOLDEN / "shop.yaml").read_text(encoding="utf-8")
    broken = text.replace("severity: warning", "severity: 警告, warnnig").replace("points: 5", "points: 50")
    (tmp_path / "own.yaml").write_text(broken, encoding="utf-8")
    ran = run("check", "--packs", "own.yaml", stdin=REFUSAL, packs=False)
    assert (ran.status, ran.out) == (2, "")
    lines = ran.err.splitlines()
    places = [line for line in lines if line.startswith("own.yaml:")]
    assert [re.sub(r"^own\.yaml:\d+:(\d+):.*", r"\1", line) for line in places] == ["13", "15"]
    for place in places:
        excerpt, caret = lines[lines.index(place) + 1 : lines.index(place) + 3]
        column = int(place.split(":")[2])
        assert caret == " " * (4 + column - 1) + "^"
        assert excerpt.strip().startswith(("points: 50", "severity: 警告"))


def test_a_policy_and_a_configuration_file_are_heeded(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("severity: {shop/no-ticket: info}\n", encoding="utf-8")
    (tmp_path / ".replylint.yaml").write_text(
        f"packs: [{SHOP}]\npolicy: policy.yaml\nfail-level: info\nlang: en\nformat: github\n", encoding="utf-8"
    )
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (below / "r.txt").write_text(REFUSAL, encoding="utf-8")
    ran = run("check", below / "r.txt", packs=False)
    assert ran.status == 1
    assert ran.out.startswith("::notice ")
    assert "An invoice must be issued" in ran.out
    assert run("check", below / "r.txt", "--fail-level", "error", packs=False).status == 0


BROKEN_SETTINGS = {
    "configuration": (
        "--config",
        "pakcs: [shop]\nlang: fr\n",
        [":1:1: unknown key 'pakcs'", ":2:7: 'fr' is none of zh, en"],
    ),
    "policy": ("--policy", "ignore: [shop/no-tikcet]\n", [":1:10: unknown rule or pack 'shop/no-tikcet'"]),
    "shop profile": ("--shop", "hotlnes: ['400']\n", [":1:1: unknown key 'hotlnes'"]),
}


@pytest.mark.parametrize(("option", "text", "messages"), BROKEN_SETTINGS.values(), ids=BROKEN_SETTINGS)
def test_a_typo_in_the_settings_never_switches_a_check_off(
    run: Callable[..., Ran], tmp_path: Path, option: str, text: str, messages: list[str]
) -> None:
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    ran = run("check", option, "own.yaml", stdin=REFUSAL)
    assert (ran.status, ran.out) == (2, "")
    for message in messages:
        assert f"own.yaml{message}" in ran.err


# -- fix -------------------------------------------------------------------------------------------------


def test_fix_prints_the_input_with_rewrites_in_place(run: Callable[..., Ran]) -> None:
    ran = run("fix", stdin="在的\n\n亲,不开发票\r\n赶紧拍吧,现金给我\n")
    assert ran.out == "在的\n\n亲,发票可以开\r\n赶紧拍吧,现金给我\n"
    assert ran.status == 1


def test_a_library_in_a_workbook_is_checked_and_a_corrected_copy_written(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "说明"
    sheet = book.create_sheet("话术")
    rows = [
        ("快捷短语编码", "快捷短语", "快捷短语分组"),
        ("01", "{昵称}您好\n在的", "接待"),
        ("02", "亲,不开发票哦", "=发票"),
    ]
    for row in rows:
        sheet.append(row)
    sheet["C3"].data_type = "s"
    book.save(tmp_path / "话术.xlsx")
    checked = run("check", "话术.xlsx", "--format", "jsonl")
    answers = [json.loads(line) for line in checked.out.splitlines()]
    assert [(answer["line"], len(answer["findings"])) for answer in answers] == [(2, 0), (3, 1)]
    before = (tmp_path / "话术.xlsx").read_bytes()
    assert run("fix", "话术.xlsx", "--write").status == 0
    assert (tmp_path / "话术.xlsx").read_bytes() == before
    copy = openpyxl.load_workbook(tmp_path / "话术.fixed.xlsx")
    assert copy.sheetnames == ["说明", "话术"]
    better = answers[1]["rewrite"]
    assert [[cell.value for cell in row] for row in copy["话术"]] == [*map(list, rows[:2]), ["02", better, "=发票"]]
    assert all(cell.data_type != "f" for row in copy["话术"] for cell in row)


def test_fix_of_requests_prints_requests(run: Callable[..., Ran]) -> None:
    ran = run("fix", stdin=WIRE[0] + "\n" + WIRE[5] + "\n")
    first, second = ran.out.splitlines()
    assert json.loads(first) == {**json.loads(WIRE[0]), "reply": "发票可以开"}
    assert second == WIRE[5]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_fix_write_changes_the_cells_and_nothing_else(run: Callable[..., Ran], tmp_path: Path, encoding: str) -> None:
    library = tmp_path / "话术.csv"
    library.write_bytes(LIBRARY.encode(encoding))
    ran = run("fix", library, "--write")
    assert (ran.status, ran.out) == (0, "")
    fixed = LIBRARY.replace('"亲,我们不开发票的""哦"""', '"亲,发票可以开"').replace("\n不开发票", "\n发票可以开")
    assert library.read_bytes() == fixed.encode(encoding)


def test_the_diff_can_be_patched_in(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("在的\r\n不开发票\r\n\r\n赶紧拍".encode())
    ran = run("fix", "a.txt", "--diff")
    assert ran.status == 1
    (tmp_path / "a.diff").write_bytes(ran.out.encode())
    subprocess.run(["patch", "--binary", "-s", "a.txt", "a.diff"], cwd=tmp_path, check=True)
    assert (tmp_path / "a.txt").read_bytes() == "在的\r\n发票可以开\r\n\r\n喜欢可以拍".encode()


# -- audit, explain, rules, demo -------------------------------------------------------------------------


def test_an_audit_prints_who_said_what_and_writes_its_files(run: Callable[..., Ran], tmp_path: Path) -> None:
    log = "会话,说的话,谁\nc1,能开发票吗,客户\nc1,不能哦,客服\nc2,在的,客服\n"
    (tmp_path / "log.csv").write_text(log, encoding="utf-8")
    columns = "text=说的话,role=谁,conversation=会话"
    ran = run("audit", "log.csv", "--out", "out", "--map", columns, "--jobs", "2")
    assert (ran.status, ran.err) == (1, "")
    assert "2 段对话、2 条客服回复:1 条有问题(错误 1)" in ran.out
    assert re.search(r"shop/no-ticket +错误 +1 .*不能哦 +发票可以开", ran.out)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("audit.xlsx", "findings.jsonl", "findings.parquet", "problems.jsonl", "report.html", "summary.json")
    ]
    assert run("audit", "log.csv", "--out", "out", "--map", columns, "--max-points", "5").status == 1
    assert run("audit", "log.csv", "--out", "out", "--map", columns, "--max-points", "6").status == 0
    card = tmp_path / "card.yaml"
    card.write_text("red-lines: [shop/no-tikcet]\n", encoding="utf-8")
    refused = run("audit", "log.csv", "--out", "out", "--card", "card.yaml")
    assert (refused.status, "card.yaml:1:13" in refused.err) == (2, True)
    assert run("audit", "log.csv", "--out", "out", "--map", "txet=说的话").status == 2
    assert run("audit", "nowhere.csv", "--out", "out", "--exit-zero").status == 2


def test_explain_tells_the_reasons_in_words(run: Callable[..., Ran]) -> None:
    ran = run("explain", "--reply", "没有不开发票的情况")
    assert (ran.status, ran.err) == (0, "")
    assert "放过  shop/no-ticket" in ran.out
    assert TEXTS["reason.affirmed"]["zh"] in ran.out
    ignored = run("explain", "--reply", "不开发票", "--ignore", "shop", "--lang", "en")
    assert TEXTS["reason.policy"]["en"] in ignored.out
    rule = run("explain", "shop/ticket-refused")
    for part in ("法律这样规定。", "电子商务法 第十四条", "亲,不开发票哦", "→ 亲,发票可以开", "没有不开发票的情况"):
        assert part in rule.out
    assert run("explain").status == run("explain", "shop/no-tikcet").status == 2


@pytest.mark.parametrize("reason", BECAUSE)
def test_every_reason_a_pack_may_state_is_explained(reason: str) -> None:
    assert f"reason.{reason}" in TEXTS


def test_a_new_pack_passes_its_own_tests(run: Callable[..., Ran], tmp_path: Path) -> None:
    assert run("rules", "new", "fruit", "--output", "fruit.yaml", packs=False).status == 0
    ran = run("rules", "test", "fruit.yaml", packs=False)
    assert (ran.status, ran.err) == (0, "")
    assert "全部通过" in ran.out
    assert "fruit/gift-denied" in run("rules", "list", "--packs", tmp_path / "fruit.yaml", packs=False).out


def test_what_no_rule_of_a_pack_uses_is_told(run: Callable[..., Ran], tmp_path: Path) -> None:
    run("rules", "new", "fruit", "--output", "fruit.yaml", packs=False)
    pack = tmp_path / "fruit.yaml"
    written = pack.read_text(encoding="utf-8")
    for section, left in (("concepts", "ripe: [熟]\n  soft: ['{ripe}透']"), ("requests", "fruit.taste: {ask: [甜吗]}")):
        written = written.replace(f"{section}:\n", f"{section}:\n  {left}\n")
    pack.write_text(written, encoding="utf-8")
    ran = run("rules", "test", "fruit.yaml", packs=False)
    assert ran.status == 1
    told = re.findall(r"fruit\.yaml:\d+:\d+: fruit: no rule uses the (.+)", ran.out)
    assert told == ["concept ripe", "concept soft", "request fruit.taste"]


def test_a_broken_promise_is_printed_with_its_place(run: Callable[..., Ran]) -> None:
    ran = run("rules", "test", SHOP, packs=False)
    assert ran.status == 1
    assert re.search(r"shop\.yaml:\d+:\d+: shop/cash: no clean rewrite", ran.out)
    assert run("rules", "test", SHOP, "shop/slow", packs=False).status == 0


def test_rules_are_listed_and_shown_as_written(run: Callable[..., Ran]) -> None:
    listed = json.loads(run("rules", "list", "--json").out)
    assert [rule["rule"] for rule in listed] == ["shop/no-ticket", "shop/cash", "shop/slow", "shop/curt"]
    shown = run("rules", "show", "shop/curt").out
    assert "id: shop/curt" in shown
    assert "自己看" in shown
    assert "shop/slow" not in shown
    assert json.loads(run("rules", "schema", packs=False).out)["title"] == "replylint pack"


def test_help_teaches_every_command_in_both_languages(run: Callable[..., Ran]) -> None:
    top = run("--help", packs=False)
    assert top.status == 0
    assert "审聊天记录" in top.out
    for language in ("zh", "en"):
        ran = run("audit", "--help", "--lang", language, packs=False)
        assert ran.out.count("  replylint audit ") == 4
    assert run(packs=False).status == 2


def test_the_demo_runs_on_the_bundled_packs_and_logs(run: Callable[..., Ran], tmp_path: Path) -> None:
    ran = run("demo", "--out", "demo-out", packs=False)
    assert ran.status == 0, ran.err
    assert "invoice/refusal" in ran.out
    summary = json.loads((tmp_path / "demo-out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["conversations"] == 74
    assert summary["problems"] == 0


# -- the world around it ---------------------------------------------------------------------------------


def test_output_is_utf8_whatever_the_locale(spawn: Callable[..., Ran]) -> None:
    ran = spawn("check", "--lang", "zh", stdin=REFUSAL, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert "不开发票" in ran.out


def test_nobody_reading_the_output_is_no_reason_to_complain(tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text(REFUSAL * 3000, encoding="utf-8")
    command = [*PROGRAM, "check", "many.txt", "--packs", SHOP]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=ENVIRONMENT
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.readline()
        program.stdout.close()
        assert program.stderr.read() == b""
        assert program.wait(timeout=20) == 141


def test_ctrl_c_ends_quietly_and_leaves_no_half_written_file(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(
        '{"id": "c", "turns": [{"role": "agent", "text": "不开发票"}]}\n' * 60_000, encoding="utf-8"
    )
    command = [*PROGRAM, "audit", "log.jsonl", "--out", "out", "--jobs", "2", "--packs", SHOP]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=ENVIRONMENT, start_new_session=True
    ) as program:
        deadline = time.monotonic() + 60
        # Its processes are at work: just forked they have not learnt yet to leave Ctrl-C alone.
        while not list(tmp_path.glob("out/.audit/parts/*")) and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(program.pid, signal.SIGINT)
        assert program.stderr is not None
        assert program.stderr.read().decode() == "replylint: 已中断。\n"
        assert program.wait(timeout=20) == 130
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".audit"], "kept for going on"


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=["a person looks", "NO_COLOR", "a dumb terminal"],
)
def test_colours_are_for_people(tmp_path: Path, environ: dict[str, str], coloured: bool) -> None:
    (tmp_path / "r.txt").write_text(REFUSAL, encoding="utf-8")
    ours, theirs = pty.openpty()
    command = [*PROGRAM, "check", "r.txt", "--packs", SHOP]
    subprocess.run(command, stdout=theirs, cwd=tmp_path, env={**ENVIRONMENT, "TERM": "xterm", **environ}, check=False)
    os.close(theirs)
    shown = os.read(ours, 4096).decode(errors="replace")
    os.close(ours)
    assert ("\x1b[" in shown) == coloured
    assert "不开发票" in shown.replace("\x1b", "")


def test_an_old_file_is_replaced_whole_and_keeps_its_permissions(run: Callable[..., Ran], tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    run("check", "--format", "json", "--output", "out.json", stdin=REFUSAL)
    assert json.loads(target.read_text(encoding="utf-8"))["results"][0]["action"] == "block"
    assert target.stat().st_mode & 0o777 == 0o640
    assert run("check", "--output", "no/such/dir.json", stdin=REFUSAL).status == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_mcp_without_its_library_says_what_to_install(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "replylint.mcp_server", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    ran = run("mcp")
    assert (ran.status, ran.out) == (2, "")
    assert "pip install 'replylint[mcp]'" in ran.err
