"""The minutes of services that a found week states, and what it says stands in the way."""

from dataclasses import replace

import pytest

from services.scheduler.domain.check import services as doubted
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.model import RequiredService, SessionKind
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

SPEECH = an_offer("speech", "cyd", SessionKind.SERVICE, room_id=None, service="speech")
TWO_SLOTS = (a_slot(), a_slot("mon-2", "10:00", "10:40"))


def asks(learner_id="lea", minutes=40, **changes) -> RequiredService:
    """Return minutes of speech that Lea needs."""
    return RequiredService(learner_id=learner_id, service="speech", minutes=minutes, **changes)


def a_clinic(**changes):
    """Return a school in which Cyd gives speech in two slots, beside Ada's open place."""
    fields = {
        "slots": TWO_SLOTS,
        "adults": (an_adult("ada"), an_adult("cyd")),
        "offers": (an_offer(), SPEECH),
        "services": (asks(),),
    }
    return a_problem(**(fields | changes))


def told(problem) -> str:
    """Return the sentence of the one service that is short."""
    services = planned(problem).services
    (short,) = [one for one in services if one.planned_minutes < one.required_minutes]
    return short.sentence


def test_what_is_given_in_full_needs_no_sentence():
    """80 minutes in two slots of 40."""
    (one,) = planned(a_clinic(services=(asks(minutes=80),))).services
    assert (one.required_minutes, one.planned_minutes, one.sentence) == (80, 80, "")


def test_pinned_seats_deliver_as_others_do():
    """One slot by a pin, the other by the search."""
    pin = a_pin(offer_id="speech", service=True)
    (one,) = planned(a_clinic(services=(asks(minutes=80),), pins=(pin,))).services
    assert one.planned_minutes == 80


def test_who_is_not_enrolled_is_owed_nothing():
    """No line for a learner without a place in the week."""
    assert planned(a_clinic(learners=(a_learner(enrolled=False),))).services == ()


def test_a_service_that_nobody_offers_says_so():
    """Or that the one adult does not offer."""
    sentence = told(a_clinic(offers=(an_offer(),)))
    assert sentence == (
        "0 of 40 minutes of service speech are planned for learner lea: no offer of the school"
        " delivers it to them. Add an offer of it, or name another adult."
    )
    assert "no offer" in told(a_clinic(services=(asks(adult_id="ada"),)))


def test_an_adult_who_is_away_stands_in_the_way():
    """Cyd is away all day."""
    sentence = told(a_clinic(absences=(an_absence("cyd"),)))
    assert "nobody who delivers it to them is there in slot mon-1" in sentence


def test_more_minutes_than_slots_ask_for_another_slot():
    """100 minutes in two slots of 40."""
    sentence = told(a_clinic(services=(asks(minutes=100),)))
    assert sentence.startswith("80 of 100 minutes")
    assert "it is given in every slot of theirs" in sentence


def test_a_pin_of_the_learner_stands_in_the_way():
    """Lea is elsewhere in the one slot."""
    sentence = told(a_clinic(slots=TWO_SLOTS[:1], pins=(a_pin(exemption="trip"),)))
    assert "a pin, an exemption or another seat takes slot mon-1" in sentence


def test_a_full_session_stands_in_the_way():
    """One seat in one slot, and two ask for it."""
    sentence = told(
        a_clinic(
            slots=TWO_SLOTS[:1],
            offers=(an_offer(), replace(SPEECH, cap=1)),
            learners=(a_learner("kim"), a_learner("lea")),
            services=(asks("kim"), asks("lea")),
        )
    )
    assert "the session of adult cyd in slot mon-1 is full with 1 learner" in sentence


def test_the_load_of_the_adult_stands_in_the_way():
    """Cyd leads one session a week."""
    cyd = replace(an_adult("cyd"), load=1)
    sentence = told(a_clinic(adults=(an_adult("ada"), cyd), services=(asks(minutes=80),)))
    assert "adult cyd leads 1 session, the most of their week" in sentence
    assert sentence.endswith("and plan the week anew.")


@pytest.mark.parametrize("seed", range(30))
def test_the_check_finds_nothing_hidden_or_misstated(seed):
    """In small schools that hold all that a problem may hold."""
    shape = Shape(learners=20 + seed, adults=5 + seed % 4, slots=1 + seed % 5, whole=True)
    problem = a_school(seed, shape)
    week = planned(problem, seed=seed, budget=0)
    assert list(doubted.breaches(Index(problem, week))) == []
    assert list(week.services) == sorted(week.services, key=lambda s: (s.learner_id, s.service))
