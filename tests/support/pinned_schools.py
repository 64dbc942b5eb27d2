"""Small schools in which persons ask for much: pins, agreed sessions, requests, pairs kept apart.

Much of it cannot be kept beside the rest, and some of it not at all.
"""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.scheduler.domain.model import KeepApart, LockedSession, Offer, Pin, Problem, Slot
from services.scheduler.domain.numbers import Policy
from tests.support.schools import Shape, a_school
from tests.support.whole_schools import LAW

SMALL = Shape(
    learners=16,
    adults=8,
    slots=3,
    competencies=8,
    needs_each=2.0,
    whole=True,
    policy=Policy(small_group_cap=3, enrichment_cap=8, session_minimum=2),
)


def a_pinned_school(seed: int, *, pins: int = 24, overlapping: bool = False) -> Problem:
    """Return a random small school; the same seed gives the same one."""
    rng = random.Random(seed)
    problem = a_school(seed, SMALL)
    if overlapping:
        problem = replace(problem, slots=_overlapping(problem, rng))
    problem = _with_few_places(problem, rng)
    asked = [(rng.choice(problem.slots), rng.choice(problem.offers)) for _ in range(9)]
    return replace(
        problem,
        pins=tuple(_pin(number, problem, asked, rng) for number in range(pins)),
        locked=tuple(_locks(problem, rng)),
        keep_apart=tuple(_pairs(problem, rng)),
    )


def _with_few_places(problem: Problem, rng: random.Random) -> Problem:
    """Return the school with adults who are mostly there, and few small rooms for all of them."""
    sizes = [rng.choice((6, 12, 30) if one.shared else (2, 4, 30)) for one in problem.rooms]
    sized = zip(problem.rooms, sizes, strict=True)
    rooms = [replace(one, capacity=size) for one, size in sized]
    names = [one.room_id for one in rng.sample(rooms, 5)]
    always = [replace(one, slot_ids=(), kinds=()) for one in problem.adults]
    adults = [rng.choice(pair) for pair in zip(problem.adults, always, strict=True)]
    return replace(
        problem,
        rooms=tuple(rooms),
        adults=tuple(adults),
        absences=problem.absences if rng.random() < 0.2 else (),
        offers=tuple(_offer(one, problem, names, rng) for one in problem.offers),
    )


def _overlapping(problem: Problem, rng: random.Random) -> tuple[Slot, ...]:
    """Return the slots, each beginning before the one before it ends, or just after."""
    changed, begin = [], datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    for slot in problem.slots:
        end = begin + timedelta(minutes=40)
        changed.append(replace(slot, start=begin.time(), end=end.time()))
        begin += timedelta(minutes=rng.choice((20, 30, 40)))
    return tuple(changed)


def _offer(offer: Offer, problem: Problem, names: list[str], rng: random.Random) -> Offer:
    """Return an offer that is more often for few, for a law, led by two, or without a room."""
    changes = {}
    if rng.random() < 0.2:
        changes["cap"] = rng.randint(1, 3)
    if offer.kind.is_help and rng.random() < 0.3:
        changes["legal"] = LAW
    if rng.random() < 0.2:
        others = [one.adult_id for one in problem.adults if one.adult_id != offer.adult_id]
        changes["co_adult_ids"] = (rng.choice(others),)
    if rng.random() < 0.5:
        room_id, *others = rng.sample(names, rng.randint(1, 3))
        changes |= {"room_id": room_id, "other_room_ids": tuple(others)}
    elif rng.random() < 0.1:
        changes |= {"room_id": None, "other_room_ids": (), "layout": ""}
    if rng.random() < 0.2:
        changes["layout"] = "circle"
    changes["slot_ids"] = offer.slot_ids if rng.random() < 0.3 else ()
    return replace(offer, **(changes | {"minimum": 0}))


def _pin(number: int, problem: Problem, asked: list[tuple[Slot, Offer]], rng: random.Random) -> Pin:
    """Return a pin to one of a few sessions, so that they fill, or to any."""
    slot, offer = rng.choice(asked)
    if rng.random() < 0.2:
        slot, offer = rng.choice(problem.slots), rng.choice(problem.offers)
    fields = {
        "pin_id": f"p{number:02d}",
        "learner_id": rng.choice(problem.learners[:12]).learner_id,
        "slot_id": slot.slot_id,
        "reason": rng.choice(("", "agreed")),
    }
    if rng.random() < 0.1:
        return Pin(**fields, exemption=rng.choice(("off-campus", "clinic")))
    return Pin(
        **fields,
        offer_id=offer.offer_id,
        competency_id=_target(offer, problem, rng),
        service=rng.random() < 0.3,
    )


def _target(offer: Offer, problem: Problem, rng: random.Random) -> str | None:
    if not offer.kind.has_target or rng.random() < 0.5:
        return None
    mine = [one for one in problem.competencies if one.subject == offer.subject]
    return rng.choice(mine or list(problem.competencies)).competency_id


def _locks(problem: Problem, rng: random.Random) -> list[LockedSession]:
    tiers = [tier.tier_id for tier in problem.policy.tiers]
    asked = {(rng.choice(problem.slots), rng.choice(problem.offers)) for _ in range(3)}
    return [
        LockedSession(
            slot_id=slot.slot_id,
            offer_id=offer.offer_id,
            competency_id=_target(offer, problem, rng),
            tier_id=rng.choice(("", *tiers)) if offer.kind.is_help else "",
        )
        for slot, offer in sorted(asked, key=lambda one: (one[0].slot_id, one[1].offer_id))
    ]


def _pairs(problem: Problem, rng: random.Random) -> list[KeepApart]:
    names = [one.learner_id for one in problem.learners[:12]]
    pairs = {tuple(sorted(rng.sample(names, 2))) for _ in range(8)}
    return [
        KeepApart(
            rule_id=f"apart-{number}",
            learner_id=one,
            other_id=other,
            expire_date=rng.choice((None, None, problem.monday)),
        )
        for number, (one, other) in enumerate(sorted(pairs))
    ]
