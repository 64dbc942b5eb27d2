"""The step that publishes: the week that a person signed, else what the school falls back to.

No week is published without a named person. The fall-back is one who signed in advance; what they
signed is last week's sessions and seats, never a week of the machine's own making.
"""

from dataclasses import replace

from services.scheduler.domain.access import Action
from services.scheduler.domain.audit import CLOCK, AuditEntry
from services.scheduler.domain.cycle.marks import FallBack, MarkState, StepMark, sign_off_limit
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.over_caps import in_words
from services.scheduler.domain.revision import (
    Draft,
    Revision,
    SignOff,
    WeekHead,
    next_revision,
    view_of,
)
from services.scheduler.domain.runs import PlanRun
from services.scheduler.domain.subjects import week_subject
from services.scheduler.handlers.cycle.last_week import last_published
from services.scheduler.handlers.cycle.moment import (
    Checked,
    CheckWanted,
    Found,
    Moment,
    Todo,
    queue_run,
)
from services.scheduler.handlers.publishing import put_in_force
from services.scheduler.ports.store import View

UNSIGNED = "Nobody signed the week off in time."


async def publish(view: View, at: Moment, todo: Todo, head: WeekHead) -> Found:
    """Publish a week, or fall back; None: a run or a sign-off is waited for."""
    if head.newest is not None:
        number = head.newest.number
        return at.mark(
            todo, f"The week was published before, as revision {number}.", revision=number
        )
    final = await _run_of(view, at, todo, Step.FINAL_RUN)
    begun = at.now >= todo.times.due[Step.LOCK]
    if final is not None and not final.state.has_ended and not begun:
        return None
    if _is_signed(head.draft) and _is_final(head.draft, final, todo):
        return await _publish_signed(view, at, todo, head)
    if todo.marks.get(Step.PUBLISH) is not None:
        return await _end_fall_back(view, at, todo, head)
    if at.now < sign_off_limit(todo.times, final.end_time if final else None):
        return None
    return await _fall_back(view, at, todo, UNSIGNED)


def _is_signed(draft: Draft | None) -> bool:
    return draft is not None and draft.sign_off is not None


def _is_final(draft: Draft | None, final: PlanRun | None, todo: Todo) -> bool:
    """Whether a draft is the final run's, or was signed when it was known that there is none.

    A draft of before the final run lacks what was decided in the review.
    """
    if final is None:
        return True
    assert draft is not None
    assert draft.sign_off is not None
    reviewed = todo.marks.get(Step.END_REVIEW)
    if reviewed is None or draft.run_id != reviewed.run_id:
        return True
    return final.end_time is not None and draft.sign_off.time >= final.end_time


async def _publish_signed(view: View, at: Moment, todo: Todo, head: WeekHead) -> Found:
    draft = head.draft
    assert draft is not None
    assert draft.sign_off is not None
    checked = at.checked.get(draft.week_hash)
    if checked is None:
        return CheckWanted(view=view_of(head, draft))
    if checked.digest is None:
        breaches = checked.breaches
        told = f"The signed week breaks hard rules ({len(breaches)}): {breaches[0]}"
        if todo.marks.get(Step.PUBLISH) is not None:
            return await _end_fall_back(view, at, todo, head)
        return await _fall_back(view, at, todo, told)
    mark = await _revise(view, at, todo, (head, draft), checked)
    return replace(mark, outcome=f"{mark.outcome} Adult {draft.sign_off.adult_id} signed it off.")


async def _revise(
    view: View, at: Moment, todo: Todo, which: tuple[WeekHead, Draft], checked: Checked
) -> StepMark:
    head, draft = which
    assert draft.sign_off is not None
    revision = next_revision(head, draft, draft.sign_off, at.now)
    await put_in_force(view, at.cycle.school_id, todo.monday, revision, checked.digest)
    number = revision.number
    await view.audit.append(_published(at, todo, revision, checked))
    told = f"The week is published as revision {number}."
    return at.mark(todo, told, revision=number)


def _published(at: Moment, todo: Todo, revision: Revision, checked: Checked) -> AuditEntry:
    """Return what the audit says of a week that the clock publishes, and for whom it does."""
    who = revision.sign_off.adult_id
    return AuditEntry(
        school_id=at.cycle.school_id,
        time=at.now,
        actor=CLOCK,
        action=Action.PUBLISH.value,
        subject=week_subject(at.district, at.cycle.school_id, todo.monday),
        detail=f"published revision {revision.number}, which adult {who} has signed off"
        f"{in_words(checked.over_caps)}",
        monday=todo.monday,
    )


async def _fall_back(view: View, at: Moment, todo: Todo, told: str) -> StepMark:
    """Begin to fall back: nothing is published, or last week is placed anew."""
    cycle = at.cycle
    if cycle.fall_back is FallBack.NOTHING:
        return at.mark(todo, f"{told} No week is published: that is the school's fall-back.")
    if await last_published(view, cycle.school_id, todo.monday) is None:
        why = "there is no published week of the last weeks to fall back to"
        return at.mark(todo, f"{told} No week is published: {why}.")
    run = await queue_run(view, at, todo)
    who = f"as adult {cycle.fall_back_adult_id} decided in advance"
    told = f"{told} The last published week is to stand, {who}."
    return at.mark(todo, told, state=MarkState.WAITING, run_id=run.run_id)


async def _end_fall_back(view: View, at: Moment, todo: Todo, head: WeekHead) -> Found:
    """Publish last week's seats once they are placed; None: they are not yet."""
    run = await _run_of(view, at, todo, Step.PUBLISH)
    assert run is not None
    if not run.state.has_ended:
        return None
    told = todo.marks[Step.PUBLISH].outcome
    if run.report is None:
        why = run.failure or "its plan run was cancelled"
        return at.mark(todo, f"{told} No week is published: {why}")
    draft = _signed_in_advance(at, run)
    if draft is None:
        why = "nobody stands for the fall-back any more"
        return at.mark(todo, f"{told} No week is published: {why}.")
    checked = at.checked.get(draft.week_hash)
    if checked is None:
        return CheckWanted(view=view_of(head, draft))
    if checked.digest is None:
        breaches = checked.breaches
        why = f"it breaks hard rules ({len(breaches)}): {breaches[0]}"
        return at.mark(todo, f"{told} No week is published: {why}")
    mark = await _revise(view, at, todo, (head, draft), checked)
    return replace(mark, outcome=f"{told} {mark.outcome}")


def _signed_in_advance(at: Moment, run: PlanRun) -> Draft | None:
    """Return last week's seats as the fall-back's signer stands for them; None: nobody does."""
    cycle = at.cycle
    assert run.report is not None
    if cycle.fall_back is FallBack.NOTHING or cycle.fall_back_time is None:
        return None
    signed = SignOff(
        adult_id=cycle.fall_back_adult_id, time=cycle.fall_back_time, week_hash=run.week_hash
    )
    return Draft(run_id=run.run_id, week_hash=run.week_hash, report=run.report, sign_off=signed)


async def _run_of(view: View, at: Moment, todo: Todo, step: Step) -> PlanRun | None:
    """Return the run that a step queued, or None."""
    mark = todo.marks.get(step)
    if mark is None or not mark.run_id:
        return None
    return await view.runs.get(at.cycle.school_id, mark.run_id)
