"""Writes what the engine found as a week that can be doubted: sessions, seats, services, requests.

There are no reasons in it but placeholders; they are the explanations' part.
"""

from dataclasses import dataclass

from services.scheduler.domain.engine.run import search
from services.scheduler.domain.model import Problem, SessionKind
from services.scheduler.domain.pins import Settled, settle
from services.scheduler.domain.question.answer import Answer, Meeting, Place, answer_of
from services.scheduler.domain.question.question import Question, question_of
from services.scheduler.domain.requests import as_kept, with_requests
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of
from services.scheduler.domain.titles import NEUTRAL_TITLES
from services.scheduler.domain.week import Seat, SeatRule, ServiceMinutes, Session, Week
from tests.support.handmade import a_week

STEPS = 10


@dataclass(frozen=True, kw_only=True)
class Searched:
    """A week of the engine, with what was settled before."""

    problem: Problem
    """As it was given, in order."""
    question: Question
    settled: Settled
    answer: Answer
    week: Week


def searched(problem: Problem, seed: int = 1) -> Searched:
    """Return the week that a few steps of the engine find."""
    given = normalised(problem)
    joined, outcomes = with_requests(given)
    snapshot = index_of(normalised(joined), seed)
    settled = settle(snapshot)
    question = question_of(snapshot, settled)
    found = search(question.tables, seed=seed, steps=STEPS)
    answer = answer_of(question, found.held, found.seat)
    sessions, seats = _written(question, answer)
    week = a_week(
        given,
        sessions,
        seats,
        services=_minutes(question, answer),
        notices=(*snapshot.notices, *settled.notices),
        requests=as_kept(given, outcomes, settled.seats, settled.unkept),
        breaches=tuple(settled.breaches),
    )
    return Searched(problem=given, question=question, settled=settled, answer=answer, week=week)


def _written(question: Question, answer: Answer) -> tuple[list[Session], list[Seat]]:
    filled = {place.meeting for place in answer.places.values() if place.meeting is not None}
    forced = question.frame.settled.forced
    kept = [m for m in answer.meetings if m in filled or (m.slot_id, m.offer.offer_id) in forced]
    sessions = {meeting: _session(question, meeting) for meeting in kept}
    seats = [
        _seat(question, key, place, sessions)
        for key, place in sorted(answer.places.items(), key=_key)
    ]
    return list(sessions.values()), seats


def _key(item):
    return item[0]


def _session(question: Question, meeting: Meeting) -> Session:
    slot = question.frame.snapshot.slots[meeting.slot_id]
    return Session(
        session_id=f"{meeting.slot_id}/{meeting.offer.offer_id}",
        slot_id=slot.slot_id,
        date=slot.date,
        start=slot.start,
        end=slot.end,
        kind=meeting.offer.kind,
        adult_id=meeting.offer.adult_id,
        room_id=meeting.room_id,
        room_display_name="",
        competency_id=meeting.competency_id,
        title=NEUTRAL_TITLES[meeting.offer.kind],
        cap=meeting.cap,
        offer_id=meeting.offer.offer_id,
        tier_id=meeting.tier.tier_id if meeting.tier else "",
    )


def _seat(question: Question, key, place: Place, sessions: dict[Meeting, Session]) -> Seat:
    learner_id, slot_id = key
    session = sessions[place.meeting] if place.meeting is not None else None
    claim = place.item.claim if place.item is not None else None
    return Seat(
        learner_id=learner_id,
        slot_id=slot_id,
        session_id=session.session_id if session else None,
        exemption=place.exemption,
        rule=_rule(place),
        competency_id=session.competency_id if session else None,
        weight_milli=claim.weight_milli if claim else 0,
        staff_sentence="So it was found.",
        learner_sentence="This is for you.",
        choice_rank=_rank(question, learner_id, session) if session else 0,
    )


def _rule(place: Place) -> SeatRule:
    if place.meeting is None:
        return SeatRule.EXEMPT
    if place.pin is not None:
        return SeatRule.SERVICE_PIN if place.pin.service else SeatRule.PIN
    if place.item.claim is not None:
        is_help = place.item.claim.entitlement is Entitlement.HELP
        return SeatRule.NEED if is_help else SeatRule.CHECK
    return {
        SessionKind.REASSESSMENT: SeatRule.REASSESSMENT,
        SessionKind.SERVICE: SeatRule.SERVICE,
        SessionKind.COMMONS: SeatRule.COMMONS,
    }.get(place.meeting.offer.kind, SeatRule.ENRICHMENT)


def _rank(question: Question, learner_id: str, session: Session) -> int:
    ranks = [
        one.rank
        for one in question.frame.snapshot.problem.choices
        if one.learner_id == learner_id
        and (not one.slot_ids or session.slot_id in one.slot_ids)
        and (
            one.offer_id == session.offer_id
            if one.offer_id is not None
            else session.kind is SessionKind.REASSESSMENT
            and one.competency_id == session.competency_id
        )
    ]
    return min(ranks, default=0)


def _minutes(question: Question, answer: Answer) -> tuple[ServiceMinutes, ...]:
    snapshot = question.frame.snapshot
    expected = {i for ids in snapshot.active.values() for i in ids}
    found = []
    for one in snapshot.problem.services:
        if one.learner_id not in expected:
            continue
        planned = sum(
            snapshot.slots[slot_id].minutes
            for (learner_id, slot_id), place in answer.places.items()
            if learner_id == one.learner_id
            and place.meeting is not None
            and place.meeting.offer.kind is SessionKind.SERVICE
            and place.meeting.offer.service == one.service
            and one.adult_id in (None, place.meeting.offer.adult_id)
        )
        found.append(
            ServiceMinutes(
                learner_id=one.learner_id,
                service=one.service,
                required_minutes=one.minutes,
                planned_minutes=planned,
                sentence="" if planned >= one.minutes else "There is no place for more.",
            )
        )
    return tuple(found)
