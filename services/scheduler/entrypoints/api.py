"""The `api` process: gRPC, the pages, health and metrics, each on a port of its own."""

from dataclasses import dataclass

from trellis.scheduler.v1 import (
    calendar_service_pb2_grpc,
    cycle_service_pb2_grpc,
    feed_service_pb2_grpc,
    people_service_pb2_grpc,
    request_service_pb2_grpc,
    review_service_pb2_grpc,
    scheduler_service_pb2_grpc,
    school_service_pb2_grpc,
)

from services.common.ids import random_id, random_token
from services.common.metrics import watch_event_loop
from services.common.process import Lifecycle
from services.common.rpc.server import RpcServer
from services.common.rpc.tls import server_tls
from services.common.web.auth import SignIn
from services.common.web.server import Health, WebServer, health_app
from services.scheduler.bootstrap import Api, build_api
from services.scheduler.config import SchedulerSettings
from services.scheduler.entrypoints.errors import ERRORS
from services.scheduler.entrypoints.grpc.asking.servicer import RequestServicer
from services.scheduler.entrypoints.grpc.calendar import CalendarServicer
from services.scheduler.entrypoints.grpc.cycle import CycleServicer
from services.scheduler.entrypoints.grpc.feeds import FeedServicer
from services.scheduler.entrypoints.grpc.people import PeopleServicer
from services.scheduler.entrypoints.grpc.reviews import ReviewServicer
from services.scheduler.entrypoints.grpc.school import SchoolServicer
from services.scheduler.entrypoints.grpc.servicer import SchedulerServicer
from services.scheduler.entrypoints.outputs.paper import Printer
from services.scheduler.entrypoints.outputs.routes import Sources
from services.scheduler.entrypoints.scopes import SCOPES
from services.scheduler.entrypoints.uptime import keep_beating
from services.scheduler.entrypoints.web import web_app


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
    lifecycle.supervise("uptime", keep_beating(api.uptimes, api.clock, random_id()))
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
        store=api.store,
        clock=api.clock,
        check=api.check,
        time_zones=api.time_zones,
        actors=api.actors,
    )
    server.add(scheduler_service_pb2_grpc.add_SchedulerServiceServicer_to_server, servicer)
    people = PeopleServicer(store=api.store, clock=api.clock, actors=api.actors)
    server.add(people_service_pb2_grpc.add_PeopleServiceServicer_to_server, people)
    calendar = CalendarServicer(store=api.store, clock=api.clock, actors=api.actors)
    server.add(calendar_service_pb2_grpc.add_CalendarServiceServicer_to_server, calendar)
    reviews = ReviewServicer(store=api.store, actors=api.actors)
    server.add(review_service_pb2_grpc.add_ReviewServiceServicer_to_server, reviews)
    school = SchoolServicer(
        store=api.store, clock=api.clock, actors=api.actors, check=api.school_check
    )
    server.add(school_service_pb2_grpc.add_SchoolServiceServicer_to_server, school)
    feeds = FeedServicer(
        store=api.store,
        clock=api.clock,
        actors=api.actors,
        new_id=random_id,
        new_secret=random_token,
    )
    server.add(feed_service_pb2_grpc.add_FeedServiceServicer_to_server, feeds)
    cycle = CycleServicer(
        store=api.store, clock=api.clock, check=api.check, actors=api.actors, times=api.times
    )
    server.add(cycle_service_pb2_grpc.add_CycleServiceServicer_to_server, cycle)
    requests = RequestServicer(desk=api.desk, actors=api.actors)
    server.add(request_service_pb2_grpc.add_RequestServiceServicer_to_server, requests)
    return server


def _pages_server(settings: SchedulerSettings, api: Api) -> WebServer:
    sign_in = SignIn(api.credentials, secure_cookie=settings.secure_cookie())
    app = web_app(
        Sources(store=api.store, names=api.names, actors=api.actors),
        addresses=api.addresses,
        printer=Printer(settings.font_directory),
        clock=api.clock,
        sign_in=sign_in,
        paper=settings.paper,
    )
    return WebServer(app, settings.http_listen, name="pages")
