"""A school in which adults ask for learners: two subjects, two learners and room for all."""

from datetime import UTC, datetime, timedelta

from services.scheduler.domain.model import (
    Competency,
    Offer,
    Problem,
    Request,
    RequestLevel,
    SessionKind,
    Slot,
)
from services.scheduler.domain.requests import SettledRequests, settle_requests
from services.scheduler.domain.week import RequestOutcome, RequestState
from tests.support.schools import (
    a_competency,
    a_learner,
    a_problem,
    a_room,
    a_slot,
    an_adult,
    an_offer,
)

TUESDAY_NOON = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
ADULTS = {"eve": "English", "max": "math", "art": "art"}
OWNER, TEACHER = RequestLevel.OWNING_TEACHER, RequestLevel.TEACHER
ADMINISTRATOR, SERVICE = RequestLevel.ADMINISTRATOR, RequestLevel.SERVICE


def a_group(adult_id: str, **changes) -> Offer:
    """Return the small group of an adult in their subject and room, as "o-eve"."""
    fields = {
        "kind": SessionKind.SMALL_GROUP,
        "room_id": f"room-{adult_id}",
        "subject": ADULTS[adult_id],
    }
    return an_offer(f"o-{adult_id}", adult_id, **(fields | changes))


def english_slot(slot_id="mon-1", start="09:00", end="09:40", **changes) -> Slot:
    """Return a slot that English owns."""
    made = a_slot(slot_id, start, end)
    fields = {"slot_id": slot_id, "date": made.date, "start": made.start, "end": made.end}
    return Slot(**(fields | {"subject": "English"} | changes))


def a_request(request_id="r1", adult_id="eve", learner_id="lea", **changes) -> Request:
    """Return a teacher's request for lea in the group of an adult, made on Tuesday at noon."""
    fields = {
        "request_id": request_id,
        "learner_id": learner_id,
        "slot_id": "mon-1",
        "offer_id": f"o-{adult_id}",
        "level": TEACHER,
        "create_time": TUESDAY_NOON,
        "adult_id": adult_id,
    }
    return Request(**(fields | changes))


def later(minutes: int) -> datetime:
    """Return a time after Tuesday noon."""
    return TUESDAY_NOON + timedelta(minutes=minutes)


def an_idea(competency_id: str, subject: str) -> Competency:
    """Return a competency of a subject."""
    return a_competency(competency_id, f"Idea {competency_id}", subject=subject)


def asking(*requests: Request, **changes) -> Problem:
    """Return a school of English, math and art, with lea and leo, and these requests."""
    fields = {
        "slots": (english_slot(),),
        "adults": tuple(an_adult(name, (subject,)) for name, subject in ADULTS.items()),
        "rooms": tuple(a_room(f"room-{name}") for name in ADULTS),
        "offers": tuple(a_group(name) for name in ADULTS),
        "learners": (a_learner("lea"), a_learner("leo")),
        "competencies": (
            an_idea("essays", "English"),
            an_idea("fractions", "math"),
            an_idea("shading", "art"),
        ),
        "requests": requests,
    }
    return a_problem(**(fields | changes))


def settled(*requests: Request, **changes) -> SettledRequests:
    """Return what becomes of these requests in such a school."""
    return settle_requests(asking(*requests, **changes))


def outcomes(*requests: Request, **changes) -> dict[str, RequestOutcome]:
    """Return what becomes of each request, by its id."""
    return {one.request_id: one for one in settled(*requests, **changes).outcomes}


def states(*requests: Request, **changes) -> dict[str, str]:
    """Return the state of each request and, where it is next, who has the seat."""
    found = outcomes(*requests, **changes)
    return {
        name: f"next to {one.winner_id}" if one.state is RequestState.NEXT else one.state.value
        for name, one in found.items()
    }


def sentence(*requests: Request, **changes) -> str:
    """Return what the first of the requests is told."""
    return outcomes(*requests, **changes)[requests[0].request_id].sentence
