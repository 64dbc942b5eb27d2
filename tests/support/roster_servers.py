"""A real gRPC server with RosterService and FrameworkService on a real PostgreSQL, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import grpc
import grpc.aio
from trellis.framework.v1 import framework_service_pb2_grpc
from trellis.roster.v1 import roster_service_pb2_grpc

from services.common.postgres.pool import Database
from services.common.rpc.client import connect
from services.common.rpc.credentials import Credential, Credentials
from services.common.rpc.server import RpcServer
from services.evidence.adapters.learner_keys import LearnerKeys
from services.evidence.adapters.postgres.framework import PostgresFrameworks
from services.evidence.adapters.postgres.roster import PostgresRoster
from services.evidence.bootstrap import build_surroundings
from services.evidence.entrypoints.errors import ERRORS
from services.evidence.entrypoints.grpc_framework import FrameworkServicer
from services.evidence.entrypoints.grpc_roster import RosterServicer
from services.evidence.entrypoints.scopes import SCOPES
from services.evidence.handlers.intake import IntakePolicy
from tests.support.clock import FixedClock
from tests.support.rosters import NOW, connected

if TYPE_CHECKING:
    from tests.support.servers import ServiceDatabase

EVERY_SCOPE = frozenset({"roster.read", "roster.write", "framework.read", "framework.write"})

CREDENTIALS = {
    "henry": Credential(
        name="henry", district="henry", sources=frozenset({"sis"}), scopes=EVERY_SCOPE
    ),
    "clayton": Credential(
        name="clayton", district="clayton", sources=frozenset({"sis"}), scopes=EVERY_SCOPE
    ),
    "maple": Credential(
        name="maple", district="maple", sources=frozenset({"sis"}), scopes=EVERY_SCOPE
    ),
    "reader": Credential(
        name="reader", district="henry", scopes=frozenset({"roster.read", "framework.read"})
    ),
    "producer": Credential(
        name="producer",
        district="henry",
        sources=frozenset({"sis"}),
        scopes=frozenset({"evidence.write"}),
    ),
    "service": Credential(name="service", district=None, scopes=EVERY_SCOPE),
}
"""By token."""


@dataclass(frozen=True, kw_only=True)
class RosterServer:
    """A running server: stubs by token ("" for none), and the databases behind it."""

    roster: Callable[[str], roster_service_pb2_grpc.RosterServiceStub]
    frameworks: Callable[[str], framework_service_pb2_grpc.FrameworkServiceStub]
    api: Database
    worker: Database
    clock: FixedClock
    channel: Callable[[str], grpc.aio.Channel]
    """By token."""
    address: str
    stop: Callable[[], Awaitable[None]]


@asynccontextmanager
async def roster_server(database: ServiceDatabase) -> AsyncIterator[RosterServer]:
    """Serve from a migrated database on a free port."""
    clock = FixedClock(NOW)
    async with AsyncExitStack() as stack:
        api, worker = await stack.enter_async_context(connected(database))
        learner_ids = LearnerKeys({"henry": b"h" * 32, "clayton": b"c" * 32, "maple": b"m" * 32})
        server = RpcServer(
            "127.0.0.1:0",
            credentials=Credentials.of(CREDENTIALS),
            error_table=ERRORS,
            scopes=SCOPES,
        )
        server.add(
            roster_service_pb2_grpc.add_RosterServiceServicer_to_server,
            RosterServicer(
                roster=PostgresRoster(api),
                learner_ids=learner_ids,
                time_zones=available_timezones(),
                clock=clock,
                surroundings=build_surroundings(
                    api, learner_ids=learner_ids, clock=clock, policy=IntakePolicy()
                ),
            ),
        )
        server.add(
            framework_service_pb2_grpc.add_FrameworkServiceServicer_to_server,
            FrameworkServicer(frameworks=PostgresFrameworks(api), clock=clock),
        )
        port = await server.start()
        stack.push_async_callback(server.stop, grace_seconds=1.0)
        channels: dict[str, grpc.aio.Channel] = {}
        for token in ("", *CREDENTIALS):
            channels[token] = connect(f"127.0.0.1:{port}", token or None, retry=False)
            stack.push_async_callback(channels[token].close)
        yield RosterServer(
            roster=lambda token: roster_service_pb2_grpc.RosterServiceStub(channels[token]),
            frameworks=lambda token: framework_service_pb2_grpc.FrameworkServiceStub(
                channels[token]
            ),
            api=api,
            worker=worker,
            clock=clock,
            channel=lambda token: channels[token],
            address=f"127.0.0.1:{port}",
            stop=lambda: server.stop(grace_seconds=0),
        )
