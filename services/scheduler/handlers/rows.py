"""Keeps a batch of settings row by row: those that can be kept are, the others are answered.

Any kind of settings can be kept so. One transaction holds the whole batch.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from services.common.clock import Clock
from services.scheduler.domain.asking.settling import SETTLE_SOON
from services.scheduler.domain.calendar.bells import BellSchedule
from services.scheduler.domain.errors import BatchTooLargeError, InvalidSettingError
from services.scheduler.domain.resources import (
    MAX_BATCH,
    Kept,
    RefusedRow,
    RequestKey,
    Setting,
    merge,
    refused_row,
)
from services.scheduler.domain.school import SchoolLockedSession, SchoolRequiredService, Standing
from services.scheduler.handlers.settings import (
    Audited,
    Kind,
    Upsert,
    anything,
    standing_of,
    tell_set,
)
from services.scheduler.ports.store import Store, View

S = TypeVar("S", bound=Setting)


@dataclass(frozen=True, kw_only=True)
class UpsertRows(Generic[S]):
    """The command to create or replace those of a batch's settings that can be kept.

    `rows`: each a setting, or why it could not be read. `validate_only`: keep nothing, and answer
    as if it were kept. `guard` and `act` as of `Upsert`.
    """

    district: str
    school_id: str
    rows: tuple[S | RefusedRow, ...]
    request: RequestKey | None = None
    allow_partial: bool = True
    validate_only: bool = False
    guard: Callable[[Collection[S]], None] = anything
    act: Audited[S] | None = None


@dataclass(frozen=True, kw_only=True)
class Rows(Generic[S]):
    """What became of a batch: what was kept, as it stands, and what was not, both in its order."""

    kept: tuple[S, ...]
    refused: tuple[RefusedRow, ...]


async def upsert_rows(
    command: UpsertRows[S], kind: Kind[S], *, store: Store, clock: Clock
) -> Rows[S]:
    """Create or replace settings row by row; return them as they stand, and what was refused.

    Without `allow_partial` one refused row refuses all: InvalidSettingError.
    """
    school_id, rows = command.school_id, command.rows
    if len(rows) > MAX_BATCH:
        raise BatchTooLargeError(count=len(rows), limit=MAX_BATCH)
    request = None if command.validate_only else command.request
    async with store.change(command.district, school_id) as view:
        first = await view.requests.first_answer(school_id, request)
        if first is not None:
            return await _again(view, command, kind, first)
        checked = await _checked_rows(view, command, kind)
        wanted = [one for one in checked if not isinstance(one, RefusedRow)]
        refused = tuple(one for one in checked if isinstance(one, RefusedRow))
        settings = kind.of(view)
        standing = await settings.standing(school_id, [one.id for one in wanted])
        command.guard(standing.values())
        merged = merge(standing, wanted)
        if not command.validate_only:
            now = clock.now()
            await settings.keep(merged.changed, now)
            if merged.changed:
                await view.asking.weeks.hasten(school_id, now + SETTLE_SOON)
            await tell_set(view, command.act, merged.changed, kind.word, now)
            answer = _answer(checked, merged.kept)
            await view.requests.keep_answer(school_id, request, answer, now)
    return Rows(kept=merged.kept, refused=refused)


async def _checked_rows(
    view: View, command: UpsertRows[S], kind: Kind[S]
) -> Sequence[S | RefusedRow]:
    """Return each row as it is to be kept, or why it is not; raises InvalidSettingError."""
    read = [one for one in command.rows if not isinstance(one, RefusedRow)]
    sent = Upsert(district=command.district, school_id=command.school_id, settings=tuple(read))
    standing = await standing_of(view, sent)
    if not command.allow_partial:
        for one in command.rows:
            if isinstance(one, RefusedRow):
                raise InvalidSettingError(
                    field=one.field, reason=one.reason, message=one.message, hint=one.hint
                )
        return kind.checked(read, standing)
    checked: list[S | RefusedRow] = []
    places: dict[str, int] = {}
    for index, row in enumerate(command.rows):
        one = row if isinstance(row, RefusedRow) else _checked_row(index, row, kind, standing)
        if not isinstance(one, RefusedRow):
            before = places.setdefault(one.id, index)
            if before != index:
                one = _repeated(index, before)
            else:
                standing = _joined(standing, one)
        checked.append(one)
    return checked


def _checked_row(index: int, row: S, kind: Kind[S], standing: Standing) -> S | RefusedRow:
    try:
        (checked,) = kind.checked([row], standing)
    except InvalidSettingError as error:
        return refused_row(index, error)
    return checked


def _repeated(index: int, before: int) -> RefusedRow:
    return RefusedRow(
        index=index,
        field=f"[{index}].name",
        reason="DUPLICATE",
        message=f"is the same as that of row {before} of the batch.",
        hint="Send each once.",
    )


def _joined(standing: Standing, one: Setting) -> Standing:
    """Return what the rows after one that is kept rest on."""
    if isinstance(one, SchoolRequiredService):
        others = (each for each in standing.services if each.id != one.id)
        return replace(standing, services=(*others, one))
    if isinstance(one, SchoolLockedSession):
        agreed = (each for each in standing.locked if each.id != one.id)
        return replace(standing, locked=(*agreed, one))
    if isinstance(one, BellSchedule):
        return replace(standing, bell_schedule_ids={*standing.bell_schedule_ids, one.id})
    return standing


def _answer(checked: Sequence[S | RefusedRow], kept: Sequence[S]) -> list[Kept]:
    """Return what the log keeps of a batch, row by row."""
    standing = iter(kept)
    found = []
    for row in checked:
        if isinstance(row, RefusedRow):
            found.append(Kept(id="", version=0, refused=row))
        else:
            one = next(standing)
            found.append(Kept(id=one.id, version=one.version))
    return found


async def _again(
    view: View, command: UpsertRows[S], kind: Kind[S], first: Sequence[Kept]
) -> Rows[S]:
    """Make the first answer again from the same rows, in the form in which they were kept."""
    read = [one for one in command.rows if not isinstance(one, RefusedRow)]
    sent = Upsert(district=command.district, school_id=command.school_id, settings=tuple(read))
    standing = await standing_of(view, sent)
    kept: list[S] = []
    for index, (row, then) in enumerate(zip(command.rows, first, strict=True)):
        if then.refused is None and not isinstance(row, RefusedRow):
            one = _checked_row(index, row, kind, standing)
            # What was kept then and could not be now is answered as it was sent.
            kept.append(replace(row if isinstance(one, RefusedRow) else one, version=then.version))
    return Rows(
        kept=tuple(kept),
        refused=tuple(then.refused for then in first if then.refused is not None),
    )
