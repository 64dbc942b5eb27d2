"""Calm exits (S6): who has left a group stays out until it matters, and no group goes on for ever.

What happened in the weeks before comes as the history of a learner on one competency.
"""

from enum import Enum

from services.scheduler.domain.model import GroupHistory, Need
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.rules import is_asked_for
from services.scheduler.domain.week import Notice, NoticeKind


class Standing(Enum):
    """What a learner's earlier groups on a competency say of another seat on it."""

    OPEN = "open"
    """Nothing: the evidence decides."""
    LEFT = "left"
    """The learner left the group and has not fallen far enough to come back."""
    NO_GAIN = "no_gain"
    """The cycles so far brought nothing: the team is told instead of one more help seat."""


def standing_of(need: Need, history: GroupHistory | None, policy: Policy) -> Standing:
    """Return what the history says of a need.

    A nomination stands above both limits. A learner's own request that a teacher confirmed stands
    above the way back alone: after cycles without a gain the team decides.
    """
    if history is None or need.level_milli is None:
        return Standing.OPEN
    stays_out = _has_left(history) and need.level_milli >= policy.return_level_milli
    if stays_out and not is_asked_for(need):
        return Standing.LEFT
    if _is_without_gain(history, need.level_milli, policy) and not need.nominated:
        return Standing.NO_GAIN
    return Standing.OPEN


def is_goal(level_milli: int | None, evidence_since_entry: int, policy: Policy) -> bool:
    """Whether a level, with the evidence since the entry, is what a group is left at."""
    if level_milli is None:
        return False
    shown = evidence_since_entry >= policy.exit_evidence_count
    return shown and level_milli >= policy.exit_level_milli


def no_gain_notice(need: Need, history: GroupHistory) -> Notice:
    """Return what the team is told in place of one more help seat."""
    return Notice(
        kind=NoticeKind.NO_GAIN,
        message=f"{history.cycles} cycles in a row on competency {need.competency_id} have brought"
        f" learner {need.learner_id} no gain, so no further help seat is planned for it: agree as"
        " a team on another way, or nominate the learner once more.",
        learner_id=need.learner_id,
        competency_id=need.competency_id,
    )


def _has_left(history: GroupHistory) -> bool:
    return history.exit_date is not None and history.entry_date is None


def _is_without_gain(history: GroupHistory, level_milli: int, policy: Policy) -> bool:
    if history.cycles < policy.cycles_without_gain or history.entry_level_milli is None:
        return False
    return level_milli <= history.entry_level_milli
