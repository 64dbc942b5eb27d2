"""Requests become pins for the search, and are told at last what became of those."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.domain.check import requests as check_requests
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.pins import settle
from services.scheduler.domain.requests import as_kept, with_requests
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of
from services.scheduler.domain.week import RequestState, SeatRule
from tests.support.asking import TEACHER, a_group, a_request, asking
from tests.support.handmade import a_week, held, seated
from tests.support.pinned_schools import a_pinned_school
from tests.support.schools import a_pin, a_room, shuffled_with_repeats


def told(problem):
    """Return the settled pins of a problem with its requests, and the outcomes at last."""
    joined, outcomes = with_requests(problem)
    settled = settle(index_of(normalised(joined), 1))
    return settled, as_kept(problem, outcomes, settled.seats, settled.unkept)


def test_a_winner_is_a_pin_and_doing_it_again_adds_none():
    """The problem's own pins stay as they are."""
    own = a_pin("p1", "leo", offer_id="o-max")
    problem = asking(a_request(), pins=(own,))
    joined, outcomes = with_requests(problem)
    assert [pin.pin_id for pin in joined.pins] == ["p1", "request.r1"]
    assert joined.pins[0] == own
    assert [one.state for one in outcomes] == [RequestState.SEATED]
    assert with_requests(joined)[0] == joined


def test_a_pin_that_has_the_id_already_keeps_it():
    """One id is one pin: the winner's grows."""
    own = a_pin("request.r1", "leo", offer_id="o-max")
    joined, _ = with_requests(asking(a_request(), pins=(own,)))
    assert [pin.pin_id for pin in joined.pins] == ["request.r1", "request.r1."]
    assert settle(index_of(normalised(joined), 1)).breaches == []


def test_a_request_holds_the_target_that_a_pin_left_open():
    """The learner is pinned to the group already; the request says on what, and a pin of it."""
    own = a_pin("p1", "lea", offer_id="o-eve")
    problem = asking(a_request(competency_id="essays"), pins=(own,))
    settled, outcomes = told(problem)
    assert [one.state for one in outcomes] == [RequestState.SEATED]
    assert settled.forced["mon-1", "o-eve"].competency_id == "essays"


def test_a_request_on_another_target_than_a_pin_set_is_next():
    """Max has pinned Leo's group to one target; Lea is pinned to it, and wanted on another."""
    pins = (
        a_pin("p1", "lea", offer_id="o-eve"),
        a_pin("p2", "leo", offer_id="o-eve", competency_id="essays"),
    )
    problem = asking(a_request(competency_id="poems"), pins=pins)
    poems = replace(problem.competencies[0], competency_id="poems")
    problem = replace(problem, competencies=(*problem.competencies, poems))
    _, (outcome,) = told(problem)
    assert (outcome.state, outcome.winner_id) == (RequestState.NEXT, "p1")


def test_a_winner_without_a_room_is_told_the_truth():
    """Three groups, each in either of two rooms: the lowest of the three winners has none."""
    rooms = (a_room("r1"), a_room("r2"))
    offers = [a_group(name, room_id="r1", other_room_ids=("r2",)) for name in ("eve", "max", "art")]
    asked = [
        a_request(f"r{n}", name, learner_id=f"l{n}", level=TEACHER, weight_milli=n)
        for n, name in enumerate(("eve", "max", "art"))
    ]
    problem = asking(*asked, rooms=rooms, offers=tuple(offers))
    learners = [replace(problem.learners[0], learner_id=f"l{n}") for n in range(3)]
    settled, outcomes = told(replace(problem, learners=tuple(learners)))
    states = [one.state for one in outcomes]
    assert states == [RequestState.NEXT, RequestState.SEATED, RequestState.SEATED]
    assert "room r1, room r2, taken then" in outcomes[0].sentence
    assert list(settled.unkept) == ["request.r0"]
    assert settled.breaches == []


def test_a_request_for_the_seat_of_a_pin_that_cannot_be_kept_is_next_after_it():
    """Two pins have the learner in one slot; the request is for the seat of the second."""
    pins = (a_pin("p1", "lea", offer_id="o-max"), a_pin("p2", "lea", offer_id="o-eve"))
    _, (outcome,) = told(asking(a_request(), pins=pins))
    assert (outcome.state, outcome.winner_id) == (RequestState.NEXT, "p2")
    assert "meets pin p1" in outcome.sentence


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 100_000), overlapping=st.booleans())
def test_every_outcome_is_borne_out_by_the_seats(seed, overlapping):
    """The check finds no fault with any, and the order of all lists changes nothing."""
    problem = a_pinned_school(seed, overlapping=overlapping)
    settled, outcomes = told(normalised(problem))
    assert told(normalised(shuffled_with_repeats(problem, seed)))[1] == outcomes
    sessions = {
        key: held(problem, one.offer.offer_id, one.slot_id, competency_id=one.competency_id)
        for key, one in settled.forced.items()
    }
    seats = [
        seated(learner_id, session, rule=SeatRule.PIN)
        for key, session in sessions.items()
        for learner_id in settled.forced[key].learners
    ]
    week = a_week(problem, sessions.values(), seats, requests=outcomes)
    assert list(check_requests.breaches(Index(problem, week))) == []
    asked = [f"Pin {pin_id} " for pin_id in settled.unkept if pin_id.startswith("request.")]
    assert not [one for one in settled.breaches if one.message.startswith(tuple(asked))]
