"""Schools so small that every seating of a week can be looked at, made from a seed.

They hold whatever the limits of a week know of: needs of one and more sessions, prerequisites,
choices, services, tiers, pins, slots that overlap, pairs. `seatings` yields every way to seat all
learners in the sessions that are given, lawful or not.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.scheduler.domain.model import (
    Choice,
    KeepApart,
    KeepTogether,
    LearnerHistory,
    Offer,
    Pin,
    Problem,
    RequiredService,
    SessionKind,
    Slot,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS, Policy, Weights
from services.scheduler.domain.week import Seat, SeatRule, ServiceMinutes, Session, Week
from tests.support.handmade import a_week, exempt, held, seated
from tests.support.schools import a_competency, a_learner, a_need, a_problem, a_slot, an_adult

TOPICS = ("c1", "c2", "c3")
KINDS = (
    SessionKind.ONE_TO_ONE,
    SessionKind.SMALL_GROUP,
    SessionKind.CHECK,
    SessionKind.REASSESSMENT,
    SessionKind.ENRICHMENT,
    SessionKind.ENRICHMENT,
    SessionKind.COMMONS,
    SessionKind.SERVICE,
)


@dataclass(frozen=True, kw_only=True)
class Micro:
    """A small school with the sessions that its week holds."""

    problem: Problem
    sessions: tuple[Session, ...]


def a_micro_school(seed: int, *, learners: int, slots: int, sessions: int, overlap=False) -> Micro:
    """Return a random small school; `sessions` are for each slot, the last one open to all."""
    rng = random.Random(seed)
    names = tuple(f"l{number}" for number in range(learners))
    times = _slots(slots, overlap and rng.random() < 0.7)
    offers = tuple(
        _offer(rng, f"{slot.slot_id}-{number}", is_open=number == sessions - 1)
        for slot in times
        for number in range(sessions)
    )
    problem = a_problem(
        slots=times,
        rooms=(),
        adults=tuple(an_adult(offer.adult_id) for offer in offers),
        offers=offers,
        policy=_policy(rng),
        learners=tuple(
            a_learner(i, adult_ids=tuple(rng.sample([o.adult_id for o in offers], 2)))
            for i in names
        ),
        competencies=tuple(
            a_competency(c, f"Topic {c}", prerequisites=_prerequisites(rng, c)) for c in TOPICS
        ),
        needs=tuple(_need(rng, i, c) for i in names for c in TOPICS if rng.random() < 0.85),
        choices=tuple(_choices(rng, names, offers)),
        services=tuple(
            RequiredService(learner_id=i, service="speech", minutes=rng.choice((30, 80)))
            for i in names
            if rng.random() < 0.4
        ),
        histories=tuple(_history(rng, i) for i in names),
    )
    held_sessions = tuple(_session(rng, problem, offer) for offer in offers)
    problem = replace(problem, pins=tuple(_pins(rng, names, held_sessions)))
    return Micro(problem=problem, sessions=held_sessions)


def with_pairs(micro: Micro, seed: int) -> Micro:
    """Return the school with two learners kept apart, and two who do well together."""
    rng = random.Random(seed)
    one, other = rng.sample([x.learner_id for x in micro.problem.learners], 2)
    apart = KeepApart(rule_id="apart", learner_id=one, other_id=other)
    one, other = rng.sample([x.learner_id for x in micro.problem.learners], 2)
    together = KeepTogether(rule_id="together", learner_id=one, other_id=other)
    return replace(
        micro, problem=replace(micro.problem, keep_apart=(apart,), keep_together=(together,))
    )


def seatings(micro: Micro) -> Iterator[Week]:
    """Yield every way to give each learner a session, or an overlap, in every slot."""
    ways = [list(_weeks_of(micro, one.learner_id)) for one in micro.problem.learners]
    for chosen in itertools.product(*ways):
        seats = tuple(seat for seats in chosen for seat in seats)
        yield a_week(micro.problem, micro.sessions, seats, services=_told(micro, seats))


def _weeks_of(micro: Micro, learner_id: str) -> Iterator[tuple[Seat, ...]]:
    problem = micro.problem
    pins = {pin.slot_id: pin for pin in problem.pins if pin.learner_id == learner_id}
    options = []
    for slot in problem.slots:
        here = [s for s in micro.sessions if s.slot_id == slot.slot_id]
        if slot.slot_id in pins:
            here = [s for s in here if s.offer_id == pins[slot.slot_id].offer_id]
            options.append([seated(learner_id, s, rule=SeatRule.PIN) for s in here])
            continue
        places = [seated(learner_id, s) for s in here]
        if any(slot.meets(other) for other in problem.slots if other != slot):
            places.append(exempt(learner_id, slot.slot_id, "overlap"))
        options.append(places)
    yield from itertools.product(*options)


def _told(micro: Micro, seats: tuple[Seat, ...]) -> tuple[ServiceMinutes, ...]:
    served = {s.session_id for s in micro.sessions if s.kind is SessionKind.SERVICE}
    return tuple(
        ServiceMinutes(
            learner_id=one.learner_id,
            service=one.service,
            required_minutes=one.minutes,
            planned_minutes=40
            * sum(s.learner_id == one.learner_id and s.session_id in served for s in seats),
            sentence="There is no more.",
        )
        for one in micro.problem.services
    )


def _slots(count: int, overlapping: bool) -> tuple[Slot, ...]:
    starts = ["09:00", "10:00", "11:00", "12:00"][:count]
    if overlapping and count > 1:
        starts[1] = "09:20"
    ends = [f"{start[:2]}:40" if start != "09:20" else "10:00" for start in starts]
    return tuple(a_slot(f"s{n}", starts[n], ends[n]) for n in range(count))


def _offer(rng: random.Random, name: str, *, is_open: bool) -> Offer:
    kind = SessionKind.COMMONS if is_open else rng.choice(KINDS)
    return Offer(
        offer_id=name,
        adult_id=f"a-{name}",
        kind=kind,
        subject="math" if kind.has_target else "",
        cap=rng.choice((1, 2, 2, 3)) if not is_open else 0,
        minimum=rng.choice((1, 1, 2)),
        rich=kind is SessionKind.ENRICHMENT and rng.random() < 0.3,
        service="speech" if kind is SessionKind.SERVICE else "",
    )


def _session(rng: random.Random, problem: Problem, offer: Offer) -> Session:
    target = rng.choice(TOPICS) if offer.kind.has_target else None
    tier = rng.choice(("2", "3")) if offer.kind.is_help and problem.policy.tiers else ""
    slot_id = offer.offer_id.split("-")[0]
    return held(problem, offer.offer_id, slot_id, competency_id=target, tier_id=tier)


def _policy(rng: random.Random) -> Policy:
    return Policy(
        need_seats_per_week=rng.choice((1, 1, 2, 3)),
        own_choice_seats_per_week=rng.choice((0, 1, 1, 2)),
        enrichment_seats_per_week=rng.choice((0, 0, 1, 2)),
        prerequisite_share_milli=rng.choice((250, 500, 1000)),
        preparations_per_day=9,
        one_to_one_cap=3,
        tiers=rng.choice(((), PRODUCT_TIERS)),
        weights=Weights(
            first_need_milli=rng.choice((0, 300)),
            repeat_milli=rng.choice((300, 900)),
            commons_milli=rng.choice((0, 2)),
            first_enrichment_milli=rng.choice((3, 400)),
            enrichment_milli=rng.choice((1, 50)),
        ),
    )


def _prerequisites(rng: random.Random, competency_id: str) -> tuple[str, ...]:
    earlier = TOPICS[: TOPICS.index(competency_id)]
    return tuple(c for c in earlier if rng.random() < 0.4)


def _need(rng: random.Random, learner_id: str, competency_id: str):
    return a_need(
        learner_id,
        competency_id,
        level_milli=rng.randrange(1000, 2900, 100),
        evidence_count=rng.choice((1, 3, 3)),
        sessions=rng.choice((1, 1, 2)),
    )


def _choices(rng: random.Random, names, offers) -> Iterator[Choice]:
    slot_ids = sorted({offer.offer_id.split("-")[0] for offer in offers})
    for learner_id in names:
        for rank in range(1, rng.randint(1, 4)):
            again = rng.random() < 0.3
            yield Choice(
                learner_id=learner_id,
                rank=rank,
                offer_id=None if again else rng.choice(offers).offer_id,
                competency_id=rng.choice(TOPICS) if again or rng.random() < 0.3 else None,
                slot_ids=tuple(rng.sample(slot_ids, 1)) if rng.random() < 0.3 else (),
                confirmed=rng.random() < 0.5,
            )


def _history(rng: random.Random, learner_id: str) -> LearnerHistory:
    return LearnerHistory(
        learner_id=learner_id,
        slot_count=10,
        own_choice_count=rng.choice((0, 5)),
        weeks_without_need_seat=rng.randint(0, 3),
    )


def _pins(rng: random.Random, names, sessions: tuple[Session, ...]) -> Iterator[Pin]:
    for learner_id in names:
        if rng.random() < 0.3:
            session = rng.choice(sessions)
            yield Pin(
                pin_id=f"p-{learner_id}",
                learner_id=learner_id,
                slot_id=session.slot_id,
                offer_id=session.offer_id,
                reason="agreed",
            )
