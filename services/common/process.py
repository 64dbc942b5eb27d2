"""The life of a process: start, serve, stop in order, and end with a code that says how.

    async def main(lifecycle: Lifecycle) -> None:
        database = await Database.connect(...)
        lifecycle.add_closer("database", database.close)
        lifecycle.supervise("relay", relay.run())

    raise SystemExit(process.run(main, shutdown_grace_seconds=20))

`main` builds and returns; while something is supervised the process goes on until SIGTERM or
SIGINT, or until a supervised task ends. With nothing supervised, the process ends with `main`.

Stopping: `lifecycle.stopping` is set; `main`, if it still runs, has `main_drain_seconds` to return
and is cancelled then; after that everything that was added is closed in the opposite order, the
last first, tasks among it, all within the grace. What libraries still run then has five seconds
to end. A second signal ends the process at once.

Exit codes:
    0        stopped when asked to, or `main` was done
    1        an exception that nobody foresaw, in `main`, in a task or in a closer
    2        the configuration cannot work (`config.ConfigurationError`)
    70       code stopped the process on purpose (`Stop`): start it again
    124      the grace was spent before everything was closed
    128 + n  a second signal n
"""

import asyncio
import contextlib
import faulthandler
import gc
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any, ClassVar, Final

import uvloop

from services.common.config import EXIT_CONFIGURATION, ConfigurationError
from services.common.logs import get_logger

EXIT_CLEAN: Final = 0
EXIT_FAILED: Final = 1
EXIT_STOPPED: Final = 70
EXIT_GRACE_SPENT: Final = 124
EXIT_SIGNAL_OFFSET: Final = 128

CLOSER_LEAST_SECONDS: Final = 0.25
"""Even with the grace spent, each closer has this long."""

WATCHDOG_SECONDS: Final = 2.0
"""So long after the grace a thread ends a process whose event loop is blocked."""

LEAVE_SECONDS: Final = 5.0
"""So long a process has after its last closer, for threads of libraries and its interpreter."""

COLLECT_AFTER_OBJECTS: Final = 50_000
"""Containers made and not yet freed before the collector of cycles looks at the young ones."""
MAXIMUM_CLOSERS: Final = 1_000
"""More than this is a leak: something adds a closer for each request."""

log = get_logger()

Closer = Callable[[], Awaitable[object]]
Main = Callable[["Lifecycle"], Awaitable[None]]


class Stop(Exception):  # noqa: N818  (an order, not an error)
    """Raised in `main` or in a supervised task to end the process with code 70.

    For what only a fresh start can heal: retries are spent, offsets have a gap. `code` is the
    reason in UPPER_SNAKE, for logs and alerts.
    """

    code: ClassVar[str] = "STOP"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TaskEndedError(Exception):
    """A supervised task returned although nobody had asked it to."""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    name: str
    close: Closer


class Lifecycle:
    """What runs in a process and has to be closed; one for each process (or test)."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        """Set once when the process is asked to stop; whoever waits for long watches it."""
        self._entries: list[_Entry] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None

    def add_closer(self, name: str, close: Closer) -> None:
        """Have `close()` awaited when the process stops; the last added is the first closed."""
        if len(self._entries) >= MAXIMUM_CLOSERS:
            raise RuntimeError(f"more than {MAXIMUM_CLOSERS} closers: is one added per request?")
        self._entries.append(_Entry(name=name, close=close))

    def supervise(
        self,
        name: str,
        coroutine: Coroutine[Any, Any, object],
        *,
        drain_seconds: float = 0.0,
        may_end: bool = False,
    ) -> asyncio.Task[None]:
        """Run a coroutine beside the others; the process stops when it fails or ends.

        When its turn to close comes it has `drain_seconds` to return by itself (it should watch
        `stopping`) and is then cancelled. With `may_end` its return is nothing special.
        """
        task = asyncio.create_task(self._watched(name, coroutine, may_end=may_end), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

        async def close() -> None:
            await _end_task(task, drain_seconds=drain_seconds)

        self.add_closer(name, close)
        return task

    def request_stop(self, failure: BaseException | None = None) -> None:
        """Ask the process to stop; the first failure decides the exit code."""
        if self._failure is None:
            self._failure = failure
        self.stopping.set()

    async def live(
        self, main: Main, *, shutdown_grace_seconds: float, main_drain_seconds: float = 0.0
    ) -> int:
        """Run `main` and what it supervises until the stop, close everything, return the code."""
        loop = asyncio.get_running_loop()
        runner = asyncio.create_task(self._run_main(main), name="main")
        try:
            await self.stopping.wait()
        finally:
            deadline = loop.time() + shutdown_grace_seconds
            with _watchdog(shutdown_grace_seconds + WATCHDOG_SECONDS):
                in_time = await self._close_all(runner, main_drain_seconds, deadline)
        return self._exit_code(in_time=in_time)

    async def _run_main(self, main: Main) -> None:
        try:
            await main(self)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self.request_stop(error)
        else:
            if not self._tasks:
                self.stopping.set()

    async def _watched(
        self, name: str, coroutine: Coroutine[Any, Any, object], *, may_end: bool
    ) -> None:
        try:
            await coroutine
        except asyncio.CancelledError:
            # Cancelled by close(), or by its own doing: the second is a failure too.
            if not self.stopping.is_set():
                self.request_stop(TaskEndedError(f"the task {name} was cancelled"))
            raise
        except BaseException as error:
            self.request_stop(error)
        else:
            if not may_end and not self.stopping.is_set():
                self.request_stop(TaskEndedError(f"the task {name} ended by itself"))

    async def _close_all(
        self, runner: asyncio.Task[None], main_drain_seconds: float, deadline: float
    ) -> bool:
        log.info("process_stops", closers=len(self._entries))
        in_time = True
        # Things that main adds while it is being ended are closed too: so main comes first.
        self._entries.append(
            _Entry(name="main", close=lambda: _end_task(runner, drain_seconds=main_drain_seconds))
        )
        while self._entries:
            in_time = await self._close(self._entries.pop(), deadline) and in_time
        return in_time

    async def _close(self, entry: _Entry, deadline: float) -> bool:
        left_seconds = deadline - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(left_seconds, CLOSER_LEAST_SECONDS)) as limit:
                await entry.close()
        except TimeoutError as error:
            if limit.expired():
                log.error("closer_took_too_long", closer=entry.name)
                return False
            self._closer_failed(entry, error)
        except Exception as error:
            self._closer_failed(entry, error)
        return True

    def _closer_failed(self, entry: _Entry, error: Exception) -> None:
        log.error("closer_failed", closer=entry.name, exc_info=error)
        if self._failure is None:
            self._failure = error

    def _exit_code(self, *, in_time: bool) -> int:
        failure = self._failure
        if isinstance(failure, ConfigurationError):
            sys.stderr.write(f"The configuration cannot be used:\n  {failure}\n")
            return EXIT_CONFIGURATION
        if isinstance(failure, SystemExit):
            return failure.code if isinstance(failure.code, int) else EXIT_FAILED
        if isinstance(failure, Stop):
            log.error(
                "process_stopped_on_purpose",
                code=failure.code,
                reason=failure.reason,
                exc_info=failure,
            )
            return EXIT_STOPPED
        if failure is not None:
            log.error("process_failed", exc_info=failure)
            return EXIT_FAILED
        return EXIT_CLEAN if in_time else EXIT_GRACE_SPENT


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than until the process is asked to stop."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()


async def _end_task(task: asyncio.Task[None], *, drain_seconds: float) -> None:
    if not task.done():
        # One turn of the loop is enough for whoever only waits for `stopping`.
        await asyncio.wait({task}, timeout=max(drain_seconds, 0.01))
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait({task})


@contextlib.contextmanager
def _watchdog(seconds: float) -> Iterator[None]:
    # A thread: when the loop is blocked, nothing of asyncio's could end the process.
    timer = threading.Timer(seconds, os._exit, (EXIT_GRACE_SPENT,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def calm_collector(after_objects: int = COLLECT_AFTER_OBJECTS) -> None:
    """Look for cycles less often: what runs here makes many objects, and hardly any in a cycle.

    Looking through all that a batch holds after each 700 allocations took a third of the CPU of
    workers and projectors. Reference counting frees nearly everything at once. What there is when
    this is called stays for good and is never looked through again, so a process that builds much
    at its start calls it again after that. `after_objects` is for one whose work holds more.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(after_objects, 20, 20)


def run(
    main: Main, *, shutdown_grace_seconds: float = 20.0, main_drain_seconds: float = 0.0
) -> int:
    """Run a process to its end on uvloop, with signals, and return its exit code.

    To be called in the main thread, once, with logs configured before. The caller leaves with the
    code: within `LEAVE_SECONDS` the process has ended.
    """
    calm_collector()
    faulthandler.enable()
    # kill -USR1 shows where every thread is: for a process that hangs.
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        code = runner.run(_with_signals(main, shutdown_grace_seconds, main_drain_seconds))
        _leave_soon(code)
    return code


def _leave_soon(code: int) -> None:
    # Closing the loop, and the interpreter, wait for threads without a bound, and gRPC's thread may
    # wait for the loop: then the process listens no more, and nobody starts it again.
    timer = threading.Timer(LEAVE_SECONDS, os._exit, (code,))
    timer.daemon = True
    timer.start()


async def _with_signals(
    main: Main, shutdown_grace_seconds: float, main_drain_seconds: float
) -> int:
    lifecycle = Lifecycle()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_loop_exception)
    received: list[int] = []

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if received:
            os._exit(EXIT_SIGNAL_OFFSET + number)
        received.append(number)
        loop.call_soon_threadsafe(lifecycle.request_stop)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    return await lifecycle.live(
        main,
        shutdown_grace_seconds=shutdown_grace_seconds,
        main_drain_seconds=main_drain_seconds,
    )


def _log_loop_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.error("loop_exception", about=context.get("message"), exc_info=context.get("exception"))
