"""What the commands have in common: one channel for one command, lists of all pages, row by row."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import grpc
import grpc.aio
from trellis.evidence.v1 import evidence_service_pb2_grpc, source_service_pb2_grpc
from trellis.framework.v1 import framework_service_pb2_grpc
from trellis.roster.v1 import roster_service_pb2_grpc

from services.common.rpc.command_line import call, said
from services.evidence.entrypoints.importing.sending import Caller
from services.evidence.entrypoints.importing.target import Target

MAX_PAGES: Final = 100_000
PAGE_SIZE: Final = 500

FOR_ITSELF: Final = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.FAILED_PRECONDITION,
    }
)
"""Refusals of a batch that are one element's fault."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Service:
    """The stubs of one open channel, and how to call them."""

    channel: grpc.aio.Channel
    caller: Caller
    evidence: evidence_service_pb2_grpc.EvidenceServiceStub
    sources: source_service_pb2_grpc.SourceServiceStub
    roster: roster_service_pb2_grpc.RosterServiceStub
    frameworks: framework_service_pb2_grpc.FrameworkServiceStub

    async def call(self, rpc: Callable[..., Awaitable[R]], request: Any) -> R:  # noqa: ANN401
        """Call, and call again while the service cannot be reached."""
        return await self.caller.call(rpc, request)


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[Service]:
    """Give the service, and close the channel at the end."""
    channel = target.connect()
    try:
        yield Service(
            channel=channel,
            caller=target.caller(),
            evidence=evidence_service_pb2_grpc.EvidenceServiceStub(channel),
            sources=source_service_pb2_grpc.SourceServiceStub(channel),
            roster=roster_service_pb2_grpc.RosterServiceStub(channel),
            frameworks=framework_service_pb2_grpc.FrameworkServiceStub(channel),
        )
    finally:
        await channel.close()


def run(target: Target, work: Callable[[Service], Awaitable[T]]) -> T:
    """Do a command's work; a refused call ends the command with its reason and exit code 3."""

    async def connect_and_work() -> T:
        async with connected(target) as service:
            return await work(service)

    done: T = call(connect_and_work)
    return done


async def every_page(
    service: Service,
    rpc: Callable[..., Awaitable[Any]],
    request: Any,  # noqa: ANN401  (a request with page_token)
    field: str,
    most: int,
) -> list[Any]:
    """Return up to `most` of what a list has, page by page. field: of the response, with it."""
    found: list[Any] = []
    for _ in range(MAX_PAGES):
        page = await service.call(rpc, request)
        found += getattr(page, field)
        request.page_token = page.next_page_token
        if not request.page_token or len(found) >= most:
            break
    return found[:most]


async def put_all(
    batch: Sequence[T],
    put: Callable[[Sequence[T]], Awaitable[None]],
    refuse: Callable[[T, str], None],
) -> None:
    """Put a batch; where it is refused as a whole, find out by halves whose fault that is."""
    try:
        await put(batch)
        return
    except grpc.aio.AioRpcError as error:
        if error.code() not in FOR_ITSELF:
            raise
        if len(batch) == 1:
            refuse(batch[0], said(error))
            return
    middle = len(batch) // 2
    await put_all(batch[:middle], put, refuse)
    await put_all(batch[middle:], put, refuse)


def batches(elements: Sequence[T], size: int = PAGE_SIZE) -> Sequence[Sequence[T]]:
    """Cut a sequence into batches."""
    return [elements[begin : begin + size] for begin in range(0, len(elements), size)]
