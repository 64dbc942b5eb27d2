"""Requests on their way into the search and out of it: their pins, what they are told at last."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from services.scheduler.domain.model import Pin, Problem
from services.scheduler.domain.requests.settle import pin_id_of, settle_requests
from services.scheduler.domain.week import Breach, RequestOutcome, RequestState


def with_requests(problem: Problem) -> tuple[Problem, tuple[RequestOutcome, ...]]:
    """Return the problem with a pin for each request that wins a seat, and all outcomes.

    The pins hang on the problem alone, and doing it again adds none. Where a pin of the problem has
    the id that a winner's would get, the winner's id grows, for one id is one pin.
    """
    settled = settle_requests(problem)
    known = {pin.pin_id for pin in problem.pins}
    pins = []
    for pin in settled.pins:
        pin_id = pin.pin_id
        while pin_id in known:
            pin_id += "."
        known.add(pin_id)
        pins.append(replace(pin, pin_id=pin_id))
    return replace(problem, pins=(*problem.pins, *pins)), settled.outcomes


def as_kept(
    problem: Problem,
    outcomes: tuple[RequestOutcome, ...],
    seats: Mapping[tuple[str, str], Pin],
    unkept: Mapping[str, Breach],
) -> tuple[RequestOutcome, ...]:
    """Return the outcomes with the truth of winners whose pins could not be kept after all.

    That happens where sessions compete for rooms, which are settled after the requests, and where
    a pin that asks for the very seat can be kept by nobody. `seats`, `unkept`: what became of all
    pins, by learner and slot, and by id (`Settled`).
    """
    requests = {one.request_id: one for one in problem.requests}
    pins: dict[tuple[str, str, str | None], list[Pin]] = defaultdict(list)
    for pin in problem.pins:
        pins[pin.learner_id, pin.slot_id, pin.offer_id].append(pin)
    found = []
    for one in outcomes:
        asked = requests[one.request_id]
        same = pins[asked.learner_id, asked.slot_id, asked.offer_id]
        seat = seats.get((asked.learner_id, asked.slot_id))
        is_there = seat is not None and seat.offer_id == asked.offer_id
        lost = [i for i in (pin_id_of(asked), *(pin.pin_id for pin in same)) if i in unkept]
        is_lost = bool(lost) and (not is_there or lost[0] == pin_id_of(asked))
        if one.state is RequestState.SEATED and is_lost:
            found.append(_next(one, same, unkept[lost[0]]))
        else:
            found.append(one)
    return tuple(found)


def _next(outcome: RequestOutcome, same: list[Pin], breach: Breach) -> RequestOutcome:
    return replace(
        outcome,
        state=RequestState.NEXT,
        winner_id=same[0].pin_id if same else "",
        sentence=f"Next: {breach.message}",
    )
