"""The parts of the search: undoing a trial, the widest use of a slot, even splits."""

import pytest

from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.pins import settle
from services.scheduler.domain.search.openings import OpeningSearch
from services.scheduler.domain.search.plan import Plan, help_openings
from services.scheduler.domain.search.split import held, shares, spread
from services.scheduler.domain.search.widest import total_places, widest
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of
from services.scheduler.domain.ties import tie
from tests.support.schools import a_problem, a_room, a_school, an_adult, an_offer


def a_plan(seed=3) -> Plan:
    """Return the plan of a random school before any session with a target is opened."""
    snapshot = index_of(normalised(a_school(seed)), seed)
    return Plan(snapshot, settle(snapshot), seed)


def state_of(plan):
    """Return all that a trial may change."""
    demand = plan.demand
    board = {
        slot_id: [(o.offer.offer_id, o.competency_id) for o in plan.board.openings(slot_id)]
        for slot_id in plan.snapshot.slots
    }
    groups = sorted(
        (o.slot_id, o.offer.offer_id, sorted(claims.tolist())) for o, claims in plan.groups.items()
    )
    free = [demand.free_in(slot_id).tolist() for slot_id in plan.snapshot.slots]
    limits = (demand.help_left.tolist(), demand.any_left.tolist(), demand.met.tolist())
    return board, groups, free, limits, plan.weight_milli


@pytest.mark.parametrize("seed", range(5))
def test_a_trial_that_is_undone_leaves_no_trace(seed):
    """Close, open and fill, then go back: board, groups, limits and weight are as before."""
    plan = a_plan(seed)
    search = OpeningSearch(plan)
    slot_ids = list(plan.snapshot.slots)
    search.greedy(slot_ids[:1])
    plan.forget_journal()
    before = state_of(plan)
    mark = plan.mark()
    for opening in help_openings(plan, slot_ids[0])[::2]:
        plan.close(opening)
    search.greedy(slot_ids)
    assert state_of(plan) != before
    plan.undo_to(mark)
    assert state_of(plan) == before


@pytest.mark.parametrize("seed", range(5))
def test_trials_never_make_the_plan_lighter(seed):
    """The weight after each portion of the budget is no less than before."""
    plan = a_plan(seed)
    search = OpeningSearch(plan)
    slot_ids = list(plan.snapshot.slots)
    search.greedy(slot_ids)
    weights = [plan.weight_milli]
    for budget in (40, 80, 160, 320):
        search.improve(slot_ids, budget, lambda: None)
        weights.append(plan.weight_milli)
    assert weights == sorted(weights)


def test_a_school_where_nothing_can_be_opened_ends_its_trials():
    """No offers with a target: the search stops by itself, however large the budget."""
    snapshot = index_of(normalised(a_problem()), 1)
    plan = Plan(snapshot, settle(snapshot), 1)
    OpeningSearch(plan).improve(["mon-1"], 10**9, lambda: None)
    assert plan.tried == 0


def test_the_widest_use_gives_the_large_room_to_who_can_use_no_other():
    """Ada could take either room, bob only the large one: 60 + 30, not 60 + nothing."""
    problem = a_problem(
        adults=(an_adult("ada"), an_adult("bob")),
        rooms=(a_room("small", 30), a_room("large", 60)),
        offers=(
            an_offer("ada-large", "ada", room_id="large"),
            an_offer("ada-small", "ada", room_id="small"),
            an_offer("bob-large", "bob", room_id="large"),
        ),
    )
    snapshot = index_of(normalised(problem), 1)
    offers = [(offer, snapshot.cap_of(offer)) for offer in snapshot.offers.values()]
    chosen = widest(snapshot, offers, frozenset(), 1)
    assert sorted(offer.offer_id for offer in chosen) == ["ada-small", "bob-large"]


def test_a_shared_room_counts_up_to_its_capacity():
    """Two sessions of 30 in a shared room of 40 are 40 places."""
    rooms = (a_room("hall", 40, shared=True),)
    snapshot = index_of(normalised(a_problem(rooms=rooms, offers=())), 1)
    offer = an_offer(room_id="hall", kind=SessionKind.COMMONS)
    assert total_places(snapshot, [(offer, 30), (offer, 30)]) == 40


def test_shares_are_even_within_the_free_seats():
    """Ten over three with pins and caps: the emptier take more, none takes more than it has."""
    assert shares(10, [0, 0, 0], [9, 9, 9]) == [4, 3, 3]
    assert shares(10, [4, 0, 0], [9, 9, 9]) == [1, 5, 4]
    assert shares(10, [0, 0, 0], [2, 9, 9]) == [2, 4, 4]
    assert shares(0, [0], [3]) == [0]


def test_only_as_many_sessions_are_held_as_reach_the_minimum():
    """Three learners, two a session at least: one session; a pinned one is always held."""
    assert held(3, [0, 0, 0], [9, 9, 9], 2) == [0]
    assert held(4, [0, 0, 0], [9, 9, 9], 2) == [0, 1]
    assert held(1, [0, 3], [9, 9], 2) == [1]
    assert held(6, [0, 0, 0], [2, 2, 2], 2) == [0, 1, 2]


def test_learners_go_where_they_have_been_least():
    """Each in turn where its visits are fewest, within the sizes."""
    been = {(7, 0): 1, (8, 1): 1}
    groups = spread([7, 8, 9], [2, 1], lambda i, at: (been.get((i, at), 0), at))
    assert groups == [[8, 9], [7]]


def test_the_seed_alone_orders_equals():
    """Another seed, another order; the same seed, the same number for ever."""
    assert tie(1, "a", "b") != tie(2, "a", "b")
    assert tie(1, "a", "b") != tie(1, "ab")
    assert tie(1, "a", "b") == 3171271230517074080
