"""The `api` process: MasteryService on one port, health and metrics on another."""

from __future__ import annotations

import gc
from typing import Final

from trellis.mastery.v1 import mastery_service_pb2_grpc

from services.common.metrics import watch_event_loop
from services.common.process import Lifecycle
from services.common.rpc.server import Limits, RpcServer
from services.common.rpc.tls import Tls
from services.common.web.server import Health, WebServer, health_app
from services.mastery.bootstrap import Api, build_api
from services.mastery.config import MasterySettings
from services.mastery.entrypoints.errors import ERRORS
from services.mastery.entrypoints.grpc import MasteryServicer
from services.mastery.entrypoints.scopes import SCOPES

# 10,000 names of learners, the most that StreamNeeds takes, are up to 1.4 MB.
LIMITS: Final = Limits(message_bytes=1_536 * 1024)

# The needs of a part are some ten thousand tuples that live for a moment. Looking through them for
# circles, of which there are none, cost a quarter of a school's needs.
GARBAGE_THRESHOLD: Final = (100_000, 20, 100)


async def serve(settings: MasterySettings, lifecycle: Lifecycle) -> RpcServer:
    """Build and start the process; returns the gRPC server, which knows its port."""
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLD)
    api = await build_api(settings, lifecycle)
    health = Health()
    health.add_check("database", api.database.ping)
    web = WebServer(health_app(health), settings.health_listen, name="health")
    await web.start()
    lifecycle.add_closer("health", web.stop)
    server = _rpc_server(settings, api)
    await server.start()

    async def stop() -> None:
        health.stopping = True
        await server.stop()

    lifecycle.add_closer("rpc", stop)
    lifecycle.supervise("event_loop_lag", watch_event_loop())
    return server


def _rpc_server(settings: MasterySettings, api: Api) -> RpcServer:
    server = RpcServer(
        settings.grpc_listen,
        credentials=api.credentials,
        error_table=ERRORS,
        scopes=SCOPES,
        limits=LIMITS,
        tls=_tls(settings),
    )
    server.add(
        mastery_service_pb2_grpc.add_MasteryServiceServicer_to_server,
        MasteryServicer(facts=api.facts, states=api.states, clock=api.clock, policy=api.policy),
    )
    return server


def _tls(settings: MasterySettings) -> Tls | None:
    if settings.grpc_tls_certificate_file is None:
        return None
    return Tls(
        certificate_file=settings.grpc_tls_certificate_file,
        key_file=settings.grpc_tls_key_file,
        ca_file=settings.grpc_tls_client_ca_file,
    )
