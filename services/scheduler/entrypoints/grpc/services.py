"""Every gRPC service of this service, added to one server."""

from trellis.scheduler.v1 import (
    audit_service_pb2_grpc,
    calendar_service_pb2_grpc,
    cycle_service_pb2_grpc,
    day_service_pb2_grpc,
    feed_service_pb2_grpc,
    learner_week_service_pb2_grpc,
    people_service_pb2_grpc,
    request_service_pb2_grpc,
    review_service_pb2_grpc,
    scheduler_service_pb2_grpc,
    school_service_pb2_grpc,
)

from services.common.ids import random_id, random_token
from services.common.rpc.server import RpcServer
from services.scheduler.bootstrap import Api
from services.scheduler.entrypoints.grpc.asking.servicer import RequestServicer
from services.scheduler.entrypoints.grpc.audit import AuditServicer
from services.scheduler.entrypoints.grpc.calendar import CalendarServicer
from services.scheduler.entrypoints.grpc.cycle import CycleServicer
from services.scheduler.entrypoints.grpc.day import DayParts, DayServicer
from services.scheduler.entrypoints.grpc.feeds import FeedServicer
from services.scheduler.entrypoints.grpc.learner_weeks import LearnerWeekServicer
from services.scheduler.entrypoints.grpc.people import PeopleServicer
from services.scheduler.entrypoints.grpc.reviews import ReviewServicer
from services.scheduler.entrypoints.grpc.school import SchoolServicer
from services.scheduler.entrypoints.grpc.servicer import SchedulerServicer
from services.scheduler.handlers.asking.silence import SilentLearners


def add_services(server: RpcServer, api: Api) -> None:
    """Add the services to a server that has not started."""
    store, clock, actors, check = api.store, api.clock, api.actors, api.check
    server.add(
        scheduler_service_pb2_grpc.add_SchedulerServiceServicer_to_server,
        SchedulerServicer(
            store=store, clock=clock, check=check, time_zones=api.time_zones, actors=actors
        ),
    )
    server.add(
        people_service_pb2_grpc.add_PeopleServiceServicer_to_server,
        PeopleServicer(store=store, clock=clock, actors=actors),
    )
    server.add(
        calendar_service_pb2_grpc.add_CalendarServiceServicer_to_server,
        CalendarServicer(store=store, clock=clock, actors=actors),
    )
    server.add(
        school_service_pb2_grpc.add_SchoolServiceServicer_to_server,
        SchoolServicer(store=store, clock=clock, actors=actors, check=api.school_check),
    )
    server.add(
        request_service_pb2_grpc.add_RequestServiceServicer_to_server,
        RequestServicer(desk=api.desk, actors=actors, changing=api.changing),
    )
    server.add(
        cycle_service_pb2_grpc.add_CycleServiceServicer_to_server,
        CycleServicer(store=store, clock=clock, check=check, actors=actors, times=api.times),
    )
    server.add(
        day_service_pb2_grpc.add_DayServiceServicer_to_server,
        DayServicer(
            DayParts(changing=api.changing, clock=clock, actors=actors, unanswered=SilentLearners())
        ),
    )
    server.add(
        review_service_pb2_grpc.add_ReviewServiceServicer_to_server,
        ReviewServicer(store=store, actors=actors),
    )
    server.add(
        feed_service_pb2_grpc.add_FeedServiceServicer_to_server,
        FeedServicer(
            store=store, clock=clock, actors=actors, new_id=random_id, new_secret=random_token
        ),
    )
    server.add(
        learner_week_service_pb2_grpc.add_LearnerWeekServiceServicer_to_server,
        LearnerWeekServicer(store=store, names=api.names, actors=actors),
    )
    server.add(
        audit_service_pb2_grpc.add_AuditServiceServicer_to_server,
        AuditServicer(store=store, actors=actors),
    )
