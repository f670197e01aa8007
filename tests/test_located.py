"""Strict YAML: what is read, what is refused, and where each problem is said to be."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from replylint import located
from replylint.linter import bundled_rules
from replylint.located import Node, parse, read
from replylint.source import Mark, Problem, did_you_mean

PACKS = sorted(bundled_rules().glob("*.yaml"))


def said(text: str) -> list[str]:
    return [str(problem) for problem in parse(text, "f.yaml")[1]]


def node(text: str) -> Node:
    found, problems = parse(text, "f.yaml")
    assert problems == ()
    assert found is not None
    return found


def plain(found: Node | None) -> object:
    """The values without their marks."""
    if found is None or found.value is None or isinstance(found.value, str):
        return None if found is None else found.value
    if isinstance(found.value, tuple):
        return [plain(member) for member in found.value]
    return {key: plain(value) for key, value in found.value.items()}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("a: 1.10", {"a": "1.10"}, id="a number stays as written"),
        pytest.param("a: [yes, no, on, 0x1F, 1e3, 2026-11-01]", {"a": ["yes", "no", "on", "0x1F", "1e3", "2026-11-01"]},
                     id="no scalar is converted"),
        pytest.param("a: ~\nb: null\nc:\n", {"a": None, "b": None, "c": None}, id="plain nulls are None"),
        pytest.param("a: '~'\nb: \"null\"\nc: ''\n", {"a": "~", "b": "null", "c": ""}, id="quoted nulls are text"),
        pytest.param("a: |\n  x\n  y\n", {"a": "x\ny\n"}, id="a block scalar keeps its lines"),
        pytest.param("1: x\ntrue: y", {"1": "x", "true": "y"}, id="a plain key is the text it is written as"),
        pytest.param("<<: {a: 1}", {"<<": {"a": "1"}}, id="a merge key merges nothing"),
        pytest.param("\ufeffa: 1", {"a": "1"}, id="a byte order mark is skipped"),
        pytest.param("", None, id="an empty file is None"),
        pytest.param("# only a comment\n", None, id="a file of comments is None"),
        pytest.param("[[], {}]", [[], {}], id="empty collections stay empty"),
    ],
)  # fmt: skip
def test_what_is_read(text: str, value: object) -> None:
    assert plain(node(text)) == value


def test_every_value_and_key_knows_its_place() -> None:
    root = node("a: 1\n词语:\n  - 甲\n  - 乙: [x]\n")
    assert root.keys == {"a": Mark("f.yaml", 1, 1), "词语": Mark("f.yaml", 2, 1)}
    members = located.sequence(located.mapping(root, [])["词语"], [])
    assert members[0].mark == Mark("f.yaml", 3, 5)
    assert members[1].keys == {"乙": Mark("f.yaml", 4, 5)}
    assert located.mapping(members[1], [])["乙"].mark == Mark("f.yaml", 4, 8)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param("a: 1\nb: 2\na: 3\n", ["f.yaml:3:1: key 'a' is already given in line 1"], id="duplicate key"),
        pytest.param("- &x 1\n- *x\n",
                     ["f.yaml:1:3: anchor &x is not allowed",
                      "f.yaml:2:3: alias *x is not allowed; write the value out"], id="anchor and alias"),
        pytest.param("a: !!python/object/apply:os.system [x]",
                     ["f.yaml:1:4: tag tag:yaml.org,2002:python/object/apply:os.system is not allowed"],
                     id="a tag that would run a program"),
        pytest.param("a: !!str 1", ["f.yaml:1:4: tag tag:yaml.org,2002:str is not allowed"], id="a harmless tag"),
        pytest.param("? [a]\n: 1\n? {b: c}\n: 2\n",
                     ["f.yaml:1:3: a key must be text", "f.yaml:3:3: a key must be text"], id="complex keys"),
        pytest.param("~: 1", ["f.yaml:1:1: a key must be text"], id="a key that is null"),
        pytest.param("a: 1\n---\nb: 2\n", ["f.yaml:2:1: a second document is not allowed"], id="two documents"),
        pytest.param("a: \x01\nb: \x1b[0m\n",
                     ["f.yaml:1:4: control character U+0001 is not allowed",
                      "f.yaml:2:4: control character U+001B is not allowed"], id="control characters"),
        pytest.param("a:\r\n  - \ud800", ["f.yaml:2:5: lone surrogate U+D800 is not allowed"], id="lone surrogate"),
        pytest.param("&a a: !x 1\na: 2\n",
                     ["f.yaml:1:1: anchor &a is not allowed", "f.yaml:1:7: tag !x is not allowed",
                      "f.yaml:2:1: key 'a' is already given in line 1"], id="several problems come in reading order"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, problems: list[str]) -> None:
    assert said(text) == problems


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "\t- x", "'", "a\nb: c", "%YAML 3.0\n---\na", "{", "- a\n b: c"])
def test_broken_yaml_is_one_located_problem_and_no_node(text: str) -> None:
    found, problems = parse(text, "f.yaml")
    assert found is None
    assert len(problems) == 1
    assert problems[0].mark.path == "f.yaml"


def test_a_lesser_problem_leaves_the_rest_readable() -> None:
    found, problems = parse("a: 1\na: 2\nb: !x 3\n", "f.yaml")
    assert len(problems) == 2
    assert plain(found) == {"a": "1", "b": "3"}


def test_forty_levels_are_read_and_one_more_is_refused() -> None:
    assert said("[" * 40 + "]" * 40) == []
    assert said("[" * 41 + "]" * 41) == ["f.yaml:1:41: is nested deeper than 40 levels"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 1_000_000, id="a million brackets"),
        pytest.param("- " * 500_000, id="half a million dashes"),
        pytest.param("a: 1\n" * 200_000, id="the same key again and again"),
        pytest.param("\n" * 1_000_000 + "\x00" * 1_000_000, id="control characters behind a million lines"),
        pytest.param("? \n" * 100_000, id="question marks"),
        pytest.param("- &a [*a, *a]\n" * 100_000, id="aliases"),
    ],
)
def test_hostile_files_end_soon_with_few_problems(text: str) -> None:
    started = time.process_time()
    problems = said(text)
    assert time.process_time() - started < 10
    assert 1 <= len(problems) <= located.MOST_PROBLEMS


@given(st.text(alphabet="ab1:-?[]{},&*!|>'\"#%~ \n\t\r\x00\x85\ud800\ufeff中", max_size=40))
def test_parse_never_raises_and_problems_lie_in_the_text(text: str) -> None:
    found, problems = parse(text, "f.yaml")
    assert found is not None or problems
    for problem in problems:
        assert 1 <= problem.mark.line <= len(text) + 1
        assert 1 <= problem.mark.column <= len(text) + 1


words = st.text(alphabet="ab中~1", min_size=1, max_size=4)
trees = st.recursive(
    st.one_of(st.none(), words),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


def written(tree: object) -> str:
    if isinstance(tree, list):
        return "[" + ", ".join(map(written, tree)) + "]"
    if isinstance(tree, dict):
        return "{" + ", ".join(f"'{key}': {written(value)}" for key, value in tree.items()) + "}"
    return "~" if tree is None else f"'{tree}'"


@given(trees)
def test_a_written_tree_is_read_back(tree: object) -> None:
    assert plain(node(written(tree))) == tree


def test_a_file_is_read_with_its_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    found, problems = read(file)
    assert (plain(found), problems) == ({"a": "1"}, ())


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        pytest.param("a: 1\nb: 中".encode() + b"\xff", 2, 5, "is not UTF-8: byte 0xff at offset 11", id="stray byte"),
        pytest.param("a: 中".encode("utf-16"), 1, 1, "is not UTF-8: byte 0xff at offset 0", id="UTF-16"),
        pytest.param(b"\xef\xbb\xbfa: \xc0", 1, 4, "is not UTF-8: byte 0xc0 at offset 6", id="behind a BOM"),
        pytest.param(b"#" * (located.MOST_BYTES + 1), 1, 1, "is larger than 8388608 bytes", id="too large"),
    ],
)
def test_an_unreadable_file_says_why(tmp_path: Path, data: bytes, line: int, column: int, message: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(data)
    assert read(file) == (None, (Problem(Mark(str(file), line, column), message),))


def test_a_missing_file_a_folder_and_an_impossible_name_are_problems(tmp_path: Path) -> None:
    assert "No such file" in read(tmp_path / "none.yaml")[1][0].message
    assert read(tmp_path)[1][0].message == "is not a regular file"
    assert "cannot be read" in read(tmp_path / "a\0b")[1][0].message


@pytest.mark.parametrize(
    ("word", "hint"),
    [("serverity", "; did you mean 'severity'?"), ("zzz", ""), ("severity" * 100_000, "")],
    ids=["a near word is offered", "a far word is not", "a huge word is not compared"],
)
def test_did_you_mean(word: str, hint: str) -> None:
    assert did_you_mean(word, ["severity", "message"]) == hint


def test_the_reading_helpers_collect_every_problem() -> None:
    root = node("nmae: x\nlevel: hgih\ncount: 11\non: yes\nwords: ['', a, [b]]\nname:\nmap: []\nlist: {}\n")
    problems: list[Problem] = []
    values = located.mapping(root, problems)
    located.check_keys(root, ("name", "level", "count", "on", "words", "map", "list"), problems, "a rule")
    assert located.one_of(values["level"], ("high", "low"), problems) == ""
    assert located.whole(values["count"], problems, 0, 10) == 0
    assert located.boolean(values["on"], problems) is False
    assert located.strings(values["words"], problems) == ("a",)
    assert located.text(values["name"], problems) == ""
    assert located.mapping(values["map"], problems) == {}
    assert located.sequence(values["list"], problems) == ()
    assert [str(problem) for problem in problems] == [
        "f.yaml:1:1: unknown key 'nmae' in a rule; did you mean 'name'?",
        "f.yaml:2:8: 'hgih' is none of high, low; did you mean 'high'?",
        "f.yaml:3:8: must be a whole number from 0 to 10, not '11'",
        "f.yaml:4:5: must be true or false, not 'yes'",
        "f.yaml:5:9: must not be blank",
        "f.yaml:5:16: must be text, not a list",
        "f.yaml:6:6: must be text, not nothing",
        "f.yaml:7:6: must be a mapping, not a list",
        "f.yaml:8:7: must be a list, not a mapping",
    ]


def test_the_reading_helpers_give_good_values_without_problems() -> None:
    problems: list[Problem] = []
    values = located.mapping(node("a: low\nb: -3\nc: true\nd: one\ne: [x, y]\n"), problems)
    assert located.one_of(values["a"], ("high", "low"), problems) == "low"
    assert located.whole(values["b"], problems, -5, 5) == -3
    assert located.boolean(values["c"], problems) is True
    assert located.strings(values["d"], problems) == ("one",)
    assert located.strings(values["e"], problems) == ("x", "y")
    assert problems == []


@pytest.mark.parametrize("number", ["1.0", "１", "0x1", "1_000", "9" * 5_000, "", "٣"])
def test_only_ascii_digits_make_a_whole_number(number: str) -> None:
    problems: list[Problem] = []
    assert located.whole(node(f"'{number}'"), problems, 0, 10**30) == 0
    assert len(problems) == 1


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_a_pack_reads_the_same_without_libyaml(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own parser is stricter: [心里没?] is an error there, ["心里没?"] is not."""
    with_libyaml = read(path)
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert read(path) == with_libyaml
    assert with_libyaml[1] == ()
