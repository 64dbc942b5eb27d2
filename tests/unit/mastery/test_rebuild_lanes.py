"""A rebuild folds the ledger in lanes: side by side, and each learner's evidence in order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from services.mastery.adapters import ledger as adapter
from services.mastery.adapters.ledger import LANES, PAGE_SIZE, LedgerLanes
from services.mastery.adapters.memory.state import MemoryFoldStore, MemoryState
from services.mastery.adapters.wire.evidence import decode_events
from services.mastery.handlers.rebuild import Rebuild, RebuildOptions
from services.mastery.ports.rebuilding import LedgerPage
from tests.support.mastery_events import recorded

LOOK_ALONE = RebuildOptions(swap=False, compare=False)


def a_page(lane, *evidence):
    """Return a page of a lane."""
    events = [recorded(name, learner=f"l{lane}") for name in evidence]
    return LedgerPage(columns=decode_events(events).columns, refused=(), lane=lane)


class Pages:
    """A ledger of pages that are there already."""

    def __init__(self, *pages):
        self._pages = pages

    async def pages(self):
        """Return them."""
        for page in self._pages:
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
    """A state in memory; a transaction stays open until `together` of them are, or all there are.

    The one that folds `broken` evidence fails.
    """

    together: int = 1
    broken: bytes = b""
    state: MemoryState = field(default_factory=MemoryState)
    open_now: int = 0
    open_most: int = 0
    ended: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def prepare(self):
        """Nothing has to be emptied."""

    async def prune(self):
        """Nothing was sealed."""
        return 0

    async def analyse(self):
        """Memory has no plans."""

    @asynccontextmanager
    async def folding(self, partition):
        """Open a transaction of the ledger's."""
        assert partition is None
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        if self.open_now >= self.together:
            self.enough.set()
        try:
            await self.enough.wait()
            yield _Checked(self)
            self.ended += 1
        finally:
            self.open_now -= 1

    @asynccontextmanager
    async def holding(self):
        """Nobody else folds."""
        yield _Unlocked()


class _Checked(MemoryFoldStore):
    def __init__(self, shadow):
        super().__init__(shadow.state)
        self._shadow = shadow

    async def registered(self, columns):
        """Look it up, and let others go on before that is used; fail where it is the broken one."""
        if self._shadow.broken in columns.evidence_id:
            raise FullDiskError
        found = await super().registered(columns)
        await asyncio.sleep(0)
        return found


def a_rebuild(shadow, *pages):
    """Return a rebuild from pages into a state in memory."""
    return Rebuild(
        ledger=Pages(*pages),
        topic=NothingNew(),
        shadow=shadow,
        options=LOOK_ALONE,
        say=lambda _: None,
    )


async def test_pages_of_different_lanes_are_folded_at_the_same_time():
    """Each of three lanes has its transaction open before any of them ends."""
    shadow = Shadow(together=3)
    report = await asyncio.wait_for(
        a_rebuild(shadow, a_page(0, "a"), a_page(1, "b"), a_page(2, "c")).run(), timeout=10
    )
    assert (report.ledger_count, shadow.open_most) == (3, 3)


async def test_pages_of_one_lane_are_folded_one_after_the_other():
    """The same evidence twice in a lane counts once, as its pages are never open together."""
    shadow = Shadow()
    report = await a_rebuild(shadow, a_page(0, "a", "b"), a_page(0, "a"), a_page(0, "c")).run()
    assert (report.ledger_count, shadow.open_most, shadow.ended) == (4, 1, 3)
    assert {row.evidence_count for row in shadow.state.learners.values()} == {3}


async def test_a_page_that_cannot_be_folded_ends_the_rebuild_with_its_error():
    """What the page raised comes out as it is, and no transaction stays open."""
    broken = a_page(1, "b")
    shadow = Shadow(broken=broken.columns.evidence_id[0])
    with pytest.raises(FullDiskError):
        await a_rebuild(shadow, a_page(0, "a"), broken, a_page(0, "c"), a_page(2, "d")).run()
    assert shadow.open_now == 0


def test_a_learner_is_in_one_lane_and_nothing_is_lost(monkeypatch):
    """Dealt out in pages of five, all evidence comes, each learner's in its order."""
    monkeypatch.setattr(adapter, "PAGE_SIZE", 5)
    events = [recorded(f"e{number}", learner=f"l{number % 13}") for number in range(200)]
    lanes = LedgerLanes()
    pages = [*lanes.add(events[:90], 0), *lanes.add(events[90:], 0), *lanes.rest()]
    assert all(0 < len(page.columns) <= 5 for page in pages)
    assert {page.lane for page in pages} == set(range(LANES))
    lanes_of, came = defaultdict(set), defaultdict(list)
    for page in pages:
        for learner, evidence_id in zip(
            page.columns.learner.tolist(), page.columns.evidence_id, strict=True
        ):
            name = page.columns.learners[learner][1]
            lanes_of[name].add(page.lane)
            came[name].append(evidence_id)
    assert all(len(found) == 1 for found in lanes_of.values())
    sent = defaultdict(list)
    for number, event in enumerate(events):
        sent[f"l{number % 13}"].append(event.evidence_id)
    assert came == sent


def test_lanes_hold_less_than_a_page_each():
    """However long the ledger is, what waits has a bound."""
    lanes = LedgerLanes()
    events = [recorded(f"e{number}", learner=f"l{number % 50}") for number in range(6 * PAGE_SIZE)]
    given = sum(len(page.columns) for page in lanes.add(events, 0))
    left = sum(len(page.columns) for page in lanes.rest())
    assert given + left == len(events)
    assert left < LANES * PAGE_SIZE


def test_the_last_page_says_how_far_the_ledger_was_complete():
    """Also where nothing was left over: what a rebuild says of freshness rests on it."""
    lanes = LedgerLanes()
    full = [recorded(f"e{place}", learner="l1") for place in range(PAGE_SIZE)]
    given = [*lanes.add(full, 40), *lanes.add([], 55), *lanes.rest()]
    assert [(len(page.columns), page.complete_position) for page in given] == [
        (PAGE_SIZE, 40),
        (0, 55),
    ]
