"""From an exception to what a caller is told: a code, a reason in UPPER_SNAKE, and its values.

A service gives a table from its domain's errors to codes. Such an error has `reason: str` and may
have `metadata: Mapping[str, str]`; its text goes to the caller. Faults of PostgreSQL and of other
services become UNAVAILABLE. Everything else is INTERNAL with an id that stands in the log too, and
nothing of its text leaves the process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import asyncpg
import grpc
import grpc.aio
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from services.common.ids import random_id
from services.common.logs import LineBudget, get_logger
from services.common.postgres.faults import Outcome, classify
from services.common.rpc.credentials import AccessError, UnauthenticatedError

DOMAIN: Final = "trellis"
"""Whose reasons these are, in `google.rpc.ErrorInfo`."""

STATUS_METADATA_KEY: Final = "grpc-status-details-bin"

MESSAGE_CHARACTERS: Final = 1_024
VALUE_CHARACTERS: Final = 256
MAXIMUM_VALUES: Final = 16
"""Together under 8 KiB, the most that gRPC lets a trailer have by default."""

UNAVAILABLE_LINES: Final = 5
UNAVAILABLE_WINDOW_SECONDS: Final = 10.0

ErrorTable = Mapping[type[Exception], grpc.StatusCode]
"""From a class of errors, its subclasses among it, to the code that a caller gets."""

_NOTHING: Final[Mapping[str, str]] = {}

log = get_logger()


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What a caller is told."""

    code: grpc.StatusCode
    reason: str
    message: str
    metadata: Mapping[str, str] = field(default_factory=dict)

    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        """Return the trailer with the `google.rpc.Status` that carries reason and values."""
        information = error_details_pb2.ErrorInfo(
            reason=self.reason, domain=DOMAIN, metadata=_bounded(self.metadata)
        )
        packed = any_pb2.Any()
        packed.Pack(information)
        status = status_pb2.Status(
            code=self.code.value[0], message=self.bounded_message, details=[packed]
        )
        return ((STATUS_METADATA_KEY, status.SerializeToString()),)

    @property
    def bounded_message(self) -> str:
        """The message, cut so that it fits into a trailer."""
        return self.message[:MESSAGE_CHARACTERS]


class RefusedError(Exception):
    """Raised by the server's own checks, with what to tell the caller."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class Errors:
    """Turns exceptions into refusals, by a service's table."""

    def __init__(self, table: ErrorTable) -> None:
        """Take the table; a class that is not in it is looked for among its parents."""
        self._table = dict(table)
        self._codes: dict[type[BaseException], grpc.StatusCode | None] = {}
        self._budget = LineBudget(
            lines=UNAVAILABLE_LINES, window_seconds=UNAVAILABLE_WINDOW_SECONDS
        )

    def refusal(self, error: Exception, method: str) -> Refusal:
        """Return what the caller of the method is told of an exception; log what nobody foresaw."""
        if isinstance(error, RefusedError):
            return error.refusal
        code = self.code(type(error))
        if code is not None:
            return Refusal(
                code=code,
                reason=str(getattr(error, "reason", code.name)),
                message=str(error),
                metadata=getattr(error, "metadata", _NOTHING),
            )
        return _access(error) or self._unavailable(error, method) or _internal(error, method)

    def code(self, error_class: type[BaseException]) -> grpc.StatusCode | None:
        """Return the code for a class of errors, or None where the table has none."""
        if error_class not in self._codes:
            self._codes[error_class] = next(
                (self._table[one] for one in error_class.__mro__ if one in self._table), None
            )
        return self._codes[error_class]

    def _unavailable(self, error: Exception, method: str) -> Refusal | None:
        reason = unavailable_reason(error)
        if reason is None:
            return None
        held_back = self._budget.take((method, reason))
        if held_back is not None:
            log.warning(
                "rpc_unavailable", method=method, reason=reason, held_back=held_back, exc_info=error
            )
        return Refusal(
            code=grpc.StatusCode.UNAVAILABLE,
            reason=reason,
            message="something that this service needs does not answer; try again",
        )


def unavailable_reason(error: Exception) -> str | None:
    """Return why a caller should try again, or None where that would not help."""
    if isinstance(error, grpc.aio.AioRpcError):
        waiting = error.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}
        return "UPSTREAM_UNAVAILABLE" if waiting else None
    if not isinstance(error, OSError | asyncpg.PostgresError | asyncpg.InterfaceError):
        return None
    match classify(error):
        case Outcome.RETRY:
            return "STORAGE_UNAVAILABLE"
        case Outcome.AMBIGUOUS:
            # Every write of Trellis may be sent again: it is known by its event or request id.
            return "OUTCOME_UNKNOWN"
        case Outcome.PERMANENT:
            return None


def _access(error: Exception) -> Refusal | None:
    if not isinstance(error, AccessError):
        return None
    unknown = isinstance(error, UnauthenticatedError)
    return Refusal(
        code=grpc.StatusCode.UNAUTHENTICATED if unknown else grpc.StatusCode.PERMISSION_DENIED,
        reason=error.reason,
        message=str(error),
        metadata=error.metadata,
    )


def _internal(error: Exception, method: str) -> Refusal:
    error_id = random_id()
    log.error("rpc_failed", method=method, error_id=error_id, exc_info=error)
    return Refusal(
        code=grpc.StatusCode.INTERNAL,
        reason="INTERNAL",
        message=f"this is a fault of the service; its log has it under {error_id}",
        metadata={"error_id": error_id},
    )


def _bounded(metadata: Mapping[str, str]) -> dict[str, str]:
    first = list(metadata.items())[:MAXIMUM_VALUES]
    return {str(key): str(value)[:VALUE_CHARACTERS] for key, value in first}
