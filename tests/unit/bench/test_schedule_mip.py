"""The exact program of a week against trying every week, on schools of three or four learners."""

import random
from collections.abc import Iterator
from itertools import product

import pytest

from services.scheduler.domain.model import (
    Choice,
    GroupHistory,
    KeepApart,
    KeepTogether,
    LearnerHistory,
    LockedSession,
    Mode,
    Problem,
    RequiredService,
    SessionKind,
)
from services.scheduler.domain.numbers import Policy, Tier, TierFit, Weights
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.measures import measure
from tests.bench.schedule.mip import best_week
from tests.bench.schedule.seating import Held, Seating
from tests.bench.schedule.value import value_of
from tests.bench.schedule.week_model import NotModelledError
from tests.support.schools import (
    a_competency,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_slot,
    an_adult,
    an_offer,
)

POLICY = Policy(
    tiers=(
        Tier(tier_id="3", cap=1, minimum=1, below_level_milli=2000),
        Tier(
            tier_id="2",
            cap=3,
            from_level_milli=2000,
            fits=(TierFit(tier_id="3", share_milli=900),),
        ),
    ),
    session_minimum=2,
    weights=Weights(first_need_milli=70, enrichment_milli=1, commons_milli=1),
)


@pytest.mark.parametrize("seed", range(8))
def test_the_program_finds_what_trying_every_week_finds(seed):
    """Value and proof are those of the best week among all."""
    problem = _micro_school(random.Random(seed))
    facts = Facts(problem)
    best = _best_of_all(facts)
    if best is None:
        with pytest.raises(ValueError, match="no week keeps every rule"):
            best_week(problem)
        return
    proof = best_week(problem)
    assert proof.proved
    assert proof.value_milli == proof.bound_milli == best
    found = measure(facts, proof.seating)
    assert not found.broken
    assert (found.unplaced, found.service_sessions_short) == (0, 0)


def test_slots_that_meet_are_not_modelled():
    """The program says that it cannot, and not something that is wrong."""
    slots = (a_slot(), a_slot("mon-2", "09:20", "10:00"))
    with pytest.raises(NotModelledError):
        best_week(a_problem(slots=slots))


def _micro_school(rng: random.Random) -> Problem:
    """Return a school of a few learners in which much may bind."""
    slots = (a_slot(), a_slot("mon-2", "09:45", "10:25"))[: rng.choice((1, 2))]
    names = ["lea", "lou", "lia", "leo"][: 5 - len(slots)]
    kinds = rng.sample((SessionKind.ENRICHMENT, SessionKind.CHECK, SessionKind.SERVICE), 1)
    return a_problem(
        policy=POLICY,
        slots=slots,
        adults=(an_adult("ada"), an_adult("bob", ("math",))),
        rooms=(a_room("r1", 4), a_room("r2", 3)),
        offers=(
            an_offer("help", "ada", SessionKind.SMALL_GROUP, mode=rng.choice(tuple(Mode))),
            an_offer("more", "bob", SessionKind.SMALL_GROUP, room_id="r2", tier_ids=("2",)),
            an_offer("other", "bob", kinds[0], room_id="r2", service="speech", rich=True),
            an_offer("rest", "ada", SessionKind.COMMONS, other_room_ids=("r2",)),
            an_offer("hall", "bob", SessionKind.COMMONS, room_id="r2"),
        ),
        learners=tuple(a_learner(name, adult_ids=("ada",)) for name in names),
        competencies=(
            a_competency(),
            a_competency("ratios", "Ratios", prerequisites=("fractions",)),
        ),
        needs=tuple(_needs(rng, names)),
        choices=(
            Choice(learner_id="lea", rank=1, offer_id="other"),
            Choice(learner_id="lou", rank=2, offer_id="more", confirmed=True),
        ),
        services=(
            (RequiredService(learner_id="lia", service="speech", minutes=40),)
            if kinds[0] is SessionKind.SERVICE
            else ()
        ),
        **_company(rng, lock=kinds[0] is not SessionKind.SERVICE),
    )


def _needs(rng: random.Random, names: list[str]) -> Iterator:
    for name in names:
        for target in ("fractions", "ratios"):
            if rng.random() < 0.7:
                yield a_need(
                    name,
                    target,
                    level_milli=rng.randrange(1000, 3000, 100),
                    evidence_count=rng.choice((1, 4, 4, 4)),
                    sessions=rng.choice((1, 2)),
                    weeks_waiting=rng.randint(0, 3),
                )


def _company(rng: random.Random, lock: bool) -> dict:
    changes: dict = {
        "histories": (LearnerHistory(learner_id="lou", weeks_without_need_seat=2),),
        "group_histories": (
            GroupHistory(learner_id="lea", competency_id="ratios", adult_id="bob", last_week=True),
        ),
    }
    if rng.random() < 0.5:
        changes["keep_apart"] = (KeepApart(rule_id="a", learner_id="lea", other_id="lou"),)
    if rng.random() < 0.5:
        changes["keep_together"] = (KeepTogether(rule_id="t", learner_id="lou", other_id="lia"),)
    if rng.random() < 0.3:
        changes["pins"] = (a_pin(learner_id="lou", offer_id="rest"),)
    if lock and rng.random() < 0.4:
        changes["locked"] = (LockedSession(slot_id="mon-1", offer_id="more"),)
    return changes


def _best_of_all(facts: Facts) -> int | None:
    """Return the greatest value among all weeks that keep every rule; None if there is none."""
    best = None
    for sessions in _all_sessions(facts):
        for seats in _all_seats(facts, sessions):
            seating = Seating(sessions, seats)
            value = value_of(facts, seating)
            if best is None or value > best:
                found = measure(facts, seating)
                if not (found.broken or found.unplaced or found.service_sessions_short):
                    best = value
    return best


def _all_sessions(facts: Facts) -> Iterator[tuple[Held, ...]]:
    """Yield every choice of what each adult holds in each slot, and where."""
    by_adult: dict = {}
    for held in facts.openings():
        offer = facts.offers[held.offer_id]
        for room in facts.rooms_in(offer, held.slot_id):
            named = Held(held.slot_id, held.offer_id, held.competency_id, held.tier_id, room)
            by_adult.setdefault((offer.adult_id, held.slot_id), [None]).append(named)
    for chosen in product(*by_adult.values()):
        sessions = tuple(held for held in chosen if held is not None)
        if len({(held.slot_id, held.room_id) for held in sessions}) == len(sessions):
            yield sessions


def _all_seats(facts: Facts, sessions: tuple[Held, ...]) -> Iterator[dict]:
    """Yield every way to give each learner one of the sessions in every slot."""
    keys, options = [], []
    for slot_id, names in facts.expected.items():
        for name in names:
            pin = facts.pins.get((name, slot_id))
            mine = [
                held
                for held in sessions
                if held.slot_id == slot_id
                and (held.offer_id == pin.offer_id if pin else facts.may_sit(name, held))
            ]
            keys.append((name, slot_id))
            options.append(mine)
    for chosen in product(*options):
        yield dict(zip(keys, chosen, strict=True))
