"""H8: two who are kept apart share no session and no room, but where a service's pin says so.

A message names the session, never the rule or the learners: it is told to whoever plans, moves or
changes, and who is kept from whom is for those who may read the rule.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from services.scheduler.domain.check.basics import PLAN_ANEW, interval, overlap, stands_on
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.model import KeepApart, Pin, RequestLevel
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, NoticeKind, Seat

_TIMES = "<times>"
MEND_UNTOLD = "Plan the week anew, so that whoever set the rule is told."


def breaches(index: Index) -> Iterator[Breach]:
    """Yield where the week does not keep a rule of learners kept apart, and how often if often."""
    for breach, count in Counter(_all(index)).items():
        often = f", {count} times over." if count > 1 else "."
        yield replace(breach, message=breach.message.replace(_TIMES, often))


def _all(index: Index) -> Iterator[Breach]:
    for rule in index.problem.keep_apart:
        for seat in index.seats_of.get(rule.learner_id, ()):
            for other in index.seats_of.get(rule.other_id, ()):
                yield from _together(index, rule, seat, other)


def _together(index: Index, rule: KeepApart, seat: Seat, other: Seat) -> Iterator[Breach]:
    one, two = index.session_of(seat), index.session_of(other)
    if one is None or two is None or not stands_on(rule.expire_date, one.date):
        return
    same_room = one.room_id is not None and one.room_id == two.room_id
    if one is not two and not (same_room and overlap(interval(one), interval(two))):
        return
    where = f"Session {one.session_id}"
    if one is not two:
        where = f"Room {one.room_id}, of session {one.session_id} and session {two.session_id},"
    message = f"{where} cannot be so: somebody is placed by rule{_TIMES}"
    if not _is_by_services(index, seat, other):
        yield Breach(rule=Rule.KEEP_APART, slot_id=one.slot_id, message=f"{message} {PLAN_ANEW}")
    elif not _is_told(index, rule):
        message = f"{message} A service asks for it, and nobody is told."
        message = f"{message} {MEND_UNTOLD}"
        yield Breach(rule=Rule.KEEP_APART, slot_id=one.slot_id, message=message)


def _is_by_services(index: Index, seat: Seat, other: Seat) -> bool:
    """Return whether persons have set both seats, one of them for a service."""
    both = index.is_fixed(seat) and index.is_fixed(other)
    return both and (_is_for_service(index, seat) or _is_for_service(index, other))


def _is_for_service(index: Index, seat: Seat) -> bool:
    return any(
        wish.service if isinstance(wish, Pin) else wish.level is RequestLevel.SERVICE
        for wish in index.wishes_for(seat)
    )


def _is_told(index: Index, rule: KeepApart) -> bool:
    pair = (rule.learner_id, rule.other_id)
    return any(
        notice.kind is NoticeKind.SERVICE_OVER_APART and notice.learner_id in pair
        for notice in index.week.notices
    )
