"""Compiled packs on disk: the same judgement from them, and never one from a file that is not what it should be."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replylint import Linter
from replylint.cachedir import cache_home
from replylint.linter import bundled_folder, compiled_rules
from replylint.rule import Ruleset
from replylint.store import cached_rules

PACK = """\
pack: parcels
title: {zh: 包裹, en: Parcels}
about: {zh: 寄件, en: Sending}
concepts:
  dear: [贵, 价高, "卖 ..2 天价"]
rules:
  - id: parcels/dear
    title: {zh: 说贵, en: Says dear}
    severity: error
    points: 2
    message: {zh: 别说贵, en: Do not say dear}
    match:
      - say: "运费(有点|太){dear}"
    bad: ["[[运费有点贵]]呢"]
    good: [{say: 没有运费太贵的说法, because: negated}]
    fix: {reply: [运费以下单页为准哦]}
"""
REPLIES = ("运费有点贵呢", "没有运费太贵的说法", "亲,在的")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return cache_home()


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "parcels.yaml"
    path.write_text(PACK, encoding="utf-8")
    return path


def judged(pack: Path) -> list[list[tuple[str, str]]]:
    linter = Linter(packs=[pack])
    return [[(finding.rule, finding.text) for finding in linter.check(reply).findings] for reply in REPLIES]


RIGHT = [[("parcels/dear", "运费有点贵")], [], []]


def stored(home: Path) -> list[Path]:
    return sorted(home.iterdir()) if home.is_dir() else []


def test_a_stored_pack_judges_as_a_fresh_one(home: Path, pack: Path) -> None:
    assert judged(pack) == RIGHT
    [path] = stored(home)
    made = path.stat().st_mtime_ns
    assert judged(pack) == RIGHT
    assert [path] == stored(home)
    assert path.stat().st_mtime_ns == made


def test_nobody_else_may_read_or_write_what_is_stored(home: Path, pack: Path) -> None:
    judged(pack)
    [path] = stored(home)
    assert (home.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_changed_pack_is_made_anew(home: Path, pack: Path) -> None:
    judged(pack)
    pack.write_text(PACK.replace("贵,", "昂贵,"), encoding="utf-8")
    assert judged(pack) == [[], [], []]
    assert len(stored(home)) == 2


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Ruleset]:
    directory = tmp_path_factory.mktemp("once")
    (directory / "parcels.yaml").write_text(PACK, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(directory))
        ruleset = compiled_rules([directory / "parcels.yaml"], bundled_folder())
    return lambda: ruleset


class MadeAnewError(Exception):
    """Instead of making packs."""


def no_packs() -> Ruleset:
    raise MadeAnewError


@pytest.fixture(scope="module")
def kept(make: Callable[[], Ruleset], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A file of compiled packs, and what is in it."""
    home = tmp_path_factory.mktemp("kept")
    cached_rules("key", home, make)
    [path] = stored(home)
    assert cached_rules("key", home, no_packs).digest == make().digest
    return path, path.read_bytes()


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255), st.sampled_from(["changed", "cut", "longer"]))
def test_a_damaged_file_is_made_anew(kept: tuple[Path, bytes], at: int, by: int, how: str) -> None:
    path, content = kept
    at %= len(content)
    damaged = {
        "changed": content[:at] + bytes([content[at] ^ by]) + content[at + 1 :],
        "cut": content[:at],
        "longer": content + bytes([by]) * (at % 40 + 1),
    }[how]
    path.write_bytes(damaged)
    with pytest.raises(MadeAnewError):
        cached_rules("key", path.parent, no_packs)


def test_a_file_that_ends_with_a_chunk_is_made_anew(kept: tuple[Path, bytes]) -> None:
    path, content = kept
    at = 0
    while at < len(content):
        path.write_bytes(content[:at])
        with pytest.raises(MadeAnewError):
            cached_rules("key", path.parent, no_packs)
        at += 16 + int.from_bytes(content[at : at + 8], "little")
    assert at == len(content)


@pytest.mark.skipif(os.name == "nt", reason="files have no group there")
def test_a_file_that_others_can_write_is_not_used(home: Path, pack: Path) -> None:
    judged(pack)
    [path] = stored(home)
    content = path.read_bytes()
    path.write_bytes(b"\0" * len(content))
    path.chmod(0o666)
    assert judged(pack) == RIGHT
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (content, 0o600)


def test_a_directory_that_cannot_be_made_costs_speed_only(home: Path, pack: Path) -> None:
    home.parent.write_text("in the way", encoding="utf-8")
    assert judged(pack) == RIGHT


def test_the_oldest_compiled_packs_go_when_there_are_many(home: Path, make: Callable[[], Ruleset]) -> None:
    for day in range(20):
        cached_rules(f"{day:02}", home, make)
        newest = max(stored(home), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (day * 86_400, day * 86_400))
    kept = {path.name.rsplit("-", 1)[1] for path in stored(home)}
    assert len(kept) == 16
    assert {"19", "18", "06"} <= kept
    assert "01" not in kept
