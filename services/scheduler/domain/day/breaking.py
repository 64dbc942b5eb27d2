"""Which breaches of a changed week the change makes, or makes worse: those alone refuse it.

A rule that is newer than the published week may be broken by it already. That is for whoever set
the rule to see to, and bars no change that has nothing to do with it.
"""

import re
from collections.abc import Iterator, Sequence

from services.scheduler.domain.check.basics import interval, overlap
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.revision import Content
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Session

_OF_SESSION = re.compile(r"^Session (\S+) of adult \S+ ")
"""Who leads a session may change, and what is wrong with it stays the same."""


def breaches_made(
    before: Content, broken_before: Sequence[Breach], after: Content, broken: Sequence[Breach]
) -> list[Breach]:
    """Return the breaches of `after` that were none of `before`, in their order.

    Too many in a session, or learners without a place, are no new breach where nobody is added.
    """
    known = {_same(one) for one in broken_before}
    too_many = {_session_of(one) for one in broken_before if one.rule is Rule.SIZE}
    first, then = Index(before.problem, before.week), Index(after.problem, after.week)

    def is_known(one: Breach) -> bool:
        if _same(one) in known:
            return True
        if one.rule is Rule.ONE_PLACE:
            lack = _without_place(then, one.slot_id)
            return bool(lack) and _is_of_lack(one) and lack <= _without_place(first, one.slot_id)
        session_id = _session_of(one)
        if one.rule is not Rule.SIZE or session_id not in too_many:
            return False
        return _around(then, session_id) <= _around(first, session_id)

    return [one for one in broken if not is_known(one)]


def _same(breach: Breach) -> tuple[Rule, str, str]:
    return breach.rule, breach.slot_id, _OF_SESSION.sub(r"Session \1 ", breach.message)


def _session_of(breach: Breach) -> str:
    found = _OF_SESSION.match(breach.message)
    return found.group(1) if found is not None else ""


def _is_of_lack(breach: Breach) -> bool:
    return " enrolled without a place: " in breach.message


def _without_place(index: Index, slot_id: str) -> frozenset[str]:
    slot = index.slots.get(slot_id)
    if slot is None:
        return frozenset()
    seated = {one.learner_id for one in index.week.seats if one.slot_id == slot_id}
    return frozenset(i for i in index.learners if i not in seated and index.expects(i, slot))


def _around(index: Index, session_id: str) -> frozenset[str]:
    """Return who sits in a session, or beside it in one room at once."""
    session = next((one for one in index.week.sessions if one.session_id == session_id), None)
    if session is None:
        return frozenset()
    return frozenset(
        seat.learner_id
        for one in (session, *_beside(index, session))
        for seat in index.seats_in.get(one.session_id, ())
    )


def _beside(index: Index, session: Session) -> Iterator[Session]:
    for one in index.week.sessions:
        same_room = session.room_id is not None and one.room_id == session.room_id
        if same_room and overlap(interval(one), interval(session)):
            yield one
