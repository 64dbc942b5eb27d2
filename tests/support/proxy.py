"""A TCP proxy that makes a network go wrong, in front of PostgreSQL, Kafka or gRPC.

For Kafka, advertise its port.

    async with FaultyProxy("127.0.0.1", port) as proxy:
        ...connect to proxy.port...
        proxy.fault = DropReply()       # takes effect at once, also on open connections
        proxy.fault = None              # heals

Faults:
    Reset()             breaks every connection off with a RST, now and as long as it is set
    Latency(seconds)    holds each piece back this long, both ways
    BlackHole()         takes everything, passes nothing, closes nothing
    CutAfter(count)     passes `count` bytes to the client from when it was set, then resets
    DropReply(match, reply)
                        passes requests; once one holds `match`, drops what comes back and, at a
                        piece with `reply`, resets: the work is done and nobody hears of it

The loop of the test runs it; nothing here sleeps but Latency.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal

CHUNK_BYTES = 64 * 1024
CONNECT_SECONDS = 5.0

Direction = Literal["up", "down"]
"""up: from the client to the server; down: back."""


@dataclass
class Reset:
    """Every connection is broken off with a RST."""


@dataclass
class Latency:
    """Each piece is held back this long, both ways."""

    seconds: float


@dataclass
class BlackHole:
    """Nothing passes and nothing is closed."""


@dataclass
class CutAfter:
    """The connection is reset after this many bytes to the client: half a message."""

    count: int


@dataclass
class DropReply:
    """After a request with these bytes (empty: any), the reply is dropped and the connection reset.

    `reply`: what the reply holds (empty: the next piece is the reply). A protocol that sends pieces
    of its own beside replies, as HTTP/2 does, needs it: a reset at a frame that acknowledges a
    setting may come before the work is done.
    `dropped` is set at the reset, so that a test can wait for it.
    """

    match: bytes = b""
    reply: bytes = b""
    matched: bool = False
    dropped: asyncio.Event = field(default_factory=asyncio.Event)


Fault = Reset | Latency | BlackHole | CutAfter | DropReply


class FaultyProxy:
    """Listens on a free port of loopback and passes everything to one address, until told else."""

    def __init__(self, host: str, port: int, *, listen_port: int = 0) -> None:
        """Stand in front of `host:port`; `listen_port` 0 takes a free port."""
        self.host = host
        self.target_port = port
        self.port = listen_port
        self.connections = 0
        """How many were accepted since the start."""
        self._fault: Fault | None = None
        self._healed = asyncio.Event()
        self._healed.set()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def fault(self) -> Fault | None:
        """What goes wrong now."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self._fault = fault
        if isinstance(fault, BlackHole):
            self._healed.clear()
        else:
            self._healed.set()
        if isinstance(fault, Reset):
            self.reset_connections()

    def reset_connections(self) -> None:
        """Break off every open connection with a RST, once."""
        for writer in list(self._open):
            _abort(writer)

    async def __aenter__(self) -> FaultyProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.reset_connections()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self._open.add(writer)
        try:
            await self._connect_and_pump(reader, writer)
        except (OSError, TimeoutError):
            _abort(writer)
        except asyncio.CancelledError:
            # Only the end of the proxy cancels; asyncio's streams complain of a cancelled callback.
            _abort(writer)
        finally:
            self._open.discard(writer)
            self._tasks.discard(task)

    async def _connect_and_pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if isinstance(self._fault, Reset):
            _abort(writer)
            return
        await self._healed.wait()
        async with asyncio.timeout(CONNECT_SECONDS):
            server_reader, server_writer = await asyncio.open_connection(
                self.host, self.target_port
            )
        self._open.add(server_writer)
        up = asyncio.create_task(self._pump(reader, server_writer, "up"))
        down = asyncio.create_task(self._pump(server_reader, writer, "down"))
        try:
            # One side's end is the other's: none of these protocols uses half-open connections.
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in (up, down):
                one.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            self._open.discard(server_writer)
            for one_writer in (writer, server_writer):
                with contextlib.suppress(OSError):
                    one_writer.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(CHUNK_BYTES):
                passed, breaks = await self._pass(data, direction)
                if passed:
                    writer.write(passed)
                    await writer.drain()
                if breaks:
                    self.reset_connections()
                    return

    async def _pass(self, data: bytes, direction: Direction) -> tuple[bytes, bool]:
        """Return what passes of a piece, and whether connections break off after it."""
        await self._healed.wait()
        fault = self._fault
        if isinstance(fault, Reset):
            return b"", True
        if isinstance(fault, Latency):
            await asyncio.sleep(fault.seconds)
        if isinstance(fault, CutAfter) and direction == "down":
            part = data[: fault.count]
            fault.count -= len(part)
            return part, fault.count == 0
        if isinstance(fault, DropReply):
            return _without_reply(fault, data, direction)
        return data, False


def _without_reply(fault: DropReply, data: bytes, direction: Direction) -> tuple[bytes, bool]:
    if direction == "up":
        fault.matched = fault.matched or fault.match in data
        return data, False
    if not fault.matched:
        return data, False
    if fault.reply not in data:
        return b"", False
    fault.dropped.set()
    return b"", True


def _abort(writer: asyncio.StreamWriter) -> None:
    connected = writer.get_extra_info("socket")
    if connected is not None:
        # Lingering for no time is what makes a close a RST.
        with contextlib.suppress(OSError):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        writer.transport.abort()
