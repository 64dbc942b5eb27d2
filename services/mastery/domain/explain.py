"""Where an estimate and a level come from: exact effects, and one sentence for a teacher.

The mean of an estimate is linear in the contributions of the window, so its breakdown is exact:
the effects sum to m (a test holds it to 1e-12). It must not round before it adds up, and the
sentence names no learner and no other learner's numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from math import log1p
from typing import Final

from services.mastery.domain.decide import (
    both_keys_turn,
    decide,
    is_sufficient,
    is_timed_only,
    keys_disagree,
)
from services.mastery.domain.estimate import (
    COMPETENCY_ALL,
    COMPETENCY_EFFECT,
    COMPETENCY_PRIOR,
    COMPETENCY_RECENT,
    COMPETENCY_WEIGHTS,
    COUNT_EFFECT,
    GAP_EFFECT,
    LEARNER_EFFECT,
    LEARNER_SHARE_EXPECTED,
    NO_EVIDENCE_EFFECT,
    REFERENCE_EFFECT,
    UNIT,
    Terms,
    at_least_micro,
    estimate,
    in_millionths,
    own_terms,
)
from services.mastery.domain.external_tests import Work, work_sums, work_window
from services.mastery.domain.level_words import district_sentence
from services.mastery.domain.model import (
    CompetencyFacts,
    Decision,
    EstimateMicro,
    EvidenceSummary,
    ExternalTest,
    Kind,
    Occasion,
    Piece,
    Policy,
)
from services.mastery.domain.moments import EPOCH_ORDINAL
from services.mastery.domain.occasion_levels import level_text
from services.mastery.domain.rules import words

GAP_WORTH_SAYING_DAYS: Final = 14
"""Fewer days without evidence than this are not mentioned."""

EASY_DOK: Final = 1
"""Depth of Knowledge of recall: work at this depth tells little of whether a level holds."""

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
"""Written here because `strftime` follows the machine's language."""

_KIND_WORDS: Final = {
    Kind.UNSPECIFIED: "work",
    Kind.PERFORMANCE_TASK: "performance task",
    Kind.SELF_REPORT: "self-report",
}


_WORK_WEIGHTS: Final = tuple(
    COMPETENCY_RECENT * weight + COMPETENCY_ALL for weight in COMPETENCY_WEIGHTS
)
"""What a piece or a test counts by its rank in the window, newest first."""


class EffectSource(Enum):
    """What moves the mean of an estimate."""

    TASK = "the typical task of the competency"
    LEARNER = "recent work in all competencies"
    PIECE = "one piece of evidence"
    TEST = "one external test"
    OLDER = "evidence before the newest 32"
    COUNT = "how much has been shown"
    GAP = "days without evidence"
    NO_EVIDENCE = "nothing shown yet"


STATUS_WORDS: Final = {
    Decision.INSUFFICIENT: "too little evidence",
    Decision.NOT_YET: "not yet",
    Decision.APPROACHING: "approaching",
    Decision.PROFICIENT: "proficient",
    Decision.EXEMPLARY: "exemplary",
}
"""What people read for a decision."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """What one source adds to the mean, in logits; `work` is set for PIECE and TEST."""

    source: EffectSource
    logits: float
    work: Piece | ExternalTest | None = None


def breakdown(terms: Terms, competency: CompetencyFacts, policy: Policy) -> tuple[Effect, ...]:
    """Return the effects that sum to the estimate's m, pieces and tests newest first."""
    slope = policy.slope
    task = policy.intercept - slope * REFERENCE_EFFECT * terms.reference
    learner = slope * LEARNER_EFFECT * terms.general
    count = slope * COUNT_EFFECT * log1p(terms.work_count)
    window = work_window(competency)
    effects = [
        Effect(source=EffectSource.TASK, logits=task),
        Effect(source=EffectSource.LEARNER, logits=learner),
        *(
            Effect(source=_source_of(work), logits=logits, work=work.shown)
            for logits, work in zip(work_effects(terms, window, policy), window, strict=True)
        ),
        Effect(source=EffectSource.OLDER, logits=_older_effect(terms, competency, window, policy)),
        Effect(source=EffectSource.COUNT, logits=count),
        Effect(source=EffectSource.GAP, logits=gap_effect(terms, policy)),
    ]
    if not terms.work_count:
        nothing = -slope * NO_EVIDENCE_EFFECT
        effects.append(Effect(source=EffectSource.NO_EVIDENCE, logits=nothing))
    return tuple(effects)


def work_effects(terms: Terms, window: Sequence[Work], policy: Policy) -> list[float]:
    """Return what each piece or test of a competency's window adds to the mean, in logits."""
    scale = _scale(terms, policy)
    expected = LEARNER_SHARE_EXPECTED * terms.general
    return [
        scale * weight * (work.r - expected * work.i)
        for work, weight in zip(window, _WORK_WEIGHTS, strict=False)
    ]


def gap_effect(terms: Terms, policy: Policy) -> float:
    """Return what the days without evidence take from the mean, in logits; never above 0."""
    return -policy.slope * GAP_EFFECT * terms.gap


def _scale(terms: Terms, policy: Policy) -> float:
    """Return logits of the mean per unit of contribution."""
    prior = terms.information + COMPETENCY_PRIOR
    return policy.slope * COMPETENCY_EFFECT * UNIT / prior


def _source_of(work: Work) -> EffectSource:
    return EffectSource.TEST if isinstance(work.shown, ExternalTest) else EffectSource.PIECE


def _older_effect(
    terms: Terms, competency: CompetencyFacts, window: Sequence[Work], policy: Policy
) -> float:
    """Return what evidence that has left the window still adds, in logits."""
    all_r, all_i = work_sums(competency)
    r = all_r - sum(work.r for work in window)
    i = all_i - sum(work.i for work in window)
    expected = LEARNER_SHARE_EXPECTED * terms.general
    return _scale(terms, policy) * COMPETENCY_ALL * (r - expected * i)


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What a sentence is made of: everything that `read_mastery` found.

    `unheld` is the decision as if no external test were held to a step. `credit_milli` and
    `current_milli` are None where there is no occasion, or where the rule asks for more than there
    is.
    """

    decision: Decision
    unheld: Decision
    credit_milli: int | None
    current_milli: int | None
    micro: EstimateMicro
    summary: EvidenceSummary
    occasions: Sequence[Occasion]


def sentence(findings: Findings, terms: Terms, competency: CompetencyFacts, policy: Policy) -> str:
    """Return what a teacher is told: the level's arithmetic, then the estimate and its sources.

    Levels stand in thousandths, so that the arithmetic can be checked; a district's own words for
    them follow.
    """
    if findings.decision == Decision.INSUFFICIENT:
        return _insufficient(findings, policy)
    parts = [_level_words(findings, policy)]
    if said := district_sentence(findings.credit_milli, findings.current_milli, policy):
        parts.append(said)
    parts.append(_estimate_words(findings, terms, competency, policy))
    current = findings.current_milli or 0
    if keys_disagree(findings.micro, current, policy):
        parts.append(_disagreement(findings, competency, policy))
    own = _own_eight_micro(findings, terms, competency, policy)
    if own is not None:
        parts.append(f"From this competency's evidence alone: {percent(own)}.")
    if is_timed_only(competency, policy) and both_keys_turn(findings.micro, current, policy):
        parts.append("All of it was against the clock; work without a clock is asked for.")
    if findings.decision != findings.unheld:
        parts.append(_held_words(findings))
    return " ".join(parts)


def _held_words(findings: Findings) -> str:
    """Return why the decision is not what the level and the estimate alone would say."""
    held, unheld = STATUS_WORDS[findings.decision], STATUS_WORDS[findings.unheld]
    return f"An external test alone moves this by one step at most: {held}, not {unheld}."


def _own_eight_micro(
    findings: Findings, terms: Terms, competency: CompetencyFacts, policy: Policy
) -> int | None:
    """Return P(p >= .8) as if nothing else had been shown, where that would decide otherwise."""
    if not policy.learner_wide:
        return None
    micro = in_millionths(estimate(own_terms(terms, competency), policy))
    alone = decide(micro, findings.current_milli, competency, findings.summary, policy)
    return micro.p_eight if alone != findings.unheld else None


def _insufficient(findings: Findings, policy: Policy) -> str:
    """Return what is missing: evidence, else what the current rule asks for."""
    summary = findings.summary
    if not summary.evidence_count:
        return "No evidence yet."
    if is_sufficient(summary, policy):
        return f"No level yet: {words(policy.current_rule, findings.occasions)}."
    days = f" on {policy.minimum_days} days" if policy.minimum_days > 1 else ""
    return (
        f"Too little evidence to say: {_amount(summary)}; a decision asks for "
        f"{policy.minimum_evidence} pieces on {policy.minimum_items} items{days}."
    )


def _level_words(findings: Findings, policy: Policy) -> str:
    """Return the arithmetic of the current level, and the credit with its own where it differs."""
    current = words(policy.current_rule, findings.occasions)
    text = current[0].upper() + current[1:]
    if findings.credit_milli == findings.current_milli:
        return f"{text}."
    credit = words(policy.credit_rule, findings.occasions)
    if findings.credit_milli is None:
        return f"{text}. No credit yet: {credit}."
    return f"{text}. Credit: {credit}."


def _estimate_words(
    findings: Findings, terms: Terms, competency: CompetencyFacts, policy: Policy
) -> str:
    window = work_window(competency)
    effects = work_effects(terms, window, policy)
    most = max(effects, key=abs)
    work = window[effects.index(most)].shown
    text = (
        f"Estimate: {percent(findings.micro.p_eight)} chance of 8 in 10 or better on a typical "
        f"task, from {_amount(findings.summary)}; the {_work_words(work)} "
        f"counted most ({_signed(most)})"
    )
    if terms.gap_days >= GAP_WORTH_SAYING_DAYS:
        effect = _signed(gap_effect(terms, policy))
        text += f"; {int(terms.gap_days)} days without evidence ({effect})"
    return text + "."


def _disagreement(findings: Findings, competency: CompetencyFacts, policy: Policy) -> str:
    """Return that one key says proficient and the other does not, and the likeliest reason."""
    gate = policy.proficient_gate
    chance = percent(at_least_micro(findings.micro, gate.share))
    asked = percent(gate.at_least_micro)
    level = level_text(findings.current_milli or 0)
    if (findings.current_milli or 0) < policy.proficient_level_milli:
        return f"The estimate has its {asked}, but the level is {level}."
    window = competency.window
    easy = sum(1 for piece in window if piece.dok == EASY_DOK)
    if window and 2 * easy >= len(window):
        return (
            f"The level is {level}, but the estimate has {chance} where {asked} is asked for: "
            f"{easy} of {counted(len(window), 'piece')} at DOK 1."
        )
    return f"The level is {level}, but the estimate has {chance} where {asked} is asked for."


def _amount(summary: EvidenceSummary) -> str:
    return ", ".join(
        (
            works(summary),
            counted(summary.item_count, "item"),
            counted(summary.day_count, "day"),
        )
    )


def works(summary: EvidenceSummary) -> str:
    """Return how much work there is; the items of an external test are not counted one by one."""
    pieces = counted(summary.work_count - summary.test_count, "piece")
    if not summary.test_count:
        return pieces
    tests = counted(summary.test_count, "external test")
    return tests if summary.work_count == summary.test_count else f"{pieces} and {tests}"


def counted(count: int, word: str) -> str:
    """Return a number of things, as in "1 piece" and "2 pieces"."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _work_words(work: Piece | ExternalTest) -> str:
    day = date.fromordinal(EPOCH_ORDINAL + work.local_day)
    words = "external test" if isinstance(work, ExternalTest) else _kind_words(work.kind)
    return f"{words} of {day.day} {_MONTHS[day.month - 1]}"


def _kind_words(kind: int) -> str:
    known = Kind(kind) if 0 <= kind < len(Kind) else Kind.UNSPECIFIED
    return _KIND_WORDS.get(known, known.name.lower())


def percent(micro: int) -> str:
    """Return a probability as whole percents, never rounded up to a certainty."""
    return f"{min(99, max(1, (micro + 5_000) // 10_000))} %"


def _signed(logits: float) -> str:
    return f"{logits:+.2f}".replace("-", "−")
