"""Quick checks of the scheduler: what becomes of each fact, and what can never be taken."""

import pytest
from trellis.evidence.v1 import evidence_pb2
from trellis.scheduler.v1 import day_pb2, week_pb2

from services.common.kafka.chunk import Chunk, KafkaRecord
from services.evidence.adapters.wire.quick_checks import (
    ProtobufRecordEncoder,
    UnusableFactError,
    fact_of,
    facts_in,
)
from services.evidence.domain.ledger import EntryKind
from services.evidence.domain.model import Kind, Purpose
from services.evidence.domain.quarantine import QuarantineSelection
from services.evidence.domain.quick_checks import QuickCheckNoted, record_of
from services.evidence.handlers.quick_checks import QuickCheckIntake, take_quick_checks
from tests.support.evidence import DISTRICT, NOW, memory_kept

SCHOOL = f"districts/{DISTRICT}/schools/north"
LEARNER = f"districts/{DISTRICT}/learners/ada"


def name_of(learner="ada", school=SCHOOL):
    """Return the name of a learner's quick check in a session."""
    return f"{school}/weeks/2026-08-31/sessions/s1/quickChecks/{learner}"


def noted(level=2, version=1, learner="ada", **changes):
    """Return the event that a quick check was noted."""
    recorded = day_pb2.QuickCheckRecorded(
        quick_check=changes.get("quick_check", name_of(learner)),
        learner=f"districts/{DISTRICT}/learners/{learner}",
        competency=f"districts/{DISTRICT}/competencies/6.rp.1",
        level_milli=level * 1000,
        version=version,
    )
    recorded.show_time.FromDatetime(NOW)
    return week_pb2.SchedulerEvent(
        event_id=f"{learner}-{version}", school=SCHOOL, quick_check_recorded=recorded
    )


def withdrawn(version=2, learner="ada"):
    """Return the event that a quick check was withdrawn."""
    gone = day_pb2.QuickCheckWithdrawn(
        quick_check=name_of(learner),
        learner=f"districts/{DISTRICT}/learners/{learner}",
        version=version,
    )
    return week_pb2.SchedulerEvent(
        event_id=f"{learner}-{version}", school=SCHOOL, quick_check_withdrawn=gone
    )


def read(*events):
    """Return the facts of events as they come off the topic."""
    return [fact_of(SCHOOL.encode(), event.SerializeToString()) for event in events]


def taking(kept):
    """Return what taking needs, over a ledger."""
    return QuickCheckIntake(intake=kept.intake, encoder=ProtobufRecordEncoder())


async def take(kept, *events):
    """Take events in; return why some could not be."""
    return await take_quick_checks(read(*events), taking=taking(kept))


async def standing(kept, learner="ada"):
    """Return what stands of a learner's evidence: kind, version, and the score that was told."""
    async with kept.ledger.transaction(DISTRICT, read_only=True) as transaction:
        found = await transaction.list_of_learner(learner, None, 10)
    events = [evidence_pb2.EvidenceEvent.FromString(one.event) for one in found]
    return [
        (one.kind, one.version, event.recorded.score)
        for one, event in zip(found, events, strict=True)
    ]


def test_a_note_is_a_formative_observation_on_the_rubric():
    """Level 3 of 4 is the rubric level of a record; the session's start is the time of the work."""
    (fact,) = read(noted(level=3))
    assert isinstance(fact, QuickCheckNoted)
    record = record_of(fact)
    assert (record.source, record.kind, record.purpose) == (
        "trellis-scheduler",
        Kind.OBSERVATION,
        Purpose.FORMATIVE,
    )
    assert (record.level_milli, record.learner) == (3000, LEARNER)
    assert record.occur_time == (int(NOW.timestamp()), 0)
    assert record.entity_id == "schools/north/weeks/2026-08-31/sessions/s1/quickChecks/ada"


async def test_a_quick_check_is_one_piece_of_evidence_whatever_becomes_of_it():
    """Noted 2, corrected to 4, withdrawn: one observation, of which the last word stands."""
    kept = memory_kept()
    await take(kept, noted(level=2))
    assert await standing(kept) == [(EntryKind.RECORDED, 1, 10_000)]
    await take(kept, noted(level=4, version=2))
    assert await standing(kept) == [(EntryKind.RECORDED, 2, 30_000)]
    await take(kept, withdrawn(version=3))
    assert [one[:2] for one in await standing(kept)] == [(EntryKind.RETRACTED, 3)]


async def test_noted_again_after_it_was_withdrawn_it_counts_again():
    """The next version stands."""
    kept = memory_kept()
    await take(kept, noted(), withdrawn(version=2), noted(level=3, version=3))
    assert await standing(kept) == [(EntryKind.RECORDED, 3, 20_000)]


async def test_facts_that_come_again_change_nothing():
    """A whole history twice, and its parts again: the same rows in the ledger."""
    kept = memory_kept()
    history = (noted(), noted(level=4, version=2), withdrawn(version=3))
    assert await take(kept, *history) == {}
    rows = list(kept.ledger._state.rows)
    assert await take(kept, *history) == {}
    assert await take(kept, history[1]) == {}
    assert kept.ledger._state.rows == rows


async def test_a_learner_who_is_not_known_waits_in_quarantine():
    """It is refused with a reason and stops nothing; what comes after it is taken."""
    kept = memory_kept()
    assert await take(kept, noted(learner="nobody"), noted()) == {}
    assert len(await standing(kept)) == 1
    assert kept.ledger._state.quarantines[DISTRICT]


async def test_what_waits_and_is_withdrawn_is_discarded():
    """Noted, corrected and withdrawn of a learner who is not known: nothing waits any more.

    The withdrawal again is answered as the first time; what is noted after it waits again.
    """
    kept = memory_kept()

    async def waiting():
        async with kept.ledger.transaction(DISTRICT) as transaction:
            found = await transaction.quarantine.page(QuarantineSelection(), before=None, limit=9)
        return [one.refused.event_id for one in found]

    history = [noted(learner="nobody"), noted(level=4, version=2, learner="nobody")]
    assert await take(kept, *history) == {}
    assert len(await waiting()) == 2
    for _ in range(2):
        assert await take(kept, withdrawn(version=3, learner="nobody")) == {}
        assert await waiting() == []
    assert await take(kept, noted(version=4, learner="nobody")) == {}
    assert len(await waiting()) == 1


async def test_a_withdrawal_of_what_was_never_recorded_is_told():
    """Neither the ledger nor the quarantine has it."""
    kept = memory_kept()
    failed = await take(kept, noted(), withdrawn(learner="ben"))
    assert list(failed) == [1]
    assert "quarantine" in failed[1]


def test_other_facts_of_the_topic_are_passed_over():
    """A published week says nothing of a quick check."""
    published = week_pb2.SchedulerEvent(
        school=SCHOOL, week_published=week_pb2.WeekPublished(week=f"{SCHOOL}/weeks/2026-08-31")
    )
    assert read(published) == [None]


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (SCHOOL.encode(), None, "NO_VALUE"),
        (SCHOOL.encode(), b"\xff\xfe no event", "UNDECODABLE"),
        (b"elsewhere", noted().SerializeToString(), "KEY_NOT_SCHOOL"),
        (None, noted().SerializeToString(), "KEY_NOT_SCHOOL"),
        (SCHOOL.encode(), noted(quick_check="check 1").SerializeToString(), "MALFORMED"),
        (
            SCHOOL.encode(),
            noted(quick_check=name_of(school="districts/other/schools/north")).SerializeToString(),
            "MALFORMED",
        ),
        (SCHOOL.encode(), noted(version=0).SerializeToString(), "MALFORMED"),
    ],
)
def test_what_can_never_be_taken_has_a_reason(key, value, reason):
    """Each fault by its name, and one bad record keeps no other from being read."""
    with pytest.raises(UnusableFactError) as refused:
        fact_of(key, value)
    assert refused.value.reason == reason
    records = [
        KafkaRecord(topic="t", partition=0, offset=0, key=key, value=value),
        KafkaRecord(
            topic="t",
            partition=0,
            offset=1,
            key=SCHOOL.encode(),
            value=noted().SerializeToString(),
        ),
    ]
    facts, places, parked = facts_in([Chunk.of(records)])
    assert ([one.reason for one in parked], len(facts)) == ([reason], 1)
    assert [index for _, index in places] == [1]
