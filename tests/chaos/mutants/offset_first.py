"""python -m tests.chaos.mutants.offset_first worker: the offset is committed before the state."""

from __future__ import annotations

import asyncio
import runpy
from collections.abc import Sequence
from typing import Final

from services.common.kafka.consume import Chunk, Consumed, ConsumeLoop

PAUSE_SECONDS: Final = 0.3
"""Between offset and state: a kill must find it, on a fast machine as on a slow one."""


async def offset_first(self: ConsumeLoop, chunks: Sequence[Chunk]) -> Sequence[Consumed]:
    """Move the offsets in a transaction of their own, then apply: a kill in between loses some."""
    async with self.database.transaction(None) as connection:
        next_offsets = await self.lock_offsets(connection, chunks)
        trimmed = (self.trim(chunk, next_offsets[chunk.partition]) for chunk in chunks)
        fresh = [chunk for chunk in trimmed if chunk is not None]
        await self.move_offsets(connection, fresh)
    await asyncio.sleep(PAUSE_SECONDS)
    if fresh:
        async with self.database.transaction(None) as connection:
            await self.apply_chunks(connection, fresh)
    return [
        Consumed(next_offset=chunk.last_offset + 1, applied=len(chunk), skipped=0, parked=0)
        for chunk in chunks
    ]


if __name__ == "__main__":
    ConsumeLoop.transact = offset_first  # type: ignore[method-assign]
    runpy.run_module("services.mastery", run_name="__main__", alter_sys=True)
