"""Makes HTML of the editions. Templates escape everything; no script, no inline style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.scheduler.domain.week import Breach, SlotCapacity, Summary
from services.scheduler.entrypoints.pages.editions import HallEdition, SlotView, StaffEdition

# A page shows at most this many unmet needs; the rest is in the CSV.
UNMET_SHOWN = 300

_environment = Environment(
    loader=PackageLoader("services.scheduler.entrypoints.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters["percent"] = lambda micro: f"{micro / 10_000:.0f} %"


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
    breaches: tuple[Breach, ...]


def overview(heading: Heading, report: Report, edition: StaffEdition) -> str:
    """Return the staff edition's first page: numbers, capacity, breaches, unmet needs."""
    unmet = edition.unmet[:UNMET_SHOWN]
    more = len(edition.unmet) - len(unmet)
    return _render("overview.html", heading, report=report, unmet=unmet, more=more)


def staff_by_slot(heading: Heading, edition: StaffEdition) -> str:
    """Return every session, slot by slot, with who sits in it and why."""
    return _render("staff_slots.html", heading, edition=edition)


def staff_by_adult(heading: Heading, edition: StaffEdition) -> str:
    """Return a card for each adult: who is in front of me, and what do they need?"""
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


def _render(template: str, heading: Heading, **values: Any) -> str:
    return _environment.get_template(template).render(heading=heading, **values)
