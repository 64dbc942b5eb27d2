"""Weeks that the engine found, for tests of what is said of them; and as the check reads them."""

from services.scheduler.domain.engine.run import search
from services.scheduler.domain.question.answer import Answer, Meeting, answer_of
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.week import Session, Week
from tests.support.engine import a_question
from tests.support.handmade import a_week, exempt, held, seated

STEPS = 0
"""The first week of the engine is enough for what is said of weeks."""


def answered(problem, *, seed=1, steps=STEPS) -> tuple[Question, Answer]:
    """Return the question of a problem, and a week that the engine found for it."""
    question = a_question(problem, seed)
    found = search(question.tables, seed=seed, steps=steps)
    return question, answer_of(question, found.held, found.seat)


def bare_week(question: Question, answer: Answer, **changes) -> Week:
    """Return what an answer holds as a week without reasons."""
    problem = question.frame.snapshot.problem
    sessions = {one: _session(problem, number, one) for number, one in enumerate(answer.meetings)}
    seats = [
        exempt(*key, place.exemption)
        if place.meeting is None
        else seated(key[0], sessions[place.meeting])
        for key, place in answer.places.items()
    ]
    return a_week(problem, sessions.values(), seats, **changes)


def _session(problem, number: int, meeting: Meeting) -> Session:
    return held(
        problem,
        meeting.offer.offer_id,
        meeting.slot_id,
        session_id=f"session-{number}",
        competency_id=meeting.competency_id,
        tier_id=meeting.tier.tier_id if meeting.tier else "",
        room_id=meeting.room_id,
        cap=meeting.cap,
    )
