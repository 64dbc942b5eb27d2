"""Requests on their way into the search and out of it: their pins, what they are told at last."""

from collections.abc import Mapping
from dataclasses import replace

from services.scheduler.domain.model import Problem
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
    problem: Problem, outcomes: tuple[RequestOutcome, ...], unkept: Mapping[str, Breach]
) -> tuple[RequestOutcome, ...]:
    """Return the outcomes with the truth of winners whose pins could not be kept after all.

    That happens where sessions compete for rooms, which are settled after the requests. `unkept`:
    by id, the pins that are not kept (`Settled.unkept`).
    """
    lost = {
        one.request_id: unkept[pin_id_of(one)]
        for one in problem.requests
        if pin_id_of(one) in unkept
    }
    return tuple(
        replace(one, state=RequestState.NEXT, sentence=f"Next: {lost[one.request_id].message}")
        if one.state is RequestState.SEATED and one.request_id in lost
        else one
        for one in outcomes
    )
