"""Learners' rankings: sent, read, confirmed and answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.scheduler.domain.access import Action, Resource, allow
from services.scheduler.domain.asking.rankings import (
    MAX_SENDINGS,
    Answer,
    AnswerState,
    RankedChoice,
    Ranking,
    Source,
    Standing,
    checked_choices,
)
from services.scheduler.domain.asking.short_list import ShortList, short_list
from services.scheduler.domain.asking.windows import require_open
from services.scheduler.domain.audit import AuditEntry
from services.scheduler.domain.errors import (
    BatchTooLargeError,
    InvalidRequestError,
    NotFoundError,
    RankingChangedError,
    RequestIdReusedError,
    TooManyAsksError,
)
from services.scheduler.domain.resources import (
    MAX_BATCH,
    MAX_SETTINGS_PAGE,
    Kept,
    page_limit,
)
from services.scheduler.handlers.asking.desk import Desk, LearnerAct, done, for_learner
from services.scheduler.handlers.asking.weeks import standings_of
from services.scheduler.handlers.day.acting import Act
from services.scheduler.ports.store import View


@dataclass(frozen=True, kw_only=True)
class Submit:
    """A learner's choices for a week, dearest first."""

    monday: date
    learner_id: str
    choices: tuple[RankedChoice, ...]


@dataclass(frozen=True, kw_only=True)
class ReadRanking:
    """A learner's choices as an adult has read them. `number`: that of the sending."""

    learner_id: str
    number: int


@dataclass(frozen=True, kw_only=True)
class RankingPage:
    """A page of what stands, by learner; `next_after` is empty on the last."""

    standings: tuple[Standing, ...]
    next_after: str


async def list_for(desk: Desk, by: Act, monday: date, learner_id: str) -> ShortList:
    """Return what a learner may choose from; raises NotFoundError."""
    lists = await desk.lists.lists(by.district, by.school_id, monday)
    found = short_list(lists, learner_id)
    if found is None:
        raise NotFoundError(kind="learner", name=learner_id)
    return found


async def submit(desk: Desk, by: Act, sent: Submit) -> Standing:
    """Keep a learner's choices; a repeat returns the first answer.

    Raises WindowClosedError, InvalidSettingError, TooManyAsksError, RequestIdReusedError.
    """
    receive_time = desk.clock.now()
    if by.request is None:
        raise InvalidRequestError(
            field="request_id", message="is empty", hint="send one of this sending's own"
        )
    chosen_from = await list_for(desk, by, sent.monday, sent.learner_id)
    key = (by.school_id, sent.monday)
    async with desk.store.ranking_change(by.district, *key, sent.learner_id) as view:
        window = await view.asking.windows.of(*key, share=True)
        first, newest = await view.asking.rankings.before(
            *key, sent.learner_id, by.request.request_id
        )
        if first is not None:
            if first.digest != by.request.digest:
                raise RequestIdReusedError(request_id=by.request.request_id)
            return Standing(learner_id=sent.learner_id, source=Source.SENT, ranking=first)
        require_open(window, receive_time)
        choices = checked_choices(sent.choices, chosen_from.lawful)
        version = newest.version + 1 if newest is not None else 1
        kept = await _add(view, by, replace(sent, choices=choices), version, receive_time)
    return Standing(learner_id=sent.learner_id, source=Source.SENT, ranking=kept)


async def get_ranking(desk: Desk, by: Act, monday: date, learner_id: str) -> Standing:
    """Return what stands for a learner."""
    async with desk.store.snapshot(by.district) as view:
        (found,) = await standings_of(view, by.school_id, monday, (learner_id,))
    return found


async def list_rankings(
    desk: Desk, by: Act, monday: date, *, after: str, page_size: int, open_only: bool
) -> RankingPage:
    """Return a page of what stands for the learners whose rankings the caller may confirm."""
    limit = page_limit(page_size, MAX_SETTINGS_PAGE)
    known = await desk.book.known(by.district, by.school_id)
    ids = [
        one.learner_id
        for one in known.members.learners
        if one.learner_id > after
        and allow(by.actor, Action.CONFIRM_RANKING, Resource(learner_id=one.learner_id))
    ]
    async with desk.store.snapshot(by.district) as view:
        found = await standings_of(view, by.school_id, monday, tuple(sorted(ids)))
    wanted = [one for one in found if not open_only or _is_open(one)]
    shown = tuple(wanted[:limit])
    return RankingPage(
        standings=shown, next_after=shown[-1].learner_id if len(wanted) > limit else ""
    )


async def confirm(
    desk: Desk, by: Act, monday: date, read: Sequence[ReadRanking]
) -> tuple[Standing, ...]:
    """Confirm the choices of learners, all or none, as they were read.

    Raises NotFoundError where a learner has none, RankingChangedError where others stand by now.
    """
    if len(read) > MAX_BATCH:
        raise BatchTooLargeError(count=len(read), limit=MAX_BATCH)
    if len({one.learner_id for one in read}) < len(read):
        raise InvalidRequestError(field="rankings", message="holds a ranking twice")
    return await _answer(desk, by, monday, tuple(read), AnswerState.CONFIRMED, "")


async def answer(desk: Desk, by: Act, monday: date, read: ReadRanking, sentence: str) -> Standing:
    """Answer a learner's choices, as they were read, with a sentence that the learner reads.

    Raises InvalidSettingError, NotFoundError, RankingChangedError.
    """
    (found,) = await _answer(desk, by, monday, (read,), AnswerState.ANSWERED, sentence)
    return found


async def _add(view: View, by: Act, sent: Submit, version: int, receive_time: datetime) -> Ranking:
    assert by.request is not None
    if version > MAX_SENDINGS:
        raise TooManyAsksError(what="rankings of this learner for the week", limit=MAX_SENDINGS)
    kept = await view.asking.rankings.add(
        Ranking(
            school_id=by.school_id,
            monday=sent.monday,
            learner_id=sent.learner_id,
            choices=sent.choices,
            actor=by.actor.name,
            request_id=by.request.request_id,
            digest=by.request.digest,
            receive_time=receive_time,
            version=version,
        )
    )
    await view.audit.append(
        AuditEntry(
            school_id=by.school_id,
            time=receive_time,
            actor=by.actor.name,
            action=Action.RANK.value,
            subject=by.learner(sent.learner_id),
            detail=f"{len(sent.choices)} choices for the week of {sent.monday}, sending {version}",
            monday=sent.monday,
        )
    )
    return kept


async def _answer(  # noqa: PLR0917
    desk: Desk,
    by: Act,
    monday: date,
    read: tuple[ReadRanking, ...],
    state: AnswerState,
    sentence: str,
) -> tuple[Standing, ...]:
    learner_ids = tuple(one.learner_id for one in read)
    async with desk.store.change(by.district, by.school_id) as view:
        if await view.requests.first_answer(by.school_id, by.request) is not None:
            return await standings_of(view, by.school_id, monday, learner_ids)
        standings = await standings_of(view, by.school_id, monday, learner_ids)
        _require_as_read(standings, read)
        is_answer = state is AnswerState.ANSWERED
        words = await for_learner(view, by, "sentence", sentence, required=is_answer)
        now = desk.clock.now()
        answers = [
            Answer(
                school_id=by.school_id,
                monday=monday,
                learner_id=one.learner_id,
                version=one.version,
                state=state,
                actor=by.actor.name,
                answer_time=now,
                sentence=words,
            )
            for one in standings
        ]
        await view.asking.rankings.answer(answers)
        acts = [
            LearnerAct(
                action=Action.CONFIRM_RANKING,
                learner_id=one.learner_id,
                detail=f"choices for the week of {monday} {state.value}",
                reason=words,
                monday=monday,
            )
            for one in answers
        ]
        await done(view, by, acts, Kept(id=monday.isoformat(), version=1), desk)
        return await standings_of(view, by.school_id, monday, learner_ids)


def _require_as_read(standings: Sequence[Standing], read: Sequence[ReadRanking]) -> None:
    """Raise where choices stand that the adult has not read: nobody answers for those."""
    changed = []
    for standing, one in zip(standings, read, strict=True):
        if standing.ranking is None:
            raise NotFoundError(kind="ranking of learner", name=standing.learner_id)
        if standing.ranking.number != one.number:
            changed.append(standing.learner_id)
    if changed:
        raise RankingChangedError(learner_ids=changed)


def _is_open(standing: Standing) -> bool:
    return standing.ranking is not None and standing.answer is None
