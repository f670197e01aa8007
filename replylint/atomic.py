"""A file that appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file next to `path` that takes its place when the block ends well, and vanishes when it does not.

    Links are followed and an old file's permissions are kept. What is no regular file (`/dev/stdout`, a pipe) is
    written to directly: renaming over it would take the device away. Raises OSError.
    """
    target = path.resolve() if path.is_symlink() else path
    if target.exists() and not target.is_file():
        with target.open("wb") as device:
            yield device
        return
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def clear_remains(path: Path) -> None:
    """Removes what writers of `path` left that were killed; nobody else may be writing it."""
    for remains in path.parent.glob(f".{escape(path.name)}.*.part"):
        with suppress(OSError):
            remains.unlink()


def _umask() -> int:
    # It can only be read by setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
