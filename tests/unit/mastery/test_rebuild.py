"""A rebuild lays the pages of the ledger aside, some at a time, before any of it is folded."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from services.mastery.adapters.ledger import page_of
from services.mastery.adapters.memory.state import MemoryFoldStore, MemoryState
from services.mastery.handlers.rebuild import PAGES_AT_ONCE, Rebuild, RebuildOptions
from tests.support.mastery_events import recorded

LOOK_ALONE = RebuildOptions(swap=False, compare=False)


def a_page(*evidence):
    """Return a page of the ledger."""
    return page_of([recorded(name) for name in evidence])


class Pages:
    """A ledger of pages that are there already; it counts those that were taken."""

    def __init__(self, *pages):
        self._pages = pages
        self.taken = 0

    async def pages(self):
        """Return them."""
        for page in self._pages:
            self.taken += 1
            yield page


class NothingNew:
    """A topic without records."""

    async def ends(self):
        """Return no partition."""
        return {}


class FullDiskError(Exception):
    """Stands for what PostgreSQL may raise."""


class _Unlocked:
    live_offsets: dict[int, int] = {}  # noqa: RUF012  (never written)


@dataclass
class Shadow:
    """A state whose transactions stay open until `together` of them are, or all there are.

    The one that lays `broken` evidence aside fails.
    """

    together: int = 1
    broken: bytes = b""
    staged: list[bytes] = field(default_factory=list)
    folded: list[bytes] = field(default_factory=list)
    open_now: int = 0
    open_most: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def prepare(self):
        """Nothing has to be emptied."""

    async def prune(self):
        """Nothing was sealed."""
        return 0

    async def analyse(self):
        """Nobody makes plans."""

    @asynccontextmanager
    async def staging(self):
        """Open a transaction."""
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        if self.open_now >= self.together:
            self.enough.set()
        try:
            await self.enough.wait()
            yield _Staged(self)
        finally:
            self.open_now -= 1

    async def fold_staged(self, *, say, refuse):
        """Note what was there by then."""
        self.folded = list(self.staged)
        say("folded")
        refuse("BEFORE_RETENTION: too late")

    @asynccontextmanager
    async def holding(self):
        """Nobody else folds."""
        yield _Unlocked()


class _Staged(MemoryFoldStore):
    def __init__(self, shadow):
        super().__init__(MemoryState())
        self._shadow = shadow

    async def stage(self, columns, _rows, _horizons):
        if self._shadow.broken in columns.evidence_id:
            raise FullDiskError
        self._shadow.staged += columns.evidence_id


def a_rebuild(shadow, ledger):
    """Return a rebuild that neither compares nor swaps."""
    return Rebuild(
        ledger=ledger, topic=NothingNew(), shadow=shadow, options=LOOK_ALONE, say=lambda _: None
    )


async def test_pages_are_laid_aside_at_the_same_time_within_a_bound():
    """As many transactions are open as may be, none more, and no page is taken beyond them."""
    shadow, ledger = Shadow(together=PAGES_AT_ONCE), Pages(*(a_page(f"e{k}") for k in range(20)))
    report = await asyncio.wait_for(a_rebuild(shadow, ledger).run(), timeout=10)
    assert (report.ledger_count, shadow.open_most) == (20, PAGES_AT_ONCE)


async def test_what_waits_does_not_grow_with_the_ledger():
    """While nothing is laid aside, no more than one page beyond those at work is read."""
    shadow, ledger = Shadow(together=99), Pages(*(a_page(f"e{k}") for k in range(20)))
    run = asyncio.create_task(a_rebuild(shadow, ledger).run())
    await asyncio.sleep(0.05)
    assert ledger.taken == PAGES_AT_ONCE + 1
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert shadow.open_now == 0


async def test_all_is_laid_aside_before_it_is_folded_and_refusals_are_told():
    """What stands of a piece is known when its last fact has come."""
    shadow = Shadow()
    report = await a_rebuild(shadow, Pages(a_page("a", "b"), a_page("a"), a_page("c"))).run()
    assert sorted(shadow.folded) == sorted(shadow.staged)
    assert (len(shadow.folded), report.ledger_count) == (4, 4)
    assert (report.refused, report.refused_count) == (["BEFORE_RETENTION: too late"], 1)


async def test_a_page_that_cannot_be_laid_aside_ends_the_rebuild_with_its_error():
    """What the page raised comes out as it is, and no transaction stays open."""
    broken = a_page("b")
    shadow = Shadow(broken=broken.columns.evidence_id[0])
    with pytest.raises(FullDiskError):
        await a_rebuild(shadow, Pages(a_page("a"), broken, a_page("c"), a_page("d"))).run()
    assert (shadow.open_now, shadow.folded) == (0, [])
