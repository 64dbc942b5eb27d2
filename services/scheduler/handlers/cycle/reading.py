"""What people see of a week's cycle: its steps, what waits for them, and what changed."""

from dataclasses import dataclass
from datetime import date

from services.scheduler.domain.access import Actor
from services.scheduler.domain.cycle.groups import GroupChange, group_changes
from services.scheduler.domain.cycle.marks import Marks, SchoolCycle
from services.scheduler.domain.cycle.steps import CycleTimes, Step
from services.scheduler.domain.cycle.telling import run_failed, summary_of
from services.scheduler.domain.cycle.waiting import ReviewItem, waiting_for
from services.scheduler.domain.differences import Changes, changes_between
from services.scheduler.domain.errors import NotFoundError
from services.scheduler.domain.revision import Draft, WeekHead, WeekView, newest_view, view_of
from services.scheduler.domain.runs import PlanRun, RunState
from services.scheduler.handlers.cycle.last_week import last_published
from services.scheduler.handlers.weeks import Shown
from services.scheduler.ports.cycle import TimesOf
from services.scheduler.ports.store import Store, View


@dataclass(frozen=True, kw_only=True)
class WeekCycle:
    """A week's cycle as people see it."""

    school_id: str
    monday: date
    cycle: SchoolCycle
    times: CycleTimes
    marks: Marks
    is_review_open: bool
    summary: str


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of two weeks that are compared: a run's, or a revision; neither: as is usual."""

    run_id: str = ""
    revision: int = 0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two weeks and what differs between them."""

    before: Shown
    after: Shown
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class WeekKey:
    """Which week."""

    district: str
    school_id: str
    monday: date


async def get_cycle(key: WeekKey, *, store: Store, times: TimesOf) -> WeekCycle:
    """Return which steps of a week are done, due and next."""
    async with store.snapshot(key.district) as view:
        cycle = await view.cycle.of(key.school_id) or SchoolCycle(school_id=key.school_id)
        due = (await times(view, key.school_id))(key.monday)
        marks = await view.cycle.marks(key.school_id, key.monday)
        head = await view.weeks.head(key.school_id, key.monday)
        failed = await _failed_run(view, marks, head)
    stands = head.draft is not None and head.newest is None
    return WeekCycle(
        school_id=key.school_id,
        monday=key.monday,
        cycle=cycle,
        times=due,
        marks=marks,
        is_review_open=stands and Step.END_REVIEW not in marks,
        summary=" ".join([*map(run_failed, failed), summary_of(due, marks, running=cycle.running)]),
    )


async def _failed_run(view: View, marks: Marks, head: WeekHead) -> tuple[PlanRun, ...]:
    """Return the newest run of the cycle where it failed, and no later one has made a draft."""
    if head.newest is not None:
        return ()
    asked = (marks[step].run_id for step in (Step.FINAL_RUN, Step.DRAFT) if step in marks)
    run_id = next(filter(None, asked), "")
    run = await view.runs.get(head.school_id, run_id) if run_id else None
    if run is None or run.state is not RunState.FAILED:
        return ()
    drawn = await view.runs.get(head.school_id, head.draft.run_id) if head.draft else None
    return () if drawn is not None and drawn.create_time > run.create_time else (run,)


async def list_review_state(
    key: WeekKey, actor: Actor, *, store: Store
) -> tuple[WeekView, tuple[ReviewItem, ...]]:
    """Return the draft, and what in its review is about a person; raises NotFoundError."""
    async with store.snapshot(key.district) as view:
        head = await view.weeks.head(key.school_id, key.monday)
        if head.draft is None:
            raise NotFoundError(kind="draft of the week", name=_told(key))
        shown = view_of(head, head.draft)
        content = await view.weeks.content(shown)
        review = await view.review.of(key.school_id, key.monday)
    items = waiting_for(content, review, adult_id=actor.adult_id, learner_ids=actor.own_learner_ids)
    return shown, items


async def compare(key: WeekKey, before: Side, after: Side, *, store: Store) -> Comparison:
    """Return what differs between two weeks.

    Without a word on either: the draft that was reviewed, and what there is now. Raises
    NotFoundError where there is no such week.
    """
    async with store.snapshot(key.district) as view:
        head = await view.weeks.head(key.school_id, key.monday)
        first = await _side(view, key, head, before) or await _reviewed(view, key, head)
        then = await _side(view, key, head, after) or _now(key, head)
        one = Shown(view=first, content=await view.weeks.content(first))
        other = Shown(view=then, content=await view.weeks.content(then))
    return Comparison(
        before=one, after=other, changes=changes_between(one.content.week, other.content.week)
    )


async def list_teacher_changes(
    key: WeekKey, adult_id: str, *, store: Store
) -> tuple[date | None, tuple[GroupChange, ...]]:
    """Return since which Monday, and who is new in an adult's groups or has left them.

    It compares published weeks alone; raises NotFoundError where the week is not published.
    """
    async with store.snapshot(key.district) as view:
        head = await view.weeks.head(key.school_id, key.monday)
        if head.newest is None:
            raise NotFoundError(kind="published week", name=_told(key))
        this = await view.weeks.content(view_of(head, head.newest))
        last = await last_published(view, key.school_id, key.monday)
        before = await view.weeks.content(last) if last is not None else None
    changes = group_changes(before, this, adult_id)
    return (last.monday if last is not None else None), changes


async def _side(view: View, key: WeekKey, head: WeekHead, side: Side) -> WeekView | None:
    """Return the week that a side names; None: it names none."""
    if side.run_id:
        return view_of(head, await _draft_of_run(view, key, side.run_id))
    if not side.revision:
        return None
    revision = await view.weeks.revision(key.school_id, key.monday, side.revision)
    if revision is None:
        raise NotFoundError(kind=f"revision {side.revision} of the week", name=_told(key))
    return view_of(head, revision)


async def _draft_of_run(view: View, key: WeekKey, run_id: str) -> Draft:
    run = await view.runs.get(key.school_id, run_id)
    if run is None or run.report is None or run.monday != key.monday:
        raise NotFoundError(kind="plan run with a week", name=run_id)
    return Draft(run_id=run.run_id, week_hash=run.week_hash, report=run.report)


async def _reviewed(view: View, key: WeekKey, head: WeekHead) -> WeekView:
    """Return the draft as it stood when its review ended."""
    mark = (await view.cycle.marks(key.school_id, key.monday)).get(Step.END_REVIEW)
    if mark is None or not mark.run_id:
        raise NotFoundError(kind="reviewed draft of the week", name=_told(key))
    return view_of(head, await _draft_of_run(view, key, mark.run_id))


def _now(key: WeekKey, head: WeekHead) -> WeekView:
    found = view_of(head, head.draft) if head.draft is not None else newest_view(head)
    if found is None:
        raise NotFoundError(kind="week", name=_told(key))
    return found


def _told(key: WeekKey) -> str:
    return f"{key.school_id} {key.monday.isoformat()}"
