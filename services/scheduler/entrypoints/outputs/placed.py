"""Where everybody is in published revisions, as little of it as a calendar needs, kept in memory.

A feed is asked for again and again by many at once, each over several weeks and revisions; whole
weeks would push each other out of memory.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.scheduler.domain.feed import FeedKind, Subject
from services.scheduler.domain.leads import sessions_led
from services.scheduler.domain.model import Absence
from services.scheduler.domain.revision import Content, Revision, WeekHead, WeekView
from services.scheduler.domain.week import Session
from services.scheduler.ports.store import Store, View

KEPT_BYTES = 128 * 1024 * 1024
"""What all revisions that are kept may take: about 90 of a school of 900 with ten slots a week.

By size and not by number, since a school may have ten times as many learners and slots.
"""
SESSION_BYTES = 1_200
PLACE_BYTES = 100
"""What one takes, as measured, with the ids of a place shared with its session."""
FEED_WEEKS = 8
"""So many of the newest published weeks stand in a feed."""
FEED_REVISIONS = 4
"""So many of a week's newest revisions are compared, to tell what moved and what went."""

Key = tuple[str, str, str]
"""District, run and week hash."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """The sessions of a revision, who leads each, and who is in it: slot and session by learner."""

    sessions: Mapping[str, Session]
    leads: Mapping[str, tuple[str, ...]]
    of_learner: Mapping[str, tuple[tuple[str, str], ...]]

    @property
    def bytes_taken(self) -> int:
        """How much memory it takes, about."""
        places = sum(map(len, self.of_learner.values()))
        return SESSION_BYTES * len(self.sessions) + PLACE_BYTES * places

    def of(self, subject: Subject) -> Mapping[str, Session]:
        """Return a subject's sessions, by what they are one and the same event under.

        A learner has one place in a slot: it moves. A session of an adult or room is itself.
        """
        if subject.kind is FeedKind.LEARNER:
            own = self.of_learner.get(subject.id, ())
            return {slot_id: self.sessions[session_id] for slot_id, session_id in own}
        return {one.session_id: one for one in self.sessions.values() if self._is_of(one, subject)}

    def _is_of(self, session: Session, subject: Subject) -> bool:
        return {
            FeedKind.ADULT: subject.id in self.leads[session.session_id],
            FeedKind.ROOM: session.room_id == subject.id,
            FeedKind.SCHOOL: True,
            FeedKind.LEARNER: False,
        }[subject.kind]


@dataclass(frozen=True, kw_only=True)
class PublishedWeek:
    """A week's newest revisions, oldest first, with who is where."""

    monday: date
    revisions: tuple[tuple[Revision, Placed], ...]

    def unstaffed(self, absences: Iterable[Absence]) -> frozenset[str]:
        """Return the sessions of the newest revision that lack an adult of theirs, by id."""
        away: dict[str, list[Absence]] = defaultdict(list)
        for one in absences:
            away[one.adult_id].append(one)
        placed = self.revisions[-1][1]
        return frozenset(
            session.session_id
            for session in placed.sessions.values()
            for adult_id in placed.leads[session.session_id]
            for one in away.get(adult_id, ())
            if one.date == session.date and (not one.slot_ids or session.slot_id in one.slot_ids)
        )


class PlacedWeeks:
    """Reads who is where; one for each process."""

    def __init__(self, store: Store, *, kept_bytes: int = KEPT_BYTES) -> None:
        """Keep what takes at most `kept_bytes`, the newest read; one revision always."""
        self._store = store
        self._kept_bytes = kept_bytes
        self._bytes = 0
        self._placed: OrderedDict[Key, Placed] = OrderedDict()

    async def heads(self, district: str, school_id: str) -> Sequence[WeekHead]:
        """Return the newest published weeks of a school, newest first."""
        async with self._store.snapshot(district) as view:
            heads = await view.weeks.heads(school_id, before=None, limit=FEED_WEEKS)
        return [one for one in heads if one.newest is not None]

    async def weeks(
        self, district: str, school_id: str, heads: Sequence[WeekHead]
    ) -> list[PublishedWeek]:
        """Return the revisions of these weeks, oldest week first."""
        async with self._store.snapshot(district) as view:
            found = [
                PublishedWeek(
                    monday=head.monday,
                    revisions=tuple(
                        [
                            (one, await self._of(view, district, head, one))
                            for one in await _revisions(view, head)
                        ]
                    ),
                )
                for head in heads
            ]
        return sorted(found, key=lambda one: one.monday)

    async def _of(self, view: View, district: str, head: WeekHead, one: Revision) -> Placed:
        key = (district, one.run_id, one.week_hash)
        found = self._placed.get(key)
        if found is None:
            shown = WeekView(school_id=head.school_id, monday=head.monday, shown=one)
            found = placed_of(await view.weeks.content(shown))
            self._keep(key, found)
        self._placed.move_to_end(key)
        return found

    def _keep(self, key: Key, found: Placed) -> None:
        # Two who ask at once both read it: it is counted once.
        if key not in self._placed:
            self._bytes += found.bytes_taken
        self._placed[key] = found
        while self._bytes > self._kept_bytes and len(self._placed) > 1:
            _, dropped = self._placed.popitem(last=False)
            self._bytes -= dropped.bytes_taken


def placed_of(content: Content) -> Placed:
    """Return who is where in a week."""
    week = content.week
    sessions = {one.session_id: one for one in week.sessions}
    own: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for seat in week.seats:
        if seat.session_id is not None:
            # The session's own ids: a stored week has a copy of them in each of its seats.
            session = sessions[seat.session_id]
            own[seat.learner_id].append((session.slot_id, session.session_id))
    return Placed(
        sessions=sessions,
        leads=sessions_led(content.problem, week.sessions),
        of_learner={one: tuple(places) for one, places in own.items()},
    )


async def _revisions(view: View, head: WeekHead) -> Iterable[Revision]:
    assert head.newest is not None
    newest = head.newest.number
    found = [
        await view.weeks.revision(head.school_id, head.monday, number)
        for number in range(max(1, newest - FEED_REVISIONS + 1), newest)
    ]
    return [*(one for one in found if one is not None), head.newest]
