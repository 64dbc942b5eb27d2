"""The `api` process: gRPC services on one port, HTTP on another, health and metrics on a third."""

from typing import Final

from starlette.types import ASGIApp
from trellis.evidence.v1 import evidence_service_pb2_grpc, source_service_pb2_grpc
from trellis.framework.v1 import framework_service_pb2_grpc
from trellis.roster.v1 import roster_service_pb2_grpc

from services.common.metrics import watch_event_loop
from services.common.process import Lifecycle, calm_collector
from services.common.rpc.server import RpcServer
from services.common.rpc.tls import server_tls
from services.common.web.access_tokens import AccessTokens, SigningKeys
from services.common.web.bearer import Paces
from services.common.web.oauth import TokenEndpoint
from services.common.web.pace import Pace
from services.common.web.server import Health, WebServer, health_app
from services.evidence.bootstrap import Api, build_api
from services.evidence.config import EvidenceSettings
from services.evidence.entrypoints.errors import ERRORS
from services.evidence.entrypoints.grpc import EvidenceServicer
from services.evidence.entrypoints.grpc_framework import FrameworkServicer
from services.evidence.entrypoints.grpc_roster import RosterServicer
from services.evidence.entrypoints.grpc_sources import SourceServicer
from services.evidence.entrypoints.http.app import http_app
from services.evidence.entrypoints.http.case import case_part
from services.evidence.entrypoints.http.evidence import evidence_part
from services.evidence.entrypoints.http.oneroster.part import oneroster_part
from services.evidence.entrypoints.scopes import SCOPES

AUDIENCE: Final = "trellis-evidence"
"""For whom the tokens are that this service issues."""

BURST_SECONDS: Final = 10
"""Who has not asked for this long may ask so much at once."""

SHARES_OF_A_DISTRICT: Final = 4
"""All of a district together may ask as often as so many credentials that each ask at full pace;
the others then still have room, of whatever district they are."""


async def serve(settings: EvidenceSettings, lifecycle: Lifecycle) -> RpcServer:
    """Build and start the process; returns the gRPC server, which knows its port."""
    api = await build_api(settings, lifecycle)
    health = Health()
    health.add_check("database", api.database.ping)
    web = WebServer(health_app(health), settings.health_listen, name="health")
    lifecycle.add_closer("health", web.stop)
    server = _rpc_server(settings, api)
    await server.start()
    http = WebServer(build_http(settings, api), settings.http_listen, name="http")
    await http.start()
    lifecycle.add_closer("http", http.stop)

    async def stop() -> None:
        health.stopping = True
        await server.stop()

    lifecycle.add_closer("rpc", stop)
    # The last to start and to stop: who is said to be ready is listening.
    await web.start()
    lifecycle.supervise("event_loop_lag", watch_event_loop())
    # Again, after the start: looking through all that was made there, together with the 10,000
    # containers of a batch, took 8 of 50 us a record.
    calm_collector()
    return server


def build_http(settings: EvidenceSettings, api: Api) -> ASGIApp:
    """Return the app of the HTTP port: evidence as JSON, OneRoster, CASE, tokens."""
    tokens = AccessTokens(
        SigningKeys.choose(
            keys_file=settings.token_keys_file, credentials_file=settings.credentials_file
        ),
        api.credentials,
        api.clock,
        audience=AUDIENCE,
    )
    parts = [
        oneroster_part(reader=api.objects, writer=api.writer, public_url=settings.public_url),
        case_part(api.case, public_url=settings.public_url or f"http://{settings.http_listen}"),
        evidence_part(intake=api.intake, quarantine=api.unreadable),
    ]
    endpoint = TokenEndpoint(credentials=api.credentials, tokens=tokens)
    return http_app(
        parts,
        find=tokens.find,
        error_table=ERRORS,
        token_endpoint=endpoint,
        paces=_paces(settings.http_requests_per_second),
    )


def _paces(per_second: int) -> Paces:
    return Paces(
        credential=Pace(per_second=per_second, burst=per_second * BURST_SECONDS),
        district=Pace(
            per_second=per_second * SHARES_OF_A_DISTRICT,
            burst=per_second * SHARES_OF_A_DISTRICT * BURST_SECONDS,
        ),
    )


def _rpc_server(settings: EvidenceSettings, api: Api) -> RpcServer:
    server = RpcServer(
        settings.grpc_listen,
        credentials=api.credentials,
        error_table=ERRORS,
        scopes=SCOPES,
        tls=server_tls(settings),
    )
    server.add(
        evidence_service_pb2_grpc.add_EvidenceServiceServicer_to_server,
        EvidenceServicer(
            intake=api.intake,
            quarantine=api.unreadable,
            redriving=api.redriving,
            ledger=api.ledger,
            stream=api.stream,
        ),
    )
    server.add(
        roster_service_pb2_grpc.add_RosterServiceServicer_to_server,
        RosterServicer(
            roster=api.roster,
            learner_ids=api.learner_ids,
            time_zones=api.time_zones,
            clock=api.clock,
            surroundings=api.surroundings,
        ),
    )
    server.add(
        source_service_pb2_grpc.add_SourceServiceServicer_to_server,
        SourceServicer(surroundings=api.surroundings, time_zones=api.time_zones),
    )
    server.add(
        framework_service_pb2_grpc.add_FrameworkServiceServicer_to_server,
        FrameworkServicer(frameworks=api.frameworks, clock=api.clock),
    )
    return server
