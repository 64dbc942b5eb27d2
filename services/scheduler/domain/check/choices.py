"""H6 and H12 of choices: a confirmed one is not displaced, and what a seat says of one is true."""

from collections.abc import Iterator

from services.scheduler.domain.check.basics import BY_NEED, PLAN_ANEW
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.rights import Rights
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Seat, Session


def breaches(index: Index) -> Iterator[Breach]:
    """Yield the choices that a machine's need took the place of, or that are not stated rightly."""
    rights = Rights(index)
    for seat in index.week.seats:
        session = index.session_of(seat)
        if session is None:
            if seat.choice_rank:
                yield _breach(Rule.EXPLAINED, seat, "states a choice, and is in no session")
            continue
        yield from _displaced(index, rights, seat, session)
        yield from _stated(index, seat, session)


def _breach(rule: Rule, seat: Seat, what: str) -> Breach:
    message = f"The seat of learner {seat.learner_id} {what}. {PLAN_ANEW}"
    return Breach(rule=rule, slot_id=seat.slot_id, message=message)


def _displaced(index: Index, rights: Rights, seat: Seat, session: Session) -> Iterator[Breach]:
    slot = index.slots.get(session.slot_id)
    if slot is None or session.kind not in BY_NEED or index.is_fixed(seat):
        return
    if rights.keeps_choice(seat.learner_id, slot):
        what = f"in session {session.session_id} takes the place of a confirmed choice"
        yield _breach(Rule.REQUEST_ORDER, seat, what)


def _stated(index: Index, seat: Seat, session: Session) -> Iterator[Breach]:
    choice = index.choice_met(seat.learner_id, session)
    rank = choice.rank if choice is not None else 0
    if seat.choice_rank != rank:
        what = f"states rank {seat.choice_rank} of a choice, and its session is of rank {rank}"
        yield _breach(Rule.EXPLAINED, seat, what)
