"""What a found week tells the team, and that the check misses nothing."""

from dataclasses import replace

import pytest

from services.scheduler.domain.check import check, notices
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.model import KeepApart, LearnerHistory, SessionKind
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.week import NoticeKind
from tests.support.schools import (
    MONDAY,
    Shape,
    a_learner,
    a_pin,
    a_problem,
    a_room,
    a_school,
    a_slot,
    an_adult,
    an_offer,
)
from tests.support.weeks import planned

THREE_SLOTS = (
    a_slot(),
    a_slot("mon-2", "10:00", "10:40"),
    a_slot("mon-3", "11:00", "11:40"),
)
APART = KeepApart(rule_id="k1", learner_id="kim", other_id="lea")


def told(problem, kind) -> list[str]:
    """Return the messages of a kind."""
    return [one.message for one in planned(problem).notices if one.kind is kind]


def a_shallow_week(depths, run=0):
    """Return a school whose one offer in each slot is of the given depth of knowledge."""
    return a_problem(
        slots=THREE_SLOTS,
        offers=tuple(
            an_offer(f"o{number}", dok=depth, slot_ids=(slot.slot_id,))
            for number, (depth, slot) in enumerate(zip(depths, THREE_SLOTS, strict=True))
        ),
        histories=(LearnerHistory(learner_id="lea", dok_one_run=run),),
    )


@pytest.mark.parametrize(
    ("depths", "run", "told_of"),
    [
        ((1, 1, 1), 0, 3),
        ((1, 1, 2), 1, 3),
        ((1, 0, 1), 1, 3),
        ((1, 2, 1), 1, None),
        ((2, 1, 1), 5, None),
        ((0, 0, 0), 5, None),
        ((1, 1, 1), 2, 5),
    ],
)
def test_three_sessions_at_depth_one_in_a_row_warn(depths, run, told_of):
    """Those at the end of last week count; unstated depth neither lengthens a run nor ends it."""
    found = told(a_shallow_week(depths, run), NoticeKind.DOK_ONE_RUN)
    assert len(found) == (told_of is not None)
    if told_of is not None:
        assert f"Learner lea comes to {told_of} sessions at depth of knowledge 1" in found[0]


def test_the_school_says_how_long_a_run_warns():
    """Four here."""
    problem = replace(a_shallow_week((1, 1, 1)), policy=Policy(dok_one_run=4))
    assert told(problem, NoticeKind.DOK_ONE_RUN) == []


def a_pair(**changes):
    """Return a school in which pins seat Kim and Lea, who are kept apart, for a service."""
    fields = {
        "learners": (a_learner("kim"), a_learner("lea")),
        "offers": (an_offer("speech", kind=SessionKind.SERVICE, service="speech"),),
        "pins": (
            a_pin("p1", "kim", offer_id="speech", service=True),
            a_pin("p2", "lea", offer_id="speech", service=True),
        ),
        "keep_apart": (APART,),
    }
    return a_problem(**(fields | changes))


def test_a_service_over_a_rule_is_told_without_the_pair():
    """The slot alone; and the check asks for no more."""
    week = planned(a_pair())
    (one,) = week.notices
    assert one.kind is NoticeKind.SERVICE_OVER_APART
    assert one.message.startswith("Somebody is placed by rule, and in slot mon-1 a service comes")
    for hidden in ("kim", "lea", "k1", "apart"):
        assert hidden not in one.message
    assert check(a_pair(), week) == []


def test_pins_of_no_service_and_rules_that_are_over_tell_nothing():
    """Of the first one is not kept, though the other be for a service; the second is none."""
    for number in range(2):
        pins = tuple(replace(p, service=n < number) for n, p in enumerate(a_pair().pins))
        assert told(a_pair(pins=pins), NoticeKind.SERVICE_OVER_APART) == []
    over = (replace(APART, expire_date=MONDAY),)
    assert told(a_pair(keep_apart=over), NoticeKind.SERVICE_OVER_APART) == []


def test_two_sessions_of_one_shared_room_bring_a_pair_together():
    """Even where their slots only overlap."""
    problem = a_pair(
        slots=(a_slot(), a_slot("mon-1b", "09:20", "10:00")),
        adults=(an_adult(), an_adult("bob")),
        rooms=(a_room(shared=True),),
        offers=(
            an_offer("speech", kind=SessionKind.SERVICE, service="speech"),
            an_offer("den", "bob"),
        ),
        pins=(
            a_pin("p1", "kim", offer_id="speech", service=True),
            a_pin("p2", "lea", "mon-1b", offer_id="den", service=True),
        ),
    )
    assert len(told(problem, NoticeKind.SERVICE_OVER_APART)) == 1


@pytest.mark.parametrize("seed", range(30))
def test_the_check_misses_nothing_and_finds_nothing_groundless(seed):
    """In small schools with sections, history and pairs."""
    shape = Shape(learners=20 + seed, adults=5 + seed % 4, slots=1 + seed % 5, whole=True)
    problem = a_school(seed, shape)
    index = Index(problem, planned(problem, seed=seed, budget=0))
    assert list(notices.departures(index)) == []
