"""Needs that people see: nominated, reported, answered, taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from services.scheduler.domain.access import Action
from services.scheduler.domain.asking.needs import (
    MAX_STANDING_NEEDS,
    NeedKind,
    NeedState,
    SeenNeed,
    answered,
    new_need,
)
from services.scheduler.domain.errors import (
    AnsweredAlreadyError,
    NotFoundError,
    TooManyAsksError,
)
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.resources import MAX_SETTINGS_PAGE, Kept, page_limit
from services.scheduler.handlers.asking.desk import (
    Desk,
    LearnerAct,
    done,
    first_id,
    for_learner,
    new_id,
    require_competency,
    require_learner,
    same_again,
)
from services.scheduler.handlers.day.acting import Act
from services.scheduler.handlers.school import policy_of
from services.scheduler.ports.asking import Value
from services.scheduler.ports.store import View
from services.scheduler.ports.upstream import Known

ACTIONS = {NeedKind.NOMINATION: Action.NOMINATE, NeedKind.REPORTED: Action.RANK}


@dataclass(frozen=True, kw_only=True)
class SeeNeed:
    """A need that somebody sees; `reason`: why, in their words."""

    kind: NeedKind
    learner_id: str
    competency_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class NeedPage:
    """A page of needs by id; `next_after` is empty on the last."""

    needs: tuple[SeenNeed, ...]
    next_after: str


async def see_need(desk: Desk, by: Act, seen: SeeNeed) -> SeenNeed:
    """Keep a nomination or a report; a repeat returns it as it stands.

    What the same person has said of the same already, and still stands, is not said twice. Raises
    NotFoundError, InvalidSettingError, TooManyAsksError.
    """
    known = await desk.book.known(by.district, by.school_id)
    async with desk.store.change(by.district, by.school_id) as view:
        first = await first_id(view, by)
        if first is not None:
            return await _need(view, by, first)
        made = await _made(desk, view, by, seen, known)
        standing = await _open_of(view, by, made)
        same = [one for one in standing if _is_same(one, made)]
        if same:
            await same_again(view, by, Kept(id=same[0].id, version=same[0].version), desk)
            return same[0]
        if len(standing) >= MAX_STANDING_NEEDS:
            raise TooManyAsksError(what="such needs of the learner", limit=MAX_STANDING_NEEDS)
        await view.asking.needs.keep([made], made.create_time)
        act = LearnerAct(
            action=ACTIONS[made.kind],
            learner_id=made.learner_id,
            detail=f"{made.kind.value} {made.id} on competency {made.competency_id}",
            reason=made.reason,
        )
        await done(view, by, [act], Kept(id=made.id, version=1), desk)
    return made


async def withdraw_need(desk: Desk, by: Act, need: SeenNeed) -> SeenNeed:
    """Take a nomination back; a repeat changes nothing. Raises AnsweredAlreadyError."""
    return await _change(desk, by, need, NeedState.WITHDRAWN, "")


async def answer_need(
    desk: Desk, by: Act, need: SeenNeed, *, confirm: bool, sentence: str
) -> SeenNeed:
    """Confirm what a learner reported, or settle it with a sentence.

    Raises InvalidSettingError, AnsweredAlreadyError.
    """
    state = NeedState.STANDING if confirm else NeedState.SETTLED
    return await _change(desk, by, need, state, sentence)


async def get_need(desk: Desk, by: Act, need_id: str, kind: NeedKind) -> SeenNeed:
    """Return one; raises NotFoundError."""
    async with desk.store.snapshot(by.district) as view:
        need = await _need(view, by, need_id)
    if need.kind is not kind:
        raise NotFoundError(kind=kind.value, name=need_id)
    return need


async def list_needs(
    desk: Desk,
    by: Act,
    kind: NeedKind,
    *,
    learner_ids: tuple[str, ...] | None,
    after: str,
    page_size: int,
) -> NeedPage:
    """Return a page of what stands or waits today, of these learners or of all, by id."""
    limit = page_limit(page_size, MAX_SETTINGS_PAGE)
    async with desk.store.snapshot(by.district) as view:
        where: dict[str, Value | tuple[str, ...]] = {
            "kind": kind.value,
            "state": (NeedState.WAITING.value, NeedState.STANDING.value),
            "expire_date": _today(desk, await policy_of(view, by.school_id)),
        }
        if learner_ids is not None:
            where["learner_id"] = learner_ids
        found = await view.asking.needs.matching(by.school_id, where, after=after, limit=limit + 1)
    shown = tuple(found[:limit])
    return NeedPage(needs=shown, next_after=shown[-1].id if len(found) > limit else "")


async def _made(desk: Desk, view: View, by: Act, seen: SeeNeed, known: Known) -> SeenNeed:
    require_learner(known, seen.learner_id)
    require_competency(known, seen.competency_id)
    policy = await policy_of(view, by.school_id)
    return new_need(
        school_id=by.school_id,
        need_id=new_id(by, seen.kind.value),
        kind=seen.kind,
        learner_id=seen.learner_id,
        competency_id=seen.competency_id,
        reason=seen.reason,
        actor=by.actor.name,
        now=desk.clock.now(),
        today=_today(desk, policy),
        weeks=policy.numbers.cycle_weeks,
    )


async def _change(desk: Desk, by: Act, need: SeenNeed, state: NeedState, sentence: str) -> SeenNeed:
    async with desk.store.change(by.district, by.school_id) as view:
        standing = await _need(view, by, need.id)
        if await first_id(view, by) is not None:
            return standing
        if state is NeedState.WITHDRAWN and standing.state is state:
            return standing
        expected = NeedState.STANDING if state is NeedState.WITHDRAWN else NeedState.WAITING
        if standing.state is not expected:
            raise AnsweredAlreadyError(what="need", state=standing.state.value)
        is_settled = state is NeedState.SETTLED
        words = await for_learner(view, by, "sentence", sentence, required=is_settled)
        now = desk.clock.now()
        changed = answered(standing, state, actor=by.actor.name, sentence=words, now=now)
        await view.asking.needs.keep([changed], now)
        act = LearnerAct(
            action=Action.NOMINATE,
            learner_id=changed.learner_id,
            detail=f"{changed.kind.value} {changed.id} {state.value}",
            reason=changed.answer_sentence,
        )
        await done(view, by, [act], Kept(id=changed.id, version=changed.version), desk)
    return changed


async def _need(view: View, by: Act, need_id: str) -> SeenNeed:
    found = await view.asking.needs.standing(by.school_id, [need_id])
    if need_id not in found:
        raise NotFoundError(kind="need", name=need_id)
    return found[need_id]


async def _open_of(view: View, by: Act, made: SeenNeed) -> tuple[SeenNeed, ...]:
    where: Mapping[str, Value | tuple[str, ...]] = {
        "learner_id": made.learner_id,
        "kind": made.kind.value,
        "state": (NeedState.WAITING.value, NeedState.STANDING.value),
        "expire_date": made.create_date,
    }
    return tuple(await view.asking.needs.matching(by.school_id, where, limit=MAX_STANDING_NEEDS))


def _is_same(one: SeenNeed, other: SeenNeed) -> bool:
    return (one.competency_id, one.actor) == (other.competency_id, other.actor)


def _today(desk: Desk, policy: SchoolPolicy) -> date:
    return desk.clock.now().astimezone(ZoneInfo(policy.time_zone)).date()
