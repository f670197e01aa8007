"""The same function over many items on several processes, results in the order of the items."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
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

    `function` is a module-level one, `shared` and the items can be pickled; a process gets `shared` once, where
    processes are forked without copying it.
    """
    if jobs <= 1:
        for item in items:
            yield function(shared, item)
        return
    from concurrent.futures import Future, ProcessPoolExecutor

    source = iter(items)
    waiting: deque[Future[list[Result]]] = deque()
    # The parent is interrupted by Ctrl-C and tells the others; each with its own traceback would bury the message.
    pool = ProcessPoolExecutor(jobs, initializer=_start, initargs=(os.getpid(), shared))
    try:
        while True:
            while len(waiting) < jobs * _AHEAD and (chunk := list(islice(source, batch))):
                waiting.append(pool.submit(_batch, function, chunk))
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


_given: list[Any] = []
"""In a worker: what it shares with the others. A pool has no other place for what its processes keep."""


def _start(parent: int, shared: Any = None) -> None:
    _given.append(shared)
    # What is shared stays to the end: looking for garbage in it would also copy the pages it is on.
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    """Ends this process soon after its parent was killed: nobody else would tell it that no more work comes."""
    while os.getppid() == parent:
        time.sleep(_LOOKS_EVERY)
    os._exit(1)


def _batch(function: Callable[[Any, Item], Result], chunk: list[Item]) -> list[Result]:
    return [function(_given[0], item) for item in chunk]
