"""The review of a cycle: reads the digests of published weeks and says how they went."""

import asyncio
from dataclasses import dataclass
from datetime import date

from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.domain.history.review import CycleReview, cycle_review
from services.scheduler.domain.history.weeks import MOST_WEEKS_READ, weeks_read
from services.scheduler.handlers.history import SCHOOL_RECORDS, Records, past_of
from services.scheduler.handlers.school import policy_of
from services.scheduler.ports.store import Store

DEFAULT_WEEKS = 6


@dataclass(frozen=True, kw_only=True)
class ReviewWeeks:
    """The question for a review: the last `weeks` weeks of school before a Monday."""

    district: str
    school_id: str
    before: date
    weeks: int = 0
    """0: six."""


async def review_weeks(
    question: ReviewWeeks, *, store: Store, records: Records = SCHOOL_RECORDS
) -> CycleReview:
    """Return the review; raises InvalidRequestError and PolicyMissingError.

    As many more weeks are read as it takes to tell how long needs and groups have lasted.
    """
    if not 0 <= question.weeks <= MOST_WEEKS_READ:
        raise InvalidRequestError(
            field="weeks", message=f"is {question.weeks}", hint=f"ask for 1 to {MOST_WEEKS_READ}"
        )
    weeks = question.weeks or DEFAULT_WEEKS
    async with store.snapshot(question.district) as view:
        policy = await policy_of(view, question.school_id)
        read = max(weeks, weeks_read(policy.numbers))
        past = await past_of(view, question.school_id, question.before, weeks=read, records=records)
    return await asyncio.to_thread(cycle_review, past, policy.numbers, weeks=weeks)
