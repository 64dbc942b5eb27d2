"""What it would cost to seat a learner in each session of a slot of a week that is there."""

from dataclasses import dataclass

from services.scheduler.domain.asked import asked_of
from services.scheduler.domain.errors import ChangeError
from services.scheduler.domain.explain.what_if import WhatIf, what_if
from services.scheduler.domain.model import Problem
from services.scheduler.domain.question.answer import answer_of
from services.scheduler.domain.repair.published import on_board, published_in
from services.scheduler.domain.snapshot import snapshot_hash
from services.scheduler.domain.week import Session, Week


@dataclass(frozen=True, kw_only=True)
class OtherSeat:
    """A session of the slot, who sits there, and what it would come to that the learner did."""

    session: Session
    taken: int
    what_if: WhatIf


def other_seats(
    problem: Problem, week: Week, learner_id: str, slot_id: str
) -> tuple[OtherSeat, ...]:
    """Return each session of a slot with what it would cost that a learner sat there.

    The cheapest comes first, what cannot be had last. `problem` is the snapshot of the week. Raises
    ProblemError, and ChangeError where it is not, or has no such learner or slot.
    """
    if snapshot_hash(problem) != week.snapshot_hash:
        raise ChangeError("The week is of another problem: give the files that belong together.")
    question = asked_of(problem, seed=week.seed).question
    if learner_id not in question.frame.learner_index:
        raise ChangeError(f"The week has no place for learner {learner_id}: see its learners.")
    if slot_id not in question.frame.times.of_slot:
        raise ChangeError(f"The week has no slot {slot_id}: see its slots.")
    published = published_in(question, week)
    board, _ = on_board(question.tables, published.held, published.seat)
    held, seat = board.held, board.seat
    sessions = {(one.slot_id, one.offer_id): one for one in week.sessions}
    taken = {one.session_id: 0 for one in week.sessions}
    for one in week.seats:
        if one.session_id is not None:
            taken[one.session_id] += 1
    found = []
    for meeting in answer_of(question, held, seat).meetings:
        session = sessions.get((meeting.slot_id, meeting.offer.offer_id))
        if meeting.slot_id == slot_id and session is not None:
            told = what_if(question, held, seat, learner_id, slot_id, meeting)
            found.append(OtherSeat(session=session, taken=taken[session.session_id], what_if=told))
    return tuple(sorted(found, key=_cheapest))


def _cheapest(one: OtherSeat) -> tuple[bool, int, str]:
    loss = one.what_if.loss_milli
    return loss is None, loss or 0, one.session.session_id
