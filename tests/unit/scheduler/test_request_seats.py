"""No request wins a seat that could not be held: size, target, adult, room, pairs (H2, H3, H8)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.scheduler.domain.model import (
    KeepApart,
    Layout,
    LockedSession,
    SessionKind,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS, Policy
from services.scheduler.domain.week import RequestState
from tests.support.asking import (
    ADMINISTRATOR,
    ADULTS,
    SERVICE,
    a_group,
    a_request,
    an_idea,
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
    a_room,
    an_adult,
)

SEATED, NEXT = RequestState.SEATED, RequestState.NEXT


def group_of(size, **changes):
    """Return requests for so many learners in eve's group, the first ones higher, and a school."""
    names = [f"l{number}" for number in range(size)]
    requests = [a_request(f"r{n}", "eve", n, create_time=later(int(n[1:]))) for n in names]
    return requests, {"learners": tuple(a_learner(name) for name in names)} | changes


@pytest.mark.parametrize(
    ("changes", "seats"),
    [
        ({}, 5),
        ({"offers": (a_group("eve", cap=2),)}, 2),
        ({"rooms": tuple(a_room(f"room-{name}", 3) for name in ADULTS)}, 3),
        ({"policy": Policy(small_group_cap=1)}, 1),
        ({"policy": Policy(tiers=PRODUCT_TIERS)}, 5),
        (
            {
                "policy": Policy(tiers=PRODUCT_TIERS),
                "offers": (a_group("eve", tier_ids=("3",)),),
            },
            3,
        ),
        (
            {
                "policy": Policy(tiers=PRODUCT_TIERS),
                "locked": (LockedSession(slot_id="mon-1", offer_id="o-eve", tier_id="3"),),
            },
            3,
        ),
        ({"offers": (a_group("eve", legal="hb1416"),)}, 4),
        ({"pins": (a_pin(learner_id="l6", offer_id="o-eve"),)}, 4),
    ],
)
def test_no_more_win_than_the_session_holds(changes, seats):
    """The least of offer, policy or tier, room and law; pins take seats first."""
    requests, school = group_of(7, **changes)
    requests = requests[:6]
    found = settled(*requests, **school)
    assert [pin.pin_id for pin in found.pins] == [f"request.rl{n}" for n in range(seats)]
    last = found.outcomes[-1]
    assert last.state is NEXT
    assert last.winner_id == f"rl{seats - 1}"
    assert f"it holds {seats + len(school.get('pins', ()))} learner" in last.sentence


def test_who_finds_a_group_full_reads_how_many_it_holds_and_who_came_last():
    """One seat, which leo has."""
    leo = a_request("r2", "eve", "leo", weight_milli=1)
    said = sentence(a_request(), leo, offers=(a_group("eve", cap=1),))
    assert said == (
        "Next: no seat is left in offer o-eve, until 9:40 (it holds 1 learner, the last by request"
        " r2 of adult eve)."
    )


def test_a_room_that_holds_nobody_seats_nobody():
    """There is no winner to name."""
    rooms = tuple(a_room(f"room-{name}", 0) for name in ADULTS)
    found = outcomes(a_request(), rooms=rooms)["r1"]
    assert (found.state, found.winner_id) == (NEXT, "")
    assert found.sentence.endswith("(it holds 0 learners).")


def test_the_fifth_of_a_legal_group_comes_in_once_every_consent_is_on_file():
    """Acceptance example 6: all five consents, not four of them."""
    requests, school = group_of(5, offers=(a_group("eve", legal="hb1416"),))
    consenting = tuple(replace(one, consents=("hb1416",)) for one in school["learners"])
    assert len(settled(*requests, **school).pins) == 4
    assert len(settled(*requests, **(school | {"learners": consenting})).pins) == 5
    for missing in range(5):
        some = list(consenting)
        some[missing] = replace(some[missing], consents=())
        assert len(settled(*requests, **(school | {"learners": tuple(some)})).pins) == 4


def test_where_rooms_are_still_to_choose_the_widest_counts():
    """The search will find the one that holds them, unless it is closed."""
    small, wide = a_room("room-eve", 2), a_room("wide", 4)
    offers = (a_group("eve", other_room_ids=("wide",)),)
    adults = (an_adult("eve", ("English",)),)
    requests, school = group_of(5, offers=offers, adults=adults, rooms=(small, wide))
    assert len(settled(*requests, **school).pins) == 4
    closed = replace(wide, closed_slot_ids=("mon-1",))
    assert len(settled(*requests, **(school | {"rooms": (small, closed)})).pins) == 2


def test_a_higher_request_for_a_full_group_leaves_the_learner_to_the_lower_one():
    """The administrator's group has no seat; the teacher's has."""
    leo = a_request("r-leo", "eve", "leo", level=ADMINISTRATOR, weight_milli=1)
    high = a_request("r-high", "eve", level=ADMINISTRATOR)
    low = a_request("r-low", "max")
    offers = (a_group("eve", cap=1), a_group("max"))
    assert states(leo, high, low, offers=offers) == {
        "r-leo": "seated",
        "r-high": "next to r-leo",
        "r-low": "seated",
    }


def test_a_layout_may_hold_more_than_the_room_says():
    """Three in rows where two sit else; a room that is not shared has no other limit."""
    room = replace(a_room("room-eve", 2), layouts=(Layout(layout="rows", capacity=3),))
    offers = (a_group("eve", layout="rows"),)
    adults = (an_adult("eve", ("English",)),)
    requests, school = group_of(4, offers=offers, adults=adults, rooms=(room,))
    assert len(settled(*requests, **school).pins) == 3


def test_a_session_works_on_one_competency():
    """The higher request fixes it, or a pin, or the session that was agreed."""
    ideas = (an_idea("essays", "English"), an_idea("poems", "English"))
    essays = a_request("r2", "eve", "leo", weight_milli=1, competency_id="essays")
    poems = a_request("r1", competency_id="poems")
    found = outcomes(poems, essays, competencies=ideas)["r1"]
    assert (found.state, found.winner_id) == (NEXT, "r2")
    assert found.sentence == (
        "Next: offer o-eve works on competency essays, until 9:40 (request r2 of adult eve)."
    )
    pin = a_pin(learner_id="leo", offer_id="o-eve", competency_id="essays")
    assert states(poems, pins=(pin,), competencies=ideas) == {"r1": "next to p1"}
    agreed = LockedSession(slot_id="mon-1", offer_id="o-eve", competency_id="essays")
    assert states(poems, locked=(agreed,), competencies=ideas) == {"r1": "next to "}
    same = replace(poems, competency_id="essays")
    for changes in ({}, {"pins": (pin,)}, {"locked": (agreed,)}):
        assert states(same, competencies=ideas, **changes) == {"r1": "seated"}


def test_an_adult_leads_one_session_at_an_instant():
    """Eve's group and eve's check; also as who leads with another."""
    checks = replace(a_group("eve", kind=SessionKind.CHECK), offer_id="o-check")
    group = a_request("r2", "eve", "leo", weight_milli=1)
    asked = a_request("r1", offer_id="o-check")
    said = "Next: adult eve leads offer o-eve, until 9:40 (request r2 of adult eve)."
    assert sentence(asked, group, offers=(a_group("eve"), checks)) == said
    together = a_group("art", co_adult_ids=("eve",))
    asked = a_request("r1", "art")
    assert sentence(asked, group, offers=(a_group("eve"), together)) == said
    beside = a_request("r2", "art", "leo", weight_milli=1)
    assert states(a_request(), beside, offers=(a_group("eve"), together)) == {
        "r1": "next to r2",
        "r2": "seated",
    }
    agreed = LockedSession(slot_id="mon-1", offer_id="o-eve")
    said = "Next: adult eve leads offer o-eve, until 9:40."
    assert sentence(asked, locked=(agreed,), offers=(a_group("eve"), together)) == said


def test_a_room_holds_one_session_at_an_instant_unless_it_is_shared():
    """Art is in eve's room; a room with another to go to is the search's to settle."""
    group, asked = a_request("r2", "eve", "leo", weight_milli=1), a_request("r1", "art")
    offers = (a_group("eve"), a_group("art", room_id="room-eve"))
    said = "Next: room room-eve is taken by offer o-eve, until 9:40 (request r2 of adult eve)."
    assert sentence(asked, group, offers=offers) == said
    moving = (a_group("eve"), a_group("art", room_id="room-eve", other_room_ids=("room-art",)))
    assert states(asked, group, offers=moving)["r1"] == "seated"
    shared = tuple(a_room(f"room-{name}", 2, shared=True) for name in ADULTS)
    assert states(asked, group, offers=offers, rooms=shared)["r1"] == "seated"


def test_sessions_that_share_a_room_hold_no_more_than_it():
    """Two places: eve and art have one each, max none."""
    shared = tuple(a_room(f"room-{name}", 2, shared=True) for name in ADULTS)
    offers = tuple(a_group(name, room_id="room-eve") for name in ADULTS)
    learners = tuple(a_learner(name) for name in ("lea", "leo", "lou"))
    requests = (
        a_request("r1", "max"),
        a_request("r2", "eve", "leo", weight_milli=1),
        a_request("r3", "art", "lou", weight_milli=2),
    )
    found = outcomes(*requests, offers=offers, rooms=shared, learners=learners)
    assert [one.state for one in found.values()] == [NEXT, SEATED, SEATED]
    assert found["r1"].sentence == (
        "Next: no place is left in room room-eve, until 9:40 (it holds 2 learners)."
    )


PAIR = KeepApart(rule_id="k1", learner_id="leo", other_id="lea")


def test_a_pair_that_is_kept_apart_is_not_seated_together_and_nobody_reads_why():
    """H8: no id of the other, nor of the rule."""
    leo = a_request("r2", "eve", "leo", weight_milli=1)
    found = outcomes(a_request(), leo, keep_apart=(PAIR,))["r1"]
    assert (found.state, found.winner_id) == (NEXT, "")
    assert found.sentence == "Next: placed by rule."
    pin = a_pin(learner_id="leo", offer_id="o-eve")
    assert states(a_request(), pins=(pin,), keep_apart=(PAIR,)) == {"r1": "next to "}


def test_a_pair_is_kept_apart_in_a_shared_room_too_and_not_elsewhere():
    """The gym, in which both have a session; rooms of their own are well."""
    both = (a_request(), a_request("r2", "art", "leo", weight_milli=1))
    assert states(*both, keep_apart=(PAIR,)) == {"r1": "seated", "r2": "seated"}
    gym = tuple(a_room(f"room-{name}", shared=True) for name in ADULTS)
    offers = (a_group("eve"), a_group("art", room_id="room-eve"))
    assert states(*both, keep_apart=(PAIR,), rooms=gym, offers=offers)["r1"] == "next to "


def test_a_rule_that_has_expired_and_a_service_seat_together():
    """The first day without the rule is its expiry; H5 stands above H8."""
    leo = a_request("r2", "eve", "leo", weight_milli=1)
    ended = replace(PAIR, expire_date=MONDAY)
    assert states(a_request(), leo, keep_apart=(ended,))["r1"] == "seated"
    stands = replace(PAIR, expire_date=MONDAY + timedelta(days=1))
    assert states(a_request(), leo, keep_apart=(stands,))["r1"] == "next to "
    service = a_request(level=SERVICE, weight_milli=0)
    pin = a_pin(learner_id="leo", offer_id="o-eve")
    assert states(service, pins=(pin,), keep_apart=(PAIR,)) == {"r1": "seated"}
