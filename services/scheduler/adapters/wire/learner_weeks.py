"""One learner's published week as a message, which has no field for a label."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from trellis.scheduler.v1 import learner_week_pb2

from services.scheduler.adapters.wire.names import LEARNER, LEARNER_WEEK
from services.scheduler.domain.model import Slot
from services.scheduler.domain.revision import Revision


def learner_week_to(
    school: tuple[str, str],
    monday: str,
    learner_id: str,
    revision: Revision,
    change_until: datetime | None,
) -> learner_week_pb2.LearnerWeek:
    """Return the message of a learner's week, without its places."""
    district, school_id = school
    return learner_week_pb2.LearnerWeek(
        name=LEARNER_WEEK.format(district, school_id, monday, learner_id),
        learner=LEARNER.format(district, learner_id),
        monday=monday,
        revision=revision.number,
        publish_time=_time(revision.publish_time),
        change_end_time=_time(change_until) if change_until is not None else None,
    )


def own_place_to(slot: Slot, title: str, sentence: str) -> learner_week_pb2.OwnPlace:
    """Return the message of a place in a slot, without where and with whom."""
    return learner_week_pb2.OwnPlace(
        slot_id=slot.slot_id,
        slot_label=slot.label,
        date=slot.date.isoformat(),
        start_clock=f"{slot.start:%H:%M}",
        end_clock=f"{slot.end:%H:%M}",
        title=title,
        learner_sentence=sentence,
    )


def _time(value: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(value)
    return message
