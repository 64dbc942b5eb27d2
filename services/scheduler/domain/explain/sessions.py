"""The sessions of a week as pages show them: ids, titles, rooms, caps."""

import hashlib
from collections.abc import Iterable, Mapping

from services.scheduler.domain import titles
from services.scheduler.domain.explain.standing import Standing
from services.scheduler.domain.question.answer import Meeting
from services.scheduler.domain.week import Session

ID_LENGTH = 16


class Sessions:
    """The session of each meeting of an answer."""

    def __init__(self, standing: Standing) -> None:
        self._snapshot = standing.snapshot
        self._codes = tuple(c.code for c in self._snapshot.problem.competencies if c.code)
        meetings = standing.answer.meetings
        ids = _ids_of(self._snapshot.problem.monday.isoformat(), meetings)
        self.of = {meeting: self._session(meeting, ids[meeting]) for meeting in meetings}

    def in_order(self) -> tuple[Session, ...]:
        """Return the sessions by slot in time, adult and id."""
        order = {slot_id: i for i, slot_id in enumerate(self._snapshot.slots)}
        found = self.of.values()
        return tuple(sorted(found, key=lambda s: (order[s.slot_id], s.adult_id, s.session_id)))

    def _session(self, meeting: Meeting, session_id: str) -> Session:
        snapshot, offer = self._snapshot, meeting.offer
        slot, room = snapshot.slots[meeting.slot_id], snapshot.rooms.get(meeting.room_id or "")
        return Session(
            session_id=session_id,
            slot_id=slot.slot_id,
            date=slot.date,
            start=slot.start,
            end=slot.end,
            kind=offer.kind,
            adult_id=offer.adult_id,
            room_id=meeting.room_id,
            room_display_name=room.display_name if room is not None else "",
            competency_id=meeting.competency_id,
            title=self._title(meeting),
            cap=meeting.cap,
            offer_id=offer.offer_id,
            tier_id=meeting.tier.tier_id if meeting.tier is not None else "",
        )

    def _title(self, meeting: Meeting) -> str:
        competency = self._snapshot.competencies.get(meeting.competency_id or "")
        wishes = [meeting.offer.title, competency.label if competency is not None else ""]
        banned = self._snapshot.problem.policy.banned_words
        return titles.safe_title(meeting.offer.kind, wishes, banned, self._codes)


def _ids_of(monday: str, meetings: Iterable[Meeting]) -> Mapping[Meeting, str]:
    """Return the id of each meeting's session; under a substitute it is the one that it had.

    So attendance and quick checks stay those of one meeting whoever leads it. Where what the
    substitute stands for is held as well, or under two substitutes, each has an id of its own.
    """
    found: dict[Meeting, str] = {}
    taken: set[str] = set()
    for meeting in sorted(meetings, key=lambda one: (one.offer.stands_for, one.offer.offer_id)):
        offer = meeting.offer
        session_id = _id_of(monday, meeting, offer.stands_for or offer.offer_id)
        if session_id in taken:
            session_id = _id_of(monday, meeting, offer.offer_id)
        taken.add(session_id)
        found[meeting] = session_id
    return found


def _id_of(monday: str, meeting: Meeting, offer_id: str) -> str:
    parts = (monday, meeting.slot_id, offer_id, meeting.competency_id or "")
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:ID_LENGTH]
