"""Calls that are tried again: everything an import sends is known by its ids, so again is safe."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from services.common.backoff import backoff_seconds

RETRIED: Final = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    }
)

R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Calls, and calls again while the service cannot be reached, within a bound of time."""

    patience_seconds: float
    deadline_seconds: float
    chance: Callable[[], float]
    """Randomness in 0..1 for the waits."""

    async def call(self, rpc: Callable[..., Awaitable[R]], request: Message) -> R:
        """Return the response; raises the last fault when the patience is spent."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self.patience_seconds
        attempt = 0
        while True:
            try:
                return await rpc(request, timeout=self.deadline_seconds)
            except grpc.aio.AioRpcError as error:
                wait_seconds = backoff_seconds(attempt, self.chance(), first_seconds=0.2)
                if error.code() not in RETRIED or loop.time() + wait_seconds > give_up_at:
                    raise
            await asyncio.sleep(wait_seconds)
            attempt += 1
