"""The command `call` of this service: every method that a program may call, but for streams."""

from typing import Final

from trellis.evidence.v1 import evidence_service_pb2, source_service_pb2
from trellis.framework.v1 import framework_service_pb2
from trellis.roster.v1 import roster_service_pb2

from services.common.rpc import command_line
from services.common.rpc.calling.command import call_command as command_of
from services.evidence.entrypoints.importing.target import TARGET_VARIABLE
from services.evidence.entrypoints.scopes import SCOPES

call_command: Final = command_of(
    command_line.target_options("evidence", TARGET_VARIABLE, required=False),
    modules=(
        roster_service_pb2,
        framework_service_pb2,
        evidence_service_pb2,
        source_service_pb2,
    ),
    scopes=SCOPES,
    example="call ListLearners school=districts/D/schools/S page_size=500 --all",
)
