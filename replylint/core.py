"""The hot path in C, where it was built; None elsewhere.

What it offers has a twin in Python (`matcher`, `lexis`, `index`, `passage`), which says what it does and gives the same
results.
"""

from __future__ import annotations

from typing import Any

_API = 6
"""What its source says now; a core that was built from an older one is not used."""

core: Any
try:
    from replylint import _core
except ImportError:
    core = None
else:
    core = _core if getattr(_core, "API", 0) == _API else None
