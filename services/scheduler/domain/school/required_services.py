"""Services that plans and laws require (H5): minutes a week for a learner, from and until a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.model import RequiredService, Slot
from services.scheduler.domain.resources import (
    Setting,
    check_batch,
    check_id,
    check_number,
    check_text,
    refuse,
)
from services.scheduler.domain.school.standing import MAX_SUBJECT_LENGTH, Standing

MAX_MINUTES = 2400
"""Of a week: forty hours, more than any school has."""


@dataclass(frozen=True, kw_only=True)
class SchoolRequiredService(Setting):
    """The minutes of a service that a learner must get each week.

    `begin_date` is the first day with it, `end_date` the last; None: no such bound. `adult_id`
    empty: whoever offers the service.
    """

    learner_id: str
    service: str
    minutes: int
    adult_id: str = ""
    begin_date: date | None = None
    end_date: date | None = None

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day with it."""
        return self.begin_date or date.min, self.end_date or date.max

    def holds_on(self, day: date) -> bool:
        """Whether it is required on a day."""
        first, last = self.days
        return first <= day <= last

    def meets(self, other: "SchoolRequiredService") -> bool:
        """Whether two of one learner and service are required on one day."""
        first, last = self.days
        return first <= other.days[1] and other.days[0] <= last

    def planned(self) -> RequiredService:
        """Return what a plan run reads of it."""
        return RequiredService(
            learner_id=self.learner_id,
            service=self.service,
            minutes=self.minutes,
            adult_id=self.adult_id or None,
        )


def service_in_words(one: SchoolRequiredService) -> str:
    """Return what is required, for the audit."""
    since = f" from {one.begin_date.isoformat()}" if one.begin_date else ""
    until = f" until {one.end_date.isoformat()}" if one.end_date else ""
    return f"{one.minutes} minutes a week of {one.service}{since}{until}"


def checked_required_services(
    wanted: Sequence[SchoolRequiredService], standing: Standing
) -> tuple[SchoolRequiredService, ...]:
    """Return the services as they are to be kept; raises InvalidSettingError."""
    check_batch("required_services", wanted)
    checked = [_checked(f"required_services[{place}]", one) for place, one in enumerate(wanted)]
    ids = {one.id for one in checked}
    before = [one for one in standing.services if one.id not in ids]
    for place, one in enumerate(checked):
        _check_alone(f"required_services[{place}]", one, before)
        before.append(one)
    return tuple(checked)


def services_of_week(
    services: Iterable[SchoolRequiredService], slots: Sequence[Slot]
) -> tuple[RequiredService, ...]:
    """Return what is required in a week: whatever is required on a day that has a slot.

    Where one follows another within the week, the later one counts.
    """
    days = {slot.date for slot in slots}
    counted = {
        (one.learner_id, one.service): one
        for one in sorted(services, key=lambda one: one.days)
        if any(one.holds_on(day) for day in days)
    }
    return tuple(one.planned() for one in counted.values())


def _checked(place: str, service: SchoolRequiredService) -> SchoolRequiredService:
    check_id(f"{place}.name", service.id)
    check_id(f"{place}.learner", service.learner_id)
    if service.adult_id:
        check_id(f"{place}.adult", service.adult_id)
    check_number(f"{place}.minutes", service.minutes, least=1, most=MAX_MINUTES)
    first, last = service.days
    if last < first:
        refuse(
            f"{place}.end_date",
            "DATES_REVERSED",
            "is before begin_date.",
            "Send the last day with the service.",
        )
    name = check_text(f"{place}.service", service.service, most=MAX_SUBJECT_LENGTH, required=True)
    return replace(service, service=name)


def _check_alone(
    place: str, service: SchoolRequiredService, others: Iterable[SchoolRequiredService]
) -> None:
    """Refuse a second requirement of one service for one learner on the same day."""
    for other in others:
        same = (other.learner_id, other.service) == (service.learner_id, service.service)
        if same and other.meets(service):
            refuse(
                f"{place}.service",
                "OVERLAPS",
                f"is required by {other.id} as well, on some of the same days.",
                "Send the minutes of both in one, or let one end before the other begins.",
            )
