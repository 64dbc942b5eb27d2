"""One table from this service's errors to gRPC codes; the reason goes along with the code."""

from typing import Final

import grpc

from services.common.rpc.errors import ErrorTable
from services.scheduler.domain.errors import (
    BatchTooLargeError,
    ChangeError,
    DamagedWeekError,
    DayClosedError,
    DraftChangedError,
    DraftMissingError,
    InUseError,
    InvalidRequestError,
    InvalidSettingError,
    NotAllowedError,
    NotFoundError,
    PersonRefusedError,
    PolicyMissingError,
    ProblemError,
    RequestIdReusedError,
    RevisionChangedError,
    RunEndedError,
    SignOffMissingError,
    TooEarlyError,
    TooManyRunsError,
    UpstreamError,
    WeekBrokenError,
    WeekChangedError,
)

ERRORS: Final[ErrorTable] = {
    InvalidRequestError: grpc.StatusCode.INVALID_ARGUMENT,
    InvalidSettingError: grpc.StatusCode.INVALID_ARGUMENT,
    BatchTooLargeError: grpc.StatusCode.INVALID_ARGUMENT,
    NotFoundError: grpc.StatusCode.NOT_FOUND,
    InUseError: grpc.StatusCode.FAILED_PRECONDITION,
    RequestIdReusedError: grpc.StatusCode.ALREADY_EXISTS,
    PolicyMissingError: grpc.StatusCode.FAILED_PRECONDITION,
    TooManyRunsError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    RunEndedError: grpc.StatusCode.FAILED_PRECONDITION,
    DraftMissingError: grpc.StatusCode.FAILED_PRECONDITION,
    DraftChangedError: grpc.StatusCode.FAILED_PRECONDITION,
    SignOffMissingError: grpc.StatusCode.FAILED_PRECONDITION,
    NotAllowedError: grpc.StatusCode.PERMISSION_DENIED,
    PersonRefusedError: grpc.StatusCode.PERMISSION_DENIED,
    WeekBrokenError: grpc.StatusCode.FAILED_PRECONDITION,
    WeekChangedError: grpc.StatusCode.ABORTED,
    DamagedWeekError: grpc.StatusCode.DATA_LOSS,
    RevisionChangedError: grpc.StatusCode.ABORTED,
    DayClosedError: grpc.StatusCode.FAILED_PRECONDITION,
    TooEarlyError: grpc.StatusCode.FAILED_PRECONDITION,
    ChangeError: grpc.StatusCode.FAILED_PRECONDITION,
    ProblemError: grpc.StatusCode.FAILED_PRECONDITION,
    UpstreamError: grpc.StatusCode.UNAVAILABLE,
}
"""The class of an error, its subclasses among it, to the code that a caller gets."""
