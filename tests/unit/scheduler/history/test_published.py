"""Published seats stay where nothing has moved them."""

from dataclasses import replace

from services.scheduler.domain.history.published import as_set, published_pins
from services.scheduler.domain.model import Acceptance, PinOrigin
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.week import SeatRule
from tests.support.schedules import a_solved_week
from tests.support.schools import a_learner, a_pin, a_slot, an_absence, an_offer
from tests.support.weeks import planned, seat_of


def pins(week, problem, **changes):
    """Return the pins of a published week as the school stands now."""
    fields = {
        "slots": problem.slots,
        "offers": problem.offers,
        "absences": (),
        "learners": problem.learners,
        "own": (),
    }
    return list(published_pins(week, **(fields | changes)))


def test_a_published_seat_comes_back_as_a_pin():
    """Learner, slot, offer and target are those of the seat."""
    problem, week = a_solved_week()
    (pin,) = pins(week, problem)
    assert (pin.learner_id, pin.slot_id, pin.offer_id, pin.competency_id, pin.exemption) == (
        "lea",
        "mon-1",
        "o1",
        None,
        None,
    )


def test_a_seat_of_the_planners_comes_back_as_one_with_who_accepted_it():
    """A later run says of it what it says of any other seat; nobody has set it."""
    problem, week = a_solved_week()
    (pin,) = pins(week, problem)
    said = week.seats[0].staff_sentence.rstrip(".")
    assert (pin.origin, pin.reason, pin.acceptance) == (PinOrigin.PLANNED, said, None)
    by_ada = Acceptance(adult_id="ada")
    seat = replace(week.seats[0], acceptance=by_ada)
    (pin,) = pins(replace(week, seats=(seat,)), problem)
    assert (pin.origin, pin.acceptance) == (PinOrigin.PLANNED, by_ada)
    read = normalised(replace(problem, pins=(pin,)))
    assert seat_of(planned(read), "lea") == seat


def test_in_the_week_of_a_fall_back_the_school_has_set_the_seats():
    """No need of that week explains them, and nobody accepted them there."""
    problem, week = a_solved_week()
    said = week.seats[0].staff_sentence.rstrip(".")
    seat = replace(week.seats[0], acceptance=Acceptance(adult_id="ada"))
    (pin,) = map(as_set, pins(replace(week, seats=(seat,)), problem))
    assert (pin.origin, pin.acceptance) == (PinOrigin.DECIDED, None)
    assert pin.reason == f"published; {said}"
    fallen = planned(normalised(replace(problem, needs=(), pins=(pin,))))
    again = seat_of(fallen, "lea")
    assert (again.rule, again.staff_sentence) == (SeatRule.PIN, f"Pin: {pin.reason}.")
    assert again.learner_sentence == seat.learner_sentence
    (second,) = map(as_set, pins(fallen, problem))
    assert second == pin


def test_the_reason_of_a_seat_that_a_person_set_lives_through_many_revisions():
    """However often a seat is published, its first reason stands there once."""
    problem, week = a_solved_week()
    set_so = replace(week.seats[0], rule=SeatRule.PIN, staff_sentence="Pin: agreed with Lea.")
    (first,) = pins(replace(week, seats=(set_so,)), problem)
    assert (first.origin, first.reason) == (PinOrigin.DECIDED, "published; Pin: agreed with Lea")
    again = replace(set_so, staff_sentence=f"Pin: {first.reason}.")
    (second,) = pins(replace(week, seats=(again,)), problem)
    assert second.reason == first.reason


def test_what_the_learner_reads_of_a_seat_lives_on_too():
    """A later plan chose nothing anew: who was told of a need is not told of an adult's choice."""
    problem, week = a_solved_week()
    (pin,) = pins(week, problem)
    assert pin.learner_reason == week.seats[0].learner_sentence != ""


def test_what_is_listed_moves_a_seat():
    """An absent adult, a learner who left, a gone offer or slot, a person's pin: no pin then."""
    problem, week = a_solved_week()
    moved = [
        {"absences": (an_absence(),)},
        {"absences": (an_absence(slot_ids=("mon-1",)),)},
        {"learners": (a_learner(withdraw_date=problem.monday),)},
        {"learners": ()},
        {"offers": ()},
        {"offers": (an_offer(adult_id="bo"),)},
        {"offers": (an_offer(slot_ids=("mon-2",)),)},
        {"slots": (a_slot("mon-9"),)},
        {"own": (a_pin(exemption="off-campus", offer_id=None),)},
    ]
    assert [pins(week, problem, **changes) for changes in moved] == [[]] * len(moved)


def test_an_absence_in_another_slot_moves_nobody():
    """An adult who is away later is there now."""
    problem, week = a_solved_week()
    assert len(pins(week, problem, absences=(an_absence(slot_ids=("mon-2",)),))) == 1


def test_an_absence_of_who_leads_with_the_adult_moves_a_seat():
    """A session that two lead is not held as published without one of them."""
    problem, week = a_solved_week()
    offers = tuple(replace(one, co_adult_ids=("bo",)) for one in problem.offers)
    assert len(pins(week, problem, offers=offers)) == 1
    assert pins(week, problem, offers=offers, absences=(an_absence("bo"),)) == []
