"""AuditService over a store in memory, as each kind of caller calls it, and over a real server."""

from contextlib import asynccontextmanager

from trellis.scheduler.v1 import audit_service_pb2 as messages
from trellis.scheduler.v1 import audit_service_pb2_grpc

from services.common.rpc.credentials import Credential, Credentials
from services.common.rpc.server import RpcServer
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.adapters.memory.store import MemoryStore
from services.scheduler.domain.access import Actor, Role
from services.scheduler.entrypoints.errors import ERRORS
from services.scheduler.entrypoints.grpc.audit import AuditServicer
from services.scheduler.entrypoints.scopes import SCOPES
from tests.support.scheduler_api import Methods
from tests.support.schedules import DISTRICT, SCHOOL

PARENT = f"districts/{DISTRICT}/schools/{SCHOOL}"
PERSONS = {role.value: role for role in Role if role is not Role.SYSTEM}
"""One person of each role, by its name."""


def person(name):
    """Return the resource name of the person of a role."""
    kind = {"learner": "learners", "family": "families"}.get(name, "adults")
    return f"districts/{DISTRICT}/{kind}/{name}"


CREDENTIALS = {
    **{
        name: Credential(
            name=name,
            district=DISTRICT,
            scopes=frozenset({"schedule.read", "schedule.audit"}),
            person=person(name),
        )
        for name in (*PERSONS, "nobody")
    },
    "it": Credential(name="it", district=DISTRICT, scopes=frozenset({"schedule.audit"})),
    "program": Credential(name="program", district=DISTRICT, scopes=frozenset({"schedule.read"})),
    "stranger": Credential(name="it", district="cedar", scopes=frozenset({"schedule.audit"})),
}


class AuditApi:
    """The servicer: `await api.as_("principal").ListAuditEntries(request)`."""

    def __init__(self):
        self.store = MemoryStore()
        actors = {
            person(name): Actor(
                name=person(name),
                roles=frozenset({role}),
                adult_id=name if role.is_staff else "",
                own_learner_ids=frozenset({"lea"}),
            )
            for name, role in PERSONS.items()
        }
        self.servicer = AuditServicer(store=self.store, actors=MemoryActors(actors))

    async def keep(self, *entries):
        """Write entries, oldest first."""
        async with self.store.change(DISTRICT, SCHOOL) as view:
            for one in entries:
                await view.audit.append(one)

    def as_(self, name):
        """Return the methods as called by somebody."""
        return Methods((self.servicer,), CREDENTIALS[name])

    async def page(self, who="principal", **fields):
        """Ask for a page."""
        request = messages.ListAuditEntriesRequest(**({"parent": PARENT} | fields))
        return await self.as_(who).ListAuditEntries(request)

    @asynccontextmanager
    async def served(self):
        """Serve it over a real gRPC server; tokens are the names of CREDENTIALS."""
        server = RpcServer(
            "127.0.0.1:0",
            credentials=Credentials.of(CREDENTIALS),
            error_table=ERRORS,
            scopes=SCOPES,
        )
        server.add(audit_service_pb2_grpc.add_AuditServiceServicer_to_server, self.servicer)
        port = await server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            await server.stop(grace_seconds=0)
