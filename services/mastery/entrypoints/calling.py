"""The command `call` of this service: every method that a program may call, but for streams."""

from typing import Final

from trellis.mastery.v1 import mastery_service_pb2, policy_service_pb2

from services.common.rpc import command_line
from services.common.rpc.calling.command import call_command as command_of
from services.mastery.entrypoints.policy import TARGET_VARIABLE
from services.mastery.entrypoints.scopes import SCOPES

call_command: Final = command_of(
    command_line.target_options("mastery", TARGET_VARIABLE, required=False),
    modules=(mastery_service_pb2, policy_service_pb2),
    scopes=SCOPES,
    example="call ListMastery parent=districts/D/learners/L --all",
)
