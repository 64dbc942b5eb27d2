"""Weeks built by hand, for tests that doubt them: sessions and seats as a test says, no search.

`SCHOOL` and `lawful_week` are a school of eight with something of every kind and a week for it
that breaks nothing. A test changes one thing of either and asks what is found.
"""

from dataclasses import replace

from services.scheduler.domain.encode import week_hash
from services.scheduler.domain.model import (
    Choice,
    Problem,
    RequiredService,
    Scope,
    SessionKind,
)
from services.scheduler.domain.titles import NEUTRAL_TITLES
from services.scheduler.domain.week import (
    Seat,
    SeatRule,
    ServiceMinutes,
    Session,
    Summary,
    Week,
)
from tests.support.schools import (
    a_competency,
    a_learner,
    a_need,
    a_problem,
    a_room,
    a_slot,
    an_adult,
    an_offer,
)

NOTHING = Summary(
    learners=0,
    slots=0,
    sessions=0,
    seats=0,
    exemptions=0,
    needs=0,
    needs_met=0,
    checks_due=0,
    checks_met=0,
    need_weight_met_micro=0,
    assignment_gap_micro=0,
    openings_tried=0,
)
RULES = {
    SessionKind.SMALL_GROUP: SeatRule.NEED,
    SessionKind.ONE_TO_ONE: SeatRule.NEED,
    SessionKind.CHECK: SeatRule.CHECK,
    SessionKind.REASSESSMENT: SeatRule.REASSESSMENT,
    SessionKind.SERVICE: SeatRule.SERVICE,
    SessionKind.ENRICHMENT: SeatRule.ENRICHMENT,
    SessionKind.COMMONS: SeatRule.COMMONS,
}
# What a need of `a_need` weighs: a gap of 1.2, essential to nobody, of today.
HELP_MILLI = 1200
CHECK_MILLI = 600


def held(problem: Problem, offer_id: str, slot_id: str = "mon-1", **changes) -> Session:
    """Return a session of an offer, in its first room, with the cap that its rules make."""
    offer = next(one for one in problem.offers if one.offer_id == offer_id)
    slot = next(one for one in problem.slots if one.slot_id == slot_id)
    target = changes.get("competency_id")
    fields = {
        "session_id": f"{offer_id}-{slot_id}" + (f"-{target}" if target else ""),
        "slot_id": slot_id,
        "date": slot.date,
        "start": slot.start,
        "end": slot.end,
        "kind": offer.kind,
        "adult_id": offer.adult_id,
        "room_id": offer.room_id,
        "room_display_name": "",
        "competency_id": None,
        "title": NEUTRAL_TITLES[offer.kind],
        "offer_id": offer_id,
        "tier_id": "",
    } | changes
    cap = _cap(problem, offer, fields["room_id"], fields["tier_id"])
    return Session(**({"cap": cap} | fields))


def _cap(problem: Problem, offer, room_id, tier_id) -> int:
    policy, limits = problem.policy, []
    limits += [room.capacity_for(offer.layout) for room in problem.rooms if room.room_id == room_id]
    limits += [offer.cap] if offer.cap else []
    limits += [policy.legal_cap] if offer.legal else []
    tiers = {tier.tier_id: tier.cap for tier in policy.tiers}
    by_kind = {
        SessionKind.SMALL_GROUP: tiers.get(tier_id, policy.small_group_cap),
        SessionKind.ONE_TO_ONE: policy.one_to_one_cap,
        SessionKind.CHECK: policy.check_cap,
        SessionKind.REASSESSMENT: policy.check_cap,
        SessionKind.ENRICHMENT: policy.enrichment_cap,
    }
    limits += [by_kind[offer.kind]] if offer.kind in by_kind else []
    return min(limits, default=policy.enrichment_cap)


def seated(learner_id: str, session: Session, **changes) -> Seat:
    """Return a seat with the rule of the session's kind and the weight of a plain need."""
    rule = RULES[session.kind]
    weights = {SeatRule.NEED: HELP_MILLI, SeatRule.CHECK: CHECK_MILLI}
    fields = {
        "learner_id": learner_id,
        "slot_id": session.slot_id,
        "session_id": session.session_id,
        "exemption": None,
        "rule": rule,
        "competency_id": session.competency_id,
        "weight_milli": weights.get(rule, 0),
        "staff_sentence": "So it was decided.",
        "learner_sentence": "This is for you.",
    }
    return Seat(**(fields | changes))


def exempt(learner_id: str, slot_id: str, code: str) -> Seat:
    """Return a place that is none."""
    return Seat(
        learner_id=learner_id,
        slot_id=slot_id,
        session_id=None,
        exemption=code,
        rule=SeatRule.EXEMPT,
        competency_id=None,
        weight_milli=0,
        staff_sentence="Somebody said so.",
        learner_sentence="You are somewhere else.",
    )


def a_week(problem: Problem, sessions, seats, **changes) -> Week:
    """Return a week of sessions and seats with its hash."""
    fields = {
        "school_id": problem.school_id,
        "monday": problem.monday,
        "snapshot_hash": "of the problem",
        "seed": 1,
        "budget": 1,
        "sessions": tuple(sessions),
        "seats": tuple(seats),
        "unmet": (),
        "capacity": (),
        "breaches": (),
        "certificates": (),
        "summary": NOTHING,
    }
    return rehashed(Week(**(fields | changes)))


def rehashed(week: Week) -> Week:
    """Return a week with the hash that belongs to it."""
    return replace(week, week_hash=week_hash(week))


def moved(week: Week, learner_id: str, session: Session, **changes) -> Week:
    """Return a week in which a learner sits in another session of its slot.

    A session that is left by all is held no more.
    """
    key = (learner_id, session.slot_id)
    seats = [s for s in week.seats if (s.learner_id, s.slot_id) != key]
    seats.append(seated(learner_id, session, **changes))
    sessions = {s.session_id: s for s in (*week.sessions, session)}
    used = {s.session_id for s in seats}
    still = tuple(s for s in sessions.values() if s.session_id in used)
    return rehashed(replace(week, sessions=still, seats=tuple(seats)))


def changed(week: Week, learner_id: str, slot_id: str, **changes) -> Week:
    """Return a week in which one seat differs."""
    key = (learner_id, slot_id)
    seats = [replace(s, **changes) if (s.learner_id, s.slot_id) == key else s for s in week.seats]
    return rehashed(replace(week, seats=tuple(seats)))


def with_session(week: Week, session_id: str, /, **changes) -> Week:
    """Return a week in which one session differs."""
    sessions = [replace(s, **changes) if s.session_id == session_id else s for s in week.sessions]
    return rehashed(replace(week, sessions=tuple(sessions)))


LEARNERS = ("kim", "lea", "max", "ned", "ola", "pam", "quin", "roy")
"""Kim, Lea and Max need help with fractions, Ned and Ola a check; Ola and Quin ask to try again."""

SCHOOL = a_problem(
    slots=(
        a_slot("mon-1"),
        a_slot("mon-2", "10:00", "10:40"),
        a_slot("mon-3", "11:00", "11:40"),
        a_slot("mon-4", "12:00", "12:40"),
    ),
    adults=(an_adult("ada"), an_adult("bob", ()), an_adult("cyd", ()), an_adult("dan")),
    rooms=(a_room("r1"), a_room("r2"), a_room("r3", 6), a_room("r4"), a_room("gym", shared=True)),
    offers=(
        an_offer("group", "ada", SessionKind.SMALL_GROUP),
        an_offer("again", "ada", SessionKind.REASSESSMENT),
        an_offer("art", "bob", SessionKind.ENRICHMENT, room_id="r2"),
        an_offer("open", "bob", room_id="gym"),
        an_offer("speech", "cyd", SessionKind.SERVICE, room_id="r3", service="speech"),
        an_offer("music", "cyd", SessionKind.ENRICHMENT, room_id="r4", other_room_ids=("gym",)),
        an_offer("look", "dan", SessionKind.CHECK, room_id="r4"),
        an_offer("talk", "dan", SessionKind.ONE_TO_ONE, room_id=None),
        an_offer("den", "dan", room_id="gym"),
    ),
    learners=tuple(a_learner(name) for name in LEARNERS),
    competencies=(a_competency(), a_competency("angles", "Angles", code="4.MD.5")),
    needs=(
        *(a_need(name) for name in LEARNERS[:3]),
        *(a_need(name, evidence_count=1, day_count=1) for name in LEARNERS[3:5]),
    ),
    services=(RequiredService(learner_id="pam", service="speech", minutes=40),),
    choices=(
        Choice(learner_id="quin", rank=1, competency_id="fractions", confirmed=True),
        Choice(learner_id="ola", rank=3, competency_id="fractions"),
        Choice(learner_id="roy", rank=2, offer_id="music"),
    ),
)

GRADE_5 = Scope(grades=("5",))


def lawful_week(problem: Problem = SCHOOL) -> Week:
    """Return a week of the school in which nothing is broken.

    Slot 1: the group, the check, and art for the others; slot 2: speech for Pam, another try for
    Ola and Quin, and art; slot 3: all in the open; slot 4: Quin and Roy in music, and art.
    """
    group = held(problem, "group", competency_id="fractions")
    look = held(problem, "look", competency_id="fractions")
    art = {s.slot_id: held(problem, "art", s.slot_id) for s in problem.slots}
    speech = held(problem, "speech", "mon-2")
    again = held(problem, "again", "mon-2", competency_id="fractions")
    opened = held(problem, "open", "mon-3")
    music = held(problem, "music", "mon-4")
    places = {(name, "mon-1"): group for name in LEARNERS[:3]}
    places |= {(name, "mon-1"): look for name in LEARNERS[3:5]}
    places |= {("pam", "mon-2"): speech, ("quin", "mon-2"): again, ("roy", "mon-4"): music}
    places |= {("ola", "mon-2"): again, ("quin", "mon-4"): music}
    seats = []
    for name in LEARNERS:
        for slot in problem.slots:
            usual = opened if slot.slot_id == "mon-3" else art[slot.slot_id]
            seats.append(seated(name, places.get((name, slot.slot_id), usual)))
    told = (
        ServiceMinutes(learner_id="pam", service="speech", required_minutes=40, planned_minutes=40),
    )
    sessions = (group, look, art["mon-1"], speech, again, art["mon-2"], opened, music, art["mon-4"])
    week = a_week(problem, sessions, seats, services=told)
    week = changed(week, "quin", "mon-2", choice_rank=1)
    week = changed(week, "ola", "mon-2", choice_rank=3)
    return changed(week, "roy", "mon-4", choice_rank=2, rule=SeatRule.CHOICE)


def with_offer(offer_id: str, problem: Problem = SCHOOL, **changes) -> Problem:
    """Return the school with one offer changed."""
    offers = [replace(o, **changes) if o.offer_id == offer_id else o for o in problem.offers]
    return replace(problem, offers=tuple(offers))


def with_adult(adult_id: str, **changes) -> Problem:
    """Return the school with one adult changed."""
    adults = [replace(a, **changes) if a.adult_id == adult_id else a for a in SCHOOL.adults]
    return replace(SCHOOL, adults=tuple(adults))


def with_room(room_id: str, **changes) -> Problem:
    """Return the school with one room changed."""
    rooms = [replace(r, **changes) if r.room_id == room_id else r for r in SCHOOL.rooms]
    return replace(SCHOOL, rooms=tuple(rooms))


def with_learner(learner_id: str, **changes) -> Problem:
    """Return the school with one learner changed."""
    learners = [replace(x, **changes) if x.learner_id == learner_id else x for x in SCHOOL.learners]
    return replace(SCHOOL, learners=tuple(learners))


def with_need(learner_id: str, **changes) -> Problem:
    """Return the school with one learner's need changed."""
    needs = [replace(n, **changes) if n.learner_id == learner_id else n for n in SCHOOL.needs]
    return replace(SCHOOL, needs=tuple(needs))


def with_slot(slot_id: str, **changes) -> Problem:
    """Return the school with one slot changed."""
    slots = [replace(s, **changes) if s.slot_id == slot_id else s for s in SCHOOL.slots]
    return replace(SCHOOL, slots=tuple(slots))
