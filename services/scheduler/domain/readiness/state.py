"""What is known of a school before a week, and what a finding is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING

from services.scheduler.domain.calendar.days import SchoolDays
from services.scheduler.domain.model import Adult, Competency, Learner, Need, Slot
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.school import (
    KeepRule,
    SchoolAbsence,
    SchoolEssential,
    SchoolLockedSession,
    SchoolOffer,
    SchoolPin,
    SchoolRequiredService,
    SchoolRoom,
)
from services.scheduler.domain.staff import StaffMember

if TYPE_CHECKING:
    from services.scheduler.domain.fit import SlotFit

NAMED = 5
"""So many ids stand in a message; the rest is counted."""


class Severity(IntEnum):
    """How much it matters, the gravest first."""

    STOPS = 1
    """No week can be planned, or none can be published."""
    WEAKENS = 2
    """A week comes, but a poorer one."""
    INFORMS = 3
    """Good to know."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is missing: a code for programs, two sentences for people."""

    severity: Severity
    code: str
    message: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class SchoolState:
    """What is known of a school before a week; None: not known, so nothing is said of it."""

    monday: date
    policy: SchoolPolicy | None
    slots: tuple[Slot, ...] = ()
    """Of the week."""
    places: "tuple[SlotFit, ...] | None" = None
    """The most places of each slot against its learners."""
    broken: str = ""
    """Why what is set contradicts itself; empty: it does not."""
    rooms: Sequence[SchoolRoom] = ()
    offers: Sequence[SchoolOffer] = ()
    absences: Sequence[SchoolAbsence] = ()
    days: SchoolDays | None = None
    """Which slots each date has, by the calendar or by the policy alone."""
    pins: Sequence[SchoolPin] = ()
    locked: Sequence[SchoolLockedSession] = ()
    staff: Sequence[StaffMember] = ()
    keep_rules: Sequence[KeepRule] = ()
    services: Sequence[SchoolRequiredService] = ()
    essentials: Sequence[SchoolEssential] = ()
    learners: Sequence[Learner] = ()
    """On the roll in the week."""
    adults: Sequence[Adult] = ()
    """The active ones."""
    competencies: Sequence[Competency] = ()
    needs: Sequence[Need] | None = None
    learners_with_adult: Collection[str] | None = None
    """The learners who have a named adult."""
    signers: Collection[str] | None = None
    """Who may sign a week off."""
    clock_runs: bool = True
    """Whether the clock starts the steps of the school's weeks."""


def stops(code: str, message: str, hint: str) -> Finding:
    """Return what stops the week."""
    return Finding(severity=Severity.STOPS, code=code, message=message, hint=hint)


def weakens(code: str, message: str, hint: str) -> Finding:
    """Return what weakens it."""
    return Finding(severity=Severity.WEAKENS, code=code, message=message, hint=hint)


def informs(code: str, message: str, hint: str) -> Finding:
    """Return what is good to know."""
    return Finding(severity=Severity.INFORMS, code=code, message=message, hint=hint)


def listed(what: str, word: str, ids: Sequence[str]) -> str:
    """Return what is wrong with how many, and the first of them, each behind its word."""
    shown = ", ".join(f"{word} {one}" for one in sorted(ids)[:NAMED])
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return f"{what} ({len(ids)}): {shown}{more}."
