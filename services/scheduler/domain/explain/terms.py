"""What a found week is worth, rule by rule: the value that its report states.

Every seat counts, the pinned ones too. The check adds the same up by code of its own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from services.scheduler.domain import rules
from services.scheduler.domain.claims import Claim
from services.scheduler.domain.model import Choice, GroupHistory, KeepTogether, SessionKind
from services.scheduler.domain.question.answer import Answer, Meeting
from services.scheduler.domain.question.classes import holds_in, is_of
from services.scheduler.domain.question.items import help_rank_value, rank_value
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.snapshot_index import SnapshotIndex
from services.scheduler.domain.week import Term

WORTH = (
    Rule.GREATEST_NEED,
    Rule.ONE_GAP,
    Rule.VOICE,
    Rule.ENRICHMENT_FOR_ALL,
    Rule.CONTINUITY,
    Rule.KNOWN_ADULT,
)
"""The soft rules that add to the value; the others are limits."""

Part = tuple[Rule, int]
"""A rule, and what it adds in thousandths of a point."""


def terms_of(question: Question, answer: Answer) -> tuple[Term, ...]:
    """Return what each soft rule adds to the value of the week, in the order of the rules."""
    snapshot = question.frame.snapshot
    worth = _Worth(snapshot)
    attended: dict[str, list[Meeting]] = defaultdict(list)
    for (learner_id, _), place in answer.places.items():
        if place.meeting is not None:
            attended[learner_id].append(place.meeting)
    total: Counter[Rule] = Counter()
    for learner_id, meetings in attended.items():
        for rule, milli in worth.of_learner(learner_id, meetings):
            total[rule] += milli
    for pair in snapshot.problem.keep_together:
        total[Rule.KNOWN_ADULT] += worth.of_pair(pair, attended)
    return tuple(Term(rule=rule, value_milli=total[rule]) for rule in WORTH)


class _Worth:
    """Says what seats are worth; what it looks up is indexed once."""

    def __init__(self, snapshot: SnapshotIndex) -> None:
        problem = snapshot.problem
        self._snapshot = snapshot
        self._policy = problem.policy
        self._weights = problem.policy.weights
        self._claims = {claim.key: claim for claim in snapshot.claims}
        self._groups = {(one.learner_id, one.competency_id): one for one in problem.group_histories}
        self._without = {one.learner_id: one.weeks_without_need_seat for one in problem.histories}
        self._choices: dict[str, list[Choice]] = defaultdict(list)
        for choice in problem.choices:
            self._choices[choice.learner_id].append(choice)

    def of_learner(self, learner_id: str, meetings: Iterable[Meeting]) -> Iterator[Part]:
        """Yield what the seats of a learner's week add."""
        helped: Counter[Claim] = Counter()
        wishes: set[Choice] = set()
        enrichments = 0
        for meeting in meetings:
            kind = meeting.offer.kind
            met = self._wishes(learner_id, meeting)
            if kind.is_own_choice:
                wishes.update(met)
            else:
                yield Rule.VOICE, help_rank_value(met, self._weights)
            enrichments += kind is SessionKind.ENRICHMENT
            claim = self._claim(learner_id, meeting)
            if claim is not None and kind.is_help:
                helped[claim] += 1
            yield from self._of_seat(learner_id, meeting, claim)
        # In enrichment and commons a choice is met once a week, however often the learner comes.
        yield Rule.VOICE, self._points(wishes)
        yield Rule.ENRICHMENT_FOR_ALL, self._enrichments(enrichments)
        yield Rule.GREATEST_NEED, self._of_the_week(learner_id, helped)

    def of_pair(self, pair: KeepTogether, attended: dict[str, list[Meeting]]) -> int:
        """Return what good company adds, for each slot in which the two are in one session."""
        theirs = set(map(id, attended.get(pair.other_id, ())))
        shared = sum(
            id(meeting) in theirs and self._stands(pair, meeting)
            for meeting in attended.get(pair.learner_id, ())
        )
        return self._weights.together_milli * shared

    def _stands(self, pair: KeepTogether, meeting: Meeting) -> bool:
        day = self._snapshot.slots[meeting.slot_id].date
        return pair.expire_date is None or day < pair.expire_date

    def _claim(self, learner_id: str, meeting: Meeting) -> Claim | None:
        """Return the claim that a seat meets: help by a group, a check by a check."""
        kind = meeting.offer.kind
        if not kind.is_help and kind is not SessionKind.CHECK:
            return None
        claim = self._claims.get((learner_id, meeting.competency_id or ""))
        if claim is None or claim.entitlement is not Entitlement.met_by(kind):
            return None
        return claim

    def _of_seat(self, learner_id: str, meeting: Meeting, claim: Claim | None) -> Iterator[Part]:
        kind = meeting.offer.kind
        if claim is not None and kind.is_help:
            yield from self._of_help(claim, meeting)
        elif claim is not None:
            yield Rule.GREATEST_NEED, claim.weight_milli
        if kind is SessionKind.REASSESSMENT and self._asked_again(learner_id, meeting):
            yield Rule.VOICE, self._weights.reassessment_milli
        if kind is SessionKind.COMMONS:
            yield Rule.ENRICHMENT_FOR_ALL, self._weights.commons_milli
        if meeting.offer.adult_id in self._snapshot.learners[learner_id].adult_ids:
            yield Rule.KNOWN_ADULT, self._weights.known_adult_milli

    def _of_help(self, claim: Claim, meeting: Meeting) -> Iterator[Part]:
        weight = claim.weight_milli
        tier_id = meeting.tier.tier_id if meeting.tier else ""
        share = rules.tier_share_milli(self._policy, claim.tier_id, tier_id)
        in_tier = rules.half_up(weight * share, rules.MILLI)
        mode = rules.mode_share_milli(self._policy, meeting.offer.mode)
        yield Rule.ONE_GAP, in_tier - weight
        yield Rule.GREATEST_NEED, weight + rules.half_up(in_tier * mode, rules.MILLI) - in_tier
        yield Rule.CONTINUITY, self._continued(self._groups.get(claim.key), meeting)

    def _continued(self, history: GroupHistory | None, meeting: Meeting) -> int:
        if history is None:
            return 0
        same_adult = history.adult_id == meeting.offer.adult_id
        milli = self._weights.same_adult_milli if same_adult else 0
        return milli + (self._weights.continued_milli if history.last_week else 0)

    def _of_the_week(self, learner_id: str, helped: Counter[Claim]) -> int:
        """Return what the first help seat adds, less what further seats on a need fall short."""
        if not helped:
            return 0
        weeks = min(self._without.get(learner_id, 0) + 1, self._weights.first_need_weeks)
        repeats = sum(
            (seats - 1) * rules.repeat_cost_milli(claim.weight_milli, self._weights)
            for claim, seats in helped.items()
        )
        return self._weights.first_need_milli * weeks - repeats

    def _enrichments(self, count: int) -> int:
        if not count:
            return 0
        weights = self._weights
        return weights.first_enrichment_milli + (count - 1) * weights.enrichment_milli

    def _wishes(self, learner_id: str, meeting: Meeting) -> list[Choice]:
        """Return the learner's choices of the very offer."""
        return [
            one
            for one in self._choices[learner_id]
            if is_of(one, meeting.offer, meeting.competency_id) and holds_in(one, meeting.slot_id)
        ]

    def _asked_again(self, learner_id: str, meeting: Meeting) -> bool:
        return any(
            one.offer_id is None
            and one.competency_id == meeting.competency_id is not None
            and holds_in(one, meeting.slot_id)
            for one in self._choices[learner_id]
        )

    def _points(self, wishes: Iterable[Choice]) -> int:
        return sum(rank_value(one, self._weights) for one in wishes)
