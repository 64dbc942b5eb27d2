"""One table from this service's errors to gRPC codes; the reason goes along with the code."""

from typing import Final

import grpc

from services.common.rpc.errors import ErrorTable
from services.mastery.domain.errors import (
    BeforeRetentionError,
    InvalidRequestError,
    NotFreshEnoughError,
    PolicyChangedError,
    PolicyDocumentError,
    PolicyNotFoundError,
    PolicyTooEarlyError,
    RollUpNotFoundError,
    UnreadablePolicyError,
)

ERRORS: Final[ErrorTable] = {
    InvalidRequestError: grpc.StatusCode.INVALID_ARGUMENT,
    BeforeRetentionError: grpc.StatusCode.OUT_OF_RANGE,
    # Not UNAVAILABLE, which clients send again at once: here was waited for them already.
    NotFreshEnoughError: grpc.StatusCode.ABORTED,
    PolicyDocumentError: grpc.StatusCode.INVALID_ARGUMENT,
    PolicyChangedError: grpc.StatusCode.FAILED_PRECONDITION,
    PolicyTooEarlyError: grpc.StatusCode.FAILED_PRECONDITION,
    PolicyNotFoundError: grpc.StatusCode.NOT_FOUND,
    RollUpNotFoundError: grpc.StatusCode.NOT_FOUND,
    UnreadablePolicyError: grpc.StatusCode.DATA_LOSS,
}
"""The class of an error, its subclasses among it, to the code that a caller gets."""
