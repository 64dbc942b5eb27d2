"""Opening, closing and extending the time in which learners rank.

The clock of the cycle opens and closes (`handlers/cycle/steps.py`); a person extends. A ranking is
in or out exactly: whoever writes one holds the window's row for sharing and reads it then, whoever
closes holds it alone, so a close waits for the writes at work, and every write after it reads a
closed window.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.scheduler.domain.access import Action
from services.scheduler.domain.asking.windows import (
    ChoiceWindow,
    extended,
    new_window,
)
from services.scheduler.domain.audit import AuditEntry
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.errors import NotFoundError
from services.scheduler.domain.resources import Kept
from services.scheduler.domain.subjects import week_subject
from services.scheduler.handlers.asking.desk import Desk, for_learner
from services.scheduler.handlers.day.acting import Act
from services.scheduler.ports.store import Store, View


@dataclass(frozen=True, kw_only=True)
class OpenWindow:
    """The command to open the time for choosing of a school's week.

    `latest_close_time`: until when the close may move, as the draft's hour. `now`: when it really
    opens, where that is later than was told.
    """

    district: str
    school_id: str
    monday: date
    open_time: datetime
    close_time: datetime
    latest_close_time: datetime | None = None
    now: datetime | None = None


async def open_window(command: OpenWindow, *, store: Store) -> ChoiceWindow:
    """Open a window; one that there is already stands as it is. Raises WindowInvalidError."""
    async with store.change(command.district, command.school_id) as view:
        return await opened(view, command)


async def opened(view: View, command: OpenWindow) -> ChoiceWindow:
    """Open a window in a transaction of somebody else's; see `open_window`."""
    standing = await view.asking.windows.of(command.school_id, command.monday)
    if standing is not None:
        return standing
    window = new_window(
        school_id=command.school_id,
        monday=command.monday,
        open_time=command.open_time,
        close_time=command.close_time,
        latest_close_time=command.latest_close_time,
        now=command.now,
    )
    await view.asking.windows.keep(window)
    return window


async def get_window(district: str, school_id: str, monday: date, *, store: Store) -> ChoiceWindow:
    """Return a week's window; raises NotFoundError."""
    async with store.snapshot(district) as view:
        return await _window(view, school_id, monday)


async def extend_window(
    desk: Desk, by: Act, monday: date, close_time: datetime, reason: str
) -> ChoiceWindow:
    """Give learners more time, with a reason, up to the hour of the week's draft.

    Raises NotFoundError and WindowInvalidError.
    """
    async with desk.store.change(by.district, by.school_id) as view:
        standing = await view.asking.windows.of(by.school_id, monday, lock=True)
        if standing is None:
            raise NotFoundError(kind="choice window", name=monday.isoformat())
        if await view.requests.first_answer(by.school_id, by.request) is not None:
            return standing
        # It becomes the note of the window, which learners read.
        words = await for_learner(view, by, "reason", reason, required=True)
        now = desk.clock.now()
        times = (await desk.times(view, by.school_id))(monday)
        # A week that has no school any more has no draft: what was told of it at first stands.
        draft_time = times.due.get(Step.DRAFT, standing.latest_close_time)
        window = extended(standing, close_time, now, words, draft_time)
        await view.asking.windows.keep(window)
        moved = (window.close_time - standing.close_time) // timedelta(minutes=1)
        await view.audit.append(
            AuditEntry(
                school_id=by.school_id,
                time=now,
                actor=by.actor.name,
                action=Action.EXTEND_WINDOW.value,
                subject=week_subject(by.district, by.school_id, monday),
                detail=f"choosing closes {moved} minutes later",
                reason=words,
                monday=monday,
            )
        )
        kept = [Kept(id=monday.isoformat(), version=1)]
        await view.requests.keep_answer(by.school_id, by.request, kept, now)
    return window


async def _window(view: View, school_id: str, monday: date) -> ChoiceWindow:
    window = await view.asking.windows.of(school_id, monday)
    if window is None:
        raise NotFoundError(kind="choice window", name=monday.isoformat())
    return window
