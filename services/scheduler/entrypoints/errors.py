"""One table from this service's errors to gRPC codes; the reason goes along with the code."""

from typing import Final

import grpc

from services.common.rpc.errors import ErrorTable
from services.scheduler.domain.errors import (
    AnsweredAlreadyError,
    BatchTooLargeError,
    BookingRefusedError,
    DamagedWeekError,
    DraftChangedError,
    DraftMissingError,
    InUseError,
    InvalidRequestError,
    InvalidSettingError,
    NotAllowedError,
    NotFoundError,
    PersonRefusedError,
    PolicyMissingError,
    RequestIdReusedError,
    RequestsEndedError,
    RunEndedError,
    ServiceRequestError,
    SignOffMissingError,
    TooManyAsksError,
    TooManyRunsError,
    UpstreamError,
    WeekBrokenError,
    WeekChangedError,
    WindowClosedError,
    WindowInvalidError,
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
    WindowClosedError: grpc.StatusCode.FAILED_PRECONDITION,
    WindowInvalidError: grpc.StatusCode.INVALID_ARGUMENT,
    TooManyAsksError: grpc.StatusCode.FAILED_PRECONDITION,
    RequestsEndedError: grpc.StatusCode.FAILED_PRECONDITION,
    ServiceRequestError: grpc.StatusCode.PERMISSION_DENIED,
    AnsweredAlreadyError: grpc.StatusCode.FAILED_PRECONDITION,
    BookingRefusedError: grpc.StatusCode.FAILED_PRECONDITION,
    WeekBrokenError: grpc.StatusCode.FAILED_PRECONDITION,
    WeekChangedError: grpc.StatusCode.ABORTED,
    DamagedWeekError: grpc.StatusCode.DATA_LOSS,
    UpstreamError: grpc.StatusCode.UNAVAILABLE,
}
"""The class of an error, its subclasses among it, to the code that a caller gets."""
