"""The schools of the scheduling benchmark: one for a shape, as large as they claim, and fitting."""

from collections import Counter

import pytest

from services.scheduler.domain.model import SessionKind
from tests.bench.schedule.describe import size_of
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.generator import PRODUCT, PROTOTYPE, Shape, synthetic_school

SETTINGS = pytest.mark.parametrize("setting", [PROTOTYPE, PRODUCT])


@SETTINGS
def test_a_shape_is_one_school(setting):
    """The same shape gives the same school, another seed another."""
    shape = Shape(94, 3, 5, 7, setting)
    assert synthetic_school(shape) == synthetic_school(shape)
    assert synthetic_school(shape) != synthetic_school(Shape(94, 3, 5, 8, setting))


def test_the_school_of_1200_is_as_large_as_in_the_first_experiment():
    """Needs, services, triples, openings and adults are near the published figures."""
    size = size_of(synthetic_school(Shape(1200, 5, 10, 1)))
    assert size.needs == pytest.approx(3642, rel=0.03)
    assert size.service_sessions == pytest.approx(251, rel=0.05)
    assert size.triples == pytest.approx(63_490, rel=0.03)
    assert size.openings == pytest.approx(9370, rel=0.03)
    assert 70 <= size.adults <= 77


def test_the_product_has_as_many_adults_and_gaps_as_its_example():
    """55 adults for 853 learners; 15 % have gaps of tier 2 and 5 % of tier 3, none in both."""
    problem = synthetic_school(Shape(853, 5, 10, 1, PRODUCT))
    helps = [claim for claim in Facts(problem).claims.values() if claim.help]
    severe = {claim.need.learner_id for claim in helps if claim.tier.tier_id == "3"}
    others = {claim.need.learner_id for claim in helps} - severe
    assert len(problem.adults) == 55
    assert len(severe) / 853 == pytest.approx(0.05, abs=0.015)
    assert len(others) / 853 == pytest.approx(0.15, abs=0.03)


@SETTINGS
@pytest.mark.parametrize("learners", [94, 300, 853])
@pytest.mark.parametrize("slots", [1, 3, 5])
def test_everybody_fits(setting, learners, slots):
    """Teachers who have declared no help have commons for all, whatever the others hold."""
    problem = synthetic_school(Shape(learners, slots, 5, 1, setting))
    facts = Facts(problem)
    bound = {
        (one.slot_id, facts.offers[one.offer_id].adult_id)
        for one in (*problem.locked, *facts.pins.values())
        if facts.offers[one.offer_id].kind is not SessionKind.COMMONS
    }
    for slot_id, expected in facts.expected.items():
        places = Counter()
        rooms = set()
        for offer in problem.offers:
            if offer.kind is not SessionKind.COMMONS or not facts.can_be_held(offer, slot_id):
                continue
            free = [room for room in offer.room_ids if room not in rooms]
            if (slot_id, offer.adult_id) not in bound and free and offer.adult_id not in places:
                rooms.add(free[0])
                places[offer.adult_id] = min(offer.cap, facts.rooms[free[0]].capacity)
        delivering = {o.adult_id for o in problem.offers if o.kind is SessionKind.SERVICE}
        assert sum(n for name, n in places.items() if name not in delivering) >= len(expected)


@SETTINGS
@pytest.mark.parametrize("learners", [94, 853, 1200])
@pytest.mark.parametrize("slots", [1, 5])
def test_services_can_be_delivered_and_hardly_more(setting, learners, slots):
    """Each adult who delivers a service can see all whom they must, in so many slots."""
    facts = Facts(synthetic_school(Shape(learners, slots, 5, 1, setting)))
    places, needed = Counter(), Counter()
    for offer in facts.problem.offers:
        if offer.kind is SessionKind.SERVICE:
            places[offer.service] += offer.cap * slots
    for (_, service), sessions in facts.service_sessions.items():
        needed[service] += sessions
        assert sessions <= slots
    assert all(0 < needed[service] <= count for service, count in places.items())
    for service, name in {(s, n) for (_, s), n in facts.service_adults.items() if n}:
        named = [k for k, n in facts.service_adults.items() if n == name and k[1] == service]
        cap = next(o.cap for o in facts.problem.offers if o.adult_id == name)
        assert sum(facts.service_sessions[key] for key in named) <= cap * slots


def test_nobody_is_agreed_into_two_things_at_once():
    """Pins and declared sessions of an adult lie in different slots."""
    for setting in (PROTOTYPE, PRODUCT):
        facts = Facts(synthetic_school(Shape(853, 5, 10, 1, setting)))
        held = {(one.slot_id, one.offer_id) for one in facts.problem.locked}
        held |= {(slot_id, pin.offer_id) for (_, slot_id), pin in facts.pins.items()}
        adults = Counter((slot, a) for slot, o in held for a in facts.leaders(facts.offers[o]))
        assert facts.pins
        assert set(adults.values()) == {1}


@SETTINGS
def test_candidates_are_those_who_may_sit(setting):
    """The quick way to all who may sit in a session agrees with asking of each."""
    facts = Facts(synthetic_school(Shape(94, 3, 5, 2, setting)))
    for held in facts.openings():
        asked = [name for name in facts.learners if facts.may_sit(name, held)]
        assert facts.candidates(held) == asked
