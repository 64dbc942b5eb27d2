"""The limits of a learner's week (S1, S3, S4, S6), counted from the seats.

Seats by a person's word count, and never break a limit by themselves: a person decided. So a
limit is passed where the week goes beyond it and some seat of it is the planner's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from services.scheduler.domain.check.basics import BY_NEED, HELP, OWN_CHOICE, PLAN_ANEW, interval
from services.scheduler.domain.check.claims import Claim, has_left, is_without_gain
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.model import SessionKind, Slot
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Session

OPEN_FOR_SHARE = 3
"""Who has fewer open slots is not asked for one more of own choice; the share is over weeks."""

HELP_WORD = "help"


class LearnerWeek:
    """The week of one learner: what is theirs by a person's word, what by the planner's."""

    def __init__(self, index: Index, learner_id: str) -> None:
        self.index = index
        self.learner_id = learner_id
        seats = index.seats_of.get(learner_id, [])
        self.placed = [(seat, s) for seat in seats if (s := index.session_of(seat)) is not None]
        self.fixed = [session for seat, session in self.placed if index.is_fixed(seat)]
        self.free = [session for seat, session in self.placed if not index.is_fixed(seat)]
        self.exempt_slots = {s.slot_id for s in seats if index.is_fixed(s) and s.session_id is None}

    @cached_property
    def slots(self) -> list[Slot]:
        """The slots in which the learner is to have a place."""
        return [s for s in self.index.problem.slots if self.index.expects(self.learner_id, s)]

    @cached_property
    def help_claims(self) -> dict[str, Claim]:
        """The learner's claims to help, by competency."""
        needs = self.index.needs_of.get(self.learner_id, ())
        claims = {
            n.competency_id: self.index.claims.get((n.learner_id, n.competency_id)) for n in needs
        }
        return {c: claim for c, claim in claims.items() if claim is not None and claim.is_help}

    @cached_property
    def targets_of(self) -> dict[str, set[str]]:
        """By each claim that others build on, the claims that do."""
        found: dict[str, set[str]] = {}
        for competency_id in self.help_claims:
            for before in self.index.competencies[competency_id].prerequisites:
                if before in self.help_claims and before != competency_id:
                    found.setdefault(before, set()).add(competency_id)
        return found

    @property
    def groundwork_limit(self) -> int:
        """The most seats on what other needs build on."""
        return self.index.problem.policy.prerequisite_share_milli * len(self.slots) // 1000

    def open_slots(self, served: Iterable[Session] = ()) -> list[Slot]:
        """Return the slots that no person has filled, nor a service among `served`."""
        taken = [*self.fixed, *(s for s in served if s.kind is SessionKind.SERVICE)]
        closed = {slot_id for s in taken for slot_id in self.index.meeting.get(s.slot_id, ())}
        return [s for s in self.slots if s.slot_id not in closed | self.exempt_slots]

    def machine_limit(self, open_slots: int, *, over_weeks: bool = True) -> int:
        """Return the most help and check seats where so many slots are open (S3).

        `over_weeks`: also keep what the share of six weeks asks for (S4).
        """
        if open_slots < 2:
            return open_slots
        keeps = self.index.problem.policy.own_choice_seats_per_week
        if over_weeks and open_slots >= OPEN_FOR_SHARE and self._is_behind_share():
            keeps += 1
        return max(open_slots - max(keeps - self._own_pins(), 0), 0)

    def is_groundwork(self, session: Session) -> bool:
        """Return whether a seat in a session is help on what other needs build on."""
        return session.kind in HELP and session.competency_id in self.targets_of

    def is_rich(self, session: Session) -> bool:
        """Return whether a session is grade-level or rich work."""
        offer = self.index.offers.get(session.offer_id)
        return offer is not None and offer.rich

    def is_carried(self, competency_id: str, sessions: Iterable[Session]) -> bool:
        """Return whether help on what a need builds on has that need, or rich work, beside it."""
        targets = self.targets_of[competency_id]
        return any(
            self.is_rich(session) or (session.kind in HELP and session.competency_id in targets)
            for session in sessions
        )

    def is_own(self, session: Session) -> bool:
        """Return whether a seat in a session is enrichment or of own choice."""
        chosen = self.index.choice_met(self.learner_id, session) is not None
        return session.kind in OWN_CHOICE or chosen

    def _own_pins(self) -> int:
        return sum(1 for session in self.fixed if self.is_own(session))

    def _is_behind_share(self) -> bool:
        history = self.index.histories.get(self.learner_id)
        if history is None:
            return False
        share = self.index.problem.policy.own_choice_share_milli
        return history.own_choice_count * 1000 < share * history.slot_count


def departures(index: Index) -> Iterator[Breach]:
    """Yield where the week goes beyond a limit of a learner's week."""
    for learner_id in sorted(index.seats_of):
        week = LearnerWeek(index, learner_id)
        if week.free:
            yield from _each_need(week)
            yield from _help_seats(week)
            yield from _own_choice(week)
            yield from _enrichments(week)
            yield from _groundwork(week)
            yield from _calm_exits(week)


def most_disjoint(slots: list[Slot]) -> int:
    """Return how many of the slots can be had at most without two that meet."""
    count, free_from = 0, None
    for begin, end in sorted((interval(s) for s in slots), key=lambda pair: pair[1]):
        if free_from is None or begin >= free_from:
            count, free_from = count + 1, end
    return count


def _departure(rule: Rule, week: LearnerWeek, what: str, slot_id: str = "") -> Breach:
    message = f"Learner {week.learner_id} {what}. {PLAN_ANEW}"
    return Breach(rule=rule, slot_id=slot_id, message=message)


def _beyond(all_of: int, fixed: int, limit: int) -> bool:
    return all_of > max(limit, fixed)


def _purpose(session: Session) -> tuple[str, str]:
    """Return what a need's seats are counted by: the target, and help of whatever kind as one."""
    return session.competency_id or "", HELP_WORD if session.kind in HELP else session.kind.value


def _each_need(week: LearnerWeek) -> Iterator[Breach]:
    fixed = Counter(_purpose(session) for session in week.fixed if session.kind.has_target)
    count = fixed + Counter(_purpose(session) for session in week.free if session.kind.has_target)
    for (target, word), number in sorted(count.items()):
        claim = week.help_claims.get(target)
        most = claim.need.sessions if claim is not None and word == HELP_WORD else 1
        if _beyond(number, fixed[target, word], most):
            again = word == SessionKind.REASSESSMENT.value
            what = f"has {number} seats of {word} on competency {target}, at most {most}"
            yield _departure(Rule.VOICE if again else Rule.GREATEST_NEED, week, what)


def _help_seats(week: LearnerWeek) -> Iterator[Breach]:
    fixed = sum(1 for session in week.fixed if session.kind in HELP)
    number = fixed + sum(1 for session in week.free if session.kind in HELP)
    most = week.index.problem.policy.need_seats_per_week
    if _beyond(number, fixed, most):
        what = f"has {number} help seats, at most {most} a week"
        yield _departure(Rule.ENRICHMENT_FOR_ALL, week, what)


def _own_choice(week: LearnerWeek) -> Iterator[Breach]:
    machine = sum(1 for session in week.free if session.kind in BY_NEED)
    slots = most_disjoint(week.open_slots(week.free))
    if machine > week.machine_limit(slots, over_weeks=False):
        what = f"has {machine} seats by need in {slots} open slots, and keeps too few of own choice"
        yield _departure(Rule.VOICE, week, what)
    elif machine > week.machine_limit(slots):
        what = f"has {machine} seats by need in {slots} open slots, after weeks of little choice"
        yield _departure(Rule.ENRICHMENT_FOR_ALL, week, what)


def _enrichments(week: LearnerWeek) -> Iterator[Breach]:
    fixed = sum(1 for session in week.fixed if session.kind is SessionKind.ENRICHMENT)
    number = fixed + sum(1 for session in week.free if session.kind is SessionKind.ENRICHMENT)
    most = week.index.problem.policy.enrichment_seats_per_week
    if most and _beyond(number, fixed, most):
        what = f"has {number} enrichment seats, at most {most} a week"
        yield _departure(Rule.ENRICHMENT_FOR_ALL, week, what)


def _groundwork(week: LearnerWeek) -> Iterator[Breach]:
    """Yield where help on what others build on takes the place of grade-level or rich work."""
    fixed = [s for s in week.fixed if week.is_groundwork(s)]
    free = [s for s in week.free if week.is_groundwork(s)]
    number = len(fixed) + len(free)
    if _beyond(number, len(fixed), week.groundwork_limit):
        what = f"has {number} seats on what other needs build on"
        limit = f"at most {week.groundwork_limit} of {len(week.slots)} slots"
        yield _departure(Rule.GREATEST_NEED, week, f"{what}, {limit}")
    sessions = [session for _, session in week.placed]
    for session in free:
        if not week.is_carried(session.competency_id or "", sessions):
            what = (
                f"has a seat on competency {session.competency_id}, and none on what builds on it"
            )
            yield _departure(Rule.GREATEST_NEED, week, f"{what} or is rich", session.slot_id)


def _calm_exits(week: LearnerWeek) -> Iterator[Breach]:
    for session in week.free:
        key = (week.learner_id, session.competency_id or "")
        need, history = week.index.needs.get(key), week.index.group_histories.get(key)
        if need is None or session.kind not in BY_NEED:
            continue
        target = f"competency {session.competency_id}"
        if has_left(need, history, week.index.problem.policy):
            what = f"is back at {target}, though they left it and have not fallen far enough"
            yield _departure(Rule.CALM_EXITS, week, what, session.slot_id)
        elif session.kind in HELP and is_without_gain(need, history, week.index.problem.policy):
            what = f"is helped on {target} again, after so many cycles without a gain"
            yield _departure(Rule.CALM_EXITS, week, what, session.slot_id)
