"""The RPCs of SchedulerService for a school's policy, rooms, offers, absences and pins."""

from collections.abc import Callable, Collection
from typing import Any, TypeAlias, TypeVar

import grpc.aio
from google.protobuf.message import Message
from trellis.scheduler.v1 import scheduler_service_pb2 as messages

from services.common.clock import Clock
from services.common.ids import ResourceName
from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire import school
from services.scheduler.adapters.wire import settings as wire
from services.scheduler.adapters.wire.names import (
    ABSENCE,
    OFFER,
    PIN,
    POLICY,
    ROOM,
    SCHOOL,
    ids_in,
)
from services.scheduler.adapters.wire.page_tokens import from_token, to_token
from services.scheduler.adapters.wire.settings import Parent, request_key
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.domain.resources import Setting
from services.scheduler.entrypoints.grpc.rows import rows_in
from services.scheduler.entrypoints.scopes import READ, WRITE
from services.scheduler.handlers.rows import Rows, UpsertRows, upsert_rows
from services.scheduler.handlers.settings import (
    ABSENCES,
    OFFERS,
    PINS,
    ROOMS,
    Delete,
    Kind,
    Listing,
    Page,
    Upsert,
    delete,
    get_policy,
    list_settings,
    update_policy,
)
from services.scheduler.ports.store import Store

S = TypeVar("S", bound=Setting)
M = TypeVar("M", bound=Message)
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class SettingsRpcs:
    """The settings part of the servicer."""

    def __init__(self, *, store: Store, clock: Clock, time_zones: Collection[str]) -> None:
        self._store = store
        self._clock = clock
        self._time_zones = time_zones

    async def GetPolicy(  # noqa: N802
        self, request: messages.GetPolicyRequest, context: Context
    ) -> messages.GetPolicyResponse:
        """Return a school's policy."""
        _, district = require_district(READ)
        (school_id,) = ids_in(POLICY, "name", district, request.name)
        policy = await get_policy(district, school_id, store=self._store)
        return messages.GetPolicyResponse(policy=wire.policy_to(district, policy))

    async def UpdatePolicy(  # noqa: N802
        self, request: messages.UpdatePolicyRequest, context: Context
    ) -> messages.UpdatePolicyResponse:
        """Replace a school's policy."""
        _, district = require_district(WRITE)
        if not request.HasField("policy"):
            raise InvalidRequestError(field="policy", message="is missing")
        (school_id,) = ids_in(POLICY, "policy.name", district, request.policy.name)
        policy = await update_policy(
            Upsert(
                district=district,
                school_id=school_id,
                settings=(wire.policy_from((district, school_id), request.policy),),
                request=request_key("UpdatePolicy", request, request.request_id),
            ),
            store=self._store,
            clock=self._clock,
            time_zones=self._time_zones,
        )
        return messages.UpdatePolicyResponse(policy=wire.policy_to(district, policy))

    async def BatchUpsertRooms(  # noqa: N802
        self, request: messages.BatchUpsertRoomsRequest, context: Context
    ) -> messages.BatchUpsertRoomsResponse:
        """Create or replace rooms."""
        district, done = await self._upsert(request, ROOMS, "rooms", wire.room_from)
        return messages.BatchUpsertRoomsResponse(
            rooms=[wire.room_to(district, one) for one in done.kept],
            refused=school.refused_to(done.refused),
        )

    async def ListRooms(  # noqa: N802
        self, request: messages.ListRoomsRequest, context: Context
    ) -> messages.ListRoomsResponse:
        """List a school's rooms."""
        district, page = await self._page(request, ROOMS)
        return messages.ListRoomsResponse(
            rooms=[wire.room_to(district, one) for one in page.settings],
            next_page_token=_token(page.next_after),
        )

    async def DeleteRoom(  # noqa: N802
        self, request: messages.DeleteRoomRequest, context: Context
    ) -> messages.DeleteRoomResponse:
        """Remove a room."""
        await self._delete(request, ROOMS, ROOM)
        return messages.DeleteRoomResponse()

    async def BatchUpsertOffers(  # noqa: N802
        self, request: messages.BatchUpsertOffersRequest, context: Context
    ) -> messages.BatchUpsertOffersResponse:
        """Create or replace offers."""
        district, done = await self._upsert(request, OFFERS, "offers", wire.offer_from)
        return messages.BatchUpsertOffersResponse(
            offers=[wire.offer_to(district, one) for one in done.kept],
            refused=school.refused_to(done.refused),
        )

    async def ListOffers(  # noqa: N802
        self, request: messages.ListOffersRequest, context: Context
    ) -> messages.ListOffersResponse:
        """List a school's offers."""
        district, page = await self._page(request, OFFERS)
        return messages.ListOffersResponse(
            offers=[wire.offer_to(district, one) for one in page.settings],
            next_page_token=_token(page.next_after),
        )

    async def DeleteOffer(  # noqa: N802
        self, request: messages.DeleteOfferRequest, context: Context
    ) -> messages.DeleteOfferResponse:
        """Remove an offer."""
        await self._delete(request, OFFERS, OFFER)
        return messages.DeleteOfferResponse()

    async def BatchUpsertAbsences(  # noqa: N802
        self, request: messages.BatchUpsertAbsencesRequest, context: Context
    ) -> messages.BatchUpsertAbsencesResponse:
        """Create or replace absences."""
        district, done = await self._upsert(request, ABSENCES, "absences", wire.absence_from)
        return messages.BatchUpsertAbsencesResponse(
            absences=[wire.absence_to(district, one) for one in done.kept],
            refused=school.refused_to(done.refused),
        )

    async def ListAbsences(  # noqa: N802
        self, request: messages.ListAbsencesRequest, context: Context
    ) -> messages.ListAbsencesResponse:
        """List a school's absences."""
        district, page = await self._page(request, ABSENCES)
        return messages.ListAbsencesResponse(
            absences=[wire.absence_to(district, one) for one in page.settings],
            next_page_token=_token(page.next_after),
        )

    async def DeleteAbsence(  # noqa: N802
        self, request: messages.DeleteAbsenceRequest, context: Context
    ) -> messages.DeleteAbsenceResponse:
        """Remove an absence."""
        await self._delete(request, ABSENCES, ABSENCE)
        return messages.DeleteAbsenceResponse()

    async def BatchUpsertPins(  # noqa: N802
        self, request: messages.BatchUpsertPinsRequest, context: Context
    ) -> messages.BatchUpsertPinsResponse:
        """Create or replace pins."""
        district, done = await self._upsert(request, PINS, "pins", wire.pin_from)
        return messages.BatchUpsertPinsResponse(
            pins=[wire.pin_to(district, one) for one in done.kept],
            refused=school.refused_to(done.refused),
        )

    async def ListPins(  # noqa: N802
        self, request: messages.ListPinsRequest, context: Context
    ) -> messages.ListPinsResponse:
        """List a school's pins."""
        district, page = await self._page(request, PINS)
        return messages.ListPinsResponse(
            pins=[wire.pin_to(district, one) for one in page.settings],
            next_page_token=_token(page.next_after),
        )

    async def DeletePin(  # noqa: N802
        self, request: messages.DeletePinRequest, context: Context
    ) -> messages.DeletePinResponse:
        """Remove a pin."""
        await self._delete(request, PINS, PIN)
        return messages.DeletePinResponse()

    async def _upsert(
        self,
        request: Message,
        kind: Kind[S],
        field: str,
        from_message: Callable[[Parent, str, M], S],
    ) -> tuple[str, Rows[S]]:
        """Keep the batch in a field of the request; return the district and what became of it."""
        _, district = require_district(WRITE)
        (school_id,) = ids_in(SCHOOL, "parent", district, request.parent)  # type: ignore[attr-defined]
        command: UpsertRows[S] = rows_in(request, (district, school_id), field, from_message)
        return district, await upsert_rows(command, kind, store=self._store, clock=self._clock)

    async def _page(self, request: Message, kind: Kind[S]) -> tuple[str, Page[S]]:
        """Return the district and the page that a request asks for."""
        _, district = require_district(READ)
        (school_id,) = ids_in(SCHOOL, "parent", district, request.parent)  # type: ignore[attr-defined]
        token: str = request.page_token  # type: ignore[attr-defined]
        query = Listing(
            district=district,
            school_id=school_id,
            after=from_token(token, 1)[0] if token else "",
            page_size=request.page_size,  # type: ignore[attr-defined]
        )
        return district, await list_settings(query, kind, store=self._store)

    async def _delete(self, request: Message, kind: Kind[S], pattern: ResourceName) -> None:
        """Remove the setting that a request names."""
        _, district = require_district(WRITE)
        name: str = request.name  # type: ignore[attr-defined]
        school_id, setting_id = ids_in(pattern, "name", district, name)
        command = Delete(
            district=district,
            school_id=school_id,
            setting_id=setting_id,
            request=request_key(
                type(request).__name__,
                request,
                request.request_id,  # type: ignore[attr-defined]
            ),
        )
        await delete(command, kind, store=self._store, clock=self._clock)


def _token(next_after: str) -> str:
    return to_token(next_after) if next_after else ""
