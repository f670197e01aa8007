"""What many tests share: the linter over the bundled packs, built once."""

import asyncio
from collections.abc import Iterator

import pytest

from replylint.linter import Linter, bundled_folder
from replylint.text import Folder


@pytest.fixture(scope="session", autouse=True)
def _own_data_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test leaves a key with the user's data, or uses theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def linter() -> Linter:
    return Linter()


@pytest.fixture(scope="session")
def folder() -> Folder:
    return bundled_folder()


@pytest.fixture
def main_loop() -> Iterator[None]:
    """An event loop for the synchronous calls of asynchronous frameworks, which open one and never close it."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()
