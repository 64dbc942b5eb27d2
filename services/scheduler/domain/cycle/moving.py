"""Whether a person may move a learner: the hard rules, asked at once of the draft as reviewed.

Everybody beside the learner counts as set by a person, so the cap of session and tier is one that
the reason may exceed; room, law, scope, company and the right adult stand whatever the reason. What
the draft states of itself (H12) is true of the seats that the planner gave, and is stated anew by
the final run: it bars no move.
"""

from collections.abc import Callable, Sequence

from services.scheduler.domain.cycle.review import (
    Review,
    SeatMark,
    as_reviewed,
    pinned_beside,
    reviewed,
)
from services.scheduler.domain.model import Problem
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Session, Week

Check = Callable[[Problem, Week], Sequence[Breach]]


def breaches_of_move(
    problem: Problem, week: Week, review: Review, move: tuple[SeatMark, Session], check: Check
) -> tuple[Breach, ...]:
    """Return what of H1 to H11 a move breaks that was not broken before; nothing: it is lawful."""
    mark, session = move
    found = _found(problem, week, review.with_seat(mark), session, check)
    if not found:
        return ()
    before = set(_found(problem, week, review, session, check))
    return tuple(one for one in found if one not in before)


def _found(
    problem: Problem, week: Week, review: Review, session: Session, check: Check
) -> Sequence[Breach]:
    draft = as_reviewed(week, review)
    found = check(pinned_beside(reviewed(problem, review), draft, session), draft)
    return [one for one in found if one.rule is not Rule.EXPLAINED]
