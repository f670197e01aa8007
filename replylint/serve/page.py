"""The try-it page: one HTML file, allowed to load nothing but what stands in it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple


class Page(NamedTuple):
    """The HTML and the headers it is sent with."""

    html: bytes
    headers: Mapping[str, str]


def read_page() -> Page:
    """The page that comes with the package. Its one style and one script are allowed by their hashes."""
    html = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
    policy = (
        "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors 'none'; style-src {_hash(html, 'style')}; script-src {_hash(html, 'script')}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Page(html.encode("utf-8"), headers)


def _hash(html: str, tag: str) -> str:
    inside = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
    assert inside is not None, f"page.html has no <{tag}>"
    return f"'sha256-{b64encode(sha256(inside[1].encode()).digest()).decode()}'"
