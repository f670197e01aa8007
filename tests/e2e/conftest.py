"""What the checks against real components need; each says what is missing when it is skipped."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Playwright
    from serving import Served

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is an end-to-end check."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; REPLYLINT_CHROMIUM names another one than the system's."""
    path = os.environ.get("REPLYLINT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium, or set REPLYLINT_CHROMIUM")
    return path


def environment(name: str, module: str) -> str:
    """The Python that has a component: an environment of `make e2e`, else this one. Skips when neither has it."""
    home = Path(os.environ.get("REPLYLINT_E2E_HOME", ROOT / ".e2e"))
    python = home / name / "bin" / "python"
    if python.exists():
        return str(python)
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"no {module}: run scripts/e2e_setup.sh, or set REPLYLINT_E2E_HOME")
    return sys.executable


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """The browser's driver. Its event loop runs until it ends, so not beyond a module: others want their own."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.skip("no Playwright: pip install --group e2e")
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """The service with all bundled packs."""
    from serving import serving

    with serving() as service:
        yield service
