"""SchoolService on gRPC: keep rules, required services, essentials, agreed sessions, readiness.

Every RPC asks for the caller's role in the school, and every change is an entry of the audit.
"""

from dataclasses import replace
from typing import Any, TypeAlias

import grpc.aio
from trellis.scheduler.v1 import school_service_pb2 as messages
from trellis.scheduler.v1 import school_service_pb2_grpc

from services.common.clock import Clock
from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire import school as wire
from services.scheduler.adapters.wire.names import (
    ESSENTIAL,
    KEEP_RULE,
    LEARNER,
    LOCKED_SESSION,
    REQUIRED_SERVICE,
    SCHOOL,
    ids_in,
    parse_monday,
)
from services.scheduler.domain.access import Action, Actor, Resource
from services.scheduler.domain.school import KeepRule, SchoolRequiredService
from services.scheduler.domain.school.keep_rules import seen_by, stated_by
from services.scheduler.domain.school.required_services import service_in_words
from services.scheduler.entrypoints.actors import acting
from services.scheduler.entrypoints.grpc.kept_settings import (
    KeptSettings,
    Right,
    Served,
    of_school,
)
from services.scheduler.entrypoints.scopes import READ
from services.scheduler.handlers.readiness import SchoolCheck, check_school
from services.scheduler.handlers.settings import (
    ESSENTIALS,
    KEEP_RULES,
    LOCKED_SESSIONS,
    REQUIRED_SERVICES,
)
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store

MAX_ITEMS = 200
"""Of a check; what is beyond is counted."""

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


def _stated(actor: Actor, rule: KeepRule, place: str) -> KeepRule:
    return replace(rule, set_by=stated_by(actor, rule, place))


def _right_to_read(one: SchoolRequiredService) -> Right:
    return Action.READ_LEARNER, Resource(learner_id=one.learner_id)


KEEP_RULES_SERVED = Served(
    kind=KEEP_RULES,
    name=KEEP_RULE,
    right=of_school(Action.SET_KEEP_RULE),
    reason=lambda one: one.reason,
    private_to=lambda one: one.set_by,
    stated=_stated,
)
REQUIRED_SERVICES_SERVED = Served(
    kind=REQUIRED_SERVICES,
    name=REQUIRED_SERVICE,
    right=of_school(Action.SET_SERVICE_PIN),
    reading=_right_to_read,
    about=lambda district, one: LEARNER.format(district, one.learner_id),
    words=service_in_words,
)
ESSENTIALS_SERVED = Served(kind=ESSENTIALS, name=ESSENTIAL, right=of_school(Action.CHANGE_SCHOOL))
LOCKED_SESSIONS_SERVED = Served(
    kind=LOCKED_SESSIONS,
    name=LOCKED_SESSION,
    right=of_school(Action.CHANGE_SCHOOL),
    day=lambda one: one.date,
)


class SchoolServicer(school_service_pb2_grpc.SchoolServiceServicer):
    """The RPCs of SchoolService."""

    def __init__(
        self, *, store: Store, clock: Clock, actors: ActorBook, check: SchoolCheck
    ) -> None:
        self._store = store
        self._clock = clock
        self._actors = actors
        self._check = check
        self._kept = KeptSettings(store=store, clock=clock, actors=actors)

    async def BatchUpsertKeepRules(  # noqa: N802
        self, request: messages.BatchUpsertKeepRulesRequest, context: Context
    ) -> messages.BatchUpsertKeepRulesResponse:
        """Create or replace keep rules; who sends one stands for it."""
        actor, district, done = await self._kept.upsert_by(
            request, KEEP_RULES_SERVED, "keep_rules", wire.keep_rule_from
        )
        return messages.BatchUpsertKeepRulesResponse(
            keep_rules=[wire.keep_rule_to(district, seen_by(actor, one)) for one in done.kept],
            refused=wire.refused_to(done.refused),
        )

    async def ListKeepRules(  # noqa: N802
        self, request: messages.ListKeepRulesRequest, context: Context
    ) -> messages.ListKeepRulesResponse:
        """List keep rules, each as far as the caller may see it."""
        actor, district, page, token = await self._kept.page_for(request, KEEP_RULES_SERVED)
        return messages.ListKeepRulesResponse(
            keep_rules=[wire.keep_rule_to(district, seen_by(actor, one)) for one in page],
            next_page_token=token,
        )

    async def DeleteKeepRule(  # noqa: N802
        self, request: messages.DeleteKeepRuleRequest, context: Context
    ) -> messages.DeleteKeepRuleResponse:
        """Remove a keep rule."""
        await self._kept.delete(request, KEEP_RULES_SERVED)
        return messages.DeleteKeepRuleResponse()

    async def BatchUpsertRequiredServices(  # noqa: N802
        self, request: messages.BatchUpsertRequiredServicesRequest, context: Context
    ) -> messages.BatchUpsertRequiredServicesResponse:
        """Create or replace required services."""
        district, done = await self._kept.upsert(
            request, REQUIRED_SERVICES_SERVED, "required_services", wire.required_service_from
        )
        return messages.BatchUpsertRequiredServicesResponse(
            required_services=[wire.required_service_to(district, one) for one in done.kept],
            refused=wire.refused_to(done.refused),
        )

    async def ListRequiredServices(  # noqa: N802
        self, request: messages.ListRequiredServicesRequest, context: Context
    ) -> messages.ListRequiredServicesResponse:
        """List the required services of the learners whom the caller may read."""
        district, page, token = await self._kept.page(request, REQUIRED_SERVICES_SERVED)
        return messages.ListRequiredServicesResponse(
            required_services=[wire.required_service_to(district, one) for one in page],
            next_page_token=token,
        )

    async def DeleteRequiredService(  # noqa: N802
        self, request: messages.DeleteRequiredServiceRequest, context: Context
    ) -> messages.DeleteRequiredServiceResponse:
        """Remove a required service."""
        await self._kept.delete(request, REQUIRED_SERVICES_SERVED)
        return messages.DeleteRequiredServiceResponse()

    async def BatchUpsertEssentials(  # noqa: N802
        self, request: messages.BatchUpsertEssentialsRequest, context: Context
    ) -> messages.BatchUpsertEssentialsResponse:
        """Create or replace essential competencies."""
        district, done = await self._kept.upsert(
            request, ESSENTIALS_SERVED, "essentials", wire.essential_from
        )
        return messages.BatchUpsertEssentialsResponse(
            essentials=[wire.essential_to(district, one) for one in done.kept],
            refused=wire.refused_to(done.refused),
        )

    async def ListEssentials(  # noqa: N802
        self, request: messages.ListEssentialsRequest, context: Context
    ) -> messages.ListEssentialsResponse:
        """List essential competencies."""
        district, page, token = await self._kept.page(request, ESSENTIALS_SERVED)
        return messages.ListEssentialsResponse(
            essentials=[wire.essential_to(district, one) for one in page],
            next_page_token=token,
        )

    async def DeleteEssential(  # noqa: N802
        self, request: messages.DeleteEssentialRequest, context: Context
    ) -> messages.DeleteEssentialResponse:
        """Remove an essential competency."""
        await self._kept.delete(request, ESSENTIALS_SERVED)
        return messages.DeleteEssentialResponse()

    async def BatchUpsertLockedSessions(  # noqa: N802
        self, request: messages.BatchUpsertLockedSessionsRequest, context: Context
    ) -> messages.BatchUpsertLockedSessionsResponse:
        """Create or replace agreed sessions."""
        district, done = await self._kept.upsert(
            request, LOCKED_SESSIONS_SERVED, "locked_sessions", wire.locked_session_from
        )
        return messages.BatchUpsertLockedSessionsResponse(
            locked_sessions=[wire.locked_session_to(district, one) for one in done.kept],
            refused=wire.refused_to(done.refused),
        )

    async def ListLockedSessions(  # noqa: N802
        self, request: messages.ListLockedSessionsRequest, context: Context
    ) -> messages.ListLockedSessionsResponse:
        """List agreed sessions."""
        district, page, token = await self._kept.page(request, LOCKED_SESSIONS_SERVED)
        return messages.ListLockedSessionsResponse(
            locked_sessions=[wire.locked_session_to(district, one) for one in page],
            next_page_token=token,
        )

    async def DeleteLockedSession(  # noqa: N802
        self, request: messages.DeleteLockedSessionRequest, context: Context
    ) -> messages.DeleteLockedSessionResponse:
        """Remove an agreed session."""
        await self._kept.delete(request, LOCKED_SESSIONS_SERVED)
        return messages.DeleteLockedSessionResponse()

    async def CheckSchool(  # noqa: N802
        self, request: messages.CheckSchoolRequest, context: Context
    ) -> messages.CheckSchoolResponse:
        """Say what the school lacks before a week."""
        _, district = require_district(READ)
        (school_id,) = ids_in(SCHOOL, "name", district, request.name)
        await acting("CheckSchool", school_id, self._actors)
        asked = parse_monday("monday", request.monday) if request.monday else None
        monday, found = await check_school(
            district, school_id, asked, check=self._check, store=self._store, clock=self._clock
        )
        return messages.CheckSchoolResponse(
            monday=monday.isoformat(),
            items=[wire.finding_to(one) for one in found[:MAX_ITEMS]],
            left_out=max(len(found) - MAX_ITEMS, 0),
        )
