"""The processes that are measured, each of the project's interpreter, talked to by lines."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

LINE_BYTES = 1 << 20
SAID_BYTES = 4_000
READY = {"ready": True}
"""The first line of every one of these processes."""


class ChildFailedError(Exception):
    """A process has ended without its answer; the message holds the last of what it said."""


def print_line(answer: Mapping[str, Any]) -> None:
    """Answer whoever started this process."""
    print(json.dumps(answer), flush=True)


class Child:
    """One process; it ends with the block that it was started in."""

    def __init__(self, module: str, running: asyncio.subprocess.Process) -> None:
        self._module = module
        self._running = running

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._running.pid

    def say(self, line: str) -> None:
        """Write a line to it."""
        assert self._running.stdin is not None
        self._running.stdin.write(f"{line}\n".encode())

    def end_input(self) -> None:
        """Close its standard input."""
        assert self._running.stdin is not None
        self._running.stdin.close()

    async def answer(self) -> dict[str, Any]:
        """Return its next line, which is JSON; raise ChildFailedError when there is none."""
        assert self._running.stdout is not None
        line = await self._running.stdout.readline()
        if not line:
            assert self._running.stderr is not None
            said = (await self._running.stderr.read()).decode("utf-8", "replace")
            raise ChildFailedError(f"{self._module} ended without an answer: {said[-SAID_BYTES:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def running(module: str, *arguments: str) -> AsyncIterator[Child]:
    """Start a module as a process."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        limit=LINE_BYTES,
    )
    child = Child(module, process)
    try:
        # What it takes to start Python is no part of any figure.
        if await child.answer() != READY:
            raise ChildFailedError(f"{module} does not say that it is ready")
        yield child
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
