"""One table from this service's errors to gRPC codes; the reason goes along with the code."""

from typing import Final

import grpc

from services.common.rpc.errors import ErrorTable
from services.scheduler.domain.errors import (
    BatchTooLargeError,
    DamagedWeekError,
    DraftChangedError,
    DraftMissingError,
    InUseError,
    InvalidRequestError,
    InvalidSettingError,
    MoveRefusedError,
    NotAllowedError,
    NotFoundError,
    PersonRefusedError,
    PolicyMissingError,
    RequestIdReusedError,
    ReviewClosedError,
    RunEndedError,
    SessionDeclinedError,
    SignOffMissingError,
    TooManyFeedsError,
    TooManyRunsError,
    UpstreamError,
    WeekBrokenError,
    WeekChangedError,
    WeekLockedError,
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
    TooManyFeedsError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    RunEndedError: grpc.StatusCode.FAILED_PRECONDITION,
    DraftMissingError: grpc.StatusCode.FAILED_PRECONDITION,
    DraftChangedError: grpc.StatusCode.FAILED_PRECONDITION,
    SignOffMissingError: grpc.StatusCode.FAILED_PRECONDITION,
    NotAllowedError: grpc.StatusCode.PERMISSION_DENIED,
    PersonRefusedError: grpc.StatusCode.PERMISSION_DENIED,
    WeekBrokenError: grpc.StatusCode.FAILED_PRECONDITION,
    WeekLockedError: grpc.StatusCode.FAILED_PRECONDITION,
    ReviewClosedError: grpc.StatusCode.FAILED_PRECONDITION,
    SessionDeclinedError: grpc.StatusCode.FAILED_PRECONDITION,
    MoveRefusedError: grpc.StatusCode.FAILED_PRECONDITION,
    WeekChangedError: grpc.StatusCode.ABORTED,
    DamagedWeekError: grpc.StatusCode.DATA_LOSS,
    UpstreamError: grpc.StatusCode.UNAVAILABLE,
}
"""The class of an error, its subclasses among it, to the code that a caller gets."""
