"""The code that a page of the documentation shows, to be run as it stands there."""

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"


def run_python_of(page: str, **given: Any) -> dict[str, Any]:
    """Runs the page's first Python block; returns the names it defined. `given` is what a reader has already."""
    block = re.search(r"^```python\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert block is not None
    names = dict(given)
    exec(compile(block[1], page, "exec"), names)
    return names
