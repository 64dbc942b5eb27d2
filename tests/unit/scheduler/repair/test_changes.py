"""What a problem is after each change, said by hand."""

from datetime import timedelta

import pytest

from services.scheduler.domain.errors import ChangeError
from services.scheduler.domain.model import RequiredService, SessionKind
from services.scheduler.domain.repair import (
    AdultAway,
    LateService,
    LearnerCame,
    LearnerLeft,
    RoomClosed,
    changed,
)
from tests.support.schools import (
    MONDAY,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_slot,
    an_absence,
    an_offer,
)

TUESDAY = MONDAY + timedelta(days=1)
TWO_DAYS = (a_slot(), a_slot("tue-1", day=TUESDAY))


def test_an_adult_is_away_day_by_day_in_the_slots_named():
    """Two slots of two days are two absences, each of its own slot."""
    problem = changed(
        a_problem(slots=TWO_DAYS), [AdultAway(adult_id="ada", slot_ids=("tue-1", "mon-1"))]
    )
    assert problem.absences == (
        an_absence(slot_ids=("mon-1",)),
        an_absence(date=TUESDAY, slot_ids=("tue-1",)),
    )


def test_a_room_is_closed_beside_what_was_closed_before():
    """The slots come to those in which it was closed already."""
    problem = a_problem(slots=TWO_DAYS)
    for slot_id in ("tue-1", "mon-1"):
        problem = changed(problem, [RoomClosed(room_id="r1", slot_ids=(slot_id,))])
    assert problem.rooms[0].closed_slot_ids == ("mon-1", "tue-1")


def test_a_learner_comes_with_needs():
    """Both are in the problem."""
    problem = changed(a_problem(), [LearnerCame(learner=a_learner("new"), needs=(a_need("new"),))])
    assert [one.learner_id for one in problem.learners] == ["lea", "new"]
    assert problem.needs == (a_need("new"),)


def test_a_learner_leaves_at_the_earlier_of_two_dates():
    """A withdraw date that is there already stays where it is earlier."""
    for known, then in ((None, TUESDAY), (MONDAY, MONDAY)):
        problem = a_problem(learners=(a_learner(withdraw_date=known),))
        problem = changed(problem, [LearnerLeft(learner_id="lea", day=TUESDAY)])
        assert problem.learners[0].withdraw_date == then


def test_who_was_not_on_the_roll_is_not_put_on_it_by_leaving():
    """A withdraw date would say that they were there until then."""
    problem = a_problem(learners=(a_learner(enrolled=False),))
    assert changed(problem, [LearnerLeft(learner_id="lea", day=TUESDAY)]) == problem


def test_late_minutes_take_the_place_of_those_of_before_and_a_pin_comes_beside():
    """One row for each learner and service."""
    before = RequiredService(learner_id="lea", service="speech", minutes=20)
    late = RequiredService(learner_id="lea", service="speech", minutes=40)
    problem = a_problem(services=(before,))
    assert changed(problem, [LateService(service=late)]).services == (late,)
    pin = a_pin(service=True)
    assert changed(problem, [LateService(service=pin)]).pins == (pin,)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (AdultAway(adult_id="zoe", slot_ids=("mon-1",)), "no adult zoe"),
        (AdultAway(adult_id="ada", slot_ids=("sun-1",)), "no slot sun-1"),
        (AdultAway(adult_id="ada", slot_ids=()), "names no slot"),
        (RoomClosed(room_id="r9", slot_ids=("mon-1",)), "no room r9"),
        (LearnerCame(learner=a_learner("lea")), "in the school already"),
        (LearnerCame(learner=a_learner("new"), needs=(a_need("lea"),)), "must be theirs"),
        (LearnerLeft(learner_id="max", day=MONDAY), "no learner max"),
        (LateService(service=a_pin(learner_id="max")), "no learner max"),
        (LateService(service=a_pin(offer_id="o9")), "no offer o9"),
        (LateService(service=a_pin(exemption="away")), "no offer"),
    ],
)
def test_a_change_of_what_there_is_not_is_refused(change, text):
    """The message names it."""
    with pytest.raises(ChangeError, match=text):
        changed(a_problem(offers=(an_offer(kind=SessionKind.COMMONS),)), [change])
