"""What it would cost to seat a learner in another session of the week as it stands.

The sessions and the seats at other times stay; everybody else is seated anew at that time as well
as can be. Limits of the learner's own week do not bar it: whoever asks may set the seat.
"""

from dataclasses import dataclass

import numpy as np

from services.scheduler.domain.engine.tables import BARRED, Ints
from services.scheduler.domain.explain.beside import Beside, Values
from services.scheduler.domain.explain.reseat import WORST, Time, reseated, value_of
from services.scheduler.domain.explain.sentences import points
from services.scheduler.domain.question.answer import Meeting
from services.scheduler.domain.question.items import Item
from services.scheduler.domain.question.question import Question


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """What a forced seat would come to; without numbers where it cannot be had."""

    sentence: str
    """For staff; it names nobody."""
    loss_milli: int | None = None
    """Thousandths of a point that the week would lose; negative: it would gain."""
    moved: int = 0
    """The other learners who would change seats."""
    greater: int = 0
    """Those who would lose a seat by a need that weighs more than the learner's."""
    unplaced: int = 0
    """The learners more without a place."""
    short: int = 0
    """The learners more that sessions lack to their minimum."""
    service_seats: int = 0
    """The seats of required services that would be lost."""


HERE = WhatIf(loss_milli=0, sentence="The learner sits there already.")
FIXED = WhatIf(sentence="Cannot be had: the learner's place then is set or not needed.")
NO_RIGHT = WhatIf(sentence="Cannot be had: the session is not for the learner.")
TAKEN = WhatIf(sentence="Cannot be had: every seat there is set by an adult.")
NO_WAY = WhatIf(sentence="Cannot be had: no seat can be made free.")


def what_if(  # noqa: PLR0917 - the week and one seat of it
    question: Question,
    held: Ints,
    seat: Ints,
    learner_id: str,
    slot_id: str,
    meeting: Meeting,
) -> WhatIf:
    """Return what it would cost to seat a learner in a meeting of a slot.

    `held` [T, A] and `seat` [T, N] are the week as it stands. Cost: some hundredths of a second.
    """
    frame, tables = question.frame, question.tables
    t, n = frame.times.of_slot[slot_id], frame.learner_index[learner_id]
    adult = frame.adult_index[meeting.offer.adult_id]
    if not tables.present[t, n]:
        return FIXED
    beside = Beside(question, held, seat)
    if beside.node[t, n] == adult:
        return HERE
    group, option = int(beside.node_class[t, adult]), int(held[t, adult])
    only = int(tables.item_only[n, tables.seat_item[n, group]])
    if tables.seat_value[n, group] <= BARRED or only not in (-1, adult):
        return NO_RIGHT
    if tables.option_cap[option] <= tables.pinned[t, adult] or _sits_with_pinned(
        question, held, t, n, adult
    ):
        return TAKEN
    return _Trial(question, held, beside, (t, n, adult)).told()


def _sits_with_pinned(question: Question, held: Ints, t: int, n: int, adult: int) -> bool:
    """Return whether somebody kept apart is pinned there."""
    tables = question.tables
    room = _shared_room(question, held, t, adult)
    for other in _others(tables.apart_start, tables.apart_other, n):
        node = int(tables.pinned_seat[t, other])
        if node == adult or (node >= 0 and room == _shared_room(question, held, t, node) >= 0):
            return True
    return False


class _Trial:
    """One learner in another session, by time, learner and adult."""

    def __init__(
        self, question: Question, held: Ints, beside: Beside, forced: tuple[int, int, int]
    ) -> None:
        self._question, self._held, self._beside = question, held, beside
        self._t, self._n, self._adult = forced
        t, n, _ = forced
        self._who = np.flatnonzero(question.tables.present[t])
        self._me = int(np.flatnonzero(self._who == n)[0])
        self._before = beside.node[t, self._who]

    def told(self) -> WhatIf:
        """Return what the forced seat comes to."""
        time = self._time()
        start = self._before.copy()
        start[self._me] = self._adult
        after = reseated(time, start)
        if value_of(time, after) <= WORST // 2:
            return NO_WAY
        loss = self._real(time, self._before) - self._real(time, after)
        moved = np.flatnonzero((after != self._before) & (np.arange(len(after)) != self._me))
        services = self._services(self._before) - self._services(after)
        nowhere = self._beside.nowhere
        unplaced = int((after == nowhere).sum()) - int((self._before == nowhere).sum())
        short = self._lacking(time, after) - self._lacking(time, self._before)
        greater = sum(self._loses_more(i, int(after[i])) for i in moved.tolist())
        counts = {
            "moved": len(moved),
            "greater": greater,
            "unplaced": max(unplaced, 0),
            "short": max(short, 0),
            "service_seats": max(services, 0),
        }
        return WhatIf(loss_milli=loss, sentence=_sentence(loss, counts), **counts)

    def _time(self) -> Time:
        tables, t, nowhere = self._question.tables, self._t, self._beside.nowhere
        worth = self._beside.worth(t)[self._who].copy()
        worth[worth <= BARRED] = 2 * WORST
        worth[self._me, self._adult] = self._beside.beyond_limits(t, self._n, self._adult)
        room = [_shared_room(self._question, self._held, t, a) for a in range(nowhere)]
        self._mind_pinned(worth, np.array([*room, -1]))
        held, pinned = self._held[t], tables.pinned[t]
        cap = np.where(held >= 0, np.maximum(tables.option_cap[held] - pinned, 0), 0)
        forced = (pinned > 0) | tables.must_open[t] | (held < 0)
        low = np.where(forced, 0, tables.option_minimum[held])
        return Time(
            worth=worth,
            cap=np.append(cap, len(self._who)).astype(np.int64),
            low=np.append(low, 0).astype(np.int64),
            short=tables.short,
            room=np.array([*room, -1], np.int64),
            room_cap=np.maximum(tables.room_capacity[t], 0).astype(np.int64),
            apart=self._pairs(tables.apart_start, tables.apart_other),
            together=self._pairs(tables.together_start, tables.together_other),
            together_value=int(tables.together_value),
            fast=self._me,
        )

    def _mind_pinned(self, worth: Values, room: Values) -> None:
        """Write what company of learners whom pins seat adds and bars."""
        tables = self._question.tables
        for k, n in enumerate(self._who.tolist()):
            for other in _others(tables.together_start, tables.together_other, n):
                node = int(tables.pinned_seat[self._t, other])
                if node >= 0:
                    worth[k, node] += tables.together_value
            for other in _others(tables.apart_start, tables.apart_other, n):
                node = int(tables.pinned_seat[self._t, other])
                if node >= 0:
                    worth[k, (room == room[node]) & (room >= 0)] = 2 * WORST
                    worth[k, node] = 2 * WORST

    def _pairs(self, start: Ints, other: Ints) -> tuple[tuple[int, int], ...]:
        place = {n: k for k, n in enumerate(self._who.tolist())}
        return tuple(
            (place[n], place[m])
            for n in place
            for m in _others(start, other, n)
            if n < m and m in place
        )

    def _real(self, time: Time, node: Values) -> int:
        """Return what the seats are worth without what the search counts for what is missing."""
        tables = self._question.tables
        total = value_of(time, node) + time.short * self._lacking(time, node)
        total += tables.unplaced * int((node == self._beside.nowhere).sum())
        return total - self._question.service_milli * self._services(node)

    def _lacking(self, time: Time, node: Values) -> int:
        count = np.bincount(node, minlength=len(time.cap))
        return int(np.maximum(time.low - count, 0).sum())

    def _services(self, node: Values) -> int:
        """Return how many of the seats deliver a required service."""
        return sum(
            item is not None and item.service is not None
            for item in (self._item(k, int(at)) for k, at in enumerate(node))
        )

    def _loses_more(self, k: int, after: int) -> bool:
        """Return whether a need that weighs more than the learner's loses its seat."""
        before = self._weight(k, int(self._before[k]))
        return before > self._weight(self._me, self._adult) and self._weight(k, after) < before

    def _weight(self, k: int, node: int) -> int:
        item = self._item(k, node)
        return 0 if item is None or item.claim is None else item.claim.weight_milli

    def _item(self, k: int, node: int) -> Item | None:
        n = int(self._who[k])
        if node == self._beside.nowhere:
            return None
        group = int(self._beside.node_class[self._t, node])
        return self._question.items[n].items[int(self._question.tables.seat_item[n, group])]


def _shared_room(question: Question, held: Ints, t: int, adult: int) -> int:
    """Return the shared room of what an adult holds; -1: none."""
    option = int(held[t, adult])
    room = int(question.tables.option_room[option]) if option >= 0 else -1
    return room if room >= 0 and question.tables.room_shared[room] else -1


def _others(start: Ints, other: Ints, n: int) -> list[int]:
    return [int(one) for one in other[start[n] : start[n + 1]]]


def _sentence(loss: int, counts: dict[str, int]) -> str:
    """Return the answer in words for staff: what it costs and how many it touches, never whom."""
    if loss > 0:
        told = [f"Would cost {points(loss)} points"]
    else:
        told = [f"Would gain {points(-loss)} points" if loss else "Would cost nothing"]
    words = {
        "moved": ("other learner would change seats", "other learners would change seats"),
        "greater": (
            "learner with a greater need would lose a seat",
            "learners with a greater need would lose a seat",
        ),
        "unplaced": ("learner would have no place", "learners would have no place"),
        "short": (
            "learner would be lacking to a session's minimum",
            "learners would be lacking to the minimum of sessions",
        ),
        "service_seats": (
            "seat of a required service would be lost",
            "seats of required services would be lost",
        ),
    }
    for name, (one, many) in words.items():
        if counts[name]:
            number = "one" if counts[name] == 1 else str(counts[name])
            told.append(f"{number} {one if counts[name] == 1 else many}")
    return "; ".join(told) + "."
