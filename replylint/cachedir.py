"""Where this library keeps what it can make again."""

import os
from pathlib import Path


def cache_home() -> Path:
    """Our directory below the user's cache; never the shared temporary one, where anybody could leave a file."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "replylint"
