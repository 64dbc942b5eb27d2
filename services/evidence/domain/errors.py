"""The errors of the record-to-evidence path.

    EvidenceError
    ├── InvalidRequestError      the request itself can never be right
    ├── BatchTooLargeError       (in entities) more than 500 in one call
    ├── EvidenceNotFoundError    the district has no such evidence
    ├── QuarantinedRecordNotFoundError  the quarantine of the district has no such number
    ├── SourceNotAllowedError    the credential does not speak for the observation's source
    ├── AllDistrictsRefusedError this process cannot read the ledger of every district
    ├── EventIdReusedError       a retraction's event id was used before for something else
    └── ConcurrentChangeError    someone else changed the same observation; asking again may work

A refused record is no error: it is an answer (`Refusal`).
"""


class EvidenceError(Exception):
    """What goes wrong on this path; `reason` is part of the contract."""

    reason = "EVIDENCE_ERROR"


class InvalidRequestError(EvidenceError):
    """A field of the request can never be right."""

    reason = "INVALID_REQUEST"

    def __init__(self, *, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class EvidenceNotFoundError(EvidenceError):
    """The district has no evidence of this name."""

    reason = "EVIDENCE_NOT_FOUND"

    def __init__(self, *, evidence: str) -> None:
        super().__init__(f"The district has no evidence {evidence}.")
        self.evidence = evidence


class QuarantinedRecordNotFoundError(EvidenceError):
    """The quarantine of the district has no record of this number."""

    reason = "QUARANTINED_RECORD_NOT_FOUND"

    def __init__(self, *, quarantine_id: int) -> None:
        super().__init__(f"The quarantine has no record {quarantine_id}.")
        self.quarantine_id = quarantine_id


class SourceNotAllowedError(EvidenceError):
    """The credential does not speak for the source of an observation."""

    reason = "SOURCE_NOT_ALLOWED"

    def __init__(self, *, source: str) -> None:
        super().__init__(f"The credential does not speak for source {source}.")
        self.source = source


class AllDistrictsRefusedError(EvidenceError):
    """This process has no connection that may read the ledger of every district."""

    reason = "ALL_DISTRICTS_REFUSED"

    def __init__(self) -> None:
        super().__init__(
            "This process has no connection that sees every district: give it the worker's"
            " (EVIDENCE_WORKER_POSTGRES_DSN), or ask with a credential of one district."
        )


class EventIdReusedError(EvidenceError):
    """The event id of a retraction was used before for something else."""

    reason = "EVENT_ID_REUSED"

    def __init__(self, *, event_id: str) -> None:
        super().__init__(f"Event id {event_id!r} was used before for something else.")
        self.event_id = event_id


class ConcurrentChangeError(EvidenceError):
    """Others kept changing the same observations; nothing was kept. Ask again."""

    reason = "CONCURRENT_CHANGE"

    def __init__(self, *, attempts: int = 1) -> None:
        super().__init__(
            f"Others changed the same observations in each of {attempts} attempts;"
            " nothing was kept."
        )
        self.attempts = attempts
