"""What mastery reads and what it says, as frozen values.

The facts (`LearnerFacts`, `CompetencyFacts`) are functions of the set of live evidence alone, so
whatever order the evidence came in, they are equal. Nothing here computes.

Units: times are whole microseconds since 1970-01-01 UTC, days are days since 1970-01-01 on the
school's calendar, contributions are in units of 2**-20, scores run from 0 to 30,000, levels are
in thousandths (1000 to 4000), probabilities that are published or decided on in millionths.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from services.mastery.domain.roll_up_rules import RollUp
from services.mastery.domain.scales import LEVELS_AS_THEY_ARE, LevelWords, Scale, Step

WINDOW_SIZE = 32
"""Pieces in a window. On ASSISTments 2009, 32 for the learner cost .0007 AUC against 64."""

WHOLE_TEST = 1 << 20
"""What the shares of the pieces of an external test sum to, on one competency."""

SCORE_MAXIMUM = 30_000
"""Score of a full answer: exact for halves, thirds, quarters, fifths and percents."""

LEVEL_MINIMUM_MILLI = 1_000
"""The lowest level, at a score of 0."""

LEVEL_MAXIMUM_MILLI = 4_000
"""The highest level, at a score of 30,000."""

SCORE_OF_LEVEL_3 = 20_000
"""Level is 1 + 3 x score / 30,000: from this score on, the level is 3 or more."""

DEEP_DOK = 3
"""From this Depth of Knowledge on (Webb: strategic thinking), evidence counts as deep."""

MICROSECONDS_A_DAY = 86_400_000_000
"""Microseconds in 24 hours."""


class ScoreScale(IntEnum):
    """Which reading of a score the estimate takes; numbers as in the contract."""

    UNSPECIFIED = 0
    POINTS = 1
    RUBRIC = 2


class Purpose(IntEnum):
    """What an observation was for; numbers as in the contract."""

    UNSPECIFIED = 0
    FORMATIVE = 1
    SUMMATIVE = 2
    EXTERNAL_SUMMATIVE = 3
    PRACTICE = 4


class Kind(IntEnum):
    """How the learner showed it; numbers as in the contract."""

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


class Decision(IntEnum):
    """Where a learner stands with a competency; numbers as in the contract, higher is further."""

    UNSPECIFIED = 0
    INSUFFICIENT = 1
    NOT_YET = 2
    APPROACHING = 3
    PROFICIENT = 4
    EXEMPLARY = 5


class Piece(NamedTuple):
    """One live, scored piece of evidence as a window shows it.

    A named tuple, not a dataclass: a school's needs read a million of them, and `_make` takes a
    tenth of the time.

    `r` and `i` are the contribution in units of 2**-20: shared out by the alignment's weight in a
    competency's window, whole in a learner's. `item_key` is a 64-bit hash of the item, None where
    the item is unknown. `dok` is 1 to 4, 0 where unknown; `timed` is None where unknown.
    """

    occur_time_us: int
    evidence_id: bytes
    r: int
    i: int
    score: int
    item_key: int | None
    dok: int
    purpose: int
    kind: int
    timed: bool | None
    local_day: int


class Occasion(NamedTuple):
    """The evidence of one assessment, else of one local day, pooled as exact integer sums.

    A named tuple for the reason that `Piece` is one. `score_count` is at least 1; `local_day` is
    the day of the newest piece.
    """

    key: str
    local_day: int
    newest_time_us: int
    score_sum: int
    score_count: int


class ExternalTest(NamedTuple):
    """The pieces of one external summative on one competency, pooled as exact integer sums.

    One test counts about as one piece of work however many items it has, so it has one place in a
    window, not one for each item. `key` is that of its occasion. `share_sum` is in units of 2**-20:
    more than 1 where the test did not say how many items it has on the competency. `r_sum` and
    `i_sum` are aligned in a competency's facts, whole in a learner's. `deep_count` and
    `untimed_count` are as in `CompetencyFacts`, 0 in a learner's.
    """

    newest_time_us: int
    key: str
    competency: str
    local_day: int
    piece_count: int
    share_sum: int
    r_sum: int
    i_sum: int
    deep_count: int
    untimed_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LearnerFacts:
    """All live evidence of one learner: exact sums, and the newest pieces with whole contributions.

    `evidence_count` counts all pieces; the sums and `window` are those outside external tests.
    `window` is ordered by (occur_time_us, evidence_id), newest first, at most 32; `tests` are the
    newest external tests by (newest_time_us, key, competency), newest first, at most 32.
    """

    r_sum: int = 0
    i_sum: int = 0
    evidence_count: int = 0
    window: tuple[Piece, ...] = ()
    tests: tuple[ExternalTest, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CompetencyFacts:
    """All live evidence of one learner for one competency.

    The counts are of all pieces: `deep_count` of those at DOK 3 or more with level 3 or more,
    `untimed_count` of those not marked as timed. The sums and `window` are those of pieces outside
    external tests. `window` is ordered by (occur_time_us, evidence_id), newest first, at most 32,
    with aligned contributions; `tests` are all external tests, newest first; `occasions` are all
    there are, those of tests among them, and may come in any order.
    `reference_d64` is the difficulty of the competency's grade-level task in 1/64 logits, 0 until
    items are calibrated. `competency` is its name, which policy may single out.
    """

    r_sum: int = 0
    i_sum: int = 0
    evidence_count: int = 0
    deep_count: int = 0
    untimed_count: int = 0
    window: tuple[Piece, ...] = ()
    tests: tuple[ExternalTest, ...] = ()
    occasions: tuple[Occasion, ...] = ()
    version: int = 0
    competency: str = ""
    reference_d64: int = 0


class Share(IntEnum):
    """A share p of typical tasks done right, in thousandths, that an estimate has a chance for."""

    HALF = 500
    SEVEN_TENTHS = 700
    EIGHT_TENTHS = 800
    NINE_TENTHS = 900


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """The estimate's key: open where P(p >= share) is at least `at_least_micro` millionths."""

    share: Share
    at_least_micro: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleChoice:
    """Which rule of `rules.RULES` a policy reads; `parameter` is the rule's own, 0 for none."""

    name: str
    version: int = 1
    parameter: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What may differ between districts. The defaults are judgement unless marked otherwise.

    A district's own is a document (`policy_document.py`), kept in versions (`policies.py`).

    Any rule may be the credit rule; the current rule must be one that can fall, which
    `mastery.check_policy` sees to.

    `fluency_competencies` are those that timed evidence alone never makes proficient; None means
    all of them. `minimum_days` above 1 makes a decision wait for evidence on several days.
    `intercept` (logits) and `slope` are a district's calibration of the estimate, 0 and 1 until
    its own outcomes have been fitted. `learner_wide` False leaves what the learner shows in other
    competencies out of the estimate. The thresholds that begin with `keep` move no decision: they
    keep a status that was published already (`published_status.py`).

    `level_names` (none: levels have no names) and `display_scale` are how levels are told, which
    changes none; `roll_ups`, in order of id, say which parts make a broad competency reached.
    """

    credit_rule: RuleChoice = RuleChoice(name="highest")
    current_rule: RuleChoice = RuleChoice(name="decaying_average", parameter=65)
    minimum_evidence: int = 3
    minimum_items: int = 2
    minimum_days: int = 1
    exemplary_gate: Gate = Gate(share=Share.NINE_TENTHS, at_least_micro=700_000)
    exemplary_level_milli: int = 3_500
    exemplary_evidence: int = 4
    exemplary_deep: int = 1
    proficient_gate: Gate = Gate(share=Share.EIGHT_TENTHS, at_least_micro=700_000)
    proficient_level_milli: int = 3_000
    approaching_gate: Gate = Gate(share=Share.HALF, at_least_micro=600_000)
    keep_exemplary_gate: Gate = Gate(share=Share.NINE_TENTHS, at_least_micro=500_000)
    keep_exemplary_level_milli: int = 3_000
    keep_proficient_gate: Gate = Gate(share=Share.EIGHT_TENTHS, at_least_micro=500_000)
    keep_proficient_level_milli: int = 2_500
    reteach_below_half_micro: int = 800_000
    reteach_evidence: int = 3
    reassess_gate: Gate = Gate(share=Share.EIGHT_TENTHS, at_least_micro=500_000)
    reassess_wait_us: int = MICROSECONDS_A_DAY
    refresh_gate: Gate = Gate(share=Share.EIGHT_TENTHS, at_least_micro=500_000)
    fluency_competencies: frozenset[str] | None = None
    learner_wide: bool = True
    intercept: float = 0.0
    slope: float = 1.0
    level_names: tuple[Step, ...] = ()
    display_scale: Scale = LEVELS_AS_THEY_ARE
    roll_ups: tuple[RollUp, ...] = ()


DEFAULT_POLICY = Policy()
"""The policy of a district that has chosen nothing, and of every field that it leaves out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A learner's competence as a chance of success on a typical task of the competency.

    `m` and `v` are mean and variance in logits; `success` is the chance now; `p_half`, `p_seven`,
    `p_eight` and `p_nine` are P(p >= .5), P(p >= .7), P(p >= .8) and P(p >= .9). The floats may
    differ in their last digits between machines, so what is published and decided on is
    `in_millionths` of `estimate.py`.
    """

    m: float
    v: float
    success: float
    p_half: float
    p_seven: float
    p_eight: float
    p_nine: float


@dataclass(frozen=True, kw_only=True, slots=True)
class EstimateMicro:
    """An estimate in millionths: what is published and decided on."""

    success: int
    p_half: int
    p_seven: int
    p_eight: int
    p_nine: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceSummary:
    """How much a mastery rests on.

    `evidence_count` counts pieces; `work_count` counts pieces of work, which an external test is
    one of; `test_count` counts external tests. `item_count` counts distinct items in the window, a
    piece without an item as one of its own, and each external test as one; `day_count` distinct
    local days; `newest_time_us` and `newest_local_day` are None where there is no evidence;
    `evidence` are the ids of the newest pieces outside tests, newest first, at most 5.
    """

    evidence_count: int
    work_count: int
    test_count: int
    item_count: int
    occasion_count: int
    day_count: int
    newest_time_us: int | None
    newest_local_day: int | None
    evidence: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mastery:
    """Where one learner stands with one competency as of a time.

    `credit_level_milli` is None while the decision is INSUFFICIENT, and while the credit rule asks
    for more occasions than there are. `current_level_milli` is what the current rule says, also
    while INSUFFICIENT (a need shows it; what is published as a mastery leaves it out then); None
    without any occasion, or where the rule says none yet, and then the decision is INSUFFICIENT.
    The two rules are those that the levels are by, `policy_version` the version of the district's
    policy that they and all thresholds are from, 0 for the default policy. The words are those of
    the policy for the levels, None where a level is.
    """

    decision: Decision
    credit_level_milli: int | None
    current_level_milli: int | None
    estimate: Estimate
    micro: EstimateMicro
    summary: EvidenceSummary
    needs_reteach: bool
    ready_to_reassess: bool
    refresh_due: bool
    explanation: str
    as_of_us: int
    version: int
    credit_rule: RuleChoice
    current_rule: RuleChoice
    policy_version: int = 0
    credit_words: LevelWords | None = None
    current_words: LevelWords | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """A competency that teaching time may go to for one learner: what is streamed of its mastery.

    The fields are those of `Mastery`; `current_level_milli` is told also while INSUFFICIENT.
    """

    competency: str
    decision: Decision
    current_level_milli: int | None
    micro: EstimateMicro
    summary: EvidenceSummary
    needs_reteach: bool
    version: int
