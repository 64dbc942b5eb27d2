"""A week of the engine with its proof, in the form that the independent check reads.

Texts and summaries are left out: what is doubted here are seats, value and bound.
"""

from dataclasses import replace

import numpy as np

from services.scheduler.domain.check.certificate import bound_of
from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.polish import Polished
from services.scheduler.domain.question.answer import Meeting, Place, answer_of
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.week import (
    AssignmentCertificate,
    CompanyShare,
    PairPrice,
    Seat,
    SeatPrice,
    SeatRule,
    Session,
    Week,
    value_of,
)
from tests.bench.schedule.seating import Held, Seating
from tests.support.handmade import NOTHING, RULES


def week_of(question: Question, held: np.ndarray, polished: Polished) -> Week:
    """Return the week with the prices of its seats; value and bound are 0."""
    problem = question.frame.snapshot.problem
    answer = answer_of(question, held, polished.seat)
    sessions = {meeting: _session(question, meeting) for meeting in answer.meetings}
    return Week(
        school_id=problem.school_id,
        monday=problem.monday,
        snapshot_hash="",
        seed=1,
        budget=0,
        sessions=tuple(sorted(sessions.values(), key=lambda one: one.session_id)),
        seats=tuple(
            _seat(key, place, sessions) for key, place in sorted(answer.places.items(), key=_by_key)
        ),
        unmet=(),
        capacity=(),
        breaches=(),
        certificates=(),
        summary=NOTHING,
        assignment=AssignmentCertificate(
            value_milli=0, bound_milli=0, **_prices(question, held, polished)
        ),
    )


def proved(question: Question, held: np.ndarray, polished: Polished) -> Week:
    """Return the week with its prices, its value and the bound that the check makes of them."""
    problem = question.frame.snapshot.problem
    week = week_of(question, held, polished)
    proof = replace(
        week.assignment,
        value_milli=value_of(terms_of(problem, week)),
        bound_milli=bound_of(problem, week),
    )
    return replace(week, assignment=proof)


def seating_of(question: Question, held: np.ndarray, seat: np.ndarray) -> Seating:
    """Return the week in the plain form that the measures read."""
    answer = answer_of(question, held, seat)
    sessions = {
        meeting: Held(
            slot_id=meeting.slot_id,
            offer_id=meeting.offer.offer_id,
            competency_id=meeting.competency_id or "",
            tier_id=meeting.tier.tier_id if meeting.tier else "",
            room_id=meeting.room_id or "",
        )
        for meeting in answer.meetings
    }
    seats = {
        key: sessions[place.meeting]
        for key, place in answer.places.items()
        if place.meeting is not None
    }
    return Seating(sessions=tuple(sorted(sessions.values())), seats=seats)


def _by_key(item: tuple) -> tuple[str, str]:
    return item[0]


def _session(question: Question, meeting: Meeting) -> Session:
    slot = question.frame.snapshot.slots[meeting.slot_id]
    return Session(
        session_id=_session_id(meeting.slot_id, meeting.offer.adult_id),
        slot_id=meeting.slot_id,
        date=slot.date,
        start=slot.start,
        end=slot.end,
        kind=meeting.offer.kind,
        adult_id=meeting.offer.adult_id,
        room_id=meeting.room_id,
        room_display_name="",
        competency_id=meeting.competency_id,
        title="",
        cap=meeting.cap,
        offer_id=meeting.offer.offer_id,
        tier_id=meeting.tier.tier_id if meeting.tier else "",
    )


def _session_id(slot_id: str, adult_id: str) -> str:
    return f"{slot_id}-{adult_id}"


def _seat(key: tuple[str, str], place: Place, sessions: dict[Meeting, Session]) -> Seat:
    session = None if place.meeting is None else sessions[place.meeting]
    claim = None if place.item is None else place.item.claim
    rule = SeatRule.EXEMPT if session is None else RULES[session.kind]
    if session is not None and place.pin is not None:
        rule = SeatRule.PIN
    return Seat(
        learner_id=key[0],
        slot_id=key[1],
        session_id=None if session is None else session.session_id,
        exemption=place.exemption,
        rule=rule,
        competency_id=None if claim is None else claim.competency_id,
        weight_milli=0 if claim is None else claim.weight_milli,
        staff_sentence="",
        learner_sentence="",
    )


def _prices(question: Question, held: np.ndarray, polished: Polished) -> dict[str, tuple]:
    def session_id(t: int, adult: int) -> str:
        option = question.frame.options.options[int(held[t, adult])]
        slot = question.frame.times.slots[t][option.place]
        return _session_id(slot.slot_id, question.frame.adult_ids[adult])

    return {
        "prices": tuple(
            SeatPrice(session_id=session_id(t, a), price_milli=int(polished.seat_prices[t, a]))
            for t, a in np.argwhere(held >= 0)
        ),
        "pair_prices": tuple(
            PairPrice(rule_id=rule_id, session_id=session_id(t, a), price_milli=price)
            for (rule_id, t, a), price in sorted(polished.pair_prices.items())
        ),
        "company_shares": tuple(
            CompanyShare(rule_id=rule_id, session_id=session_id(t, a), share_milli=share)
            for (rule_id, t, a), share in sorted(polished.company_shares.items())
        ),
    }
