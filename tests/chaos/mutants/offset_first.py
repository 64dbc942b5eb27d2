"""python -m tests.chaos.mutants.offset_first worker: the offset is committed before the state."""

from __future__ import annotations

import asyncio
import runpy
from typing import Final

from services.common.kafka.consume import Chunk, Consumed, ConsumeLoop

PAUSE_SECONDS: Final = 0.3
"""Between offset and state: a kill must find it, on a fast machine as on a slow one."""


async def offset_first(self: ConsumeLoop, chunk: Chunk) -> Consumed:
    """Move the offset in a transaction of its own, then apply: a kill in between loses a chunk."""
    async with self.database.transaction(None) as connection:
        fresh = self.trim(chunk, await self.lock_offset(connection, chunk))
        if fresh is None:
            return Consumed(
                next_offset=chunk.last_offset + 1, applied=0, skipped=len(chunk), parked=0
            )
        await self.move_offset(connection, fresh, fresh.last_offset + 1)
    await asyncio.sleep(PAUSE_SECONDS)
    async with self.database.transaction(None) as connection:
        await self.apply_chunk(connection, fresh)
    return Consumed(next_offset=fresh.last_offset + 1, applied=len(fresh), skipped=0, parked=0)


if __name__ == "__main__":
    ConsumeLoop.transact = offset_first  # type: ignore[method-assign]
    runpy.run_module("services.mastery", run_name="__main__", alter_sys=True)
