"""How long needs wait (S1): the weeks of school in a row that published them as not met."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from services.scheduler.domain.claims import Key
from services.scheduler.domain.history.digest import NeedState, WeekDigest
from services.scheduler.domain.history.past import PastWeek, in_time
from services.scheduler.domain.model import Need

WEEKS_COUNTED = 4
"""Waiting weighs up to four weeks; what lies before changes nothing."""


def with_waiting(needs: Sequence[Need], weeks: Iterable[PastWeek]) -> tuple[Need, ...]:
    """Count for each need the weeks of school in a row in which it was published as not met."""
    waiting = weeks_waiting(in_time(weeks)[-WEEKS_COUNTED:])
    return tuple(_waiting(need, waiting) for need in needs)


def _waiting(need: Need, waiting: Mapping[Key, int]) -> Need:
    weeks = waiting.get((need.learner_id, need.competency_id), 0)
    return need if weeks == need.weeks_waiting else replace(need, weeks_waiting=weeks)


def weeks_waiting(weeks: Sequence[PastWeek]) -> Mapping[Key, int]:
    """Return how long each need has waited at the end of weeks in order of time.

    A week of school without a published week ends every row.
    """
    counts: Mapping[Key, int] = {}
    for week in weeks:
        counts = {key: counts.get(key, 0) + 1 for key in unmet_in(week.digest)}
    return counts


def unmet_in(digest: WeekDigest | None) -> list[Key]:
    """Return the learner and competency of each need that a week did not meet."""
    if digest is None:
        return []
    return [
        (learner.learner_id, digest.competencies[number])
        for learner in digest.learners
        for number, state in zip(learner.competencies, learner.states, strict=True)
        if state == NeedState.UNMET
    ]
