"""The RPCs of RequestService for needs that people see."""

from trellis.scheduler.v1 import request_service_pb2 as messages

from services.scheduler.adapters.wire import asking as wire
from services.scheduler.adapters.wire.names import NOMINATION, REPORTED_NEED
from services.scheduler.adapters.wire.page_tokens import place_from, place_to
from services.scheduler.domain.access import Action
from services.scheduler.domain.asking.needs import NeedKind
from services.scheduler.entrypoints.grpc.asking.calls import (
    Calls,
    Context,
    competency_in,
    learner_in,
    learners_of,
    require_on,
    school_of,
)
from services.scheduler.handlers.asking import needs as handlers
from services.scheduler.handlers.day.acting import Act


class NeedsRpcs(Calls):
    """The part of the servicer for nominations and reported needs."""

    async def CreateNomination(  # noqa: N802
        self, request: messages.CreateNominationRequest, context: Context
    ) -> messages.CreateNominationResponse:
        """Say that a learner needs help."""
        by = await self._in_school("parent", request.parent, request)
        learner_id = learner_in(by, request.learner)
        require_on(by, Action.NOMINATE, learner_id)
        seen = handlers.SeeNeed(
            kind=NeedKind.NOMINATION,
            learner_id=learner_id,
            competency_id=competency_in(by, request.competency),
            reason=request.reason,
        )
        need = await handlers.see_need(self._desk, by, seen)
        return messages.CreateNominationResponse(
            nomination=wire.need_to(school_of(by), need, for_staff=True)
        )

    async def WithdrawNomination(  # noqa: N802
        self, request: messages.WithdrawNominationRequest, context: Context
    ) -> messages.WithdrawNominationResponse:
        """Take a nomination back."""
        by, (need_id,) = await self._on(NOMINATION, request.name, request)
        need = await handlers.get_need(self._desk, by, need_id, NeedKind.NOMINATION)
        require_on(by, Action.NOMINATE, need.learner_id)
        kept = await handlers.withdraw_need(self._desk, by, need)
        return messages.WithdrawNominationResponse(
            nomination=wire.need_to(school_of(by), kept, for_staff=True)
        )

    async def ListNominations(  # noqa: N802
        self, request: messages.ListNominationsRequest, context: Context
    ) -> messages.ListNominationsResponse:
        """List nominations that stand."""
        by = await self._in_school("parent", request.parent)
        page = await self._page(by, NeedKind.NOMINATION, request)
        return messages.ListNominationsResponse(
            nominations=[
                wire.need_to(school_of(by), one, for_staff=by.actor.is_staff) for one in page.needs
            ],
            next_page_token=place_to(page.next_after),
        )

    async def ReportNeed(  # noqa: N802
        self, request: messages.ReportNeedRequest, context: Context
    ) -> messages.ReportNeedResponse:
        """Say for a learner what they feel they need to grow in."""
        by = await self._in_school("parent", request.parent, request)
        learner_id = learner_in(by, request.learner)
        require_on(by, Action.RANK, learner_id)
        seen = handlers.SeeNeed(
            kind=NeedKind.REPORTED,
            learner_id=learner_id,
            competency_id=competency_in(by, request.competency),
            reason=request.words,
        )
        need = await handlers.see_need(self._desk, by, seen)
        return messages.ReportNeedResponse(
            reported_need=wire.need_to(school_of(by), need, for_staff=by.actor.is_staff)
        )

    async def AnswerReportedNeed(  # noqa: N802
        self, request: messages.AnswerReportedNeedRequest, context: Context
    ) -> messages.AnswerReportedNeedResponse:
        """Confirm what a learner reported, or answer it."""
        by, (need_id,) = await self._on(REPORTED_NEED, request.name, request)
        need = await handlers.get_need(self._desk, by, need_id, NeedKind.REPORTED)
        require_on(by, Action.NOMINATE, need.learner_id)
        kept = await handlers.answer_need(
            self._desk, by, need, confirm=request.confirm, sentence=request.sentence
        )
        return messages.AnswerReportedNeedResponse(
            reported_need=wire.need_to(school_of(by), kept, for_staff=True)
        )

    async def ListReportedNeeds(  # noqa: N802
        self, request: messages.ListReportedNeedsRequest, context: Context
    ) -> messages.ListReportedNeedsResponse:
        """List reported needs that wait or stand."""
        by = await self._in_school("parent", request.parent)
        page = await self._page(by, NeedKind.REPORTED, request)
        return messages.ListReportedNeedsResponse(
            reported_needs=[
                wire.need_to(school_of(by), one, for_staff=by.actor.is_staff) for one in page.needs
            ],
            next_page_token=place_to(page.next_after),
        )

    async def _page(
        self,
        by: Act,
        kind: NeedKind,
        request: messages.ListNominationsRequest | messages.ListReportedNeedsRequest,
    ) -> handlers.NeedPage:
        action = Action.NOMINATE if by.actor.is_staff else Action.READ_OWN_WEEK
        return await handlers.list_needs(
            self._desk,
            by,
            kind,
            learner_ids=learners_of(by, action, request.learner),
            after=place_from(request.page_token),
            page_size=request.page_size,
        )
