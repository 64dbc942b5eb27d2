"""Makes HTML of the editions. Templates escape everything; no script, no inline style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.scheduler.domain.week import SlotCapacity, Summary
from services.scheduler.entrypoints.pages.views import (
    BreachView,
    HallEdition,
    SlotView,
    StaffEdition,
)
from services.scheduler.entrypoints.words import percent, percent_of_best

# A page shows at most this many unmet needs; the rest is in the JSON file.
UNMET_SHOWN = 150
# And this many competencies that more groups would help.
SHORTAGES_SHOWN = 12

_environment = Environment(
    loader=PackageLoader("services.scheduler.entrypoints.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters["percent"] = percent
_environment.filters["percent_of_best"] = percent_of_best
_environment.filters["count"] = lambda number: f"{number:,}"


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What stands at the top of every page, and the address that its links begin with."""

    school: str
    week_of: str
    state: str
    address: str
    revision_query: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a principal reads first."""

    summary: Summary
    capacity: tuple[tuple[SlotView, SlotCapacity], ...]
    breaches: tuple[BreachView, ...]
    exceptions: tuple[BreachView, ...]


@dataclass(frozen=True, kw_only=True)
class WeekLink:
    """A week in the list of weeks: its address and how it stands."""

    address: str
    week_of: str
    state: str


@dataclass(frozen=True, kw_only=True)
class SchoolLinks:
    """A school and its newest weeks."""

    school: str
    weeks: tuple[WeekLink, ...]


@dataclass(frozen=True, kw_only=True)
class OwnLink:
    """Something of a week that is somebody's own: its title and whole address."""

    title: str
    address: str


@dataclass(frozen=True, kw_only=True)
class OwnWeek:
    """A published week of one learner, as they and their family find it."""

    week_of: str
    learner: str
    """Of a family of several learners the name; else empty."""
    links: tuple[OwnLink, ...]


@dataclass(frozen=True, kw_only=True)
class OwnLinks:
    """What a learner or a family may open of a school, newest week first."""

    school: str
    weeks: tuple[OwnWeek, ...]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of those for whom something can be printed."""

    value: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Something to print or download; `parameter` names whose it is, where it is somebody's."""

    path: str
    title: str
    parameter: str
    required: bool
    choices: tuple[Choice, ...]
    languages: tuple[str, ...]
    papers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PrintGroup:
    """What is printed or downloaded for one purpose."""

    title: str
    outputs: tuple[Listed, ...]


def print_index(heading: Heading, groups: Sequence[PrintGroup], revision: str) -> str:
    """Return the page "Print and download"; `revision` as the query has it, empty: the newest."""
    return _render("print.html", heading, groups=groups, revision=revision)


def overview(heading: Heading, report: Report, edition: StaffEdition) -> str:
    """Return the staff edition's first page: numbers, capacity, breaches, unmet needs."""
    unmet = edition.unmet[:UNMET_SHOWN]
    more = len(edition.unmet) - len(unmet)
    shortages = edition.shortages[:SHORTAGES_SHOWN]
    return _render(
        "overview.html", heading, report=report, unmet=unmet, more=more, shortages=shortages
    )


def staff_by_slot(heading: Heading, edition: StaffEdition) -> str:
    """Return every session, slot by slot, with who sits in it and why."""
    return _render("staff_slots.html", heading, edition=edition)


def staff_by_adult(heading: Heading, edition: StaffEdition) -> str:
    """Return a card for each adult, for the question who is in front of me and what they need."""
    return _render("staff_adults.html", heading, edition=edition)


def staff_by_learner(heading: Heading, edition: StaffEdition) -> str:
    """Return each learner's week with the reason of each seat."""
    return _render("staff_learners.html", heading, edition=edition)


def hall_by_name(heading: Heading, edition: HallEdition) -> str:
    """Return the hall list from A to Z: one line a learner, one column a slot."""
    return _render("hall_names.html", heading, edition=edition)


def hall_by_room(heading: Heading, edition: HallEdition) -> str:
    """Return the door lists: a sheet for each room."""
    return _render("hall_rooms.html", heading, edition=edition)


def index(schools: Sequence[SchoolLinks], own: Sequence[OwnLinks]) -> str:
    """Return the list of schools and their weeks, and what is the reader's own."""
    return _environment.get_template("index.html").render(schools=schools, own=own)


def problem(status: int, title: str, message: str, advice: str) -> str:
    """Return the page of a refusal: what went wrong, and what to do."""
    return _environment.get_template("problem.html").render(
        status=status, title=title, message=message, advice=advice
    )


def _render(template: str, heading: Heading, **values: object) -> str:
    return _environment.get_template(template).render(heading=heading, **values)
