"""The sessions of a week as pages show them: ids, titles, rooms, caps."""

import hashlib

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
        self.of = {meeting: self._session(meeting) for meeting in standing.answer.meetings}

    def in_order(self) -> tuple[Session, ...]:
        """Return the sessions by slot in time, adult and id."""
        order = {slot_id: i for i, slot_id in enumerate(self._snapshot.slots)}
        found = self.of.values()
        return tuple(sorted(found, key=lambda s: (order[s.slot_id], s.adult_id, s.session_id)))

    def _session(self, meeting: Meeting) -> Session:
        snapshot, offer = self._snapshot, meeting.offer
        slot, room = snapshot.slots[meeting.slot_id], snapshot.rooms.get(meeting.room_id or "")
        return Session(
            session_id=_session_id(snapshot.problem.monday.isoformat(), meeting),
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


def _session_id(monday: str, meeting: Meeting) -> str:
    parts = (monday, meeting.slot_id, meeting.offer.offer_id, meeting.competency_id or "")
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:ID_LENGTH]
