"""The command `call` of this service: every method that a person or a program may call."""

from typing import Final

from trellis.scheduler.v1 import (
    audit_service_pb2,
    calendar_service_pb2,
    cycle_service_pb2,
    day_service_pb2,
    feed_service_pb2,
    learner_week_service_pb2,
    people_service_pb2,
    request_service_pb2,
    review_service_pb2,
    scheduler_service_pb2,
    school_service_pb2,
)

from services.common.rpc.calling.command import call_command as command_of
from services.scheduler.entrypoints.scopes import SCOPES
from services.scheduler.entrypoints.target import target_options

SERVICES: Final = (
    school_service_pb2,
    people_service_pb2,
    calendar_service_pb2,
    request_service_pb2,
    scheduler_service_pb2,
    cycle_service_pb2,
    day_service_pb2,
    feed_service_pb2,
    learner_week_service_pb2,
    review_service_pb2,
    audit_service_pb2,
)
"""In the order of a school's week."""

call_command: Final = command_of(
    target_options,
    modules=SERVICES,
    scopes=SCOPES,
    example="call ReportAbsence adult=districts/D/adults/A date=2026-11-30 slot_ids=mon-1",
)
