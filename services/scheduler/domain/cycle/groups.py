"""What changed in an adult's groups from one published week to the next: who is new, who left.

A group is what an adult works on with some learners: a competency, else an offer. In which slot it
meets may differ from week to week and is no change of the group.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.scheduler.domain.leads import sessions_led
from services.scheduler.domain.revision import Content
from services.scheduler.domain.week import Seat, Session, Week

Key = tuple[str, str]
"""The competency, or nothing, and the offer where there is none."""


@dataclass(frozen=True, kw_only=True)
class GroupChange:
    """A learner who is new in a group, or has left it. `sentence` is for staff."""

    adult_id: str
    competency_id: str
    """Empty: the group has no target."""
    offer_id: str
    learner_id: str
    is_new: bool
    slot_id: str
    """Of the seat that is new, or was."""
    sentence: str


def group_changes(last: Content | None, this: Content, adult_id: str) -> tuple[GroupChange, ...]:
    """Return who is new in an adult's groups and why, and who left and where to.

    By group and learner, who is new first. `last` None: there was no week before, so all are new.
    """
    before = _members(last, adult_id) if last is not None else {}
    now = _members(this, adult_id)
    found = []
    for key in sorted({*before, *now}):
        then, here = before.get(key, {}), now.get(key, {})
        found += [_new(adult_id, key, *here[one]) for one in sorted({*here} - {*then})]
        gone = sorted({*then} - {*here})
        found += [_left(adult_id, key, *then[one], week=this.week) for one in gone]
    return tuple(found)


def _members(content: Content, adult_id: str) -> dict[Key, dict[str, tuple[Seat, Session]]]:
    """Return the learners of each group that an adult leads, with their first seat in it."""
    week = content.week
    leads = sessions_led(content.problem, week.sessions)
    sessions = {one.session_id: one for one in week.sessions if adult_id in leads[one.session_id]}
    found: dict[Key, dict[str, tuple[Seat, Session]]] = {}
    for seat in week.seats:
        session = sessions.get(seat.session_id or "")
        if session is not None:
            found.setdefault(_key(session), {}).setdefault(seat.learner_id, (seat, session))
    return found


def _key(session: Session) -> Key:
    if session.competency_id is not None:
        return session.competency_id, ""
    return "", session.offer_id


def _new(adult_id: str, key: Key, seat: Seat, session: Session) -> GroupChange:
    return _change(adult_id, key, seat, session, sentence=seat.staff_sentence, is_new=True)


def _left(adult_id: str, key: Key, seat: Seat, session: Session, *, week: Week) -> GroupChange:
    told = _where_to(key, seat.learner_id, week)
    return _change(adult_id, key, seat, session, sentence=told, is_new=False)


def _change(
    adult_id: str, key: Key, seat: Seat, session: Session, *, sentence: str, is_new: bool
) -> GroupChange:
    return GroupChange(
        adult_id=adult_id,
        competency_id=key[0],
        offer_id=session.offer_id,
        learner_id=seat.learner_id,
        is_new=is_new,
        slot_id=seat.slot_id,
        sentence=sentence,
    )


def _where_to(key: Key, learner_id: str, week: Week) -> str:
    seats = [one for one in week.seats if one.learner_id == learner_id]
    if not seats:
        return "The learner has no place in the week."
    sessions = {one.session_id: one for one in week.sessions}
    theirs = list(_sessions_of(seats, sessions))
    if key[0]:
        on_it = next((one for one in theirs if one.competency_id == key[0]), None)
        if on_it is not None:
            return f"Works on it with adult {on_it.adult_id} now, in slot {on_it.slot_id}."
        unmet = next(
            (
                one
                for one in week.unmet
                if (one.learner_id, one.competency_id) == (learner_id, key[0])
            ),
            None,
        )
        if unmet is not None:
            return f"Needs it still, and has no seat for it: {unmet.sentence}"
        return "Has no open need of it any more that a seat is given for."
    return "Has other seats this week."


def _sessions_of(seats: list[Seat], sessions: Mapping[str, Session]) -> Iterator[Session]:
    for seat in seats:
        session = sessions.get(seat.session_id or "")
        if session is not None:
            yield session
