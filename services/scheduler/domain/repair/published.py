"""A published week as the engine reads it: what is held, who sits where, and what of it to keep."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.scheduler.domain.engine.board import Board, new_board
from services.scheduler.domain.engine.members import seat_everybody_nowhere
from services.scheduler.domain.engine.refs import refer
from services.scheduler.domain.engine.repair import seat_as
from services.scheduler.domain.engine.tables import (
    BARRED,
    GROUP_PARENT,
    GROUPS,
    NOBODY,
    Ints,
    Shorts,
    Tables,
)
from services.scheduler.domain.question.options import slot_of
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.week import Session, Week

Meeting = tuple[int, int]
"""A time and an adult: nobody leads two sessions at once."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Published:
    """The week in the numbers of the changed question."""

    tables: Tables
    """The question's, in which what was published is worth keeping and breaks no limit."""
    options: dict[Meeting, tuple[int, ...]]
    """What each session may go on as, the most like it first; without those nobody is left in."""
    held: Ints
    """[T, A] the first of them."""
    seat: Ints
    """[T, N] who sat with whom; NOBODY: the learner had no seat, or needs none now."""


def on_board(tables: Tables, held: Ints, seat: Ints) -> tuple[Board, tuple[Any, Any]]:
    """Return a board with a week on it as far as it can be had, and references to tables and it.

    `held` [T, A] and `seat` [T, N] are the week.
    """
    board = new_board(tables)
    refs = refer(tables, board)
    seat_everybody_nowhere(*refs)
    seat_as(*refs, held, seat)
    return board, refs


def published_in(question: Question, week: Week) -> Published:
    """Return a published week in the numbers of a question that may have changed since."""
    return _Reading(question, week).published()


class _Reading:
    def __init__(self, question: Question, week: Week) -> None:
        self._question, self._week = question, week
        self._tables, self._frame = question.tables, question.frame
        shape = self._tables.present.shape
        self._seat: Ints = np.full(shape, NOBODY, np.int32)
        self._kept: Ints = np.full(shape, NOBODY, np.int32)
        self._size = self._tables.pinned.copy()
        self._consents: dict[Meeting, frozenset[str]] = {}
        self._numbers: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        for number, option in enumerate(question.frame.options.options):
            self._numbers[option.offer.offer_id, option.competency_id].append(number)

    def published(self) -> Published:
        meetings = dict(self._meetings())
        self._read_seats({one.session_id: key for key, one in meetings.items()})
        options = {}
        held = np.full(self._tables.must_open.shape, NOBODY, np.int32)
        for key, session in meetings.items():
            found = self._options(key, session)
            if found and (self._size[key] > 0 or self._tables.must_open[key]):
                options[key], held[key] = tuple(found), found[0]
        return Published(
            tables=self._keeping(options, held), options=options, held=held, seat=self._seat
        )

    def _meetings(self) -> Iterator[tuple[Meeting, Session]]:
        """Yield the sessions at times of the question, by adults whom the school has."""
        for session in self._week.sessions:
            t = self._frame.times.of_slot.get(session.slot_id)
            adult = self._frame.adult_index.get(session.adult_id)
            if t is not None and adult is not None:
                yield (t, adult), session

    def _read_seats(self, meetings: dict[str, Meeting]) -> None:
        sessions = {one.session_id: one for one in self._week.sessions}
        for seat in self._week.seats:
            key = meetings.get(seat.session_id or "")
            n = self._frame.learner_index.get(seat.learner_id)
            if key is None or n is None or not self._tables.present[key[0], n]:
                continue
            session = sessions[seat.session_id or ""]
            self._seat[key[0], n] = key[1]
            self._size[key] += 1
            numbers = self._numbers[session.offer_id, session.competency_id]
            if numbers:
                self._kept[key[0], n] = self._tables.option_session[numbers[0]]
            consents = frozenset(self._frame.learners[n].consents)
            self._consents[key] = self._consents.get(key, consents) & consents

    def _options(self, key: Meeting, session: Session) -> list[int]:
        """Return the options by which a session may be held: in its own room and size first."""
        t, _ = key
        rooms, options = self._frame.options.rooms, self._frame.options.options
        found = []
        for number in self._numbers[session.offer_id, session.competency_id]:
            option = options[number]
            slot = slot_of(option, self._frame.times.slots[t])
            if slot is None or slot.slot_id != session.slot_id:
                continue
            tier_id = option.tier.tier_id if option.tier else ""
            if self._tables.option_class[t, number] == NOBODY or tier_id != session.tier_id:
                continue
            if option.consent and option.consent not in self._consents.get(key, frozenset()):
                continue
            own = option.room is None or session.room_id in rooms[option.room].room_ids
            found.append((not own, option.cap != session.cap, number))
        return [number for *_, number in sorted(found)]

    def _keeping(self, options: dict[Meeting, tuple[int, ...]], held: Ints) -> Tables:
        """Return tables in which the published week breaks no limit that asks for more or fewer.

        Who stays, stays: a limit that others have passed by the change, or that a person passed
        before, moves nobody.
        """
        tables = self._tables
        minimum = tables.option_minimum.copy()
        for key, numbers in options.items():
            for number in numbers:
                left = int(self._size[key] - tables.pinned[key])
                minimum[number] = min(minimum[number], left)
        count = _seats_by_item(tables, held, self._seat)
        by_group = np.zeros(tables.group_limit.shape, np.int16)
        for group in range(GROUPS):
            inside = np.isin(tables.item_group, [g for g in range(GROUPS) if _is_in(g, group)])
            by_group[:, group] = np.where(inside, count, 0).sum(axis=1)
        return tables._replace(
            option_minimum=minimum,
            # But a service takes the sessions that it needs, and none more (H5).
            item_limit=np.where(
                tables.is_service, tables.item_limit, np.maximum(tables.item_limit, count)
            ),
            group_limit=np.maximum(tables.group_limit, by_group),
            kept_session=self._kept,
        )


def _seats_by_item(tables: Tables, held: Ints, seat: Ints) -> Shorts:
    """Return the seats of each learner's items [N, M], those by pins included."""
    t, n = np.nonzero(seat != NOBODY)
    adult = seat[t, n]
    goes_on = held[t, adult] != NOBODY
    t, n, adult = t[goes_on], n[goes_on], adult[goes_on]
    group = tables.option_class[t, held[t, adult]]
    may = tables.seat_value[n, group] > BARRED
    count = tables.item_used.copy()
    np.add.at(count, (n[may], tables.seat_item[n[may], group[may]]), 1)
    return count


def _is_in(inner: int, group: int) -> bool:
    while inner >= 0:
        if inner == group:
            return True
        inner = int(GROUP_PARENT[inner])
    return False
