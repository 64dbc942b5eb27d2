"""Pins are kept, or the week says which is not and why."""

import pytest

from services.scheduler.domain.check import check
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.week import SeatRule
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
from tests.support.weeks import planned, rules_broken, seat_of, session_of, who_is_in

SMALL_GROUP = SessionKind.SMALL_GROUP


def a_school_with_speech(**changes):
    """Return ada with a speech service and commons (r1), bob with commons (r2), one learner."""
    fields = {
        "adults": (an_adult("ada"), an_adult("bob", ())),
        "rooms": (a_room("r1"), a_room("r2")),
        "offers": (
            an_offer("speech", "ada", SessionKind.SERVICE),
            an_offer("quiet", "ada"),
            an_offer("open", "bob", room_id="r2"),
        ),
    }
    return a_problem(**(fields | changes))


def test_a_service_pin_is_a_seat_that_outranks_every_need():
    """The learner needs fractions, a group is held, the service has the seat; H5 says so."""
    problem = a_school_with_speech(
        adults=(an_adult("ada"), an_adult("bob", ()), an_adult("cyd")),
        rooms=(a_room("r1"), a_room("r2"), a_room("r3")),
        offers=(
            an_offer("speech", "ada", SessionKind.SERVICE),
            an_offer("open", "bob", room_id="r2"),
            an_offer("group", "cyd", SMALL_GROUP, room_id="r3"),
        ),
        learners=(a_learner("kim"), a_learner("lea"), a_learner("max")),
        needs=(a_need("kim"), a_need("lea", level_milli=1000), a_need("max")),
        pins=(a_pin(offer_id="speech", service=True),),
    )
    week = planned(problem)
    seat = seat_of(week, "lea")
    assert seat.rule is SeatRule.SERVICE_PIN
    assert session_of(week, seat).kind is SessionKind.SERVICE
    assert [(a.competency_id, a.rule) for a in seat.alternatives] == [("fractions", "H5")]
    assert [(u.learner_id, u.rule) for u in week.unmet] == [("lea", "H5")]
    assert seat_of(week, "kim").rule is SeatRule.NEED


def test_a_service_is_held_for_its_pinned_learners_alone():
    """Nobody else is put into a service, however many places it has."""
    week = planned(
        a_school_with_speech(
            learners=(a_learner("kim"), a_learner("lea")),
            pins=(a_pin(offer_id="speech", service=True),),
        )
    )
    assert who_is_in(week, session_of(week, seat_of(week, "lea"))) == ["lea"]


def test_an_exemption_owes_no_seat():
    """The learner is off campus: an exemption with its code, nothing unplaced."""
    week = planned(a_problem(pins=(a_pin(exemption="off-campus"),)))
    seat = seat_of(week, "lea")
    assert (seat.session_id, seat.exemption, seat.rule) == (None, "off-campus", SeatRule.EXEMPT)
    assert (week.capacity[0].learners, week.summary.exemptions) == (0, 1)


def test_an_accepted_seat_stays_and_its_session_keeps_its_target():
    """A seat of the draft that an adult accepted comes back as a pin with its competency."""
    problem = a_school_with_speech(
        offers=(
            an_offer("group", "ada", SMALL_GROUP),
            an_offer("open", "bob", room_id="r2"),
        ),
        competencies=(a_competency("fractions"), a_competency("ratios", "Ratios")),
        learners=(a_learner("kim"), a_learner("lea"), a_learner("max")),
        needs=(
            a_need("kim", "ratios", level_milli=1000),
            a_need("max", "ratios", level_milli=1000),
            a_need("lea", level_milli=2900),
            a_need("kim", level_milli=2800),
        ),
        pins=(a_pin(offer_id="group", competency_id="fractions"),),
    )
    week = planned(problem)
    session = session_of(week, seat_of(week, "lea"))
    assert session.competency_id == "fractions"
    assert seat_of(week, "lea").rule is SeatRule.PIN
    assert who_is_in(week, session) == ["kim", "lea"]
    assert check(problem, week) == []


def test_a_pin_without_a_target_gives_the_session_the_learners_greatest_need():
    """The adult chose the group, not the topic: the topic is what the pinned learner needs most."""
    problem = a_school_with_speech(
        offers=(
            an_offer("group", "ada", SMALL_GROUP),
            an_offer("open", "bob", room_id="r2"),
        ),
        competencies=(a_competency("fractions"), a_competency("ratios", "Ratios")),
        needs=(a_need(level_milli=2500), a_need("lea", "ratios", level_milli=1500)),
        pins=(a_pin(offer_id="group"),),
    )
    week = planned(problem)
    session = session_of(week, seat_of(week, "lea"))
    assert (session.competency_id, session.title) == ("ratios", "Ratios")
    assert [u.competency_id for u in week.unmet] == ["fractions"]


def test_a_person_may_exceed_the_cap_with_a_reason_but_not_the_room():
    """Seven pins into a group of five in a room of six: six are kept, the seventh is H3."""
    names = [f"l{i}" for i in range(7)]
    problem = a_school_with_speech(
        rooms=(a_room("r1", 6), a_room("r2")),
        offers=(
            an_offer("group", "ada", SMALL_GROUP),
            an_offer("open", "bob", room_id="r2"),
        ),
        learners=tuple(a_learner(name) for name in names),
        pins=tuple(a_pin(f"p-{n}", n, offer_id="group", reason="they asked") for n in names),
    )
    week = planned(problem)
    session = next(s for s in week.sessions if s.offer_id == "group")
    assert who_is_in(week, session) == names[:6]
    assert rules_broken(week) == ["H3"]
    assert "room" in week.breaches[0].message


def test_over_the_cap_without_a_reason_is_refused():
    """Six pins into a group of five, the last without a reason: five are kept."""
    names = [f"l{i}" for i in range(6)]
    problem = a_school_with_speech(
        offers=(
            an_offer("group", "ada", SMALL_GROUP),
            an_offer("open", "bob", room_id="r2"),
        ),
        learners=tuple(a_learner(name) for name in names),
        pins=tuple(a_pin(f"p-{n}", n, offer_id="group", reason="") for n in names),
    )
    week = planned(problem)
    assert rules_broken(week) == ["H3"]
    assert seat_of(week, "l5").rule is SeatRule.COMMONS


@pytest.mark.parametrize(
    ("pins", "rule"),
    [
        ((a_pin("p1", offer_id="quiet"), a_pin("p2", offer_id="open")), "H1"),
        ((a_pin("p1", offer_id="quiet"), a_pin("p2", "kim", offer_id="speech")), "H2"),
        ((a_pin("p1", offer_id="nowhere"),), "H7"),
        ((a_pin("p1", offer_id="open", slot_id="mon-9"),), "H7"),
        ((a_pin("p1", offer_id="quiet", competency_id="fractions"),), "H9"),
    ],
)
def test_a_pin_that_cannot_be_kept_is_a_breach_with_its_rule(pins, rule):
    """Two places at once, one adult twice, no such offer, no such slot, no such target."""
    problem = a_school_with_speech(learners=(a_learner("kim"), a_learner("lea")), pins=pins)
    week = planned(problem)
    assert rules_broken(week) == [rule]
    assert check(problem, week) != []


def test_two_pins_into_overlapping_slots_are_a_clash():
    """9:00-9:40 and 9:30-10:00: the second pin is refused under H1."""
    slots = (a_slot("mon-1", "09:00", "09:40"), a_slot("mon-2", "09:30", "10:00"))
    pins = (a_pin("p1"), a_pin("p2", slot_id="mon-2"))
    week = planned(a_problem(slots=slots, pins=pins))
    assert rules_broken(week) == ["H1"]
    assert "overlap" in week.breaches[0].message


def test_of_two_pins_for_one_slot_the_service_is_kept():
    """H5 comes before what an adult set, whichever id sorts first."""
    pins = (a_pin("a-first", offer_id="open"), a_pin("z-last", offer_id="speech", service=True))
    week = planned(a_school_with_speech(pins=pins))
    assert seat_of(week, "lea").rule is SeatRule.SERVICE_PIN
    assert rules_broken(week) == ["H1"]


def test_the_pin_of_a_learner_who_has_left_does_nothing():
    """No seat, no breach: the roster outlives a pin."""
    week = planned(a_problem(learners=(a_learner(enrolled=False),), pins=(a_pin(),)))
    assert (week.seats, week.breaches) == ((), ())


def test_a_rerun_with_accepted_seats_moves_none_of_them():
    """Every seat of a week, given back as pins, comes back in the same session."""
    names = [f"l{i}" for i in range(12)]
    problem = a_school_with_speech(
        offers=(
            an_offer("group", "ada", SMALL_GROUP),
            an_offer("open", "bob", room_id="r2"),
        ),
        learners=tuple(a_learner(name) for name in names),
        needs=tuple(a_need(name, level_milli=1000 + 50 * i) for i, name in enumerate(names)),
    )
    first = planned(problem)
    sessions = {s.session_id: s for s in first.sessions}
    pins = tuple(
        a_pin(
            f"kept-{seat.learner_id}",
            seat.learner_id,
            offer_id=sessions[seat.session_id].offer_id,
            competency_id=sessions[seat.session_id].competency_id,
        )
        for seat in first.seats
    )
    changed = tuple(a_need(name, level_milli=2500 - 50 * i) for i, name in enumerate(names))
    fields = {name: getattr(problem, name) for name in problem.__dataclass_fields__}
    again = planned(a_problem(**(fields | {"needs": changed, "pins": pins})))
    assert [(s.learner_id, s.session_id) for s in again.seats] == [
        (s.learner_id, s.session_id) for s in first.seats
    ]
