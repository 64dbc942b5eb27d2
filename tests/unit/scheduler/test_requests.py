"""Levels 1 to 4 of the request order (H6): who gets a learner, who is next, what each reads."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.scheduler.domain.model import (
    RequestLevel,
    SessionKind,
)
from services.scheduler.domain.requests import settle_requests
from services.scheduler.domain.week import RequestState
from tests.support.asking import (
    ADMINISTRATOR,
    OWNER,
    SERVICE,
    TEACHER,
    a_group,
    a_request,
    an_idea,
    asking,
    english_slot,
    later,
    outcomes,
    sentence,
    settled,
    states,
)
from tests.support.schools import (
    MONDAY,
    a_learner,
    a_pin,
    an_adult,
)

SEATED, NEXT = RequestState.SEATED, RequestState.NEXT


# Both pull lea on a day that English owns; math asked earlier and for more.
ENGLISH = a_request("r-english", "eve", level=OWNER)
MATH = a_request("r-math", "max", level=OWNER, create_time=later(-60), weight_milli=9000)


def test_the_subject_that_owns_the_day_wins_and_both_are_told():
    """Acceptance example 2: math sees "higher request, English, until 9:40"."""
    found = outcomes(MATH, ENGLISH)
    math, english = found["r-math"], found["r-english"]
    assert (english.state, math.state, math.winner_id) == (SEATED, NEXT, "r-english")
    assert "higher request, English, until 9:40" in math.sentence
    assert math.sentence == (
        "Next: higher request, English, until 9:40 (request r-english of adult eve, as its subject"
        " owns the slot)."
    )
    assert english.sentence == (
        "Seated: learner lea in offer o-eve, English, until 9:40, before request r-math of adult"
        " max."
    )


def test_when_english_cancels_the_learner_is_back_in_math_if_a_seat_is_left():
    """Acceptance example 2, on Sunday."""
    cancelled = replace(ENGLISH, cancelled=True)
    found = settled(cancelled, MATH)
    assert [one.state for one in found.outcomes] == [RequestState.CANCELLED, SEATED]
    assert [(pin.learner_id, pin.offer_id) for pin in found.pins] == [("lea", "o-max")]
    leo = a_request("r-leo", "max", "leo", level=ADMINISTRATOR)
    full = (a_group("eve"), a_group("max", cap=1))
    assert states(cancelled, MATH, leo, offers=full) == {
        "r-english": "cancelled",
        "r-leo": "seated",
        "r-math": "next to r-leo",
    }


def test_a_winner_is_a_pin_with_its_reason():
    """The search cannot move it; the target comes with it."""
    asked = a_request(competency_id="essays", level=ADMINISTRATOR)
    (pin,) = settled(asked).pins
    assert (pin.pin_id, pin.learner_id, pin.slot_id) == ("request.r1", "lea", "mon-1")
    assert (pin.offer_id, pin.competency_id, pin.exemption) == ("o-eve", "essays", None)
    assert (pin.service, pin.reason) == (False, "request r1 of adult eve")


def test_a_service_that_is_asked_for_becomes_a_service_pin():
    """Level 1 is a service's."""
    (pin,) = settled(a_request(level=SERVICE)).pins
    assert pin.service


def test_what_has_no_target_gets_none():
    """A competency beside a request for enrichment says why, not on what it works."""
    clubs = a_group("art", kind=SessionKind.ENRICHMENT)
    (pin,) = settled(a_request(adult_id="art", competency_id="essays"), offers=(clubs,)).pins
    assert pin.competency_id is None


@pytest.mark.parametrize(
    ("higher", "lower", "why"),
    [
        ({"level": SERVICE}, {"level": ADMINISTRATOR}, "as a service comes first"),
        ({"level": ADMINISTRATOR}, {"level": OWNER}, "as an administrator asks"),
        ({"level": OWNER}, {"level": TEACHER}, "as its subject owns the slot"),
        ({"weight_milli": 2}, {"weight_milli": 1, "weeks_waiting": 9}, "as the need is larger"),
        ({"weeks_waiting": 1, "create_time": later(9)}, {}, "as it has waited longer"),
        ({}, {"create_time": later(1)}, "as it came earlier"),
    ],
)
def test_the_higher_takes_the_seat_and_the_other_reads_why(higher, lower, why):
    """Level, larger need, more weeks waiting, earlier; each stands above all that follow it."""
    first = a_request("z", "eve", **({"level": OWNER} | higher))
    strong = {"level": OWNER, "weight_milli": 0}
    if first.level < RequestLevel.TEACHER and lower.get("level", OWNER) != first.level:
        strong = {"weight_milli": 9000, "weeks_waiting": 9, "create_time": later(-9)}
    second = a_request("a", "eve", **(strong | {"offer_id": "o-eve"} | lower))
    assert states(second, first) == {"a": "next to z", "z": "seated"}
    assert sentence(second, first).endswith(f"(request z of adult eve, {why}).")


def test_between_equals_a_lot_of_week_learner_slot_and_offer_decides():
    """The same for the same, not by id; and not always the same offer."""
    for_eve, for_max = a_request("a", "eve", level=TEACHER), a_request("b", "max")
    swapped = replace(for_eve, request_id="b"), replace(for_max, request_id="a")

    def winner(*requests, learner_id="lea", monday=MONDAY):
        moved = tuple(replace(one, learner_id=learner_id) for one in requests)
        slot = replace(english_slot(subject=""), date=monday)
        learners = (a_learner(learner_id),)
        (pin,) = settled(*moved, slots=(slot,), monday=monday, learners=learners).pins
        return pin.offer_id

    assert winner(for_eve, for_max) == winner(*swapped)
    assert {winner(for_eve, for_max, learner_id=f"l{n}") for n in range(9)} == {"o-eve", "o-max"}
    weeks = {winner(for_eve, for_max, monday=MONDAY + timedelta(days=7 * n)) for n in range(9)}
    assert weeks == {"o-eve", "o-max"}
    found = outcomes(for_eve, for_max, slots=(english_slot(subject=""),))
    loser = next(one for one in found.values() if one.state is NEXT)
    assert loser.sentence.endswith(", by lot).")


@pytest.mark.parametrize(
    ("slot_subject", "target", "owns"),
    [
        ("English", None, True),
        ("English", "essays", True),
        ("math", None, False),
        ("", None, False),
    ],
)
def test_a_teacher_owns_a_slot_of_the_subject_of_target_or_offer_alone(slot_subject, target, owns):
    """Else the request is that of another teacher, and the larger need of art comes first."""
    asked = a_request("r-eve", "eve", level=OWNER, competency_id=target)
    other = a_request("r-art", "art", weight_milli=1)
    found = states(asked, other, slots=(english_slot(subject=slot_subject),))
    assert found["r-eve"] == ("seated" if owns else "next to r-art")


def test_nobody_owns_a_slot_without_a_subject():
    """Not even with an offer that has none either."""
    offers = (a_group("eve", kind=SessionKind.ENRICHMENT, subject=""), a_group("art"))
    other = a_request("r-art", "art", weight_milli=1)
    asked = a_request("r-eve", "eve", level=OWNER)
    found = states(asked, other, offers=offers, slots=(english_slot(subject=""),))
    assert found["r-eve"] == "next to r-art"


def test_the_subject_of_the_target_stands_before_that_of_the_offer():
    """An offer of two named competencies has no subject; its target has."""
    both = an_adult("eve", ("English", "math"))
    mixed = a_group("eve", subject="", competencies=("essays", "fractions"))
    changes = {"adults": (both, an_adult("art", ("art",))), "offers": (mixed, a_group("art"))}
    other = a_request("r-art", "art", weight_milli=1)
    essays = a_request("r-eve", "eve", level=OWNER, competency_id="essays")
    assert states(essays, other, **changes)["r-eve"] == "seated"
    fractions = replace(essays, competency_id="fractions")
    assert states(fractions, other, **changes)["r-eve"] == "next to r-art"
    assert states(replace(essays, competency_id=None), other, **changes)["r-eve"] != "seated"


def test_slots_that_meet_count_as_one_instant():
    """9:00 to 9:40 and 9:30 to 10:00 meet; 9:40 does not meet 9:00 to 9:40."""
    slots = (
        english_slot(),
        english_slot("mon-2", "09:30", "10:00"),
        english_slot("mon-3", "09:40", "10:00"),
    )
    first = a_request("r1", "eve", weight_milli=1)
    found = [
        states(first, a_request("r2", "max", slot_id=slot_id), slots=slots)["r2"]
        for slot_id in ("mon-2", "mon-3")
    ]
    assert found == ["next to r1", "seated"]


def test_the_end_that_the_loser_reads_is_that_of_the_slot_of_the_winner():
    """Until then the learner is away."""
    slots = (english_slot(), english_slot("mon-2", "13:30", "14:10", subject="math"))
    slots = (*slots, english_slot("mon-3", "13:50", "14:30"))
    loser = a_request("r1", "max", slot_id="mon-3")
    winner = a_request("r2", "eve", slot_id="mon-2", weight_milli=1)
    assert "higher request, English, until 2:10" in sentence(loser, winner, slots=slots)


def test_a_winner_reads_of_three_who_are_next_at_most():
    """Then "and others"."""
    many = [a_request(f"r{n}", "eve", create_time=later(n)) for n in range(6)]
    many = [replace(one, adult_id="") for one in many]
    assert sentence(*many) == (
        "Seated: learner lea in offer o-eve, English, until 9:40, before request r1, request r2,"
        " request r3 and others."
    )


@pytest.mark.parametrize(
    ("pin", "said"),
    [
        (a_pin(offer_id="o-art", service=True), "a service comes first, until 9:40 (pin p1)"),
        (a_pin(offer_id="o-art"), "a seat is set already, art, until 9:40 (pin p1)"),
        (a_pin(exemption="off-campus"), "the learner is exempt, until 9:40 (pin p1)"),
        (a_pin(offer_id="o-gone"), "a seat is set already, until 9:40 (pin p1)"),
    ],
)
def test_a_pin_stands_above_every_request(pin, said):
    """Services, accepted and published seats, exemptions; even one whose offer is gone."""
    asked = a_request(level=ADMINISTRATOR, weight_milli=9000)
    found = outcomes(asked, pins=(pin,))["r1"]
    assert (found.state, found.winner_id, found.sentence) == (NEXT, "p1", f"Next: {said}.")


def test_of_two_pins_the_service_is_named():
    """Whatever their ids; the other one is the planner's to report."""
    pins = (a_pin("a", offer_id="o-art"), a_pin("z", offer_id="o-eve", service=True))
    assert states(a_request(adult_id="max"), pins=pins) == {"r1": "next to z"}


def test_a_pin_in_a_slot_that_meets_this_one_stands_above_it_too():
    """9:30 to 10:00."""
    slots = (english_slot(), english_slot("mon-2", "09:30", "10:00"))
    pin = a_pin(offer_id="o-art", slot_id="mon-2")
    assert states(a_request(), slots=slots, pins=(pin,)) == {"r1": "next to p1"}


@pytest.mark.parametrize(
    "pin", [a_pin(slot_id="gone"), a_pin(learner_id="gone"), a_pin(learner_id="leo")]
)
def test_a_pin_of_somebody_or_somewhere_else_bars_nobody(pin):
    """Nor one that names what is gone."""
    assert states(a_request(), pins=(replace(pin, offer_id="o-art"),)) == {"r1": "seated"}


def test_a_pin_of_who_is_not_enrolled_that_day_takes_no_seat():
    """Leo left; his seat in a group of one is free."""
    gone = a_learner("leo", withdraw_date=MONDAY)
    pin = a_pin(learner_id="leo", offer_id="o-eve")
    changes = {"learners": (a_learner("lea"), gone), "offers": (a_group("eve", cap=1),)}
    assert states(a_request(), pins=(pin,), **changes) == {"r1": "seated"}


def test_a_request_whose_seat_is_pinned_already_is_seated_by_that_pin():
    """As after publishing: no second pin for one seat."""
    pin = a_pin("published.lea.mon-1", offer_id="o-eve", competency_id="essays")
    found = settled(a_request(competency_id="essays"), pins=(pin,))
    assert found.pins == ()
    (outcome,) = found.outcomes
    assert (outcome.state, outcome.winner_id) == (SEATED, "")
    assert outcome.sentence == "Seated already, until 9:40 (pin published.lea.mon-1)."


def test_a_seat_that_a_pin_gives_answers_one_request_alone():
    """Of two for one and the same seat the lower is next, with the pin as without."""
    asked = (a_request("r1", create_time=later(1)), a_request("r2"))
    pin = a_pin(offer_id="o-eve")
    assert states(*asked, pins=(pin,)) == {"r1": "next to p1", "r2": "seated"}
    assert states(*asked) == {"r1": "next to r2", "r2": "seated"}


def test_a_pin_on_another_target_is_not_the_seat_that_is_asked_for():
    """The group works on essays; poems were asked for."""
    pin = a_pin(offer_id="o-eve", competency_id="essays")
    ideas = (an_idea("essays", "English"), an_idea("poems", "English"))
    asked = a_request(competency_id="poems")
    assert states(asked, pins=(pin,), competencies=ideas) == {"r1": "next to p1"}


def test_settling_again_with_the_pins_changes_nothing():
    """A winner is seated by its own pin, whoever was next stays next."""
    problem = asking(ENGLISH, MATH)
    first = settle_requests(problem)
    again = settle_requests(replace(problem, pins=first.pins))
    assert again.pins == ()
    assert [one.state for one in again.outcomes] == [one.state for one in first.outcomes]
    assert again.outcomes[1].winner_id == "request.r-english"


def test_a_cancelled_request_wins_nothing_and_bars_nobody():
    """Whatever its level."""
    gone = a_request("r0", "max", level=ADMINISTRATOR, cancelled=True)
    found = settled(gone, a_request())
    assert [pin.pin_id for pin in found.pins] == ["request.r1"]
    assert found.outcomes[0].sentence == "Cancelled: it asks for nobody any more."


def test_a_request_that_comes_twice_is_one():
    """Facts may be repeated."""
    found = settled(a_request(), a_request())
    assert len(found.outcomes) == len(found.pins) == 1


def test_without_requests_there_is_nothing():
    """Pins that stand are not repeated."""
    found = settled(pins=(a_pin(offer_id="o-eve"),))
    assert (found.pins, found.outcomes) == ((), ())
