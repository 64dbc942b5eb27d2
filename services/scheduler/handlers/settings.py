"""The use cases of a school's settings.

A batch is kept whole in one transaction, or not at all; `rows.py` keeps those rows that can be.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Generic, TypeVar

from services.common.clock import Clock
from services.scheduler.domain.asking.settling import SETTLE_SOON
from services.scheduler.domain.audit import AuditEntry
from services.scheduler.domain.calendar.bells import BellSchedule
from services.scheduler.domain.calendar.year import CalendarDay, CalendarSetting
from services.scheduler.domain.errors import InUseError, NotFoundError, PolicyChangedError
from services.scheduler.domain.learner_settings import (
    LearnerSetting,
    checked_learner_settings,
    offers_named,
)
from services.scheduler.domain.policy import POLICY_ID, SchoolPolicy, checked_policy
from services.scheduler.domain.resources import (
    MAX_SETTINGS_PAGE,
    Kept,
    RequestKey,
    Setting,
    again,
    merge,
    page_limit,
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
from services.scheduler.domain.staff import StaffMember, checked_staff
from services.scheduler.ports.store import KnownSettings, Store, View

S = TypeVar("S", bound=Setting)


@dataclass(frozen=True, kw_only=True)
class Audited(Generic[S]):
    """Who changes settings, for the audit; `actor` and what `subject` returns are resource names.

    `words`: what of a setting's content the audit tells. `reason`: why it is set, which the one
    whom `private_to` names reads alone; an empty one: whoever may read the audit. `monday`: of the
    week that a setting is for; None: for none.
    """

    actor: str
    action: Callable[[S], str]
    subject: Callable[[S], str]
    words: Callable[[S], str] = lambda _setting: ""
    reason: Callable[[S], str] = lambda _setting: ""
    private_to: Callable[[S], str] = lambda _setting: ""
    monday: Callable[[S], date | None] = lambda _setting: None


def anything(_standing: Collection[Setting]) -> None:
    """Refuse nothing."""


@dataclass(frozen=True, kw_only=True)
class Upsert(Generic[S]):
    """The command to create or replace settings of one school, all or none of them.

    `guard` raises for standing settings that may not be replaced. `act`: None is not audited.
    """

    district: str
    school_id: str
    settings: tuple[S, ...]
    request: RequestKey | None = None
    guard: Callable[[Collection[S]], None] = anything
    act: Audited[S] | None = None


@dataclass(frozen=True, kw_only=True)
class Delete(Generic[S]):
    """The command to remove one setting; `guard` and `act` as of `Upsert`."""

    district: str
    school_id: str
    setting_id: str
    request: RequestKey | None = None
    guard: Callable[[Collection[S]], None] = anything
    act: Audited[S] | None = None


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
STAFF_MEMBERS: Kind[StaffMember] = Kind(
    word="staff member",
    of=lambda view: view.staff_members,
    checked=checked_staff,
)
LEARNER_SETTINGS: Kind[LearnerSetting] = Kind(
    word="learner setting",
    of=lambda view: view.learner_settings,
    checked=lambda wanted, standing: checked_learner_settings(wanted, standing.offer_ids),
)
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
        wanted = kind.checked(command.settings, await standing_of(view, command))
        settings = kind.of(view)
        standing = await settings.standing(school_id, [one.id for one in wanted])
        command.guard(standing.values())
        merged = merge(standing, wanted)
        now = clock.now()
        await settings.keep(merged.changed, now)
        if merged.changed:
            await view.asking.weeks.hasten(school_id, now + SETTLE_SOON)
        await tell_set(view, command.act, merged.changed, kind.word, now)
        kept = [Kept(id=one.id, version=one.version) for one in merged.kept]
        await view.requests.keep_answer(school_id, command.request, kept, now)
    return merged.kept


async def list_settings(command: Listing, kind: Kind[S], *, store: Store) -> Page[S]:
    """Return one page of a school's settings."""
    limit = page_limit(command.page_size, MAX_SETTINGS_PAGE)
    async with store.snapshot(command.district) as view:
        found = await kind.of(view).page(command.school_id, after=command.after, limit=limit + 1)
    shown = tuple(found[:limit])
    return Page(settings=shown, next_after=shown[-1].id if len(found) > limit else "")


async def delete(command: Delete[S], kind: Kind[S], *, store: Store, clock: Clock) -> None:
    """Remove a setting that nothing rests on; raises NotFoundError and InUseError."""
    school_id, setting_id = command.school_id, command.setting_id
    async with store.change(command.district, school_id) as view:
        if await view.requests.first_answer(school_id, command.request) is not None:
            return
        standing = await kind.of(view).standing(school_id, [setting_id])
        command.guard(standing.values())
        user = await kind.user_of(view, school_id, setting_id)
        if user is not None:
            raise InUseError(kind=kind.word, name=setting_id, user=user)
        if not await kind.of(view).remove(school_id, setting_id):
            raise NotFoundError(kind=kind.word, name=setting_id)
        now = clock.now()
        await view.asking.weeks.hasten(school_id, now + SETTLE_SOON)
        await tell_removed(view, command.act, [*standing.values()], kind.word, now)
        await view.requests.keep_answer(school_id, command.request, [], now)


async def get_policy(district: str, school_id: str, *, store: Store) -> SchoolPolicy:
    """Return a school's policy; raises NotFoundError."""
    async with store.snapshot(district) as view:
        policy = await view.policies.of(school_id)
    if policy is None:
        raise NotFoundError(kind="policy of school", name=school_id)
    return policy


async def update_policy(
    command: Upsert[SchoolPolicy],
    *,
    expected_version: int | None = None,
    validate_only: bool = False,
    store: Store,
    clock: Clock,
    time_zones: Collection[str],
) -> SchoolPolicy:
    """Replace a school's policy; return it as it stands, or would with `validate_only`.

    `expected_version`: what the caller has seen, 0 for no policy; None: whatever stands. Raises
    InvalidSettingError and PolicyChangedError.
    """
    (sent,) = command.settings
    wanted = checked_policy(sent, time_zones)
    request = None if validate_only else command.request
    async with store.change(command.district, command.school_id) as view:
        first = await view.requests.first_answer(command.school_id, request)
        if first is not None:
            return again([wanted], first)[0]
        standing = await view.policies.of(command.school_id)
        version = standing.version if standing else 0
        if expected_version is not None and expected_version != version:
            raise PolicyChangedError(asked=expected_version, standing=version)
        (kept,) = merge({POLICY_ID: standing} if standing else {}, [wanted]).kept
        if validate_only:
            return kept
        now = clock.now()
        if kept != standing:
            await view.policies.keep(kept, now)
            await view.asking.weeks.hasten(command.school_id, now + SETTLE_SOON)
            await tell_set(view, command.act, [kept], "policy", now)
        answer = [Kept(id=POLICY_ID, version=kept.version)]
        await view.requests.keep_answer(command.school_id, command.request, answer, now)
    return kept


async def tell_set(
    view: View, act: Audited[S] | None, changed: Sequence[S], word: str, now: datetime
) -> None:
    """Add an entry to the audit for each setting that an act has created or replaced."""
    if act is None:
        return
    for one in changed:
        told = replace(
            _entry(act, one, f"{word} {one.id} set", now),
            reason=act.reason(one),
            private_to=act.private_to(one),
        )
        await view.audit.append(told)


async def tell_removed(
    view: View, act: Audited[S] | None, removed: Sequence[S], word: str, now: datetime
) -> None:
    """Add an entry to the audit for each setting that an act has removed.

    Why it had been set is no reason of who removes it.
    """
    if act is None:
        return
    for one in removed:
        await view.audit.append(_entry(act, one, f"{word} {one.id} removed", now))


def _entry(act: Audited[S], setting: S, done: str, now: datetime) -> AuditEntry:
    told = act.words(setting)
    return AuditEntry(
        school_id=setting.school_id,
        time=now,
        actor=act.actor,
        action=act.action(setting),
        subject=act.subject(setting),
        detail=f"{done}, version {setting.version}{': ' if told else ''}{told}",
        monday=act.monday(setting),
    )


async def standing_of(view: View, command: Upsert[S]) -> Standing:
    """Return what the settings of a batch name, as far as the school has it."""
    school_id, settings = command.school_id, command.settings
    rooms = {
        room_id
        for one in settings
        if isinstance(one, SchoolOffer)
        for room_id in (one.room_id, *one.other_room_ids)
    }
    offers = {one.offer_id for one in settings if isinstance(one, SchoolPin | SchoolLockedSession)}
    offers |= offers_named(settings)
    learners = {one.learner_id for one in settings if isinstance(one, SchoolRequiredService)}
    agreed = {one.offer_id for one in settings if isinstance(one, SchoolLockedSession)}
    services = await view.required_services.all(school_id) if learners else ()
    locked = await view.locked_sessions.all(school_id) if agreed else ()
    of_calendar = any(
        isinstance(one, BellSchedule | CalendarDay | CalendarSetting) for one in settings
    )
    bells = await view.bell_schedules.all(school_id) if of_calendar else ()
    away = {(one.adult_id, one.date) for one in settings if isinstance(one, SchoolAbsence)}
    absences = await view.absences.all(school_id) if away else ()
    return Standing(
        policy=await view.policies.of(school_id),
        calendar=await view.calendars.of(school_id),
        bell_schedule_ids={one.id for one in bells},
        room_ids=await view.rooms.standing(school_id, sorted(rooms)),
        offer_ids=await view.offers.standing(school_id, sorted(offers)),
        services=[one for one in services if one.learner_id in learners],
        locked=[one for one in locked if one.offer_id in agreed],
        absences=[one for one in absences if (one.adult_id, one.date) in away],
    )
