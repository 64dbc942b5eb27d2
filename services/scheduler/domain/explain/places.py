"""The most places that a slot could give, whatever the search made of it.

Each adult in the session that holds most, no room given twice. A session that is not for everybody
holds no more than those who may sit in it; a minimum is no reason to leave them without a place.
Loads and preparations are limits of the week, not of a slot, and are left out here; who leads
beside another may lead alone as well.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.scheduler.domain import rules
from services.scheduler.domain.engine.tables import BARRED, NOBODY
from services.scheduler.domain.explain.matching import best_matching
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.question.answer import Answer
from services.scheduler.domain.question.options import Option, room_of, slot_of
from services.scheduler.domain.question.question import Question

SETTLED = 1 << 32
"""What it is worth that a session which persons settled has its room: more than all seats."""


@dataclass(frozen=True)
class _Use:
    """An adult's session in a slot: its rooms (NOBODY: none is needed), the seats it would add."""

    adult: int
    room: int
    seats: int
    settled: bool


class Places:
    """Counts the places of one slot; the learners whom pins seat have theirs."""

    def __init__(self, question: Question, answer: Answer, slot_id: str) -> None:
        frame = question.frame
        self._tables = question.tables
        self._frame = frame
        self._time = frame.times.of_slot.get(slot_id)
        self.options: list[tuple[int, Option]] = []
        self._may_sit = np.zeros((len(frame.learners), 0), np.bool_)
        self._pinned = sum(1 for _, other in frame.settled.seats if other == slot_id)
        near = frame.times.clashes[slot_id]
        self._busy = {
            adult_id
            for meeting in answer.meetings
            if meeting.slot_id in near
            for adult_id in (meeting.offer.adult_id, *meeting.offer.co_adult_ids)
        }
        if self._time is not None:
            self._look(self._time, slot_id)

    def _look(self, time: int, slot_id: str) -> None:
        slots, tables = self._frame.times.slots[time], self._tables
        for number, option in enumerate(self._frame.options.options):
            here = slot_of(option, slots)
            held = tables.option_class[time, number] != NOBODY
            if held and here is not None and here.slot_id == slot_id:
                self.options.append((number, option))
        classes = tables.option_class[time, [number for number, _ in self.options]]
        self._may_sit = tables.seat_value[:, classes] > BARRED
        self._may_sit &= tables.present[time][:, None]

    def barred(self, learner_id: str) -> bool:
        """Return whether a learner may sit in nothing that could be held in the slot."""
        return not self._may_sit[self._frame.learner_index[learner_id]].any()

    def most(self, enrichment_cap: int | None = None) -> int:
        """Return the most places, also were the policy's cap of enrichment another one.

        Where the capacity of a shared room binds, they are those of the use that was found.
        """
        if self._time is None:
            return 0
        uses = self._uses(self._time, enrichment_cap)
        chosen = self._chosen(self._time, uses)
        return self._pinned + self._within_rooms(self._time, chosen)

    def _uses(self, time: int, enrichment_cap: int | None) -> list[_Use]:
        found = []
        for column, (number, option) in enumerate(self.options):
            if option.offer.adult_id in self._busy:
                continue
            adult = int(self._tables.option_adult[number])
            pinned = int(self._tables.pinned[time, adult])
            settled = bool(self._tables.must_open[time, adult])
            seats = max(self._cap(option, enrichment_cap) - pinned, 0)
            if not option.offer.kind.is_own_choice or option.offer.scope is not None:
                seats = min(seats, int(self._may_sit[:, column].sum()))
            if not settled and not seats:
                continue
            found.append(_Use(adult, int(self._tables.option_room[number]), seats, settled))
        return found

    def _cap(self, option: Option, enrichment_cap: int | None) -> int:
        if enrichment_cap is None or option.offer.kind is not SessionKind.ENRICHMENT:
            return option.cap
        snapshot = self._frame.snapshot
        room = None
        if option.room is not None:
            room = room_of(snapshot, self._frame.options.rooms[option.room])
        policy = replace(snapshot.problem.policy, enrichment_cap=enrichment_cap)
        return rules.session_cap(policy, option.offer, room, consented=bool(option.consent))

    def _chosen(self, time: int, uses: list[_Use]) -> list[_Use]:
        """Return one use an adult at most, no room given twice, of the most seats together."""
        adults = sorted({use.adult for use in uses})
        columns = self._columns(time, uses)
        width = sum(len(places) for places in columns.values())
        value: NDArray[np.int64] = np.zeros((len(adults), width + len(adults)), np.int64)
        best: dict[tuple[int, int], _Use] = {}
        for use in uses:
            row = adults.index(use.adult)
            worth = use.seats + SETTLED * use.settled
            for column in columns.get(use.room, range(width + row, width + row + 1)):
                if worth > value[row, column]:
                    value[row, column] = worth
                    best[row, column] = use
        if not adults:
            return []
        return [best[key] for key in enumerate(best_matching(value)) if key in best]

    def _columns(self, time: int, uses: list[_Use]) -> dict[int, range]:
        """Return the columns of rooms that take one session each; alike ones follow each other."""
        columns: dict[int, range] = {}
        width = 0
        for room in sorted({use.room for use in uses if use.room != NOBODY}):
            if not self._tables.room_shared[room]:
                count = int(self._tables.room_count[time, room])
                columns[room] = range(width, width + count)
                width += count
        return columns

    def _within_rooms(self, time: int, chosen: list[_Use]) -> int:
        total = 0
        shared: dict[int, int] = {}
        for use in chosen:
            if use.room != NOBODY and self._tables.room_shared[use.room]:
                shared[use.room] = shared.get(use.room, 0) + use.seats
            else:
                total += use.seats
        left = self._tables.room_capacity[time]
        return total + sum(min(seats, max(int(left[r]), 0)) for r, seats in shared.items())
