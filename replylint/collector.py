"""When not to look for garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Whoever makes a hundred thousand values that all stay (modules, packs) need not have them searched for garbage
    again and again.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def start_collecting() -> None:
    """Looks for garbage from here on, among what comes: all that a program has made by now stays."""
    gc.freeze()
    gc.enable()
