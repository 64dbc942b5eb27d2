"""A learner's competence as a chance of success, read in closed form from sums and windows.

The estimate is a function of the facts and a time; it must not depend on the order in which
evidence came, nor on an earlier estimate. With R and I in whole units (2**-20 taken out), k the
rank in a window from the newest (0) on, all items of an external test on one competency being one
piece of work (`external_tests.py`):

    Rg16 = sum_k 2**(-k/16) R_k   over the learner's window,     Ig16 likewise
    Rs5  = sum_k 2**(-k/5)  R_k   over the competency's window,  Is5 likewise
    Ig = 4.2 Ig16 + .07 Ig_all    G = (4.2 Rg16 + .07 Rg_all) / (Ig + 5.7)
    Is = 3.6 Is5 + .09 Is_all     S = (3.6 Rs5 + .09 Rs_all - .9 G Is) / (Is + 5.2)
    gap = ln(1 + days since the newest evidence of the competency), 0 without evidence
    m = b + slope (-.95 dref + 1.18 G + .78 S + .03 ln(1 + n) - .09 gap - .7 [n = 0])
    v = .43 + 3.65 x 1.18**2 / (Ig + 5.7) + .07 x .78**2 / (Is + 5.2) + .069 gap
    success = sigma(m / sqrt(1 + .3927 v))        P(p >= q) = Phi((.86 m - logit q) / sqrt v)

Constants in capitals are *fitted, then rounded by hand to one set*: on the public response logs
that Gervet, Koedinger, Schneider and Mitchell compare models on ("When is Deep Learning the Best
Approach to Knowledge Tracing?", JEDM 12(3), 2020): ASSISTments 2009, Statics 2011, Algebra 2005
and ASSISTments 2017, predicting held-out learners. None of these logs has rubric levels, Depth of
Knowledge or outcomes of a later summative. What no evidence takes (.7) was fitted later, on
ASSISTments 2009 alone, and confirmed on a log that had no part in it (docs/mastery.md). `v` and
`QUOTE_SLOPE` were fitted on the next five items as one block; .3927 is pi / 8, the probit
approximation of MacKay (1992).
`Policy.intercept` (b) and `Policy.slope` are 0 and 1 until a district is calibrated.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Final, NamedTuple

from services.mastery.domain.contribution import CONTRIBUTION_BITS
from services.mastery.domain.external_tests import (
    Work,
    newest_time_us,
    work_count,
    work_sums,
    work_window,
)
from services.mastery.domain.model import (
    MICROSECONDS_A_DAY,
    WINDOW_SIZE,
    CompetencyFacts,
    Estimate,
    EstimateMicro,
    Gate,
    LearnerFacts,
    Piece,
    Policy,
    Share,
)
from services.mastery.domain.sigma_table import STEPS_A_LOGIT

UNIT: Final = 2.0**-CONTRIBUTION_BITS
"""One unit of a stored contribution."""

LEARNER_HALF_LIFE_RANKS: Final = 16
COMPETENCY_HALF_LIFE_RANKS: Final = 5
LEARNER_RECENT: Final = 4.2
LEARNER_ALL: Final = 0.07
LEARNER_PRIOR: Final = 5.7
COMPETENCY_RECENT: Final = 3.6
COMPETENCY_ALL: Final = 0.09
COMPETENCY_PRIOR: Final = 5.2
LEARNER_SHARE_EXPECTED: Final = 0.9
REFERENCE_EFFECT: Final = 0.95
LEARNER_EFFECT: Final = 1.18
COMPETENCY_EFFECT: Final = 0.78
COUNT_EFFECT: Final = 0.03
GAP_EFFECT: Final = 0.09
NO_EVIDENCE_EFFECT: Final = 0.7
VARIANCE_FLOOR: Final = 0.43
LEARNER_VARIANCE: Final = 3.65 * LEARNER_EFFECT**2
COMPETENCY_VARIANCE: Final = 0.07 * COMPETENCY_EFFECT**2
GAP_VARIANCE: Final = 0.069
QUOTE_SLOPE: Final = 0.86
PROBIT: Final = 0.3927

LEARNER_WEIGHTS: Final = tuple(2.0 ** (-k / LEARNER_HALF_LIFE_RANKS) for k in range(WINDOW_SIZE))
COMPETENCY_WEIGHTS: Final = tuple(
    2.0 ** (-k / COMPETENCY_HALF_LIFE_RANKS) for k in range(WINDOW_SIZE)
)

_LOGIT_SEVEN: Final = math.log(0.7 / 0.3)
_LOGIT_EIGHT: Final = math.log(4.0)
_LOGIT_NINE: Final = math.log(9.0)
_SQUARE_ROOT_OF_HALF: Final = math.sqrt(0.5)
_MILLION: Final = 1_000_000

_MICRO_OF_SHARE: Final = {
    Share.HALF: attrgetter("p_half"),
    Share.SEVEN_TENTHS: attrgetter("p_seven"),
    Share.EIGHT_TENTHS: attrgetter("p_eight"),
    Share.NINE_TENTHS: attrgetter("p_nine"),
}


class General(NamedTuple):
    """What a learner shows over all: G and Ig. The same for each competency of that learner."""

    ability: float
    information: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What the equations are made of: G and Ig; 3.6 Rs5 + .09 Rs_all; Is; gap; n and dref.

    n counts pieces of work: an external test is one, however many items it has.
    """

    general: float
    general_information: float
    shown: float
    information: float
    gap_days: float
    gap: float
    work_count: int
    reference: float


def read_terms(
    learner: LearnerFacts, competency: CompetencyFacts, *, as_of_us: int, policy: Policy
) -> Terms:
    """Return the terms of one learner and competency as of a time; no evidence is no error."""
    source = learner if policy.learner_wide else competency
    return terms_of(general_of(source), competency, as_of_us=as_of_us)


def terms_of(general: General, competency: CompetencyFacts, *, as_of_us: int) -> Terms:
    """Return the terms of one competency, where what the learner shows over all is known."""
    recent_r, recent_i = _recent(competency, COMPETENCY_WEIGHTS)
    all_r, all_i = work_sums(competency)
    days = _gap_days(competency, as_of_us)
    return Terms(
        general=general.ability,
        general_information=general.information,
        shown=(COMPETENCY_RECENT * recent_r + COMPETENCY_ALL * all_r) * UNIT,
        information=(COMPETENCY_RECENT * recent_i + COMPETENCY_ALL * all_i) * UNIT,
        gap_days=days,
        gap=math.log1p(days),
        work_count=work_count(competency),
        reference=competency.reference_d64 / STEPS_A_LOGIT,
    )


def general_of(facts: LearnerFacts | CompetencyFacts) -> General:
    """Return G and Ig of the evidence that stands for the learner."""
    recent_r, recent_i = _recent(facts, LEARNER_WEIGHTS)
    all_r, all_i = work_sums(facts)
    information = (LEARNER_RECENT * recent_i + LEARNER_ALL * all_i) * UNIT
    shown = (LEARNER_RECENT * recent_r + LEARNER_ALL * all_r) * UNIT
    return General(ability=shown / (information + LEARNER_PRIOR), information=information)


def own_terms(terms: Terms, competency: CompetencyFacts) -> Terms:
    """Return the terms as if the learner had shown nothing in any other competency."""
    own = general_of(competency)
    return replace(terms, general=own.ability, general_information=own.information)


def estimate(terms: Terms, policy: Policy, *, forgetting: bool = True) -> Estimate:
    """Return the estimate; without `forgetting`, as it was when the newest evidence was shown."""
    gap = terms.gap if forgetting else 0.0
    m = _mean(terms, policy, gap)
    v = (
        VARIANCE_FLOOR
        + LEARNER_VARIANCE / (terms.general_information + LEARNER_PRIOR)
        + COMPETENCY_VARIANCE / (terms.information + COMPETENCY_PRIOR)
        + GAP_VARIANCE * gap
    )
    quoted = QUOTE_SLOPE * m
    scale = _SQUARE_ROOT_OF_HALF / math.sqrt(v)
    return Estimate(
        m=m,
        v=v,
        success=_sigma(m / math.sqrt(1.0 + PROBIT * v)),
        p_half=0.5 * math.erfc(-quoted * scale),
        p_seven=0.5 * math.erfc((_LOGIT_SEVEN - quoted) * scale),
        p_eight=0.5 * math.erfc((_LOGIT_EIGHT - quoted) * scale),
        p_nine=0.5 * math.erfc((_LOGIT_NINE - quoted) * scale),
    )


def in_millionths(floats: Estimate) -> EstimateMicro:
    """Return the estimate in millionths, rounded half up: what decisions and readers get."""
    return EstimateMicro(
        success=int(floats.success * _MILLION + 0.5),
        p_half=int(floats.p_half * _MILLION + 0.5),
        p_seven=int(floats.p_seven * _MILLION + 0.5),
        p_eight=int(floats.p_eight * _MILLION + 0.5),
        p_nine=int(floats.p_nine * _MILLION + 0.5),
    )


def at_least_micro(micro: EstimateMicro, share: Share) -> int:
    """Return P(p >= share) in millionths."""
    return int(_MICRO_OF_SHARE[share](micro))


def is_open(gate: Gate, micro: EstimateMicro) -> bool:
    """Return whether the estimate opens the gate."""
    return at_least_micro(micro, gate.share) >= gate.at_least_micro


def _recent(facts: LearnerFacts | CompetencyFacts, weights: Sequence[float]) -> tuple[float, float]:
    """Return the weighted sums of r and i over a window of at most 32, newest first."""
    # Most learners have no external test, and a school's needs read a million pieces.
    window: Sequence[Work | Piece] = work_window(facts) if facts.tests else facts.window
    r = i = 0.0
    for work, weight in zip(window, weights, strict=False):
        r += weight * work.r
        i += weight * work.i
    return r, i


def _gap_days(competency: CompetencyFacts, as_of_us: int) -> float:
    """Return the days since the newest evidence; 0 without evidence or before it."""
    newest = newest_time_us(competency)
    return 0.0 if newest is None else max(0, as_of_us - newest) / MICROSECONDS_A_DAY


def _mean(terms: Terms, policy: Policy, gap: float) -> float:
    """Return m, in logits."""
    expected = LEARNER_SHARE_EXPECTED * terms.general * terms.information
    specific = (terms.shown - expected) / (terms.information + COMPETENCY_PRIOR)
    return policy.intercept + policy.slope * (
        -REFERENCE_EFFECT * terms.reference
        + LEARNER_EFFECT * terms.general
        + COMPETENCY_EFFECT * specific
        + COUNT_EFFECT * math.log1p(terms.work_count)
        - GAP_EFFECT * gap
        - (0.0 if terms.work_count else NO_EVIDENCE_EFFECT)
    )


def _sigma(x: float) -> float:
    """Return the logistic of x without overflow at either end."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    small = math.exp(x)
    return small / (1.0 + small)
