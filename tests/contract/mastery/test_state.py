"""What every implementation of the state does, in memory and in PostgreSQL alike."""

from __future__ import annotations

import random

import pytest

from services.mastery.domain.errors import InvalidRequestError
from services.mastery.domain.model import WINDOW_SIZE, Purpose
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.projection import project_changes
from services.mastery.handlers.readings import (
    get_masteries,
    hash_state,
    list_masteries,
    stream_needs,
)
from tests.support.mastery_events import (
    DISTRICT,
    START_SECONDS,
    StandingEvidence,
    a_quiz,
    competency_name,
    evidence_uuid,
    learner_name,
    recorded,
    retracted,
)

FAR_US = (START_SECONDS + 10_000_000) * 1_000_000


def at_us(seconds):
    """Return a time some seconds after the start."""
    return (START_SECONDS + seconds) * 1_000_000


def a_term(seed, *, learners=("l1", "l2"), pieces=60):
    """Return a mixed history: corrections, withdrawals, several competencies, late and early."""
    rnd = random.Random(seed)
    events = []
    for place in range(pieces):
        entity = f"e{rnd.randrange(pieces // 2)}"
        version = rnd.randrange(1, 5)
        learner = rnd.choice(learners)
        if rnd.random() < 0.15:
            events.append(retracted(entity, version=version, learner=learner, position=place))
            continue
        events.append(
            recorded(
                entity,
                version=version,
                learner=learner,
                position=place,
                competencies=rnd.sample(("c1", "c2", "c3"), rnd.randrange(1, 4)),
                score=rnd.choice((None, 0, 10_000, 20_000, 30_000)),
                seconds=rnd.randrange(0, 40 * 86_400),
                assessment=rnd.choice(("", "lms/q1", "lms/q2", "lms/q3")),
                item=rnd.choice(("", "i1", "i2", "i3")),
                dok=rnd.randrange(5),
                timed=rnd.choice((None, True, False)),
                kind=rnd.randrange(10),
                purpose=rnd.randrange(5),
                scale=rnd.choice((1, 2)),
                items=rnd.choice((0, 1, 10)),
            )
        )
    return events


async def facts_of(scene, learner, *, as_of_us=FAR_US, district=DISTRICT):
    """Return what is known of one learner."""
    async with scene.facts.snapshot(district) as store:
        return (await store.learners(district, [learner], as_of_us=as_of_us)).get(learner)


async def test_sums_are_those_of_what_stands(scene):
    """After corrections and withdrawals the sums are those of the winners, added up plainly."""
    events = a_term(1)
    for start in range(0, len(events), 7):
        await scene.fold(*events[start : start + 7])
    expected = StandingEvidence(events)
    for learner in ("l1", "l2"):
        record = await facts_of(scene, learner)
        name = learner_name(learner)
        overall = (record.learner.evidence_count, record.learner.r_sum, record.learner.i_sum)
        assert overall == expected.learners()[name]
        found = {
            (name, competency_name(competency)): (
                facts.evidence_count,
                facts.r_sum,
                facts.i_sum,
                facts.deep_count,
                facts.untimed_count,
            )
            for competency, facts in record.competencies.items()
        }
        assert found == {
            key: value for key, value in expected.masteries().items() if key[0] == name
        }
        occasions = {
            (name, competency_name(competency), one.key): (
                one.score_sum,
                one.score_count,
                one.local_day,
                one.newest_time_us,
            )
            for competency, facts in record.competencies.items()
            for one in facts.occasions
        }
        assert occasions == {
            key: value for key, value in expected.occasions().items() if key[0] == name
        }
        assert external_tests_of(name, record) == {
            key: value for key, value in expected.tests().items() if key[0] == name
        }
        assert learner_tests_of(name, record) == {
            key: value for key, value in expected.learner_tests().items() if key[0] == name
        }


def external_tests_of(name, record):
    """Return the external tests of a record's competencies, as StandingEvidence has them."""
    return {
        (name, competency_name(competency), one.key): (
            one.share_sum,
            one.r_sum,
            one.i_sum,
            one.deep_count,
            one.untimed_count,
        )
        for competency, facts in record.competencies.items()
        for one in facts.tests
    }


def learner_tests_of(name, record):
    """Return the external tests of a learner, as StandingEvidence has them."""
    return {
        (name, competency_name(one.competency), one.key): (one.share_sum, one.r_sum, one.i_sum)
        for one in record.learner.tests
    }


async def test_a_correction_that_comes_twice_in_one_chunk_counts_once(scene):
    """A relay's repeat beside its original takes the older revision away once, not twice."""
    first = recorded("e1", version=1, score=0, competencies=("c1", "c2"))
    second = recorded("e1", version=2, score=30_000, competencies=("c1", "c2"))
    await scene.fold(first, recorded("e2", competencies=("c1",)))
    await scene.fold(second, recorded("e3", competencies=("c1",)), second, first, second)
    record = await facts_of(scene, "l1")
    assert record.learner.evidence_count == 3
    assert {name: facts.evidence_count for name, facts in record.competencies.items()} == {
        "c1": 3,
        "c2": 1,
    }


async def test_windows_hold_the_newest_live_pieces_newest_first(scene):
    """A window is the newest 32, ties settled by the evidence id; a withdrawal lets the next in."""
    events = [recorded(f"e{place}", seconds=place // 2, score=30_000) for place in range(40)]
    await scene.fold(*events[::-1])
    order = sorted(range(40), key=lambda k: (k // 2, evidence_uuid(f"e{k}").bytes), reverse=True)
    record = await facts_of(scene, "l1")
    expected = [evidence_uuid(f"e{k}").bytes for k in order]
    assert [piece.evidence_id for piece in record.learner.window] == expected[:WINDOW_SIZE]
    window = record.competencies["c1"].window
    assert [piece.evidence_id for piece in window] == expected[:WINDOW_SIZE]
    await scene.fold(retracted(f"e{order[0]}"))
    record = await facts_of(scene, "l1")
    assert [piece.evidence_id for piece in record.learner.window] == expected[1 : WINDOW_SIZE + 1]


async def test_a_piece_has_what_the_event_said(scene):
    """Every field of a piece is the event's; nothing is lost on the way through the store."""
    await scene.fold(
        recorded(competencies=("c1", "c2"), dok=3, timed=True, kind=2, purpose=2, score=20_000)
    )
    record = await facts_of(scene, "l1")
    piece = record.competencies["c2"].window[0]
    assert (piece.dok, piece.timed, piece.kind, piece.purpose, piece.score) == (
        3,
        True,
        2,
        2,
        20_000,
    )
    assert piece.occur_time_us == at_us(0)
    assert piece.local_day == START_SECONDS // 86_400
    assert piece.item_key is not None
    assert record.learner.window[0].r == 2 * piece.r
    await scene.fold(recorded("e2", item="", timed=None, competencies=("c3",)))
    piece = (await facts_of(scene, "l1")).competencies["c3"].window[0]
    assert (piece.item_key, piece.timed) == (None, None)


@pytest.mark.parametrize("days", [0, 10, 20, 39])
async def test_as_of_a_time_is_a_state_that_never_saw_later_work(scene, days):
    """Facts as of T equal those of a state into which only work until T was folded."""
    events = a_term(2)
    as_of_us = at_us(days * 86_400)
    await scene.fold(*events)
    winners = StandingEvidence(events).winners
    past = [
        event
        for event in winners
        if event.HasField("retracted") or event.occur_time.seconds * 1_000_000 <= as_of_us
    ]
    for learner in ("l1", "l2"):
        then = await facts_of(scene, learner, as_of_us=as_of_us)
        expected = StandingEvidence(past)
        name = learner_name(learner)
        overall = (then.learner.evidence_count, then.learner.r_sum, then.learner.i_sum)
        assert overall == expected.learners().get(name, (0, 0, 0))
        assert external_tests_of(name, then) == {
            key: value for key, value in expected.tests().items() if key[0] == name
        }
        assert learner_tests_of(name, then) == {
            key: value for key, value in expected.learner_tests().items() if key[0] == name
        }
        for competency in ("c1", "c2", "c3"):
            facts = then.competencies.get(competency)
            key = (name, competency_name(competency))
            found = facts and (
                facts.evidence_count,
                facts.r_sum,
                facts.i_sum,
                facts.deep_count,
                facts.untimed_count,
            )
            assert found == expected.masteries().get(key)
            assert facts is None or all(test.newest_time_us <= as_of_us for test in facts.tests)
            assert all(piece.occur_time_us <= as_of_us for piece in (facts.window if facts else ()))


async def test_both_ways_to_now_agree(scene):
    """As of the newest piece the sums answer, a microsecond before the newest the registry does."""
    events = [
        recorded(
            f"e{k}",
            seconds=k * 3_600,
            score=10_000 * (k % 4),
            purpose=Purpose.EXTERNAL_SUMMATIVE if k % 3 == 0 else Purpose.FORMATIVE,
            assessment="spring" if k % 2 else "",
            items=k % 5,
        )
        for k in range(20)
    ]
    late = recorded("late", seconds=100 * 86_400)
    await scene.fold(*events)
    now = await facts_of(scene, "l1", as_of_us=at_us(19 * 3_600))
    await scene.fold(late)
    then = await facts_of(scene, "l1", as_of_us=at_us(19 * 3_600))
    assert now.learner == then.learner
    one, other = now.competencies["c1"], then.competencies["c1"]
    assert one.tests == other.tests != ()
    assert sorted(one.occasions, key=lambda o: o.key) == sorted(
        other.occasions, key=lambda o: o.key
    )
    assert (one.window, one.r_sum, one.i_sum, one.deep_count, one.untimed_count) == (
        other.window,
        other.r_sum,
        other.i_sum,
        other.deep_count,
        other.untimed_count,
    )


async def test_some_keys_are_read_as_all_are(scene):
    """Reading by key gives the same facts as reading all of a learner's."""
    await scene.fold(*a_term(3))
    for as_of_us in (FAR_US, at_us(15 * 86_400)):
        async with scene.facts.snapshot(DISTRICT) as store:
            every = await store.learners(DISTRICT, ["l1", "l2"], as_of_us=as_of_us)
            keys = [(learner, one) for learner in every for one in every[learner].competencies]
            some = await store.keys(DISTRICT, keys, as_of_us=as_of_us)
        assert {name: by_occasion(record) for name, record in every.items()} == {
            name: by_occasion(record) for name, record in some.items()
        }


def by_occasion(record):
    """Return a record with occasions in order, which stores may give in any."""
    return record.learner, {
        competency: (
            facts.window,
            sorted(facts.occasions, key=lambda one: one.key),
            facts.r_sum,
            facts.version,
        )
        for competency, facts in record.competencies.items()
    }


async def test_the_hash_of_everything_withdrawn_is_that_of_nothing(scene):
    """Withdrawn evidence leaves no trace in the state hash, and the counts are zero."""
    nothing = await hash_state(DISTRICT, states=scene.states)
    await scene.fold(*a_quiz("l1", "q1", right=range(7)), *a_quiz("l2", "q1", right=()))
    something = await hash_state(DISTRICT, states=scene.states)
    assert something.state_hash != nothing.state_hash
    assert something.standing.evidence_count == something.standing.alignment_count == 20
    await scene.fold(
        *(
            retracted(f"q1-{one}-{k}", learner=one, position=99)
            for one in ("l1", "l2")
            for k in range(10)
        )
    )
    after = await hash_state(DISTRICT, states=scene.states)
    assert after.state_hash == nothing.state_hash
    assert after.standing.evidence_count == after.standing.alignment_count == 0
    assert after.standing.ledger_position == 99


async def test_the_hash_knows_no_order(scene):
    """Folded one by one from the end, then again, the same facts have the same hash."""
    events = a_term(4)
    await scene.fold(*events)
    first = await hash_state(DISTRICT, states=scene.states)
    for event in events[::-1]:
        await scene.fold(event)
    assert await hash_state(DISTRICT, states=scene.states) == first


async def test_the_hash_is_the_same_in_memory_and_in_postgres(scene):
    """One number, pinned: the same events hash alike on every implementation and machine."""
    await scene.fold(*a_quiz("l1", "q1", right=range(7), competency="c1"))
    found = await hash_state(DISTRICT, states=scene.states)
    assert found.state_hash == PINNED_HASH


PINNED_HASH = "cd4ae1697c6d65c79e6396f9313ba540aceffdfcaf96c2f794887176c7505873"


async def test_masteries_come_in_the_order_asked_for(scene):
    """Unknown learners and competencies have no evidence, and repeats are answered twice."""
    await scene.fold(*a_quiz("l1", "q1", right=range(9)))
    keys = [("l9", "c1"), ("l1", "c1"), ("l1", "c9"), ("l1", "c1")]
    found = await get_masteries(
        DISTRICT, keys, as_of_us=FAR_US, facts=scene.facts, policies=PolicyCache()
    )
    assert [(one.learner, one.competency) for one in found.masteries] == keys
    counts = [one.mastery.summary.evidence_count for one in found.masteries]
    assert counts == [0, 10, 0, 10]


async def test_too_many_masteries_are_refused(scene):
    """An answer has at most 500."""
    with pytest.raises(InvalidRequestError, match="501"):
        await get_masteries(
            DISTRICT, [("l1", "c1")] * 501, as_of_us=0, facts=scene.facts, policies=PolicyCache()
        )


async def test_pages_hold_every_competency_once(scene):
    """Page by page, a learner's masteries come in order of competency, each once."""
    await scene.fold(*(recorded(f"e{k}", competencies=(f"c{k:02}",)) for k in range(7)))
    seen, after = [], ""
    while after is not None:
        page = await list_masteries(
            DISTRICT,
            "l1",
            after=after,
            page_size=3,
            as_of_us=FAR_US,
            facts=scene.facts,
            policies=PolicyCache(),
        )
        seen += [one.competency for one in page.masteries]
        assert len(page.masteries) <= 3
        after = page.next_after
    assert seen == [f"c{k:02}" for k in range(7)]


async def test_needs_come_once_a_learner_in_the_order_asked_for(scene):
    """Also learners of whom nothing is known are answered, with no needs."""
    await scene.fold(*a_quiz("l1", "q1", right=()), *a_quiz("l2", "q1", right=range(10)))
    asked = ["l9", "l2", "l1", "l2"]
    parts = [
        part
        async for part in stream_needs(
            DISTRICT, asked, as_of_us=FAR_US, facts=scene.facts, policies=PolicyCache()
        )
    ]
    needs = {one.learner: one for part in parts for one in part.learners}
    assert list(needs) == ["l9", "l2", "l1"]
    assert [one.competency for one in needs["l1"].needs] == ["c1"]
    assert not needs["l9"].needs


async def test_another_district_sees_nothing(scene):
    """Facts, hash and pages of another district are empty, though the ids are the same."""
    empty = await hash_state("forsyth", states=scene.states)
    await scene.fold(*a_quiz("l1", "q1", right=range(5)))
    assert await facts_of(scene, "l1", district="forsyth") is None
    assert await hash_state("forsyth", states=scene.states) == empty


class Published:
    """Keeps what was published, and can fail once."""

    def __init__(self, *, fail=False):
        self.masteries, self.fail = [], fail

    async def publish(self, masteries):
        """Keep masteries."""
        if self.fail:
            self.fail = False
            raise ConnectionError("the broker is away")
        self.masteries += masteries


async def turn(scene, publisher, **options):
    """Let the projector take one turn."""
    return await project_changes(
        after=options.pop("after", None),
        as_of_us=FAR_US,
        marks=scene.marks,
        publisher=publisher,
        policies=PolicyCache(),
        **options,
    )


async def test_ten_answers_of_a_quiz_are_one_mastery_to_publish(scene):
    """However many facts touched a key, it is computed and published once."""
    published = Published()
    for event in a_quiz("l1", "q1", right=range(6)):
        await scene.fold(event)
    assert (await turn(scene, published)).published == 1
    assert published.masteries[0].mastery.summary.evidence_count == 10
    assert published.masteries[0].mastery.version == 9
    assert (await turn(scene, published)).published == 0


async def test_what_could_not_be_published_is_published_later(scene):
    """A failed publish settles nothing: the next turn sends all of it."""
    published = Published(fail=True)
    await scene.fold(recorded("e1"), recorded("e2", competencies=("c2",)))
    with pytest.raises(ConnectionError):
        await turn(scene, published)
    assert (await turn(scene, published)).published == 2


async def test_a_key_that_changes_while_it_is_published_stays_marked(scene):
    """A fold between reading and settling marks again; the newer state follows."""
    await scene.fold(recorded("e1"))

    class Meanwhile(Published):
        async def publish(self, masteries):
            """Fold another fact while this one is sent."""
            await super().publish(masteries)
            if len(self.masteries) == 1:
                await scene.fold(recorded("e2"))

    published = Meanwhile()
    await turn(scene, published)
    await turn(scene, published)
    counts = [one.mastery.summary.evidence_count for one in published.masteries]
    assert counts == [1, 2]


async def test_turns_go_through_all_keys_and_begin_again(scene):
    """With a bound on each turn, every key has its turn."""
    await scene.fold(*(recorded(f"e{k}", competencies=(f"c{k}",)) for k in range(5)))
    published, after = Published(), None
    for _ in range(3):
        done = await turn(scene, published, after=after, limit=2)
        after = done.after
    assert [one.key.competency for one in published.masteries] == [f"c{k}" for k in range(5)]
    assert after is None


async def test_a_mastery_without_evidence_left_is_published_with_a_higher_version(scene):
    """Readers learn of a withdrawal: the count is zero, the version has risen."""
    published = Published()
    await scene.fold(recorded())
    await turn(scene, published)
    await scene.fold(retracted())
    await turn(scene, published)
    first, second = (one.mastery for one in published.masteries)
    assert (first.summary.evidence_count, second.summary.evidence_count) == (1, 0)
    assert second.version > first.version
