"""What a record says, and what evidence is once it is normalised.

Frozen values without behaviour. The numbers of the enumerations are those of the contract, so that
the wire adapter need not translate them. Times are whole microseconds since 1970-01-01 UTC, which
is also what PostgreSQL keeps; days are days since 1970-01-01.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar, dataclass_transform

from services.evidence.domain.references import CompetencyReference, Reference

T = TypeVar("T")


@dataclass_transform(kw_only_default=True, frozen_default=True)
def hot_value(cls: type[T]) -> type[T]:
    """Make a frozen, keyword-only dataclass whose freezing the type checker alone enforces.

    For what is built for each record: an instance of 20 fields costs 1 us instead of 6, as a class
    that is frozen at run time sets every field through object.__setattr__.
    """
    return dataclass(kw_only=True, slots=True)(cls)


SCORE_MAXIMUM = 30_000
"""Score of a full answer: exact for halves, thirds, quarters, fifths and percents."""

WEIGHT_SUM_MILLI = 1_000
"""The shares of one piece of evidence sum to this."""


class Purpose(IntEnum):
    """What an observation was for."""

    UNSPECIFIED = 0
    FORMATIVE = 1
    SUMMATIVE = 2
    EXTERNAL_SUMMATIVE = 3
    PRACTICE = 4


class Kind(IntEnum):
    """How the learner showed it."""

    UNSPECIFIED = 0
    QUIZ = 1
    TEST = 2
    PERFORMANCE_TASK = 3
    PORTFOLIO = 4
    CONFERENCE = 5
    OBSERVATION = 6
    HOMEWORK = 7
    GAME = 8
    SELF_REPORT = 9


class ScoreScale(IntEnum):
    """Which reading of a score the estimate takes."""

    UNSPECIFIED = 0
    POINTS = 1
    RUBRIC = 2


class RefusalReason(IntEnum):
    """Why a record was refused; docs/data-dictionary.md says what to do about each."""

    MALFORMED = 1
    MISSING_EVENT_ID = 2
    EVENT_ID_REUSED = 3
    UNKNOWN_LEARNER = 4
    UNKNOWN_COMPETENCY = 5
    SCORE_OUT_OF_RANGE = 6
    ALIGNMENT_INVALID = 7
    TIME_OUT_OF_RANGE = 8
    SOURCE_NOT_ALLOWED = 9
    RECORD_TOO_LARGE = 10
    UNSUPPORTED = 11
    DUPLICATE = 12
    UNKNOWN_REFERENCE = 13
    IDENTITY_CONFLICT = 14
    UNALIGNED_ITEM = 15
    AMBIGUOUS_REFERENCE = 16


class Outcome(IntEnum):
    """What became of a record."""

    ACCEPTED = 1
    REPEATED = 2
    SUPERSEDED = 3
    REFUSED = 4
    VALID = 5
    WAITING = 6


class RetractionReason(IntEnum):
    """Why an observation was retracted."""

    WITHDRAWN = 1
    IMPORT_WITHDRAWN = 2
    LEARNER_CORRECTED = 3
    LEARNER_MERGED = 4


@hot_value
class Record:
    """What a source sent, field by field, unchecked; any value that the fields' types can hold.

    size_bytes: of the record as it was sent. occur_time: (seconds, nanoseconds) since 1970, absent
    where the source gave none. alignments: (competency's resource name, weight in thousandths).
    points: (earned, possible) in thousandths of a point. level_milli: rubric level in thousandths.
    learner_reference and referenced_alignments stand in for names: how the source calls whom and
    what it speaks of.
    """

    size_bytes: int
    event_id: str
    source: str
    entity_id: str
    version: int
    learner: str
    occur_time: tuple[int, int] | None
    alignments: tuple[tuple[str, int], ...]
    points: tuple[int, int] | None
    level_milli: int | None
    purpose: int
    kind: int
    dok: int
    timed: bool | None
    item: str
    assessment: str
    assessment_items_on_competency: int
    artefact: str
    learner_reference: Reference | None = None
    referenced_alignments: tuple[tuple[CompetencyReference, int], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why a record was refused, where, and what to do: two sentences fit to be read by people.

    awaits: what has to become known for the record to be taken up by itself (see `waiting`); empty
    where a person has to mend something.
    """

    reason: RefusalReason
    field: str
    message: str
    hint: str
    awaits: str = ""


@hot_value
class Evidence:
    """One normalised observation of one learner.

    evidence_id: UUIDv5 of district, source and entity id, 16 bytes. version: the source's, 0 where
    the order of receipt is the version. alignments: (competency id, weight in thousandths), sorted,
    distinct, 1 to 8, weights sum to 1000. score: 0 to 30,000, absent where nothing was scored.
    content_hash: 16 bytes. assessment: "source/id", empty where unknown.
    """

    event_id: str
    evidence_id: bytes
    version: int
    content_hash: bytes
    learner_id: str
    occur_time_micros: int
    source: str
    entity_id: str
    alignments: tuple[tuple[str, int], ...]
    score: int | None
    score_scale: ScoreScale
    purpose: int
    kind: int
    dok: int
    timed: bool | None
    item: str
    assessment: str
    assessment_items_on_competency: int
    artefact: str
    local_day: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Retraction:
    """The retraction of one observation from one learner."""

    evidence_id: bytes
    learner_id: str
    occur_time_micros: int
    reason: RetractionReason
    content_hash: bytes


@hot_value
class Answer:
    """What became of one record.

    evidence_id is empty, version and position are 0 where the record was refused.
    """

    event_id: str
    outcome: Outcome
    evidence_id: bytes = b""
    version: int = 0
    position: int = 0
    refusal: Refusal | None = None

    @property
    def changed(self) -> bool:
        """Whether something was kept that counts from now on."""
        return self.outcome is Outcome.ACCEPTED
