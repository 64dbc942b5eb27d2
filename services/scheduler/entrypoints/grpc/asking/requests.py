"""The RPCs of RequestService for what adults ask for."""

from trellis.scheduler.v1 import request_service_pb2 as messages

from services.common.rpc.credentials import current_credential, require_district
from services.scheduler.adapters.wire import asking as wire
from services.scheduler.adapters.wire.changes import change_to
from services.scheduler.adapters.wire.names import LEARNER_REQUEST, ids_in
from services.scheduler.adapters.wire.page_tokens import (
    number_from,
    number_to,
    place_from,
    place_to,
)
from services.scheduler.domain.access import Action, require_allowed
from services.scheduler.domain.errors import NotAllowedError
from services.scheduler.entrypoints.grpc.asking.calls import (
    Calls,
    Context,
    competency_in,
    learner_in,
    of_week,
    offer_in,
    require_on,
    school_of,
)
from services.scheduler.entrypoints.scopes import PUBLISH, READ
from services.scheduler.handlers.asking import requests as handlers
from services.scheduler.handlers.asking.taking_back import TakeBack, take_back
from services.scheduler.ports.asking import Value


class RequestsRpcs(Calls):
    """The part of the servicer for what adults ask for."""

    async def CreateRequest(  # noqa: N802
        self, request: messages.CreateRequestRequest, context: Context
    ) -> messages.CreateRequestResponse:
        """Ask for a learner in a slot."""
        by, monday = await self._in_week("parent", request.parent, request)
        learner_id = learner_in(by, request.learner)
        require_on(by, Action.REQUEST_LEARNER, learner_id)
        found = await handlers.create_request(
            self._desk,
            by,
            handlers.CreateRequest(
                monday=monday,
                learner_id=learner_id,
                slot_id=request.slot_id,
                offer_id=offer_in(by, request.offer),
                competency_id=competency_in(by, request.competency),
            ),
        )
        school = school_of(by)
        return messages.CreateRequestResponse(
            request=wire.told_to(school, found.told, for_staff=True),
            changed=[wire.told_to(school, one, for_staff=True) for one in found.changed],
        )

    async def CancelRequest(  # noqa: N802
        self, request: messages.CancelRequestRequest, context: Context
    ) -> messages.CancelRequestResponse:
        """Take a request back."""
        by, ids = await self._on(LEARNER_REQUEST, request.name, request)
        monday, request_id = of_week(ids)
        if not by.actor.is_staff:
            raise NotAllowedError(action=Action.REQUEST_LEARNER.value)
        wanted = TakeBack(
            monday=monday,
            request_id=request_id,
            reason=request.reason,
            may_publish=current_credential().has_scope(PUBLISH),
        )
        found = await take_back(self._desk, by, wanted, changing=self._changing)
        school, settled = school_of(by), found.settled
        return messages.CancelRequestResponse(
            request=wire.told_to(school, settled.told, for_staff=True),
            changed=[wire.told_to(school, one, for_staff=True) for one in settled.changed],
            change=change_to(by, monday, found.changed) if found.changed else None,
        )

    async def ListRequests(  # noqa: N802
        self, request: messages.ListRequestsRequest, context: Context
    ) -> messages.ListRequestsResponse:
        """List the requests of a week: all for staff, a learner's own for them and family."""
        by, monday = await self._in_week("parent", request.parent)
        where: dict[str, Value] = {"slot_id": request.slot_id} if request.slot_id else {}
        if request.learner:
            where["learner_id"] = learner_in(by, request.learner)
        if by.actor.is_staff:
            require_allowed(by.actor, Action.READ_WEEK)
        else:
            require_on(by, Action.READ_OWN_WEEK, str(where.get("learner_id", "")))
        if request.cancel_wished and by.actor.is_staff:
            where["cancel_wished"] = True
        page = await handlers.list_requests(
            self._desk,
            by,
            monday,
            where=where,
            after=place_from(request.page_token),
            page_size=request.page_size,
        )
        return messages.ListRequestsResponse(
            requests=[
                wire.told_to(school_of(by), one, for_staff=by.actor.is_staff) for one in page.told
            ],
            next_page_token=place_to(page.next_after),
        )

    async def ListRequestOutcomes(  # noqa: N802
        self, request: messages.ListRequestOutcomesRequest, context: Context
    ) -> messages.ListRequestOutcomesResponse:
        """List what became of a request."""
        _, district = require_district(READ)
        school_id, _, request_id = ids_in(LEARNER_REQUEST, "parent", district, request.parent)
        by = await self._by(school_id)
        require_allowed(by.actor, Action.READ_WEEK)
        page = await handlers.list_outcomes(
            self._desk,
            by,
            request_id,
            before=number_from(request.page_token),
            page_size=request.page_size,
        )
        return messages.ListRequestOutcomesResponse(
            outcomes=[wire.outcome_to(one) for one in page.outcomes],
            next_page_token=number_to(page.next_before),
        )
