"""The `api` process: three services on one gRPC port, health and metrics on another."""

import gc
from typing import Final

from trellis.evidence.v1 import evidence_service_pb2_grpc
from trellis.framework.v1 import framework_service_pb2_grpc
from trellis.roster.v1 import roster_service_pb2_grpc

from services.common.metrics import watch_event_loop
from services.common.process import Lifecycle
from services.common.rpc.server import RpcServer
from services.common.rpc.tls import Tls
from services.common.web.server import Health, WebServer, health_app
from services.evidence.bootstrap import Api, build_api
from services.evidence.config import EvidenceSettings
from services.evidence.entrypoints.errors import ERRORS
from services.evidence.entrypoints.grpc import EvidenceServicer
from services.evidence.entrypoints.grpc_framework import FrameworkServicer
from services.evidence.entrypoints.grpc_roster import RosterServicer
from services.evidence.entrypoints.scopes import SCOPES

GARBAGE_THRESHOLD: Final = 50_000
"""Containers made and not yet freed before the collector of cycles looks at the young ones."""


async def serve(settings: EvidenceSettings, lifecycle: Lifecycle) -> RpcServer:
    """Build and start the process; returns the gRPC server, which knows its port."""
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
    _look_for_garbage_less_often()
    return server


def _look_for_garbage_less_often() -> None:
    """Let the collector of cycles leave the batch path alone: it took 8 of 50 us a record.

    A batch makes some 10,000 containers and no cycle; with the defaults each of them would be
    looked at several times, together with everything that was made at the start.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 20)


def _rpc_server(settings: EvidenceSettings, api: Api) -> RpcServer:
    server = RpcServer(
        settings.grpc_listen,
        credentials=api.credentials,
        error_table=ERRORS,
        scopes=SCOPES,
        tls=_tls(settings),
    )
    server.add(
        evidence_service_pb2_grpc.add_EvidenceServiceServicer_to_server,
        EvidenceServicer(intake=api.intake, ledger=api.ledger, stream=api.stream),
    )
    server.add(
        roster_service_pb2_grpc.add_RosterServiceServicer_to_server,
        RosterServicer(
            roster=api.roster,
            learner_ids=api.learner_ids,
            time_zones=api.time_zones,
            clock=api.clock,
        ),
    )
    server.add(
        framework_service_pb2_grpc.add_FrameworkServiceServicer_to_server,
        FrameworkServicer(frameworks=api.frameworks, clock=api.clock),
    )
    return server


def _tls(settings: EvidenceSettings) -> Tls | None:
    if settings.grpc_tls_certificate_file is None:
        return None
    return Tls(
        certificate_file=settings.grpc_tls_certificate_file,
        key_file=settings.grpc_tls_key_file,
        ca_file=settings.grpc_tls_client_ca_file,
    )
