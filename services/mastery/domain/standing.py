"""Where a learner stands with a competency: a decision, in which tests are held to a step each.

An external test is one sitting. However it went, it moves a decision by one step at most beside
what the decision would be without it; more evidence may move it on. This is a fairness rule, and
*judgement*. It is read from the evidence alone, never from what was decided before, so it holds
in any order of arrival: tests are added in the order in which they were taken, each within a step
of what stood without it.

Insufficient is no step of the ladder: from there a test may lead to not yet or to approaching, as
it went, but never to proficient. The newest four tests of a learner are held; those before them
count like any other work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.mastery.domain.decide import decide
from services.mastery.domain.estimate import (
    General,
    Terms,
    estimate,
    general_of,
    in_millionths,
    terms_of,
)
from services.mastery.domain.external_tests import (
    competency_without,
    learner_without,
    newest_keys,
    newest_local_day,
    newest_time_us,
    work_count,
)
from services.mastery.domain.model import (
    CompetencyFacts,
    Decision,
    Estimate,
    EstimateMicro,
    EvidenceSummary,
    LearnerFacts,
    Occasion,
    Policy,
)
from services.mastery.domain.occasion_levels import in_order_of_work
from services.mastery.domain.rules import level_milli

TESTS_HELD: Final = 4
"""External tests that are held to a step each, the newest. Judgement: a term has two or three."""

EVIDENCE_SHOWN: Final = 5
"""Ids of evidence that go with a mastery, newest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What all evidence says.

    `occasions` are in the order of the work. `unheld` is the decision as if no test were held to a
    step.
    """

    terms: Terms
    estimate: Estimate
    micro: EstimateMicro
    occasions: Sequence[Occasion]
    level_milli: int | None
    summary: EvidenceSummary
    decision: Decision
    unheld: Decision


class LearnerReader:
    """Reads a learner's competencies as of a time; what all of them share is worked out once."""

    def __init__(self, learner: LearnerFacts, *, as_of_us: int, policy: Policy) -> None:
        self._learner = learner
        self._as_of_us = as_of_us
        self._policy = policy
        self._generals: dict[tuple[str, ...], General] = {}

    def read(self, competency: CompetencyFacts, *, forgetting: bool = True) -> Standing:
        """Return where the learner stands; without `forgetting`, as if no time had gone by."""
        terms = self._terms(competency, ())
        found = estimate(terms, self._policy, forgetting=forgetting)
        micro = in_millionths(found)
        occasions = in_order_of_work(competency.occasions)
        level = level_milli(self._policy.current_rule, occasions)
        summary = summarise(competency)
        unheld = decide(micro, level, competency, summary, self._policy)
        return Standing(
            terms=terms,
            estimate=found,
            micro=micro,
            occasions=occasions,
            level_milli=level,
            summary=summary,
            decision=self._held(unheld, competency, forgetting=forgetting),
            unheld=unheld,
        )

    def _held(self, unheld: Decision, competency: CompetencyFacts, *, forgetting: bool) -> Decision:
        """Return the decision with the tests added one by one, each within a step."""
        learner_tests = self._learner.tests if self._policy.learner_wide else ()
        keys = newest_keys((*learner_tests, *competency.tests), TESTS_HELD)
        if not keys:
            return unheld
        stands = self._decide_without(keys, competency, forgetting=forgetting)
        for place in range(1, len(keys)):
            found = self._decide_without(keys[place:], competency, forgetting=forgetting)
            stands = within_a_step(stands, found)
        return within_a_step(stands, unheld)

    def _decide_without(
        self, keys: Sequence[str], competency: CompetencyFacts, *, forgetting: bool
    ) -> Decision:
        """Return the decision as if the tests had not been taken."""
        facts = competency_without(competency, keys)
        terms = self._terms(facts, tuple(keys))
        micro = in_millionths(estimate(terms, self._policy, forgetting=forgetting))
        level = level_milli(self._policy.current_rule, in_order_of_work(facts.occasions))
        return decide(micro, level, facts, summarise(facts), self._policy)

    def _terms(self, competency: CompetencyFacts, without: tuple[str, ...]) -> Terms:
        """Return the terms of facts in which the tests are left out already."""
        if not self._policy.learner_wide:
            return terms_of(general_of(competency), competency, as_of_us=self._as_of_us)
        general = self._generals.get(without)
        if general is None:
            general = general_of(learner_without(self._learner, without))
            self._generals[without] = general
        return terms_of(general, competency, as_of_us=self._as_of_us)


def within_a_step(stands: Decision, found: Decision) -> Decision:
    """Return the decision nearest to what was found that is a step from what stands at most."""
    if found == Decision.INSUFFICIENT:
        return found
    if stands == Decision.INSUFFICIENT:
        return min(found, Decision.APPROACHING)
    return Decision(min(max(found, stands - 1), stands + 1))


def summarise(competency: CompetencyFacts) -> EvidenceSummary:
    """Return how much a mastery rests on.

    Days are those of the window and of the occasions together: an assessment may take several
    days, and the window reaches back 32 pieces only.
    """
    window, tests = competency.window, competency.tests
    items = [piece.item_key for piece in window]
    unknown = items.count(None)
    days = {piece.local_day for piece in window}
    days |= {occasion.local_day for occasion in competency.occasions}
    return EvidenceSummary(
        evidence_count=competency.evidence_count,
        work_count=work_count(competency),
        test_count=len(tests),
        item_count=len(set(items)) + (unknown - 1 if unknown else 0) + len(tests),
        occasion_count=len(competency.occasions),
        day_count=len(days),
        newest_time_us=newest_time_us(competency),
        newest_local_day=newest_local_day(competency),
        evidence=tuple([piece.evidence_id for piece in window[:EVIDENCE_SHOWN]]),
    )
