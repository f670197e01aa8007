"""The same function over many items on several processes, results in the order of the items."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 3
"""Batches in flight for each process: enough to keep it busy, few enough to keep a large input out of memory."""

_LOOKS_EVERY = 1.0
"""Seconds between two looks at whether the parent is still there."""


def ordered_map(
    function: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item], jobs: int, batch: int = 32
) -> Iterator[Result]:
    """`function(shared, item)` for every item, in order. With one job everything happens here.

    `function` is a module-level one, `shared` and the items can be pickled; `shared` is unpickled once in a process.
    """
    if jobs <= 1:
        for item in items:
            yield function(shared, item)
        return
    from concurrent.futures import Future, ProcessPoolExecutor

    blob = pickle.dumps(shared)
    source = iter(items)
    waiting: deque[Future[list[Result]]] = deque()
    # The parent is interrupted by Ctrl-C and tells the others; each with its own traceback would bury the message.
    pool = ProcessPoolExecutor(jobs, initializer=_start, initargs=(os.getpid(),))
    try:
        while True:
            while len(waiting) < jobs * _AHEAD and (chunk := list(islice(source, batch))):
                waiting.append(pool.submit(_batch, function, blob, chunk))
            if not waiting:
                return
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def apart(function: Callable[..., Result], *args: Any) -> Result:
    """The result of a module-level function run in a process of its own, whose memory and threads end with it."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, get_context("spawn"), initializer=_start, initargs=(os.getpid(),)) as pool:
        return pool.submit(function, *args).result()


def _start(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    """Ends this process soon after its parent was killed: nobody else would tell it that no more work comes."""
    while os.getppid() == parent:
        time.sleep(_LOOKS_EVERY)
    os._exit(1)


def _batch(function: Callable[[Any, Item], Result], blob: bytes, chunk: list[Item]) -> list[Result]:
    shared = _unpickled(blob)
    return [function(shared, item) for item in chunk]


@lru_cache(maxsize=1)
def _unpickled(blob: bytes) -> Any:
    return pickle.loads(blob)
