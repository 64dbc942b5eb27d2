"""What people ask for: messages to the domain and back."""

from trellis.scheduler.v1 import request_pb2

from services.scheduler.adapters.wire.names import (
    ADULT,
    BOOKING,
    CHOICE_WINDOW,
    COMPETENCY,
    LEARNER,
    LEARNER_REQUEST,
    NOMINATION,
    OFFER,
    PROPOSAL,
    RANKING,
    REPORTED_NEED,
    child_id,
    id_of,
)
from services.scheduler.adapters.wire.settings import KIND_MESSAGES
from services.scheduler.adapters.wire.times import time_to
from services.scheduler.domain.asking.bookings import Booking, BookingKind, BookingState
from services.scheduler.domain.asking.needs import NeedKind, NeedState, SeenNeed
from services.scheduler.domain.asking.proposals import Proposal, ProposalState
from services.scheduler.domain.asking.rankings import (
    AnswerState,
    RankedChoice,
    Source,
    Standing,
)
from services.scheduler.domain.asking.requests import Outcome
from services.scheduler.domain.asking.short_list import ShortList, Way
from services.scheduler.domain.asking.windows import ChoiceWindow
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.domain.model import Mode, RequestLevel
from services.scheduler.domain.week import RequestState
from services.scheduler.handlers.asking.requests import Told

School = tuple[str, str]
"""District and school."""

MODES = {
    Mode.TAUGHT: request_pb2.WAY_MODE_TAUGHT,
    Mode.PEER: request_pb2.WAY_MODE_PEER,
    Mode.SCREEN: request_pb2.WAY_MODE_SCREEN,
}
SOURCES = {
    Source.SENT: request_pb2.Ranking.SOURCE_SENT,
    Source.LAST_WEEK: request_pb2.Ranking.SOURCE_LAST_WEEK,
    Source.NONE: request_pb2.Ranking.SOURCE_NONE,
}
ANSWERS = {
    AnswerState.CONFIRMED: request_pb2.Ranking.ANSWER_CONFIRMED,
    AnswerState.ANSWERED: request_pb2.Ranking.ANSWER_SENTENCE,
}
STATES = {
    RequestState.SEATED: request_pb2.LearnerRequest.STATE_SEATED,
    RequestState.NEXT: request_pb2.LearnerRequest.STATE_NEXT,
    RequestState.CANCELLED: request_pb2.LearnerRequest.STATE_CANCELLED,
    RequestState.REFUSED: request_pb2.LearnerRequest.STATE_REFUSED,
}
LEVELS = {
    RequestLevel.SERVICE: request_pb2.LearnerRequest.LEVEL_SERVICE,
    RequestLevel.ADMINISTRATOR: request_pb2.LearnerRequest.LEVEL_ADMINISTRATOR,
    RequestLevel.OWNING_TEACHER: request_pb2.LearnerRequest.LEVEL_OWNING_TEACHER,
    RequestLevel.TEACHER: request_pb2.LearnerRequest.LEVEL_TEACHER,
}
NEED_STATES = {
    NeedState.WAITING: request_pb2.SeenNeed.STATE_WAITING,
    NeedState.STANDING: request_pb2.SeenNeed.STATE_STANDING,
    NeedState.WITHDRAWN: request_pb2.SeenNeed.STATE_WITHDRAWN,
    NeedState.SETTLED: request_pb2.SeenNeed.STATE_SETTLED,
}
BOOKING_KINDS = {
    request_pb2.Booking.KIND_REASSESSMENT: BookingKind.REASSESSMENT,
    request_pb2.Booking.KIND_COACHING: BookingKind.COACHING,
}
BOOKING_KIND_MESSAGES = {kind: message for message, kind in BOOKING_KINDS.items()}
BOOKING_STATES = {
    BookingState.ASKED: request_pb2.Booking.STATE_ASKED,
    BookingState.AGREED: request_pb2.Booking.STATE_AGREED,
    BookingState.DECLINED: request_pb2.Booking.STATE_DECLINED,
    BookingState.CANCELLED: request_pb2.Booking.STATE_CANCELLED,
}
PROPOSAL_STATES = {
    ProposalState.WAITING: request_pb2.Proposal.STATE_WAITING,
    ProposalState.SPONSORED: request_pb2.Proposal.STATE_SPONSORED,
    ProposalState.DECLINED: request_pb2.Proposal.STATE_DECLINED,
}


def window_to(district: str, window: ChoiceWindow) -> request_pb2.ChoiceWindow:
    """Return the message of a window."""
    return request_pb2.ChoiceWindow(
        name=CHOICE_WINDOW.format(district, window.school_id, window.monday.isoformat()),
        open_time=time_to(window.open_time),
        close_time=time_to(window.close_time),
        closed_time=time_to(window.closed_time),
        note=window.note,
    )


def short_list_to(school: School, found: ShortList) -> request_pb2.ShortList:
    """Return the message of a short list, as learners read it."""
    return request_pb2.ShortList(
        learner=LEARNER.format(school[0], found.learner_id),
        targets=[
            request_pb2.ChoiceTarget(
                competency=COMPETENCY.format(school[0], one.competency_id),
                label=one.label,
                ways=[_way_to(school, way) for way in one.ways],
            )
            for one in found.targets
        ],
        enrichment=[_way_to(school, way) for way in found.enrichment],
    )


def choice_from(school: School, place: str, message: request_pb2.RankedChoice) -> RankedChoice:
    """Return the choice of a message; raises InvalidSettingError."""
    named = message.offer
    target = message.competency
    return RankedChoice(
        offer_id=child_id(OFFER, f"{place}.offer", school, named) if named else "",
        competency_id=id_of(COMPETENCY, f"{place}.competency", school[0], target) if target else "",
        slot_ids=tuple(message.slot_ids),
    )


def standing_to(school: School, monday: str, standing: Standing) -> request_pb2.Ranking:
    """Return the message of what stands for a learner."""
    district, school_id = school
    ranking, answer = standing.ranking, standing.answer
    message = request_pb2.Ranking(
        name=RANKING.format(district, school_id, monday, standing.learner_id),
        learner=LEARNER.format(district, standing.learner_id),
        source=SOURCES[standing.source],
        version=standing.version,
        answer=ANSWERS[answer.state] if answer else request_pb2.Ranking.ANSWER_OPEN,
        answer_sentence=answer.sentence if answer else "",
        answered_by=answer.actor if answer else "",
    )
    if ranking is not None:
        message.choices.extend(_choice_to(school, one) for one in ranking.choices)
        message.receive_time.FromDatetime(ranking.receive_time)
        message.number = ranking.number
    return message


TO_BE_TAKEN_BACK = (
    "It is to be taken back. The week is published, so it stands until who may change that, the"
    " office or who leads the school, takes it back."
)
"""Said to staff of a request that waits for somebody with the right to change the week."""


def told_to(school: School, told: Told, *, for_staff: bool) -> request_pb2.LearnerRequest:
    """Return the message of a request; learners and families get what is theirs to read."""
    district, school_id = school
    one, outcome = told.request, told.outcome.outcome
    message = request_pb2.LearnerRequest(
        name=LEARNER_REQUEST.format(district, school_id, one.monday.isoformat(), one.id),
        learner=LEARNER.format(district, one.learner_id),
        slot_id=one.slot_id,
        adult=ADULT.format(district, one.adult_id) if one.adult_id else "",
        state=STATES[outcome.state],
        learner_sentence=told.learner_sentence,
        title=told.title,
        create_time=time_to(one.create_time),
        settle_time=time_to(told.outcome.settle_time),
        version=one.version,
    )
    if for_staff:
        message.offer = OFFER.format(district, school_id, one.offer_id)
        message.level = LEVELS[one.level]
        message.winner = outcome.winner_id
        message.sentence = outcome.sentence
        message.cancel_wished = one.cancel_wished
        if one.cancel_wished:
            message.sentence = f"{outcome.sentence} {TO_BE_TAKEN_BACK}"
        if one.competency_id:
            message.competency = COMPETENCY.format(district, one.competency_id)
    return message


def outcome_to(one: Outcome) -> request_pb2.RequestOutcome:
    """Return the message of an outcome."""
    return request_pb2.RequestOutcome(
        number=one.number,
        state=STATES[one.outcome.state],
        winner=one.outcome.winner_id,
        sentence=one.outcome.sentence,
        settle_time=time_to(one.settle_time),
    )


def need_to(school: School, need: SeenNeed, *, for_staff: bool) -> request_pb2.SeenNeed:
    """Return the message of a need; a nomination's reason and author are the staff's."""
    district, school_id = school
    is_nomination = need.kind is NeedKind.NOMINATION
    pattern = NOMINATION if is_nomination else REPORTED_NEED
    shown = for_staff or not is_nomination
    return request_pb2.SeenNeed(
        name=pattern.format(district, school_id, need.id),
        learner=LEARNER.format(district, need.learner_id),
        competency=COMPETENCY.format(district, need.competency_id),
        reason=need.reason if shown else "",
        actor=need.actor if shown else "",
        state=NEED_STATES[need.state],
        expire_date=need.expire_date.isoformat(),
        create_time=time_to(need.create_time),
        answer_sentence=need.answer_sentence,
        answered_by=need.answer_actor,
        learner_sentence=need.learner_sentence,
        version=need.version,
    )


def booking_to(school: School, booking: Booking) -> request_pb2.Booking:
    """Return the message of a booking."""
    district, school_id = school
    offer = booking.offer_id
    return request_pb2.Booking(
        name=BOOKING.format(district, school_id, booking.monday.isoformat(), booking.id),
        kind=BOOKING_KIND_MESSAGES[booking.kind],
        learner=LEARNER.format(district, booking.learner_id),
        competency=COMPETENCY.format(district, booking.competency_id),
        offer=OFFER.format(district, school_id, offer) if offer else "",
        slot_id=booking.slot_id,
        state=BOOKING_STATES[booking.state],
        actor=booking.actor,
        answer_sentence=booking.answer_sentence,
        answered_by=booking.answer_actor,
        create_time=time_to(booking.create_time),
        version=booking.version,
    )


def booking_kind_from(value: int) -> BookingKind:
    """Return what is booked; raises InvalidRequestError."""
    kind = next((kind for message, kind in BOOKING_KINDS.items() if message == value), None)
    if kind is None:
        raise InvalidRequestError(
            field="kind", message="is none", hint="send KIND_REASSESSMENT or KIND_COACHING"
        )
    return kind


def proposal_to(school: School, proposal: Proposal) -> request_pb2.Proposal:
    """Return the message of a proposal."""
    district, school_id = school
    offer = proposal.offer_id
    return request_pb2.Proposal(
        name=PROPOSAL.format(district, school_id, proposal.id),
        learner=LEARNER.format(district, proposal.learner_id),
        title=proposal.title,
        what=proposal.what,
        state=PROPOSAL_STATES[proposal.state],
        offer=OFFER.format(district, school_id, offer) if offer else "",
        answer_sentence=proposal.answer_sentence,
        answered_by=proposal.answer_actor,
        create_time=time_to(proposal.create_time),
        version=proposal.version,
    )


def _way_to(school: School, way: Way) -> request_pb2.Way:
    district, school_id = school
    return request_pb2.Way(
        offer=OFFER.format(district, school_id, way.offer_id) if way.offer_id else "",
        competency=COMPETENCY.format(district, way.competency_id) if way.competency_id else "",
        adult=ADULT.format(district, way.adult_id) if way.adult_id else "",
        kind=KIND_MESSAGES[way.kind],
        mode=MODES[way.mode],
        title=way.title,
        dok=way.dok,
        slot_ids=way.slot_ids,
    )


def _choice_to(school: School, one: RankedChoice) -> request_pb2.RankedChoice:
    district, school_id = school
    return request_pb2.RankedChoice(
        offer=OFFER.format(district, school_id, one.offer_id) if one.offer_id else "",
        competency=COMPETENCY.format(district, one.competency_id) if one.competency_id else "",
        slot_ids=one.slot_ids,
    )
