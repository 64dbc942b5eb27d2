"""Weeks that were read before: decoding one takes a moment, and a stored week never changes.

Decoding runs in a thread, a bounded number of weeks is kept, and what is decoded is checked against
the hash it was asked by: a damaged row is an error, never a wrong week.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.scheduler.adapters.documents import unpack_problem, unpack_week
from services.scheduler.domain.encode import week_hash
from services.scheduler.domain.errors import DamagedWeekError
from services.scheduler.domain.revision import Content
from services.scheduler.domain.snapshot import snapshot_hash

KEPT_WEEKS = 16
"""About 10 MB each for a school of 900."""

Key = tuple[str, str, str]
"""District, run and week hash."""


@dataclass(frozen=True, kw_only=True)
class StoredContent:
    """A snapshot and its week as they are stored."""

    problem: bytes
    week: bytes


class LoadedWeeks:
    """The weeks read last, by their key; one for each process."""

    def __init__(self, *, kept: int = KEPT_WEEKS) -> None:
        """Keep at most `kept` weeks."""
        self._kept = kept
        self._contents: OrderedDict[Key, Content] = OrderedDict()

    async def content(self, key: Key, read: Callable[[], Awaitable[StoredContent]]) -> Content:
        """Return the content, reading and decoding it where it is not here.

        Raises DamagedWeekError.
        """
        found = self._contents.get(key)
        if found is None:
            found = await asyncio.to_thread(_decode, await read(), key[2])
            self._contents[key] = found
        self._contents.move_to_end(key)
        while len(self._contents) > self._kept:
            self._contents.popitem(last=False)
        return found


def _decode(stored: StoredContent, wanted_hash: str) -> Content:
    week = unpack_week(stored.week)
    if week.week_hash != wanted_hash or week_hash(week) != wanted_hash:
        raise DamagedWeekError(week_hash=wanted_hash, part="week")
    problem = unpack_problem(stored.problem)
    if snapshot_hash(problem) != week.snapshot_hash:
        raise DamagedWeekError(week_hash=wanted_hash, part="snapshot")
    return Content(problem=problem, week=week)
