"""What a caller can do wrong.

MasteryError
└── InvalidRequestError      a field of a request is not what it must be
"""


class MasteryError(Exception):
    """A request that cannot be answered; `reason` is UPPER_SNAKE."""

    reason = "MASTERY_ERROR"


class InvalidRequestError(MasteryError):
    """A field of a request is not what it must be; the message begins with the field."""

    reason = "INVALID_REQUEST"

    def __init__(self, *, field: str, message: str) -> None:
        super().__init__(f"{field} {message}")
        self.metadata = {"field": field}
