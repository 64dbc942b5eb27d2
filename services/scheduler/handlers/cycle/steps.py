"""The effect of each step, in the transaction that marks it. Publishing is in `publish_step`."""

from collections.abc import Awaitable, Callable, Mapping

from services.scheduler.domain.asking.windows import closing, ended_by
from services.scheduler.domain.cycle.marks import MarkState, pointless
from services.scheduler.domain.cycle.review import Review, SeatMarkState, SessionMarkState
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.revision import WeekHead
from services.scheduler.handlers.asking.windows import OpenWindow, opened
from services.scheduler.handlers.cycle.moment import Found, Moment, Todo, UptimesWanted, queue_run
from services.scheduler.handlers.cycle.publish_step import publish
from services.scheduler.ports.store import View

_NOT_ONCE_PUBLISHED = (Step.DRAFT, Step.FINAL_RUN, Step.REMIND_SIGN_OFF)


async def do_step(view: View, at: Moment, todo: Todo) -> Found:
    """Do a step and return its mark, or what must be looked up before it can be done."""
    head = await view.weeks.head(at.cycle.school_id, todo.monday, lock=True)
    signed = head.draft is not None and head.draft.sign_off is not None
    told = pointless(todo.step, todo.times, at.now, signed=signed)
    if head.newest is not None and todo.step in _NOT_ONCE_PUBLISHED:
        told = f"The week is published already, as revision {head.newest.number}."
    if told:
        return at.mark(todo, told, state=MarkState.SKIPPED)
    return await _DO[todo.step](view, at, todo, head)


async def _open_ranking(view: View, at: Moment, todo: Todo, _head: WeekHead) -> Found:
    due = todo.times.due
    command = OpenWindow(
        district=at.district,
        school_id=at.cycle.school_id,
        monday=todo.monday,
        open_time=due[Step.OPEN_RANKING],
        close_time=due[Step.CLOSE_RANKING],
        # Beyond the hour of the draft nobody waits: last week's choices stand then.
        latest_close_time=due[Step.DRAFT],
        # What a clock that was down has cost learners is lost time like any outage.
        now=at.now,
    )
    await opened(view, command)
    return at.mark(todo, "Learners may rank.")


async def _close_ranking(view: View, at: Moment, todo: Todo, _head: WeekHead) -> Found:
    window = await view.asking.windows.of(at.cycle.school_id, todo.monday, lock=True)
    if window is None:
        return at.mark(todo, "Nobody could rank: the time for it never opened.")
    known = at.uptimes.get(todo.monday)
    if known is None:
        return UptimesWanted(monday=todo.monday, since=window.open_time)
    found = closing(ended_by(window, todo.times.due[Step.DRAFT]), known, at.now)
    if found.window != window:
        await view.asking.windows.keep(found.window)
    if not found.is_closed:
        return None
    told = "Ranking is closed; evidence of later work is not read."
    return at.mark(todo, f"{found.window.note} {told}".strip())


async def _draft(view: View, at: Moment, todo: Todo, _head: WeekHead) -> Found:
    run = await queue_run(view, at, todo)
    return at.mark(todo, f"The draft is planned by plan run {run.run_id}.", run_id=run.run_id)


async def _end_review(view: View, at: Moment, todo: Todo, head: WeekHead) -> Found:
    review = await view.review.of(at.cycle.school_id, todo.monday)
    run_id = head.draft.run_id if head.draft is not None else ""
    told = _told(review) if head.draft is not None else "There was no draft to review."
    return at.mark(todo, told, run_id=run_id)


async def _final_run(view: View, at: Moment, todo: Todo, _head: WeekHead) -> Found:
    run = await queue_run(view, at, todo)
    told = f"What nobody accepted is planned once more by plan run {run.run_id}."
    return at.mark(todo, told, run_id=run.run_id)


async def _remind(_view: View, at: Moment, todo: Todo, head: WeekHead) -> Found:
    if head.draft is not None and head.draft.sign_off is not None:
        return at.mark(todo, f"Adult {head.draft.sign_off.adult_id} has signed the week off.")
    return at.mark(todo, "Nobody has signed the week off yet: it is due now.")


async def _lock(view: View, at: Moment, todo: Todo, head: WeekHead) -> Found:
    if head.newest is None:
        return at.mark(todo, "No week is published: there is nothing to lock.")
    await view.weeks.lock(at.cycle.school_id, todo.monday, at.now)
    told = f"The week has begun, with revision {head.newest.number}: only listed changes are left."
    return at.mark(todo, told, revision=head.newest.number)


_DO: Mapping[Step, Callable[[View, Moment, Todo, WeekHead], Awaitable[Found]]] = {
    Step.OPEN_RANKING: _open_ranking,
    Step.CLOSE_RANKING: _close_ranking,
    Step.DRAFT: _draft,
    Step.END_REVIEW: _end_review,
    Step.FINAL_RUN: _final_run,
    Step.REMIND_SIGN_OFF: _remind,
    Step.PUBLISH: publish,
    Step.LOCK: _lock,
}


def _told(review: Review) -> str:
    accepted = sum(one.state is SeatMarkState.ACCEPTED for one in review.seats)
    moved = sum(one.state is SeatMarkState.MOVED for one in review.seats)
    declined = sum(one.state is SessionMarkState.DECLINED for one in review.sessions)
    added = sum(one.state is SessionMarkState.ADDED for one in review.sessions)
    return (
        f"The review is over. Seats accepted: {accepted}, moved: {moved}."
        f" Sessions declined: {declined}, added: {added}."
    )
