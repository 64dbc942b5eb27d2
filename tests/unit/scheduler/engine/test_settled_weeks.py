"""What persons ask for, through the whole search: kept as settled, with no hard rule broken."""

from dataclasses import replace

import pytest

from services.scheduler.domain.check import check, departures
from services.scheduler.domain.model import (
    KeepApart,
    LockedSession,
    RequiredService,
    Scope,
    SessionKind,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS, Policy
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
from tests.support.weeks import planned, who_is_in

GROUP, SERVICE = SessionKind.SMALL_GROUP, SessionKind.SERVICE
NAMES = tuple(f"l{number}" for number in range(8))
TIMES = (("09:00", "09:40"), ("10:00", "10:40"), ("11:00", "11:40"))
SLOTS = tuple(a_slot(f"mon-{n}", *times) for n, times in enumerate(TIMES, start=1))


def a_school(**changes):
    """Return three slots, ada with a group and a room, bob with commons for all, eight learners."""
    fields = {
        "slots": SLOTS,
        "adults": (an_adult("ada"), an_adult("bob", ()), an_adult("cyd")),
        "rooms": (a_room("r1"), a_room("r2"), a_room("r3")),
        "offers": (
            an_offer("group", "ada", GROUP),
            an_offer("open", "bob", room_id="r2"),
            an_offer("more", "cyd", GROUP, room_id="r3"),
        ),
        "learners": tuple(a_learner(name) for name in NAMES),
        "policy": Policy(session_minimum=2),
    }
    return a_problem(**(fields | changes))


def lawful(problem):
    """Return the week, in which nothing at all is broken, and no limit passed."""
    week = planned(problem)
    assert week.breaches == ()
    assert check(problem, week) == []
    assert departures(problem, week) == []
    return week


def in_slot(week, slot_id):
    """Return the sessions of a slot by offer."""
    return {s.offer_id: s for s in week.sessions if s.slot_id == slot_id}


def test_an_agreed_session_is_held_though_nobody_comes():
    """With its target and tier, which fit no learner."""
    tier_id = PRODUCT_TIERS[0].tier_id
    agreed = LockedSession(
        slot_id="mon-2", offer_id="group", competency_id="fractions", tier_id=tier_id
    )
    week = lawful(a_school(policy=Policy(tiers=PRODUCT_TIERS), locked=(agreed,)))
    session = in_slot(week, "mon-2")["group"]
    assert (session.competency_id, session.tier_id) == ("fractions", tier_id)
    assert who_is_in(week, session) == []


def test_whoever_needs_it_joins_an_agreed_session():
    """The lock leaves the target open; the search takes the one that is needed."""
    problem = a_school(
        competencies=(a_competency(), a_competency("angles", "Angles")),
        needs=(a_need("l0", "angles"), a_need("l1", "angles")),
        locked=(LockedSession(slot_id="mon-2", offer_id="group"),),
        policy=Policy(session_minimum=6),
    )
    session = in_slot(lawful(problem), "mon-2")["group"]
    assert session.competency_id == "angles"
    assert who_is_in(lawful(problem), session) == ["l0", "l1"]


def test_a_session_beyond_its_cap_by_a_persons_word_is_lawful_and_takes_nobody_else():
    """Seven pinned with reasons into a group of five; two more need it and are not in it."""
    pins = [a_pin(f"p-{n}", n, "mon-1", offer_id="group") for n in NAMES[:7]]
    offers = a_school().offers[:2]
    week = lawful(a_school(pins=tuple(pins), needs=(a_need("l7"), a_need("l0")), offers=offers))
    assert who_is_in(week, in_slot(week, "mon-1")["group"]) == sorted(NAMES[:7])


def test_who_leads_with_another_is_free_for_nothing_else():
    """Cyd is in ada's pinned session, so cyd's own group is not held then, and is another time."""
    problem = a_school(
        needs=tuple(a_need(n) for n in NAMES[:4]), pins=(a_pin(learner_id="l7", offer_id="group"),)
    )
    offers = [
        replace(o, co_adult_ids=("cyd",)) if o.adult_id == "ada" else o for o in problem.offers
    ]
    week = lawful(replace(problem, offers=tuple(offers)))
    assert "more" not in in_slot(week, "mon-1")
    assert "group" in in_slot(week, "mon-1")


@pytest.mark.parametrize("load", [0, 1])
def test_persons_may_ask_for_more_than_an_adult_bears_and_the_search_adds_nothing(load):
    """Three targets a day where the policy allows one, and a load of one session a week."""
    targets = ("fractions", "angles", "ratios")
    pins = [
        a_pin(f"p{n}", f"l{n}", slot.slot_id, offer_id="group", competency_id=target)
        for n, (slot, target) in enumerate(zip(SLOTS, targets, strict=True))
    ]
    problem = a_school(
        policy=Policy(preparations_per_day=1),
        adults=(replace(an_adult("ada"), load=load, preparations=1), an_adult("bob", ())),
        offers=a_school().offers[:2],
        competencies=tuple(a_competency(name, name.title()) for name in targets),
        needs=tuple(a_need(n, "angles") for n in NAMES),
        pins=tuple(pins),
    )
    week = lawful(problem)
    held = [in_slot(week, slot.slot_id)["group"].competency_id for slot in SLOTS]
    assert held == list(targets)


def test_a_day_that_persons_have_filled_holds_no_further_preparation():
    """Two targets are pinned where one a day is allowed: the third slot has no third one."""
    pins = [
        a_pin(f"p{n}", f"l{n}", f"mon-{n + 1}", offer_id="group", competency_id=target)
        for n, target in enumerate(("fractions", "angles"))
    ]
    week = lawful(
        a_school(
            policy=Policy(preparations_per_day=1, session_minimum=1),
            offers=a_school().offers[:2],
            competencies=tuple(
                a_competency(n, n.title()) for n in ("fractions", "angles", "ratios")
            ),
            needs=tuple(a_need(n, "ratios") for n in NAMES),
            pins=tuple(pins),
        )
    )
    assert "group" not in in_slot(week, "mon-3")


def test_pinned_help_without_a_need_counts_as_help():
    """Two help seats a week: one is pinned on nothing that is needed, so one is left."""
    targets = ("fractions", "angles")
    problem = a_school(
        policy=Policy(session_minimum=1, need_seats_per_week=2),
        competencies=(*(a_competency(n, n.title()) for n in targets), a_competency("ratios", "R")),
        needs=tuple(a_need("l0", target) for target in targets),
        pins=(a_pin(learner_id="l0", offer_id="group", competency_id="ratios"),),
    )
    week = lawful(problem)
    kinds = [s.kind for s in week.sessions for i in who_is_in(week, s) if i == "l0"]
    assert kinds.count(GROUP) == 2


def test_minutes_that_pins_give_are_not_sought_again_unless_by_another_adult():
    """40 of 80 minutes are pinned with cyd; a second learner's must be bob's, and cyd's is none."""
    offers = (
        an_offer("open", "bob", room_id="r2"),
        an_offer("speech", "cyd", SERVICE, room_id="r3", service="speech"),
        an_offer("talk", "ada", SERVICE, service="speech"),
    )
    services = (
        RequiredService(learner_id="l0", service="speech", minutes=80),
        RequiredService(learner_id="l1", service="speech", minutes=40, adult_id="ada"),
    )
    pins = [a_pin(f"p-{n}", n, offer_id="speech", service=True) for n in ("l0", "l1")]
    week = lawful(a_school(offers=offers, services=services, pins=tuple(pins)))
    assert [(s.learner_id, s.planned_minutes) for s in week.services] == [
        ("l0", 80),
        ("l1", 40),
    ]
    talks = [s for s in week.sessions if s.offer_id == "talk"]
    assert [i for s in talks for i in who_is_in(week, s) if i == "l1"] == ["l1"]


OVERLAPPING = (
    a_slot("mon-1", "09:00", "09:40"),
    a_slot("mon-2", "09:20", "10:20"),
    a_slot("mon-3", "10:00", "10:40"),
)


def test_a_pin_into_a_slot_between_two_others_is_kept():
    """The slot meets both, which do not meet: the session is held, its adult and learner are busy.

    Nobody who is kept apart from the learner sits beside them in the shared room, where another
    session is pinned too.
    """
    problem = a_school(
        slots=OVERLAPPING,
        rooms=(a_room("r1"), a_room("gym", shared=True), a_room("r3")),
        offers=(
            an_offer("group", "ada", GROUP, room_id="gym"),
            an_offer("open", "bob", room_id="gym"),
            an_offer("quiet", "cyd", room_id="r3"),
        ),
        pins=(
            a_pin("p1", slot_id="mon-2", learner_id="l0", offer_id="group"),
            a_pin("p2", slot_id="mon-1", learner_id="l2", offer_id="open"),
        ),
        keep_apart=(KeepApart(rule_id="rule-1", learner_id="l0", other_id="l1"),),
    )
    week = lawful(problem)
    assert list(in_slot(week, "mon-2")) == ["group"]
    assert "group" not in in_slot(week, "mon-1") | in_slot(week, "mon-3")
    assert {s.exemption for s in week.seats if s.learner_id == "l0"} == {None, "overlap"}


def test_of_slots_that_overlap_each_learner_sits_in_one_that_is_for_them():
    """Grade 6 has the one, grade 7 the other; an exemption from one of them is from it alone."""
    slots = tuple(
        replace(slot, scope=Scope(grades=(grade,)))
        for slot, grade in zip(OVERLAPPING[:2], "67", strict=True)
    )
    learners = tuple(a_learner(n, grade="67"[k % 2]) for k, n in enumerate(NAMES))
    out = a_pin(learner_id="l0", slot_id="mon-1", exemption="off-campus")
    offers = (an_offer("open", "bob", room_id="r2"), an_offer("quiet", "cyd", room_id="r3"))
    week = lawful(a_school(slots=slots, learners=learners, offers=offers, pins=(out,)))
    placed = {s.learner_id: s.slot_id for s in week.seats if s.session_id}
    assert {placed[n] for n in NAMES[1::2]} == {"mon-2"}
    assert {placed[n] for n in NAMES[2::2]} == {"mon-1"}
