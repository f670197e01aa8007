"""The examples a newcomer copies and the output a newcomer is shown, run as a newcomer runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from replylint import Linter, RulePackError, read_profile
from replylint.audit.scorecard import read_card

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"

Run = Callable[..., "subprocess.CompletedProcess[str]"]

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="the Node example needs node")
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="the shell examples need bash")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command in an empty directory, with `replylint` on the PATH as an installation puts it there."""
    program = tmp_path / "bin" / "replylint"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m replylint "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environ = {
        **{name: value for name, value in os.environ.items() if name not in ("LC_ALL", "LC_MESSAGES", "FORCE_COLOR")},
        "PATH": f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "LANG": "C.UTF-8",
    }

    def start(*words: str | Path, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*map(str, words)],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env={**environ, **settings},
            timeout=60,
            check=False,
        )

    return start


def test_the_import_example_says_what_its_comments_say(run: Run) -> None:
    done = run(sys.executable, EXAMPLES / "import_linter.py")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert "能加个微信吗 → 可以的  block" in lines
    assert "能用微信支付吗 → 可以的  allow" in lines
    assert "亲,这款是十年的老白茶  自带 allow  本店 block" in lines
    assert "亲,急事您打13900001234就行  自带 block  本店 allow" in lines
    assert "invoice/refusal「不开发票」 报出" in lines
    refused = next(line for line in lines if line.startswith("亲,我们不开发票的哦 →"))
    assert not refused.endswith(("不开发票的哦", "(不发,转人工)")), "the hook sends the rewrite, not the refusal"


REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("SWAP", {"id": "1", "reply": "可以的", "history": [{"role": "buyer", "text": "能加个微信吗"}]}),
    ("PASS", {"id": "2", "reply": "可以的", "history": [{"role": "buyer", "text": "能开发票吗"}]}),
    ("WARN", {"id": "3", "reply": "亲,色差是没有的,放心拍"}),
    ("PASS", {"id": "4", "reply": '"error": "action": "block", 在的亲'}),
    ("BLOCK", {"id": "5", "text": "no reply in it"}),
]


@needs_bash
def test_the_pipe_hook_answers_every_line_in_order(run: Run) -> None:
    done = run(
        EXAMPLES / "pipe_hook.sh", stdin="".join(json.dumps(wire, ensure_ascii=False) + "\n" for _, wire in REQUESTS)
    )
    answers = [line.split("\t", 1) for line in done.stdout.splitlines()]
    assert [(word, json.loads(answer)["id"]) for word, answer in answers] == [
        (word, wire["id"]) for word, wire in REQUESTS
    ]
    assert done.returncode == 2, "a line could not be read"


@needs_bash
def test_the_pipe_hook_lets_nothing_out_when_a_pack_is_broken(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("pack: 7\n", encoding="utf-8")
    done = run(EXAMPLES / "pipe_hook.sh", "--packs", "broken.yaml", stdin='{"reply": "在的"}\n')
    assert (done.returncode, done.stdout) == (2, "")


@needs_node
def test_the_node_hook_says_what_may_be_sent(run: Run) -> None:
    requests = [*(wire for _, wire in REQUESTS), {"id": "6", "reply": "😊亲,我们不开发票的哦"}]
    lines = "".join(json.dumps(wire, ensure_ascii=False) + "\n" for wire in requests)
    done = run("node", EXAMPLES / "pipe_hook.mjs", stdin=lines)
    answers = {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}
    assert list(answers) == ["1", "2", "3", "4", "5", "6"]
    assert answers["1"]["send"] not in (None, "可以的")
    assert [answers[number]["send"] for number in "23"] == ["可以的", "亲,色差是没有的,放心拍"]
    assert answers["5"] == {"id": "5", "send": None, "because": "reply is missing"}
    assert answers["6"]["because"] == "invoice/refusal 不开发票"
    assert done.returncode == 2, "a line could not be read"


@needs_node
def test_the_node_hook_lets_nothing_out_when_a_pack_is_broken(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("pack: 7\n", encoding="utf-8")
    lines = '{"id": "1", "reply": "在的"}\n{"id": "2", "reply": "好的"}\n'
    done = run("node", EXAMPLES / "pipe_hook.mjs", "--packs", "broken.yaml", stdin=lines)
    assert [json.loads(line)["send"] for line in done.stdout.splitlines()] == [None, None]
    assert done.returncode == 2


def test_the_stream_example_shows_no_offence(run: Run) -> None:
    done = run(sys.executable, EXAMPLES / "stream_reply.py")
    assert (done.returncode, done.stderr) == (0, "")
    fine, blocked = done.stdout.splitlines()
    assert fine.count("|") > 2, "it was shown in pieces"
    assert "不开发票" not in blocked
    assert "⟨换成⟩" in blocked


@needs_bash
def test_the_audit_example_reads_all_three_logs(run: Run, tmp_path: Path) -> None:
    done = run(EXAMPLES / "audit.sh", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    findings = [json.loads(line) for line in (tmp_path / "out" / "findings.jsonl").read_text("utf-8").splitlines()]
    assert {Path(found["log"]).name for found in findings} == {
        "lanting-dress.csv",
        "qinghe-food.txt",
        "wanwu-home.jsonl",
    }
    refusals = [found for found in findings if found["rule"] == "invoice/refusal"]
    assert f"found {len(refusals)} times" in done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == refusals[0]


def test_the_own_pack_proves_itself(run: Run) -> None:
    done = run("replylint", "rules", "test", EXAMPLES / "own-pack.yaml", "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 rules" in done.stdout


def test_a_broken_promise_of_the_own_pack_is_told(run: Run, tmp_path: Path) -> None:
    text = (EXAMPLES / "own-pack.yaml").read_text(encoding="utf-8")
    (tmp_path / "own.yaml").write_text(text.replace("[[可以的亲]]", "[[可以]]的亲"), encoding="utf-8")
    done = run("replylint", "rules", "test", "own.yaml", "--lang", "en")
    assert done.returncode == 1
    assert done.stdout.startswith("own.yaml:")


SHOP_MATTERS = [
    ("a number the shop publishes may be given", "亲,急事您打13900001234就行", "allow"),
    ("anybody else's number may not", "亲,急事您打13900001235就行", "block"),
    ("the shop's own returns address is no personal data", "寄到江南省云上市彩虹区棉花路8号就行", "allow"),
    ("a shop that cannot take cards may say so", "信用卡用不了哦", "allow"),
]


@pytest.mark.parametrize(("reply", "action"), [case[1:] for case in SHOP_MATTERS], ids=[c[0] for c in SHOP_MATTERS])
def test_what_the_shop_profile_changes(linter: Linter, reply: str, action: str) -> None:
    shop = Linter(ruleset=linter.ruleset, shop=EXAMPLES / "shop-profile.yaml")
    assert shop.check(reply).action == action
    assert linter.check(reply).action != "allow", "without the profile it would not show"


def test_the_profile_fills_slots_that_exist(linter: Linter) -> None:
    profile = read_profile(EXAMPLES / "shop-profile.yaml")
    assert profile.slots.keys() <= linter.ruleset.slots.keys()
    assert profile.facts <= {rule.profile_off for rule in linter.ruleset.rules}
    rewrite = Linter(ruleset=linter.ruleset, shop=profile).check("亲,我们不开发票的哦").rewrite
    assert rewrite is not None
    assert profile.slots["开票入口"] in rewrite


def test_what_the_policy_changes(linter: Linter) -> None:
    strict = Linter(ruleset=linter.ruleset, policy=EXAMPLES / "policy.yaml")
    asked = [("buyer", "163 108斤穿什么码")]
    assert [finding.rule for finding in linter.check("亲 拍S", asked).findings] == ["fit/missing-reference"]
    assert strict.check("亲 拍S", asked).findings == ()
    assert linter.check("有问题您打我电话0510-80001235").action == "warn"
    assert strict.check("有问题您打我电话0510-80001235").action == "block"


def test_the_score_card_is_one(linter: Linter) -> None:
    known = {rule.id for rule in linter.ruleset.rules} | {pack.id for pack in linter.ruleset.packs}
    card = read_card(EXAMPLES / "score-card.yaml", known)
    assert (card.grade(98), card.grade(80), card.teams["小暖"]) == ("优", "差", "早班")
    assert card.campaign is not None
    assert card.is_red_line("payment/off-platform-transfer", 1)


def test_a_policy_that_names_no_known_rule_is_refused(linter: Linter, tmp_path: Path) -> None:
    text = (EXAMPLES / "policy.yaml").read_text(encoding="utf-8").replace("fit/missing-reference", "fit/missing")
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RulePackError, match="did you mean 'fit/missing-reference'"):
        Linter(ruleset=linter.ruleset, policy=tmp_path / "policy.yaml")


def _shown(page: Path) -> list[tuple[str, str]]:
    """The commands in a page's console blocks, each with the output shown below it."""
    blocks = re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    steps = [step for block in blocks for step in re.split(r"^\$ ", block, flags=re.MULTILINE) if step]
    return [(command, output) for command, _, output in (step.partition("\n") for step in steps)]


PAGES = [("README.md", "en_US.UTF-8"), ("README.zh-CN.md", "zh_CN.UTF-8")]


@needs_bash
@pytest.mark.parametrize(("page", "language"), PAGES, ids=["in English", "in Chinese"])
def test_the_readme_shows_what_the_program_prints(run: Run, page: str, language: str) -> None:
    steps = _shown(ROOT / page)
    assert len(steps) == 5
    for command, shown in steps:
        printed = run("bash", "-c", command, LANG=language).stdout
        pattern = ".*".join(re.escape(part) for part in shown.rstrip("\n").split("…"))  # … leaves something out
        assert re.fullmatch(pattern, printed.rstrip("\n"), re.DOTALL), f"$ {command}\n{printed}"
