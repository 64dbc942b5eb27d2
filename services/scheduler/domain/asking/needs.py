"""Needs that people see: a teacher's nomination, and what a learner says of themselves (H10).

A nomination stands until it is withdrawn, until a published week has given the learner a seat for
it, or until it expires. What a learner reports counts once an adult has confirmed it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum

from services.scheduler.domain.history.past import PastWeek
from services.scheduler.domain.model import Decision, Need
from services.scheduler.domain.resources import Setting, check_text

MAX_REASON_LENGTH = 300
MAX_STANDING_NEEDS = 20
"""Of one learner at a time: who needs more than that needs a talk."""


class NeedKind(Enum):
    """Who saw the need; the values are those of the tables."""

    NOMINATION = "nomination"
    REPORTED = "reported"


class NeedState(Enum):
    """How far it has come; the values are those of the tables."""

    WAITING = "waiting"
    """A learner has said it, and no adult has answered."""
    STANDING = "standing"
    """A nomination, or a report that an adult has confirmed."""
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"
    """An adult answered that it is met, or otherwise seen to."""


@dataclass(frozen=True, kw_only=True)
class SeenNeed(Setting):
    """A need that a person sees. `reason`: what they say of it, for staff and who said it."""

    kind: NeedKind
    learner_id: str
    competency_id: str
    reason: str
    actor: str
    """Who said it, as a resource name."""
    create_time: datetime
    create_date: date
    """On the school's calendar."""
    expire_date: date
    """The first day without it."""
    state: NeedState
    answer_actor: str = ""
    answer_sentence: str = ""
    """For the learner to read."""
    answer_time: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it stands or waits for an answer."""
        return self.state in (NeedState.WAITING, NeedState.STANDING)

    @property
    def learner_sentence(self) -> str:
        """Return what the learner reads of it."""
        if self.kind is NeedKind.NOMINATION:
            return "Your teacher asked for time for you to work on this."
        return {
            NeedState.WAITING: "You asked to grow in this; an adult will answer.",
            NeedState.STANDING: "You asked to grow in this, and there will be time for it.",
            NeedState.WITHDRAWN: "You took this back.",
            NeedState.SETTLED: "An adult has answered.",
        }[self.state]


def new_need(  # noqa: PLR0913
    *,
    school_id: str,
    need_id: str,
    kind: NeedKind,
    learner_id: str,
    competency_id: str,
    reason: str,
    actor: str,
    now: datetime,
    today: date,
    weeks: int,
) -> SeenNeed:
    """Return a nomination, or a need that a learner reports; raises InvalidSettingError.

    `weeks`: how long it stands. A nomination needs a reason of words.
    """
    is_nomination = kind is NeedKind.NOMINATION
    words = check_text("reason", reason, most=MAX_REASON_LENGTH, required=is_nomination)
    return SeenNeed(
        school_id=school_id,
        id=need_id,
        version=1,
        kind=kind,
        learner_id=learner_id,
        competency_id=competency_id,
        reason=words,
        actor=actor,
        create_time=now,
        create_date=today,
        expire_date=today + timedelta(weeks=weeks),
        state=NeedState.STANDING if is_nomination else NeedState.WAITING,
    )


def answered(
    need: SeenNeed, state: NeedState, *, actor: str, sentence: str, now: datetime
) -> SeenNeed:
    """Return the need as an adult, or who said it, has answered it; the learner reads it."""
    return replace(
        need,
        version=need.version + 1,
        state=state,
        answer_actor=actor,
        answer_sentence=sentence,
        answer_time=now,
    )


def with_seen(
    needs: Sequence[Need], seen: Iterable[SeenNeed], monday: date, earlier: Sequence[PastWeek]
) -> tuple[Need, ...]:
    """Return the needs with what people see in them: nominated, confirmed, or new.

    `earlier`: the weeks of school before. A need that mastery does not know has no level.
    """
    seen = tuple(seen)
    used = _used(earlier, {one.learner_id for one in seen})
    found = {(one.learner_id, one.competency_id): one for one in needs}
    standing = (one for one in seen if one.state is NeedState.STANDING)
    for one in sorted(standing, key=lambda each: each.id):
        key = (one.learner_id, one.competency_id)
        expired = one.expire_date <= monday
        if expired or any(day > one.create_date for day in used.get(key, ())):
            continue
        known = found.get(key) or Need(
            learner_id=one.learner_id,
            competency_id=one.competency_id,
            decision=Decision.INSUFFICIENT,
            level_milli=None,
        )
        is_nomination = one.kind is NeedKind.NOMINATION
        found[key] = replace(
            known,
            nominated=known.nominated or is_nomination,
            confirmed=known.confirmed or not is_nomination,
        )
    return tuple(found.values())


def _used(
    earlier: Sequence[PastWeek], learner_ids: Collection[str]
) -> dict[tuple[str, str], list[date]]:
    """Return the days on which earlier weeks gave some learners help on a need, by need."""
    found: dict[tuple[str, str], list[date]] = {}
    for week in earlier:
        learners = week.digest.learners if week.digest is not None else ()
        for learner in learners:
            if learner.learner_id not in learner_ids:
                continue
            for seat in week.attended(learner):
                if seat.is_help:
                    key = (learner.learner_id, seat.session.competency_id)
                    found.setdefault(key, []).append(seat.session.date)
    return found
