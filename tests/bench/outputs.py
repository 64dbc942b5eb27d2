"""python -m tests.bench.outputs: how long the prints and calendars of a school of 853 take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import click

from services.scheduler.adapters.compiled import keep_compiled_code
from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.domain.day.went import Came, Went
from services.scheduler.domain.model import Absence, Problem
from services.scheduler.domain.people import Names, Person
from services.scheduler.domain.revision import Content
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.solve import solve
from services.scheduler.entrypoints.outputs import cards, family, printed
from services.scheduler.entrypoints.outputs.paper import Frame, Printer, Sheets
from services.scheduler.entrypoints.outputs.printed import Press
from services.scheduler.handlers.meanwhile import ONE_WEEK, Meanwhile
from tests.support.schools import MIDDLE_SCHOOL, a_school

BUDGET = 20
"""Few steps: the week only has to be a full one."""


def with_named_rooms(problem: Problem) -> Problem:
    """Return the problem with a name on every door, as in a school."""
    rooms = (
        replace(one, display_name=one.display_name or f"Room {100 + place}")
        for place, one in enumerate(problem.rooms)
    )
    return replace(problem, rooms=tuple(rooms))


def what_is_known(content: Content) -> Meanwhile:
    """Return what is known beside the week: an adult is away, and everybody has a week behind."""
    problem = content.problem
    skills = tuple((one.competency_id, True) for one in problem.competencies[:2])
    first = content.week.sessions[0]
    return Meanwhile(
        absences=(Absence(adult_id=first.adult_id, date=first.date),),
        change_until=datetime(2026, 11, 23, 8, 30, tzinfo=UTC),
        last_monday=content.week.monday - ONE_WEEK,
        went={one.learner_id: Went(came=Came.MOST, on_pace=skills) for one in problem.learners},
    )


def prints_of(content: Content) -> dict[str, Sheets]:
    """Return what makes the sheets of each template."""
    told = what_is_known(content)

    def of(make: Callable[[Press], object]) -> Sheets:
        return lambda names: make(Press(content, names, told))

    return {
        "doors": of(printed.doors),
        "hall": of(printed.hall),
        "locator": of(printed.hall),
        "slips": of(printed.slips),
        "cards": of(cards.cards),
        "family": of(lambda press: family.family_notes(press, family.SPANISH)),
    }


@click.command()
def main() -> None:
    """Print how long each takes on this machine, and how large it is."""
    keep_compiled_code()
    problem = with_named_rooms(normalised(a_school(1, MIDDLE_SCHOOL)))
    week = solve(problem, HighsExact(), seed=1, budget=BUDGET)
    content = Content(problem=problem, week=week)
    names = Names(
        learners={
            one.learner_id: Person(
                given_name=f"Given{place}", family_name=f"Family{place}", source_id=f"s{place:05d}"
            )
            for place, one in enumerate(problem.learners)
        },
        adults={one.adult_id: f"Ms. {one.adult_id}" for one in problem.adults},
    )
    printer = Printer()
    frame = Frame(
        title="Bench",
        school="North Middle School",
        week="Week of Monday, November 23",
        state="Revision 1",
        made_time=datetime(2026, 11, 20, tzinfo=UTC),
        words=family.words_in(Press(content, names, what_is_known(content)), family.SPANISH),
    )
    for template, sheets in prints_of(content).items():
        started = time.perf_counter()
        pdf = printer.pdf(template, frame, names, sheets)
        seconds = time.perf_counter() - started
        click.echo(f"{template:10} {seconds:6.2f} s  {len(pdf) / 1e6:6.1f} MB")


if __name__ == "__main__":
    main()
