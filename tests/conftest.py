"""What many tests share: the linter over the bundled packs, built once."""

import pytest

from replylint.linter import Linter, bundled_folder
from replylint.text import Folder


@pytest.fixture(scope="session")
def linter() -> Linter:
    return Linter()


@pytest.fixture(scope="session")
def folder() -> Folder:
    return bundled_folder()
