"""When a week's requests are settled though none came or went, and what a published week says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.scheduler.domain.asking.requests import AdultRequest
from services.scheduler.domain.requests.sentences import refused
from services.scheduler.domain.week import RequestOutcome, RequestState

SETTLE_WITHIN = timedelta(minutes=10)
"""What other services say, as the roster, is seen in the outcomes so long after at the latest."""
SETTLE_SOON = timedelta(seconds=15)
"""After a change of what the school keeps: an import of many batches is seen once, not each."""
WEEK = timedelta(weeks=1)

TOO_LATE = (
    "the week was published without it, so ask somebody who may change a published week to move"
    " the learner"
)


@dataclass(frozen=True, kw_only=True)
class RequestWeek:
    """A week that something is asked for in, and when its requests are settled again."""

    school_id: str
    monday: date
    due_time: datetime
    revision: int = 0
    """The published revision whose outcomes were kept; 0: none yet."""


def is_over(monday: date, today: date) -> bool:
    """Whether a week is past: nothing is settled in it any more."""
    return monday + WEEK <= today


def as_published(
    told: Iterable[RequestOutcome], requests: Sequence[AdultRequest]
) -> tuple[RequestOutcome, ...]:
    """Return what becomes of the requests of a published week; `told`: what the week says.

    The week does not know what came later, or was taken back since: the first is refused, for no
    later change seats it; the second stays cancelled, and is left out.
    """
    known = {one.request_id: one for one in told}
    standing = (one.id for one in requests if one.cancel_time is None)
    return tuple(known.get(one) or too_late(one) for one in standing)


def too_late(request_id: str) -> RequestOutcome:
    """Return what becomes of a request that a published week does not know."""
    return RequestOutcome(
        request_id=request_id, state=RequestState.REFUSED, winner_id="", sentence=refused(TOO_LATE)
    )
