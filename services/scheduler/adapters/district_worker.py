"""What a process does for a district: school after school, until nobody hands it another."""

import json
import os
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from multiprocessing.connection import Connection
from multiprocessing.process import parent_process
from pathlib import Path
from typing import Final

from services.scheduler.adapters.problem_file import ProblemFileError, read_problem_file
from services.scheduler.domain.errors import PlanError
from services.scheduler.domain.snapshot import snapshot_hash
from services.scheduler.domain.week import Week, value_of

FAULTS_SHOWN: Final = 3
HEADS: Final = ("snapshot_hash", "seed", "budget")
"""What tells which question a week answers."""

SolveOne = Callable[[Path], Week]
"""Plans the problem of a file; whatever it raises is the failure of that school."""


class State(Enum):
    """What became of a school."""

    PLANNED = "planned"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Where it went wrong, what did, and what to do about it."""

    where: str
    what: str
    mend: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a school; the figures are those of a week that was planned."""

    state: State
    failure: Failure | None = None
    learners: int = 0
    breaches: int = 0
    value_milli: int = 0
    """0: the week does not state it."""
    bound_milli: int = 0
    """0: not computed."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is done with each school; goes to other processes, so its functions are of modules."""

    solve_one: SolveOne
    text_of: Callable[[Week], str]
    """How a week becomes the text of its file."""
    seed: int
    budget: int
    """A week of the same snapshot, seed and budget that is there already is kept,"""
    anew: bool = False
    """if all are not to be planned anew."""


def work_off(connection: Connection, work: Work) -> None:
    """Plan the schools that come, one by one; ends with who started it, however that went."""
    # Whoever interrupts a run interrupts who started this, which then ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            problem, week = connection.recv()
        except EOFError:
            return
        connection.send(outcome_of(problem, week, work))


def outcome_of(problem: Path, week: Path, work: Work) -> Outcome:
    """Plan a school, or keep the week that it has; every error is told, none is raised."""
    try:
        if not work.anew and answers(week, problem, work):
            return Outcome(state=State.KEPT)
        planned = work.solve_one(problem)
        write_whole(week, work.text_of(planned))
        return _planned(planned)
    except Exception as error:
        return Outcome(state=State.FAILED, failure=_failure(problem, error))


def answers(week: Path, problem: Path, work: Work) -> bool:
    """Whether a week is there for the problem as it is now, with this seed and budget."""
    try:
        content = json.loads(week.read_bytes())
        told = [content[name] for name in HEADS]
    except (OSError, ValueError, KeyError, TypeError):
        # No week, or none that can be read: it is planned anew.
        return False
    if told[1:] != [work.seed, work.budget]:
        return False
    return bool(told[0] == snapshot_hash(read_problem_file(problem)))


def write_whole(path: Path, text: str) -> None:
    """Write a file so that whoever reads it finds all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _planned(week: Week) -> Outcome:
    return Outcome(
        state=State.PLANNED,
        learners=len({seat.learner_id for seat in week.seats}),
        breaches=len(week.breaches),
        value_milli=value_of(week.terms),
        bound_milli=week.bound_milli,
    )


def _failure(problem: Path, error: Exception) -> Failure:
    if isinstance(error, ProblemFileError):
        shown = [str(fault) for fault in error.faults[:FAULTS_SHOWN]]
        more = "\nand more" if len(error.faults) > FAULTS_SHOWN or error.more else ""
        return Failure(
            where=str(problem),
            what="\n".join(shown) + more,
            mend="Mend the file; docs/problem.md has its fields.",
        )
    if isinstance(error, PlanError):
        return Failure(where=str(problem), what=str(error), mend="Mend what it says in the file.")
    if isinstance(error, OSError):
        return Failure(
            where=str(error.filename or problem),
            what=error.strerror or str(error),
            mend="Is the file there, may it be read, and is there room on the disk?",
        )
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return Failure(
        where=f"{Path(frame.filename).name}:{frame.lineno}",
        what=f"{type(error).__name__}: {error}",
        mend="This is a fault of the planner: report it with the school's file.",
    )


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
