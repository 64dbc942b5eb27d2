"""A real process: signals, order, exit codes. Each test runs a small program of its own."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
START_SECONDS = 20

PROGRAM = """
import asyncio, signal, sys, time
from services.common import logs, process
from services.common.config import ConfigurationError

logs.configure()

async def main(lifecycle):
    async def close_database():
        print("database closed", flush=True)
    lifecycle.add_closer("database", close_database)
{body}
    print("started", flush=True)

sys.exit(process.run(main, shutdown_grace_seconds={grace}))
"""

WORK_IN_FLIGHT = """
    async def work():
        await lifecycle.stopping.wait()
        print("finishing", flush=True)
        await asyncio.sleep(0.2)
        print("finished", flush=True)
    lifecycle.supervise("work", work(), drain_seconds=10)
"""
HANGS = """
    async def hang():
        print("hanging", flush=True)
        await asyncio.Event().wait()
    lifecycle.add_closer("server", hang)
    lifecycle.supervise("work", asyncio.Event().wait())
"""
BLOCKS = """
    async def block():
        await lifecycle.stopping.wait()
        print("blocking", flush=True)
        time.sleep(60)
    lifecycle.supervise("work", block(), drain_seconds=10)
"""
STAYS = """
    import threading
    threading.Thread(target=time.sleep, args=(60,)).start()
    await asyncio.to_thread(print, "a thread of the loop's own", flush=True)
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)
    lifecycle.supervise("work", asyncio.Event().wait())
"""
FAILS = """
    async def fail():
        await asyncio.sleep(0.01)
        raise RuntimeError("unforeseen")
    lifecycle.supervise("work", fail())
"""
STOPS = """
    async def stop():
        raise process.Stop("offsets have a gap")
    lifecycle.supervise("work", stop())
"""
WRONG = """
    raise ConfigurationError("set EXAMPLE_CREDENTIALS_FILE")
"""
DONE = ""

Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start programs, and end those that are left."""
    started: list[Process] = []

    async def run(body: str, *, grace: float = 10) -> Process:
        program = PROGRAM.format(body=body, grace=grace)
        made = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, cwd=ROOT, stdout=PIPE, stderr=PIPE
        )
        started.append(made)
        return made

    yield run
    for one in started:
        if one.returncode is None:
            one.kill()
            await one.communicate()


async def until(process: Process, line: str) -> None:
    """Read what the program prints up to a line."""
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        while (printed := await process.stdout.readline()) != f"{line}\n".encode():
            assert printed, f"the program ended without printing {line!r}"


async def end_of(process: Process) -> tuple[int | None, str, str]:
    """Wait for the end; return code, what was still printed, and the log."""
    async with asyncio.timeout(START_SECONDS):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_work_in_flight_finish_before_the_database_is_closed(
    start: Start, number: signal.Signals
) -> None:
    """Code 0: it was asked to stop and did."""
    process = await start(WORK_IN_FLIGHT)
    await until(process, "started")
    process.send_signal(number)
    code, printed, _ = await end_of(process)
    assert (code, printed.split("\n")[:3]) == (0, ["finishing", "finished", "database closed"])


async def test_a_second_signal_ends_the_process_at_once(start: Start) -> None:
    """Who is in a hurry says it twice; the code is 128 and the signal."""
    process = await start(HANGS, grace=60)
    await until(process, "started")
    process.terminate()
    await until(process, "hanging")
    process.terminate()
    code, printed, _ = await end_of(process)
    assert (code, printed) == (128 + signal.SIGTERM, "")


async def test_a_second_signal_ends_also_a_process_whose_loop_is_blocked(start: Start) -> None:
    """A loop that does not turn handles no callback; the signal itself does it."""
    process = await start(BLOCKS, grace=60)
    await until(process, "started")
    process.terminate()
    await until(process, "blocking")
    process.terminate()
    code, _, _ = await end_of(process)
    assert code == 128 + signal.SIGTERM


async def test_when_the_grace_is_spent_the_rest_is_still_closed(start: Start) -> None:
    """Code 124 says that work was cut off."""
    process = await start(HANGS, grace=0.1)
    await until(process, "started")
    process.terminate()
    code, printed, log = await end_of(process)
    assert (code, printed) == (124, "hanging\ndatabase closed\n")
    assert '"closer": "server"' in log


async def test_a_blocked_loop_cannot_outlive_the_grace(start: Start) -> None:
    """A thread ends the process two seconds later."""
    process = await start(BLOCKS, grace=0.1)
    await until(process, "started")
    process.terminate()
    code, _, _ = await end_of(process)
    assert code == 124


async def test_threads_of_libraries_cannot_outlive_what_is_closed(start: Start) -> None:
    """Neither one that the loop waits for nor one of the interpreter's; the code stays."""
    process = await start(STAYS)
    await until(process, "started")
    process.terminate()
    code, printed, _ = await end_of(process)
    assert (code, printed) == (0, "database closed\n")


@pytest.mark.parametrize(
    ("body", "expected", "logged"),
    [
        (DONE, 0, "process_stops"),
        (FAILS, 1, "RuntimeError: unforeseen"),
        (WRONG, 2, "set EXAMPLE_CREDENTIALS_FILE"),
        (STOPS, 70, "offsets have a gap"),
    ],
    ids=["done", "fails", "configuration", "on purpose"],
)
async def test_the_exit_code_says_how_it_ended(
    start: Start, body: str, expected: int, logged: str
) -> None:
    """And the log says why; what was opened is closed in each case."""
    code, printed, log = await end_of(await start(body))
    assert code == expected
    assert logged in log
    assert "database closed" in printed
