"""H6: adults' requests are settled in their order, and both sides are told.

Between two requests for one learner the higher level wins, then the larger need weight, more
weeks of waiting, the earlier request; pins come before all. How equals are told apart after that
is the planner's. A request that is not kept has something before it in its way, or can never be.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from services.scheduler.domain.check.basics import PLAN_ANEW
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.settled import Order, Settled, order_of
from services.scheduler.domain.model import Request
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, RequestOutcome, RequestState

BEFORE_ALL: Order = (0, 0, 0, datetime.min.replace(tzinfo=UTC))


def breaches(index: Index) -> Iterator[Breach]:
    """Yield the requests whose outcome is missing, untrue or out of order."""
    requests = {one.request_id: one for one in index.problem.requests}
    told = Counter(one.request_id for one in index.week.requests)
    for request in requests.values():
        if told[request.request_id] != 1:
            yield _breach(index, request, f"has {told[request.request_id]} outcomes, not one")
    for outcome in index.week.requests:
        asked = requests.get(outcome.request_id)
        if asked is None:
            message = f"Request {outcome.request_id} has an outcome, and nobody made it."
            message = f"{message} {PLAN_ANEW}"
            yield Breach(rule=Rule.REQUEST_ORDER, slot_id="", message=message)
        else:
            yield from _outcome(index, asked, outcome)


def _breach(index: Index, request: Request, what: str) -> Breach:
    who = f"Request {request.request_id} for learner {request.learner_id}"
    slot_id = request.slot_id if request.slot_id in index.slots else ""
    message = f"{who} to offer {request.offer_id} {what}. {PLAN_ANEW}"
    return Breach(rule=Rule.REQUEST_ORDER, slot_id=slot_id, message=message)


def _outcome(index: Index, request: Request, outcome: RequestOutcome) -> Iterator[Breach]:
    if request.cancelled is not (outcome.state is RequestState.CANCELLED):
        is_not = "was cancelled" if request.cancelled else "was not cancelled"
        yield _breach(index, request, f"is told as {outcome.state.value} though it {is_not}")
    elif outcome.state is RequestState.SEATED and not _is_seated(index, request):
        yield _breach(index, request, "is told as seated, and the learner sits elsewhere")
    elif outcome.state in (RequestState.NEXT, RequestState.REFUSED):
        yield from _not_kept(index, request, outcome)


def _is_seated(index: Index, request: Request) -> bool:
    mine = index.seats_of.get(request.learner_id, ())
    seats = (seat for seat in mine if seat.slot_id == request.slot_id)
    return any(request in index.wishes_for(seat) for seat in seats)


def _not_kept(index: Index, request: Request, outcome: RequestOutcome) -> Iterator[Breach]:
    """Yield what is wrong where the learner is not where the request wants them."""
    if not outcome.sentence.strip():
        yield _breach(index, request, f"is {outcome.state.value}, and nobody is told why")
    holders = dict(holders_of(index, request))
    before = {one for one, order in holders.items() if order <= order_of(index, request)}
    if not before and Settled(index, request).leaves_room():
        what = f"is {outcome.state.value}, though nothing that comes before it is in its way"
        if holders:
            what = f"has lost to request {min(holders)}, which is lower"
        yield _breach(index, request, what)
    elif outcome.state is RequestState.NEXT and not _is_winner(index, request, outcome, before):
        yield _breach(index, request, "is next after a request or pin that did not take its place")


def holders_of(index: Index, request: Request) -> Iterator[tuple[str, Order]]:
    """Yield the pins and granted requests that have the learner when a request asks for them."""
    for slot_id in index.meeting.get(request.slot_id, frozenset()):
        for pin in index.pins_of.get((request.learner_id, slot_id), ()):
            yield pin.pin_id, BEFORE_ALL
        for other in index.granted.get((request.learner_id, slot_id), ()):
            if other != request:
                yield other.request_id, order_of(index, other)


def _is_winner(index: Index, request: Request, outcome: RequestOutcome, before: set[str]) -> bool:
    """Return whether what is named as the winner took the learner, or the place, before."""
    if before:
        return outcome.winner_id in before
    granted = [r for r in index.problem.requests if index.is_granted(r)]
    winners = {r.request_id for r in granted if order_of(index, r) <= order_of(index, request)}
    pins = {pin.pin_id for pin in index.problem.pins}
    return outcome.winner_id in {"", *winners, *pins}
