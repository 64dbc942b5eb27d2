"""The `api` process: its gRPC services on one port, health and metrics on another."""

from __future__ import annotations

from typing import Final

from trellis.mastery.v1 import mastery_service_pb2_grpc, policy_service_pb2_grpc

from services.common.metrics import watch_event_loop
from services.common.process import Lifecycle, calm_collector
from services.common.rpc.server import Limits, RpcServer
from services.common.rpc.tls import Tls, server_tls
from services.common.web.server import Health, WebServer, health_app
from services.mastery.bootstrap import Api, build_api
from services.mastery.config import MasterySettings
from services.mastery.entrypoints.errors import ERRORS
from services.mastery.entrypoints.grpc import MasteryServicer
from services.mastery.entrypoints.grpc_policies import PolicyServicer
from services.mastery.entrypoints.scopes import SCOPES

# 10,000 names of learners, the most that StreamNeeds takes, are up to 1.4 MB.
LIMITS: Final = Limits(message_bytes=1_536 * 1024)

# The needs of a part are some ten thousand tuples that live for a moment. Looking through them for
# circles, of which there are none, cost a quarter of a school's needs.
COLLECT_AFTER_OBJECTS: Final = 100_000


async def serve(settings: MasterySettings, lifecycle: Lifecycle) -> RpcServer:
    """Build and start the process; returns the gRPC server, which knows its port."""
    calm_collector(COLLECT_AFTER_OBJECTS)
    api = await build_api(settings, lifecycle)
    health = Health()
    health.add_check("database", api.database.ping)
    web = WebServer(health_app(health), settings.health_listen, name="health")
    lifecycle.add_closer("health", web.stop)
    server = rpc_server(api, settings.grpc_listen, tls=server_tls(settings))
    await server.start()

    async def stop() -> None:
        health.stopping = True
        await server.stop()

    lifecycle.add_closer("rpc", stop)
    # The last to start and to stop: who is said to be ready is listening.
    await web.start()
    lifecycle.supervise("event_loop_lag", watch_event_loop())
    return server


def rpc_server(api: Api, listen: str, *, tls: Tls | None = None) -> RpcServer:
    """Return the gRPC server with all services of the process, not started yet."""
    server = RpcServer(
        listen,
        credentials=api.credentials,
        error_table=ERRORS,
        scopes=SCOPES,
        limits=LIMITS,
        tls=tls,
    )
    server.add(
        mastery_service_pb2_grpc.add_MasteryServiceServicer_to_server,
        MasteryServicer(
            facts=api.facts,
            states=api.states,
            flips=api.flips,
            watermarks=api.watermarks,
            clock=api.clock,
        ),
    )
    server.add(
        policy_service_pb2_grpc.add_PolicyServiceServicer_to_server,
        PolicyServicer(policies=api.policies, clock=api.clock),
    )
    return server
