"""Snapshots: one order, one hash, no contradictions."""

import random
from dataclasses import fields, is_dataclass, replace
from datetime import date, time, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.domain.encode import canonical
from services.scheduler.domain.errors import ProblemError
from services.scheduler.domain.faults import faults_of, path_of
from services.scheduler.domain.model import (
    Acceptance,
    Choice,
    KeepApart,
    KeepTogether,
    Layout,
    LearnerHistory,
    LockedSession,
    Need,
    Offer,
    OptOut,
    Problem,
    Request,
    RequestLevel,
    RequiredService,
    Scope,
    SessionKind,
)
from services.scheduler.domain.numbers import Policy, Tier, TierFit, Weights
from services.scheduler.domain.snapshot import normalised, snapshot_hash
from tests.support.schools import (
    AS_OF,
    AS_OF_DAY,
    MONDAY,
    Shape,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_school,
    a_slot,
    an_adult,
    an_offer,
    shuffled_with_repeats,
)

WHOLE = Shape(learners=30, adults=6, competencies=10, needs_each=3.0, whole=True)
MEANT_ORDER = {
    (Offer, "other_room_ids"),
    (Need, "evidence"),
    (Policy, "tiers"),
    (Weights, "choice_ranks_milli"),
    (Weights, "choice_of_help_ranks_milli"),
}


def within_shuffled(value, rng):
    """Return a value with the lists in it in another order, those left out that mean theirs."""
    if isinstance(value, tuple):
        return tuple(within_shuffled(one, rng) for one in value)
    if not is_dataclass(value):
        return value
    changes = {one.name: within_shuffled(getattr(value, one.name), rng) for one in fields(value)}
    for name, held in changes.items():
        if isinstance(held, tuple) and (type(value), name) not in MEANT_ORDER:
            repeats = rng.sample(held, len(held) // 3)
            changes[name] = tuple(rng.sample((*held, *repeats), len(held) + len(repeats)))
    if isinstance(value, KeepApart | KeepTogether) and rng.random() < 0.5:
        changes |= {"learner_id": value.other_id, "other_id": value.learner_id}
    if isinstance(value, Request | Problem):
        name = "as_of" if isinstance(value, Problem) else "create_time"
        zone = timezone(timedelta(hours=rng.randrange(-12, 15)))
        changes[name] = changes[name].astimezone(zone)
    return replace(value, **changes)


def an_apart(rule_id="r-1", learner_id="lea", other_id="max", **changes) -> KeepApart:
    """Return a rule that keeps lea and max apart."""
    return KeepApart(rule_id=rule_id, learner_id=learner_id, other_id=other_id, **changes)


def a_request(**changes) -> Request:
    """Return a teacher's request for lea."""
    fields = {
        "request_id": "q-1",
        "learner_id": "lea",
        "slot_id": "mon-1",
        "offer_id": "o1",
        "level": RequestLevel.TEACHER,
        "create_time": AS_OF,
    }
    return Request(**(fields | changes))


def a_choice(rank=1, **changes) -> Choice:
    """Return lea's choice of offer o1."""
    return Choice(**({"learner_id": "lea", "rank": rank, "offer_id": "o1"} | changes))


def a_policy_of(*tiers, **changes) -> Policy:
    """Return a policy with tiers."""
    return Policy(tiers=tiers, **changes)


@pytest.mark.parametrize("seed", range(10))
def test_order_and_repeats_do_not_change_the_hash(seed):
    """Ten permutations with duplicates give one snapshot hash."""
    problem = a_school(3)
    assert snapshot_hash(shuffled_with_repeats(problem, seed)) == snapshot_hash(problem)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 50), order=st.integers(0, 2**32))
def test_no_order_of_any_list_changes_a_snapshot(seed, order):
    """Every list of a whole school, in every class: order, repeats, zones, direction of pairs."""
    problem = a_school(seed, WHOLE)
    other = within_shuffled(problem, random.Random(order))
    assert normalised(other) == normalised(problem)
    assert canonical(normalised(other)) == canonical(normalised(problem))


def test_a_whole_school_has_something_of_everything():
    """No list is empty in it, so the tests of all lists are of all lists."""
    problem = a_school(3, Shape(whole=True))
    assert [one.name for one in fields(Problem) if not getattr(problem, one.name)] == []


def test_what_is_in_order_stays_as_it_is():
    """A normalised problem is normalised already, and is not even copied."""
    problem = normalised(a_school(3, WHOLE))
    assert normalised(problem) == problem
    assert normalised(problem).needs is problem.needs


def test_a_list_that_means_its_order_keeps_it():
    """Rooms by preference, evidence by age, tiers as needs look for them, points by rank."""
    problem = a_problem(
        policy=a_policy_of(
            Tier(tier_id="z", cap=3, below_level_milli=2000),
            Tier(tier_id="a", cap=5),
            weights=Weights(choice_ranks_milli=(1, 5, 5)),
        ),
        offers=(an_offer(other_room_ids=("r9", "r2")),),
        needs=(a_need(evidence=("e2", "e1")),),
    )
    found = normalised(problem)
    assert [one.tier_id for one in found.policy.tiers] == ["z", "a"]
    assert found.policy.weights.choice_ranks_milli == (1, 5, 5)
    assert found.offers[0].other_room_ids == ("r9", "r2")
    assert found.needs[0].evidence == ("e2", "e1")


def test_a_pair_has_one_direction():
    """Who is named first says nothing, so the smaller id is, and a repeat the other way goes."""
    there, back = an_apart(), an_apart(learner_id="max", other_id="lea")
    assert normalised(a_problem(keep_apart=(back, there))).keep_apart == (there,)


def test_any_change_of_a_fact_changes_the_hash():
    """A level one thousandth lower is another snapshot."""
    one = a_problem(needs=(a_need(),))
    other = a_problem(needs=(a_need(level_milli=1799),))
    assert snapshot_hash(one) != snapshot_hash(other)


def test_no_two_values_share_their_bytes():
    """Text that looks like the encoding, empty and missing, and nesting are told apart."""
    values = [
        "",
        None,
        0,
        False,
        "0",
        (),
        ("",),
        ("", ""),
        (("",),),
        "s1:a",
        ("s1:a",),
        ("a", "b"),
        ("ab",),
        time(9, 0),
        "09:00:00",
        -1,
    ]
    assert len({canonical(value) for value in values}) == len(values)


def test_what_has_no_one_form_is_refused():
    """A float or a set cannot be hashed."""
    for value in (1.5, {1}, [1]):
        with pytest.raises(TypeError):
            canonical(value)


CONTRADICTIONS = {
    "adults[1]": {"adults": (an_adult(), an_adult(subjects=("art",)))},
    "needs[1]": {"needs": (a_need(), a_need(level_milli=1000))},
    "slots[0].end": {"slots": (a_slot(start="10:00", end="09:00"),)},
    "slots[0].date": {"slots": (a_slot(day=date(2026, 11, 30)),)},
    "slots[0].start": {"slots": (replace(a_slot(), start=time(9, tzinfo=AS_OF.tzinfo)),)},
    "rooms[0].capacity": {"rooms": (a_room(capacity=-1),)},
    "rooms[0].layouts[1]": {
        "rooms": (
            replace(
                a_room(),
                layouts=(Layout(layout="rows", capacity=9), Layout(layout="rows", capacity=8)),
            ),
        )
    },
    "needs[0].level_milli": {"needs": (a_need(level_milli=4001),)},
    "needs[0].at_least_eight_tenths_micro": {
        "needs": (a_need(at_least_eight_tenths_micro=1_000_001),)
    },
    "needs[0].evidence_count": {"needs": (a_need(evidence_count=-1),)},
    "needs[0].weight_milli": {"needs": (a_need(weight_milli=0),)},
    "needs[0].sessions": {"needs": (a_need(sessions=0),)},
    "pins[0]": {"pins": (a_pin(exemption="out", offer_id="o1"),)},
    "pins[0].acceptance": {"pins": (a_pin(acceptance=Acceptance()),)},
    "pins[1]": {"pins": (a_pin(), a_pin("p2", exemption=None))},
    "pins[0].offer_id": {"pins": (a_pin(offer_id=""),)},
    "as_of": {"as_of": AS_OF.replace(tzinfo=None)},
    "as_of_day": {"as_of_day": AS_OF_DAY + timedelta(days=3)},
    "monday": {"monday": MONDAY + timedelta(days=1), "slots": ()},
    "cycle_start": {"cycle_start": MONDAY + timedelta(weeks=1)},
    "school_id": {"school_id": ""},
    "offers[0].dok": {"offers": (an_offer(dok=5),)},
    "offers[0].minimum": {"offers": (an_offer(cap=3, minimum=4),)},
    "offers[0].other_room_ids": {"offers": (an_offer(other_room_ids=("r2", "r1")),)},
    "offers[0].other_room_ids[0]": {"offers": (an_offer(other_room_ids=("",)),)},
    "offers[1].other_room_ids": {
        "offers": (an_offer(), an_offer("o2", room_id=None, other_room_ids=("r2",)))
    },
    "offers[0].co_adult_ids": {"offers": (an_offer(co_adult_ids=("ben", "ada")),)},
    "locked[1]": {
        "locked": (
            LockedSession(slot_id="mon-1", offer_id="o1"),
            LockedSession(slot_id="mon-1", offer_id="o1", competency_id="fractions"),
        )
    },
    "services[1]": {
        "services": (
            RequiredService(learner_id="lea", service="speech", minutes=30),
            RequiredService(learner_id="lea", service="speech", minutes=60),
        )
    },
    "services[0].service": {
        "services": (RequiredService(learner_id="lea", service="", minutes=30),)
    },
    "choices[1]": {"choices": (a_choice(), a_choice(offer_id="o2"))},
    "choices[0].rank": {"choices": (a_choice(0),)},
    "choices[1].rank": {"choices": (a_choice(1), a_choice(2))},
    "choices[0]": {"choices": (a_choice(offer_id=None),)},
    "requests[0].create_time": {"requests": (a_request(create_time=AS_OF.replace(tzinfo=None)),)},
    "requests[1]": {"requests": (a_request(), a_request(slot_id="mon-2"))},
    "requests[0].weight_milli": {"requests": (a_request(weight_milli=-1),)},
    "opt_outs[0]": {"opt_outs": (OptOut(learner_id="lea"),)},
    "opt_outs[1]": {
        "opt_outs": (
            OptOut(learner_id="lea", subject="math"),
            OptOut(learner_id="lea", kind=SessionKind.CHECK, subject="math"),
        )
    },
    "keep_apart[0].other_id": {"keep_apart": (an_apart(other_id="lea"),)},
    "keep_apart[1]": {"keep_apart": (an_apart(), an_apart(expire_date=MONDAY))},
    "keep_together[0].other_id": {
        "keep_together": (KeepTogether(rule_id="r", learner_id="lea", other_id="lea"),)
    },
    "histories[0].own_choice_count": {
        "histories": (LearnerHistory(learner_id="lea", slot_count=2, own_choice_count=3),)
    },
    "policy.check_cap": {"policy": Policy(check_cap=-1)},
    "policy.return_level_milli": {"policy": Policy(exit_level_milli=2500)},
    "policy.weights.fresh_days": {"policy": Policy(weights=Weights(fresh_days=0))},
    "policy.weights.choice_ranks_milli[1]": {
        "policy": Policy(weights=Weights(choice_ranks_milli=(5, -1)))
    },
    "policy.tiers[1].tier_id": {
        "policy": a_policy_of(Tier(tier_id="2", cap=5), Tier(tier_id="2", cap=5))
    },
    "policy.tiers[0].cap": {"policy": a_policy_of(Tier(tier_id="2", cap=0))},
    "policy.tiers[0].minimum": {"policy": a_policy_of(Tier(tier_id="2", cap=3, minimum=4))},
    "policy.tiers[0].below_level_milli": {
        "policy": a_policy_of(
            Tier(tier_id="2", cap=5, from_level_milli=2000, below_level_milli=2000)
        )
    },
    "policy.tiers[0].fits[1]": {
        "policy": a_policy_of(
            Tier(
                tier_id="2",
                cap=5,
                fits=(TierFit(tier_id="3", share_milli=1), TierFit(tier_id="3", share_milli=2)),
            )
        )
    },
    "policy.tiers[0].fits[0].share_milli": {
        "policy": a_policy_of(
            Tier(tier_id="2", cap=5, fits=(TierFit(tier_id="3", share_milli=1001),))
        )
    },
}
"""What is changed in a sound problem, by the place that is then at fault."""


@pytest.mark.parametrize("place", CONTRADICTIONS)
def test_a_snapshot_that_contradicts_itself_is_refused(place):
    """One id for two things, or an impossible value: a ProblemError that says where."""
    problem = a_problem(**CONTRADICTIONS[place])
    assert place in [path_of(one.place) for one in faults_of(problem)]
    with pytest.raises(ProblemError):
        normalised(problem)


def test_a_fault_says_where_of_what_what_and_what_to_do():
    """Also in a row far down a list, whose number nobody wants to count to."""
    problem = a_problem(needs=(a_need("max"), a_need(level_milli=-5)))
    with pytest.raises(ProblemError) as refused:
        normalised(problem)
    assert str(refused.value) == (
        "needs[1].level_milli (learner lea, competency fractions) is -5."
        " Give a whole number, 0 to 4000."
    )


def test_what_a_message_repeats_is_printable():
    """An id may hold anything; a terminal or a log line is not to be steered by it."""
    problem = a_problem(learners=(a_learner("lea\x1b[2J"), a_learner("lea\x1b[2J", grade="7")))
    (fault,) = faults_of(problem)
    assert str(fault).isprintable()


@pytest.mark.parametrize(
    "changes",
    [
        {"as_of": AS_OF.replace(year=1)},
        {"as_of": AS_OF.replace(year=9999)},
        {"monday": date(9999, 12, 27), "slots": ()},
        {"monday": date(1, 1, 1), "slots": ()},
        {"requests": (a_request(create_time=AS_OF.replace(year=9999)), a_request())},
        {"needs": (a_need(version=2**63),)},
        {"rooms": (a_room(capacity=10**9000),)},
    ],
)
def test_numbers_and_times_beyond_all_measure_are_refused(changes):
    """They are an answer, not a crash."""
    with pytest.raises(ProblemError):
        normalised(a_problem(**changes))


def test_what_may_be_is_not_refused():
    """The borders of what is possible, and things that only look alike."""
    normalised(
        a_problem(
            slots=(a_slot(), replace(a_slot("mon-2", "09:40", "10:00"), scope=Scope())),
            needs=(a_need(level_milli=4000, weight_milli=1), a_need("max", level_milli=None)),
            keep_apart=(an_apart(), an_apart("r-2", expire_date=MONDAY)),
            choices=(a_choice(), a_choice(2, offer_id=None, competency_id="fractions")),
            opt_outs=(
                OptOut(learner_id="lea", offer_id="o1"),
                OptOut(learner_id="lea", offer_id="o2"),
            ),
            policy=Policy(return_level_milli=3000, need_seats_per_week=0),
            as_of_day=AS_OF_DAY + timedelta(days=1),
            cycle_start=MONDAY,
        )
    )
