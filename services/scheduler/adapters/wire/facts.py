"""What is published of weeks: bytes of trellis.scheduler.v1, keyed by school."""

from dataclasses import dataclass
from datetime import date

from trellis.scheduler.v1 import week_pb2

from services.common.ids import NAMESPACE_TRELLIS, derive_id
from services.scheduler.adapters.wire.names import ADULT, SCHOOL, week_name
from services.scheduler.domain.revision import Revision

TOPIC = "trellis.scheduler.v1"


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One record on its way."""

    topic: str
    key: bytes
    value: bytes


def week_published(district: str, school_id: str, monday: date, revision: Revision) -> Fact:
    """Return the fact that a revision was published; its id is the same each time it is sent."""
    school = SCHOOL.format(district, school_id)
    week = week_name(district, school_id, monday)
    event = week_pb2.SchedulerEvent(
        event_id=str(derive_id(NAMESPACE_TRELLIS, "week-published", week, str(revision.number))),
        school=school,
        week_published=week_pb2.WeekPublished(
            week=week,
            revision=revision.number,
            week_hash=revision.week_hash,
            sessions=revision.report.summary.sessions,
            seats=revision.report.summary.seats,
            sign_off_adult=ADULT.format(district, revision.sign_off.adult_id),
        ),
    )
    event.occur_time.FromDatetime(revision.publish_time)
    return Fact(topic=TOPIC, key=school.encode(), value=event.SerializeToString(deterministic=True))
