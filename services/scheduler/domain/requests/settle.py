"""Levels 1 to 4 of the request order (H6): the higher takes the seat, the other is next.

Requests are taken one by one, the highest first, so whoever is next is barred by a pin or by
somebody higher alone. A request that is cancelled bars nobody: settling again brings back who was
next, where a seat is left. What follows from it is the same in whatever order requests come.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.scheduler.domain.model import Pin, Problem, Request, RequestLevel
from services.scheduler.domain.requests import sentences
from services.scheduler.domain.requests.faults import fault_of
from services.scheduler.domain.requests.index import Index, index_of
from services.scheduler.domain.requests.order import Ask, ask_of
from services.scheduler.domain.requests.taken import Bar, Cause, Held, Taken
from services.scheduler.domain.week import RequestOutcome, RequestState


@dataclass(frozen=True, kw_only=True)
class SettledRequests:
    """What requests come to, before the search."""

    pins: tuple[Pin, ...]
    """A pin for each winner, by id, but where a pin seats the learner already on that target."""
    outcomes: tuple[RequestOutcome, ...]
    """What became of each request, by id."""


@dataclass(frozen=True, kw_only=True)
class _Verdict:
    """What became of a request that can be kept: seated by a pin, barred, or a winner."""

    ask: Ask
    pinned: Held | None = None
    bar: Bar | None = None

    @property
    def has_won(self) -> bool:
        return self.pinned is None and self.bar is None

    @property
    def needs_pin(self) -> bool:
        """Whether no pin holds the learner to what was asked for."""
        target = self.ask.competency_id
        is_open = self.pinned is not None and self.pinned.competency_id is None
        return self.has_won or (is_open and target is not None)


def settle_requests(problem: Problem) -> SettledRequests:
    """Return the pins and outcomes of a problem's requests."""
    index = index_of(problem)
    outcomes: list[RequestOutcome] = []
    asks: list[Ask] = []
    for request in set(problem.requests):
        outcome = _without_a_say(request, index)
        if outcome is not None:
            outcomes.append(outcome)
        else:
            asks.append(ask_of(request, index))
    verdicts = _verdicts(asks, index)
    outcomes += _outcomes(verdicts)
    pins = (_pin(one.ask) for one in verdicts if one.needs_pin)
    return SettledRequests(
        pins=tuple(sorted(pins, key=lambda pin: pin.pin_id)),
        outcomes=tuple(sorted(outcomes, key=lambda o: (o.request_id, o.state.value))),
    )


def pin_id_of(request: Request) -> str:
    """Return the id of the pin that a request gets when it wins."""
    return f"request.{request.request_id}"


def _without_a_say(request: Request, index: Index) -> RequestOutcome | None:
    """Return the outcome of a request that is cancelled or can never be kept."""
    if request.cancelled:
        return RequestOutcome(
            request_id=request.request_id,
            state=RequestState.CANCELLED,
            sentence=sentences.CANCELLED,
        )
    fault = fault_of(request, index)
    if fault is None:
        return None
    return RequestOutcome(
        request_id=request.request_id,
        state=RequestState.REFUSED,
        sentence=sentences.refused(fault),
    )


def _verdicts(asks: Iterable[Ask], index: Index) -> list[_Verdict]:
    taken = Taken(index)
    verdicts = []
    for ask in sorted(asks, key=lambda one: one.rank):
        pinned = taken.take_pinned(ask)
        bar = taken.bar(ask) if pinned is None else None
        verdict = _Verdict(ask=ask, pinned=pinned, bar=bar)
        verdicts.append(verdict)
        if verdict.has_won:
            taken.take(_held(ask))
    return verdicts


def _held(ask: Ask) -> Held:
    return Held(
        holder_id=ask.request.request_id,
        learner_id=ask.learner.learner_id,
        slot=ask.slot,
        offer=ask.offer,
        competency_id=ask.competency_id,
        subject=ask.subject,
        ask=ask,
    )


def _outcomes(verdicts: Sequence[_Verdict]) -> list[RequestOutcome]:
    behind: dict[str, list[Ask]] = defaultdict(list)
    for one in verdicts:
        winner = one.bar.by.ask if one.bar is not None and one.bar.by is not None else None
        if winner is not None and one.bar is not None and one.bar.cause is Cause.LEARNER:
            behind[winner.request.request_id].append(one.ask)
    return [_outcome(one, behind) for one in verdicts]


def _outcome(verdict: _Verdict, behind: dict[str, list[Ask]]) -> RequestOutcome:
    request_id = verdict.ask.request.request_id
    if verdict.bar is not None:
        return RequestOutcome(
            request_id=request_id,
            state=RequestState.NEXT,
            winner_id=verdict.bar.by.holder_id if verdict.bar.by is not None else "",
            sentence=sentences.waiting(verdict.ask, verdict.bar),
        )
    if verdict.pinned is not None:
        sentence = sentences.pinned(verdict.pinned)
    else:
        sentence = sentences.seated(verdict.ask, behind.get(request_id, ()))
    return RequestOutcome(request_id=request_id, state=RequestState.SEATED, sentence=sentence)


def _pin(ask: Ask) -> Pin:
    return Pin(
        pin_id=pin_id_of(ask.request),
        learner_id=ask.learner.learner_id,
        slot_id=ask.slot.slot_id,
        offer_id=ask.offer.offer_id,
        competency_id=ask.competency_id,
        service=ask.level is RequestLevel.SERVICE,
        reason=sentences.reason(ask),
    )
