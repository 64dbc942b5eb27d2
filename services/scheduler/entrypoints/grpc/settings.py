"""The RPCs of SchedulerService for a school's policy, rooms, offers, absences and pins."""

from collections.abc import Collection
from typing import Any, TypeAlias

import grpc.aio
from trellis.scheduler.v1 import scheduler_service_pb2 as messages

from services.common.clock import Clock
from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire import school
from services.scheduler.adapters.wire import settings as wire
from services.scheduler.adapters.wire.names import (
    ABSENCE,
    ADULT,
    LEARNER,
    OFFER,
    PIN,
    POLICY,
    ROOM,
    ids_in,
)
from services.scheduler.adapters.wire.settings import request_key
from services.scheduler.domain.access import Action, Actor, Resource
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.school import SchoolAbsence, SchoolPin
from services.scheduler.domain.school.pins import pin_in_words
from services.scheduler.entrypoints.actors import acting
from services.scheduler.entrypoints.grpc.kept_settings import (
    KeptSettings,
    Right,
    Served,
    of_school,
)
from services.scheduler.entrypoints.scopes import READ, WRITE
from services.scheduler.handlers.settings import (
    ABSENCES,
    OFFERS,
    PINS,
    ROOMS,
    Audited,
    Upsert,
    get_policy,
    update_policy,
)
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


def _right_to_absence(one: SchoolAbsence) -> Right:
    return Action.REPORT_ABSENCE, Resource(adult_id=one.adult_id)


def _right_to_pin(one: SchoolPin) -> Right:
    """Return who may set a pin: a service's is of those who deliver services (H5)."""
    action = Action.SET_SERVICE_PIN if one.service else Action.CHANGE_SCHOOL
    return action, Resource(learner_id=one.learner_id)


def _right_to_read_pin(one: SchoolPin) -> Right:
    return Action.READ_LEARNER, Resource(learner_id=one.learner_id)


ROOMS_SERVED = Served(kind=ROOMS, name=ROOM, right=of_school(Action.CHANGE_SCHOOL))
OFFERS_SERVED = Served(kind=OFFERS, name=OFFER, right=of_school(Action.CHANGE_SCHOOL))
ABSENCES_SERVED = Served(
    kind=ABSENCES,
    name=ABSENCE,
    right=_right_to_absence,
    about=lambda district, one: ADULT.format(district, one.adult_id),
    day=lambda one: one.date,
)
PINS_SERVED = Served(
    kind=PINS,
    name=PIN,
    right=_right_to_pin,
    reading=_right_to_read_pin,
    about=lambda district, one: LEARNER.format(district, one.learner_id),
    day=lambda one: one.date,
    words=pin_in_words,
    reason=lambda one: one.reason,
)


class SettingsRpcs:
    """The settings part of the servicer."""

    def __init__(
        self, *, store: Store, clock: Clock, time_zones: Collection[str], actors: ActorBook
    ) -> None:
        self._store = store
        self._clock = clock
        self._time_zones = time_zones
        self._actors = actors
        self._kept = KeptSettings(store=store, clock=clock, actors=actors)

    async def GetPolicy(  # noqa: N802
        self, request: messages.GetPolicyRequest, context: Context
    ) -> messages.GetPolicyResponse:
        """Return a school's policy."""
        _, district = require_district(READ)
        (school_id,) = ids_in(POLICY, "name", district, request.name)
        await acting("GetPolicy", school_id, self._actors)
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
        actor = await acting("UpdatePolicy", school_id, self._actors)
        policy = await update_policy(
            Upsert(
                district=district,
                school_id=school_id,
                settings=(wire.policy_from((district, school_id), request.policy),),
                request=request_key("UpdatePolicy", request, request.request_id),
                act=_act_on_policy(actor, district, school_id),
            ),
            expected_version=(
                request.expected_version if request.HasField("expected_version") else None
            ),
            validate_only=request.validate_only,
            store=self._store,
            clock=self._clock,
            time_zones=self._time_zones,
        )
        return messages.UpdatePolicyResponse(policy=wire.policy_to(district, policy))

    async def BatchUpsertRooms(  # noqa: N802
        self, request: messages.BatchUpsertRoomsRequest, context: Context
    ) -> messages.BatchUpsertRoomsResponse:
        """Create or replace rooms."""
        district, done = await self._kept.upsert(request, ROOMS_SERVED, "rooms", wire.room_from)
        return messages.BatchUpsertRoomsResponse(
            rooms=[wire.room_to(district, one) for one in done.kept],
            refused=school.refused_to(done.refused),
        )

    async def ListRooms(  # noqa: N802
        self, request: messages.ListRoomsRequest, context: Context
    ) -> messages.ListRoomsResponse:
        """List a school's rooms."""
        district, page, token = await self._kept.page(request, ROOMS_SERVED)
        return messages.ListRoomsResponse(
            rooms=[wire.room_to(district, one) for one in page],
            next_page_token=token,
        )

    async def DeleteRoom(  # noqa: N802
        self, request: messages.DeleteRoomRequest, context: Context
    ) -> messages.DeleteRoomResponse:
        """Remove a room."""
        await self._kept.delete(request, ROOMS_SERVED)
        return messages.DeleteRoomResponse()

    async def BatchUpsertOffers(  # noqa: N802
        self, request: messages.BatchUpsertOffersRequest, context: Context
    ) -> messages.BatchUpsertOffersResponse:
        """Create or replace offers."""
        district, done = await self._kept.upsert(request, OFFERS_SERVED, "offers", wire.offer_from)
        return messages.BatchUpsertOffersResponse(
            offers=[wire.offer_to(district, one) for one in done.kept],
            refused=school.refused_to(done.refused),
        )

    async def ListOffers(  # noqa: N802
        self, request: messages.ListOffersRequest, context: Context
    ) -> messages.ListOffersResponse:
        """List a school's offers."""
        district, page, token = await self._kept.page(request, OFFERS_SERVED)
        return messages.ListOffersResponse(
            offers=[wire.offer_to(district, one) for one in page],
            next_page_token=token,
        )

    async def DeleteOffer(  # noqa: N802
        self, request: messages.DeleteOfferRequest, context: Context
    ) -> messages.DeleteOfferResponse:
        """Remove an offer."""
        await self._kept.delete(request, OFFERS_SERVED)
        return messages.DeleteOfferResponse()

    async def BatchUpsertAbsences(  # noqa: N802
        self, request: messages.BatchUpsertAbsencesRequest, context: Context
    ) -> messages.BatchUpsertAbsencesResponse:
        """Create or replace absences."""
        district, done = await self._kept.upsert(
            request, ABSENCES_SERVED, "absences", wire.absence_from
        )
        return messages.BatchUpsertAbsencesResponse(
            absences=[wire.absence_to(district, one) for one in done.kept],
            refused=school.refused_to(done.refused),
        )

    async def ListAbsences(  # noqa: N802
        self, request: messages.ListAbsencesRequest, context: Context
    ) -> messages.ListAbsencesResponse:
        """List a school's absences."""
        district, page, token = await self._kept.page(request, ABSENCES_SERVED)
        return messages.ListAbsencesResponse(
            absences=[wire.absence_to(district, one) for one in page],
            next_page_token=token,
        )

    async def DeleteAbsence(  # noqa: N802
        self, request: messages.DeleteAbsenceRequest, context: Context
    ) -> messages.DeleteAbsenceResponse:
        """Remove an absence."""
        await self._kept.delete(request, ABSENCES_SERVED)
        return messages.DeleteAbsenceResponse()

    async def BatchUpsertPins(  # noqa: N802
        self, request: messages.BatchUpsertPinsRequest, context: Context
    ) -> messages.BatchUpsertPinsResponse:
        """Create or replace pins."""
        district, done = await self._kept.upsert(request, PINS_SERVED, "pins", wire.pin_from)
        return messages.BatchUpsertPinsResponse(
            pins=[wire.pin_to(district, one) for one in done.kept],
            refused=school.refused_to(done.refused),
        )

    async def ListPins(  # noqa: N802
        self, request: messages.ListPinsRequest, context: Context
    ) -> messages.ListPinsResponse:
        """List a school's pins."""
        district, page, token = await self._kept.page(request, PINS_SERVED)
        return messages.ListPinsResponse(
            pins=[wire.pin_to(district, one) for one in page],
            next_page_token=token,
        )

    async def DeletePin(  # noqa: N802
        self, request: messages.DeletePinRequest, context: Context
    ) -> messages.DeletePinResponse:
        """Remove a pin."""
        await self._kept.delete(request, PINS_SERVED)
        return messages.DeletePinResponse()


def _act_on_policy(actor: Actor, district: str, school_id: str) -> Audited[SchoolPolicy]:
    return Audited(
        actor=actor.name,
        action=lambda _policy: Action.CHANGE_SCHOOL.value,
        subject=lambda _policy: POLICY.format(district, school_id),
    )
