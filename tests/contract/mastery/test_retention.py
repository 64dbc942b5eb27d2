"""Seals: what is refused, what stays, and what nobody can tell apart, in memory and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.mastery.adapters.memory.facts import MemoryFacts
from services.mastery.adapters.memory.retention import MemoryRetention
from services.mastery.adapters.memory.state import MemoryFoldStore, MemoryState
from services.mastery.adapters.wire.evidence import decode_events
from services.mastery.domain.errors import (
    BeforeRetentionError,
    EpochTooEarlyError,
    SealRefusedError,
)
from services.mastery.domain.model import Purpose
from services.mastery.handlers.epochs import NewEpoch, publish_epoch
from services.mastery.handlers.fold import apply_evidence
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.readings import (
    get_masteries,
    hash_state,
    list_masteries,
    stream_needs,
)
from services.mastery.handlers.retention import Waits, finish, seal_district
from services.mastery.ports.retention import Closing
from tests.support.mastery_events import (
    DAY_SECONDS,
    DISTRICT,
    START_SECONDS,
    recorded,
    retracted,
)

FAR_US = (START_SECONDS + 10_000_000) * 1_000_000
NO_WAIT = Waits(complete_seconds=0, poll_seconds=0, pause_seconds=0)
DAYS = 60
HORIZON_DAY = 40


def on_day(day):
    """Return a time some days after the start."""
    return (START_SECONDS + day * DAY_SECONDS) * 1_000_000


HORIZON_US = on_day(HORIZON_DAY)


def two_months():
    """Return 240 pieces of two learners on 60 days: quizzes of two days, tests, two competencies.

    Every quiz takes two days, and so does each external test: some lie across the horizon.
    """
    events = []
    for place in range(240):
        day = place // 4
        is_test = place % 12 == 5
        events.append(
            recorded(
                f"e{place}",
                learner=f"l{place % 2}",
                competencies=("c1", "c2") if place % 3 == 0 else ("c1",),
                seconds=day * DAY_SECONDS + place % 4,
                score=(place * 7_000) % 30_001,
                assessment=f"state/t{day // 3}" if is_test else f"lms/q{(day + 1) // 2}",
                purpose=Purpose.EXTERNAL_SUMMATIVE if is_test else Purpose.FORMATIVE,
                items=5,
                dok=place % 5,
                timed=place % 7 == 0,
                position=place + 1,
            )
        )
    return events


async def sealed(scene, horizon_us=HORIZON_US, **changes):
    """Seal the district, with all folded up to a high position."""
    await scene.pass_watermark(0, 1_000_000)
    said = {"retention": scene.retention, "say": lambda _: None, "waits": NO_WAIT} | changes
    return await seal_district(DISTRICT, horizon_us, actor="test", at_us=FAR_US, **said)


async def facts_at(scene, as_of_us):
    """Return all that is known of both learners as of a time, with occasions in order."""
    async with scene.facts.snapshot(DISTRICT) as store:
        records = await store.learners(DISTRICT, ["l0", "l1"], as_of_us=as_of_us)
    return {
        learner: (
            record.learner,
            {
                competency: (facts, sorted(facts.occasions))
                for competency, facts in sorted(record.competencies.items())
            },
        )
        for learner, record in records.items()
    }


def comparable(found):
    """Return facts of `facts_at` without the order of occasions, and without versions."""
    return {
        learner: (
            overall,
            {
                name: (
                    facts.r_sum,
                    facts.i_sum,
                    facts.evidence_count,
                    facts.deep_count,
                    facts.untimed_count,
                    facts.window,
                    facts.tests,
                    occasions,
                )
                for name, (facts, occasions) in competencies.items()
            },
        )
        for learner, (overall, competencies) in found.items()
    }


async def test_a_seal_changes_nothing_that_is_read_from_its_horizon_on(scene):
    """Sums, windows, tests and occasions are equal at every time, now and in between."""
    await scene.fold(*two_months())
    times = [HORIZON_US, HORIZON_US + 1, *(on_day(day) for day in range(41, 62, 4)), FAR_US]
    before = [comparable(await facts_at(scene, time_us)) for time_us in times]
    sealing = await sealed(scene)
    assert sealing.complete
    assert sealing.pruned > 40
    assert [comparable(await facts_at(scene, time_us)) for time_us in times] == before


async def test_what_is_withdrawn_after_a_seal_lets_sealed_work_back_into_windows(scene):
    """All newer pieces go: the windows are the newest 32 of what a seal has closed."""
    events = two_months()
    newer = [event for event in events if event.occur_time.seconds * 1_000_000 >= HORIZON_US]
    withdrawals = [
        retracted(
            f"e{event.event_id.split('-')[0][1:]}",
            learner=event.learner.rsplit("/", 1)[1],
            position=1_000 + place,
        )
        for place, event in enumerate(newer)
    ]
    await scene.fold(*events)
    await sealed(scene)
    assert not await scene.fold(*withdrawals)
    found = comparable(await facts_at(scene, FAR_US))
    untouched = MemoryState()
    old = [event for event in events if event not in newer]
    await apply_evidence(MemoryFoldStore(untouched), decode_events(old).columns)
    assert found == comparable(await facts_at(_Plain(untouched), FAR_US))


class _Plain:
    """A state in memory without a seal."""

    def __init__(self, state):
        self.facts = MemoryFacts(state)


async def test_late_facts_about_closed_work_are_refused_and_repeats_change_nothing(scene):
    """New, corrected, withdrawn, retimed and moved: each is told; a repeat is not."""
    events = two_months()
    await scene.fold(*events)
    await sealed(scene)
    before = await hash_state(DISTRICT, states=scene.states)
    late = [
        recorded("unknown", learner="l0", seconds=0, position=500),
        recorded("e0", version=2, learner="l0", score=30_000, position=501),
        retracted("e2", learner="l0", position=502),
        recorded("e4", version=2, learner="l0", seconds=50 * DAY_SECONDS, position=503),
        recorded("e239", version=2, learner="l1", seconds=0, position=504),
    ]
    refusals = await scene.fold(*late[:2], *events[:50], *late[2:])
    assert [one.record for one in refusals] == [0, 1, 52, 53, 54]
    assert all("lift the seal" in one.detail for one in refusals)
    after = await hash_state(DISTRICT, states=scene.states)
    assert after.state_hash == before.state_hash
    assert after.standing.ledger_position == 504


async def test_work_from_the_horizon_on_may_come_late_and_be_corrected(scene):
    """Also on the very moment of the horizon, and an unknown withdrawal keeps its piece out."""
    await scene.fold(*two_months())
    await sealed(scene)
    refusals = await scene.fold(
        recorded("new", learner="l0", seconds=HORIZON_DAY * DAY_SECONDS, position=600),
        recorded("e238", version=2, learner="l0", seconds=59 * DAY_SECONDS, position=601),
        retracted("never seen", learner="l0", position=602),
    )
    assert not refusals
    record = (await facts_at(scene, FAR_US))["l0"]
    assert record[0].evidence_count == 121


async def test_an_occasion_across_the_horizon_remembers_what_went(scene):
    """After its newer piece is withdrawn, its newest time and day are those of a pruned one."""
    # 40 newer pieces of other work push the old ones out of every window.
    others = [
        recorded(f"o{k}", seconds=30 * DAY_SECONDS + k, assessment="lms/other", position=50 + k)
        for k in range(40)
    ]
    old = [
        recorded(f"p{k}", seconds=k * DAY_SECONDS, assessment="lms/long", position=1 + k)
        for k in range(3)
    ]
    newer = recorded("p9", seconds=50 * DAY_SECONDS, assessment="lms/long", position=9)
    await scene.fold(*old, newer, *others)
    sealing = await sealed(scene)
    assert sealing.pruned == 11
    await scene.fold(retracted("p9", position=200))
    async with scene.facts.snapshot(DISTRICT) as store:
        record = (await store.learners(DISTRICT, ["l1"], as_of_us=FAR_US))["l1"]
    occasion = {one.key: one for one in record.competencies["c1"].occasions}["lms/long"]
    assert occasion.newest_time_us == on_day(2)
    assert occasion.local_day == on_day(2) // (DAY_SECONDS * 1_000_000)
    assert (occasion.score_sum, occasion.score_count) == (90_000, 3)


async def test_reads_as_of_a_time_before_the_horizon_are_refused(scene):
    """They could be answered from sums of all old work only, which would be a lie."""
    await scene.fold(*two_months())
    await sealed(scene)
    asked = {"facts": scene.facts, "policies": PolicyCache()}
    early = HORIZON_US - 1
    with pytest.raises(BeforeRetentionError) as refused:
        await get_masteries(DISTRICT, [("l0", "c1")], as_of_us=early, **asked)
    assert refused.value.metadata == {"horizon_time": "2026-03-14T02:40:00.000000Z"}
    with pytest.raises(BeforeRetentionError):
        await list_masteries(DISTRICT, "l0", after="", page_size=0, as_of_us=early, **asked)
    with pytest.raises(BeforeRetentionError):
        [part async for part in stream_needs(DISTRICT, ["l0"], as_of_us=early, **asked)]
    found = await get_masteries(DISTRICT, [("l0", "c1")], as_of_us=HORIZON_US, **asked)
    assert found.masteries[0].mastery.summary.evidence_count > 32


async def test_seals_in_steps_make_the_state_that_one_seal_makes(scene):
    """Two horizons one after the other, and steps of three pieces, end where memory ends at once.

    But for the seals themselves: the hash covers these, so both have the same two.
    """
    events = two_months()
    await scene.fold(*events[:100])
    await scene.pass_watermark(0, 1_000_000)
    first = await scene.retention.seal(DISTRICT, on_day(10), actor="test", at_us=FAR_US)
    await scene.fold(*events[100:])
    steps = 0
    while not (await scene.retention.prune(DISTRICT, first, limit=3)).complete:
        steps += 1
    await sealed(scene)
    assert [one.pruned for one in await scene.retention.seals(DISTRICT)] == [True, True]
    state = MemoryState()
    plain = MemoryRetention(state)
    await apply_evidence(MemoryFoldStore(state), decode_events(events[:100]).columns)
    await plain.seal(DISTRICT, on_day(10), actor="test", at_us=FAR_US)
    await apply_evidence(MemoryFoldStore(state), decode_events(events[100:]).columns)
    last = await plain.seal(DISTRICT, HORIZON_US, actor="test", at_us=FAR_US)
    assert (await plain.prune(DISTRICT, last, limit=1_000)).complete
    expected = await hash_state(DISTRICT, states=MemoryFacts(state))
    assert (await hash_state(DISTRICT, states=scene.states)).state_hash == expected.state_hash


async def test_nothing_is_pruned_before_the_fold_has_passed_the_seal(scene):
    """Until then the seal holds and says so; `finish` carries it out."""
    await scene.fold(*two_months())
    said = {"retention": scene.retention, "say": lambda _: None, "waits": NO_WAIT}
    sealing = await seal_district(DISTRICT, HORIZON_US, actor="test", at_us=FAR_US, **said)
    assert (sealing.complete, sealing.pruned, sealing.seal.ledger_position) == (False, 0, 240)
    await scene.pass_watermark(0, 239)
    assert not (await finish(DISTRICT, **said)).complete
    await scene.pass_watermark(0, 240)
    finished = await finish(DISTRICT, **said)
    assert finished.complete
    assert finished.pruned > 40
    assert await finish(DISTRICT, **said) is None


async def test_a_fact_that_the_seal_knows_is_folded_until_it_is_pruned(scene):
    """A position up to the seal's that comes after it was set counts, however old its work is."""
    await scene.fold(recorded("e1", learner="l0", seconds=0, position=9))
    seal = await scene.retention.seal(DISTRICT, HORIZON_US, actor="test", at_us=FAR_US)
    assert not await scene.fold(recorded("e2", learner="l0", seconds=1, position=8))
    assert await scene.fold(recorded("e3", learner="l0", seconds=1, position=10))
    await scene.retention.prune(DISTRICT, seal, limit=100)
    assert (await facts_at(scene, FAR_US))["l0"][0].evidence_count == 2


async def test_a_horizon_only_rises(scene):
    """The same again, or an earlier one, is refused, and says since when work is closed."""
    await scene.fold(*two_months())
    await sealed(scene)
    for horizon_us in (HORIZON_US, HORIZON_US - 1):
        with pytest.raises(SealRefusedError, match="2026-03-14"):
            await sealed(scene, horizon_us)
    assert (await sealed(scene, HORIZON_US + 1)).complete


async def test_what_a_horizon_would_close_is_counted_beforehand(scene):
    """The numbers of a dry run are those of the seal that follows."""
    await scene.fold(*two_months())
    closing = await scene.retention.closing(DISTRICT, HORIZON_US)
    assert closing.closed_count == 160
    sealing = await sealed(scene)
    assert sealing.pruned == closing.pruned_count
    assert await scene.retention.closing(DISTRICT, HORIZON_US) == Closing(
        closed_count=160 - sealing.pruned, pruned_count=0
    )


async def test_a_seal_of_one_district_is_none_of_another(scene):
    """Old work of a district without a seal is folded as ever."""
    await scene.fold(*two_months())
    await sealed(scene)
    old = recorded("x", learner="l0", district="forsyth", seconds=0, position=900)
    assert not await scene.fold(old)
    async with scene.facts.snapshot("forsyth") as store:
        assert await store.horizon("forsyth") is None


async def test_only_the_newest_seal_is_lifted_and_it_holds_until_a_rebuild(scene):
    """Lifting says which one; the state goes on with it."""
    assert await scene.retention.lift(DISTRICT, at_us=FAR_US) is None
    await scene.fold(*two_months())
    await sealed(scene)
    assert await scene.retention.lift(DISTRICT, at_us=FAR_US) == 1
    assert await scene.retention.lift(DISTRICT, at_us=FAR_US) is None
    assert await scene.fold(recorded("e0", version=2, learner="l0", position=700))


async def test_an_epoch_does_not_reach_a_test_whose_pieces_have_gone(scene):
    """What it would read otherwise is in the sums, and nobody could read it again."""
    test = {"purpose": Purpose.EXTERNAL_SUMMATIVE, "assessment": "state/t1", "items": 3}
    await scene.fold(*(recorded(f"t{k}", seconds=10 + k, position=k + 1, **test) for k in range(3)))
    assert (await sealed(scene)).pruned == 3
    lead_us = (START_SECONDS - DAY_SECONDS) * 1_000_000
    new = NewEpoch(district=DISTRICT, effective_us=on_day(0) + 12_000_000, actor="test")
    with pytest.raises(EpochTooEarlyError, match="dated ahead"):
        await publish_epoch(new, now_us=lead_us, epochs=scene.epochs)
    later = replace(new, effective_us=new.effective_us + 1)
    assert (await publish_epoch(later, now_us=lead_us, epochs=scene.epochs)).is_folded
