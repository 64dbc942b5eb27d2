"""What seals promise: one state whatever comes when, and nothing that a reader could tell."""

from __future__ import annotations

import asyncio
from dataclasses import astuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mastery.adapters.memory import records, retention
from services.mastery.adapters.memory.facts import MemoryFacts
from services.mastery.adapters.memory.records import record_of
from services.mastery.adapters.memory.retention import MemoryRetention
from services.mastery.adapters.memory.state import KeptSeal, MemoryFoldStore, MemoryState
from services.mastery.adapters.wire.evidence import decode_chunks
from services.mastery.domain.errors import SealRefusedError
from services.mastery.domain.model import Purpose
from services.mastery.domain.retention import (
    OPEN,
    SEALS_MAXIMUM,
    Seal,
    check_seal,
    horizon_at,
    newest_horizon,
)
from services.mastery.handlers.fold import apply_evidence
from services.mastery.handlers.readings import hash_state
from tests.support.mastery_events import (
    DISTRICT,
    START_SECONDS,
    StandingEvidence,
    chunk_of,
    learner_name,
    recorded,
    retracted,
)

ENTITIES = tuple(f"e{k}" for k in range(7))
LEARNERS = ("l1", "l2")
FIRST_HORIZON, SECOND_HORIZON = 100, 200


@pytest.fixture(autouse=True)
def _narrow_windows(monkeypatch):
    """Windows of two: a few pieces are enough for some to be in none."""
    monkeypatch.setattr(records, "WINDOW_SIZE", 2)
    monkeypatch.setattr(retention, "WINDOW_SIZE", 2)


def at_us(seconds):
    """Return a time some seconds after the start."""
    return (START_SECONDS + seconds) * 1_000_000


@st.composite
def some_facts(draw, *, least=1):
    """Draw facts on few pieces, old and new; positions are their places, from 1 on.

    Versions rise with positions, most of the time.
    """
    facts = []
    for position in range(1, draw(st.integers(least, 30)) + 1):
        entity = draw(st.sampled_from(ENTITIES))
        version = position if draw(st.integers(0, 5)) else draw(st.integers(1, 30))
        learner = draw(st.sampled_from(LEARNERS))
        if draw(st.integers(0, 4)) == 0:
            facts.append(retracted(entity, version=version, learner=learner, position=position))
            continue
        facts.append(
            recorded(
                entity,
                version=version,
                learner=learner,
                position=position,
                competencies=draw(st.sampled_from((("c1",), ("c2", "c1")))),
                score=draw(st.sampled_from((None, 0, 20_000, 30_000))),
                seconds=draw(st.sampled_from((0, 50, 99, 100, 150, 250, 90_000))),
                assessment=draw(st.sampled_from(("", "lms/q1"))),
                dok=draw(st.sampled_from((2, 3))),
                timed=draw(st.sampled_from((None, True))),
                purpose=draw(st.sampled_from((Purpose.FORMATIVE, Purpose.EXTERNAL_SUMMATIVE))),
                items=draw(st.sampled_from((1, 7))),
            )
        )
    return facts


async def fold_into(state, events):
    """Fold events as one chunk; return the positions of those that a seal keeps out."""
    if not events:
        return set()
    columns = decode_chunks([chunk_of(events)]).columns
    refusals = await apply_evidence(MemoryFoldStore(state), columns)
    return {int(columns.ledger_position[one.record]) for one in refusals}


def content(state):
    """Return all of a state that facts and seals decide, its hash among it."""
    hashed = asyncio.run(hash_state(DISTRICT, states=MemoryFacts(state)))
    return {
        "hash": hashed.state_hash,
        "registry": {
            (learner, evidence_id): sorted(
                (row.ordinal, row.version, row.content_hash, row.live, row.competency, row.r)
                for row in rows
            )
            for learner, pieces in state.registry.items()
            for evidence_id, rows in pieces.items()
        },
        "base": {key: astuple(row) for key, row in state.base.items()},
        "sealed": {learner: pieces for learner, pieces in state.sealed.items() if pieces},
    }


def in_order(facts, cuts):
    """Fold facts one by one in the order of positions, with a seal after each cut."""

    async def run():
        state, refused = MemoryState(), set()
        seals = MemoryRetention(state)
        for place, fact in enumerate(facts):
            for cut, horizon in zip(cuts, (FIRST_HORIZON, SECOND_HORIZON), strict=True):
                if place == cut:
                    await sealed_and_pruned(seals, horizon)
            refused |= await fold_into(state, [fact])
        return state, refused

    return asyncio.run(run())


async def sealed_and_pruned(seals, horizon):
    """Seal, and prune at once."""
    seal = await seals.seal(DISTRICT, at_us(horizon), actor="test", at_us=0)
    await seals.prune(DISTRICT, seal, limit=10_000)


def by_piece_in_order(draw, facts):
    """Draw an order in which the facts of each piece keep theirs."""
    waiting = {}
    for fact in facts:
        waiting.setdefault((fact.learner, fact.evidence_id), []).append(fact)
    found = []
    while waiting:
        key = draw(st.sampled_from(sorted(waiting)))
        found.append(waiting[key].pop(0))
        if not waiting[key]:
            del waiting[key]
    return found


@settings(max_examples=150, deadline=None)
@given(data=st.data(), facts=some_facts())
def test_a_rebuild_that_knows_the_seals_gives_the_sealed_state(data, facts):
    """In any order of pieces and any chunks, with repeats: equal rows, base rows and refusals."""
    cuts = sorted(data.draw(st.tuples(*[st.integers(0, len(facts) - 1)] * 2)))
    live, refused = in_order(facts, cuts)
    order = by_piece_in_order(data.draw, facts)
    repeats = data.draw(st.lists(st.sampled_from(facts), max_size=6))
    sizes = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
    stops = data.draw(st.integers(0, 3))

    async def rebuilt():
        state, found = MemoryState(), set()
        state.seals = {DISTRICT: [KeptSeal(seal=one.seal) for one in live.seals[DISTRICT]]}
        start, turn = 0, 0
        while start < len(order):
            size = sizes[turn % len(sizes)]
            found |= await fold_into(state, order[start : start + size])
            start, turn = start + size, turn + 1
        for one in state.seals[DISTRICT]:
            await MemoryRetention(state).prune(DISTRICT, one.seal, limit=10_000)
        for repeat in repeats:
            again = await fold_into(state, [repeat] * (1 + stops))
            assert again <= refused
        return state, found

    state, found = asyncio.run(rebuilt())
    assert found == refused
    assert content(state) == content(live)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), facts=some_facts(least=2))
def test_facts_that_the_seal_knows_may_come_until_it_is_pruned(data, facts):
    """Set while some are still on their way, pruned when all have come, beside newer facts."""
    cut = data.draw(st.integers(1, len(facts) - 1))
    live, refused = in_order(facts, (cut, len(facts)))
    known = by_piece_in_order(data.draw, facts[:cut])
    early = data.draw(st.integers(0, cut))

    async def run():
        state, found = MemoryState(), set()
        await fold_into(state, known[:early])
        # As the highest position is among what was folded, or the seal would know less.
        state.positions[DISTRICT] = cut
        seals = MemoryRetention(state)
        seal = await seals.seal(DISTRICT, at_us(FIRST_HORIZON), actor="test", at_us=0)
        rest = by_piece_in_order(data.draw, [*known[early:], *facts[cut:]])
        last_known = max((rest.index(fact) for fact in known[early:]), default=-1)
        for place, fact in enumerate(rest):
            found |= await fold_into(state, [fact])
            if place == last_known:
                await seals.prune(DISTRICT, seal, limit=10_000)
        await seals.prune(DISTRICT, seal, limit=10_000)
        return state, found

    state, found = asyncio.run(run())
    assert found == refused
    assert content(state) == content(live)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), facts=some_facts())
def test_a_seal_changes_no_reading_at_its_horizon_or_later(data, facts):
    """Whatever is read of a learner is equal to what it would be without pruning."""
    cut = data.draw(st.integers(0, len(facts) - 1))
    pruned, refused = in_order(facts, (cut, len(facts)))
    standing = StandingEvidence([fact for fact in facts if fact.ledger_position not in refused])
    plain = MemoryState()
    kept = [fact for fact in facts if fact.ledger_position not in refused]
    asyncio.run(fold_into(plain, kept))
    for seconds in (FIRST_HORIZON, 151, 260, 100_000):
        for learner in LEARNERS:
            if (DISTRICT, learner) not in plain.learners:
                continue
            found = record_of(pruned, DISTRICT, learner, None, at_us(seconds))
            expected = record_of(plain, DISTRICT, learner, None, at_us(seconds))
            assert without_versions(found) == without_versions(expected)
            assert found.learner.evidence_count == sum(
                fact.learner == learner_name(learner)
                and fact.occur_time.seconds <= START_SECONDS + seconds
                for fact in standing.live
            )
    counted = sum(sums.evidence_count for sums in pruned.learners.values())
    assert counted == len(standing.live)


def without_versions(record):
    """Return a record as values, with occasions in order and without versions."""
    return (
        record.learner,
        {
            name: (
                *(facts.r_sum, facts.i_sum, facts.evidence_count, facts.deep_count),
                *(facts.untimed_count, facts.window, facts.tests, sorted(facts.occasions)),
            )
            for name, facts in record.competencies.items()
        },
    )


@settings(max_examples=60, deadline=None)
@given(facts=some_facts(), data=st.data())
def test_sums_are_always_base_rows_and_live_rows(facts, data):
    """Of every competency, at every cut: nothing is lost and nothing is counted twice."""
    cuts = sorted(data.draw(st.tuples(*[st.integers(0, len(facts) - 1)] * 2)))
    state, _ = in_order(facts, cuts)
    for (district, learner, competency), sums in state.masteries.items():
        rows = [
            row
            for pieces in state.registry[district, learner].values()
            for row in pieces
            if row.live and row.competency == competency
        ]
        bases = [
            base for key, base in state.base.items() if key[:3] == (district, learner, competency)
        ]
        outside = [row for row in rows if row.purpose != Purpose.EXTERNAL_SUMMATIVE]
        base_outside = [base for base in bases if base.share_sum is None]
        assert sums.evidence_count == len(rows) + sum(base.score_count for base in bases)
        assert sums.r_sum == sum(row.r for row in outside) + sum(b.r_sum for b in base_outside)
        assert sums.i_sum == sum(row.i for row in outside) + sum(b.i_sum for b in base_outside)


def test_a_fact_is_judged_by_the_seals_below_its_position():
    """At a seal's own position, work is open; above it, closed up to the latest horizon."""
    seals = [Seal(1, 1_000, 10), Seal(2, 2_000, 20)]
    assert [horizon_at(seals, position) for position in (10, 11, 20, 21)] == [
        OPEN,
        1_000,
        1_000,
        2_000,
    ]
    assert newest_horizon(seals) == 2_000
    assert newest_horizon([]) is None


def test_a_district_has_no_more_seals_than_a_chunk_can_read():
    """The one after the last is refused, and says what to do."""
    seals = [Seal(seq, seq, 0) for seq in range(1, SEALS_MAXIMUM + 1)]
    check_seal(seals[:-1], SEALS_MAXIMUM)
    with pytest.raises(SealRefusedError, match="lift some"):
        check_seal(seals, SEALS_MAXIMUM + 1)


def test_a_higher_fact_on_a_pruned_piece_is_told_even_at_a_position_that_the_seal_knows():
    """A dead letter that is redriven too late: not folded, and not taken for a repeat either."""

    async def run():
        state = MemoryState()
        facts = [
            recorded(f"p{k}", learner="l1", seconds=k, position=k + 1, competencies=("c1",))
            for k in range(5)
        ]
        await fold_into(state, facts)
        await sealed_and_pruned(MemoryRetention(state), FIRST_HORIZON)
        assert facts[0].evidence_id in state.sealed[DISTRICT, "l1"]
        again = recorded("p0", learner="l1", version=2, position=3)
        return await fold_into(state, [again]), await fold_into(state, [facts[0]])

    assert asyncio.run(run()) == ({3}, set())
