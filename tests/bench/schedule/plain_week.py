"""A week in its plainest form as the independent check reads it: seats and rules, no reasons.

So one account judges every planner of the benchmark, the customs of schools included. What only
a week with reasons can keep (no label, explained) is left out of its judgement.
"""

from collections import Counter
from dataclasses import dataclass, replace

from services.scheduler.domain.check import check
from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.model import Problem, SessionKind
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import (
    Seat,
    SeatRule,
    ServiceMinutes,
    Session,
    Week,
    value_of,
)
from tests.bench.schedule.facts import Facts, in_scope
from tests.bench.schedule.measures import Measures, measure
from tests.bench.schedule.seating import Held, Seating
from tests.support.handmade import NOTHING, RULES

OF_REASONS = (Rule.NO_LABEL, Rule.EXPLAINED)


@dataclass(frozen=True)
class Judgement:
    """What a week is worth, and how often it breaks which hard rule."""

    week: Week
    """With its terms and breaches."""
    measures: Measures

    @property
    def value_milli(self) -> int:
        """Return the value of the week."""
        return value_of(self.week.terms)

    @property
    def broken(self) -> dict[str, int]:
        """Return how often each rule is broken that is."""
        return dict(sorted(Counter(str(one.rule) for one in self.week.breaches).items()))


def judge(problem: Problem, seating: Seating) -> Judgement:
    """Return what the independent check finds; raises ValueError where two accounts differ."""
    facts = Facts(problem)
    week = plain_week(facts, seating)
    breaches = [one for one in check(problem, week) if one.rule not in OF_REASONS]
    week = replace(week, terms=terms_of(problem, week), breaches=tuple(breaches))
    judgement = Judgement(week, measure(facts, seating))
    counted = judgement.measures.value_milli
    if judgement.value_milli != counted:
        raise ValueError(f"the check counts {judgement.value_milli}, the benchmark {counted}")
    return judgement


def plain_week(facts: Facts, seating: Seating) -> Week:
    """Return a week of these sessions and seats; its sentences and hashes are empty."""
    sessions = {held: _session(facts, held) for held in seating.sessions}
    seats = [
        _seat(facts, learner_id, sessions[held])
        for (learner_id, _), held in seating.seats.items()
        if held is not None
    ]
    return Week(
        school_id=facts.problem.school_id,
        monday=facts.problem.monday,
        snapshot_hash="",
        seed=0,
        budget=0,
        sessions=tuple(sessions.values()),
        seats=tuple(sorted([*seats, *_exempt(facts)], key=lambda s: (s.learner_id, s.slot_id))),
        unmet=(),
        capacity=(),
        breaches=(),
        certificates=(),
        summary=NOTHING,
        services=tuple(_minutes(facts, seating)),
    )


def _session(facts: Facts, held: Held) -> Session:
    offer, slot = facts.offers[held.offer_id], facts.slots[held.slot_id]
    return Session(
        session_id="/".join(
            (held.slot_id, held.offer_id, held.competency_id, held.tier_id, held.room_id)
        ),
        slot_id=held.slot_id,
        date=slot.date,
        start=slot.start,
        end=slot.end,
        kind=offer.kind,
        adult_id=offer.adult_id,
        room_id=held.room_id or None,
        room_display_name="",
        competency_id=held.competency_id or None,
        title="",
        cap=facts.cap(held, held.room_id),
        offer_id=held.offer_id,
        tier_id=held.tier_id,
    )


def _seat(facts: Facts, learner_id: str, session: Session) -> Seat:
    claim = facts.claims.get((learner_id, session.competency_id or ""))
    return Seat(
        learner_id=learner_id,
        slot_id=session.slot_id,
        session_id=session.session_id,
        exemption=None,
        rule=_rule(facts, learner_id, session),
        competency_id=session.competency_id,
        weight_milli=claim.weight_milli if claim is not None else 0,
        staff_sentence="",
        learner_sentence="",
    )


def _rule(facts: Facts, learner_id: str, session: Session) -> SeatRule:
    pin = facts.pins.get((learner_id, session.slot_id))
    if pin is not None and pin.offer_id == session.offer_id:
        return SeatRule.SERVICE_PIN if pin.service else SeatRule.PIN
    return RULES[session.kind]


def _exempt(facts: Facts) -> list[Seat]:
    return [
        Seat(
            learner_id=pin.learner_id,
            slot_id=pin.slot_id,
            session_id=None,
            exemption=pin.exemption,
            rule=SeatRule.EXEMPT,
            competency_id=None,
            weight_milli=0,
            staff_sentence="",
            learner_sentence="",
        )
        for pin in facts.problem.pins
        if pin.exemption is not None and _is_on_the_roll(facts, pin.learner_id, pin.slot_id)
    ]


def _minutes(facts: Facts, seating: Seating) -> list[ServiceMinutes]:
    """Return what is given of each service; one that is short says nothing, and so is a breach."""
    required: Counter[tuple[str, str]] = Counter()
    for one in facts.problem.services:
        required[one.learner_id, one.service] += one.minutes
    given: Counter[tuple[str, str]] = Counter()
    for (learner_id, slot_id), held in seating.seats.items():
        if held is not None and facts.offers[held.offer_id].kind is SessionKind.SERVICE:
            given[learner_id, facts.offers[held.offer_id].service] += facts.slots[slot_id].minutes
    return [
        ServiceMinutes(
            learner_id=learner_id,
            service=service,
            required_minutes=minutes,
            planned_minutes=given[learner_id, service],
        )
        for (learner_id, service), minutes in sorted(required.items())
    ]


def _is_on_the_roll(facts: Facts, learner_id: str, slot_id: str) -> bool:
    """Return whether the slot asks for the learner at all; who has left needs no exemption."""
    learner, slot = facts.learners.get(learner_id), facts.slots.get(slot_id)
    if learner is None or slot is None:
        return False
    return learner.is_active_on(slot.date) and in_scope(learner, slot.scope)
