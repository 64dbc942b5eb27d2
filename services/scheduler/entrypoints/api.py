"""The `api` process: gRPC, the pages, health and metrics, each on a port of its own."""

from dataclasses import dataclass

from trellis.scheduler.v1 import day_service_pb2_grpc, scheduler_service_pb2_grpc

from services.common.metrics import watch_event_loop
from services.common.process import Lifecycle
from services.common.rpc.server import RpcServer
from services.common.rpc.tls import server_tls
from services.common.web.auth import SignIn
from services.common.web.server import Health, WebServer, health_app
from services.scheduler.bootstrap import Api, build_api
from services.scheduler.config import SchedulerSettings
from services.scheduler.entrypoints.errors import ERRORS
from services.scheduler.entrypoints.grpc.day import DayParts, DayServicer
from services.scheduler.entrypoints.grpc.servicer import SchedulerServicer
from services.scheduler.entrypoints.pages.routes import pages_app
from services.scheduler.entrypoints.scopes import SCOPES
from services.scheduler.handlers.day.services import NobodyUnanswered


@dataclass(frozen=True, kw_only=True)
class Servers:
    """The servers of the process, which know their ports."""

    rpc: RpcServer
    pages: WebServer
    health: WebServer


async def serve(settings: SchedulerSettings, lifecycle: Lifecycle) -> Servers:
    """Build and start the process."""
    api = await build_api(settings, lifecycle)
    health = Health()
    health.add_check("database", api.database.ping)
    servers = Servers(
        rpc=_rpc_server(settings, api),
        pages=_pages_server(settings, api),
        health=WebServer(health_app(health), settings.health_listen, name="health"),
    )
    await servers.health.start()
    lifecycle.add_closer("health", servers.health.stop)
    await servers.rpc.start()
    lifecycle.add_closer("rpc", servers.rpc.stop)
    await servers.pages.start()

    async def stop() -> None:
        health.stopping = True
        await servers.pages.stop()

    lifecycle.add_closer("pages", stop)
    lifecycle.supervise("event_loop_lag", watch_event_loop())
    return servers


def _rpc_server(settings: SchedulerSettings, api: Api) -> RpcServer:
    server = RpcServer(
        settings.grpc_listen,
        credentials=api.credentials,
        error_table=ERRORS,
        scopes=SCOPES,
        tls=server_tls(settings),
    )
    servicer = SchedulerServicer(
        store=api.store, clock=api.clock, check=api.check, time_zones=api.time_zones
    )
    server.add(scheduler_service_pb2_grpc.add_SchedulerServiceServicer_to_server, servicer)
    day = DayServicer(
        DayParts(
            changing=api.changing,
            clock=api.clock,
            actors=api.actors,
            unanswered=NobodyUnanswered(),
        )
    )
    server.add(day_service_pb2_grpc.add_DayServiceServicer_to_server, day)
    return server


def _pages_server(settings: SchedulerSettings, api: Api) -> WebServer:
    sign_in = SignIn(api.credentials, secure_cookie=settings.secure_cookie())
    app = pages_app(store=api.store, names=api.names, sign_in=sign_in)
    return WebServer(app, settings.http_listen, name="pages")
