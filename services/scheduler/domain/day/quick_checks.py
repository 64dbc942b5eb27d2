"""Quick checks: a note from 1 to 4 on what a learner showed of their session's competency.

A note is kept with a version, corrected under the next one and withdrawn by a note of nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.scheduler.domain.day.attendance import Sheet
from services.scheduler.domain.errors import InvalidRequestError

LOWEST_LEVEL, HIGHEST_LEVEL = 1, 4
WITHDRAWN = 0
MILLI = 1000


@dataclass(frozen=True, kw_only=True)
class Note:
    """What a person notes of one learner: a level, or WITHDRAWN."""

    learner_id: str
    level: int


@dataclass(frozen=True, kw_only=True)
class QuickCheck:
    """A note as it stands. `show_time`: when the session began, which is the time of the work.

    `adult_id`: who noted it; empty: the person is no adult of the roster.
    """

    school_id: str
    monday: date
    session_id: str
    learner_id: str
    competency_id: str
    level: int
    version: int
    adult_id: str
    show_time: datetime
    record_time: datetime

    @property
    def is_withdrawn(self) -> bool:
        """Whether it says nothing any more."""
        return self.level == WITHDRAWN

    @property
    def level_milli(self) -> int:
        """Return the level in thousandths."""
        return self.level * MILLI


def checked_notes(sheet: Sheet, notes: Sequence[Note]) -> tuple[Note, ...]:
    """Return the notes by learner; raises InvalidRequestError for one that cannot be."""
    if notes and sheet.session.competency_id is None:
        raise InvalidRequestError(
            field="quick_checks",
            message="are noted of a session that works on no competency",
            hint="send attendance alone",
        )
    for place, note in enumerate(notes):
        field = f"quick_checks[{place}]"
        if note.learner_id not in sheet.learner_ids:
            raise InvalidRequestError(
                field=f"{field}.learner",
                message="has no seat in this session",
                hint="note what learners of the session showed",
            )
        if note.level != WITHDRAWN and not LOWEST_LEVEL <= note.level <= HIGHEST_LEVEL:
            raise InvalidRequestError(
                field=f"{field}.level",
                message=f"is {note.level}",
                hint=f"send {LOWEST_LEVEL} to {HIGHEST_LEVEL}, or 0 to withdraw",
            )
    if len({note.learner_id for note in notes}) < len(notes):
        raise InvalidRequestError(
            field="quick_checks", message="name a learner twice", hint="send each learner once"
        )
    return tuple(sorted(notes, key=lambda note: note.learner_id))


def noted(
    standing: Mapping[str, QuickCheck], wanted: Sequence[QuickCheck]
) -> tuple[tuple[QuickCheck, ...], tuple[QuickCheck, ...]]:
    """Return the checks as they stand after noting, and those of them that are new, by learner.

    A note that says what stands changes nothing; withdrawing what is not there is nothing either.
    """
    kept = [_next(standing.get(one.learner_id), one) for one in wanted]
    there = tuple(one for one in kept if one is not None)
    changed = tuple(one for one in there if one is not standing.get(one.learner_id))
    return there, changed


def _next(standing: QuickCheck | None, wanted: QuickCheck) -> QuickCheck | None:
    if standing is None:
        return None if wanted.is_withdrawn else replace(wanted, version=1)
    same = (standing.level, standing.competency_id) == (wanted.level, wanted.competency_id)
    if same or (standing.is_withdrawn and wanted.is_withdrawn):
        return standing
    return replace(wanted, version=standing.version + 1)
