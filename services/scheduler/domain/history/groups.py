"""What the weeks before say of learners' groups on competencies: continuity (S5), exits (S6).

A learner is in the group on a competency from the first help seat on it until they leave, and they
leave when a later snapshot shows the goal: the exit level with enough evidence since the entry, or
no need at all any more, which is mastery's own word that it is reached. A seat that merely stops,
because others needed it more, is no exit: whoever did not get there is kept out of nothing. While
they sit in the group they have not left it, whatever the level; a person wanted it so.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.claims import Key
from services.scheduler.domain.exits import is_goal
from services.scheduler.domain.history.digest import NeedMark, SessionMark, WeekDigest
from services.scheduler.domain.history.past import Past, PastWeek, in_time
from services.scheduler.domain.history.weeks import SchoolWeeks
from services.scheduler.domain.model import GroupHistory, Need, Problem
from services.scheduler.domain.numbers import Policy


@dataclass(frozen=True, kw_only=True)
class Membership:
    """What has come together of a learner's groups on one competency, up to a week."""

    entry_date: date | None = None
    """When they entered the group that they are in; None: they are in none."""
    level_milli: int | None = None
    """Their level then; after a cycle with a gain, the level that it brought."""
    evidence_count: int | None = None
    """The pieces of evidence then; None: no need told."""
    exit_date: date | None = None
    """When they last left a group."""
    adult_id: str = ""
    """Who led the last session."""
    cycle: date | None = None
    """The start of the cycle of their last seat; None: that cycle is closed and counted."""
    last_monday: date | None = None
    """The week of their last seat."""
    cycles: int = 0
    """The cycles in a row that brought no gain."""


Memberships = Mapping[Key, Membership]
OUTSIDE = Membership()


@dataclass(frozen=True, kw_only=True)
class Look:
    """A snapshot's word on one learner and competency, when a week was, or is, planned."""

    monday: date
    cycle: date
    """The start of the cycle of this week."""
    known: bool
    """Whether the snapshot held the learner and the competency: else its silence says nothing."""
    level_milli: int | None = None
    evidence_count: int | None = None
    """None: it was no need."""


def group_histories(past: Past, problem: Problem) -> tuple[GroupHistory, ...]:
    """Return what the weeks before say of groups of the problem's learners, by learner and target.

    The needs of the problem are the last look: who has reached the goal by now leaves by now.
    """
    memberships: Memberships = {}
    for _, stands in course_of(past, problem.policy):
        memberships = stands
    return tuple(_histories(memberships, past.calendar, problem))


def course_of(past: Past, policy: Policy) -> Iterator[tuple[PastWeek, Memberships]]:
    """Yield each week of school, the oldest first, with the memberships after it."""
    memberships: Memberships = {}
    for week in in_time(past.weeks):
        memberships = after(memberships, week, past.calendar, policy)
        yield week, memberships


def after(
    memberships: Memberships, week: PastWeek, calendar: SchoolWeeks, policy: Policy
) -> Memberships:
    """Return the memberships once one more week of school has gone by."""
    if week.digest is None:
        return memberships
    snapshot = _Snapshot(week.digest, calendar.cycle_start(week.monday, policy.cycle_weeks))
    helped = _helped(week)
    found = {}
    for key in {**memberships, **helped}:
        seats = helped.get(key)
        membership = memberships.get(key, OUTSIDE)
        if seats is None and membership.entry_date is None:
            found[key] = membership
            continue
        look = snapshot.look(*key)
        membership = looked_at(membership, look)
        if seats is None:
            found[key] = left_or_not(membership, look, policy)
        else:
            found[key] = _seated(membership, look, seats)
    return found


def looked_at(membership: Membership, look: Look) -> Membership:
    """Count the cycle of the last seat once the next one has begun, by whether it brought a gain.

    A gain is a level above the one from which the row of cycles began; it begins the row anew.
    Where there was no level to compare with, the row begins with the first one.
    """
    first_need = membership.evidence_count is None and look.evidence_count is not None
    if first_need and membership.entry_date is not None:
        membership = replace(membership, evidence_count=look.evidence_count)
    if membership.cycle is None or membership.cycle >= look.cycle:
        return membership
    closed = replace(membership, cycle=None)
    if look.level_milli is None:
        return replace(closed, cycles=membership.cycles + 1)
    if membership.level_milli is None or look.level_milli > membership.level_milli:
        return replace(closed, cycles=0, level_milli=look.level_milli)
    return replace(closed, cycles=membership.cycles + 1)


def left_or_not(membership: Membership, look: Look, policy: Policy) -> Membership:
    """Return the membership of who does not sit in the group: outside, where they reached it."""
    if membership.entry_date is None or not look.known:
        return membership
    if look.evidence_count is None:
        # Who sat there without a need from first to last has reached nothing by that.
        reached = membership.evidence_count is not None
    else:
        since = evidence_since(membership, look.evidence_count)
        reached = is_goal(look.level_milli, since, policy)
    if not reached:
        return membership
    return Membership(exit_date=look.monday, last_monday=membership.last_monday)


def evidence_since(membership: Membership, count: int | None) -> int:
    """Return the pieces of evidence since the entry: those counted now beyond those of then.

    Mastery tells how many pieces count, not since when, so it is the difference; where evidence
    was retracted since, the difference may fall below nothing, and is nothing.
    """
    if membership.entry_date is None or membership.evidence_count is None or count is None:
        return 0
    return max(count - membership.evidence_count, 0)


def _helped(week: PastWeek) -> Mapping[Key, list[SessionMark]]:
    """Return the help sessions to which learners came, in order of time."""
    found: dict[Key, list[SessionMark]] = defaultdict(list)
    if week.digest is not None:
        for learner in week.digest.learners:
            for seat in week.attended(learner):
                if seat.is_help:
                    key = (learner.learner_id, seat.session.competency_id)
                    found[key].append(seat.session)
    return found


def _seated(membership: Membership, look: Look, seats: Sequence[SessionMark]) -> Membership:
    enters = membership.entry_date is None
    return Membership(
        entry_date=seats[0].date if enters else membership.entry_date,
        level_milli=look.level_milli if enters else membership.level_milli,
        evidence_count=look.evidence_count if enters else membership.evidence_count,
        exit_date=membership.exit_date,
        adult_id=seats[-1].adult_id,
        cycle=look.cycle,
        last_monday=look.monday,
        cycles=0 if enters else membership.cycles,
    )


class _Snapshot:
    """What a week's snapshot says of learners and competencies."""

    def __init__(self, digest: WeekDigest, cycle: date) -> None:
        self._digest = digest
        self._cycle = cycle
        self._marks = {one.learner_id: one for one in digest.learners if one.asked}
        self._competencies = frozenset(digest.competencies)

    def look(self, learner_id: str, competency_id: str) -> Look:
        """Return what it says of one learner and competency."""
        mark = self._marks.get(learner_id)
        need = None if mark is None else self._digest.need_of(mark, competency_id)
        known = mark is not None and competency_id in self._competencies
        return _look(self._digest.monday, self._cycle, need, known=known)


def _look(monday: date, cycle: date, need: Need | NeedMark | None, *, known: bool) -> Look:
    return Look(
        monday=monday,
        cycle=cycle,
        known=known,
        level_milli=need.level_milli if need is not None else None,
        evidence_count=need.evidence_count if need is not None else None,
    )


def _histories(
    memberships: Memberships, calendar: SchoolWeeks, problem: Problem
) -> Iterator[GroupHistory]:
    learners = {one.learner_id for one in problem.learners}
    competencies = {one.competency_id for one in problem.competencies}
    needs = {(one.learner_id, one.competency_id): one for one in problem.needs}
    cycle = calendar.cycle_start(problem.monday, problem.policy.cycle_weeks)
    last_monday = calendar.previous(problem.monday)
    for key in sorted(memberships):
        if key[0] not in learners or key[1] not in competencies:
            continue
        look = _look(problem.monday, cycle, needs.get(key), known=True)
        membership = left_or_not(looked_at(memberships[key], look), look, problem.policy)
        yield GroupHistory(
            learner_id=key[0],
            competency_id=key[1],
            adult_id=membership.adult_id if membership.cycle is not None else "",
            last_week=last_monday is not None and membership.last_monday == last_monday,
            entry_date=membership.entry_date,
            entry_level_milli=membership.level_milli,
            evidence_since_entry=evidence_since(membership, look.evidence_count),
            exit_date=membership.exit_date,
            cycles=membership.cycles,
        )
