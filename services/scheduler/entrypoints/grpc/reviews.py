"""ReviewService on gRPC: how the published weeks of a school went."""

from typing import Any, TypeAlias

import grpc.aio
from trellis.scheduler.v1 import review_service_pb2 as messages
from trellis.scheduler.v1 import review_service_pb2_grpc

from services.scheduler.adapters.wire.names import SCHOOL, ids_in, parse_monday
from services.scheduler.adapters.wire.page_tokens import from_token, to_token
from services.scheduler.adapters.wire.reviews import review_to, stuck_to
from services.scheduler.domain.access import Action, require_allowed
from services.scheduler.domain.history.review import CycleReview
from services.scheduler.domain.resources import MAX_SETTINGS_PAGE, page_limit
from services.scheduler.entrypoints.actors import calling
from services.scheduler.entrypoints.scopes import READ
from services.scheduler.handlers.history import SCHOOL_RECORDS, Records
from services.scheduler.handlers.reviewing import ReviewWeeks, review_weeks
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Request = messages.GetCycleReviewRequest | messages.ListStuckLearnersRequest


class ReviewServicer(review_service_pb2_grpc.ReviewServiceServicer):
    """The RPCs of ReviewService."""

    def __init__(
        self, *, store: Store, actors: ActorBook, records: Records = SCHOOL_RECORDS
    ) -> None:
        self._store = store
        self._actors = actors
        self._records = records

    async def GetCycleReview(  # noqa: N802
        self, request: messages.GetCycleReviewRequest, context: Context
    ) -> messages.GetCycleReviewResponse:
        """Return the figures of the weeks before a Monday."""
        _, review = await self._review(request, request.weeks)
        return messages.GetCycleReviewResponse(review=review_to(review))

    async def ListStuckLearners(  # noqa: N802
        self, request: messages.ListStuckLearnersRequest, context: Context
    ) -> messages.ListStuckLearnersResponse:
        """List who is helped and gains nothing, by learner and competency."""
        limit = page_limit(request.page_size, MAX_SETTINGS_PAGE)
        began = from_token(request.page_token, 2) if request.page_token else ("", "")
        district, review = await self._review(request)
        rest = [one for one in review.stuck if (one.learner_id, one.competency_id) > began]
        page = rest[:limit]
        token = ""
        if len(rest) > limit:
            token = to_token(page[-1].learner_id, page[-1].competency_id)
        return messages.ListStuckLearnersResponse(
            stuck_learners=[stuck_to(district, one) for one in page], next_page_token=token
        )

    async def _review(self, request: Request, weeks: int = 0) -> tuple[str, CycleReview]:
        """Return the district of the caller, who may read reviews, and the review."""
        # The name says the school, and the credential whether it is one of its district.
        claimed = SCHOOL.parse(request.parent)[1] if SCHOOL.matches(request.parent) else ""
        actor, district = await calling(READ, claimed, self._actors)
        (school_id,) = ids_in(SCHOOL, "parent", district, request.parent)
        require_allowed(actor, Action.READ_REVIEW)
        question = ReviewWeeks(
            district=district,
            school_id=school_id,
            before=parse_monday("before_monday", request.before_monday),
            weeks=weeks,
        )
        return district, await review_weeks(question, store=self._store, records=self._records)
