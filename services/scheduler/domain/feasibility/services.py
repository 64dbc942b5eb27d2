"""Which minutes of services no week can give, by the greatest flow through sessions and adults.

Minutes flow from a learner's service to a time, to the session of an adult then, and to what
limits sessions: the adult's load of the week, or the rooms of the time. Where a rule does not fit
a flow it is left out, so what is said to be impossible is; what gets through is a bound. A session
takes the learners of the largest offer that could be held in its place, an adult with a load the
largest sessions of the week.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from services.scheduler.domain.engine.tables import BARRED, NOBODY
from services.scheduler.domain.feasibility.asked import Asked, free_minutes, minutes_of_time
from services.scheduler.domain.feasibility.network import SINK, SOURCE, Flow, Network, Node
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.question.options import Option
from services.scheduler.domain.question.question import Question

LEARNER, NEED, TIME, SESSION, HELD, LOAD, ROOM = (
    "learner",
    "need",
    "time",
    "session",
    "held",
    "load",
    "room",
)
"""The kinds of nodes; a session is two nodes, with its seats between."""


@dataclass
class _Session:
    """What an adult could hold at a time: minutes of seats, and in which rooms."""

    minutes: int = 0
    rooms: dict[int, int] = field(default_factory=dict)
    """The minutes of seats by room; NOBODY: without a room."""


class Supply:
    """The sessions that could give what is asked."""

    def __init__(self, question: Question, asked: list[Asked]) -> None:
        self._question = question
        self._tables = question.tables
        self._frame = question.frame
        self._asked = asked
        self._by_service: dict[str, list[Asked]] = defaultdict(list)
        for one in asked:
            self._by_service[one.wanted.service].append(one)
        self._sessions: dict[tuple[int, int], _Session] = defaultdict(_Session)
        self._ways: dict[tuple[Node, int], set[int]] = defaultdict(set)
        """The adults who could take a need at a time."""
        for number, option in enumerate(self._frame.options.options):
            if option.offer.kind is SessionKind.SERVICE:
                for time in range(self._tables.times):
                    self._add(number, option, time)

    def _add(self, number: int, option: Option, time: int) -> None:
        tables = self._tables
        group = int(tables.option_class[time, number])
        if group == NOBODY:
            return
        adult = int(tables.option_adult[number])
        takers = [
            one
            for one in self._by_service.get(option.offer.service, ())
            if tables.present[time, one.learner]
            and tables.seat_value[one.learner, group] > BARRED
            and one.wanted.adult_id in (None, option.offer.adult_id)
        ]
        if not takers:
            return
        seats = max(option.cap - int(tables.pinned[time, adult]), 0)
        minutes = seats * minutes_of_time(self._frame, time)
        session = self._sessions[time, adult]
        session.minutes = max(session.minutes, minutes)
        room = int(tables.option_room[number])
        session.rooms[room] = max(session.rooms.get(room, 0), minutes)
        for one in takers:
            self._ways[need_of(one), time].add(adult)

    def flow(self) -> Flow:
        """Return the flow of the tighter limit: loads, or rooms where these let less through."""
        by_load, by_room = self._flow(LOAD), self._flow(ROOM)
        return by_room if by_room.value < by_load.value else by_load

    def most_sessions(self, adult: int) -> int:
        """Return how many sessions of services an adult can lead in the week.

        Their load less what persons have settled of other kinds; what is settled may exceed it.
        """
        settled = [t for t in range(self._tables.times) if self._tables.must_open[t, adult]]
        services = sum((time, adult) in self._sessions for time in settled)
        others = len(settled) - services
        return max(int(self._tables.adult_load[adult]) - others, services)

    def largest(self, adult: int) -> int:
        """Return the minutes of seats of an adult's largest session."""
        return max((s.minutes for (_, who), s in self._sessions.items() if who == adult), default=0)

    def _flow(self, limit: str) -> Flow:
        network = Network()
        self._ask(network)
        for (need, time), adults in sorted(self._ways.items()):
            there = (TIME, *need[1:], str(time))
            network.link(need, there, minutes_of_time(self._frame, time))
            for adult in sorted(adults):
                network.link(there, (SESSION, str(time), str(adult)))
        for (time, adult), session in sorted(self._sessions.items()):
            key = (str(time), str(adult))
            network.link((SESSION, *key), (HELD, *key), session.minutes)
            if limit == LOAD:
                network.link((HELD, *key), (LOAD, str(adult)))
            else:
                for room, minutes in sorted(session.rooms.items()):
                    end = SINK if room == NOBODY else (ROOM, str(time), str(room))
                    network.link((HELD, *key), end, minutes)
        self._limit(network, limit)
        return network.greatest_flow()

    def _ask(self, network: Network) -> None:
        """Link what is asked to the source, of no learner more than their free slots give."""
        total: Counter[int] = Counter()
        for one in self._asked:
            total[one.learner] += one.minutes
        for one in self._asked:
            before = SOURCE
            free = free_minutes(self._frame, one.learner)
            if total[one.learner] > free:
                before = (LEARNER, one.wanted.learner_id)
                network.link(SOURCE, before, free)
            network.link(before, need_of(one), one.minutes)

    def _limit(self, network: Network, limit: str) -> None:
        if limit == LOAD:
            for adult in sorted({adult for _, adult in self._sessions}):
                largest = sorted(
                    (s.minutes for (_, who), s in self._sessions.items() if who == adult),
                    reverse=True,
                )
                most = sum(largest[: self.most_sessions(adult)])
                network.link((LOAD, str(adult)), SINK, most)
            return
        uses: dict[tuple[int, int], list[int]] = defaultdict(list)
        for (time, _), session in self._sessions.items():
            for room, minutes in session.rooms.items():
                if room != NOBODY:
                    uses[time, room].append(minutes)
        for (time, room), minutes_of in sorted(uses.items()):
            network.link((ROOM, str(time), str(room)), SINK, self._room(time, room, minutes_of))

    def _room(self, time: int, room: int, minutes_of: list[int]) -> int:
        """Return the minutes of seats that rooms alike give at a time."""
        if self._tables.room_shared[room]:
            seats = max(int(self._tables.room_capacity[time, room]), 0)
            return seats * minutes_of_time(self._frame, time)
        return sum(sorted(minutes_of, reverse=True)[: int(self._tables.room_count[time, room])])


def need_of(one: Asked) -> Node:
    """Return the node of what is asked for a learner."""
    return (NEED, one.wanted.learner_id, one.wanted.service)
