"""Whether slots fit: places counted at their most, and what mends a shortage."""

from dataclasses import replace

import pytest

from services.scheduler.domain.explain.capacity import capacity_report
from services.scheduler.domain.explain.places import Places
from services.scheduler.domain.model import OptOut, SessionKind
from services.scheduler.domain.numbers import Policy
from tests.bench.schedule.generator import Shape as Large
from tests.bench.schedule.generator import synthetic_school
from tests.support.engine import a_question, answered
from tests.support.schools import (
    Shape,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_school,
    a_slot,
    an_absence,
    an_adult,
    an_offer,
)
from tests.support.weeks import planned

TWO_SLOTS = (a_slot(), a_slot("mon-2", "10:00", "10:40"))


def learners(count):
    """Return so many learners."""
    return tuple(a_learner(f"l{number:02d}") for number in range(count))


def places_of(problem) -> list[int]:
    """Return the places of each slot."""
    return [line.places for line in planned(problem).capacity]


def told(problem) -> str:
    """Return the message of the one slot that does not fit."""
    (breach,) = planned(problem).breaches
    assert breach.rule == "H1"
    return breach.message


def test_a_slot_that_fits_has_a_line_and_no_breach():
    """Thirty places for one learner."""
    week = planned(a_problem())
    assert week.breaches == ()
    (line,) = week.capacity
    assert (line.slot_id, line.learners, line.places, line.short_of) == ("mon-1", 1, 30, 0)
    assert (line.adults_available, line.adults_absent) == (1, 0)


def test_each_adult_counts_once_and_no_room_twice():
    """Ada could take either room, Bob only the large one: 20 and 30, not 30 and nothing."""
    problem = a_problem(
        learners=learners(5),
        adults=(an_adult("ada"), an_adult("bob")),
        rooms=(a_room("small", 20), a_room("large", 30)),
        offers=(
            an_offer("ada-large", "ada", room_id="large"),
            an_offer("ada-small", "ada", room_id="small"),
            an_offer("bob-large", "bob", room_id="large"),
        ),
    )
    assert places_of(problem) == [50]


def test_a_shared_room_counts_up_to_its_capacity():
    """Two sessions of up to 30 in a shared room of 40."""
    problem = a_problem(
        learners=learners(50),
        adults=(an_adult("ada"), an_adult("bob")),
        rooms=(a_room("hall", 40, shared=True),),
        offers=(
            an_offer("o1", "ada", room_id="hall", cap=30),
            an_offer("o2", "bob", room_id="hall", cap=30),
        ),
    )
    assert places_of(problem) == [40]


def test_a_group_counts_for_those_who_may_sit_in_it():
    """Three have the need, so a group of five is three places; one has no other place than it."""
    offers = (an_offer("group", kind=SessionKind.SMALL_GROUP),)
    three = a_problem(
        learners=learners(6), offers=offers, needs=tuple(a_need(f"l0{n}") for n in range(3))
    )
    assert places_of(three) == [3]
    assert places_of(replace(three, needs=three.needs[:1])) == [1]
    assert places_of(replace(three, needs=())) == [0]


def test_pinned_and_exempt_learners_have_their_places():
    """One is pinned to a full session, one is exempt, one is left."""
    problem = a_problem(
        learners=learners(3),
        offers=(an_offer(cap=1),),
        pins=(a_pin("p1", "l00"), a_pin("p2", "l01", exemption="trip")),
    )
    (line,) = planned(problem).capacity
    assert (line.learners, line.places, line.short_of) == (2, 1, 1)


def test_the_smallest_cap_that_mends_is_named():
    """Twelve learners, an enrichment of ten in a room of 30: a cap of twelve."""
    problem = a_problem(
        learners=learners(12),
        offers=(an_offer(kind=SessionKind.ENRICHMENT),),
        policy=Policy(enrichment_cap=10),
    )
    assert told(problem) == (
        "2 of 12 learners have no place: 10 places at most from 1 adult present, 0 away. The"
        " smallest change that mends it: 2 more places for everybody in this slot, as by an"
        " enrichment cap of 12 instead of 10. Without a place: learner l00, learner l01."
    )


def test_an_adult_who_is_away_and_would_mend_it_is_named():
    """Bob would take thirty."""
    problem = a_problem(
        learners=learners(12),
        adults=(an_adult("ada"), an_adult("bob")),
        rooms=(a_room(), a_room("r2")),
        offers=(an_offer(cap=10), an_offer("bobs", "bob", room_id="r2")),
        absences=(an_absence("bob"),),
    )
    message = told(problem)
    assert "10 places at most from 1 adult present, 1 away" in message
    assert "2 more places for everybody in this slot, as by adult bob, who is away" in message


def test_a_learner_who_may_come_to_nothing_is_told_of_as_such():
    """The family opted out of the one kind that is offered."""
    out = OptOut(learner_id="lea", kind=SessionKind.COMMONS)
    message = told(a_problem(opt_outs=(out,)))
    assert "scopes, opt-outs or consents keep them from all that could be held" in message
    assert "an offer in this slot to which they may come" in message


@pytest.mark.parametrize(
    "changes",
    [
        {"absences": (an_absence(),)},
        {"offers": (an_offer("group", kind=SessionKind.SMALL_GROUP),)},
    ],
)
def test_where_nothing_is_for_everybody_places_are_what_is_lacking(changes):
    """With nobody there, or with groups alone, no family's wish stands in the way."""
    message = told(a_problem(**changes))
    assert message.startswith("1 of 1 learner has no place: 0 places at most from")
    assert "1 more place for everybody in this slot" in message


def test_a_load_that_is_used_up_is_told_of_as_such():
    """Ada leads one session a week, and there are two slots."""
    problem = a_problem(slots=TWO_SLOTS, adults=(replace(an_adult("ada"), load=1),))
    message = told(problem)
    assert "adult ada could lead, and leads 1 session elsewhere, the most of a week" in message
    assert "one session more of adult ada in the week" in message


def test_an_adult_who_leads_in_an_overlapping_slot_gives_no_place():
    """Kim is pinned from 9:20, so from 9:00 there is nobody for the others."""
    problem = a_problem(
        learners=learners(2),
        slots=(a_slot(), a_slot("mon-1b", "09:20", "10:00")),
        pins=(a_pin("p1", "l00", "mon-1b"),),
    )
    lines = planned(problem).capacity
    assert [line.places for line in lines if line.slot_id == "mon-1"] == [0]


@pytest.mark.parametrize("seed", range(20))
def test_no_week_seats_more_than_the_places(seed):
    """In small schools that hold all that a problem may hold, but whose rooms are not shared."""
    shape = Shape(learners=20 + seed, adults=4 + seed % 4, slots=1 + seed % 5, whole=True)
    school = a_school(seed, shape)
    alone = tuple(replace(room, shared=False) for room in school.rooms)
    question = a_question(replace(school, rooms=alone), seed)
    answer, _ = answered(question, seed=seed, steps=0)
    lines, breaches = capacity_report(question, answer)
    for line in lines:
        most = Places(question, answer, line.slot_id).most()
        assert line.learners - line.short_of <= most
    assert len(breaches) == sum(line.short_of > 0 for line in lines)


def test_overlapping_slots_that_are_no_time_say_so():
    """The middle one of three meets both others, which do not meet each other."""
    problem = a_problem(
        learners=learners(1),
        slots=(
            a_slot("a", "09:00", "09:40"),
            a_slot("b", "09:30", "10:10"),
            a_slot("c", "10:00", "10:40"),
        ),
        pins=(a_pin("p1", "l00", "a", exemption="trip"), a_pin("p2", "l00", "c", exemption="trip")),
    )
    message = told(problem)
    assert "no session is held in it, for it overlaps slot a and slot c" in message


def test_a_school_of_the_benchmark_fits():
    """Everybody has a place, and the report says so for every slot."""
    week = planned(synthetic_school(Large(94, 3, 5, 2, "product")), budget=0)
    assert week.breaches == ()
    assert all(one.places >= one.learners and not one.short_of for one in week.capacity)
