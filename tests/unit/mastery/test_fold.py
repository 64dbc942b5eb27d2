"""What the fold promises: the state is a function of the set of facts, and of nothing else."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mastery.adapters.memory.facts import MemoryFacts
from services.mastery.adapters.memory.state import MemoryFoldStore, MemoryState
from services.mastery.adapters.wire.evidence import decode_chunks, decode_events
from services.mastery.domain.fold import fold
from services.mastery.domain.model import Purpose
from services.mastery.handlers.fold import apply_evidence
from services.mastery.handlers.readings import hash_state
from tests.support.mastery_events import (
    DISTRICT,
    StandingEvidence,
    a_quiz,
    chunk_of,
    competency_name,
    learner_name,
    recorded,
    retracted,
)

LEARNERS = ("l1", "l2")
ENTITIES = ("e1", "e2", "e3", "e4")


@st.composite
def an_event_of_few(draw):
    """Draw an event about few learners and pieces, so that they meet again and again."""
    entity = draw(st.sampled_from(ENTITIES))
    version = draw(st.integers(1, 4))
    learner = draw(st.sampled_from(LEARNERS))
    position = draw(st.integers(1, 50))
    if draw(st.integers(0, 4)) == 0:
        return retracted(entity, version=version, learner=learner, position=position)
    return recorded(
        entity,
        version=version,
        learner=learner,
        position=position,
        competencies=draw(
            st.lists(st.sampled_from(("c1", "c2", "c3")), min_size=1, max_size=3, unique=True)
        ),
        score=draw(st.sampled_from((None, 0, 10_000, 20_000, 30_000))),
        seconds=draw(st.sampled_from((0, 30, 90_000, 200_000))),
        assessment=draw(st.sampled_from(("", "lms/q1", "lms/q2"))),
        dok=draw(st.sampled_from((0, 2, 3))),
        timed=draw(st.sampled_from((None, True, False))),
        purpose=draw(st.sampled_from((Purpose.FORMATIVE, Purpose.EXTERNAL_SUMMATIVE))),
        items=draw(st.sampled_from((0, 1, 7))),
    )


def cut(events, sizes):
    """Cut a list into runs of these sizes, over and over."""
    runs, start, place = [], 0, 0
    while start < len(events):
        size = sizes[place % len(sizes)]
        runs.append(events[start : start + size])
        start, place = start + size, place + 1
    return runs


def folded(events, sizes=(1_000,)):
    """Fold events in runs of these sizes into an empty state."""
    state = MemoryState()

    async def fold_all():
        store, offset = MemoryFoldStore(state), 0
        for run in cut(events, sizes):
            decoded = decode_chunks([chunk_of(run, first_offset=offset)])
            assert not decoded.parked
            await apply_evidence(store, decoded.columns)
            offset += len(run)

    asyncio.run(fold_all())
    return state


def content(state):
    """Return all of a state that facts decide: everything but versions and empty rows."""
    return {
        "registry": {
            (learner, evidence_id): [
                (row.version, row.content_hash, row.live, row.competency, row.r, row.i, row.score)
                for row in sorted(rows, key=lambda row: row.ordinal)
            ]
            for learner, pieces in state.registry.items()
            for evidence_id, rows in pieces.items()
        },
        "learners": {
            key: (sums.evidence_count, sums.r_sum, sums.i_sum)
            for key, sums in state.learners.items()
            if sums.evidence_count
        },
        "masteries": {
            key: (
                sums.evidence_count,
                sums.r_sum,
                sums.i_sum,
                sums.deep_count,
                sums.untimed_count,
            )
            for key, sums in state.masteries.items()
            if sums.evidence_count
        },
        "occasions": {
            key: (one.score_sum, one.score_count, one.local_day, one.newest_time_us)
            for key, one in state.occasions.items()
        },
        "tests": {key: one.tests for key, one in state.occasions.items() if one.tests},
        "positions": state.positions,
    }


def state_hash(state, district=DISTRICT):
    """Return the state hash of a district."""
    return asyncio.run(hash_state(district, states=MemoryFacts(state))).state_hash


@settings(max_examples=150, deadline=None)
@given(
    events=st.lists(an_event_of_few(), min_size=1, max_size=25),
    sizes=st.lists(st.integers(1, 7), min_size=1, max_size=4),
    data=st.data(),
)
def test_any_order_batching_and_repetition_gives_one_state(events, sizes, data):
    """Shuffled, repeated and cut differently, the same facts end in the same rows and hash."""
    again = data.draw(st.lists(st.sampled_from(events), max_size=10))
    shuffled = data.draw(st.permutations(events + again))
    first, second = folded(events), folded(shuffled, sizes)
    assert content(first) == content(second)
    assert state_hash(first) == state_hash(second)


@settings(max_examples=150, deadline=None)
@given(
    events=st.lists(an_event_of_few(), min_size=1, max_size=25),
    sizes=st.lists(st.integers(1, 7), min_size=1, max_size=4),
)
def test_the_state_is_what_stands_added_up(events, sizes):
    """The sums equal those of a plain account that starts from the winners alone."""
    found, expected = content(folded(events, sizes)), StandingEvidence(events)
    learners = {learner_name(learner): sums for (_, learner), sums in found["learners"].items()}
    masteries = {
        (learner_name(learner), competency_name(competency)): sums
        for (_, learner, competency), sums in found["masteries"].items()
    }
    occasions = {
        (learner_name(learner), competency_name(competency), occasion): sums
        for (_, learner, competency, occasion), sums in found["occasions"].items()
    }
    assert learners == expected.learners()
    assert masteries == expected.masteries()
    assert occasions == expected.occasions()
    tests = {
        (learner_name(learner), competency_name(competency), occasion): sums
        for (_, learner, competency, occasion), sums in found["tests"].items()
    }
    assert {key: sums[:5] for key, sums in tests.items()} == expected.tests()
    assert {key: sums[5:] for key, sums in tests.items() if sums[5]} == expected.learner_tests()
    assert len(found["registry"]) == len(expected.winners)


@settings(max_examples=60, deadline=None)
@given(events=st.lists(an_event_of_few(), min_size=1, max_size=20))
def test_versions_of_rows_never_fall(events):
    """Whatever comes, the version of a row rises with each change of it."""
    state = MemoryState()
    store = MemoryFoldStore(state)
    seen = {}
    for offset, event in enumerate(events):
        before = content(state)["masteries"]
        asyncio.run(
            apply_evidence(store, decode_chunks([chunk_of([event], first_offset=offset)]).columns)
        )
        for key, sums in state.masteries.items():
            assert sums.version >= seen.get(key, -1)
            if content(state)["masteries"].get(key) != before.get(key):
                assert sums.version > seen.get(key, -1)
            seen[key] = sums.version


def test_an_equal_fact_changes_nothing():
    """A repeat of what stands leaves no change, no mark and no new version."""
    state = folded([recorded()])
    version = state.masteries[DISTRICT, "l1", "c1"].version
    state.marks.clear()
    columns = decode_chunks([chunk_of([recorded()], first_offset=9)]).columns
    asyncio.run(apply_evidence(MemoryFoldStore(state), columns))
    assert state.masteries[DISTRICT, "l1", "c1"].version == version
    assert not state.marks


def test_a_lower_version_that_comes_late_changes_nothing():
    """A stale correction neither counts nor takes the place of the newer one."""
    state = folded([recorded(version=3, score=0), recorded(version=2, score=30_000)])
    assert state.masteries[DISTRICT, "l1", "c1"].r_sum < 0
    assert state.occasions[DISTRICT, "l1", "c1", "day:20486"].score_sum == 0


def test_a_correction_moves_credit_to_the_other_competency():
    """The old competency loses what the new one gets, and both are marked."""
    state = folded([recorded(competencies=("c1",))])
    columns = decode_chunks([chunk_of([recorded(version=2, competencies=("c2",))])]).columns
    asyncio.run(apply_evidence(MemoryFoldStore(state), columns))
    assert state.masteries[DISTRICT, "l1", "c1"].evidence_count == 0
    assert state.masteries[DISTRICT, "l1", "c2"].evidence_count == 1
    assert state.learners[DISTRICT, "l1"].evidence_count == 1
    assert {key[2] for key in state.marks} == {"c1", "c2"}
    assert set(state.occasions) == {(DISTRICT, "l1", "c2", "day:20486")}


def test_a_retraction_before_its_observation_keeps_it_out():
    """Where the withdrawal comes first, the observation of a lower version never counts."""
    state = folded([retracted(version=2), recorded(version=1)])
    assert not content(state)["masteries"]
    assert not state.occasions


def test_a_correction_of_the_learner_counts_for_the_new_one_alone():
    """Retracted for the one and recorded for the other, in either order, it counts once."""
    facts = [
        recorded("e1", version=1, learner="l1"),
        retracted("e1", version=2, learner="l1"),
        recorded("e1", version=2, learner="l2"),
    ]
    for order in (facts, facts[::-1]):
        counts = content(folded(order))["learners"]
        assert [key[1] for key in counts] == ["l2"]


def test_the_hash_after_retracting_everything_is_that_of_nothing():
    """Withdrawn evidence leaves no trace in the state hash."""
    quiz = a_quiz("l1", "q1", right=range(7)) + a_quiz("l2", "q1", right=range(3), seconds=999)
    withdrawn = [
        retracted(f"q1-{learner}-{place}", learner=learner, version=2)
        for learner in ("l1", "l2")
        for place in range(10)
    ]
    state = folded(quiz + withdrawn, (7,))
    assert state_hash(state) == state_hash(MemoryState())
    assert state_hash(folded(quiz)) != state_hash(MemoryState())
    assert not state.occasions


def test_an_occasion_remembers_its_newest_piece_after_that_is_withdrawn():
    """The newest time of an occasion falls back to that of the next piece."""
    quiz = a_quiz("l1", "q1", right=range(10), of=3)
    state = folded([*quiz, retracted("q1-l1-2", version=2)])
    occasion = state.occasions[DISTRICT, "l1", "c1", "lms/q1"]
    assert occasion.newest_time_us == quiz[1].occur_time.seconds * 1_000_000
    assert occasion.score_count == 2


def test_an_observation_without_a_score_is_kept_and_counts_nothing():
    """It stands in the registry, so that its lower versions stay out."""
    state = folded([recorded(version=2, score=None), recorded(version=1)])
    assert len(state.registry[DISTRICT, "l1"]) == 1
    assert not content(state)["masteries"]


def test_the_order_of_districts_does_not_mix_them():
    """The same learner id in two districts is two learners."""
    state = folded([recorded(district="henry"), recorded(district="forsyth", score=0)])
    assert state.learners["henry", "l1"].r_sum > 0 > state.learners["forsyth", "l1"].r_sum
    assert state_hash(state, "henry") != state_hash(state, "forsyth")


def test_the_highest_ledger_position_is_kept_whatever_changed():
    """Also a stale fact moves the position: it was seen."""
    state = folded([recorded(version=2, position=5), recorded(version=1, position=9)])
    assert state.positions == {DISTRICT: 9}


def test_an_empty_chunk_changes_nothing():
    """Where every record was parked there is nothing to write."""
    state = MemoryState()
    asyncio.run(apply_evidence(MemoryFoldStore(state), decode_events([]).columns))
    assert state == MemoryState()
    assert not len(fold(decode_events([]).columns, []).rows)


def test_new_rows_come_in_key_order():
    """Rows go into the table in the order of its key, which keeps two writers from deadlock."""
    events = a_quiz("l2", "q2", right=()) + a_quiz("l1", "q1", right=(), seconds=5)
    columns = decode_events(events).columns
    rows = fold(columns, []).rows
    keys = [
        (columns.learners[int(columns.learner[k])], columns.evidence_id[k])
        for k in rows.record.tolist()
    ]
    assert keys == sorted(keys)


@pytest.mark.parametrize("first", [True, False])
def test_equal_versions_are_settled_by_the_content_hash(first):
    """Two contents under one version: the higher hash stands, in either order."""
    low, high = recorded(score=0), recorded(score=30_000)
    low.content_hash, high.content_hash = b"\x01" * 16, b"\xf0" * 16
    order = [low, high] if first else [high, low]
    for sizes in ((2,), (1,)):
        state = folded(order, sizes)
        assert state.occasions[DISTRICT, "l1", "c1", "day:20486"].score_sum == 30_000
