"""What earlier published weeks say to a new plan."""

from dataclasses import replace

from services.scheduler.domain.history import published_pins, with_waiting
from services.scheduler.domain.week import UnmetNeed
from tests.support.schedules import a_solved_week
from tests.support.schools import a_learner, a_need, a_pin, a_slot, an_absence, an_offer


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


def test_the_reason_of_a_seat_lives_through_many_revisions():
    """However often a seat is published, its first reason stands there once."""
    problem, week = a_solved_week()
    said = week.seats[0].staff_sentence.rstrip(".")
    (first,) = pins(week, problem)
    assert first.reason == f"published; {said}"
    again = replace(week, seats=(replace(week.seats[0], staff_sentence=f"Pin: {first.reason}."),))
    (second,) = pins(again, problem)
    assert second.reason == first.reason


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


def unmet(learner_id):
    """Return a need for fractions that was not met."""
    return UnmetNeed(
        learner_id=learner_id, competency_id="fractions", weight_milli=1, rule="S1", sentence="x"
    )


def test_a_need_waits_as_long_as_it_is_unmet_in_a_row():
    """Weeks count from the newest back; the first week without it, or without a week, ends that."""
    _, week = a_solved_week()
    with_both = replace(week, unmet=(unmet("lea"), unmet("max")))
    with_lea = replace(week, unmet=(unmet("lea"),))
    needs = [a_need("lea"), a_need("max"), a_need("new")]
    found = with_waiting(needs, [with_both, with_lea, with_both])
    assert [one.weeks_waiting for one in found] == [3, 1, 0]
    assert [one.weeks_waiting for one in with_waiting(needs, [None, with_both])] == [0, 0, 0]


def test_waiting_is_counted_to_four_weeks():
    """What lies further back changes no weight, so nobody looks."""
    _, week = a_solved_week()
    long = [replace(week, unmet=(unmet("lea"),))] * 9
    assert [one.weeks_waiting for one in with_waiting([a_need("lea")], long)] == [4]
