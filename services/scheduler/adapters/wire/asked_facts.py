"""What is published of adults' requests: bytes of trellis.scheduler.v1, keyed by school."""

from trellis.scheduler.v1 import week_pb2

from services.scheduler.adapters.wire.facts import Fact, fact_of
from services.scheduler.adapters.wire.names import LEARNER, LEARNER_REQUEST
from services.scheduler.domain.asking.requests import AdultRequest, Outcome
from services.scheduler.domain.week import RequestState

STATES = {
    RequestState.SEATED: week_pb2.RequestSettled.STATE_SEATED,
    RequestState.NEXT: week_pb2.RequestSettled.STATE_NEXT,
    RequestState.CANCELLED: week_pb2.RequestSettled.STATE_CANCELLED,
    RequestState.REFUSED: week_pb2.RequestSettled.STATE_REFUSED,
}


def request_settled(district: str, request: AdultRequest, outcome: Outcome) -> Fact:
    """Return the fact that an outcome changed; its id is the same each time it is sent.

    It holds no sentence: words are for who may read them, and are read from the service.
    """
    name = LEARNER_REQUEST.format(
        district, request.school_id, request.monday.isoformat(), request.id
    )
    event = week_pb2.SchedulerEvent(
        request_settled=week_pb2.RequestSettled(
            request=name,
            learner=LEARNER.format(district, request.learner_id),
            slot_id=request.slot_id,
            state=STATES[outcome.outcome.state],
            winner=outcome.outcome.winner_id,
            number=outcome.number,
        ),
    )
    school = (district, request.school_id)
    return fact_of(school, event, outcome.settle_time, name, outcome.number)
