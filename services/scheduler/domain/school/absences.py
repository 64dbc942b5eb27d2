"""Absences of adults that a school knows of beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.model import Absence
from services.scheduler.domain.resources import Setting, check_batch, check_id
from services.scheduler.domain.school.standing import Standing, check_held, check_slot_ids


@dataclass(frozen=True, kw_only=True)
class SchoolAbsence(Setting):
    """An adult who is away on a date; without slots: the whole day."""

    adult_id: str
    date: date
    slot_ids: tuple[str, ...] = ()

    def planned(self) -> Absence:
        """Return what a plan run reads of it."""
        return Absence(adult_id=self.adult_id, date=self.date, slot_ids=self.slot_ids)


def checked_absences(
    wanted: Sequence[SchoolAbsence], standing: Standing
) -> tuple[SchoolAbsence, ...]:
    """Return the absences as they are to be kept; raises InvalidSettingError."""
    check_batch("absences", wanted)
    return tuple(
        _checked_absence(f"absences[{place}]", one, standing) for place, one in enumerate(wanted)
    )


def _checked_absence(place: str, absence: SchoolAbsence, standing: Standing) -> SchoolAbsence:
    check_id(f"{place}.name", absence.id)
    check_id(f"{place}.adult", absence.adult_id)
    slot_ids = check_slot_ids(f"{place}.slot_ids", absence.slot_ids, standing)
    for one in slot_ids:
        check_held(f"{place}.date", one, absence.date, standing)
    return replace(absence, slot_ids=slot_ids)
