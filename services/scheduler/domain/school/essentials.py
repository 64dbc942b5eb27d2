"""Essential competencies of a school, with the dates until which learners are to show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.model import Competency
from services.scheduler.domain.resources import Setting, check_batch, check_id
from services.scheduler.domain.school.standing import Standing


@dataclass(frozen=True, kw_only=True)
class SchoolEssential(Setting):
    """A competency that the school holds essential; its id is the competency's."""

    due_date: date | None = None


def checked_essentials(
    wanted: Sequence[SchoolEssential], standing: Standing
) -> tuple[SchoolEssential, ...]:
    """Return the essentials as they are to be kept; raises InvalidSettingError."""
    check_batch("essentials", wanted)
    for place, one in enumerate(wanted):
        check_id(f"essentials[{place}].name", one.id)
    return tuple(wanted)


def with_essentials(
    competencies: Iterable[Competency], essentials: Iterable[SchoolEssential]
) -> tuple[Competency, ...]:
    """Return the competencies with what the school says beside the framework's own flag."""
    own = {one.id: one for one in essentials}
    return tuple(
        replace(one, essential=True, due_date=own[one.competency_id].due_date or one.due_date)
        if one.competency_id in own
        else one
        for one in competencies
    )
