"""The `api` process: gRPC, the pages, health and metrics, each on a port of its own."""

from dataclasses import dataclass

from services.common.clock import SystemClock
from services.common.ids import random_id
from services.common.metrics import watch_event_loop
from services.common.process import Lifecycle
from services.common.rpc.server import RpcServer
from services.common.rpc.tls import server_tls
from services.common.web.auth import SignIn
from services.common.web.server import Health, WebServer, health_app
from services.scheduler.bootstrap import Api, build_api
from services.scheduler.config import SchedulerSettings
from services.scheduler.entrypoints.errors import ERRORS
from services.scheduler.entrypoints.grpc.services import add_services
from services.scheduler.entrypoints.outputs.paper import Printer
from services.scheduler.entrypoints.outputs.routes import Sources
from services.scheduler.entrypoints.scopes import SCOPES
from services.scheduler.entrypoints.uptime import keep_beating
from services.scheduler.entrypoints.web import web_app
from services.scheduler.handlers.day.records import KeptAttendance


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
    lifecycle.add_closer("health", servers.health.stop)
    await servers.rpc.start()
    lifecycle.add_closer("rpc", servers.rpc.stop)
    await servers.pages.start()

    async def stop() -> None:
        health.stopping = True
        await servers.pages.stop()

    lifecycle.add_closer("pages", stop)
    # The last to start and to stop: who is said to be ready is listening.
    await servers.health.start()
    lifecycle.supervise("event_loop_lag", watch_event_loop())
    beating = keep_beating(
        api.uptimes,
        api.clock,
        random_id(),
        require_up=api.sign_up.require_up,
        machine=SystemClock(),
    )
    lifecycle.supervise("uptime", beating)
    return servers


def _rpc_server(settings: SchedulerSettings, api: Api) -> RpcServer:
    server = RpcServer(
        settings.grpc_listen,
        credentials=api.credentials,
        error_table=ERRORS,
        scopes=SCOPES,
        tls=server_tls(settings),
    )
    add_services(server, api)
    return server


def _pages_server(settings: SchedulerSettings, api: Api) -> WebServer:
    sign_in = SignIn(api.credentials, secure_cookie=settings.secure_cookie())
    app = web_app(
        Sources(
            store=api.store,
            names=api.names,
            actors=api.actors,
            attendance=KeptAttendance(api.store),
        ),
        addresses=api.addresses,
        printer=Printer(settings.font_directory),
        clock=api.clock,
        sign_in=sign_in,
        paper=settings.paper or "",
    )
    return WebServer(app, settings.http_listen, name="pages")
