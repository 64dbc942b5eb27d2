"""What is told of adults' requests once persons have changed a published week (H6).

A change moves whom it names. A request that was next is not taken up for that: where the change
left nothing in its way, it is over, and who asked is told to ask anew.
"""

from collections.abc import Mapping
from dataclasses import replace

from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.requests import holders_of
from services.scheduler.domain.check.settled import Settled, order_of
from services.scheduler.domain.model import Problem, Request
from services.scheduler.domain.week import RequestOutcome, RequestState, Week

OVER = "A change after publishing has left room for it, and nobody was moved: ask anew."
UNKEPT = (RequestState.NEXT, RequestState.REFUSED)


def with_requests_settled(problem: Problem, week: Week) -> tuple[Problem, Week]:
    """Return problem and week in which what is told of each request is true of these seats.

    What one of them is told may depend on another that is over now; each is looked at until none
    changes.
    """
    for _ in range(len(week.requests) + 1):
        index = Index(problem, week)
        requests = {one.request_id: one for one in problem.requests}
        outcomes = tuple(_true(index, one, requests) for one in week.requests)
        if outcomes == week.requests:
            break
        over = {
            one.request_id
            for one in outcomes
            if one.state is RequestState.CANCELLED and one.request_id in requests
        }
        week = replace(week, requests=outcomes)
        problem = replace(
            problem,
            requests=tuple(
                replace(one, cancelled=True) if one.request_id in over else one
                for one in problem.requests
            ),
        )
    return problem, week


def _true(index: Index, outcome: RequestOutcome, requests: Mapping[str, Request]) -> RequestOutcome:
    request = requests.get(outcome.request_id)
    if request is None or outcome.state not in UNKEPT:
        return outcome
    mine = order_of(index, request)
    before = sorted(one for one, order in holders_of(index, request) if order <= mine)
    if before:
        told = outcome.winner_id in before or outcome.state is RequestState.REFUSED
        return outcome if told else replace(outcome, winner_id=before[0])
    if Settled(index, request).leaves_room():
        return replace(outcome, state=RequestState.CANCELLED, winner_id="", sentence=OVER)
    pins = {one.pin_id for one in index.problem.pins}
    granted = {
        one.request_id
        for one in requests.values()
        if index.is_granted(one) and order_of(index, one) <= mine
    }
    took = outcome.winner_id in pins | granted
    return outcome if took else replace(outcome, winner_id="")
