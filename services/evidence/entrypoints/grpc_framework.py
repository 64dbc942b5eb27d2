"""FrameworkService: a message becomes a command, the answer a message. No rule lives here."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc.aio
from trellis.framework.v1 import framework_service_pb2 as messages
from trellis.framework.v1 import framework_service_pb2_grpc

from services.common.clock import Clock
from services.common.rpc.credentials import require_district
from services.evidence.adapters.wire.entities import answered, request_key
from services.evidence.adapters.wire.framework import (
    COMPETENCY_NAME,
    FRAMEWORK_NAME,
    competencies_from,
    competency_message,
    framework_message,
    frameworks_from,
)
from services.evidence.adapters.wire.page_tokens import page_after, page_token
from services.evidence.domain.entities import Listing, Upsert, check_batch_size
from services.evidence.domain.framework import COMPETENCIES, FRAMEWORKS
from services.evidence.entrypoints.scopes import FRAMEWORK_READ, FRAMEWORK_WRITE
from services.evidence.handlers import frameworks as handlers
from services.evidence.ports.framework import Frameworks

Context = grpc.aio.ServicerContext[Any, Any]


class FrameworkServicer(framework_service_pb2_grpc.FrameworkServiceServicer):
    """Answers the calls of FrameworkService for the district of the credential."""

    def __init__(self, *, frameworks: Frameworks, clock: Clock) -> None:
        """Take what the handlers need."""
        self._frameworks = frameworks
        self._clock = clock

    async def BatchUpsertFrameworks(  # noqa: N802
        self, request: messages.BatchUpsertFrameworksRequest, context: Context
    ) -> messages.BatchUpsertFrameworksResponse:
        """Create or replace frameworks."""
        _, district = require_district(FRAMEWORK_WRITE)
        check_batch_size(len(request.frameworks))
        command = Upsert(
            district=district,
            entities=frameworks_from(district, request.frameworks),
            request=request_key("BatchUpsertFrameworks", request),
            create_only=request.create_only,
        )
        kept = await handlers.upsert_frameworks(
            command, frameworks=self._frameworks, clock=self._clock
        )
        return messages.BatchUpsertFrameworksResponse(
            frameworks=[answered(framework_message(district, one), request) for one in kept]
        )

    async def BatchUpsertCompetencies(  # noqa: N802
        self, request: messages.BatchUpsertCompetenciesRequest, context: Context
    ) -> messages.BatchUpsertCompetenciesResponse:
        """Create or replace competencies."""
        _, district = require_district(FRAMEWORK_WRITE)
        check_batch_size(len(request.competencies))
        command = Upsert(
            district=district,
            entities=competencies_from(district, request.competencies),
            request=request_key("BatchUpsertCompetencies", request),
            create_only=request.create_only,
        )
        kept = await handlers.upsert_competencies(
            command, frameworks=self._frameworks, clock=self._clock
        )
        return messages.BatchUpsertCompetenciesResponse(
            competencies=[answered(competency_message(district, one), request) for one in kept]
        )

    async def GetFramework(  # noqa: N802
        self, request: messages.GetFrameworkRequest, context: Context
    ) -> messages.GetFrameworkResponse:
        """Return one framework."""
        _, district = require_district(FRAMEWORK_READ)
        framework_id = FRAMEWORK_NAME.id_in("name", district, request.name)
        framework = await handlers.get_framework(
            district, framework_id, frameworks=self._frameworks
        )
        return messages.GetFrameworkResponse(framework=framework_message(district, framework))

    async def GetCompetency(  # noqa: N802
        self, request: messages.GetCompetencyRequest, context: Context
    ) -> messages.GetCompetencyResponse:
        """Return one competency."""
        _, district = require_district(FRAMEWORK_READ)
        competency_id = COMPETENCY_NAME.id_in("name", district, request.name)
        competency = await handlers.get_competency(
            district, competency_id, frameworks=self._frameworks
        )
        return messages.GetCompetencyResponse(competency=competency_message(district, competency))

    async def ListFrameworks(  # noqa: N802
        self, request: messages.ListFrameworksRequest, context: Context
    ) -> messages.ListFrameworksResponse:
        """Return a page of frameworks."""
        _, district = require_district(FRAMEWORK_READ)
        after = page_after(FRAMEWORKS, "", request.page_token)
        query = Listing(district=district, after=after, page_size=request.page_size)
        page = await handlers.list_frameworks(query, frameworks=self._frameworks)
        return messages.ListFrameworksResponse(
            frameworks=[framework_message(district, one) for one in page.entities],
            next_page_token=page_token(FRAMEWORKS, "", page.next_after),
        )

    async def ListCompetencies(  # noqa: N802
        self, request: messages.ListCompetenciesRequest, context: Context
    ) -> messages.ListCompetenciesResponse:
        """Return a page of competencies."""
        _, district = require_district(FRAMEWORK_READ)
        only = (
            FRAMEWORK_NAME.id_in("framework", district, request.framework)
            if request.framework
            else ""
        )
        query = Listing(
            district=district,
            only=only,
            after=page_after(COMPETENCIES, only, request.page_token),
            page_size=request.page_size,
        )
        page = await handlers.list_competencies(query, frameworks=self._frameworks)
        return messages.ListCompetenciesResponse(
            competencies=[competency_message(district, one) for one in page.entities],
            next_page_token=page_token(COMPETENCIES, only, page.next_after),
        )

    async def StreamFrameworks(  # noqa: N802
        self, request: messages.StreamFrameworksRequest, context: Context
    ) -> AsyncIterator[messages.StreamFrameworksResponse]:
        """Stream one consistent snapshot."""
        _, district = require_district(FRAMEWORK_READ)
        # A client that goes away must not leave the transaction open until the next collection.
        async with aclosing(
            handlers.stream_frameworks(district, frameworks=self._frameworks)
        ) as runs:
            async for run in runs:
                yield messages.StreamFrameworksResponse(
                    frameworks=[framework_message(district, one) for one in run.frameworks],
                    competencies=[competency_message(district, one) for one in run.competencies],
                )
