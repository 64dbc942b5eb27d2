"""Signing a draft off and publishing it (H7, H12): two acts of persons, one transaction each.

What is published was checked again, by code that shares nothing with the search, against the
snapshot that the week was made from. `put_in_force` is the one way to publish: for a person here,
for the clock, and for changes of a published week.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.common.clock import Clock
from services.scheduler.domain.access import Action
from services.scheduler.domain.audit import AuditEntry
from services.scheduler.domain.history.digest import WeekDigest, digest_of
from services.scheduler.domain.model import Problem
from services.scheduler.domain.over_caps import OverCap, in_words, over_caps
from services.scheduler.domain.resources import Kept, RequestKey
from services.scheduler.domain.revision import (
    Revision,
    SignOff,
    WeekHead,
    WeekView,
    draft_to_publish,
    draft_to_sign,
    newest_view,
    next_revision,
    refuse_broken,
    refuse_locked,
    view_of,
)
from services.scheduler.domain.subjects import week_subject
from services.scheduler.domain.week import Breach, Week
from services.scheduler.ports.store import Store, View

Check = Callable[[Problem, Week], Sequence[Breach]]


@dataclass(frozen=True, kw_only=True)
class SignOffWeek:
    """The command of a person who stands for a draft."""

    district: str
    school_id: str
    monday: date
    week_hash: str
    adult_id: str
    actor: str = ""
    """For the audit: the resource name of the person; empty: it is not kept."""
    request: RequestKey | None = None


@dataclass(frozen=True, kw_only=True)
class PublishWeek:
    """The command to publish the draft of this hash."""

    district: str
    school_id: str
    monday: date
    week_hash: str
    actor: str = ""
    """For the audit: the resource name of the person; empty: it is not kept."""
    request: RequestKey | None = None


async def sign_off_week(command: SignOffWeek, *, store: Store, clock: Clock) -> WeekView:
    """Record who stands for a draft; raises where the draft is not the one that they saw.

    What is published already under this hash needs nothing more, so a repeat is no error.
    """
    key = (command.school_id, command.monday)
    told = _told(command, "signed off", await _exceptions(command, store))
    async with store.change(command.district, command.school_id) as view:
        first = await view.requests.first_answer(command.school_id, command.request)
        head = await view.weeks.head(*key, lock=True)
        done = _published_as(head, command.week_hash)
        if done is None and first is not None and head.draft is None:
            # It was signed and published, and then published anew.
            done = newest_view(head)
        if done is not None:
            return done
        refuse_locked(head)
        draft = draft_to_sign(head, command.week_hash)
        if draft.sign_off is None or draft.sign_off.adult_id != command.adult_id:
            now = clock.now()
            signed = SignOff(adult_id=command.adult_id, time=now, week_hash=draft.week_hash)
            await view.weeks.sign_off(*key, signed)
            await _audit(view, command, Action.SIGN_OFF, told, now)
            if first is None:
                answer = [Kept(id=command.monday.isoformat(), version=0)]
                await view.requests.keep_answer(command.school_id, command.request, answer, now)
        signed_head = await view.weeks.head(*key)
    assert signed_head.draft is not None
    return view_of(signed_head, signed_head.draft)


async def _exceptions(command: SignOffWeek, store: Store) -> tuple[OverCap, ...]:
    """Return what of a draft exceeds a cap, outside of the transaction: it takes a moment.

    The bytes behind a hash never change; a draft that is not the one that was seen is refused.
    """
    async with store.snapshot(command.district) as view:
        head = await view.weeks.head(command.school_id, command.monday)
        if head.draft is None or head.draft.week_hash != command.week_hash:
            return ()
        content = await view.weeks.content(view_of(head, head.draft))
    return await asyncio.to_thread(over_caps, content.problem, content.week)


async def publish_week(
    command: PublishWeek, *, store: Store, clock: Clock, check: Check
) -> WeekView:
    """Publish a signed draft as a new revision; raises WeekBrokenError where it breaks a rule.

    The revision, the pointer at it and the fact for others are one transaction.
    """
    checked = await _check_draft(command, store, check)
    key = (command.school_id, command.monday)
    async with store.change(command.district, command.school_id) as view:
        head = await view.weeks.head(*key, lock=True)
        first = await _first_published(command, view, head)
        if first is not None:
            return first
        done = _published_as(head, command.week_hash)
        if done is not None:
            await _keep_answer(command, view, done.revision, clock.now())
            return done
        refuse_locked(head)
        # The bytes behind a hash never change, so what was checked above, or when it was published
        # before, is what is published.
        draft, sign_off = draft_to_publish(head, command.week_hash)
        now = clock.now()
        revision = next_revision(head, draft, sign_off, now)
        await put_in_force(view, *key, revision, checked.digest)
        told = _told(command, f"published revision {revision.number},", checked.over_caps)
        await _audit(view, command, Action.PUBLISH, told, now)
        await _keep_answer(command, view, revision.number, now)
    return view_of(head, revision)


async def _first_published(command: PublishWeek, view: View, head: WeekHead) -> WeekView | None:
    """Return the revision that the first sending of a request was answered, or None.

    It is that one also when the week was changed since, and somebody asks again.
    """
    first = await view.requests.first_answer(command.school_id, command.request)
    if first is None:
        return None
    number = first[0].version
    revision = await view.weeks.revision(command.school_id, command.monday, number)
    return view_of(head, revision) if revision is not None else None


async def _keep_answer(command: PublishWeek, view: View, number: int, now: datetime) -> None:
    answer = [Kept(id=command.monday.isoformat(), version=number)]
    await view.requests.keep_answer(command.school_id, command.request, answer, now)


async def put_in_force(
    view: View, school_id: str, monday: date, revision: Revision, digest: WeekDigest | None
) -> None:
    """Publish a revision: it, the pointer at it, its digest, and the fact for others.

    Making the digest takes a moment, so whoever publishes has made it before the transaction;
    None: it could not know that it would publish, and whoever plans next makes it.
    """
    await view.weeks.publish(school_id, monday, revision)
    if digest is not None:
        await view.digests.keep(school_id, monday, revision.number, digest)


def _told(command: SignOffWeek | PublishWeek, done: str, over: Sequence[OverCap]) -> str:
    """Return what was done with a week in a sentence, with the exceptions that it stands on."""
    which = f"the week of {command.monday.isoformat()} ({command.week_hash[:16]}…)"
    return f"{done} {which}{in_words(over)}"


async def _audit(
    view: View, command: SignOffWeek | PublishWeek, action: Action, detail: str, now: datetime
) -> None:
    if not command.actor:
        return
    entry = AuditEntry(
        school_id=command.school_id,
        time=now,
        actor=command.actor,
        action=action.value,
        subject=week_subject(command.district, command.school_id, command.monday),
        detail=detail,
        monday=command.monday,
    )
    await view.audit.append(entry)


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """What was found of a draft that breaks no rule; nothing, where it is published already."""

    digest: WeekDigest | None = None
    over_caps: tuple[OverCap, ...] = ()


async def _check_draft(command: PublishWeek, store: Store, check: Check) -> _Checked:
    """Check the draft outside of the transaction that publishes it: it takes a moment."""
    async with store.snapshot(command.district) as view:
        head = await view.weeks.head(command.school_id, command.monday)
        if await _first_published(command, view, head) is not None:
            return _Checked()
        if _published_as(head, command.week_hash) is not None:
            return _Checked()
        draft, _ = draft_to_publish(head, command.week_hash)
        content = await view.weeks.content(view_of(head, draft))
    refuse_broken(content.week.breaches)
    refuse_broken(await asyncio.to_thread(check, content.problem, content.week))
    return _Checked(
        digest=await asyncio.to_thread(digest_of, content),
        over_caps=await asyncio.to_thread(over_caps, content.problem, content.week),
    )


def _published_as(head: WeekHead, week_hash: str) -> WeekView | None:
    """Return the newest revision where it is the very week that is asked for."""
    newest = head.newest
    if newest is None or newest.week_hash != week_hash:
        return None
    if head.draft is not None and head.draft.week_hash == week_hash:
        return None
    return view_of(head, newest)
