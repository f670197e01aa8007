"""Judging within a time limit, off the event loop, with the linter that is in use at that moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from replylint.linter import Linter
from replylint.model import Meta, Report, Turn
from replylint.serve.keeper import Keeper
from replylint.serve.memory import Memory
from replylint.serve.metrics import Metrics

Result = TypeVar("Result")
LOG = logging.getLogger("replylint.serve")


class Bounds(NamedTuple):
    """What the service puts up with. `waiting` requests may queue for a judge; the next one is turned away."""

    body: int = 1_048_576
    reply: int = 10_000
    history: int = 200
    batch: int = 500
    seconds: float = 1.0
    reading: float = 10.0
    waiting: int = 256
    threads: int = 4


class NotJudgedError(Exception):
    """The service could not judge in time. `cause` is timeout, overload or internal."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Service:
    """What all routes share: the linter in use, the memory, the counters and the judges."""

    def __init__(self, keeper: Keeper, memory: Memory, metrics: Metrics, bounds: Bounds | None = None) -> None:
        self.keeper, self.memory, self.metrics, self.bounds = keeper, memory, metrics, bounds or Bounds()
        self._judges = ThreadPoolExecutor(self.bounds.threads, thread_name_prefix="judge")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="reload")
        self._waiting = 0
        metrics.uses(keeper.linter.version)

    async def check(self, reply: str, history: Sequence[Turn], meta: Meta, dialect: str, seconds: float = 0) -> Report:
        """The report of one reply; raises NotJudgedError."""
        report = await self.run(lambda linter: linter.check(reply, history, meta), seconds)
        self.metrics.judged(dialect, report)
        return report

    async def run(self, task: Callable[[Linter], Result], seconds: float = 0) -> Result:
        """What `task` makes of the linter in use, within a time limit (the usual one when 0); raises NotJudgedError.

        A task that takes longer runs on to its own end; only its answer is no longer waited for.
        """
        if self._waiting >= self.bounds.waiting:
            raise NotJudgedError("overload")
        self._waiting += 1
        job = asyncio.get_running_loop().run_in_executor(self._judges, task, self.keeper.linter)
        job.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(job, seconds or self.bounds.seconds)
        except TimeoutError:
            raise NotJudgedError("timeout") from None
        except Exception as error:
            tell(error)
            raise NotJudgedError("internal") from None

    def _done(self, _job: object) -> None:
        self._waiting -= 1

    async def reload(self) -> bool:
        """Reads the packs again, aside; False when they are broken and the old ones stay."""
        done = await asyncio.get_running_loop().run_in_executor(self._reader, self.keeper.reload)
        self.metrics.reloaded("ok" if done else "failed")
        if done:
            self.metrics.uses(self.keeper.linter.version)
            LOG.info("rule packs reloaded: %s", self.keeper.linter.version)
        else:
            for trouble in self.keeper.trouble:
                LOG.error("rule packs not reloaded, the old ones stay: %s", trouble)
        return done

    async def watch(self, every: float) -> None:
        """Reloads whenever a file has changed; ends when cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(every)
            if await loop.run_in_executor(self._reader, self.keeper.changed):
                await self.reload()

    def close(self) -> None:
        """Lets the judges go; those still at work are not waited for."""
        self._judges.shutdown(wait=False, cancel_futures=True)
        self._reader.shutdown(wait=False, cancel_futures=True)


def tell(error: BaseException) -> None:
    """Logs an error of ours by its kind and place only: its text may quote the reply."""
    LOG.error("internal error: %s at %s", type(error).__name__, _place(error))


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
