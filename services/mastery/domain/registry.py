"""The facts of a chunk as columns, and the registry's rows that they become.

Columns, because a chunk is folded at once: a Python object for each record would cost more than
the fold. Strings that repeat (learners, competencies, occasions) are written once, sorted, and
columns hold their index, so that the order of the indexes is the order of the keys. Nothing here
computes.

Units: times are whole microseconds since 1970-01-01 UTC, days are days since 1970-01-01 on the
school's calendar, contributions are in units of 2**-20.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
"""A column of whole numbers, shape (n,)."""

Flags = NDArray[np.bool_]
"""A column of yes or no, shape (n,)."""

LearnerKey = tuple[str, str]
"""District and learner id."""

UNKNOWN = -1
"""What a column of numbers holds where there is nothing to say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceColumns:
    """The n facts of a chunk and their m alignments.

    `learners`, `competencies` and `occasions` are sorted and without repeats; `learner` (n,),
    `occasion` (n,) and `alignment_competency` (m,) are indexes into them. `counts` says whether a
    fact is recorded and scored; of one that is not, only identity, version and place are read.
    `offset` is the place in the log, by which versions of rows rise. `timed` is 1, 0 or UNKNOWN.
    Alignments are in order of `alignment_record` (index of the fact), then `alignment_ordinal`
    (0 to 7); a fact that does not count has exactly one, of ordinal 0, without a competency
    (UNKNOWN).
    """

    learners: Sequence[LearnerKey]
    competencies: Sequence[str]
    occasions: Sequence[str]
    learner: Integers
    evidence_id: Sequence[bytes]
    version: Sequence[int]
    content_hash: Sequence[bytes]
    offset: Integers
    ledger_position: Integers
    counts: Flags
    occur_time_us: Integers
    local_day: Integers
    occasion: Integers
    score: Integers
    scale: Integers
    kind: Integers
    purpose: Integers
    dok: Integers
    timed: Integers
    item_key: Sequence[int | None]
    items_on_competency: Integers
    alignment_record: Integers
    alignment_ordinal: Integers
    alignment_competency: Integers
    alignment_weight_milli: Integers

    def __len__(self) -> int:
        return len(self.evidence_id)

    def districts(self) -> Sequence[str]:
        """Return the districts of the facts, sorted, each once."""
        return sorted({district for district, _ in self.learners})

    def observations(self) -> Sequence[tuple[LearnerKey, bytes]]:
        """Return (learner, evidence id) of the facts, each once however often it comes."""
        distinct = dict.fromkeys(zip(self.learner.tolist(), self.evidence_id, strict=True))
        return [(self.learners[learner], evidence_id) for learner, evidence_id in distinct]


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryRow:
    """One standing piece of evidence for one of its alignments, as the registry keeps it.

    (district, learner, evidence_id, ordinal) is the key. Where `live` is False (withdrawn, or
    never scored) there is one row, of ordinal 0, and nothing beyond identity and version is set.
    `r` and `i` are shared out by the alignment's weight; `learner_r` and `learner_i` are whole, and
    set on ordinal 0 alone.
    """

    district: str
    learner: str
    evidence_id: bytes
    ordinal: int
    version: int
    content_hash: bytes
    live: bool
    ledger_position: int = 0
    occur_time_us: int = 0
    local_day: int = 0
    competency: str = ""
    occasion: str = ""
    weight_milli: int = 0
    score: int = 0
    scale: int = 0
    kind: int = 0
    purpose: int = 0
    dok: int = 0
    timed: bool | None = None
    item_key: int | None = None
    items_on_competency: int = 1
    r: int = 0
    i: int = 0
    learner_r: int = 0
    learner_i: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRows:
    """Rows to put into the registry, as columns (k,), in key order.

    `record` is the index of the fact in the chunk's columns, `competency` an index into the
    competencies of the changes or UNKNOWN; the rest as in `RegistryRow`.
    """

    record: Integers
    ordinal: Integers
    competency: Integers
    weight_milli: Integers
    r: Integers
    i: Integers
    learner_r: Integers
    learner_i: Integers

    def __len__(self) -> int:
        return len(self.record)


@dataclass(frozen=True, kw_only=True, slots=True)
class MasteryDeltas:
    """What is added to the sums of (learner, competency), in key order; `version` is set.

    Counts are of all pieces, `r_sum` and `i_sum` of those outside external tests.
    """

    learner: Integers
    competency: Integers
    evidence_count: Integers
    r_sum: Integers
    i_sum: Integers
    deep_count: Integers
    untimed_count: Integers
    version: Integers


@dataclass(frozen=True, kw_only=True, slots=True)
class LearnerDeltas:
    """What is added to the sums of a learner, in key order; `version` is set.

    The count is of all pieces, `r_sum` and `i_sum` of those outside external tests.
    """

    learner: Integers
    evidence_count: Integers
    r_sum: Integers
    i_sum: Integers
    version: Integers


@dataclass(frozen=True, kw_only=True, slots=True)
class TestDeltas:
    """What is added to the sums of occasions that are external tests; the rest is 0.

    `is_test` says of which; `learner_share_sum` is of the pieces that count here for the learner
    (their first competency).
    """

    is_test: Flags
    share_sum: Integers
    r_sum: Integers
    i_sum: Integers
    deep_count: Integers
    untimed_count: Integers
    learner_share_sum: Integers
    learner_r_sum: Integers
    learner_i_sum: Integers


TEST_SUMS = tuple(field.name for field in fields(TestDeltas) if field.name != "is_test")
"""What a store keeps of an external test, in the order in which the state hash has it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OccasionDeltas:
    """What is added to (learner, competency, occasion), in key order.

    `local_day` and `newest_time_us` are the largest of what came, to be kept where they are larger
    than what stands. Where `recount` is True something was taken away: afterwards both are read
    from the registry again, and an occasion without evidence goes.
    """

    learner: Integers
    competency: Integers
    occasion: Integers
    score_sum: Integers
    score_count: Integers
    local_day: Integers
    newest_time_us: Integers
    recount: Flags
    tests: TestDeltas


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """All that a chunk changes. Columns of indexes point into the three lists of keys.

    `replaced` are the evidence (learner index, evidence id) whose registered rows give way to
    `rows`. `ledger_position` is the highest seen, by district, also where nothing changed.
    """

    learners: Sequence[LearnerKey]
    competencies: Sequence[str]
    occasions: Sequence[str]
    replaced: Sequence[tuple[int, bytes]]
    rows: NewRows
    masteries: MasteryDeltas
    learner_sums: LearnerDeltas
    occasion_sums: OccasionDeltas
    ledger_position: dict[str, int]
