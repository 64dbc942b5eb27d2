"""The use cases of a school's settings.

A batch is kept whole in one transaction, or not at all; where a client asks for it, the rows that
can be kept are, and the others are answered one by one.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from services.common.clock import Clock
from services.scheduler.domain.audit import AuditEntry
from services.scheduler.domain.errors import (
    BatchTooLargeError,
    InUseError,
    InvalidSettingError,
    NotFoundError,
)
from services.scheduler.domain.policy import POLICY_ID, SchoolPolicy, checked_policy
from services.scheduler.domain.resources import (
    MAX_BATCH,
    MAX_SETTINGS_PAGE,
    Kept,
    RefusedRow,
    RequestKey,
    Setting,
    again,
    merge,
    page_limit,
    refused_row,
)
from services.scheduler.domain.school import (
    KeepRule,
    SchoolAbsence,
    SchoolEssential,
    SchoolLockedSession,
    SchoolOffer,
    SchoolPin,
    SchoolRequiredService,
    SchoolRoom,
    Standing,
    checked_absences,
    checked_essentials,
    checked_keep_rules,
    checked_locked_sessions,
    checked_offers,
    checked_pins,
    checked_required_services,
    checked_rooms,
    users_of_offer,
    users_of_room,
)
from services.scheduler.ports.store import KnownSettings, Store, View

S = TypeVar("S", bound=Setting)


@dataclass(frozen=True, kw_only=True)
class Upsert(Generic[S]):
    """The command to create or replace settings of one school, all or none of them."""

    district: str
    school_id: str
    settings: tuple[S, ...]
    request: RequestKey | None = None


Entry = Callable[[S, datetime], AuditEntry]
"""Says what a change of a setting is in the audit: the setting as it stands, and when."""


@dataclass(frozen=True, kw_only=True)
class UpsertRows(Generic[S]):
    """The command to create or replace those of a batch's settings that can be kept.

    `rows`: each a setting, or why it could not be read. `validate_only`: keep nothing, and answer
    as if it were kept. `entry`: what of a change goes into the audit; None: nothing does.
    """

    district: str
    school_id: str
    rows: tuple[S | RefusedRow, ...]
    request: RequestKey | None = None
    allow_partial: bool = True
    validate_only: bool = False
    entry: Entry[S] | None = None


@dataclass(frozen=True, kw_only=True)
class Rows(Generic[S]):
    """What became of a batch: what was kept, as it stands, and what was not, both in its order."""

    kept: tuple[S, ...]
    refused: tuple[RefusedRow, ...]


@dataclass(frozen=True, kw_only=True)
class Delete:
    """The command to remove one setting. `entry`: what of it goes into the audit."""

    district: str
    school_id: str
    setting_id: str
    request: RequestKey | None = None
    entry: Callable[[datetime], AuditEntry] | None = None


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The query for one page; `after` is the last id of the page before."""

    district: str
    school_id: str
    after: str = ""
    page_size: int = 0


@dataclass(frozen=True, kw_only=True)
class Page(Generic[S]):
    """A page, by id; `next_after` is empty on the last."""

    settings: tuple[S, ...]
    next_after: str


async def _nobody(_view: View, _school_id: str, _setting_id: str) -> str | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[S]):
    """What is special about one kind of settings.

    `user_of` returns in words what rests on a setting, or None.
    """

    word: str
    of: Callable[[View], KnownSettings[S]]
    checked: Callable[[Sequence[S], Standing], tuple[S, ...]]
    user_of: Callable[[View, str, str], Awaitable[str | None]] = _nobody


async def _user_of_room(view: View, school_id: str, room_id: str) -> str | None:
    return users_of_room(await view.offers.all(school_id), room_id)


async def _user_of_offer(view: View, school_id: str, offer_id: str) -> str | None:
    return users_of_offer(
        await view.pins.all(school_id), offer_id, await view.locked_sessions.all(school_id)
    )


ROOMS: Kind[SchoolRoom] = Kind(
    word="room", of=lambda view: view.rooms, checked=checked_rooms, user_of=_user_of_room
)
OFFERS: Kind[SchoolOffer] = Kind(
    word="offer", of=lambda view: view.offers, checked=checked_offers, user_of=_user_of_offer
)
ABSENCES: Kind[SchoolAbsence] = Kind(
    word="absence", of=lambda view: view.absences, checked=checked_absences
)
PINS: Kind[SchoolPin] = Kind(word="pin", of=lambda view: view.pins, checked=checked_pins)
KEEP_RULES: Kind[KeepRule] = Kind(
    word="keep rule", of=lambda view: view.keep_rules, checked=checked_keep_rules
)
REQUIRED_SERVICES: Kind[SchoolRequiredService] = Kind(
    word="required service",
    of=lambda view: view.required_services,
    checked=checked_required_services,
)
ESSENTIALS: Kind[SchoolEssential] = Kind(
    word="essential competency", of=lambda view: view.essentials, checked=checked_essentials
)
LOCKED_SESSIONS: Kind[SchoolLockedSession] = Kind(
    word="agreed session",
    of=lambda view: view.locked_sessions,
    checked=checked_locked_sessions,
)


async def upsert(command: Upsert[S], kind: Kind[S], *, store: Store, clock: Clock) -> tuple[S, ...]:
    """Create or replace settings; return them as they stand, in the order of the command."""
    school_id = command.school_id
    async with store.change(command.district, school_id) as view:
        first = await view.requests.first_answer(school_id, command.request)
        if first is not None:
            return again(command.settings, first)
        wanted = kind.checked(command.settings, await _standing(view, school_id, command.settings))
        settings = kind.of(view)
        merged = merge(await settings.standing(school_id, [one.id for one in wanted]), wanted)
        now = clock.now()
        await settings.keep(merged.changed, now)
        kept = [Kept(id=one.id, version=one.version) for one in merged.kept]
        await view.requests.keep_answer(school_id, command.request, kept, now)
    return merged.kept


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
            return _again(rows, first)
        checked = await _checked_rows(view, command, kind)
        wanted = [one for one in checked if not isinstance(one, RefusedRow)]
        refused = tuple(one for one in checked if isinstance(one, RefusedRow))
        settings = kind.of(view)
        merged = merge(await settings.standing(school_id, [one.id for one in wanted]), wanted)
        if not command.validate_only:
            now = clock.now()
            await settings.keep(merged.changed, now)
            for changed in merged.changed if command.entry else ():
                assert command.entry is not None
                await view.audit.append(command.entry(changed, now))
            answer = _answer(checked, merged.kept)
            await view.requests.keep_answer(school_id, request, answer, now)
    return Rows(kept=merged.kept, refused=refused)


async def list_settings(command: Listing, kind: Kind[S], *, store: Store) -> Page[S]:
    """Return one page of a school's settings."""
    limit = page_limit(command.page_size, MAX_SETTINGS_PAGE)
    async with store.snapshot(command.district) as view:
        found = await kind.of(view).page(command.school_id, after=command.after, limit=limit + 1)
    shown = tuple(found[:limit])
    return Page(settings=shown, next_after=shown[-1].id if len(found) > limit else "")


async def delete(command: Delete, kind: Kind[S], *, store: Store, clock: Clock) -> None:
    """Remove a setting that nothing rests on; raises NotFoundError and InUseError."""
    school_id, setting_id = command.school_id, command.setting_id
    async with store.change(command.district, school_id) as view:
        if await view.requests.first_answer(school_id, command.request) is not None:
            return
        user = await kind.user_of(view, school_id, setting_id)
        if user is not None:
            raise InUseError(kind=kind.word, name=setting_id, user=user)
        if not await kind.of(view).remove(school_id, setting_id):
            raise NotFoundError(kind=kind.word, name=setting_id)
        now = clock.now()
        if command.entry is not None:
            await view.audit.append(command.entry(now))
        await view.requests.keep_answer(school_id, command.request, [], now)


async def get_policy(district: str, school_id: str, *, store: Store) -> SchoolPolicy:
    """Return a school's policy; raises NotFoundError."""
    async with store.snapshot(district) as view:
        policy = await view.policies.of(school_id)
    if policy is None:
        raise NotFoundError(kind="policy of school", name=school_id)
    return policy


async def update_policy(
    command: Upsert[SchoolPolicy], *, store: Store, clock: Clock, time_zones: Collection[str]
) -> SchoolPolicy:
    """Replace a school's policy; return it as it stands."""
    (sent,) = command.settings
    wanted = checked_policy(sent, time_zones)
    async with store.change(command.district, command.school_id) as view:
        first = await view.requests.first_answer(command.school_id, command.request)
        if first is not None:
            return again([wanted], first)[0]
        standing = await view.policies.of(command.school_id)
        (kept,) = merge({POLICY_ID: standing} if standing else {}, [wanted]).kept
        now = clock.now()
        if kept != standing:
            await view.policies.keep(kept, now)
        answer = [Kept(id=POLICY_ID, version=kept.version)]
        await view.requests.keep_answer(command.school_id, command.request, answer, now)
    return kept


async def _checked_rows(
    view: View, command: UpsertRows[S], kind: Kind[S]
) -> Sequence[S | RefusedRow]:
    """Return each row as it is to be kept, or why it is not; raises InvalidSettingError."""
    read = [one for one in command.rows if not isinstance(one, RefusedRow)]
    standing = await _standing(view, command.school_id, read)
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


def _again(rows: Sequence[S | RefusedRow], first: Sequence[Kept]) -> Rows[S]:
    """Make the first answer again from the same rows."""
    kept = [
        replace(row, version=then.version)
        for row, then in zip(rows, first, strict=True)
        if then.refused is None and not isinstance(row, RefusedRow)
    ]
    return Rows(
        kept=tuple(kept),
        refused=tuple(then.refused for then in first if then.refused is not None),
    )


async def _standing(view: View, school_id: str, settings: Sequence[S]) -> Standing:
    """Return what the settings of a batch name, as far as the school has it."""
    rooms = {
        room_id
        for one in settings
        if isinstance(one, SchoolOffer)
        for room_id in (one.room_id, *one.other_room_ids)
    }
    offers = {one.offer_id for one in settings if isinstance(one, SchoolPin | SchoolLockedSession)}
    learners = {one.learner_id for one in settings if isinstance(one, SchoolRequiredService)}
    agreed = {one.offer_id for one in settings if isinstance(one, SchoolLockedSession)}
    services = await view.required_services.all(school_id) if learners else ()
    locked = await view.locked_sessions.all(school_id) if agreed else ()
    return Standing(
        policy=await view.policies.of(school_id),
        room_ids=await view.rooms.standing(school_id, sorted(rooms)),
        offer_ids=await view.offers.standing(school_id, sorted(offers)),
        services=[one for one in services if one.learner_id in learners],
        locked=[one for one in locked if one.offer_id in agreed],
    )
