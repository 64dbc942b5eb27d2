"""Transactions of commands, which hold while they work elsewhere, and read whole tables."""

from __future__ import annotations

from typing import Final

from services.common.postgres.pool import Connection

# The bounds of workers are not for them; the waits for locks have one of their own. Sorting and
# adding up whole tables takes memory, of which a statement may use this several times.
_LIFT: Final = """
SELECT set_config('transaction_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true),
       set_config('statement_timeout', '0', true),
       set_config('lock_timeout', '30s', true),
       set_config('work_mem', '64MB', true)
"""
_LET_DISK_WAIT: Final = "SELECT set_config('synchronous_commit', 'off', true)"


async def lift_bounds(connection: Connection) -> None:
    """Let this transaction take its time."""
    await connection.execute(_LIFT)


async def let_disk_wait(connection: Connection) -> None:
    """Let COMMIT not wait for the disk: for what nobody reads before a later commit does wait.

    What that one leaves on the disk is all of the log up to it. After a crash a rebuild begins
    anew.
    """
    await connection.execute(_LET_DISK_WAIT)
