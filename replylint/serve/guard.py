"""Who may call: a secret where there is one, and on this machine alone no page that the browser has open elsewhere.

A web page may send requests to 127.0.0.1, or give its own host name that address. Both show in the headers Origin and
Host, which a page cannot forge.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_EXTENSIONS = ("chrome-extension://", "moz-extension://")


class Guard(NamedTuple):
    """`secret` is empty on a service for this machine only; `names` are the host names it then answers to."""

    secret: str = ""
    names: tuple[str, ...] = LOOPBACK

    def refusal(self, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """Status and reason when a call is refused, else None. Header names are in small letters."""
        if not self.secret and _name(headers.get("host", "")) not in self.names:
            return 421, "this service answers to " + ", ".join(self.names)
        origin = headers.get("origin", "")
        if origin and not origin.startswith(_EXTENSIONS) and urlsplit(origin).netloc != headers.get("host"):
            return 403, "calls from other web pages are refused"
        given = headers.get("authorization", "").removeprefix("Bearer ") or headers.get("x-api-key", "")
        if self.secret and not hmac.compare_digest(given.encode("utf-8", "replace"), self.secret.encode()):
            return 401, "give the secret as Authorization: Bearer …"
        return None


def is_loopback(host: str) -> bool:
    """Whether a service that listens on this address is for this machine only."""
    return host in LOOPBACK or host.startswith("127.")


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def header_map(raw: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Headers by name in small letters; the first of several counts."""
    found: dict[str, str] = {}
    for name, value in raw:
        found.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return found
