"""H5 and H6: minutes of services that are told, and choices that no need displaces."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.scheduler.domain.check import check
from services.scheduler.domain.model import (
    Choice,
    RequiredService,
    SessionKind,
)
from services.scheduler.domain.week import (
    SeatRule,
    ServiceMinutes,
)
from tests.support.doubting import found
from tests.support.handmade import (
    SCHOOL,
    changed,
    held,
    lawful_week,
    moved,
    rehashed,
)
from tests.support.schools import (
    AS_OF_DAY,
    a_pin,
    an_adult,
    an_offer,
)

WEEK = lawful_week()


# H5: services.


def told(week, **changes):
    """Return the week with another statement of Pam's speech."""
    return rehashed(replace(week, services=(replace(WEEK.services[0], **changes),)))


def without_speech():
    """Return the week in which Pam has art instead of speech."""
    return moved(WEEK, "pam", held(SCHOOL, "art", "mon-2"))


def test_a_shortage_that_is_reported_is_no_breach():
    """H5: nothing of the 40 minutes could be had, and the week says so."""
    assert check(SCHOOL, told(without_speech(), planned_minutes=0, sentence="Cyd is away.")) == []


@pytest.mark.parametrize(
    ("week", "words"),
    [
        (without_speech(), "are stated as 40 of 40, and are 0 of 40"),
        (told(WEEK, required_minutes=20), "are stated as 40 of 20, and are 40 of 40"),
        (told(without_speech(), planned_minutes=0), "are short, and the week does not say what"),
        (rehashed(replace(WEEK, services=())), "are required, and the week does not state them"),
    ],
)
def test_a_shortage_that_is_hidden_or_misstated_is_found(week, words):
    """H5: by learner and service."""
    text = found(SCHOOL, week)
    assert text.startswith(f"H5 : The minutes of service speech of learner pam {words}")


def test_who_is_not_here_needs_no_statement():
    """H5: somebody of another school, or who has left."""
    gone = RequiredService(learner_id="zoe", service="speech", minutes=40)
    assert check(replace(SCHOOL, services=(*SCHOOL.services, gone)), WEEK) == []


def test_minutes_that_nobody_requires_are_found():
    """H5: in the statement, and in the seat."""
    school = replace(SCHOOL, services=())
    rules = {(b.slot_id, b.message.split(" of ")[0]) for b in check(school, WEEK)}
    assert rules == {
        ("", "The minutes"),
        ("mon-2", "Learner pam sits in session speech-mon-2 for a service that nobody requires"),
    }


def test_a_service_counts_for_who_delivers_it():
    """H5: Dan is to deliver it, and Cyd did; and another service is none of it."""
    for required in (
        RequiredService(learner_id="pam", service="speech", minutes=40, adult_id="dan"),
        RequiredService(learner_id="pam", service="reading", minutes=40),
    ):
        messages = [b.message for b in check(replace(SCHOOL, services=(required,)), WEEK)]
        assert any("for a service that nobody requires of it" in text for text in messages)


def test_no_more_time_is_taken_for_a_service_than_it_requires():
    """H5: one session is enough; a second one that is pinned is a person's word."""
    more = moved(WEEK, "pam", held(SCHOOL, "speech", "mon-1"))
    more = told(more, planned_minutes=80)
    assert "take 2 sessions, where 1 reach them" in found(SCHOOL, more)
    pins = tuple(
        a_pin(slot, "pam", slot, offer_id="speech", service=True) for slot in ("mon-1", "mon-2")
    )
    for slot in ("mon-1", "mon-2"):
        more = changed(more, "pam", slot, rule=SeatRule.SERVICE_PIN)
    assert check(replace(SCHOOL, pins=pins), more) == []


def test_a_service_pin_is_kept():
    """H5: Roy's pin to speech is not."""
    pin = a_pin("p", "roy", "mon-2", offer_id="speech", service=True)
    text = found(replace(SCHOOL, pins=(pin,)), WEEK)
    assert text.startswith("H5 mon-2: Pin p of learner roy to offer speech is not kept.")


def test_a_statement_that_is_made_twice_is_found():
    """H5: nobody could tell which of the two to read."""
    twice = ServiceMinutes(
        learner_id="pam", service="speech", required_minutes=40, planned_minutes=40
    )
    text = found(SCHOOL, rehashed(replace(WEEK, services=(twice, replace(twice, sentence="x")))))
    assert "are stated more than once" in text


# H6: choices in slots of own choice.


def choosing(**changes):
    """Return the school whose slot 1 is of own choice, with a confirmed choice of Kim's for art."""
    choice = Choice(learner_id="kim", rank=1, offer_id="art", slot_ids=("mon-1",), confirmed=True)
    slots = (replace(SCHOOL.slots[0], own_choice=True), *SCHOOL.slots[1:])
    return replace(SCHOOL, slots=slots, choices=(*SCHOOL.choices, replace(choice, **changes)))


def test_a_confirmed_choice_is_displaced_by_no_need():
    """H6: Kim is in the group; had she been pinned to it, a person had decided."""
    text = found(choosing(), WEEK)
    assert text.startswith("H6 mon-1: The seat of learner kim in session group-mon-1-fractions tak")
    pinned = replace(choosing(), pins=(a_pin("p", "kim", offer_id="group"),))
    assert check(pinned, changed(WEEK, "kim", "mon-1", rule=SeatRule.PIN)) == []


def test_a_confirmed_wish_to_be_assessed_again_is_displaced_by_no_need():
    """H6: where some offer could hold it then."""
    again = {"offer_id": None, "competency_id": "fractions"}
    assert found(choosing(**again), WEEK).startswith("H6 mon-1")
    elsewhere = {"offer_id": None, "competency_id": "songs"}
    assert check(choosing(**elsewhere), WEEK) == []


@pytest.mark.parametrize("changes", [{"confirmed": False}, {"slot_ids": ("mon-3",)}])
def test_another_choice_is_a_wish_with_a_price(changes):
    """H6: not confirmed, or for another slot."""
    assert check(choosing(**changes), WEEK) == []


def test_where_a_choice_cannot_be_held_a_need_may_be_met():
    """H6: the chosen offer has an adult who is not there."""
    eve = an_offer("pots", "eve", SessionKind.ENRICHMENT, room_id=None)
    school = replace(
        choosing(offer_id="pots"),
        offers=(*SCHOOL.offers, eve),
        adults=(*SCHOOL.adults, an_adult("eve", ())),
    )
    assert found(school, WEEK).startswith("H6 mon-1")
    adults = (*SCHOOL.adults, replace(an_adult("eve", ()), slot_ids=("mon-2",)))
    assert check(replace(school, adults=adults), WEEK) == []


def test_for_who_is_far_behind_the_competency_is_set():
    """H6: the plan says so, or half of the essential competencies that are due."""
    plan = [replace(x, far_behind=True) for x in SCHOOL.learners]
    assert check(replace(choosing(), learners=tuple(plan)), WEEK) == []
    due = [replace(c, essential=True, due_date=AS_OF_DAY) for c in SCHOOL.competencies]
    seats = {("kim", 2400), ("lea", 2400), ("max", 2400)}
    week = WEEK
    for name, weight in seats:
        week = changed(week, name, "mon-1", weight_milli=weight)
    for name in ("ned", "ola"):
        week = changed(week, name, "mon-1", weight_milli=1200)
    assert check(replace(choosing(), competencies=tuple(due)), week) == []
    later = [replace(c, due_date=AS_OF_DAY + timedelta(days=1)) for c in due]
    assert found(replace(choosing(), competencies=tuple(later)), week).startswith("H6 mon-1")
