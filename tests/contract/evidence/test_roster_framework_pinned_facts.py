"""The bytes of every form of fact that roster and frameworks ever published, which decode for ever.

A file under tests/contract/pinned is never changed: a new form of a fact gets a new file.
"""

from datetime import date
from pathlib import Path

import pytest
from trellis.framework.v1 import framework_pb2
from trellis.roster.v1 import roster_pb2

from services.common.postgres.outbox import OutboxRow
from services.evidence.adapters.wire.framework import competency_fact, framework_fact
from services.evidence.adapters.wire.roster import adult_fact, learner_fact, school_fact
from services.evidence.domain.roster import LearnerState
from tests.support.rosters import NOW, a_competency, a_framework, a_learner, a_school, an_adult

PINNED = Path(__file__).parents[1] / "pinned"

GONE = a_learner(
    id="0f" * 16,
    state=LearnerState.WITHDRAWN,
    withdraw_date=date(2026, 8, 31),
    version=2,
)


def pinned(name: str) -> bytes:
    """Return the bytes of a pinned fact."""
    return bytes.fromhex((PINNED / name).read_text(encoding="ascii"))


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("school", school_fact("henry", a_school(version=1), NOW)),
        ("enrolment", learner_fact("henry", GONE, NOW)),
        ("post", adult_fact("henry", an_adult(version=3), NOW)),
        ("framework", framework_fact("henry", a_framework(version=1), NOW)),
        (
            "competency",
            competency_fact("henry", a_competency("6.rp.3", "6.rp.1", "6.rp.2", version=4), NOW),
        ),
    ],
)
def test_a_fact_has_the_bytes_it_always_had(name: str, fact: OutboxRow) -> None:
    """What is published today is, byte for byte, what was published at first."""
    assert fact.value == pinned(f"{fact.topic}/{name}.hex")


def test_the_pinned_facts_of_the_roster_decode() -> None:
    """A reader of today understands every fact of the roster that still stands in a topic."""
    school = roster_pb2.RosterEvent.FromString(pinned("trellis.roster.v1/school.hex"))
    assert school.school.time_zone == "America/New_York"
    learner = roster_pb2.RosterEvent.FromString(pinned("trellis.roster.v1/enrolment.hex"))
    assert learner.name == "districts/henry/learners/" + "0f" * 16
    assert learner.enrolment == roster_pb2.LearnerEnrolment(
        school="districts/henry/schools/hcms",
        grade="6",
        state=roster_pb2.Learner.STATE_WITHDRAWN,
        enrol_date="2026-08-03",
        withdraw_date="2026-08-31",
    )
    adult = roster_pb2.RosterEvent.FromString(pinned("trellis.roster.v1/post.hex"))
    assert adult.post.active
    assert list(adult.post.subjects) == ["math", "science"]


def test_the_pinned_facts_of_the_frameworks_decode() -> None:
    """A reader of today understands every fact of the frameworks that still stands in a topic."""
    framework = framework_pb2.FrameworkEvent.FromString(
        pinned("trellis.framework.v1/framework.hex")
    )
    assert framework.framework.display_name == "Mathematics"
    competency = framework_pb2.FrameworkEvent.FromString(
        pinned("trellis.framework.v1/competency.hex")
    )
    assert competency.version == competency.competency.version == 4
    assert competency.competency.essential
    assert list(competency.competency.prerequisites) == [
        "districts/henry/competencies/6.rp.1",
        "districts/henry/competencies/6.rp.2",
    ]
