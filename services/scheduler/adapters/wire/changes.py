"""Changes of a published week and what can be done about absences: domain values to messages."""

from datetime import date

from trellis.scheduler.v1 import day_pb2

from services.scheduler.adapters.wire.names import ADULT, LEARNER, session_name, week_name
from services.scheduler.domain.day.options import PlaceOption, Unstaffed
from services.scheduler.handlers.day.acting import Act
from services.scheduler.handlers.day.changes import Changed


def unstaffed_to(act: Act, monday: date, one: Unstaffed) -> day_pb2.UnstaffedSession:
    """Return the message of a session without its adult."""
    session = one.session
    return day_pb2.UnstaffedSession(
        session=session_name(act.district, act.school_id, monday, session.session_id),
        slot_id=session.slot_id,
        date=session.date.isoformat(),
        adult=ADULT.format(act.district, one.away[0]),
        learners=[LEARNER.format(act.district, each) for each in one.learner_ids],
        substitutes=[ADULT.format(act.district, each) for each in one.substitutes],
        merges=[_option_to(act, monday, each) for each in one.merges],
        releases=[_option_to(act, monday, each) for each in one.releases],
        places=one.places,
    )


def change_to(act: Act, monday: date, changed: Changed) -> day_pb2.PublishedChange:
    """Return the message of a change."""

    def name(session_id: str | None) -> str:
        if session_id is None:
            return ""
        return session_name(act.district, act.school_id, monday, session_id)

    return day_pb2.PublishedChange(
        week=week_name(act.district, act.school_id, monday),
        revision=changed.view.revision,
        week_hash=changed.view.week_hash,
        moves=[
            day_pb2.SeatMove(
                learner=LEARNER.format(act.district, one.learner_id),
                slot_id=one.slot_id,
                before=name(one.before),
                after=name(one.after),
            )
            for one in changed.moves
        ],
    )


def _option_to(act: Act, monday: date, one: PlaceOption) -> day_pb2.PlaceOption:
    session = one.session
    return day_pb2.PlaceOption(
        session=session_name(act.district, act.school_id, monday, session.session_id),
        adult=ADULT.format(act.district, session.adult_id),
        room_display_name=session.room_display_name,
        title=session.title,
        learners=[LEARNER.format(act.district, each) for each in one.learner_ids],
        seats=one.seats,
    )
