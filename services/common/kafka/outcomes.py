"""Which failures of a chunk may be tried again, by exception class and nothing else.

Everything in the loop is idempotent by the offset row, so what is ambiguous, such as a COMMIT whose
answer was lost, may be tried again: the second try sees the moved offset and skips.
"""

from __future__ import annotations

from services.common.kafka.errors import Stop
from services.common.postgres import faults


def may_retry(error: BaseException) -> bool:
    """Whether the same may be tried again after this failure; everything unforeseen may not."""
    if isinstance(error, Stop):
        return False
    return faults.classify(error) is not faults.Outcome.PERMANENT
