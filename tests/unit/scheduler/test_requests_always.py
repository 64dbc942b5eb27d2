"""What must hold however adults ask (H6): on random requests, in schools with and without room."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.domain.model import KeepApart, RequestLevel, SessionKind
from services.scheduler.domain.pins import settle
from services.scheduler.domain.requests import settle_requests
from services.scheduler.domain.requests.index import index_of as index_of_requests
from services.scheduler.domain.requests.order import ask_of
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of
from services.scheduler.domain.week import RequestState
from tests.support.asking import ADULTS, a_group, a_request, asking, english_slot, later
from tests.support.schools import a_learner, a_pin, a_room, an_adult

LEARNERS = ("l1", "l2", "l3", "l4")
SLOTS = (
    english_slot("mon-1", "09:00", "09:40"),
    english_slot("mon-2", "09:30", "10:00", subject="math"),
    english_slot("mon-3", "09:50", "10:30", subject=""),
)
CLOCK = {slot.slot_id: slot for slot in SLOTS}
OFFERS = tuple(a_group(name) for name in ADULTS)

requests = st.builds(
    a_request,
    request_id=st.integers(1, 99).map("r{}".format),
    adult_id=st.sampled_from(sorted(ADULTS)),
    learner_id=st.sampled_from(LEARNERS),
    slot_id=st.sampled_from(sorted(CLOCK)),
    level=st.sampled_from(RequestLevel),
    create_time=st.integers(0, 3).map(later),
    competency_id=st.sampled_from((None, "essays", "fractions")),
    weight_milli=st.sampled_from((0, 500, 900)),
    weeks_waiting=st.integers(0, 1),
    cancelled=st.sampled_from((False, False, False, True)),
)
many = st.lists(requests, max_size=14, unique_by=lambda one: one.request_id).map(tuple)
pins = st.lists(
    st.builds(
        a_pin,
        pin_id=st.integers(1, 9).map("p{}".format),
        learner_id=st.sampled_from(LEARNERS),
        slot_id=st.sampled_from(sorted(CLOCK)),
        offer_id=st.sampled_from([offer.offer_id for offer in OFFERS]),
        service=st.booleans(),
    ),
    max_size=3,
    unique_by=lambda pin: pin.pin_id,
).map(tuple)


def with_room(asked, **changes):
    """Return a school in which every offer has a seat for all, an adult and a room of its own.

    Each slot has offers of its own, so that nobody leads two sessions at once.
    """
    names = [f"{name}-{slot_id}" for name in ADULTS for slot_id in sorted(CLOCK)]
    offers = [
        replace(a_group("art"), offer_id=f"o-{name}", adult_id=name, room_id=None, subject=subject)
        for name in names
        for subject in [ADULTS[name[:3]]]
    ]
    offers = [replace(one, kind=SessionKind.ENRICHMENT) for one in offers]
    return asking(
        *(replace(one, offer_id=f"{one.offer_id}-{one.slot_id}") for one in asked),
        **{
            "slots": SLOTS,
            "adults": tuple(an_adult(name, (ADULTS[name[:3]],)) for name in names),
            "offers": tuple(offers),
            "learners": tuple(a_learner(name) for name in LEARNERS),
        }
        | changes,
    )


def crowded(asked, pins=(), *, cap=2, shared=False):
    """Return a school of few seats, in which adults and rooms are wanted twice at once."""
    checks = replace(a_group("eve", kind=SessionKind.CHECK, room_id="room-art"), offer_id="o-check")
    apart = KeepApart(rule_id="k1", learner_id="l1", other_id="l2")
    return asking(
        *asked,
        slots=SLOTS,
        offers=(*(replace(one, cap=cap) for one in OFFERS), checks),
        rooms=tuple(a_room(f"room-{name}", 3, shared=shared) for name in ADULTS),
        learners=tuple(a_learner(name) for name in LEARNERS),
        keep_apart=(apart,),
        pins=pins,
    )


def states(problem):
    """Return the state of each request and who has its seat."""
    found = settle_requests(problem).outcomes
    return {one.request_id: (one.state, one.winner_id) for one in found}


def meet(one, other):
    """Whether two requests want one learner at one instant."""
    mine, theirs = CLOCK[one.slot_id], CLOCK[other.slot_id]
    together = mine.start < theirs.end and theirs.start < mine.end
    return one.learner_id == other.learner_id and together


def level(request):
    """Return the level as H6 reads it: an owner is who teaches the slot's subject."""
    owns = CLOCK[request.slot_id].subject == ADULTS[request.adult_id]
    if request.level is RequestLevel.OWNING_TEACHER and not owns:
        return RequestLevel.TEACHER
    return request.level


def claim(request):
    """Return what orders requests before the lot is drawn; the least is the highest."""
    waited = (-request.weight_milli, -request.weeks_waiting, request.create_time)
    return (level(request), *waited)


@settings(max_examples=150, deadline=None)
@given(asked=many, pinned=pins, rng=st.randoms(use_true_random=False))
def test_the_order_in_which_requests_come_changes_nothing(asked, pinned, rng):
    """Shuffled requests, pins, offers and learners give the same pins and the same sentences."""
    problem = crowded(asked, pinned)
    names = ("requests", "pins", "offers", "learners", "adults", "rooms", "slots")
    lists = {name: list(getattr(problem, name)) for name in names}
    for items in lists.values():
        rng.shuffle(items)
    shuffled = replace(problem, **{name: tuple(items) for name, items in lists.items()})
    assert settle_requests(shuffled) == settle_requests(problem)


@settings(max_examples=150, deadline=None)
@given(asked=many)
def test_with_room_there_is_one_winner_for_each_learner_and_instant(asked):
    """No two winners meet, and whoever is next meets a winner."""
    found = states(with_room(asked))
    winners = [one for one in asked if found[one.request_id][0] is RequestState.SEATED]
    assert not any(meet(one, two) for one in winners for two in winners if one != two)
    for one in asked:
        state, winner_id = found[one.request_id]
        assert (state is RequestState.CANCELLED) == one.cancelled
        if state is RequestState.NEXT:
            (winner,) = [two for two in winners if two.request_id == winner_id]
            assert meet(one, winner)


@settings(max_examples=150, deadline=None)
@given(asked=many)
def test_in_one_slot_exactly_one_of_those_who_ask_for_a_learner_wins(asked):
    """As long as one of them is not cancelled; it is one of the highest."""
    here = tuple(replace(one, slot_id="mon-1") for one in asked)
    found = states(with_room(here))
    for learner_id in LEARNERS:
        mine = [one for one in here if one.learner_id == learner_id and not one.cancelled]
        won = [one for one in mine if found[one.request_id][0] is RequestState.SEATED]
        assert len(won) == min(len(mine), 1)
        assert [claim(one) for one in won] == sorted(map(claim, mine))[:1]


@settings(max_examples=150, deadline=None)
@given(asked=many, pinned=pins, shared=st.booleans())
def test_a_higher_request_is_never_below_a_lower_one(asked, pinned, shared):
    """Whoever is next is so for a pin or for a request as high, room or no room."""
    found = states(crowded(asked, pinned, shared=shared))
    by_id = {one.request_id: one for one in asked}
    for one in asked:
        state, winner_id = found[one.request_id]
        if state is RequestState.NEXT and winner_id in by_id:
            assert claim(by_id[winner_id]) <= claim(one)
            assert found[winner_id][0] is RequestState.SEATED


@settings(max_examples=150, deadline=None)
@given(asked=many)
def test_a_winner_that_is_cancelled_brings_the_next_back(asked):
    """The highest of those whom nobody else bars; those above the winner stay as they were."""
    found = states(with_room(asked))
    index = index_of_requests(with_room(asked))

    def rank(request):
        return ask_of(
            replace(request, offer_id=f"{request.offer_id}-{request.slot_id}"), index
        ).rank

    for winner in asked:
        if found[winner.request_id][0] is not RequestState.SEATED:
            continue
        gone = tuple(replace(one, cancelled=True) if one == winner else one for one in asked)
        again = states(with_room(gone))
        others = [one for one in asked if found[one.request_id][0] is RequestState.SEATED]
        others.remove(winner)
        waiting = [
            one
            for one in sorted(asked, key=rank)
            if found[one.request_id] == (RequestState.NEXT, winner.request_id)
            and not any(meet(one, two) and rank(two) < rank(one) for two in others)
        ]
        assert all(again[one.request_id][0] is RequestState.SEATED for one in waiting[:1])
        assert again[winner.request_id][0] is RequestState.CANCELLED
        higher = [one for one in others if rank(one) < rank(winner)]
        assert all(again[one.request_id][0] is RequestState.SEATED for one in higher)


@settings(max_examples=150, deadline=None)
@given(asked=many, pinned=pins, cap=st.integers(1, 3), shared=st.booleans())
def test_every_winner_can_be_kept_as_a_pin(asked, pinned, cap, shared):
    """Nothing is in the way of a winner's pin, and it is in the way of no other pin.

    Where a pin has the learner in that slot already, that one decides.
    """
    problem = crowded(asked, pinned, cap=cap, shared=shared)
    before = settle(index_of(normalised(problem), 0))
    made = settle_requests(problem).pins
    after = settle(index_of(normalised(replace(problem, pins=(*pinned, *made))), 0))
    pinned_then = {(pin.learner_id, pin.slot_id) for pin in pinned}
    won = [pin for pin in made if (pin.learner_id, pin.slot_id) not in pinned_then]
    assert before.seats.items() <= after.seats.items()
    assert before.unkept.items() <= after.unkept.items()
    assert not after.unkept.keys() & {pin.pin_id for pin in won}
    assert len(after.seats) == len(before.seats) + len(won)


@settings(max_examples=100, deadline=None)
@given(asked=many, pinned=pins)
def test_settling_again_with_its_pins_moves_nobody(asked, pinned):
    """Winners are seated by their own pins, the others are as they were."""
    problem = crowded(asked, pinned)
    first = settle_requests(problem)
    again = settle_requests(replace(problem, pins=(*pinned, *first.pins)))
    assert again.pins == ()
    assert [one.state for one in again.outcomes] == [one.state for one in first.outcomes]


@settings(max_examples=100, deadline=None)
@given(asked=many, pinned=pins)
def test_every_request_has_one_outcome_and_every_outcome_one_sentence(asked, pinned):
    """In the order of ids; seated where there is a pin of it, or a pin of the very seat."""
    settled = settle_requests(crowded(asked, pinned))
    assert [one.request_id for one in settled.outcomes] == sorted(one.request_id for one in asked)
    assert all(one.sentence.endswith(".") for one in settled.outcomes)
    seated = {o.request_id for o in settled.outcomes if o.state is RequestState.SEATED}
    assert {pin.pin_id.removeprefix("request.") for pin in settled.pins} <= seated
