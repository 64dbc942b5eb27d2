"""What the use cases of asking work with, who acts, and what all of them do alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.common.clock import Clock
from services.common.ids import NAMESPACE_TRELLIS, derive_id, random_id
from services.scheduler.domain.access import Action
from services.scheduler.domain.asking.sentences import sentence_for_learner
from services.scheduler.domain.errors import NotFoundError
from services.scheduler.domain.resources import Kept
from services.scheduler.handlers.asking.weeks import Reading, SlotsOf, school_slots
from services.scheduler.handlers.cycle.times import school_times
from services.scheduler.handlers.day.acting import Act, entry
from services.scheduler.ports.asking import SchoolBook, ShortListBook
from services.scheduler.ports.cycle import TimesOf
from services.scheduler.ports.store import Store, View
from services.scheduler.ports.upstream import Known


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What the use cases work with."""

    store: Store
    book: SchoolBook
    lists: ShortListBook
    clock: Clock
    slots_of: SlotsOf = school_slots
    times: TimesOf = school_times

    def reading(self, known: Known) -> Reading:
        """Return what a week is read with, now."""
        return Reading(known=known, now=self.clock.now(), slots_of=self.slots_of)


@dataclass(frozen=True, kw_only=True)
class LearnerAct:
    """What somebody did about a learner, for the audit; `detail` holds ids alone.

    `monday`: of the week that it is for; None: for no single one.
    """

    action: Action
    learner_id: str
    detail: str
    reason: str = ""
    monday: date | None = None


async def for_learner(view: View, by: Act, field: str, text: str, *, required: bool) -> str:
    """Return a sentence as a learner may read it, by the school's words; see its domain."""
    policy = await view.policies.of(by.school_id)
    banned = policy.numbers.banned_words if policy is not None else ()
    return sentence_for_learner(field, text, banned, required=required)


async def first_id(view: View, by: Act) -> str | None:
    """Return the id that the first sending was answered with, or None."""
    first = await view.requests.first_answer(by.school_id, by.request)
    return first[0].id if first else None


def new_id(by: Act, word: str) -> str:
    """Return an id: derived from the request, so that a repeat elsewhere has the same."""
    if by.request is None:
        return random_id()
    parts = (word, by.district, by.school_id, by.request.request_id)
    return derive_id(NAMESPACE_TRELLIS, *parts).hex


async def same_again(view: View, by: Act, kept: Kept, desk: Desk) -> None:
    """Keep what stands already as the answer of this sending too: a repeat of it makes nothing."""
    await view.requests.keep_answer(by.school_id, by.request, [kept], desk.clock.now())


async def done(view: View, by: Act, acts: Sequence[LearnerAct], kept: Kept, desk: Desk) -> None:
    """Write what was done into the audit, and keep the answer for a repeat."""
    now = desk.clock.now()
    for act in acts:
        subject = by.learner(act.learner_id)
        told = entry(by, act.action, subject, act.detail, (act.monday, now))
        await view.audit.append(replace(told, reason=act.reason))
    await view.requests.keep_answer(by.school_id, by.request, [kept], now)


def require_learner(known: Known, learner_id: str) -> None:
    """Raise NotFoundError where the school has no such learner."""
    if all(one.learner_id != learner_id for one in known.members.learners):
        raise NotFoundError(kind="learner", name=learner_id)


def require_competency(known: Known, competency_id: str) -> None:
    """Raise NotFoundError where the district has no such competency."""
    if all(one.competency_id != competency_id for one in known.competencies):
        raise NotFoundError(kind="competency", name=competency_id)
