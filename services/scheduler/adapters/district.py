"""Plans the schools of a district on all cores, each from a file of its own to a file of its own.

A process plans one school after the other and holds one at a time; after some it makes way for a
new one, so that memory has a bound. What goes wrong with a school is told with the school and
keeps nothing from the others: a file that cannot be read, an error, a process that is killed, a
search that does not end. A week is written whole or not at all, so whoever stops a run may start
it again: schools whose week is there already are passed over.
"""

import multiprocessing
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Final

from services.scheduler.adapters.district_worker import (
    Failure,
    Outcome,
    State,
    Work,
    work_off,
)

WEEK_SUFFIX: Final = ".week.json"
SCHOOLS_OF_A_PROCESS: Final = 50
"""Then its memory goes back to the machine; a new process takes seconds to load the search."""
END_SECONDS: Final = 5.0


@dataclass(frozen=True, kw_only=True)
class School:
    """A school to plan. `name` is the file's, without its ending."""

    name: str
    problem: Path
    week: Path
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is done with each school, in how many processes, and how long one school may take."""

    work: Work
    workers: int
    limit_seconds: float = 3600.0


Watch = Callable[[School, Outcome | None], None]
"""Is told when a school is begun (None) and what has become of it."""


def schools_in(folder: Path, out: Path) -> tuple[School, ...]:
    """Return the schools of a folder by name: every file that ends in .json and is no week."""
    files = [
        file
        for file in sorted(folder.glob("*.json"))
        if file.is_file() and not file.name.endswith(WEEK_SUFFIX)
    ]
    return tuple(
        School(
            name=file.stem,
            problem=file,
            week=out / f"{file.stem}{WEEK_SUFFIX}",
            bytes=file.stat().st_size,
        )
        for file in files
    )


def plan_district(
    schools: Sequence[School], plan: Plan, watch: Watch = lambda school, outcome: None
) -> dict[str, Outcome]:
    """Return what became of each school, by name; the largest are begun first."""
    with _Crew(plan, schools, watch) as crew:
        found = dict(crew.outcomes())
    return {name: found[name] for name in sorted(found)}


class _Crew:
    """The processes at work, and the schools that wait for one."""

    def __init__(self, plan: Plan, schools: Iterable[School], watch: Watch) -> None:
        self._plan, self._watch = plan, watch
        self._waiting = deque(sorted(schools, key=lambda one: (-one.bytes, one.name)))
        self._hands: list[_Hand] = []

    def __enter__(self) -> "_Crew":
        return self

    def __exit__(self, *error: object) -> None:
        for hand in self._hands:
            hand.stop()

    def outcomes(self) -> Iterator[tuple[str, Outcome]]:
        """Yield what becomes of the schools as it is known."""
        while self._waiting or self._hands:
            self._give_work()
            yield from self._results()

    def _give_work(self) -> None:
        """See to it that as many schools are being planned as there may be."""
        for hand in self._idle():
            if not self._waiting or hand.has_done_enough:
                self._hands.remove(hand)
                hand.stop()
        while self._waiting:
            idle = self._idle()
            if not idle and len(self._hands) >= self._plan.workers:
                return
            hand = idle[0] if idle else self._new_hand()
            school = self._waiting.popleft()
            self._watch(school, None)
            hand.begin(school)

    def _new_hand(self) -> "_Hand":
        hand = _Hand(self._plan)
        self._hands.append(hand)
        return hand

    def _idle(self) -> list["_Hand"]:
        return [hand for hand in self._hands if hand.school is None]

    def _results(self) -> Iterator[tuple[str, Outcome]]:
        if not self._hands:
            return
        left = min(hand.seconds_left for hand in self._hands)
        ready = wait([hand.connection for hand in self._hands], timeout=max(left, 0.0))
        for hand in list(self._hands):
            if hand.connection not in ready and hand.seconds_left > 0:
                continue
            school, outcome = hand.end() if hand.connection in ready else hand.give_up()
            if hand.is_gone:
                self._hands.remove(hand)
            self._watch(school, outcome)
            yield school.name, outcome


class _Hand:
    """One process, and the school that it is planning."""

    def __init__(self, plan: Plan) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._limit_seconds = plan.limit_seconds
        self._process: Any = context.Process(target=work_off, args=(theirs, plan.work), daemon=True)
        self._process.start()
        # With this side's copy closed, the end of the process is the end of the connection.
        theirs.close()
        self._done = 0
        self._due = 0.0
        self.school: School | None = None
        self.is_gone = False

    @property
    def has_done_enough(self) -> bool:
        """Whether the process is to make way for a new one."""
        return self._done >= SCHOOLS_OF_A_PROCESS

    @property
    def seconds_left(self) -> float:
        """How long the school may still take."""
        return self._due - time.monotonic()

    def begin(self, school: School) -> None:
        """Hand a school to the process; one that is dead already is found when it is waited for."""
        self.school = school
        self._due = time.monotonic() + self._limit_seconds
        with suppress(OSError):
            self.connection.send((school.problem, school.week))

    def end(self) -> tuple[School, Outcome]:
        """Return the school and what came of it, if only that its process is gone."""
        try:
            outcome: Outcome = self.connection.recv()
        except (EOFError, OSError):
            self._process.join(END_SECONDS)
            self.stop()
            outcome = _lost(self._process.exitcode)
        return self._free(), outcome

    def give_up(self) -> tuple[School, Outcome]:
        """End the process of a school that has taken too long."""
        self.stop()
        failure = Failure(
            where="the search",
            what=f"took longer than {self._limit_seconds:g} s and was stopped",
            mend="Give it more with --limit-seconds, or a smaller --budget.",
        )
        return self._free(), Outcome(state=State.FAILED, failure=failure)

    def stop(self) -> None:
        """End the process, whatever it is at."""
        self.is_gone = True
        self.connection.close()
        self._process.kill()
        self._process.join(END_SECONDS)

    def _free(self) -> School:
        school, self.school = self.school, None
        if school is None:
            raise AssertionError("a process without a school has nothing to tell")
        self._done += 1
        return school


def _lost(exit_code: int | None) -> Outcome:
    ended = f"signal {-exit_code}" if exit_code is not None and exit_code < 0 else f"{exit_code}"
    failure = Failure(
        where="its process",
        what=f"ended without a word ({ended})",
        mend="Is memory short? Run it again with fewer --workers.",
    )
    return Outcome(state=State.FAILED, failure=failure)
