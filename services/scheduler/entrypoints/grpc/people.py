"""PeopleService on gRPC: what adults are in a school, and what is set for its learners."""

from typing import Any, TypeAlias

import grpc.aio
from trellis.scheduler.v1 import people_service_pb2 as messages
from trellis.scheduler.v1 import people_service_pb2_grpc

from services.common.clock import Clock
from services.scheduler.adapters.wire import people as wire
from services.scheduler.adapters.wire.names import ADULT, LEARNER, LEARNER_SETTING, STAFF_MEMBER
from services.scheduler.adapters.wire.school import refused_to
from services.scheduler.domain.access import Action, Resource
from services.scheduler.domain.learner_settings import LearnerSetting
from services.scheduler.domain.staff import roles_in_words
from services.scheduler.entrypoints.grpc.kept_settings import (
    KeptSettings,
    Right,
    Served,
    of_school,
)
from services.scheduler.handlers.settings import LEARNER_SETTINGS, STAFF_MEMBERS
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


def _right_to_change(one: LearnerSetting) -> Right:
    return Action.CHANGE_LEARNER, Resource(learner_id=one.id)


def _right_to_read(one: LearnerSetting) -> Right:
    return Action.READ_LEARNER, Resource(learner_id=one.id)


STAFF_SERVED = Served(
    kind=STAFF_MEMBERS,
    name=STAFF_MEMBER,
    right=of_school(Action.CHANGE_STAFF),
    about=lambda district, one: ADULT.format(district, one.id),
    words=roles_in_words,
)
LEARNERS_SERVED = Served(
    kind=LEARNER_SETTINGS,
    name=LEARNER_SETTING,
    right=_right_to_change,
    reading=_right_to_read,
    about=lambda district, one: LEARNER.format(district, one.id),
)


class PeopleServicer(people_service_pb2_grpc.PeopleServiceServicer):
    """The RPCs of PeopleService."""

    def __init__(self, *, store: Store, clock: Clock, actors: ActorBook) -> None:
        self._kept = KeptSettings(store=store, clock=clock, actors=actors)

    async def BatchUpsertStaffMembers(  # noqa: N802
        self, request: messages.BatchUpsertStaffMembersRequest, context: Context
    ) -> messages.BatchUpsertStaffMembersResponse:
        """Create or replace what adults are."""
        district, done = await self._kept.upsert(
            request, STAFF_SERVED, "staff_members", wire.staff_member_from
        )
        return messages.BatchUpsertStaffMembersResponse(
            staff_members=[wire.staff_member_to(district, one) for one in done.kept],
            refused=refused_to(done.refused),
        )

    async def ListStaffMembers(  # noqa: N802
        self, request: messages.ListStaffMembersRequest, context: Context
    ) -> messages.ListStaffMembersResponse:
        """List a school's entries of adults."""
        district, page, token = await self._kept.page(request, STAFF_SERVED)
        return messages.ListStaffMembersResponse(
            staff_members=[wire.staff_member_to(district, one) for one in page],
            next_page_token=token,
        )

    async def DeleteStaffMember(  # noqa: N802
        self, request: messages.DeleteStaffMemberRequest, context: Context
    ) -> messages.DeleteStaffMemberResponse:
        """Remove the entry of an adult."""
        await self._kept.delete(request, STAFF_SERVED)
        return messages.DeleteStaffMemberResponse()

    async def BatchUpsertLearnerSettings(  # noqa: N802
        self, request: messages.BatchUpsertLearnerSettingsRequest, context: Context
    ) -> messages.BatchUpsertLearnerSettingsResponse:
        """Create or replace settings of learners."""
        district, done = await self._kept.upsert(
            request, LEARNERS_SERVED, "learner_settings", wire.learner_setting_from
        )
        return messages.BatchUpsertLearnerSettingsResponse(
            learner_settings=[wire.learner_setting_to(district, one) for one in done.kept],
            refused=refused_to(done.refused),
        )

    async def ListLearnerSettings(  # noqa: N802
        self, request: messages.ListLearnerSettingsRequest, context: Context
    ) -> messages.ListLearnerSettingsResponse:
        """List the settings of learners whom the caller may read."""
        district, page, token = await self._kept.page(request, LEARNERS_SERVED)
        return messages.ListLearnerSettingsResponse(
            learner_settings=[wire.learner_setting_to(district, one) for one in page],
            next_page_token=token,
        )

    async def DeleteLearnerSetting(  # noqa: N802
        self, request: messages.DeleteLearnerSettingRequest, context: Context
    ) -> messages.DeleteLearnerSettingResponse:
        """Remove the settings of a learner."""
        await self._kept.delete(request, LEARNERS_SERVED)
        return messages.DeleteLearnerSettingResponse()
