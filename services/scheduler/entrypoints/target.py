"""Where the scheduler's API is, for every command that is a client of it.

Each command says it with the same options, and a shell with the same variables.
"""

from typing import Final

from services.common.rpc import command_line

TARGET_VARIABLE: Final = "TRELLIS_SCHEDULER_TARGET"
DEFAULT_TARGET: Final = "127.0.0.1:9003"
"""Where docker-compose.yml has it on the host."""

target_options: Final = command_line.target_options(
    "scheduler", TARGET_VARIABLE, default=DEFAULT_TARGET
)
