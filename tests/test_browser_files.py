"""The files of the browser extension fit each other; what it does is checked in a real browser by `make e2e`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import replylint
from replylint.model import PLATFORMS

HOME = Path(__file__).parent.parent / "hooks" / "browser"
LOCALES = sorted(path.name for path in (HOME / "_locales").iterdir())


def _json(name: str) -> Any:
    return json.loads((HOME / name).read_text(encoding="utf-8"))


def _profiles() -> list[dict[str, Any]]:
    """The data of profiles.js: JSON behind an assignment."""
    text = (HOME / "profiles.js").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text.partition(" = ")[2].rstrip().removesuffix(";"))
    return found


def _used() -> set[str]:
    """The texts that scripts, options page and manifest ask for."""
    code = "".join(path.read_text(encoding="utf-8") for path in HOME.glob("*.js"))
    page = (HOME / "options.html").read_text(encoding="utf-8")
    named = set(re.findall(r'say\(\s*"(\w+)"', code)) | set(re.findall(r'data-say="(\w+)"', page))
    chosen = {word for pair in re.findall(r'say\(\w+[^)"]*\? "(\w+)" : "(\w+)"\)', code) for word in pair}
    either = {word for pair in re.findall(r'say\([^)]*\? "(\w+)" : "(\w+)"\)', code) for word in pair}
    manifest = set(re.findall(r"__MSG_(\w+)__", (HOME / "manifest.json").read_text(encoding="utf-8")))
    return named | chosen | either | manifest | {"block", "warn"}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_there_and_none_is_left_over(locale: str) -> None:
    messages = _json(f"_locales/{locale}/messages.json")
    assert set(messages) == _used()
    assert all(message["message"].strip() for message in messages.values())


def test_chinese_and_english_are_spoken() -> None:
    assert LOCALES == ["en", "zh_CN"]


def test_every_known_site_has_its_permission_and_no_other_is_asked() -> None:
    manifest = _json("manifest.json")
    sites = [site for profile in _profiles() for site in profile["matches"] if site != "*"]
    assert manifest["content_scripts"][0]["matches"] == sites
    assert manifest["host_permissions"] == ["http://127.0.0.1/*", "http://localhost/*"]


@pytest.mark.parametrize("profile", _profiles(), ids=lambda profile: profile["name"])
def test_a_profile_says_where_the_box_is_and_what_sends(profile: dict[str, Any]) -> None:
    known = {"name", "matches", "platform", "box", "send", "sendWords", "keys", "messages", "buyer", "agent", "text"}
    assert {"name", "matches", "box", "send"} <= profile.keys() <= known
    assert profile.get("platform", "other") in PLATFORMS
    assert not {"buyer", "agent"} <= profile.keys(), "one of them is enough; the other follows"


def test_the_last_profile_is_the_one_for_any_page() -> None:
    assert _profiles()[-1]["matches"] == ["*"]


def test_the_version_is_that_of_the_package() -> None:
    assert _json("manifest.json")["version"] == replylint.__version__
