"""Which failures of a chunk may be tried again, by exception class and nothing else.

Everything in the loop is idempotent by the offset row, so what is ambiguous, such as a COMMIT whose
answer was lost, may be tried again: the second try sees the moved offset and skips.
"""

from __future__ import annotations

from typing import Final

import asyncpg

from services.common.kafka.errors import Stop
from services.common.postgres import faults

# What asyncpg says of a connection that the server ended while nobody was waiting for an answer:
# the pool takes it back by itself, and the next statement finds only the wrapper.
_TAKEN_BACK: Final = "released back to the pool"


def may_retry(error: BaseException) -> bool:
    """Whether the same may be tried again after this failure; everything unforeseen may not."""
    if isinstance(error, Stop):
        return False
    if isinstance(error, asyncpg.InterfaceError) and _TAKEN_BACK in str(error):
        return True
    return faults.classify(error) is not faults.Outcome.PERMANENT
