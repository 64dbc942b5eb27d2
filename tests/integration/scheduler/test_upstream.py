"""What the scheduler asks of mastery over gRPC, and what it makes of the answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.common.rpc.client import connect
from services.scheduler.adapters import upstream as adapter
from services.scheduler.adapters.upstream import GrpcNeedBook
from services.scheduler.domain.errors import UpstreamError
from tests.support.scheduler_world import DISTRICT, SERVICE_TOKEN, upstream_of

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
async def upstream(problem):
    """Serve a school's needs."""
    async with upstream_of(problem) as found:
        yield found


@pytest.fixture
async def book(upstream):
    """Ask them over a channel."""
    channel = connect(upstream.target, SERVICE_TOKEN, tls=None)
    yield GrpcNeedBook(channel)
    await channel.close()


async def test_needs_are_as_fresh_as_the_stalest_of_all_calls(problem, upstream, book, monkeypatch):
    """Learners are asked for in several calls: what was promised holds for all of them."""
    monkeypatch.setattr(adapter, "NEEDS_PER_CALL", 7)
    ids = [one.learner_id for one in problem.learners]
    upstream.mastery.positions = {one: 100 + place for place, one in enumerate(ids)}
    found = await book.needs(DISTRICT, ids, AS_OF, min_position=90)
    assert found.position == 100
    assert upstream.mastery.calls == -(-len(ids) // 7) > 2
    assert {one.learner_id for one in found.needs} == {one.learner_id for one in problem.needs}


async def test_a_position_that_is_asked_for_goes_with_every_call(
    problem, upstream, book, monkeypatch
):
    """One learner in the last call who is not that fresh is enough to have no answer."""
    monkeypatch.setattr(adapter, "NEEDS_PER_CALL", 7)
    ids = [one.learner_id for one in problem.learners]
    upstream.mastery.positions = {ids[-1]: 89}
    with pytest.raises(UpstreamError, match="NOT_FRESH_ENOUGH"):
        await book.needs(DISTRICT, ids, AS_OF, min_position=90)
    assert (await book.needs(DISTRICT, ids, AS_OF, min_position=89)).position == 89


async def test_without_learners_nothing_is_asked(upstream, book):
    """And nothing is claimed of how fresh it is."""
    assert (await book.needs(DISTRICT, [], AS_OF, min_position=90)).position == 0
    assert upstream.mastery.calls == 0
