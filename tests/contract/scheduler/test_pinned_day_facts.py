"""The bytes of every form of fact on days that was ever published, which decode for ever.

A file under tests/contract/pinned is never changed: a new form of a fact gets a new file.
"""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from trellis.scheduler.v1 import day_pb2, week_pb2

from services.scheduler.adapters.wire.day_facts import attendance_facts, quick_check_fact
from services.scheduler.domain.day.attendance import Mark, Presence, SessionAttendance
from services.scheduler.domain.day.quick_checks import QuickCheck

PINNED = Path(__file__).parents[1] / "pinned" / "trellis.scheduler.v1"
NOW = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)
SESSION = "districts/henry/schools/hcms/weeks/2026-11-23/sessions/s1"
ATTENDANCE = SessionAttendance(
    school_id="hcms",
    monday=date(2026, 11, 23),
    date=date(2026, 11, 23),
    session_id="s1",
    slot_id="mon-1",
    adult_id="a1",
    minutes=40,
    service="speech",
    held=True,
    marks=(
        Mark(learner_id="l1", presence=Presence.PRESENT),
        Mark(learner_id="l2", presence=Presence.LATE, late_minutes=10),
        Mark(learner_id="l3", presence=Presence.ABSENT),
        Mark(learner_id="l4", presence=Presence.ELSEWHERE),
    ),
    revision=2,
    version=3,
    actor="districts/henry/adults/a1",
    time=NOW,
)


def a_check(level, version):
    """Return a quick check as it stands."""
    return QuickCheck(
        school_id="hcms",
        monday=date(2026, 11, 23),
        session_id="s1",
        learner_id="l1",
        competency_id="6.rp.1",
        level=level,
        version=version,
        adult_id="a1",
        show_time=datetime(2026, 11, 23, 14, 0, tzinfo=UTC),
        record_time=NOW,
    )


def the_facts():
    """Return a fact of each form, by the name of its file."""
    taken, delivered = attendance_facts("henry", ATTENDANCE)
    return {
        "attendance_taken": taken,
        "service_delivered": delivered,
        "quick_check_recorded": quick_check_fact("henry", a_check(3, 1)),
        "quick_check_withdrawn": quick_check_fact("henry", a_check(0, 2)),
    }


def pinned(name):
    """Return the bytes of a file."""
    return bytes.fromhex((PINNED / f"{name}.hex").read_text(encoding="ascii"))


@pytest.mark.parametrize("name", sorted(the_facts()))
def test_a_fact_has_the_bytes_it_always_had(name) -> None:
    """What is published today is, byte for byte, what was published at first."""
    fact = the_facts()[name]
    assert fact.value.hex() == pinned(name).hex()
    assert (fact.topic, fact.key) == ("trellis.scheduler.v1", b"districts/henry/schools/hcms")


def test_the_pinned_facts_decode() -> None:
    """A reader of today understands what still stands in the topic."""
    events = {name: week_pb2.SchedulerEvent.FromString(pinned(name)) for name in the_facts()}
    taken = events["attendance_taken"].attendance_taken
    assert (taken.session, taken.version, taken.held) == (SESSION, 3, True)
    assert [one.presence for one in taken.marks] == [
        day_pb2.PRESENCE_PRESENT,
        day_pb2.PRESENCE_LATE,
        day_pb2.PRESENCE_ABSENT,
        day_pb2.PRESENCE_ELSEWHERE,
    ]
    delivered = events["service_delivered"].service_delivered
    assert [one.minutes for one in delivered.learners] == [40, 30, 0, 0]
    recorded = events["quick_check_recorded"].quick_check_recorded
    assert (recorded.level_milli, recorded.version) == (3000, 1)
    assert recorded.quick_check == f"{SESSION}/quickChecks/l1"
    assert events["quick_check_withdrawn"].quick_check_withdrawn.version == 2
    assert len({event.event_id for event in events.values()}) == len(events)
