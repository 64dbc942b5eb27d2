"""What must hold whatever persons ask for: nothing is refused that could be kept."""

from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.domain.check import check
from services.scheduler.domain.model import KeepApart
from services.scheduler.domain.pins import settle
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of
from services.scheduler.domain.week import SeatRule
from tests.support.handmade import a_week, held, seated
from tests.support.pinned_schools import a_pinned_school
from tests.support.schools import a_learner, a_pin, a_problem, a_room, a_slot, an_adult, an_offer

SEEDS = st.integers(0, 100_000)


def ways_to_hold(problem, slot_id, offer_id):
    """Yield every session of an offer in a slot, by room, tier and target."""
    offer = next(one for one in problem.offers if one.offer_id == offer_id)
    known = [one.competency_id for one in problem.competencies if one.subject == offer.subject]
    targets = known or [None] if offer.kind.has_target else [None]
    tiers = [one.tier_id for one in problem.policy.tiers] if offer.kind.is_help else [""]
    for room_id, tier_id, target in product(offer.room_ids or (None,), tiers, targets):
        changes = {"room_id": room_id, "tier_id": tier_id, "competency_id": target}
        yield held(problem, offer_id, slot_id, **changes)


def breaks(problem, session, seats):
    """Return whether the check finds fault with one session, held alone."""
    week = a_week(problem, [session], seats)
    beside = (Rule.ONE_PLACE, Rule.EXPLAINED)
    return any(breach.rule not in beside for breach in check(problem, week))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=SEEDS, overlapping=st.booleans())
def test_a_pin_alone_is_kept_where_any_session_would_do(seed, overlapping):
    """Every room, tier and target is tried, and the check asked; the same for agreed sessions."""
    school = replace(a_pinned_school(seed, overlapping=overlapping), requests=(), services=())
    for pin in school.pins:
        alone = replace(school, pins=(pin,), locked=())
        if pin.offer_id is None or not settle(index_of(normalised(alone), 1)).breaches:
            continue
        rule = SeatRule.SERVICE_PIN if pin.service else SeatRule.PIN
        for session in ways_to_hold(alone, pin.slot_id, pin.offer_id):
            assert breaks(alone, session, [seated(pin.learner_id, session, rule=rule)])
    for lock in school.locked:
        alone = replace(school, pins=(), locked=(lock,))
        if settle(index_of(normalised(alone), 1)).breaches:
            for session in ways_to_hold(alone, lock.slot_id, lock.offer_id):
                assert breaks(alone, session, [])


SLOTS = (
    a_slot("mon-1", "09:00", "09:40"),
    a_slot("mon-2", "09:30", "10:10"),
    a_slot("mon-3", "10:00", "10:40"),
)
ROOMS = (a_room("r1", 1), a_room("r2", 2), a_room("gym", 2, shared=True), a_room("hall", 3))
some_rooms = st.lists(
    st.sampled_from([room.room_id for room in ROOMS]), min_size=1, max_size=3, unique=True
)
wishes = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([slot.slot_id for slot in SLOTS])),
    min_size=1,
    max_size=9,
)


def fits(problem, seats):
    """Return whether some choice of rooms holds all these seats, (offer, slot) by learner."""
    keys = sorted(set(seats.values()))
    offers = {one.offer_id: one for one in problem.offers}
    for rooms in product(*(offers[offer_id].room_ids for offer_id, _ in keys)):
        sessions = {
            (offer_id, slot_id): held(problem, offer_id, slot_id, room_id=room_id)
            for (offer_id, slot_id), room_id in zip(keys, rooms, strict=True)
        }
        placed = [seated(i, sessions[key], rule=SeatRule.PIN) for i, key in seats.items()]
        week = a_week(problem, sessions.values(), placed)
        rules = {breach.rule for breach in check(replace(problem, pins=()), week)}
        if not rules & {Rule.STAFF_AND_ROOMS, Rule.SIZE, Rule.KEEP_APART}:
            return True
    return False


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rooms=st.lists(some_rooms, min_size=6, max_size=6), asked=wishes, apart=st.booleans())
def test_a_pin_is_kept_where_any_choice_of_rooms_holds_it_beside_those_before(rooms, asked, apart):
    """All choices are tried, slots overlap, one room is shared: adults are never in the way."""
    offers = [
        an_offer(f"o{n}", f"a{n}", room_id=ids[0], other_room_ids=tuple(ids[1:]))
        for n, ids in enumerate(rooms)
    ]
    used = {}
    pins = []
    for number, (n, wished) in enumerate(asked):
        # One slot for each adult, so that rooms alone decide.
        slot_id = used.setdefault(n, wished)
        pins.append(a_pin(f"p{number}", f"l{number}", slot_id, offer_id=f"o{n}"))
    pair = KeepApart(rule_id="rule-1", learner_id="l0", other_id="l1")
    problem = a_problem(
        slots=SLOTS,
        rooms=ROOMS,
        adults=tuple(an_adult(f"a{n}") for n in range(6)),
        offers=tuple(offers),
        learners=tuple(a_learner(f"l{n}") for n in range(9)),
        pins=tuple(pins),
        keep_apart=(pair,) if apart else (),
    )
    unkept = settle(index_of(normalised(problem), 1)).unkept
    kept = {}
    for pin in pins:
        trial = kept | {pin.learner_id: (pin.offer_id, pin.slot_id)}
        assert (pin.pin_id not in unkept) == fits(problem, trial)
        kept = kept if pin.pin_id in unkept else trial
