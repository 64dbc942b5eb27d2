"""AuditService on gRPC: who did what in a school."""

from typing import Any, TypeAlias

import grpc.aio
from trellis.scheduler.v1 import audit_service_pb2 as messages
from trellis.scheduler.v1 import audit_service_pb2_grpc

from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire.audit import audit_entry_to
from services.scheduler.adapters.wire.names import SCHOOL, ids_in, parse_monday, time_in
from services.scheduler.adapters.wire.page_tokens import audit_place_from, audit_place_to
from services.scheduler.domain.audit import AuditFilter
from services.scheduler.entrypoints.actors import acting
from services.scheduler.entrypoints.scopes import AUDIT
from services.scheduler.handlers.auditing import ListAuditEntries, list_audit_entries
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class AuditServicer(audit_service_pb2_grpc.AuditServiceServicer):
    """The RPCs of AuditService."""

    def __init__(self, *, store: Store, actors: ActorBook) -> None:
        self._store = store
        self._actors = actors

    async def ListAuditEntries(  # noqa: N802
        self, request: messages.ListAuditEntriesRequest, context: Context
    ) -> messages.ListAuditEntriesResponse:
        """List what was done in a school, newest first."""
        _, district = require_district(AUDIT)
        (school_id,) = ids_in(SCHOOL, "parent", district, request.parent)
        actor = await acting("ListAuditEntries", school_id, self._actors)
        entries, after = await list_audit_entries(
            ListAuditEntries(
                district=district,
                school_id=school_id,
                actor=actor,
                wanted=_wanted(request),
                before=audit_place_from(request.page_token),
                page_size=request.page_size,
            ),
            store=self._store,
        )
        return messages.ListAuditEntriesResponse(
            entries=[audit_entry_to(one) for one in entries],
            next_page_token=audit_place_to(after),
        )


def _wanted(request: messages.ListAuditEntriesRequest) -> AuditFilter:
    """Return the filters of a request; raises InvalidRequestError."""
    from_time = until_time = None
    if request.HasField("from_time"):
        from_time = time_in("from_time", request.from_time)
    if request.HasField("until_time"):
        until_time = time_in("until_time", request.until_time)
    return AuditFilter(
        monday=parse_monday("monday", request.monday) if request.monday else None,
        actions=frozenset(request.actions),
        actor=request.actor,
        subject=request.subject,
        from_time=from_time,
        until_time=until_time,
    )
