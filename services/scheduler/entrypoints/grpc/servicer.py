"""SchedulerService on gRPC: its parts stand in settings, runs and weeks.

The district is the credential's, never the request's. What is raised goes through errors.py.
"""

from collections.abc import Collection

from trellis.scheduler.v1 import scheduler_service_pb2_grpc

from services.common.clock import Clock
from services.scheduler.entrypoints.grpc.runs import RunsRpcs
from services.scheduler.entrypoints.grpc.settings import SettingsRpcs
from services.scheduler.entrypoints.grpc.weeks import WeeksRpcs
from services.scheduler.handlers.publishing import Check
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store


class SchedulerServicer(
    SettingsRpcs, RunsRpcs, WeeksRpcs, scheduler_service_pb2_grpc.SchedulerServiceServicer
):
    """The RPCs of SchedulerService."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        check: Check,
        time_zones: Collection[str],
        actors: ActorBook,
    ) -> None:
        SettingsRpcs.__init__(self, store=store, clock=clock, time_zones=time_zones)
        RunsRpcs.__init__(self, store=store, clock=clock)
        WeeksRpcs.__init__(self, store=store, clock=clock, check=check, actors=actors)
