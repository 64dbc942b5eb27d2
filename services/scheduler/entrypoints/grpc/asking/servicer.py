"""RequestService on gRPC: its parts stand in rankings, requests, needs and sessions."""

from trellis.scheduler.v1 import request_service_pb2_grpc

from services.scheduler.entrypoints.grpc.asking.calls import Calls
from services.scheduler.entrypoints.grpc.asking.needs import NeedsRpcs
from services.scheduler.entrypoints.grpc.asking.rankings import RankingsRpcs
from services.scheduler.entrypoints.grpc.asking.requests import RequestsRpcs
from services.scheduler.entrypoints.grpc.asking.sessions import SessionsRpcs
from services.scheduler.handlers.asking.desk import Desk
from services.scheduler.handlers.day.changes import Changing
from services.scheduler.ports.actors import ActorBook


class RequestServicer(
    RankingsRpcs,
    RequestsRpcs,
    NeedsRpcs,
    SessionsRpcs,
    request_service_pb2_grpc.RequestServiceServicer,
):
    """The RPCs of RequestService."""

    def __init__(self, *, desk: Desk, actors: ActorBook, changing: Changing) -> None:
        Calls.__init__(self, desk=desk, actors=actors, changing=changing)
