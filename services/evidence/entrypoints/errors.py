"""One table from this service's errors to gRPC codes; the reason goes along with the code."""

from typing import Final

import grpc

from services.common.rpc.errors import ErrorTable
from services.evidence.domain.entities import (
    BatchTooLargeError,
    EntityNotFoundError,
    InvalidEntityError,
    MalformedRequestIdError,
    RequestIdReusedError,
)
from services.evidence.domain.errors import (
    AllDistrictsRefusedError,
    ConcurrentChangeError,
    EventIdReusedError,
    EvidenceNotFoundError,
    InvalidRequestError,
    QuarantinedRecordNotFoundError,
    SourceNotAllowedError,
)
from services.evidence.domain.merging import MergeRefusedError
from services.evidence.domain.roster import LearnerKeyMissingError

ERRORS: Final[ErrorTable] = {
    InvalidRequestError: grpc.StatusCode.INVALID_ARGUMENT,
    EvidenceNotFoundError: grpc.StatusCode.NOT_FOUND,
    QuarantinedRecordNotFoundError: grpc.StatusCode.NOT_FOUND,
    SourceNotAllowedError: grpc.StatusCode.PERMISSION_DENIED,
    AllDistrictsRefusedError: grpc.StatusCode.FAILED_PRECONDITION,
    EventIdReusedError: grpc.StatusCode.ALREADY_EXISTS,
    ConcurrentChangeError: grpc.StatusCode.ABORTED,
    BatchTooLargeError: grpc.StatusCode.INVALID_ARGUMENT,
    InvalidEntityError: grpc.StatusCode.INVALID_ARGUMENT,
    EntityNotFoundError: grpc.StatusCode.NOT_FOUND,
    RequestIdReusedError: grpc.StatusCode.ALREADY_EXISTS,
    MalformedRequestIdError: grpc.StatusCode.INVALID_ARGUMENT,
    MergeRefusedError: grpc.StatusCode.FAILED_PRECONDITION,
    LearnerKeyMissingError: grpc.StatusCode.FAILED_PRECONDITION,
}
"""The class of an error, its subclasses among it, to the code that a caller gets."""
