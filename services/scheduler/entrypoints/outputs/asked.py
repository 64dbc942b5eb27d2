"""Who asked for whom: told to learners and families in neutral words, to staff with the reason.

Of a service and of an adult's request the same is told, "Ms. Duval asked for you", so that nobody
reads from it which of the two it is (H11).
"""

import re
from collections.abc import Mapping
from typing import Final

from services.scheduler.domain.day.substitutes import SUBSTITUTE
from services.scheduler.domain.model import Pin, Problem, Request
from services.scheduler.domain.requests.index import Index, index_of
from services.scheduler.domain.requests.order import ask_of, why_first
from services.scheduler.domain.revision import Content
from services.scheduler.domain.week import RequestOutcome, RequestState, SeatRule, Session
from services.scheduler.entrypoints.pages.naming import without_request_ids

Place = tuple[str, str]
"""A learner and a slot."""

SERVICES: Final = (SeatRule.SERVICE, SeatRule.SERVICE_PIN)

_NEXT: Final = re.compile(r"^Next: ")
_HOLDER: Final = re.compile(r" \((?:pin|request) \S+\)")


def askers_of(content: Content) -> Mapping[Place, str]:
    """Return the adults who asked for learners and have them, by learner and slot."""
    problem, week = content.problem, content.week
    asked = {one.request_id: one for one in problem.requests}
    won = {
        (request.learner_id, request.slot_id): request
        for one in week.requests
        if one.state is RequestState.SEATED
        and (request := asked.get(one.request_id)) is not None
        and request.adult_id
    }
    sessions = {one.session_id: one for one in week.sessions}
    found: dict[Place, str] = {}
    for seat in week.seats:
        place, session = (seat.learner_id, seat.slot_id), sessions.get(seat.session_id or "")
        if session is None:
            continue
        request = won.get(place)
        if request is not None and _is_for(request, session):
            found[place] = request.adult_id
        elif seat.rule in SERVICES and not session.offer_id.startswith(SUBSTITUTE):
            found[place] = session.adult_id
    return found


def _is_for(request: Request, session: Session) -> bool:
    """Whether a request is for this session, under a substitute as well."""
    return session.offer_id == request.offer_id or session.offer_id.startswith(SUBSTITUTE)


class Lost:
    """Says why a request of an adult was not kept, to that adult; ids behind their words."""

    def __init__(self, problem: Problem) -> None:
        """Look up what requests name."""
        self._index: Index = index_of(problem)
        self._requests = {one.request_id: one for one in problem.requests}
        self._pins = {one.pin_id: one for one in problem.pins}

    def why(self, outcome: RequestOutcome) -> str:
        """Return why the learner is elsewhere, as a sentence."""
        request = self._requests[outcome.request_id]
        winner = self._requests.get(outcome.winner_id)
        if winner is not None and self._is_same_place(winner, request):
            return self._before(winner, request)
        pin = self._pins.get(outcome.winner_id)
        if pin is not None and pin.learner_id == request.learner_id:
            return _pinned(pin)
        said = without_request_ids(_HOLDER.sub("", _NEXT.sub("", outcome.sentence)))
        return said[:1].upper() + said[1:]

    def _is_same_place(self, winner: Request, request: Request) -> bool:
        index = self._index
        slots = (index.slots.get(winner.slot_id), index.slots.get(request.slot_id))
        known = all(one.offer_id in index.offers for one in (winner, request))
        met = slots[0] is not None and slots[1] is not None and slots[0].meets(slots[1])
        return known and met and winner.learner_id == request.learner_id

    def _before(self, winner: Request, request: Request) -> str:
        who = f"adult {winner.adult_id}" if winner.adult_id else "Another request"
        why = why_first(ask_of(winner, self._index), ask_of(request, self._index))
        return f"{who} comes first{', ' if why else ''}{why}."


def _pinned(pin: Pin) -> str:
    if pin.service:
        return "A service comes first."
    if pin.exemption is not None:
        return "The learner is exempt then."
    return "The learner's place was set before."
