"""Several processes of each kind over one database, any of which may be killed at any moment.

Who calls an API goes on to the next where one does not answer, with the same request: so do the
clients of a school.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from trellis.scheduler.v1.scheduler_service_pb2_grpc import SchedulerServiceStub

from services.common.rpc.client import connect
from tests.support.clock import write_offset
from tests.support.scheduler_world import DISTRICT, Process, Stage

ROLES = {"api": "api", "planner": "worker", "clock": "worker", "relay": "worker"}
"""The database role of each kind of process."""
UNANSWERED = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
)
ASKED_SECONDS = 120.0
"""Who is not answered for so long, whatever was killed, never is."""
CALL_SECONDS = 8.0


@dataclass
class Replicas:
    """The processes of a stage, each kind `count` times, and who kills them by `seed`."""

    stage: Stage
    seed: int
    free_port: Callable[[], int]
    count: int = 3
    settings: dict[str, str] = field(default_factory=dict)
    processes: dict[str, list[Process]] = field(default_factory=dict)
    kills: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.offset_file = Path(self.stage.directory) / "offset"
        self._ports = [(self.free_port(), self.free_port()) for _ in range(self.count)]
        self._stack = AsyncExitStack()
        self._channels: list[grpc.aio.Channel] = []

    async def __aenter__(self) -> Replicas:
        for port, _ in self._ports:
            channel = connect(f"127.0.0.1:{port}", "principal", retry=False)
            self._channels.append(await self._stack.enter_async_context(channel))
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stack.aclose()

    def start(self, *commands: str) -> None:
        """Start the processes of these kinds."""
        for command in commands:
            self.processes[command] = [self._start(command, place) for place in range(self.count)]

    def _start(self, command: str, place: int) -> Process:
        settings = {
            "SCHEDULER_DEVELOPMENT_DISTRICT": DISTRICT,
            "SCHEDULER_CLOCK_OFFSET_FILE": str(self.offset_file),
            "SCHEDULER_CLOCK_IDLE_SECONDS": "0.05",
            **self.settings,
        }
        if command == "api":
            grpc_port, http_port = self._ports[place]
            settings["SCHEDULER_GRPC_LISTEN"] = f"127.0.0.1:{grpc_port}"
            settings["SCHEDULER_HTTP_LISTEN"] = f"127.0.0.1:{http_port}"
        return self.stage.start(command, ROLES[command], **settings)

    def kill_one(self, command: str = "") -> None:
        """Kill a process, of a kind or of any, and start another in its place."""
        command = command or self.rng.choice(sorted(self.processes))
        place = self.rng.randrange(self.count)
        self.processes[command][place].kill()
        self.kills += 1
        self.processes[command][place] = self._start(command, place)

    def kill_all(self, command: str) -> None:
        """Kill every process of a kind at once, and start others."""
        for process in self.processes[command]:
            process.kill()
        self.kills += self.count
        self.start(command)

    async def kill_within(self, seconds: float, command: str = "") -> None:
        """Kill a process some time from now."""
        await asyncio.sleep(self.rng.uniform(0, seconds))
        self.kill_one(command)

    async def ask(self, stub: type, method: str, request: Any) -> Any:
        """Ask one API after the other, with the same request, until one answers."""
        order: Sequence[int] = self.rng.sample(range(self.count), self.count)
        async with asyncio.timeout(ASKED_SECONDS):
            while True:
                for place in order:
                    call = getattr(stub(self._channels[place]), method)
                    try:
                        return await call(request, timeout=CALL_SECONDS)
                    except grpc.aio.AioRpcError as error:
                        if error.code() not in UNANSWERED:
                            raise
                await asyncio.sleep(0.05)

    def move_to(self, instant: datetime) -> None:
        """Move the time of every process; the file is replaced whole."""
        write_offset(self.offset_file, instant - datetime.now(UTC))


class Asking:
    """A stub of the scheduler's whose calls go to whichever API answers."""

    def __init__(self, replicas: Replicas) -> None:
        self._replicas = replicas

    def __getattr__(self, method: str) -> Callable[[Any], Any]:
        return lambda request: self._replicas.ask(SchedulerServiceStub, method, request)
