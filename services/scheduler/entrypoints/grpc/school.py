"""SchoolService on gRPC: keep rules, required services, essentials, agreed sessions, readiness.

Every RPC asks for the caller's role in the school, and every change is an entry of the audit.
"""

from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

import grpc.aio
from google.protobuf.message import Message
from trellis.scheduler.v1 import school_pb2, school_service_pb2_grpc
from trellis.scheduler.v1 import school_service_pb2 as messages

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
from services.scheduler.adapters.wire.page_tokens import place_from, place_to
from services.scheduler.adapters.wire.settings import Parent, request_key
from services.scheduler.domain.access import Action, Actor, Resource, allow, require_allowed
from services.scheduler.domain.resources import Setting
from services.scheduler.domain.school import KeepRule, SchoolRequiredService
from services.scheduler.domain.school.keep_rules import seen_by, stated_by
from services.scheduler.domain.school.required_services import service_in_words
from services.scheduler.entrypoints.actions import ACTIONS
from services.scheduler.entrypoints.actors import calling
from services.scheduler.entrypoints.grpc.kept_settings import Served, act_of, of_school
from services.scheduler.entrypoints.grpc.rows import rows_in
from services.scheduler.entrypoints.scopes import READ, WRITE
from services.scheduler.handlers.readiness import SchoolCheck, check_school
from services.scheduler.handlers.rows import Rows, UpsertRows, upsert_rows
from services.scheduler.handlers.settings import (
    ESSENTIALS,
    KEEP_RULES,
    LOCKED_SESSIONS,
    REQUIRED_SERVICES,
    Delete,
    Kind,
    Listing,
    Page,
    delete,
    list_settings,
)
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store

MAX_ITEMS = 200
"""Of a check; what is beyond is counted."""

S = TypeVar("S", bound=Setting)
M = TypeVar("M", bound=Message)
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


RULES_SERVED = Served(
    kind=KEEP_RULES,
    name=KEEP_RULE,
    right=of_school(Action.SET_KEEP_RULE),
    reason=lambda one: one.reason,
    private_to=lambda one: one.set_by,
)
SERVICES_SERVED = Served(
    kind=REQUIRED_SERVICES,
    name=REQUIRED_SERVICE,
    right=of_school(Action.SET_SERVICE_PIN),
    about=lambda district, one: LEARNER.format(district, one.learner_id),
    words=service_in_words,
)
ESSENTIALS_SERVED = Served(kind=ESSENTIALS, name=ESSENTIAL, right=of_school(Action.CHANGE_SCHOOL))
LOCKED_SERVED = Served(
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

    async def BatchUpsertKeepRules(  # noqa: N802
        self, request: messages.BatchUpsertKeepRulesRequest, context: Context
    ) -> messages.BatchUpsertKeepRulesResponse:
        """Create or replace keep rules; who sends one stands for it."""
        actor, parent = await self._changing(request.parent, Action.SET_KEEP_RULE)

        def read(parent: Parent, place: str, message: school_pb2.KeepRule) -> KeepRule:
            rule = wire.keep_rule_from(parent, place, message)
            return replace(rule, set_by=stated_by(actor, rule, place))

        command = rows_in(request, parent, "keep_rules", read, act_of(actor, RULES_SERVED, parent))
        done = await self._upsert(command, KEEP_RULES)
        return messages.BatchUpsertKeepRulesResponse(
            keep_rules=[wire.keep_rule_to(parent[0], seen_by(actor, one)) for one in done.kept],
            refused=wire.refused_to(done.refused),
        )

    async def ListKeepRules(  # noqa: N802
        self, request: messages.ListKeepRulesRequest, context: Context
    ) -> messages.ListKeepRulesResponse:
        """List keep rules, each as far as the caller may see it."""
        actor, parent = await self._reading(request.parent)
        require_allowed(actor, Action.READ_SCHOOL)
        page = await self._page(request, parent, KEEP_RULES)
        return messages.ListKeepRulesResponse(
            keep_rules=[wire.keep_rule_to(parent[0], seen_by(actor, one)) for one in page.settings],
            next_page_token=place_to(page.next_after),
        )

    async def DeleteKeepRule(  # noqa: N802
        self, request: messages.DeleteKeepRuleRequest, context: Context
    ) -> messages.DeleteKeepRuleResponse:
        """Remove a keep rule."""
        await self._delete(request, RULES_SERVED)
        return messages.DeleteKeepRuleResponse()

    async def BatchUpsertRequiredServices(  # noqa: N802
        self, request: messages.BatchUpsertRequiredServicesRequest, context: Context
    ) -> messages.BatchUpsertRequiredServicesResponse:
        """Create or replace required services."""
        actor, parent = await self._changing(request.parent, Action.SET_SERVICE_PIN)
        act = act_of(actor, SERVICES_SERVED, parent)
        command = rows_in(request, parent, "required_services", wire.required_service_from, act)
        done = await self._upsert(command, REQUIRED_SERVICES)
        return messages.BatchUpsertRequiredServicesResponse(
            required_services=[wire.required_service_to(parent[0], one) for one in done.kept],
            refused=wire.refused_to(done.refused),
        )

    async def ListRequiredServices(  # noqa: N802
        self, request: messages.ListRequiredServicesRequest, context: Context
    ) -> messages.ListRequiredServicesResponse:
        """List the required services of the learners whom the caller may read."""
        actor, parent = await self._reading(request.parent)
        require_allowed(actor, Action.READ_SCHOOL)

        def is_readable(one: SchoolRequiredService) -> bool:
            return allow(actor, Action.READ_LEARNER, Resource(learner_id=one.learner_id))

        page = await self._page(request, parent, REQUIRED_SERVICES)
        return messages.ListRequiredServicesResponse(
            required_services=[
                wire.required_service_to(parent[0], one)
                for one in page.settings
                if is_readable(one)
            ],
            next_page_token=place_to(page.next_after),
        )

    async def DeleteRequiredService(  # noqa: N802
        self, request: messages.DeleteRequiredServiceRequest, context: Context
    ) -> messages.DeleteRequiredServiceResponse:
        """Remove a required service."""
        await self._delete(request, SERVICES_SERVED)
        return messages.DeleteRequiredServiceResponse()

    async def BatchUpsertEssentials(  # noqa: N802
        self, request: messages.BatchUpsertEssentialsRequest, context: Context
    ) -> messages.BatchUpsertEssentialsResponse:
        """Create or replace essential competencies."""
        actor, parent = await self._changing(request.parent, Action.CHANGE_SCHOOL)
        act = act_of(actor, ESSENTIALS_SERVED, parent)
        command = rows_in(request, parent, "essentials", wire.essential_from, act)
        done = await self._upsert(command, ESSENTIALS)
        return messages.BatchUpsertEssentialsResponse(
            essentials=[wire.essential_to(parent[0], one) for one in done.kept],
            refused=wire.refused_to(done.refused),
        )

    async def ListEssentials(  # noqa: N802
        self, request: messages.ListEssentialsRequest, context: Context
    ) -> messages.ListEssentialsResponse:
        """List essential competencies."""
        actor, parent = await self._reading(request.parent)
        require_allowed(actor, Action.READ_SCHOOL)
        page = await self._page(request, parent, ESSENTIALS)
        return messages.ListEssentialsResponse(
            essentials=[wire.essential_to(parent[0], one) for one in page.settings],
            next_page_token=place_to(page.next_after),
        )

    async def DeleteEssential(  # noqa: N802
        self, request: messages.DeleteEssentialRequest, context: Context
    ) -> messages.DeleteEssentialResponse:
        """Remove an essential competency."""
        await self._delete(request, ESSENTIALS_SERVED)
        return messages.DeleteEssentialResponse()

    async def BatchUpsertLockedSessions(  # noqa: N802
        self, request: messages.BatchUpsertLockedSessionsRequest, context: Context
    ) -> messages.BatchUpsertLockedSessionsResponse:
        """Create or replace agreed sessions."""
        actor, parent = await self._changing(request.parent, Action.CHANGE_SCHOOL)
        act = act_of(actor, LOCKED_SERVED, parent)
        command = rows_in(request, parent, "locked_sessions", wire.locked_session_from, act)
        done = await self._upsert(command, LOCKED_SESSIONS)
        return messages.BatchUpsertLockedSessionsResponse(
            locked_sessions=[wire.locked_session_to(parent[0], one) for one in done.kept],
            refused=wire.refused_to(done.refused),
        )

    async def ListLockedSessions(  # noqa: N802
        self, request: messages.ListLockedSessionsRequest, context: Context
    ) -> messages.ListLockedSessionsResponse:
        """List agreed sessions."""
        actor, parent = await self._reading(request.parent)
        require_allowed(actor, Action.READ_SCHOOL)
        page = await self._page(request, parent, LOCKED_SESSIONS)
        return messages.ListLockedSessionsResponse(
            locked_sessions=[wire.locked_session_to(parent[0], one) for one in page.settings],
            next_page_token=place_to(page.next_after),
        )

    async def DeleteLockedSession(  # noqa: N802
        self, request: messages.DeleteLockedSessionRequest, context: Context
    ) -> messages.DeleteLockedSessionResponse:
        """Remove an agreed session."""
        await self._delete(request, LOCKED_SERVED)
        return messages.DeleteLockedSessionResponse()

    async def CheckSchool(  # noqa: N802
        self, request: messages.CheckSchoolRequest, context: Context
    ) -> messages.CheckSchoolResponse:
        """Say what the school lacks before a week."""
        actor, parent = await self._reading(request.name, "name")
        require_allowed(actor, Action.READ_SCHOOL)
        asked = parse_monday("monday", request.monday) if request.monday else None
        monday, found = await check_school(
            parent[0], parent[1], asked, check=self._check, store=self._store, clock=self._clock
        )
        return messages.CheckSchoolResponse(
            monday=monday.isoformat(),
            items=[wire.finding_to(one) for one in found[:MAX_ITEMS]],
            left_out=max(len(found) - MAX_ITEMS, 0),
        )

    async def _reading(self, name: str, field: str = "parent") -> tuple[Actor, Parent]:
        """Return who reads in a school, and district and school."""
        return await self._calling(READ, field, name)

    async def _changing(self, name: str, action: Action) -> tuple[Actor, Parent]:
        """Return who changes something in a school, and district and school, if they may."""
        actor, parent = await self._calling(WRITE, "parent", name)
        require_allowed(actor, action)
        return actor, parent

    async def _calling(self, scope: str, field: str, name: str) -> tuple[Actor, Parent]:
        _, district = require_district(scope)
        (school_id,) = ids_in(SCHOOL, field, district, name)
        actor, _ = await calling(scope, school_id, self._actors)
        return actor, (district, school_id)

    async def _upsert(self, command: UpsertRows[S], kind: Kind[S]) -> Rows[S]:
        return await upsert_rows(command, kind, store=self._store, clock=self._clock)

    async def _page(self, request: Any, parent: Parent, kind: Kind[S]) -> Page[S]:  # noqa: ANN401
        """Return the page that a request with page_size and page_token asks for."""
        query = Listing(
            district=parent[0],
            school_id=parent[1],
            after=place_from(request.page_token),
            page_size=request.page_size,
        )
        return await list_settings(query, kind, store=self._store)

    async def _delete(self, request: Any, served: Served[S]) -> None:  # noqa: ANN401
        """Remove the setting that a request with name and request_id names, if the caller may."""
        _, district = require_district(WRITE)
        school_id, setting_id = ids_in(served.name, "name", district, request.name)
        actor, _ = await calling(WRITE, school_id, self._actors)
        (action,) = ACTIONS[type(request).__name__.removesuffix("Request")]
        require_allowed(actor, action)
        command: Delete[S] = Delete(
            district=district,
            school_id=school_id,
            setting_id=setting_id,
            request=request_key(type(request).__name__, request, request.request_id),
            act=act_of(actor, served, (district, school_id)),
        )
        await delete(command, served.kind, store=self._store, clock=self._clock)
