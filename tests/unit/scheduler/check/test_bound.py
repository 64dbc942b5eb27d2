"""The bound of a week's proof: by hand, and against every seating of schools so small."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.scheduler.domain.check import check, departures
from services.scheduler.domain.check.certificate import bound_of, proves
from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.model import Choice, KeepApart, KeepTogether, SessionKind
from services.scheduler.domain.numbers import Policy, Weights
from services.scheduler.domain.week import AssignmentCertificate, CompanyShare, PairPrice, SeatPrice
from tests.support.handmade import SCHOOL, a_week, exempt, held, lawful_week, seated
from tests.support.micro import a_micro_school, seatings, with_pairs
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


def value_of(problem, week):
    """Return what a week is worth."""
    return sum(term.value_milli for term in terms_of(problem, week))


def with_proof(week, value_milli=0, bound_milli=0, pairs=(), **prices):
    """Return a week with a proof: prices by offer, of its one session."""
    at = {s.offer_id: s.session_id for s in week.sessions}
    return replace(
        week,
        assignment=AssignmentCertificate(
            value_milli=value_milli,
            bound_milli=bound_milli,
            prices=tuple(SeatPrice(session_id=at[o], price_milli=p) for o, p in prices.items()),
            pair_prices=pairs,
        ),
    )


# One seat of help for two: Lea's need weighs 1.2 points, Kim's 1.

SCARCE = a_problem(
    adults=(an_adult("ada"), an_adult("bob")),
    rooms=(a_room(), a_room("r2")),
    offers=(
        an_offer("talk", kind=SessionKind.ONE_TO_ONE),
        an_offer("open", "bob", room_id="r2"),
        an_offer("art", "bob", SessionKind.ENRICHMENT, room_id="r2"),
    ),
    learners=(a_learner("kim"), a_learner("lea")),
    needs=(a_need("kim", level_milli=2000), a_need("lea")),
)
TALK, OPEN = held(SCARCE, "talk", competency_id="fractions"), held(SCARCE, "open")
SCARCE_WEEK = a_week(SCARCE, (TALK, OPEN), (seated("lea", TALK), seated("kim", OPEN)))


@pytest.mark.parametrize(
    ("price", "bound"),
    [
        (0, 1200 + 1000),
        (500, 500 + 700 + 500),
        (1000, 1000 + 200 + 0),
        (1100, 1100 + 100 + 0),
        (1500, 1500 + 0 + 0),
        # The talk must hold one, so a price below nothing is owed for that one alone.
        (-100, -100 + 1300 + 1100),
    ],
)
def test_the_bound_is_the_seats_at_their_price_and_the_best_that_each_can_have(price, bound):
    """Any prices give a bound; between 1 and 1.2 points, the tightest that there is."""
    assert bound_of(SCARCE, with_proof(SCARCE_WEEK, talk=price)) == bound


def test_everybody_pays_for_some_place():
    """Nobody stays away because all seats are dear: the open costs 0.1, and the talk 2."""
    week = with_proof(SCARCE_WEEK, talk=2000, open=100)
    assert bound_of(SCARCE, week) == 2000 + 30 * 100 - 100 - 100


def test_a_proof_holds_where_value_and_bound_are_as_stated():
    """And not where either is otherwise, or where there is no proof."""
    assert proves(SCARCE, with_proof(SCARCE_WEEK, 1200, 1200, talk=1000))
    assert proves(SCARCE, with_proof(SCARCE_WEEK, 1200, 1700, talk=500))
    assert not proves(SCARCE, with_proof(SCARCE_WEEK, 1200, 1200, talk=500))
    assert not proves(SCARCE, with_proof(SCARCE_WEEK, 1201, 1201, talk=1000))
    assert not proves(SCARCE, with_proof(SCARCE_WEEK, 1201, 1200, talk=1000))
    assert not proves(SCARCE, SCARCE_WEEK)


def test_a_week_that_is_not_the_best_has_a_gap():
    """Kim has the talk: the bound is 1.2, whatever the week is worth."""
    week = a_week(SCARCE, (TALK, OPEN), (seated("kim", TALK), seated("lea", OPEN)))
    assert bound_of(SCARCE, with_proof(week, talk=1000)) == 1200
    assert proves(SCARCE, with_proof(week, 1000, 1200, talk=1000))


def test_a_seat_that_a_person_holds_is_no_seat_to_sell():
    """Kim is pinned to the talk: none is left, and what she has is in the bound."""
    school = replace(SCARCE, pins=(a_pin("p", "kim", offer_id="talk"),))
    week = a_week(SCARCE, (TALK, OPEN), (seated("kim", TALK), seated("lea", OPEN)))
    assert bound_of(school, with_proof(week, talk=1200)) == 1000


# A group that must hold two: Kim would rather be in art.

GROUP_SCHOOL = replace(
    SCARCE,
    offers=(an_offer("group", kind=SessionKind.SMALL_GROUP), *SCARCE.offers[2:]),
    needs=(a_need("kim", level_milli=2900), a_need("lea")),
    choices=(Choice(learner_id="kim", rank=1, offer_id="art"),),
    learners=(a_learner("kim"), a_learner("lea"), a_learner("max"), a_learner("ned")),
)
GROUP, ART = held(GROUP_SCHOOL, "group", competency_id="fractions"), held(GROUP_SCHOOL, "art")
GROUP_WEEK = a_week(
    GROUP_SCHOOL,
    (GROUP, ART),
    (
        seated("kim", GROUP, weight_milli=100),
        seated("lea", GROUP),
        seated("max", ART),
        seated("ned", ART),
    ),
)


def test_a_minimum_has_a_price_below_nothing():
    """Kim's 0.1 in the group against 0.503 in art: held in it for 0.403."""
    assert check(GROUP_SCHOOL, GROUP_WEEK) == departures(GROUP_SCHOOL, GROUP_WEEK) == []
    value = 1200 + 100 + 3 + 3
    assert proves(GROUP_SCHOOL, with_proof(GROUP_WEEK, value, value, group=-403))


def test_a_minimum_that_a_person_waived_binds_nobody():
    """Lea is pinned to the group: it is held for her alone if need be, and Kim may go to art."""
    school = replace(GROUP_SCHOOL, pins=(a_pin("p", "lea", offer_id="group"),))
    assert bound_of(school, with_proof(GROUP_WEEK, group=0)) == 1200 + 503 + 3 + 3
    assert bound_of(school, with_proof(GROUP_WEEK, group=-403)) == 1200 + 503 + 3 + 3


# Pairs.

PAIR = replace(
    SCARCE,
    offers=(an_offer("group", kind=SessionKind.SMALL_GROUP, minimum=1), SCARCE.offers[1]),
    needs=(a_need("kim"), a_need("lea")),
)
PAIR_GROUP, PAIR_OPEN = held(PAIR, "group", competency_id="fractions"), held(PAIR, "open")
PAIR_WEEK = a_week(
    PAIR, (PAIR_GROUP, PAIR_OPEN), (seated("kim", PAIR_GROUP), seated("lea", PAIR_OPEN))
)


def test_a_pair_that_is_kept_apart_has_a_price():
    """Both need the group, and one may be in it: the second need costs 1.2."""
    apart = replace(PAIR, keep_apart=(KeepApart(rule_id="r", learner_id="kim", other_id="lea"),))
    session_id = PAIR_GROUP.session_id
    price = PairPrice(rule_id="r", session_id=session_id, price_milli=1200)
    assert bound_of(apart, with_proof(PAIR_WEEK)) == 2400
    assert proves(apart, with_proof(PAIR_WEEK, 1200, 1200, pairs=(price,)))
    for useless in (
        replace(price, price_milli=-1200),
        replace(price, rule_id="another"),
        replace(price, session_id="nowhere"),
    ):
        assert bound_of(apart, with_proof(PAIR_WEEK, pairs=(useless,))) == 2400


def test_who_is_kept_from_a_pinned_learner_has_no_seat_there():
    """Kim is pinned to the group, so Lea is out of the question."""
    apart = replace(
        PAIR,
        keep_apart=(KeepApart(rule_id="r", learner_id="kim", other_id="lea"),),
        pins=(a_pin("p", "kim", offer_id="group"),),
    )
    assert bound_of(apart, with_proof(PAIR_WEEK)) == 1200


def test_good_company_counts_wherever_it_could_be_had():
    """The two could both be in the open, or in the group."""
    pair = replace(
        PAIR, keep_together=(KeepTogether(rule_id="r", learner_id="kim", other_id="lea"),)
    )
    assert bound_of(pair, with_proof(PAIR_WEEK)) == 2400 + 100
    alone = replace(pair, opt_outs=())
    pinned = (a_pin("p1", "kim", offer_id="group"), a_pin("p2", "lea", offer_id="open"))
    assert bound_of(replace(alone, pins=pinned), with_proof(PAIR_WEEK)) == 1200


def test_a_legal_group_has_as_many_seats_as_consents_could_give():
    """Four without consents, five where five could have one, four again with one pinned without."""
    names = ("kim", "lea", "max", "ned", "ola", "pam")
    offers = (an_offer("group", kind=SessionKind.SMALL_GROUP, legal="L", minimum=1), PAIR.offers[1])
    school = replace(
        PAIR,
        offers=offers,
        learners=tuple(a_learner(name) for name in names),
        needs=tuple(a_need(name) for name in names),
    )
    places = [seated(name, PAIR_GROUP) for name in names[:4]]
    places += [seated(name, PAIR_OPEN) for name in names[4:]]
    group = replace(PAIR_GROUP, cap=5)
    week = with_proof(a_week(school, (group, PAIR_OPEN), places), group=1200)
    given = tuple(replace(x, consents=("L",)) for x in school.learners)
    assert bound_of(school, week) == 4 * 1200
    assert bound_of(replace(school, learners=given), week) == 5 * 1200
    without = replace(school, learners=(a_learner("kim"), *given[1:]))
    assert bound_of(without, week) == 5 * 1200
    pinned = replace(without, pins=(a_pin("p", "kim", offer_id="group"),))
    assert bound_of(pinned, week) == 1200 + 3 * 1200


def test_where_somebody_has_no_place_anybody_may_be_the_one():
    """Lea has none in the week; the bound is that of a week in which all may be without."""
    week = a_week(SCARCE, (TALK, OPEN), (seated("kim", OPEN),))
    assert bound_of(SCARCE, with_proof(week, open=5, talk=1000)) == 1000 + 30 * 5 + 200 + 0


def test_the_bound_of_a_whole_week_is_not_below_its_value():
    """With no prices at all."""
    assert bound_of(SCHOOL, lawful_week()) >= value_of(SCHOOL, lawful_week())


# One learner, two slots, and what the limits of a week leave.

TWO = a_problem(
    slots=(a_slot("s1"), a_slot("s2", "10:00", "10:40")),
    adults=(an_adult("ada"), an_adult("bob"), an_adult("cyd")),
    rooms=(),
    offers=(
        an_offer("one", "ada", SessionKind.ONE_TO_ONE, room_id=None),
        an_offer("two", "bob", SessionKind.ONE_TO_ONE, room_id=None),
        an_offer("open", "cyd", room_id=None),
    ),
    competencies=tuple(a_competency(c) for c in ("c1", "c2", "c3")),
    needs=(
        a_need(competency_id="c1", weight_milli=1500),
        a_need(competency_id="c2", weight_milli=1400),
        a_need(competency_id="c3", weight_milli=100),
    ),
    policy=Policy(own_choice_seats_per_week=0),
)


def bound_of_two(problem, *targets):
    """Return the bound of a week with the open, and talks: by slot and offer their targets."""
    sessions = [held(problem, "open", slot.slot_id) for slot in problem.slots]
    seats = [seated("lea", session) for session in sessions]
    for slot_id, offer_id, target in targets:
        sessions.append(held(problem, offer_id, slot_id, competency_id=target))
        if any(p.slot_id == slot_id and p.offer_id == offer_id for p in problem.pins):
            seats = [s for s in seats if s.slot_id != slot_id] + [seated("lea", sessions[-1])]
    return bound_of(problem, a_week(problem, sessions, seats))


BOTH = (("s1", "one", "c1"), ("s2", "two", "c2"))


def test_help_goes_to_as_many_needs_as_the_week_has_seats():
    """Two of 1.5 and 1.4; one of them where one help seat is the limit, or one slot is kept."""
    assert bound_of_two(TWO, *BOTH) == 2900
    assert bound_of_two(with_policy(need_seats_per_week=1), *BOTH) == 1500
    assert bound_of_two(with_policy(own_choice_seats_per_week=1), *BOTH) == 1500
    same = (("s1", "one", "c1"), ("s2", "two", "c1"))
    assert bound_of_two(TWO, *same) == 1500
    twice = replace(TWO, needs=(replace(TWO.needs[0], sessions=2), *TWO.needs[1:]))
    assert bound_of_two(twice, *same) == 1500 + 750


def test_seats_by_a_persons_word_count_towards_the_limits():
    """Lea is pinned to help on c2, of which one seat is the limit; she may have no other."""
    pinned = replace(TWO, pins=(a_pin("p", "lea", "s2", offer_id="two"),))
    assert bound_of_two(pinned, *BOTH) == 2900
    one = replace(pinned, policy=with_policy(need_seats_per_week=1).policy)
    assert bound_of_two(one, *BOTH) == 1400
    same = (("s1", "one", "c2"), ("s2", "two", "c2"))
    assert bound_of_two(pinned, *same) == 1400
    first = with_policy(weights=Weights(first_need_milli=300, first_enrichment_milli=50))
    assert bound_of_two(first, *BOTH) == 2900 + 300
    assert bound_of_two(replace(first, pins=pinned.pins), *BOTH) == 2900 + 300


def with_policy(**changes):
    """Return the school of two slots with another policy."""
    return replace(TWO, policy=replace(TWO.policy, **changes))


def building(share_milli=1000):
    """Return the school in which c3 builds on c1."""
    c3 = a_competency("c3", prerequisites=("c1",))
    return replace(
        with_policy(prerequisite_share_milli=share_milli),
        competencies=(*TWO.competencies[:2], c3),
    )


def test_groundwork_stands_beside_what_builds_on_it():
    """c1 with c3 is worth 1.6, with c2 it is not lawful; c2 alone is worth 1.4."""
    talks = (("s1", "one", "c1"), ("s2", "one", "c3"), ("s2", "two", "c2"))
    assert bound_of_two(TWO, *talks) == 2900
    assert bound_of_two(building(), *talks) == 1600
    assert bound_of_two(building(), *talks[::2]) == 1400
    assert bound_of_two(building(share_milli=0), *talks) == 1400


def test_groundwork_that_persons_asked_for_takes_its_share():
    """Lea is pinned to c1, half of her slots; and to c3, beside which c1 may stand."""
    school = building(share_milli=500)
    needs = (replace(TWO.needs[0], sessions=2), *TWO.needs[1:])
    pins = (a_pin("p", "lea", "s2", offer_id="two"),)
    twice = (("s1", "one", "c1"), ("s2", "two", "c1"))
    assert bound_of_two(replace(school, needs=needs, pins=pins), *twice) == 1500
    beside = (("s1", "one", "c1"), ("s2", "two", "c3"))
    assert bound_of_two(replace(school, pins=pins), *beside) == 1600


def test_of_two_slots_that_meet_one_is_had():
    """The dearer; and both where one ends as the other begins."""
    early = replace(TWO, slots=(a_slot("s1"), a_slot("s2", "09:20", "10:00")))
    assert bound_of_one(early) == 1500
    after = replace(TWO, slots=(a_slot("s1"), a_slot("s2", "09:40", "10:20")))
    assert bound_of_one(after) == 2900


def bound_of_one(problem):
    """Return the bound of a week in which Lea has a place in slot 1, and none in the other."""
    sessions = [held(problem, "open", slot.slot_id) for slot in problem.slots]
    sessions += [held(problem, o, s, competency_id=c) for s, o, c in BOTH]
    seats = [seated("lea", sessions[0]), exempt("lea", "s2", "overlap")]
    return bound_of(problem, a_week(problem, sessions, seats))


# Every seating of schools so small.

SEEDS = st.integers(0, 1_000_000)


def is_lawful(problem, week, but=()):
    """Return whether a seating breaks no hard rule and passes no limit.

    What its seats say of weights and ranks is not looked at: they were counted out.
    """
    broken = (*check(problem, week), *departures(problem, week))
    return all(b.rule in but or " states " in b.message for b in broken)


@settings(max_examples=150, deadline=None)
@given(seed=SEEDS)
def test_the_best_week_of_one_learner_is_found_exactly(seed):
    """Without prices the bound is the best of all lawful weeks, each of them counted out.

    Whichever week is doubted. Sessions that nobody sits in, and minimums, are not looked at.
    """
    micro = a_micro_school(seed, learners=1, slots=3, sessions=3)
    lawful = [w for w in seatings(micro) if is_lawful(micro.problem, w, but=("S7",))]
    assume(lawful)
    week = random.Random(seed).choice(lawful)
    best = max(value_of(micro.problem, other) for other in lawful if serves_as(week, other))
    assert bound_of(micro.problem, week) == best


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS)
def test_where_slots_overlap_no_week_is_above_the_bound(seed):
    """Each lawful week has a place in one of two slots that meet."""
    micro = a_micro_school(seed, learners=1, slots=3, sessions=3, overlap=True)
    lawful = [w for w in seatings(micro) if is_lawful(micro.problem, w, but=("S7",))]
    assume(lawful)
    week = random.Random(seed).choice(lawful)
    others = [other for other in lawful if serves_as(week, other)]
    bound = bound_of(micro.problem, week)
    assert all(value_of(micro.problem, other) <= bound for other in others)


def serves_as(week, other):
    """Return whether a week gives every learner as many seats of services as one, or more."""
    given_now, given_then = services_of(week), services_of(other)
    return all(given_then[learner_id] >= count for learner_id, count in given_now.items())


def services_of(week):
    """Return how many seats of services each learner has."""
    kinds = {session.session_id: session.kind for session in week.sessions}
    return Counter(
        seat.learner_id for seat in week.seats if kinds.get(seat.session_id) is SessionKind.SERVICE
    )


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS)
def test_no_lawful_seating_is_above_the_bound_of_any_prices(seed):
    """Three learners, a pair apart and together, prices drawn by lot: weak duality."""
    micro = with_pairs(a_micro_school(seed, learners=3, slots=2, sessions=2), seed)
    lawful = [week for week in seatings(micro) if is_lawful(micro.problem, week)]
    assume(lawful)
    rng = random.Random(seed)
    week = rng.choice(lawful)
    priced = drawn_prices(week, rng)
    held_now = sizes(week)
    bound = bound_of(micro.problem, priced)
    for other in lawful:
        if serves_as(week, other) and all(
            sizes(other)[s] >= min(held_now[s], least(micro, s)) for s in held_now
        ):
            assert value_of(micro.problem, other) <= bound


def drawn_prices(week, rng):
    """Return a week with a proof of prices that mean nothing."""
    prices = tuple(
        SeatPrice(session_id=s.session_id, price_milli=rng.randrange(-900, 1500))
        for s in week.sessions
        if rng.random() < 0.8
    )
    pairs = tuple(
        PairPrice(rule_id="apart", session_id=s.session_id, price_milli=rng.randrange(-100, 900))
        for s in week.sessions
        if rng.random() < 0.5
    )
    shares = tuple(
        CompanyShare(
            rule_id="together", session_id=s.session_id, share_milli=rng.randrange(-100, 900)
        )
        for s in week.sessions
        if rng.random() < 0.5
    )
    proof = AssignmentCertificate(
        value_milli=0, bound_milli=0, prices=prices, pair_prices=pairs, company_shares=shares
    )
    return replace(week, assignment=proof)


def sizes(week):
    """Return how many sit in each session."""
    return Counter(s.session_id for s in week.seats if s.session_id)


def least(micro, session_id):
    """Return the minimum of an enrichment; of the others the limits see to it."""
    session = next(s for s in micro.sessions if s.session_id == session_id)
    offer = next(o for o in micro.problem.offers if o.offer_id == session.offer_id)
    return max(offer.minimum, 1)
