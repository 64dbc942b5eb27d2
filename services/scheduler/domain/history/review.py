"""The review of a cycle: how fairly help, waiting and choice were shared, who left, who is stuck.

For the principal, every three to six weeks. Figures of groups are told, never optimised on, and no
figure of fewer than ten learners, nor one that could be worked out from the others, is given. What
a board reads are the figures of the school and its grades; who is stuck is for the team alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.scheduler.domain.claims import Key
from services.scheduler.domain.history.digest import LearnerMark, NeedState, WeekDigest
from services.scheduler.domain.history.figures import Figures, Totals, figures_of
from services.scheduler.domain.history.groups import Memberships, course_of
from services.scheduler.domain.history.past import Past, PastWeek, in_time
from services.scheduler.domain.history.shares import HELP_DUE
from services.scheduler.domain.history.waiting import unmet_in
from services.scheduler.domain.numbers import Policy

FEWEST_LEARNERS = 10
"""Of fewer learners no figure is given."""


@dataclass(frozen=True, kw_only=True)
class GroupFigures:
    """The figures of the learners of a grade, or of those with a tag."""

    name: str
    figures: Figures | None
    """None: they are too few, or others could be worked out from it."""


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """A learner whom help on a competency has brought nothing, cycle after cycle (S6)."""

    learner_id: str
    competency_id: str
    cycles: int
    entry_date: date
    adult_id: str
    """Who led their last session on it."""


@dataclass(frozen=True, kw_only=True)
class CycleReview:
    """How the weeks of a review went."""

    mondays: tuple[date, ...]
    """The weeks of school that were published, the oldest first."""
    school: Figures | None
    """None: there are too few learners."""
    grades: tuple[GroupFigures, ...] = ()
    """By grade."""
    tags: tuple[GroupFigures, ...] = ()
    """By tag; a learner may bear several."""
    stuck: tuple[Stuck, ...] = ()
    """By learner and competency; for the team alone."""


def cycle_review(past: Past, policy: Policy, *, weeks: int) -> CycleReview:
    """Return the review of the last `weeks` weeks of school of a past, which may reach further.

    What lies before them is read for how long needs have waited and how long groups have lasted.
    """
    ordered = in_time(past.weeks)
    reviewed = ordered[len(ordered) - min(weeks, len(ordered)) :]
    stuck = tuple(_stuck(past, policy))
    begin = reviewed[0].monday if reviewed else date.max
    totals = _totals(reviewed)
    _add_waits(totals, ordered, begin)
    _add_exits(totals, past, policy, begin)
    for one in stuck:
        if one.learner_id in totals:
            totals[one.learner_id].stuck += 1
    return CycleReview(
        mondays=tuple(one.monday for one in reviewed if one.digest is not None),
        school=_figures(totals.values(), policy) if len(totals) >= FEWEST_LEARNERS else None,
        grades=_by_grade(totals, policy),
        tags=_by_tag(totals, policy),
        stuck=stuck,
    )


def _totals(reviewed: list[PastWeek]) -> dict[str, Totals]:
    totals: dict[str, Totals] = {}
    for week in reviewed:
        if week.digest is not None:
            for mark in week.digest.learners:
                if mark.asked:
                    _add_week(totals.setdefault(mark.learner_id, Totals()), mark, week, week.digest)
    return totals


def _add_waits(totals: Mapping[str, Totals], ordered: list[PastWeek], begin: date) -> None:
    """Add the longest rows of weeks without help that reach into the weeks from `begin` on."""
    rows: Mapping[Key, int] = {}
    for week in ordered:
        rows = {key: rows.get(key, 0) + 1 for key in unmet_in(week.digest)}
        for (learner_id, competency_id), weeks in rows.items() if week.monday >= begin else ():
            if learner_id in totals:
                waits = totals[learner_id].waits
                waits[competency_id] = max(weeks, waits.get(competency_id, 0))


def _add_week(totals: Totals, mark: LearnerMark, week: PastWeek, digest: WeekDigest) -> None:
    totals.grade, totals.tags = mark.grade, mark.tags
    seats = week.attended(mark)
    totals.slots += len(seats)
    totals.own_choices += sum(seat.is_own_choice for seat in seats)
    for need in digest.needs_of(mark):
        if need.state in HELP_DUE:
            is_met = need.state is NeedState.MET
            totals.needs_due += 1
            totals.needs_met += is_met
            totals.weight_due_milli += need.weight_milli
            totals.weight_met_milli += need.weight_milli * is_met
            totals.waits.setdefault(need.competency_id, 0)
    if mark.choices:
        totals.best_ranks[min((rank for rank in mark.ranks if rank), default=0)] += 1


def _add_exits(totals: Mapping[str, Totals], past: Past, policy: Policy, begin: date) -> None:
    before: Memberships = {}
    for week, memberships in course_of(past, policy):
        if week.monday >= begin:
            for (learner_id, competency_id), one in memberships.items():
                earlier = before.get((learner_id, competency_id))
                known = None if earlier is None else earlier.exit_date
                if one.exit_date != known and learner_id in totals:
                    totals[learner_id].exits += 1
        before = memberships


def _stuck(past: Past, policy: Policy) -> Iterable[Stuck]:
    """Yield who is in a group without a gain, by the level in the newest week."""
    memberships: Memberships = {}
    newest: WeekDigest | None = None
    for week, memberships in course_of(past, policy):  # noqa: B007 - the last ones count
        newest = week.digest or newest
    marks = {} if newest is None else {one.learner_id: one for one in newest.learners}
    for key in sorted(memberships):
        one, mark = memberships[key], marks.get(key[0])
        need = newest.need_of(mark, key[1]) if newest is not None and mark is not None else None
        if one.entry_date is None or one.level_milli is None or need is None:
            continue
        lower = need.level_milli is not None and need.level_milli <= one.level_milli
        if lower and one.cycles >= policy.cycles_without_gain:
            yield Stuck(
                learner_id=key[0],
                competency_id=key[1],
                cycles=one.cycles,
                entry_date=one.entry_date,
                adult_id=one.adult_id,
            )


def _figures(totals: Iterable[Totals], policy: Policy) -> Figures:
    return figures_of(list(totals), policy.own_choice_share_milli)


def _by_grade(totals: Mapping[str, Totals], policy: Policy) -> tuple[GroupFigures, ...]:
    """Return the figures by grade.

    Grades part the school, so what is kept back must be ten learners or more together, and more
    than one grade; else the rest would tell it.
    """
    members = _members({one: (totals[one].grade,) for one in totals})
    hidden = {name for name, ids in members.items() if len(ids) < FEWEST_LEARNERS}
    for name in sorted(members, key=lambda one: (len(members[one]), one)):
        together = sum(len(members[one]) for one in hidden)
        if not hidden or (together >= FEWEST_LEARNERS and len(hidden) > 1):
            break
        hidden.add(name)
    return _told(members, hidden, totals, policy)


def _by_tag(totals: Mapping[str, Totals], policy: Policy) -> tuple[GroupFigures, ...]:
    """Return the figures by tag, but of those whom few bear, or all but few."""
    members = _members({one: totals[one].tags for one in totals})
    hidden = {
        name
        for name, ids in members.items()
        if len(ids) < FEWEST_LEARNERS or 0 < len(totals) - len(ids) < FEWEST_LEARNERS
    }
    return _told(members, hidden, totals, policy)


def _members(names: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {}
    for learner_id, mine in names.items():
        for name in mine:
            members.setdefault(name, []).append(learner_id)
    return members


def _told(
    members: Mapping[str, list[str]],
    hidden: set[str],
    totals: Mapping[str, Totals],
    policy: Policy,
) -> tuple[GroupFigures, ...]:
    return tuple(
        GroupFigures(
            name=name,
            figures=None
            if name in hidden
            else _figures((totals[one] for one in members[name]), policy),
        )
        for name in sorted(members)
    )
