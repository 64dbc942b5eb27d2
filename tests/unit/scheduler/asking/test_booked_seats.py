"""Who has agreed to see a learner in a stated session ties them to it, where that is lawful."""

from dataclasses import replace
from datetime import datetime

import pytest

from services.scheduler.domain.asking.booked_seats import with_booked_seats
from services.scheduler.domain.asking.bookings import Booking, BookingKind, BookingState
from services.scheduler.domain.asking.joining import Asked, with_asked
from services.scheduler.domain.check import check
from services.scheduler.domain.model import (
    KeepApart,
    OptOut,
    Request,
    RequestLevel,
    RequiredService,
    Scope,
    SessionKind,
)
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.week import SeatRule
from tests.support.asking import TUESDAY_NOON, later
from tests.support.schools import (
    MONDAY,
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
from tests.support.weeks import planned, rules_broken, seat_of

AGAIN = SessionKind.REASSESSMENT
NAMES = ("kim", "lea", "max")
SLOTS = (a_slot("mon-1"), a_slot("mon-2", "10:00", "10:40"))


def a_school(**changes):
    """Return ada, who reassesses three, and bob, whose art and talks are worth more to them."""
    fields = {
        "slots": SLOTS,
        "adults": (an_adult("ada"), an_adult("bob"), an_adult("cyd", ())),
        "rooms": (a_room("r1"), a_room("r2"), a_room("r3")),
        "offers": (
            an_offer("again", "ada", AGAIN),
            an_offer("talk", "bob", SessionKind.ONE_TO_ONE, room_id="r2"),
            an_offer("open", "cyd", room_id="r3"),
        ),
        "learners": tuple(a_learner(name) for name in NAMES),
        "competencies": (a_competency(), a_competency("angles", "Angles")),
        "needs": tuple(a_need(name) for name in NAMES),
        "policy": Policy(session_minimum=1, own_choice_seats_per_week=0),
    }
    return a_problem(**(fields | changes))


def a_booking(learner_id="lea", booking_id="b1", **changes):
    """Return an agreed re-assessment of fractions with ada in the first slot."""
    fields = {
        "school_id": "north",
        "id": booking_id,
        "version": 1,
        "monday": MONDAY,
        "kind": BookingKind.REASSESSMENT,
        "learner_id": learner_id,
        "competency_id": "fractions",
        "offer_id": "again",
        "slot_id": "mon-1",
        "actor": "districts/maple/adults/ada",
        "create_time": TUESDAY_NOON,
        "state": BookingState.AGREED,
    }
    return Booking(**(fields | changes))


def joined(school, *bookings):
    """Return the school as a run reads it."""
    asked = with_asked(school, Asked(bookings=bookings), ())
    return normalised(with_booked_seats(asked, bookings))


def tied(school, *bookings):
    """Return who is tied to which session, of those that the school had not pinned itself."""
    own = {pin.pin_id for pin in school.pins}
    pins = [pin for pin in joined(school, *bookings).pins if pin.pin_id not in own]
    return [(pin.learner_id, pin.offer_id, pin.slot_id) for pin in pins]


def test_an_agreed_booking_seats_its_learner_in_its_session():
    """Though a talk on the same would be worth more then; staff read why."""
    school = joined(a_school(slots=SLOTS[:1]), a_booking())
    assert [pin.reason for pin in school.pins] == ["booked to show it again, as an adult agreed"]
    week = planned(school)
    seat = seat_of(week, "lea")
    assert (seat.rule, seat.session_id is not None) == (SeatRule.PIN, True)
    session = next(s for s in week.sessions if s.session_id == seat.session_id)
    assert (session.offer_id, session.competency_id) == ("again", "fractions")
    assert (rules_broken(week), check(school, week)) == ([], [])


def test_an_agreed_coaching_does_too():
    """In a session of help, on what it was agreed for."""
    coaching = a_booking(kind=BookingKind.COACHING, offer_id="talk", competency_id="angles")
    school = joined(a_school(), coaching)
    assert [(p.offer_id, p.competency_id) for p in school.pins] == [("talk", "angles")]
    week = planned(school)
    assert (rules_broken(week), check(school, week)) == ([], [])


@pytest.mark.parametrize("state", [s for s in BookingState if s is not BookingState.AGREED])
def test_what_nobody_has_agreed_to_ties_nobody(state):
    """Asked for, declined or cancelled; nor does what is booked for whenever there is one."""
    assert tied(a_school(), a_booking(state=state)) == []
    assert tied(a_school(), a_booking(offer_id="", slot_id="")) == []


def test_of_two_bookings_at_one_time_the_earlier_has_the_seat():
    """Also where the two slots only meet; one after the other, both have theirs."""
    talk = a_booking(
        booking_id="b0",
        kind=BookingKind.COACHING,
        offer_id="talk",
        competency_id="angles",
        create_time=later(5),
    )
    first = ("lea", "again", "mon-1")
    assert tied(a_school(), a_booking(), talk) == [first]
    meeting = a_school(slots=(SLOTS[0], a_slot("mon-2", "09:30", "10:10")))
    second = replace(talk, slot_id="mon-2")
    assert tied(meeting, a_booking(), second) == [first]
    assert sorted(tied(a_school(), a_booking(), second)) == [first, ("lea", "talk", "mon-2")]


def test_one_thing_that_was_booked_twice_takes_one_seat():
    """A re-assessment is once a week."""
    again = a_booking(booking_id="b2", slot_id="mon-2", create_time=later(5))
    assert tied(a_school(), a_booking(), again) == [("lea", "again", "mon-1")]


def a_request(**changes):
    """Return a teacher's request for lea."""
    fields = {
        "request_id": "r",
        "learner_id": "lea",
        "slot_id": "mon-1",
        "offer_id": "talk",
        "level": RequestLevel.TEACHER,
        "create_time": datetime.fromisoformat("2026-11-18T09:00:00+00:00"),
    }
    return Request(**(fields | changes))


SPEECH = an_offer("speech", "cyd", SessionKind.SERVICE, room_id="r3", service="speech")
UNLAWFUL = {
    "another school's": {"learners": (a_learner("kim"), a_learner("max"))},
    "not on the roll": {"learners": (a_learner("kim"), a_learner("lea", withdraw_date=MONDAY))},
    "not in the slot's scope": {"slots": (replace(SLOTS[0], scope=Scope(grades=("9",))), SLOTS[1])},
    "not in the offer's scope": {
        "offers": (
            replace(a_school().offers[0], scope=Scope(grades=("9",))),
            *a_school().offers[1:],
        )
    },
    "opted out": {"opt_outs": (OptOut(learner_id="lea", kind=AGAIN),)},
    "pinned elsewhere": {"pins": (a_pin(offer_id="open"),)},
    "exempt": {"pins": (a_pin(exemption="off-campus"),)},
    "asked for by an adult": {"requests": (a_request(),)},
    "a service may be then": {
        "offers": (*a_school().offers, SPEECH),
        "services": (RequiredService(learner_id="lea", service="speech", minutes=40),),
    },
    "the offer is gone": {"offers": a_school().offers[1:]},
}


@pytest.mark.parametrize("why", UNLAWFUL)
def test_where_something_goes_before_it_nobody_is_tied(why):
    """And the week is not broken for it."""
    school = a_school(**UNLAWFUL[why])
    assert tied(school, a_booking()) == []
    assert rules_broken(planned(joined(school, a_booking()))) == []


def test_what_was_taken_back_or_stands_elsewhere_bars_nothing():
    """A cancelled request, a request for another time, a service that is never held then."""
    speech = replace(SPEECH, slot_ids=("mon-2",))
    school = a_school(
        requests=(a_request(cancelled=True), a_request(request_id="s", slot_id="mon-2")),
        offers=(*a_school().offers, speech),
        services=(RequiredService(learner_id="lea", service="speech", minutes=40),),
    )
    assert tied(school, a_booking()) == [("lea", "again", "mon-1")]


def test_two_who_are_kept_apart_are_not_both_tied():
    """H8: the one whose pin is settled first is; the week is not broken."""
    apart = KeepApart(rule_id="r", learner_id="kim", other_id="lea")
    bookings = (a_booking("kim", "b1"), a_booking("lea", "b2"))
    school = a_school(keep_apart=(apart,))
    assert tied(school, *bookings) == [("kim", "again", "mon-1")]
    assert rules_broken(planned(joined(school, *bookings))) == []


def test_no_more_are_tied_than_the_session_holds():
    """The offer takes two, however many were booked; nobody gave a reason for more."""
    offers = (replace(a_school().offers[0], cap=2), *a_school().offers[1:])
    bookings = [a_booking(name, f"b{n}") for n, name in enumerate(NAMES)]
    school = a_school(offers=offers)
    assert len(tied(school, *bookings)) == 2
    assert rules_broken(planned(joined(school, *bookings))) == []


def test_a_session_that_the_run_does_not_hold_ties_nobody():
    """Its adult declined it in the review, so it is agreed no more."""
    asked = with_asked(a_school(), Asked(bookings=(a_booking(),)), ())
    assert with_booked_seats(replace(asked, locked=()), (a_booking(),)).pins == ()
