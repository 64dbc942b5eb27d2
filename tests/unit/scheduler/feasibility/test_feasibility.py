"""What no week can keep of services: the bottleneck is named, and nothing else."""

import itertools
import random
from collections import Counter
from dataclasses import replace

import pytest

from services.scheduler.domain.feasibility.report import feasibility_of
from services.scheduler.domain.model import LockedSession, RequiredService, SessionKind
from services.scheduler.domain.week import SeatRule
from tests.bench.schedule.generator import Shape as Large
from tests.bench.schedule.generator import synthetic_school
from tests.support.engine import a_question
from tests.support.schools import (
    Shape,
    a_learner,
    a_pin,
    a_problem,
    a_school,
    a_slot,
    an_absence,
    an_adult,
    an_offer,
)
from tests.support.weeks import planned

FIVE_SLOTS = tuple(
    a_slot(f"s{n}", f"{9 + n}:00".zfill(5), f"{9 + n}:40".zfill(5)) for n in range(5)
)
SPEECH = an_offer("speech", "cyd", SessionKind.SERVICE, room_id=None, service="speech", cap=1)


def asks(learner_id, minutes=40, service="speech", **changes) -> RequiredService:
    """Return minutes of speech that a learner needs."""
    return RequiredService(learner_id=learner_id, service=service, minutes=minutes, **changes)


def a_clinic(count=5, **changes):
    """Return a school in which Cyd gives speech to one learner at a time, in five slots."""
    names = [f"l{number}" for number in range(count)]
    fields = {
        "slots": FIVE_SLOTS,
        "adults": (an_adult("ada"), an_adult("cyd")),
        "offers": (an_offer(), SPEECH),
        "learners": tuple(a_learner(name) for name in names),
        "services": tuple(asks(name) for name in names),
    }
    return a_problem(**(fields | changes))


def told(problem) -> str:
    """Return the message of the one breach."""
    (breach,) = feasibility_of(a_question(problem)).breaches
    return breach.message


def minutes_of(problem) -> tuple[int, int]:
    """Return what is demanded and what can be delivered."""
    found = feasibility_of(a_question(problem))
    return found.demanded_minutes, found.deliverable_minutes


def test_what_fits_breaks_nothing():
    """Five learners in five slots."""
    found = feasibility_of(a_question(a_clinic()))
    assert (found.demanded_minutes, found.deliverable_minutes) == (200, 200)
    assert found.breaches == ()


def test_a_load_that_is_too_small_is_the_bottleneck():
    """Cyd leads four sessions a week; five are asked of them."""
    problem = a_clinic(adults=(an_adult("ada"), replace(an_adult("cyd"), load=4)))
    assert minutes_of(problem) == (200, 160)
    assert told(problem) == (
        "40 of 200 minutes of service speech cannot be given to learner l0, learner l1, learner"
        " l2, learner l3, learner l4: adult cyd can lead 4 sessions of it in the week, and 5 or"
        " more are asked of them. Raise the load of who delivers it, or let another adult deliver"
        " it too, and plan the week anew."
    )


def test_a_lock_of_something_else_takes_from_the_load():
    """Of five sessions a week one is locked for art."""
    problem = a_clinic(
        adults=(an_adult("ada"), replace(an_adult("cyd"), load=5)),
        offers=(an_offer(), SPEECH, an_offer("art", "cyd", SessionKind.ENRICHMENT, room_id=None)),
        locked=(LockedSession(slot_id="s0", offer_id="art"),),
    )
    assert minutes_of(problem) == (200, 160)


def test_full_sessions_are_the_bottleneck():
    """Six learners in five slots of one seat."""
    message = told(a_clinic(6))
    assert message.startswith("40 of 240 minutes of service speech cannot be given to learner l0")
    assert "and others: the sessions of adult cyd are full in slot s0, slot s1, slot s2" in message


def test_only_those_who_compete_are_named():
    """What Dan gives to learner l5 is no part of what Cyd cannot give."""
    problem = a_clinic(
        6,
        adults=(an_adult("ada"), replace(an_adult("cyd"), load=4), an_adult("dan")),
        offers=(an_offer(), SPEECH, replace(SPEECH, offer_id="dans", adult_id="dan", service="x")),
        services=(*(asks(f"l{n}") for n in range(5)), asks("l5", service="x")),
    )
    assert "l5" not in told(problem)
    assert minutes_of(problem) == (240, 200)


def test_an_adult_who_is_away_leaves_nobody():
    """And so does an adult who may not deliver it."""
    away = a_clinic(1, absences=(an_absence("cyd"),))
    assert minutes_of(away) == (40, 0)
    assert "nobody who delivers it to them is there in a slot in which they are free" in told(away)
    assert minutes_of(a_clinic(1, services=(asks("l0", adult_id="ada"),))) == (40, 0)


def test_a_learner_without_enough_time_is_told_of_as_such():
    """240 minutes in five slots of 40; and what other services take counts."""
    message = told(a_clinic(1, services=(asks("l0", 240),)))
    assert message.startswith(
        "40 of 240 minutes of service speech cannot be given to learner l0: pins and exemptions"
        " leave them 200 minutes of the week."
    )
    both = (asks("l0", 160), asks("l0", 120, "x"))
    offers = (an_offer(), SPEECH, replace(SPEECH, offer_id="x", adult_id="ada", service="x"))
    assert minutes_of(a_clinic(1, services=both, offers=offers)) == (280, 200)


def test_the_time_of_one_service_is_not_taken_by_one_that_nobody_gives():
    """Nobody gives x: all that is asked of speech still fits."""
    problem = a_clinic(1, services=(asks("l0", 160, "a"), asks("l0", 120)))
    assert minutes_of(problem) == (280, 120)


def test_slots_in_which_it_is_not_offered_do_not_count():
    """Three sessions asked for, two slots in which they are held."""
    offer = replace(SPEECH, slot_ids=("s0", "s1"), cap=5)
    message = told(a_clinic(1, services=(asks("l0", 120),), offers=(an_offer(), offer)))
    assert "learner l0 is free for it in 2 slots" in message


def test_a_room_for_two_adults_is_the_bottleneck():
    """Cyd and Dan share one room that takes one session."""
    offers = (
        an_offer(room_id=None),
        replace(SPEECH, room_id="r1"),
        replace(SPEECH, offer_id="dans", adult_id="dan", room_id="r1"),
    )
    problem = a_clinic(
        2,
        slots=FIVE_SLOTS[:1],
        adults=(an_adult("ada"), an_adult("cyd"), an_adult("dan")),
        offers=offers,
    )
    assert minutes_of(problem) == (80, 40)
    assert "room r1 can take no more in slot s0" in told(problem)


def test_pinned_minutes_are_not_asked_for_again():
    """One of two sessions is pinned; what is left is rounded up to a session."""
    pin = a_pin("p1", "l0", "s0", offer_id="speech", service=True)
    assert minutes_of(a_clinic(1, services=(asks("l0", 70),), pins=(pin,))) == (40, 40)


@pytest.mark.parametrize("seed", range(30))
def test_no_week_gives_more_than_is_said_to_be_deliverable(seed):
    """In small schools that hold all that a problem may hold: minutes beside the pins."""
    shape = Shape(learners=20 + seed, adults=6 + seed % 9, slots=1 + seed % 5, whole=True)
    problem = a_school(seed, shape)
    week = planned(problem, seed=seed, budget=0)
    found = feasibility_of(a_question(problem, seed))
    minutes = {slot.slot_id: slot.minutes for slot in problem.slots}
    given = sum(minutes[seat.slot_id] for seat in week.seats if seat.rule is SeatRule.SERVICE)
    assert given <= found.deliverable_minutes <= found.demanded_minutes
    said = any(breach.rule == "H5" for breach in found.breaches)
    assert said == (found.deliverable_minutes < found.demanded_minutes)


@pytest.mark.parametrize("seed", range(20))
def test_of_one_to_one_services_exactly_so_much_can_be_given(seed):
    """Compared with every way in which two adults take three learners in three slots."""
    rng = random.Random(seed)
    names, slots = ["l0", "l1", "l2"], FIVE_SLOTS[:3]
    adults = [replace(an_adult(name), load=rng.randrange(4)) for name in ("cyd", "dan")]
    offers = [
        replace(
            SPEECH,
            offer_id=f"of-{one.adult_id}",
            adult_id=one.adult_id,
            slot_ids=tuple(s.slot_id for s in rng.sample(slots, rng.randint(1, 3))),
        )
        for one in adults
    ]
    services = tuple(
        asks(name, 40 * rng.randint(1, 3), adult_id=rng.choice((None, "cyd"))) for name in names
    )
    problem = a_clinic(
        3,
        slots=slots,
        adults=(an_adult("ada"), *adults),
        offers=(an_offer(), *offers),
        services=services,
    )
    assert minutes_of(problem)[1] == 40 * _most_seats(services, slots, adults, offers)


def _most_seats(services, slots, adults, offers) -> int:
    """Return the most seats of any week, by trying them all."""
    sessions = [
        (slot_id, one.adult_id, one.load or len(slots))
        for one, offer in zip(adults, offers, strict=True)
        for slot_id in offer.slot_ids
    ]
    return max(
        sum(taker is not None for taker in takers)
        for takers in itertools.product([None, *services], repeat=len(sessions))
        if _is_lawful(sessions, takers)
    )


def _is_lawful(sessions, takers) -> bool:
    seats = [(*held, taker) for held, taker in zip(sessions, takers, strict=True) if taker]
    loads = Counter(adult_id for _, adult_id, _, _ in seats)
    given = Counter(taker.learner_id for *_, taker in seats)
    places = Counter((slot_id, taker.learner_id) for slot_id, _, _, taker in seats)
    return (
        all(loads[adult_id] <= load for _, adult_id, load, _ in seats)
        and all(40 * given[taker.learner_id] <= taker.minutes for *_, taker in seats)
        and all(count == 1 for count in places.values())
        and all(taker.adult_id in (None, adult_id) for _, adult_id, _, taker in seats)
    )


def test_a_school_of_the_benchmark_can_keep_everything():
    """Its services fit, and the engine gives them all."""
    question = a_question(synthetic_school(Large(300, 5, 5, 2, "product")))
    found = feasibility_of(question)
    assert found.deliverable_minutes == found.demanded_minutes > 0
    assert found.breaches == ()
