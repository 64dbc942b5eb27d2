"""Asks what the check finds in a week, for the tests that break one."""

from services.scheduler.domain.check import check, departures
from services.scheduler.domain.model import Problem
from services.scheduler.domain.week import Week


def found(problem: Problem, week: Week) -> str:
    """Return rule, slot and message of the one hard rule that a week breaks, as one text."""
    return _the_one(check(problem, week))


def departed(problem: Problem, week: Week) -> str:
    """Return rule, slot and message of the one limit that a week passes, as one text.

    No hard rule is broken by it: such a week may be published.
    """
    assert check(problem, week) == []
    return _the_one(departures(problem, week))


def _the_one(breaches) -> str:
    assert len(breaches) == 1, [f"{b.rule} {b.slot_id}: {b.message}" for b in breaches]
    one = breaches[0]
    # What to do about it is the last sentence, and every message has one.
    assert one.message.endswith("anew."), one.message
    return f"{one.rule.value} {one.slot_id}: {one.message}"
