"""What is published of weeks: bytes of trellis.scheduler.v1, keyed by school."""

from dataclasses import dataclass
from datetime import date, datetime

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


def fact_of(
    school: tuple[str, str], event: week_pb2.SchedulerEvent, time: datetime, *about: object
) -> Fact:
    """Return an event on its way, with what every event has; `school`: district and school.

    Its id follows from the kind of fact and from what it is `about`: sent again, it is the same.
    """
    kind = event.WhichOneof("fact")
    assert kind is not None
    name = SCHOOL.format(*school)
    event.event_id = str(derive_id(NAMESPACE_TRELLIS, kind.replace("_", "-"), *map(str, about)))
    event.school = name
    event.occur_time.FromDatetime(time)
    return Fact(topic=TOPIC, key=name.encode(), value=event.SerializeToString(deterministic=True))


def week_published(district: str, school_id: str, monday: date, revision: Revision) -> Fact:
    """Return the fact that a revision was published; its id is the same each time it is sent."""
    week = week_name(district, school_id, monday)
    event = week_pb2.SchedulerEvent(
        week_published=week_pb2.WeekPublished(
            week=week,
            revision=revision.number,
            week_hash=revision.week_hash,
            sessions=revision.report.summary.sessions,
            seats=revision.report.summary.seats,
            sign_off_adult=ADULT.format(district, revision.sign_off.adult_id),
        ),
    )
    return fact_of((district, school_id), event, revision.publish_time, week, revision.number)
