"""The errors of roster and frameworks, each with the code that a caller gets."""

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
from services.evidence.domain.roster import LearnerKeyMissingError

ENTITY_ERRORS: Final[ErrorTable] = {
    InvalidEntityError: grpc.StatusCode.INVALID_ARGUMENT,
    BatchTooLargeError: grpc.StatusCode.INVALID_ARGUMENT,
    MalformedRequestIdError: grpc.StatusCode.INVALID_ARGUMENT,
    EntityNotFoundError: grpc.StatusCode.NOT_FOUND,
    RequestIdReusedError: grpc.StatusCode.ALREADY_EXISTS,
    # Only an operator can mend it; sending again before that is in vain.
    LearnerKeyMissingError: grpc.StatusCode.FAILED_PRECONDITION,
}
