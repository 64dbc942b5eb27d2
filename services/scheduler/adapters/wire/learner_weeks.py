"""One learner's published week as a message, which has no field for a label."""

from datetime import datetime

from trellis.scheduler.v1 import learner_week_pb2

from services.scheduler.adapters.wire.names import LEARNER, LEARNER_WEEK
from services.scheduler.adapters.wire.settings import clock_to
from services.scheduler.adapters.wire.times import time_to
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
        publish_time=time_to(revision.publish_time),
        change_end_time=time_to(change_until),
    )


def own_place_to(slot: Slot, title: str, sentence: str) -> learner_week_pb2.OwnPlace:
    """Return the message of a place in a slot, without where and with whom."""
    return learner_week_pb2.OwnPlace(
        slot_id=slot.slot_id,
        slot_label=slot.label,
        date=slot.date.isoformat(),
        start_clock=clock_to(slot.start),
        end_clock=clock_to(slot.end),
        title=title,
        learner_sentence=sentence,
    )
