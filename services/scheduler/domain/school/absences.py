"""Absences of adults, known beforehand or reported on the day; of one time there is one.

So whoever removes it has removed it: no other says the same under another id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.model import Absence
from services.scheduler.domain.resources import Setting, check_batch, check_id, refuse
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

    def is_of(self, other: "SchoolAbsence") -> bool:
        """Whether both are of one adult on one day."""
        return (self.adult_id, self.date) == (other.adult_id, other.date)

    def meets(self, other: "SchoolAbsence") -> bool:
        """Whether both say of one time that the adult is away."""
        if not self.is_of(other):
            return False
        whole = not self.slot_ids or not other.slot_ids
        return whole or not set(self.slot_ids).isdisjoint(other.slot_ids)

    def with_all(self, others: Iterable["SchoolAbsence"]) -> "SchoolAbsence":
        """Return the absence for as long as it and others of its day say together."""
        every = (self, *others)
        if not all(one.slot_ids for one in every):
            return replace(self, slot_ids=())
        slots = {slot_id for one in every for slot_id in one.slot_ids}
        return replace(self, slot_ids=tuple(sorted(slots)))


def checked_absences(
    wanted: Sequence[SchoolAbsence], standing: Standing
) -> tuple[SchoolAbsence, ...]:
    """Return the absences as they are to be kept; raises InvalidSettingError."""
    check_batch("absences", wanted)
    sent = {one.id for one in wanted}
    others = [one for one in standing.absences if one.id not in sent]
    checked: list[SchoolAbsence] = []
    for place, one in enumerate(wanted):
        absence = _checked_absence(f"absences[{place}]", one, standing)
        _check_alone(f"absences[{place}]", absence, (*others, *checked))
        checked.append(absence)
    return tuple(checked)


def _check_alone(place: str, absence: SchoolAbsence, others: Iterable[SchoolAbsence]) -> None:
    """Refuse a second absence of one adult for the same time."""
    for other in others:
        if other.meets(absence):
            refuse(
                f"{place}.date",
                "OVERLAPS",
                f"is a day on which the adult is away already, by absence {other.id}.",
                "Send it under that name, or delete that one first.",
            )


def _checked_absence(place: str, absence: SchoolAbsence, standing: Standing) -> SchoolAbsence:
    check_id(f"{place}.name", absence.id)
    check_id(f"{place}.adult", absence.adult_id)
    slot_ids = check_slot_ids(f"{place}.slot_ids", absence.slot_ids, standing)
    for one in slot_ids:
        check_held(f"{place}.date", one, absence.date, standing)
    return replace(absence, slot_ids=slot_ids)
